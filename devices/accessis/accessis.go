// Package accessis drives Access-IS OCR swipe readers over USB: OCR312, OCR313, OCR315 and their kin, which read the
// machine-readable zone of a document that is drawn through a slot.
//
// A reader is a human interface device. Each input report is a length and that many bytes of a row of messages; a
// message is framed as at airline check-in desks. The host says by a flag whether documents are wanted. Newer readers
// take that as an output report over endpoint zero, older ones from an interrupt endpoint of a second interface.
//
// The protocol follows the sample that Access-IS published for Android. Reading is enabled only while
// [Reader.ReadMRZ] waits, so that nobody's document is read between two visitors.
package accessis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usb"
)

const vendor = 0x0db5

// form is the interfaces of one kind of reader: where documents come from, and where commands go to.
type form struct{ read, write int }

// formOf knows the readers by their product id.
func formOf(product uint16) (form, bool) {
	switch product {
	case 0x0120, 0x0137: // OCR313, OCR312
		return form{read: 0, write: 1}, true
	case 0x0122: // AKB422, a keyboard with a reader
		return form{read: 2, write: 3}, true
	case 0x0127, 0x012c: // readers that are keyboard and mouse as well
		return form{read: 2, write: 2}, true
	case 0x013e: // the single-endpoint readers: OCR315 MkII
		return form{read: 0, write: 0}, true
	}
	return form{}, false
}

// Flags and sizes of a command.
const (
	clearToSend   = 0x80
	commandReport = 2 // the report's id, where commands have an endpoint
	commandSize   = 8 // over endpoint zero
)

// Times that tell one message from the next.
const (
	messageTime = 2 * time.Second       // a reader's longest pause within a message
	quietTime   = 20 * time.Millisecond // five polls of the endpoint: nothing is left in the reader
)

// errPause is the error of a read that ended because the reader said nothing for a time.
var errPause = fmt.Errorf("%w: nothing came in time", devices.ErrTimeout)

// maxStale bounds what is thrown away before reading begins.
const maxStale = 64

// Reader is an open reader. It belongs to one caller at a time, except Health and Close.
type Reader struct {
	inUse   sync.Mutex // held by a use, and by a look at a reader that nobody uses
	device  *usb.Device
	form    form
	input   gousb.EndpointDesc
	command gousb.EndpointDesc
	direct  bool // commands have an endpoint
	info    devices.Info
}

var _ devices.MRZReader = (*Reader)(nil)

// Open opens the first reader that nobody else holds, or that the filters let pass. Errors: ErrNoDevice, ErrBusy, ErrTimeout, ErrProtocol,
// ErrUnplugged, ErrStopped.
func Open(ctx context.Context, only ...usb.Only) (*Reader, error) {
	device, err := usb.Open(ctx, wanted, only...)
	if err != nil {
		return nil, failure("open", err)
	}
	r := &Reader{device: device}
	r.form, _ = formOf(device.Product())
	r.info = devices.Info{Kind: devices.KindMRZReader, Model: "Access-IS OCR reader", Serial: device.Serial(), Path: device.Path()}
	if err := r.prepare(ctx); err != nil {
		device.Close()
		return nil, failure("open", err)
	}
	return r, nil
}

func wanted(desc *gousb.DeviceDesc) ([]int, bool) {
	f, known := formOf(uint16(desc.Product))
	interfaces := []int{f.read}
	if f.write != f.read {
		interfaces = append(interfaces, f.write)
	}
	return interfaces, known && desc.Vendor == vendor
}

// prepare finds the endpoints, and leaves reading disabled whatever it was before.
func (r *Reader) prepare(ctx context.Context) error {
	var ok bool
	if r.input, ok = r.device.Endpoint(r.form.read, gousb.EndpointDirectionIn); !ok || r.input.MaxPacketSize < 2 {
		return protocol(errors.New("no endpoint to read from"))
	}
	r.command, r.direct = r.device.Endpoint(r.form.write, gousb.EndpointDirectionOut)
	return r.enable(ctx, false)
}

// enable tells the reader whether documents are wanted.
func (r *Reader) enable(ctx context.Context, wanted bool) error {
	flag := byte(0)
	if wanted {
		flag = clearToSend
	}
	if r.direct {
		return r.device.Write(ctx, r.form.write, r.command, []byte{commandReport, flag})
	}
	report := make([]byte, commandSize)
	report[0] = flag
	return r.device.SetReport(ctx, usb.Output, 0, r.form.write, report)
}

// Info implements [devices.Device].
func (r *Reader) Info() devices.Info { return r.info }

// Health implements [devices.Device]: it asks for the USB status, which the reader's firmware answers while it reads. A reader
// that nobody uses is told again that no document is wanted, and listened to: one that refuses, is silent, or talks although
// it should not, would fail the next visitor.
func (r *Reader) Health(ctx context.Context) devices.Health {
	if err := r.device.Probe(ctx); err != nil {
		return usb.Health(err)
	}
	if !r.inUse.TryLock() {
		return devices.Health{State: devices.StateBusy}
	}
	defer r.inUse.Unlock()
	err := r.enable(ctx, false)
	if err == nil {
		err = r.drain(ctx, make([]byte, r.input.MaxPacketSize))
	}
	return usb.Health(err)
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
	r.inUse.Lock()
	defer r.inUse.Unlock()
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
	report := make([]byte, r.input.MaxPacketSize)
	if err := r.drain(ctx, report); err != nil {
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

// drain throws away what was read before it was asked for: it is another visitor's. A reader that never has enough is
// ErrProtocol.
func (r *Reader) drain(ctx context.Context, report []byte) error {
	for range maxStale {
		_, err := r.within(ctx, quietTime, report)
		if errors.Is(err, errPause) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return protocol(errNoise)
}

// next waits for a report: as long as it takes between messages, and not long within one.
func (r *Reader) next(ctx context.Context, d *decoder, report []byte) (int, error) {
	if d.waiting() {
		return r.within(ctx, messageTime, report)
	}
	return r.device.Read(ctx, r.form.read, r.input, report)
}

// within waits for a report no longer than limit; then the error is errPause.
func (r *Reader) within(ctx context.Context, limit time.Duration, report []byte) (int, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	n, err := r.device.Read(limited, r.form.read, r.input, report)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errPause
	}
	return n, err
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindMRZReader, Op: op, Err: err}
}
