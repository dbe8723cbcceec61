package wedge

import (
	"encoding/binary"
	"fmt"

	"github.com/foyer-station/foyer/devices"
)

// Event types and values (Linux, include/uapi/linux/input.h and input-event-codes.h).
const (
	eventSize = 24 // struct input_event on 64 bits: two words of time, type, code, value

	typeSync, typeKey, typeHighest = 0, 1, 0x1f
	syncDropped                    = 3
	released, pressed, repeated    = 0, 1, 2
)

// Bounds of what is taken from a reader.
const (
	maxText  = 512  // characters of one document
	maxNoise = 4096 // keys that print nothing
)

var (
	errEvent   = fmt.Errorf("%w: an event that no kernel sends", devices.ErrProtocol)
	errDropped = fmt.Errorf("%w: keys were lost", devices.ErrProtocol)
	errText    = fmt.Errorf("%w: a document without end", devices.ErrProtocol)
	errNoise   = fmt.Errorf("%w: nothing but keys that print nothing", devices.ErrProtocol)
)

// decoder makes text of events.
type decoder struct {
	layout layout
	rest   []byte // of an event that is not complete
	held   map[uint16]bool
	code   int  // of a character that is typed by its number while Alt is held
	coded  bool // its first digit was typed
	text   []byte
	noise  int
}

func newDecoder(l layout) *decoder { return &decoder{layout: l, held: map[uint16]bool{}} }

// waiting says that a document has begun: it is complete when no more comes for a pause.
func (d *decoder) waiting() bool { return len(d.text) > 0 }

// add takes bytes of the event stream.
func (d *decoder) add(b []byte) error {
	d.rest = append(d.rest, b...)
	for len(d.rest) >= eventSize {
		event := d.rest[16:eventSize]
		kind, code := binary.NativeEndian.Uint16(event), binary.NativeEndian.Uint16(event[2:])
		value := int32(binary.NativeEndian.Uint32(event[4:]))
		d.rest = d.rest[eventSize:]
		if err := d.event(kind, code, value); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) event(kind, code uint16, value int32) error {
	switch {
	case kind > typeHighest, kind <= typeKey && (value < released || value > repeated): // a report of repeated keys has 1
		return errEvent
	case kind == typeSync && code == syncDropped:
		return errDropped
	case kind != typeKey || value == repeated:
		return nil
	case value == released:
		d.release(code)
	default:
		d.press(code)
	}
	switch {
	case d.noise > maxNoise:
		return errNoise
	case len(d.text) > maxText:
		return errText
	}
	return nil
}

func (d *decoder) release(code uint16) {
	delete(d.held, code)
	if code == keyLeftAlt && d.coded { // Alt and a number: the character of that code, in ASCII whatever the layout
		c := byte('?')
		if d.code < 0x80 {
			c = byte(d.code)
		}
		d.text = append(d.text, c)
		d.code, d.coded = 0, false
	}
}

func (d *decoder) press(code uint16) {
	switch code {
	case keyLeftShift, keyRightShift, keyLeftAlt, keyRightAlt, keyLeftCtrl, keyRightCtrl, keyLeftMeta, keyRightMeta:
		if len(d.held) < 16 {
			d.held[code] = true
		}
		return
	case keyCapsLock, keyNumLock:
		return
	}
	p, prints := d.layout[code]
	switch {
	case d.held[keyLeftAlt] && prints && p.plain >= '0' && p.plain <= '9':
		d.code, d.coded = min(d.code*10+int(p.plain-'0'), 0x80), true
	case d.held[keyLeftAlt] || d.held[keyRightAlt] || d.held[keyLeftCtrl] || d.held[keyRightCtrl] || d.held[keyLeftMeta] || d.held[keyRightMeta]:
		d.noise++
	case code == keyEnter || code == keyKeypadEnter || code == keyTab:
		if len(d.text) > 0 { // before a document they are nothing
			d.text = append(d.text, '\r')
		}
	case !prints:
		d.noise++
	case d.held[keyLeftShift] || d.held[keyRightShift]:
		d.text = append(d.text, p.shifted)
	default:
		d.text = append(d.text, p.plain)
	}
}
