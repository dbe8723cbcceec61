package usb

import (
	"os"
	"sync"

	"github.com/foyer-station/foyer/emulate/tty"
)

// Serial is a device with a serial line of the class CDC-ACM (USB, CDC PSTN 1.2), as the kernel's driver cdc_acm takes it. What it says and
// hears there is what an emulated device says and hears on a pseudo terminal.
type Serial struct {
	*Device
	in     pipe
	signal pipe // of changed modem lines, which do not change
	line   *os.File
	read   sync.WaitGroup
}

// Endpoints of the device.
const (
	serialSignals = 0x81
	serialIn      = 0x82
	serialOut     = 0x03
	serialPacket  = 64
)

// NewSerial puts the device whose line is at that path on USB. Close takes it from there.
func NewSerial(vendor, product uint16, name, serial, path string) (*Serial, error) {
	line, err := tty.Connect(path)
	if err != nil {
		return nil, err
	}
	s := &Serial{line: line, in: pipe{limit: 256}, signal: pipe{limit: 1}}
	const communications, data, abstractControl, commands = 0x02, 0x0a, 0x02, 0x01
	s.Device = &Device{
		Vendor: vendor, Product: product, Manufacturer: "Readers of Utopia", Name: name, Serial: serial, Driver: "cdc_acm", Model: (*serialModel)(s),
		Interfaces: []Interface{
			{Number: 0, Class: communications, SubClass: abstractControl, Protocol: commands, Functional: []byte{
				5, 0x24, 0x00, 0x10, 0x01, // header: CDC 1.10
				5, 0x24, 0x01, 0x00, 1, // call management: none, by interface 1
				4, 0x24, 0x02, 0x02, // abstract control: line coding and state
				5, 0x24, 0x06, 0, 1, // union: 0 controls 1
			}, Endpoints: []Endpoint{{Address: serialSignals, MaxPacket: 16, Interval: 10}}},
			{Number: 1, Class: data, Endpoints: []Endpoint{{Address: serialOut, Bulk: true, MaxPacket: serialPacket}, {Address: serialIn, Bulk: true, MaxPacket: serialPacket}}},
		},
	}
	s.read.Go(s.listen)
	return s, nil
}

// Close ends what the device says.
func (s *Serial) Close() error {
	err := s.line.Close()
	s.read.Wait()
	return err
}

// listen brings what the device says to the host, a packet at a time.
func (s *Serial) listen() {
	for {
		packet := make([]byte, serialPacket)
		n, err := s.line.Read(packet)
		if err != nil {
			return
		}
		s.in.report(packet[:n])
	}
}

// serialModel is the device as the wire sees it.
type serialModel Serial

// Handle implements [Model].
func (m *serialModel) Handle(t *Transfer) {
	const toInterface, fromInterface, setLineCoding, getLineCoding, setControlLineState, sendBreak = 0x21, 0xa1, 0x20, 0x21, 0x22, 0x23
	switch s := t.Setup; {
	case t.Endpoint == serialIn:
		m.in.read(t)
	case t.Endpoint == serialSignals:
		m.signal.read(t)
	case t.Endpoint == serialOut:
		status := OK
		if _, err := m.line.Write(t.Out); err != nil {
			status = Stalled
		}
		t.Complete(status, nil)
	case s.RequestType == toInterface && (s.Request == setLineCoding || s.Request == setControlLineState || s.Request == sendBreak):
		t.Complete(OK, nil)
	case s.RequestType == fromInterface && s.Request == getLineCoding:
		t.Complete(OK, []byte{0x80, 0x25, 0, 0, 0, 0, 8}) // 9600 bits a second, one stop bit, no parity
	default:
		t.Complete(Stalled, nil)
	}
}

// Cancel implements [Model].
func (m *serialModel) Cancel(t *Transfer) {
	m.in.cancel(t)
	m.signal.cancel(t)
}

// Reset implements [Model].
func (m *serialModel) Reset() { m.in.flush() }
