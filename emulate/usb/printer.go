package usb

import (
	"context"
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"

	"github.com/foyer-station/foyer/emulate/printer"
)

// Epson's vendor id, and the product of its receipt printers that keep to the printer class (TM series).
const (
	printerVendor  = 0x04b8
	printerProduct = 0x0202
)

// Printer is a ticket printer of the USB printer class (Universal Serial Bus Device Class Definition for Printing Devices 1.1).
type Printer struct {
	*Device
	*printer.Mechanism
	in     pipe
	resets atomic.Int32

	mu   sync.Mutex
	room int // bytes that the printer takes before its buffer is full
}

// NewPrinter makes a printer that prints width dots across, a multiple of 8 up to 2,048, and is bidirectional (protocol 2).
func NewPrinter(serial string, width int) (*Printer, error) {
	const printing, oneKind, bidirectional = 7, 1, 2
	p := &Printer{in: pipe{limit: 64}, room: endless}
	var err error
	if p.Mechanism, err = printer.NewMechanism(width, p.in.report); err != nil {
		return nil, err
	}
	p.Is(printer.Identity{Manufacturer: "EPSON", Model: "TM-T88V", Firmware: "30.21", Serial: serial})
	p.Device = &Device{
		Vendor: printerVendor, Product: printerProduct, Manufacturer: "EPSON", Name: "TM-T88V", Serial: serial,
		Driver: "usblp", Model: (*printerModel)(p),
		Interfaces: []Interface{{
			Number: 0, Class: printing, SubClass: oneKind, Protocol: bidirectional,
			Endpoints: []Endpoint{{Address: 0x01, Bulk: true, MaxPacket: 64}, {Address: 0x82, Bulk: true, MaxPacket: 64}},
		}},
	}
	return p, nil
}

// endless is a buffer that is never full.
const endless = math.MaxInt

// Room makes the printer's buffer full after so many bytes more: then it lets the host wait, until the buffer is cleared or the
// printer reset.
func (p *Printer) Room(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room = bytes
}

// take receives what there is room for. Where that is not all, the transfer does not end by itself.
func (p *Printer) take(t *Transfer) {
	p.mu.Lock()
	n := min(p.room, len(t.Out))
	if p.room != endless {
		p.room -= n
	}
	p.mu.Unlock()
	p.Receive(t.Out[:n])
	if n == len(t.Out) {
		t.Complete(OK, nil)
	}
}

// Resets is how often the host has reset the printer (SOFT_RESET).
func (p *Printer) Resets() int { return int(p.resets.Load()) }

// Ready waits until a whole ticket is there to be printed, of a printer that is paused, and the host waits for the answer.
func (p *Printer) Ready(ctx context.Context) error {
	if err := p.WaitJob(ctx); err != nil {
		return err
	}
	return p.in.asked.wait(ctx)
}

// printerModel is the printer as the wire sees it.
type printerModel Printer

// Class requests (Printing Devices 1.1, 4.2).
const (
	getDeviceID   = 0
	getPortStatus = 1
	softReset     = 2
)

// Handle implements [Model].
func (m *printerModel) Handle(t *Transfer) {
	const fromInterface, toInterface = 0xa1, 0x21
	switch s := t.Setup; {
	case t.Endpoint == 0x82:
		m.in.read(t)
	case t.Endpoint == 0x01:
		(*Printer)(m).take(t)
	case s.RequestType == fromInterface && s.Request == getDeviceID:
		id := m.deviceID()
		t.Complete(OK, id[:min(len(id), t.Length)])
	case s.RequestType == fromInterface && s.Request == getPortStatus:
		t.Complete(OK, []byte{m.portStatus()})
	case s.RequestType == toInterface && s.Request == softReset:
		m.resets.Add(1)
		(*Printer)(m).Room(endless)
		m.ClearBuffers()
		m.in.flush()
		t.Complete(OK, nil)
	default:
		t.Complete(Stalled, nil)
	}
}

// deviceID is the identity in the manner of IEEE 1284, with its whole length before it.
func (m *printerModel) deviceID() []byte {
	text := "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;DES:EPSON TM-T88V;SN:" + m.Device.Serial + ";"
	return append(binary.BigEndian.AppendUint16(nil, uint16(2+len(text))), text...)
}

// portStatus has paper empty in bit 5, selected in bit 4 and no error in bit 3.
func (m *printerModel) portStatus() byte {
	const empty, selected, noError = 0x20, 0x10, 0x08
	switch c := m.Condition(); {
	case c.PaperOut:
		return empty | selected
	case c.CoverOpen, c.Offline, c.Broken, c.Overheated:
		return 0
	}
	return selected | noError
}

// Cancel implements [Model].
func (m *printerModel) Cancel(t *Transfer) { m.in.cancel(t) }

// Reset implements [Model]: a printer has its own power, and keeps what it has.
func (m *printerModel) Reset() { m.in.flush() }
