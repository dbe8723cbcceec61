package hidpos

import (
	"bytes"
	"strings"

	"github.com/foyer-station/foyer/devices/hid"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/zone"
)

// scrubber keeps how a scan is divided into reports and what kind it is of. In the place of a machine-readable zone it has the specimen's, and
// in that of a code fillers.
type scrubber struct {
	layout layout
	print  zone.Specimen
}

// NewScrubber makes the scrubber of a scanner's captures. Where a capture has the scanner's report descriptor, its reports are read by
// that, and else as those that this package describes.
func NewScrubber() usbmon.Scrubber { return &scrubber{layout: usual()} }

// usual is where values stand in the report that Access-IS prints (LSR118, appendix B).
func usual() layout {
	at := func(first, count int) hid.Place {
		return hid.Place{Report: 2, Offset: 8 * first, Size: 8, Count: count}
	}
	return layout{
		size: 64, count: at(1, 1), counts: true, aim: [3]hid.Place{at(2, 1), at(3, 1), at(4, 1)}, named: true, data: at(5, 56),
		on: hid.Place{Report: 2, Offset: 8 * 63, Size: 1, Count: 8}, goesOn: true,
	}
}

// Keep implements [usbmon.Scrubber].
func (s *scrubber) Keep(t usbmon.Transfer, clean []byte) bool {
	const toInterface, getDescriptor, reportDescriptor = 0x81, 0x06, 0x22
	_, _, isReport := t.Report()
	switch {
	case t.IsRequest(toInterface, getDescriptor) && t.Setup[3] == reportDescriptor:
		if d, err := hid.Parse(t.Data); err == nil {
			if l, err := layoutOf(d, 0); err == nil {
				s.layout = l
			}
		}
	case t.Sent && (isReport || t.Kind == usbmon.Interrupt):
		return keepCommand(t.Data, clean)
	case !t.Sent && t.Kind == usbmon.Interrupt:
		return s.report(t.Data, clean)
	}
	return false
}

// End implements [usbmon.Scrubber].
func (s *scrubber) End() { s.print.EndDocument() }

// keepCommand keeps the commands that this package gives, and what is too short to be anything else.
func keepCommand(report, clean []byte) bool {
	const triggerSize = 2
	serial := bytes.TrimRight(report, "\x00")
	known := len(report) <= triggerSize
	for _, command := range []string{"\x16T\r", "\x16U\r"} {
		known = known || string(serial) == string([]byte{commandReport, byte(len(command))})+command
	}
	if known {
		copy(clean, report)
	}
	return known
}

// report keeps what of a report is no data.
func (s *scrubber) report(report, clean []byte) bool {
	l := s.layout
	if len(report) < l.size || l.data.Report != 0 && report[0] != l.data.Report {
		return false
	}
	data, err := l.dataOf(report)
	aim := l.aimOf(report)
	if err != nil || !isAIM(aim) {
		return false
	}
	if l.data.Report != 0 {
		clean[0] = report[0]
	}
	if l.counts {
		clean[l.count.Offset/8] = byte(len(data))
	}
	if l.named {
		for _, p := range l.aim {
			clean[p.Offset/8] = report[p.Offset/8]
		}
	}
	into, _ := l.data.Bytes(clean)
	s.mask(aim, data, into)
	on := false
	if l.goesOn {
		if on, _ = l.on.Bit(report); on {
			l.on.Set(clean)
		}
	}
	if !on {
		s.print.EndDocument()
	}
	return true
}

// isAIM tells whether a text is an AIM symbology identifier (ISO/IEC 15424), or none at all.
func isAIM(text string) bool {
	isLetter := func(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
	return text == "" || len(text) == 3 && text[0] == ']' && isLetter(text[1]) && (isLetter(text[2]) || text[2] >= '0' && text[2] <= '9')
}

// mask has characters in the place of data: the specimen's of what is print by its identifier, or may be.
func (s *scrubber) mask(aim string, data, into []byte) {
	mayBePrint := aim == "" || strings.HasPrefix(aim, ocr) || strings.HasPrefix(aim, other)
	for i, b := range data {
		switch {
		case !mayBePrint:
			into[i] = 'X'
		case b == '\r' || b == '\n':
			into[i] = b
			s.print.EndLine()
		case b >= ' ':
			s.print.Character(&into[i])
		}
	}
}
