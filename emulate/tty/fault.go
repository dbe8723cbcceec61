package tty

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is a way in which what a device says goes wrong on its line.
type Fault int

// The faults. Those of one message spend themselves on the next one; the others last until the line is Healthy again.
const (
	Healthy Fault = iota
	Silence       // nothing that is sent arrives
	Slow          // every message takes SlowMessage longer
	Endless       // nonsense without end, at once
	Garbage       // nonsense comes before the next message
	Short         // the next message loses its second half
	Split         // the next message comes in two, with a moment between them
	Double        // the next message comes twice at once
)

// SlowMessage is how much longer a line with the fault [Slow] takes for each message; the moment of [Split] is as long.
const SlowMessage = 30 * time.Millisecond

// How long a message waits for room, where a driver does not read: what finds none then is lost, as in a device. One that is said
// without end is soon said again.
const (
	patience       = time.Second
	babblePatience = 20 * time.Millisecond
)

// nonsense is bytes that no model of this module sends.
const nonsense = "\xa5\x5a\x87\xa5\x5a\x87"

// faults is what is wrong with a line.
type faults struct {
	mu      sync.Mutex
	kind    Fault
	babble  chan struct{} // closed to end what is said without end; nil while nothing is
	talking sync.WaitGroup
}

// Break makes what is sent go wrong from the next message on.
func (l *Line) Break(f Fault) {
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	l.faults.kind = f
	if l.faults.babble != nil {
		close(l.faults.babble)
		l.faults.babble = nil
		l.faults.talking.Wait()
	}
	if f == Endless {
		l.faults.babble = make(chan struct{})
		l.faults.talking.Add(1)
		go l.talk(l.faults.babble)
	}
}

// talk says nonsense until it is told to end, or the line is closed.
func (l *Line) talk(end <-chan struct{}) {
	defer l.faults.talking.Done()
	much := []byte(strings.Repeat(nonsense, 100))
	for {
		select {
		case <-end:
			return
		default:
		}
		l.SetWriteDeadline(time.Now().Add(babblePatience))
		l.Write(much) // what finds no room is said again
		if l.isClosed() {
			return
		}
	}
}

// Send says one message, as the line's fault leaves it.
func (l *Line) Send(message []byte) {
	l.faults.mu.Lock()
	kind := l.faults.kind
	if kind >= Garbage {
		l.faults.kind = Healthy
	}
	l.faults.mu.Unlock()
	half := len(message) / 2
	switch kind {
	case Silence, Endless:
		return
	case Slow:
		time.Sleep(SlowMessage)
	case Garbage:
		message = append([]byte(nonsense), message...)
	case Short:
		message = message[:half]
	case Split:
		l.say(message[:half])
		time.Sleep(SlowMessage)
		message = message[half:]
	case Double:
		message = slices.Repeat(message, 2)
	}
	l.say(message)
}

func (l *Line) say(message []byte) {
	l.SetWriteDeadline(time.Now().Add(patience))
	l.Write(message) // nobody who reads is no fault of the device
}
