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
	held  []kept // of what may be an answer
	print zone.Specimen
}

// kept is a byte that is kept once it is known to belong to an answer.
type kept struct {
	there *byte
	value byte
}

// NewScrubber makes the scrubber of captures of a reader that sends lines.
func NewScrubber() usbmon.Scrubber { return &scrubber{} }

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	if understood, isLine := serial.KeepACM(t, clean); isLine {
		return understood
	}
	if t.Sent {
		isTrigger := string(t.Data) == commandHead+commandOn+commandEnd || string(t.Data) == commandHead+commandOff+commandEnd
		if isTrigger {
			copy(clean, t.Data)
		}
		return isTrigger
	}
	understood := true
	for i, b := range t.Data {
		understood = s.take(kept{&clean[i], b}) && understood
	}
	return understood
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() { s.print.EndDocument() }

// take takes the next byte that the reader says.
func (s *scrubber) take(next kept) (understood bool) {
	if len(s.held) > 0 {
		if s.answers(next) {
			return true
		}
		s.held = nil
	}
	switch {
	case next.value == stx:
		s.print.EndDocument()
		*next.there = stx
		s.held = []kept{next}
	case next.value == etx:
		s.print.EndDocument()
		*next.there = etx
	case next.value == cr, next.value == lf:
		*next.there = next.value
		s.print.EndLine()
	case next.value >= ' ' && next.value <= '~':
		s.print.Character(next.there)
	default:
		return false
	}
	return true
}

// answers tells whether the byte goes on with an answer to a trigger. One that is whole is kept.
func (s *scrubber) answers(next kept) bool {
	const nak = "\x15"
	said := make([]byte, 0, len(s.held)+1)
	for _, k := range append(s.held, next) {
		said = append(said, k.value)
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
					*k.there = k.value
				}
				s.held = nil
			}
			return true
		}
	}
	return false
}
