// Package lampboard is a page reader's lamp board in Go, as docs/lamps.md describes it: what its firmware does. Package emulate/usb
// puts it on a USB bus, [Serial] on a serial line; package emulate/camera has a page shine in its light.
//
// It shares no code with the driver.
package lampboard

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Reports (docs/lamps.md).
const (
	Identity     = 1
	Capabilities = 2
	State        = 3
	SetLight     = 4
)

// Sizes of what follows a report's id.
const (
	IdentitySize     = 28
	CapabilitiesSize = 20
	StateSize        = 8
	SetLightSize     = 4
)

const (
	lamps         = 3
	all           = 0xff
	documentLies  = 1
	coverOpen     = 2
	longestHold   = 10_000 // milliseconds
	longestHoldUV = 6_000
)

// Board is a board that has power. It is safe for concurrent use.
type Board struct {
	serial string
	now    func() time.Time

	mu       sync.Mutex
	power    [lamps]byte
	until    [lamps]time.Time
	broken   [lamps]bool
	switches byte
	fitted   byte // switches that there are
	told     byte // how often it told of its state by itself
	asked    int  // how often it was asked for its state
	tell     func(state []byte)
}

// New makes a board with all lamps and both switches. Its clock is now.
func New(serial string, now func() time.Time) *Board {
	return &Board{serial: serial, now: now, fitted: documentLies | coverOpen, tell: func([]byte) {}}
}

// OnChange has the board tell of its state by itself, as an input report does, whenever a switch or a lamp changes. What tells
// must not call the board.
func (b *Board) OnChange(tell func(state []byte)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tell = tell
}

// number is a light's on the wire.
func number(light devices.Light) int {
	return map[devices.Light]int{devices.LightVisible: 0, devices.LightInfrared: 1, devices.LightUltraviolet: 2}[light]
}

// Power is how far a lamp gives light, in hundredths. Broken ones give none.
func (b *Board) Power(light devices.Light) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	n := number(light)
	if b.broken[n] {
		return 0
	}
	return int(b.power[n])
}

// BurnOut breaks a lamp, or mends it.
func (b *Board) BurnOut(light devices.Light, broken bool) {
	b.change(func() { b.broken[number(light)] = broken })
}

// Lay moves the switch that a document presses.
func (b *Board) Lay(lies bool) { b.change(func() { b.turn(documentLies, lies) }) }

// Open opens the reader's housing, or closes it.
func (b *Board) Open(open bool) {
	b.change(func() {
		if b.turn(coverOpen, open); open {
			b.power = [lamps]byte{}
		}
	})
}

// Reset takes the board's power for a moment.
func (b *Board) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.power = [lamps]byte{}
}

// turn turns a switch. The caller holds mu.
func (b *Board) turn(which byte, closed bool) {
	b.switches &^= which
	if closed {
		b.switches |= which & b.fitted
	}
}

// change changes something, and tells of it.
func (b *Board) change(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
	b.told++
	b.tell(b.state())
}

// expire puts out what was not renewed. The caller holds mu.
func (b *Board) expire() {
	for i := range b.power {
		if b.now().After(b.until[i]) {
			b.power[i] = 0
		}
	}
}

// Get answers with a report, without its id; nil if there is none of that id.
func (b *Board) Get(id byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch id {
	case Identity:
		return b.identity()
	case Capabilities:
		return b.capabilities()
	case State:
		b.asked++
		return b.state()
	}
	return nil
}

// Asked is how often a host has asked for the board's state.
func (b *Board) Asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

func (b *Board) identity() []byte {
	report := append(make([]byte, 0, IdentitySize), "FOYERLMP"...)
	report = append(report, 1, 0, 1, 2) // protocol 1.0, firmware 1.02
	report = append(report, b.serial...)
	return append(report, make([]byte, IdentitySize)...)[:IdentitySize]
}

func (b *Board) capabilities() []byte {
	report := []byte{0x07, b.fitted}
	for _, lamp := range []struct{ milliamps, hold, power int }{{600, longestHold, 100}, {900, longestHold, 100}, {350, longestHoldUV, 80}} {
		report = binary.LittleEndian.AppendUint16(report, uint16(lamp.milliamps))
		report = binary.LittleEndian.AppendUint16(report, uint16(lamp.hold))
		report = append(report, byte(lamp.power), 0)
	}
	return report
}

// state is the report of it. The caller holds mu.
func (b *Board) state() []byte {
	b.expire()
	report := append(b.power[:len(b.power):len(b.power)], b.switches, 0)
	var left time.Duration
	for i, broken := range b.broken {
		if broken {
			report[4] |= 1 << i
		}
		if b.power[i] > 0 {
			left = b.until[i].Sub(b.now())
		}
	}
	report = binary.LittleEndian.AppendUint16(report, uint16(left.Milliseconds()))
	return append(report, b.told)
}

// Set takes a report, without its id. It tells whether it is obeyed.
func (b *Board) Set(id byte, content []byte) bool {
	if id != SetLight || len(content) < SetLightSize {
		return false
	}
	which, power, hold := content[0], content[1], time.Duration(binary.LittleEndian.Uint16(content[2:]))*time.Millisecond
	if power > 100 || which >= lamps && (which != all || power > 0) || power > 0 && hold == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if power > 0 && b.switches&coverOpen != 0 {
		return false
	}
	switch {
	case which == all:
		b.power = [lamps]byte{}
	case power == 0:
		b.power[which] = 0
	default:
		most := longestHold * time.Millisecond
		if which == 2 {
			power, most = min(power, 80), longestHoldUV*time.Millisecond
		}
		b.power = [lamps]byte{} // one lamp at a time
		b.power[which], b.until[which] = power, b.now().Add(min(hold, most))
	}
	return true
}
