package stu

import (
	"bytes"
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/foyer-station/foyer/emulate/tty"
)

// Line is a pad at the end of a serial line, as an STU-430V is in its serial mode.
type Line struct {
	*Tablet
	line *tty.Line
	read sync.WaitGroup

	writing sync.Mutex

	mu     sync.Mutex
	inking bool
	asked  time.Time // when the host last asked for something
	out    bool      // pulled out
	fault  LineFault
	held   []byte // a frame that waits for the next one
}

// LineFault is a way in which a pad, or the line to it, misbehaves.
type LineFault int

// The faults. Those of one frame spend themselves on the next frame of the pen; the others last until the line is healthy again.
const (
	Healthy      LineFault = iota
	Mute                   // nothing is answered
	Refusing               // everything is refused
	Babbling               // broken frames without end between answers, and nothing of the pen
	Garbage                // noise stands before the next frame
	Short                  // the next frame loses its second half
	Split                  // the next frame comes in two
	Merge                  // the next two frames come at once
	Slow                   // every answer takes a while longer
	slowAnswer   = 30 * time.Millisecond
	babbleEvery  = 2 * time.Millisecond
	babbled      = 16 // frames at once
	getReport    = 0x80
	setResult    = 0x81
	sizes        = 0xff
	sizesLength  = 512
	frameStarts  = 0x80
	frameChecked = 0x40
)

// NewLine plugs a pad of a model in.
func NewLine(m Model, serial string) (*Line, error) {
	port, err := tty.New()
	if err != nil {
		return nil, err
	}
	l := &Line{line: port}
	l.Tablet = New(m, serial, l.say, l.ink)
	l.read.Go(l.serve)
	return l, nil
}

// Path is the device node that a driver opens.
func (l *Line) Path() string { return l.line.Path() }

// Break makes the pad, or the line, misbehave from now on.
func (l *Line) Break(f LineFault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f == Babbling && l.fault != f {
		l.read.Go(l.babble)
	}
	l.fault, l.held = f, nil
}

// Close pulls the line out. It may be called twice.
func (l *Line) Close() error {
	l.mu.Lock()
	l.out = true
	l.mu.Unlock()
	err := l.line.Close()
	l.read.Wait()
	return err
}

func (l *Line) gone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out
}

func (l *Line) ink(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inking = on
}

// Ready waits until the host has turned ink on and has had nothing to ask for as long as a person takes to put the pen down.
func (l *Line) Ready(ctx context.Context) error {
	const look, quiet = 2 * time.Millisecond, 60 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		l.mu.Lock()
		ready := l.inking && time.Since(l.asked) > quiet
		l.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// serve answers the host until the line is pulled out.
func (l *Line) serve() {
	buffer := make([]byte, 4096)
	var frame []byte
	for {
		n, err := l.line.Read(buffer)
		if err != nil {
			return
		}
		for _, b := range buffer[:n] {
			if b&frameStarts != 0 {
				frame = frame[:0]
			}
			if frame = append(frame, b); len(frame) < 2 || len(frame) < 2+(int(frame[0]&0x3f)<<7|int(frame[1])) {
				continue
			}
			if report, ok := unframe(frame); ok {
				l.answer(report)
			}
			frame = frame[:0]
		}
	}
}

// answer does what a report of the host asks for.
func (l *Line) answer(report []byte) {
	l.mu.Lock()
	l.asked = time.Now()
	fault := l.fault
	l.mu.Unlock()
	switch fault {
	case Mute:
		return
	case Refusing:
		l.write(framed([]byte{setResult, 1}, true), answerPatience)
		return
	case Slow:
		time.Sleep(slowAnswer)
	}
	if report[0] != getReport {
		if l.Set(report[0], report[1:]) {
			l.write(framed([]byte{setResult, 0}, false), answerPatience) // as real pads do: without a CRC
		} else {
			l.write(framed([]byte{setResult, 1}, true), answerPatience)
		}
		return
	}
	content, ok := []byte(nil), len(report) == 2
	if ok && report[1] == sizes {
		content = l.sizes()
	} else if ok {
		content, ok = l.Get(report[1])
	}
	if !ok {
		l.write(framed([]byte{setResult, 1}, true), answerPatience)
		return
	}
	l.write(framed(append([]byte{report[1]}, content...), true), answerPatience)
}

// babble says nothing that makes sense until the line is healthy again, or pulled out.
func (l *Line) babble() {
	for {
		l.mu.Lock()
		on := l.fault == Babbling
		l.mu.Unlock()
		if !on || l.gone() {
			return
		}
		l.write(bytes.Repeat([]byte{frameStarts | frameChecked, 3, 1, 2, 3}, babbled), penPatience)
		time.Sleep(babbleEvery)
	}
}

// sizes is the table of all lengths, with ids.
func (l *Line) sizes() []byte {
	all := make([]byte, sizesLength)
	for _, reports := range []map[byte]int{l.Model().Features(), l.Model().Inputs()} {
		for id, n := range reports {
			binary.BigEndian.PutUint16(all[2*int(id):], uint16(n+1))
		}
	}
	return all[1:]
}

// say sends what the pen did, with the fault of one frame.
func (l *Line) say(report []byte) {
	frame := framed(report, true)
	l.mu.Lock()
	fault := l.fault
	switch fault {
	case Garbage, Short, Split:
		l.fault = Healthy
	case Merge:
		if l.held == nil {
			l.held = frame
			l.mu.Unlock()
			return
		}
		frame, l.held, l.fault = append(l.held, frame...), nil, Healthy
	case Mute, Babbling:
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	half := len(frame) / 2
	switch fault {
	case Garbage:
		frame = append([]byte{0x12, 0x34, frameStarts | frameChecked, 5, 1, 2}, frame...)
	case Short:
		frame = frame[:half]
	case Split:
		l.write(frame[:half], penPatience)
		time.Sleep(babbleEvery)
		frame = frame[half:]
	}
	l.write(frame, penPatience)
}

// How long the line may be full before what is to be sent is lost, as along a real one. An answer is waited for, what the pen does may
// be for nobody.
const (
	answerPatience = 5 * time.Second
	penPatience    = 50 * time.Millisecond
)

// write sends bytes, unless the line is full and nobody reads for too long.
func (l *Line) write(b []byte, patience time.Duration) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.line.SetWriteDeadline(time.Now().Add(patience))
	l.line.Write(b) // lost is lost
}

// framed puts a report into a frame: seven bits a byte behind two bytes of length.
func framed(report []byte, checked bool) []byte {
	content, head := append([]byte(nil), report...), byte(frameStarts)
	if checked {
		content, head = binary.LittleEndian.AppendUint16(content, check(report)), head|frameChecked
	}
	var packed []byte
	for at := 0; at < 8*len(content); at += 7 {
		var v byte
		for i := at; i < at+7; i++ {
			v <<= 1
			if i < 8*len(content) {
				v |= content[i/8] >> (7 - i%8) & 1
			}
		}
		packed = append(packed, v)
	}
	return append([]byte{head | byte(len(packed)>>7), byte(len(packed) & 0x7f)}, packed...)
}

// unframe gives the report in a frame with a right CRC.
func unframe(frame []byte) ([]byte, bool) {
	packed := frame[2:]
	content := make([]byte, 7*len(packed)/8)
	for i := range 8 * len(content) {
		content[i/8] = content[i/8]<<1 | packed[i/7]>>(6-i%7)&1
	}
	end := len(content) - 2
	if frame[0]&frameChecked == 0 || end < 1 || check(content[:end]) != binary.LittleEndian.Uint16(content[end:]) {
		return nil, false
	}
	return content[:end], true
}

// check is CRC-16/ARC.
func check(b []byte) uint16 {
	crc := uint16(0)
	for _, v := range b {
		crc ^= uint16(v)
		for range 8 {
			if crc&1 != 0 {
				crc = crc>>1 ^ 0xa001
			} else {
				crc >>= 1
			}
		}
	}
	return crc
}
