package mrzline

import (
	"strings"

	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/zone"
)

// scrubber keeps where lines and documents end, a Newland reader's trigger, and how that is answered. The specimen's lines stand in the place
// of text.
type scrubber struct {
	held  []serial.Byte // of what may be an answer
	print zone.Specimen
}

// NewScrubber makes the scrubber of captures of a reader that sends lines.
func NewScrubber() usbmon.Scrubber { return &scrubber{} }

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	return serial.Keep(t, clean, keepTrigger, s.take)
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() { s.print.EndDocument() }

// keepTrigger keeps a trigger, which is all that the host sends.
func keepTrigger(data, clean []byte) bool {
	isTrigger := string(data) == commandHead+commandOn+commandEnd || string(data) == commandHead+commandOff+commandEnd
	if isTrigger {
		copy(clean, data)
	}
	return isTrigger
}

// take takes the next byte that the reader says.
func (s *scrubber) take(next serial.Byte) (understood bool) {
	if len(s.held) > 0 {
		if s.answers(next) {
			return true
		}
		s.held = nil
	}
	switch {
	case next.Value == stx:
		s.print.EndDocument()
		*next.There = stx
		s.held = []serial.Byte{next}
	case next.Value == etx:
		s.print.EndDocument()
		*next.There = etx
	case next.Value == cr, next.Value == lf:
		*next.There = next.Value
		s.print.EndLine()
	case next.Value >= ' ' && next.Value <= '~':
		s.print.Character(next.There)
	default:
		return false
	}
	return true
}

// answers tells whether the byte goes on with an answer to a trigger. One that is whole is kept.
func (s *scrubber) answers(next serial.Byte) bool {
	const nak = "\x15"
	said := make([]byte, 0, len(s.held)+1)
	for _, k := range append(s.held, next) {
		said = append(said, k.Value)
	}
	for _, command := range []string{commandOn, commandOff} {
		for _, end := range []string{ack, nak} {
			whole := "\x02\x010000#" + command + end + ";\x03"
			if !strings.HasPrefix(whole, string(said)) {
				continue
			}
			s.held = append(s.held, next)
			if len(said) == len(whole) {
				for _, k := range s.held {
					*k.There = k.Value
				}
				s.held = nil
			}
			return true
		}
	}
	return false
}
