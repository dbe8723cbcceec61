package usb

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emulate/stu"
)

// reaction is how long a person takes from seeing that the pad is ready until the pen is near it.
const reaction = 250 * time.Millisecond

// Pad is a Wacom STU signature pad: a person can sign on it, and see what it shows.
type Pad struct {
	*Device
	*stu.Tablet
	inking gate
	in     pipe
}

// NewPad makes an STU-530: 108 x 64.8 mm, 1024 levels of pressure, an LCD of 800 x 480 pixels in colour.
func NewPad(serial string) *Pad { return NewPadOf(stu.STU530(), serial) }

// NewPadOf makes a pad of a model.
func NewPadOf(model stu.Model, serial string) *Pad {
	p := &Pad{in: pipe{limit: 256}}
	p.Tablet = stu.New(model, serial, p.in.report, p.inking.set)
	report := vendorReports()
	for _, reports := range []struct {
		item byte
		all  map[byte]int
	}{{inputItem, model.Inputs()}, {featureItem, model.Features()}} {
		for _, id := range slices.Sorted(maps.Keys(reports.all)) {
			report = report.with(reports.item, id, uint16(reports.all[id]))
		}
	}
	p.Device = &Device{
		Vendor: 0x056a, Product: model.Product, Manufacturer: "Wacom Co.,Ltd.", Name: model.Name, Serial: serial,
		Driver: "wacom", Model: (*padWire)(p),
		Interfaces: []Interface{{Report: report.end(), Endpoints: []Endpoint{{Address: 0x81, MaxPacket: 64, Interval: 4}}}},
	}
	return p
}

// Ready waits until the host has turned ink on and listens to the pen, or returns ctx's error. Of a pad whose samples bear
// neither stamp nor session it waits until the host has listened for as long as a person takes to put the pen down: before that it
// may still be throwing away what was written earlier.
func (p *Pad) Ready(ctx context.Context) error {
	if err := p.in.ready(ctx, &p.inking); err != nil || p.Tells() {
		return err
	}
	return p.in.steady(ctx, reaction)
}

// padWire is the pad as the wire sees it: feature reports over endpoint zero, pen samples from endpoint 0x81.
type padWire Pad

// Handle implements [Model].
func (w *padWire) Handle(t *Transfer) {
	const get, set, getReport, setReport, setIdle, feature = 0xa1, 0x21, 0x01, 0x09, 0x0a, 3
	id, kind := byte(t.Setup.Value), t.Setup.Value>>8
	switch {
	case t.Endpoint == 0x81:
		w.in.read(t)
	case t.Setup.RequestType == get && t.Setup.Request == getReport && kind == feature:
		w.get(t, id)
	case t.Setup.RequestType == set && t.Setup.Request == setReport && kind == feature:
		w.set(t, id)
	case t.Endpoint == 0 && t.Setup.Request == setIdle:
		t.Complete(OK, nil)
	default:
		t.Complete(Stalled, nil)
	}
}

// Cancel implements [Model].
func (w *padWire) Cancel(t *Transfer) { w.in.cancel(t) }

// Reset implements [Model]: without power the LCD is white and the pad as new.
func (w *padWire) Reset() {
	w.PowerOff()
	w.in.flush()
}

// get answers with a feature report: its id, then its content. What the pad does not know it stalls.
func (w *padWire) get(t *Transfer, id byte) {
	content, ok := w.Get(id)
	if !ok {
		t.Complete(Stalled, nil)
		return
	}
	report := append([]byte{id}, content...)
	t.Complete(OK, report[:min(len(report), t.Length)])
}

// set takes a feature report. What the pad does not know it stalls.
func (w *padWire) set(t *Transfer, id byte) {
	if len(t.Out) < 2 || t.Out[0] != id || !w.Set(id, t.Out[1:]) {
		t.Complete(Stalled, nil)
		return
	}
	t.Complete(OK, nil)
}
