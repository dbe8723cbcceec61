package usb

import (
	"context"

	"github.com/foyer-station/foyer/emulate/lampboard"
)

// Identifiers of the emulated board: a builder's own are others. These are of the vendor id that pid.codes keeps for tests.
const (
	LampVendor  = 0x1209
	LampProduct = 0x0001
)

// LampBoard is a page reader's lamp board on USB (docs/lamps.md).
type LampBoard struct {
	*Device
	*lampboard.Board
	in   pipe
	open gate // always: the board listens whenever it has power
}

// NewLampBoard puts a board on USB.
func NewLampBoard(serial string, board *lampboard.Board) *LampBoard {
	l := &LampBoard{Board: board, in: pipe{limit: 8}}
	l.open.set(true)
	l.Device = &Device{
		Vendor: LampVendor, Product: LampProduct, Manufacturer: "Foyer", Name: "Lamp board", Serial: serial,
		Driver: "usbhid", Model: (*lampModel)(l),
		Interfaces: []Interface{{Number: 0, Report: LampReports(), Endpoints: []Endpoint{{Address: 0x81, MaxPacket: 16, Interval: 10}}}},
	}
	board.OnChange(func(state []byte) { l.in.report(append([]byte{lampboard.State}, state...)) })
	return l
}

// LampReports is the board's report descriptor, as docs/lamps.md prints it.
func LampReports() []byte {
	r := reports{
		0x06, 0x46, 0xff, // usage page: vendor-defined 0xFF46
		0x09, 0x4c, // usage: lamp board
		0xa1, 0x01, // collection: application
		0x15, 0x00, // logical minimum 0
		0x26, 0xff, 0x00, // logical maximum 255
		0x75, 0x08, // report size: 8 bits
	}
	return r.with(featureItem, lampboard.Identity, lampboard.IdentitySize).with(featureItem, lampboard.Capabilities, lampboard.CapabilitiesSize).
		with(featureItem, lampboard.State, lampboard.StateSize).with(inputItem, lampboard.State, lampboard.StateSize).
		with(featureItem, lampboard.SetLight, lampboard.SetLightSize).end()
}

// Ready waits until the host waits for the board to tell of itself.
func (l *LampBoard) Ready(ctx context.Context) error { return l.in.ready(ctx, &l.open) }

// lampModel is the board as the wire sees it.
type lampModel LampBoard

// Handle implements [Model].
func (m *lampModel) Handle(t *Transfer) {
	const get, set, getReport, setReport, setIdle, feature = 0xa1, 0x21, 0x01, 0x09, 0x0a, 3
	id, kind := byte(t.Setup.Value), t.Setup.Value>>8
	switch {
	case t.Endpoint == 0x81:
		m.in.read(t)
	case t.Setup.RequestType == get && t.Setup.Request == getReport && kind == feature:
		content := m.Board.Get(id)
		if content == nil {
			t.Complete(Stalled, nil)
			return
		}
		report := append([]byte{id}, content...)
		t.Complete(OK, report[:min(len(report), t.Length)])
	case t.Setup.RequestType == set && t.Setup.Request == setReport && kind == feature && len(t.Out) > 0 && t.Out[0] == id && m.Board.Set(id, t.Out[1:]):
		t.Complete(OK, nil)
	case t.Endpoint == 0 && t.Setup.Request == setIdle:
		t.Complete(OK, nil)
	default:
		t.Complete(Stalled, nil)
	}
}

// Cancel implements [Model].
func (m *lampModel) Cancel(t *Transfer) { m.in.cancel(t) }

// Reset implements [Model]: without power no lamp burns.
func (m *lampModel) Reset() {
	m.Board.Reset()
	m.in.flush()
}
