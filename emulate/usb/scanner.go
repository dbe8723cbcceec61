package usb

import (
	"context"
	"strings"
	"time"
)

// Identifiers and sizes of scanners.
const (
	honeywellVendor  = 0x0c2e
	honeywellProduct = 0x0b8f // Voyager 1400g
	handHeldVendor   = 0x0536
	scanReport       = 2
	triggerReport    = 4
	commandReport    = 0xfd
	modeReport       = 0xfe
	scanSize         = 64 // bytes of a report, its id included
	scanRoom         = 56 // bytes of data in one

	// steadyRead is longer than a driver reads only to see whether anything is left.
	steadyRead = 100 * time.Millisecond
)

// Scanner is an imaging scanner that sends what it reads as the HID Point of Sale Usage Tables say. It reads while the host has it
// triggered.
type Scanner struct {
	*Device
	triggered gate
	in        pipe
	ungated   bool // it has no trigger, and reads whatever is there
}

// NewScanner makes a Honeywell scanner: it takes its serial commands as output report FD, from an interrupt OUT endpoint.
func NewScanner(serial string) *Scanner {
	reports := scannerReports().with(featureItem, modeReport, 1).with(outputItem, commandReport, scanSize-1).end()
	return newScanner(honeywellVendor, honeywellProduct, "Voyager 1400g", serial, reports, Endpoint{Address: 0x04, MaxPacket: scanSize, Interval: 4})
}

// NewTriggerScanner makes one that is triggered as the standard says, by an output report over endpoint zero.
func NewTriggerScanner(serial string) *Scanner {
	const prevent, initiate = 0x5f, 0x60
	reports := append(scannerReports(),
		0x05, 0x8c, 0x85, triggerReport, 0x75, 0x01, 0x95, 0x08, // page of scanners, report 4, eight bits
		0x09, 0x00, 0x09, prevent, 0x09, initiate, 0x09, 0x00, 0x91, 0x02, // usages of the bits; output
	)
	return newScanner(handHeldVendor, 0x0001, "Imager", serial, reports.end())
}

// NewUngatedScanner makes one without a trigger, with a keyboard interface before its own.
func NewUngatedScanner(serial string) *Scanner {
	s := newScanner(handHeldVendor, 0x0002, "Presentation scanner", serial, scannerReports().end())
	const boot, keyboard = 1, 1
	s.Interfaces[0].Number = 1
	s.Interfaces = append([]Interface{{Number: 0, SubClass: boot, Protocol: keyboard, Report: KeyboardReports(),
		Endpoints: []Endpoint{{Address: 0x85, MaxPacket: 8, Interval: 8}}}}, s.Interfaces...)
	s.ungated = true
	return s
}

// scannerReports begins a scanner's report descriptor, with report 2: byte count, three characters of symbology, data, two bytes of the
// vendor's, and a bit that says that more follows.
func scannerReports() reports {
	return reports{
		0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // page of scanners: scanner, application
		0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x85, scanReport,
		0x05, 0x01, 0x09, 0x3b, 0x95, 0x01, 0x81, 0x02, // generic desktop: byte count
		0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x95, 0x03, 0x81, 0x02,
		0x09, 0xfe, 0x95, scanRoom, 0x82, 0x02, 0x01, // decoded data
		0x06, 0x66, 0xff, 0x09, 0x04, 0x95, 0x02, 0x81, 0x02, // a vendor's page
		0x05, 0x8c, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x09, 0xff, 0x81, 0x02, // data goes on
		0x26, 0xff, 0x00, 0x75, 0x08,
	}
}

func newScanner(vendor, product uint16, name, serial string, report []byte, out ...Endpoint) *Scanner {
	s := &Scanner{in: pipe{limit: 64}}
	s.Device = &Device{
		Vendor: vendor, Product: product, Manufacturer: "Scanners of Utopia", Name: name, Serial: serial, Driver: "usbhid",
		Interfaces: []Interface{{Report: report, Endpoints: append([]Endpoint{{Address: 0x83, MaxPacket: scanSize, Interval: 4}}, out...)}},
		Model:      (*scannerModel)(s),
	}
	return s
}

// Ready waits until the host has triggered the scanner and listens, or returns ctx's error.
func (s *Scanner) Ready(ctx context.Context) error {
	if s.ungated {
		return s.in.steady(ctx, steadyRead)
	}
	return s.in.ready(ctx, &s.triggered)
}

// Show holds a document's lines before the scanner. It reports false, as a scanner that stays dark, when the host has not triggered it.
func (s *Scanner) Show(lines ...string) bool {
	return s.ShowCode("]o2", []byte(strings.Join(lines, "\r")+"\r"))
}

// ShowCode holds something before the scanner that it reads as data of that AIM symbology, as [Scanner.Show] does.
func (s *Scanner) ShowCode(aim string, data []byte) bool {
	if !s.ungated && !s.triggered.isOpen() {
		return false
	}
	s.Send(aim, data)
	return true
}

// Send puts a scan on the wire, triggered or not.
func (s *Scanner) Send(aim string, data []byte) {
	for first := true; first || len(data) > 0; first = false {
		report := make([]byte, scanSize)
		n := copy(report[5:5+scanRoom], data)
		report[0], report[1] = scanReport, byte(n)
		copy(report[2:5], aim)
		if data = data[n:]; len(data) > 0 {
			report[scanSize-1] = 1
		}
		s.in.report(report)
	}
}

// scannerModel is the scanner as the wire sees it.
type scannerModel Scanner

// Handle implements [Model].
func (m *scannerModel) Handle(t *Transfer) {
	const toInterface, setReport, setIdle = 0x21, 0x09, 0x0a
	switch {
	case t.Endpoint == 0x83:
		m.in.read(t)
	case t.Endpoint > 0x80: // a keyboard that nobody touches
	case t.Endpoint == 0x04:
		m.obey(t)
	case t.Endpoint == 0 && t.Setup.RequestType == toInterface && t.Setup.Request == setReport && len(t.Out) > 0:
		m.obey(t)
	case t.Endpoint == 0 && t.Setup.Request == setIdle:
		t.Complete(OK, nil)
	default:
		t.Complete(Stalled, nil)
	}
}

// obey takes a report from the host; one that it does not know, or of another length, is refused.
func (m *scannerModel) obey(t *Transfer) {
	const prevent, initiate = 0x02, 0x04
	switch out := t.Out; {
	case out[0] == modeReport && len(out) == 2 && out[1] == 1:
	case out[0] == triggerReport && len(out) == 2 && out[1] == initiate:
		m.triggered.set(true)
	case out[0] == triggerReport && len(out) == 2 && out[1] == prevent:
		m.triggered.set(false)
	case out[0] == commandReport && len(out) == scanSize && string(out[1:5]) == "\x03\x16T\r":
		m.triggered.set(true)
	case out[0] == commandReport && len(out) == scanSize && string(out[1:5]) == "\x03\x16U\r":
		m.triggered.set(false)
	default:
		t.Complete(Stalled, nil)
		return
	}
	t.Complete(OK, nil)
}

// Cancel implements [Model].
func (m *scannerModel) Cancel(t *Transfer) { m.in.cancel(t) }

// Reset implements [Model].
func (m *scannerModel) Reset() {
	m.triggered.set(false)
	m.in.flush()
}
