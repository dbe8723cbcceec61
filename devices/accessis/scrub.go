package accessis

import (
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/zone"
)

// scrubber keeps the frames of messages, and has the specimen in the place of what was read. Stripes and bar codes become fillers.
type scrubber struct{ talks map[byte]*talk }

// NewScrubber makes the scrubber of a reader's captures.
func NewScrubber() usbmon.Scrubber { return &scrubber{map[byte]*talk{}} }

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	_, _, isReport := t.Report()
	switch {
	case t.Sent && (isReport || t.Kind == usbmon.Interrupt):
		return keepCommand(t.Data, clean)
	case !t.Sent && t.Kind == usbmon.Interrupt:
		of := s.talks[t.Endpoint]
		if of == nil {
			of = &talk{}
			s.talks[t.Endpoint] = of
		}
		return of.report(t.Data, clean)
	}
	return false
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() {
	for _, of := range s.talks {
		of.print.EndDocument()
	}
}

// keepCommand keeps a command, which has no other bytes than these.
func keepCommand(report, clean []byte) bool {
	for _, b := range report {
		if b&^(clearToSend|2) != 0 {
			return false
		}
	}
	copy(clean, report)
	return true
}

// talk is what comes from one endpoint. It follows a message as the decoder does, so that nothing counts as a mark that stands elsewhere:
// the codes of keys, of a reader with a keyboard.
type talk struct {
	state state
	mark  byte // that the message begins with
	held  []kept
	print zone.Specimen
}

// kept is a byte that is kept if what comes next makes a mark of it.
type kept struct {
	there *byte
	value byte
}

// report keeps a report's length where it has some of a message, or nothing.
func (t *talk) report(report, clean []byte) bool {
	length := int(report[0] & ctsLength)
	if length > len(report)-1 {
		return false
	}
	head := kept{&clean[0], report[0]}
	if length == 0 {
		*head.there = head.value
		return true
	}
	understood := true
	for i, b := range report[1 : 1+length] {
		understood = t.take(head, kept{&clean[1+i], b}) && understood
	}
	return understood
}

// take takes the next byte, of a report that begins with head.
func (t *talk) take(head, next kept) (understood bool) {
	switch t.state {
	case between:
		ends := map[byte]bool{ocrStart: true, stripeStart: true, barcodeStart: true}
		if !ends[next.value] {
			return false
		}
		t.state, t.mark, t.held = begun, next.value, []kept{head, next}
		return true
	case begun:
		if next.value != stx {
			t.state, t.held = between, nil
			t.take(head, next)
			return false
		}
		t.state = inside
		keep(append(t.held, head, next)...)
		return true
	case inside:
		keep(head)
		return t.content(next)
	}
	t.state = between
	if next.value != t.mark+1 { // the marks are pairs
		return false
	}
	keep(head, next)
	return true
}

func keep(all ...kept) {
	for _, k := range all {
		*k.there = k.value
	}
}

// content takes a byte within a message.
func (t *talk) content(next kept) (understood bool) {
	switch {
	case next.value == etx:
		keep(next)
		t.print.EndDocument()
		t.state = ending
	case next.value == cr:
		keep(next)
		t.print.EndLine()
	case t.mark != ocrStart:
		*next.there = '<'
	case next.value < ' ':
		t.print.EndDocument()
		t.state = between
		return false
	default:
		t.print.Character(next.there)
	}
	return true
}
