package usb

import "context"

// Access-IS identifiers and sizes.
const (
	accessVendor           = 0x0db5
	accessSingleProduct    = 0x013e // one interface, one endpoint: OCR315 MkII and its kin
	accessDoubleProduct    = 0x0120 // one interface to read from, another to write to: OCR313
	accessCompositeProduct = 0x0127 // behind a keyboard and a mouse
	accessPacket           = 64
	accessClearToSend      = 0x80 // flag in a report's first byte; the rest is the length of the data behind it
)

// Reader is an Access-IS OCR swipe reader. It takes documents only while the host has it enabled.
type Reader struct {
	*Device
	enabled gate
	in      pipe
	command int // bytes of a command, its report's id included
}

// NewReader makes a reader of the newer kind: one interface with one interrupt IN endpoint, commands as output reports
// over endpoint zero, with data in them.
func NewReader(serial string) *Reader {
	const size = 8
	return newReader(accessSingleProduct, serial, size, readingInterface(0, size))
}

// NewFlagReader makes one whose commands have room for the clear-to-send flag alone.
func NewFlagReader(serial string) *Reader {
	const size = 1
	return newReader(accessSingleProduct, serial, size, readingInterface(0, size))
}

// NewOldReader makes a reader of the older kind: documents come from interface 0, commands go to an interrupt OUT
// endpoint of interface 1, as report 2.
func NewOldReader(serial string) *Reader {
	return newReader(accessDoubleProduct, serial, accessPacket, readingInterface(0, 0), Interface{
		Number:    1,
		Report:    vendorReports().with(outputItem, 2, accessPacket-1).end(),
		Endpoints: []Endpoint{{Address: 0x02, MaxPacket: accessPacket, Interval: 4}},
	})
}

// NewCompositeReader makes a reader that is keyboard and mouse as well, and has an interface of its own for whoever programs its keys.
func NewCompositeReader(serial string) *Reader {
	const boot, keyboard, mouse, size = 1, 1, 2, 8
	return newReader(accessCompositeProduct, serial, size,
		Interface{Number: 0, SubClass: boot, Protocol: keyboard, Report: KeyboardReports(),
			Endpoints: []Endpoint{{Address: 0x84, MaxPacket: 8, Interval: 8}}},
		Interface{Number: 1, SubClass: boot, Protocol: mouse, Report: vendorReports().with(inputItem, 0, 4).end(),
			Endpoints: []Endpoint{{Address: 0x85, MaxPacket: 8, Interval: 8}}},
		readingInterface(2, size),
		Interface{Number: 3, Report: vendorReports().with(inputItem, 0, 8).with(outputItem, 0, 8).end(),
			Endpoints: []Endpoint{{Address: 0x86, MaxPacket: 8, Interval: 8}, {Address: 0x06, MaxPacket: 8, Interval: 8}}},
	)
}

// readingInterface is the interface that documents come from, and which takes commands of that size over endpoint zero if it is not 0.
func readingInterface(number byte, command uint16) Interface {
	reports := vendorReports().with(inputItem, 0, accessPacket)
	if command > 0 {
		reports = reports.with(outputItem, 0, command)
	}
	return Interface{Number: number, Report: reports.end(), Endpoints: []Endpoint{{Address: 0x81, MaxPacket: accessPacket, Interval: 4}}}
}

func newReader(product uint16, serial string, command int, interfaces ...Interface) *Reader {
	r := &Reader{in: pipe{limit: 64}, command: command}
	r.Device = &Device{
		Vendor: accessVendor, Product: product, Manufacturer: "Access IS", Name: "OCR Reader", Serial: serial,
		Driver: "usbhid", Interfaces: interfaces, Model: (*readerModel)(r),
	}
	return r
}

// Ready waits until the host has enabled reading and listens, or returns ctx's error.
func (r *Reader) Ready(ctx context.Context) error { return r.in.ready(ctx, &r.enabled) }

// Swipe draws a document with these lines through the reader. It reports false, as a reader whose lamp is dark, when
// the host has not enabled reading: then nothing is sent.
func (r *Reader) Swipe(lines ...string) bool {
	if !r.enabled.isOpen() {
		return false
	}
	r.Send(OCRMessage(lines...))
	return true
}

// Send puts bytes on the wire as they are, in as many reports as they need, whether or not the host enabled reading.
func (r *Reader) Send(message []byte) {
	const room = accessPacket - 1
	for len(message) > 0 {
		n := min(room, len(message))
		report := make([]byte, accessPacket)
		report[0] = accessClearToSend | byte(n)
		copy(report[1:], message[:n])
		message = message[n:]
		r.in.report(report)
	}
}

// OCRMessage frames lines as the reader does: start of data, STX, each line with a carriage return, ETX, end of data.
func OCRMessage(lines ...string) []byte {
	message := []byte{0x1c, 0x02}
	for _, line := range lines {
		message = append(append(message, line...), '\r')
	}
	return append(message, 0x03, 0x1d)
}

// readerModel is the reader as the wire sees it.
type readerModel Reader

// Handle implements [Model]: documents in, output reports out, and HID's SET_REPORT for those without an endpoint.
func (m *readerModel) Handle(t *Transfer) {
	const toInterface, setReport, setIdle = 0x21, 0x09, 0x0a
	switch {
	case t.Endpoint == 0x81:
		m.in.read(t)
	case t.Endpoint > 0x80: // keyboard, mouse: nobody touches them
	case t.Endpoint == 0x02 && len(t.Out) == m.command && t.Out[0] == 2:
		m.obey(t, t.Out[1:])
	case t.Endpoint == 0 && t.Setup.RequestType == toInterface && t.Setup.Request == setReport && len(t.Out) == m.command:
		m.obey(t, t.Out)
	case t.Endpoint == 0 && t.Setup.Request == setIdle:
		t.Complete(OK, nil)
	default:
		t.Complete(Stalled, nil)
	}
}

// obey takes a command. One that has room for data repeats the flag there, as Access-IS's own program does: a firmware may look at
// either. Another is refused.
func (m *readerModel) obey(t *Transfer, command []byte) {
	flag := command[0] & accessClearToSend
	if n := command[0] &^ accessClearToSend; len(command) >= 3 && (n != 2 || command[2] != flag) || len(command) < 3 && n != 0 {
		t.Complete(Stalled, nil)
		return
	}
	m.enabled.set(flag != 0)
	t.Complete(OK, nil)
}

// Cancel implements [Model].
func (m *readerModel) Cancel(t *Transfer) { m.in.cancel(t) }

// Reset implements [Model].
func (m *readerModel) Reset() {
	m.enabled.set(false)
	m.in.flush()
}
