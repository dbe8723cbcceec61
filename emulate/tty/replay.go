package tty

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// Tap is a line in front of a device's: what goes through is recorded, as usbmon would have told it of a CDC-ACM device.
type Tap struct {
	line   *Line
	device *os.File
	now    func() time.Time
	ended  sync.WaitGroup

	mu     sync.Mutex
	events []usbmon.Event
}

// Endpoints of a recorded line.
const (
	tapOut = 0x02
	tapIn  = 0x82
)

// NewTap puts a line in front of the one at that path.
func NewTap(path string, now func() time.Time) (*Tap, error) {
	device, err := Connect(path)
	if err != nil {
		return nil, err
	}
	line, err := New()
	if err != nil {
		device.Close()
		return nil, err
	}
	t := &Tap{line: line, device: device, now: now}
	t.ended.Add(2)
	go t.carry(line.File, device, usbmon.Event{Endpoint: tapOut})
	go t.carry(device, line.File, usbmon.Event{Endpoint: tapIn})
	return t, nil
}

// Path is the device node that a driver opens.
func (t *Tap) Path() string { return t.line.Path() }

// Events are what went through so far.
func (t *Tap) Events() []usbmon.Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]usbmon.Event(nil), t.events...)
}

// Close takes the tap away; the device's own line stays.
func (t *Tap) Close() error {
	err := errors.Join(t.line.Close(), t.device.Close())
	t.ended.Wait()
	return err
}

// carry brings bytes from one end to the other until either is closed.
func (t *Tap) carry(from, to *os.File, e usbmon.Event) {
	defer t.ended.Done()
	chunk := make([]byte, 256)
	for {
		n, err := from.Read(chunk)
		if err != nil {
			return
		}
		t.record(e, bytes.Clone(chunk[:n]))
		if _, err := to.Write(chunk[:n]); err != nil {
			return
		}
	}
}

// record keeps both events of a transfer.
func (t *Tap) record(e usbmon.Event, data []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	submitted := e
	submitted.ID, submitted.Transfer, submitted.Bus, submitted.Device = uint64(len(t.events)/2+1), usbmon.Bulk, 1, 1
	submitted.At, submitted.Length = t.now(), uint32(len(data))
	completed := submitted
	submitted.Kind, completed.Kind = usbmon.Submitted, usbmon.Completed
	if e.Endpoint == tapOut {
		submitted.Data = data
	} else {
		completed.Data = data
	}
	t.events = append(t.events, submitted, completed)
}

// Replay is a device at a line that says what one said in a capture: after the same pauses, and not before all has arrived that it had been told
// before. The first that it is told otherwise ends it.
type Replay struct {
	*Line
	ended chan struct{}

	mu   sync.Mutex
	left []usbmon.Event
	err  error
}

// NewReplay plugs in a device that says what a capture has of bulk transfers. Close pulls it out.
func NewReplay(events []usbmon.Event) (*Replay, error) {
	line, err := New()
	if err != nil {
		return nil, err
	}
	r := &Replay{Line: line, ended: make(chan struct{})}
	for _, e := range events {
		if e.Transfer == usbmon.Bulk && len(e.Data) > 0 {
			r.left = append(r.left, e)
		}
	}
	go r.run()
	return r, nil
}

// Err is where the host did otherwise than in the capture.
func (r *Replay) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Left is how many transfers of the capture have not come yet.
func (r *Replay) Left() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.left)
}

// Close pulls the device out.
func (r *Replay) Close() error {
	err := r.Line.Close()
	<-r.ended
	return err
}

func (r *Replay) run() {
	defer close(r.ended)
	var before time.Time
	for {
		next, ok := r.next()
		if !ok || !r.play(next, before) {
			return
		}
		before = next.At
	}
}

// next is what comes next, if anything does.
func (r *Replay) next() (usbmon.Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) == 0 {
		return usbmon.Event{}, false
	}
	return r.left[0], true
}

// done takes what has come off the list.
func (r *Replay) done() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = r.left[1:]
}

// play says or hears what comes next, and is false where nothing comes after it.
func (r *Replay) play(next usbmon.Event, before time.Time) bool {
	const in, longest = 0x80, time.Second // of a pause
	if next.Endpoint&in == 0 {
		heard := r.hear(next.Data)
		if heard {
			r.done()
		}
		return heard
	}
	if !before.IsZero() && !r.pause(min(next.At.Sub(before), longest)) {
		return false
	}
	r.done() // whoever has heard it finds it said
	_, err := r.Write(next.Data)
	return err == nil
}

// pause waits. It is false where the line is closed meanwhile.
func (r *Replay) pause(long time.Duration) bool {
	const look = 20 * time.Millisecond
	for end := time.Now().Add(long); time.Now().Before(end); {
		if r.isClosed() {
			return false
		}
		time.Sleep(min(look, time.Until(end)))
	}
	return true
}

// hear waits until the host says the same as then.
func (r *Replay) hear(want []byte) bool {
	got := make([]byte, len(want))
	for n := 0; n < len(got); {
		m, err := r.Read(got[n:])
		if n += m; !bytes.Equal(got[:n], want[:n]) {
			err = fmt.Errorf("% x is sent instead of % x", got[:n], want)
			r.mu.Lock()
			r.err = err
			r.mu.Unlock()
		}
		if err != nil {
			return false
		}
	}
	return true
}
