// Package accessis drives Access-IS OCR swipe readers over USB: OCR312, OCR313, OCR315 and their kin, which read the
// machine-readable zone of a document that is drawn through a slot.
//
// A reader is a human interface device. Each input report is a length and that many bytes of a row of messages; a
// message is framed as at airline check-in desks. The host says by a flag whether documents are wanted. Newer readers
// take that as an output report over endpoint zero, older ones from an interrupt endpoint of a second interface; which a reader is
// told by its descriptors.
//
// The protocol follows the sample that Access-IS published for Android. Reading is enabled only while
// [Reader.ReadMRZ] waits, so that nobody's document is read between two visitors.
package accessis

import (
	"context"
	"errors"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usb"
)

// messageTime is a reader's longest pause within a message.
const messageTime = 2 * time.Second

// Reader is an open reader. It belongs to one caller at a time, except Health and Close.
type Reader struct {
	turn    devices.Turn
	device  *usb.Device
	source  usb.Source
	layout  layout
	command command
	info    devices.Info
}

var _ devices.MRZReader = (*Reader)(nil)

// Open opens the first reader that nobody else holds, or that the filters let pass. Errors: ErrNoDevice, ErrBusy, ErrTimeout, ErrProtocol,
// ErrUnplugged, ErrStopped.
func Open(ctx context.Context, only ...usb.Only) (*Reader, error) {
	r := &Reader{}
	stranger := "" // where a device is that only seems to be a reader
	wanted := func(desc *gousb.DeviceDesc) ([]int, bool) {
		p, known := productOf(desc)
		if !known {
			return nil, false
		}
		l, ok := layoutOf(desc, p)
		if !ok {
			stranger = usb.PathOf(desc)
		}
		return l.claims(), ok
	}
	device, err := usb.OpenFitting(ctx, wanted, r.fits, only...)
	if stranger != "" && errors.Is(err, devices.ErrNoDevice) {
		err = disguised(stranger)
	}
	if err != nil {
		return nil, failure("open", err)
	}
	r.device = device
	return r, nil
}

// fits takes the device for the reader, if that is what it is, and leaves reading disabled whatever it was before.
func (r *Reader) fits(ctx context.Context, device *usb.Device) error {
	desc := device.Descriptor()
	p, _ := productOf(desc)
	r.layout, _ = layoutOf(desc, p)
	r.device = device
	r.source = usb.Source{Device: device, Interface: r.layout.read, Endpoint: r.layout.in}
	r.info = devices.Info{Kind: devices.KindMRZReader, Model: p.model, Serial: device.Serial(), Path: device.Path()}
	input, err := device.Reports(ctx, r.layout.read)
	if err != nil {
		return err
	}
	if !isReader(input) {
		return disguised(device.Path())
	}
	output := input
	if r.layout.write != r.layout.read {
		if output, err = device.Reports(ctx, r.layout.write); err != nil {
			return err
		}
	}
	r.command = commandOf(r.layout, output)
	return r.enable(ctx, false)
}

// enable tells the reader whether documents are wanted.
func (r *Reader) enable(ctx context.Context, wanted bool) error {
	report := r.command.report(wanted)
	if r.layout.direct {
		return r.device.Write(ctx, r.layout.write, r.layout.out, report)
	}
	return r.device.SetReport(ctx, usb.Output, r.command.id, r.layout.write, report)
}

// Info implements [devices.Device].
func (r *Reader) Info() devices.Info { return r.info }

// Health implements [devices.Device]: it asks for the USB status, which the reader's firmware answers while it reads. A reader
// that nobody uses is told again that no document is wanted, and listened to: one that refuses, is silent, or talks although
// it should not, would fail the next visitor.
func (r *Reader) Health(ctx context.Context) devices.Health {
	if err := r.device.Probe(ctx); err != nil {
		return devices.HealthOfProbe(err)
	}
	return r.turn.Look(ctx, func() devices.Health {
		err := r.enable(ctx, false)
		if err == nil {
			err = r.source.Drain(ctx)
		}
		return devices.HealthOfProbe(err)
	})
}

// Close implements [devices.Device].
func (r *Reader) Close() error {
	if err := r.device.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// ReadMRZ implements [devices.MRZReader]. Noise before a document is passed over; a document that arrives broken
// is ErrProtocol, one that stops half-way ErrTimeout, and one that has other lines than a document besides ErrUnreadable: the
// visitor draws it through again. A document that the reader noticed but could not read has one empty line.
func (r *Reader) ReadMRZ(ctx context.Context) ([]string, error) {
	defer r.turn.Use()()
	lines, err := r.read(ctx)
	if off := r.enable(context.WithoutCancel(ctx), false); err == nil {
		err = off
	}
	if err != nil {
		return nil, failure("read mrz", err)
	}
	return lines, nil
}

// read enables reading and waits for a document.
func (r *Reader) read(ctx context.Context) ([]string, error) {
	var d decoder
	report := r.source.Buffer()
	if err := r.source.Drain(ctx); err != nil {
		return nil, err
	}
	if err := r.enable(ctx, true); err != nil {
		return nil, err
	}
	for {
		n, err := r.next(ctx, &d, report)
		if err != nil {
			return nil, err
		}
		if lines, err := d.report(report[:n]); lines != nil || err != nil {
			return lines, err
		}
	}
}

// next waits for a report: as long as it takes between messages, and not long within one.
func (r *Reader) next(ctx context.Context, d *decoder, report []byte) (int, error) {
	if d.waiting() {
		return r.source.Within(ctx, messageTime, report)
	}
	return r.source.Read(ctx, report)
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindMRZReader, Op: op, Err: err}
}
