// Package stu drives Wacom STU signature pads that need no encryption key: STU-430, STU-530 and STU-540 over USB.
//
// A pad is a human interface device with vendor reports: pen samples come from an interrupt endpoint, everything else is
// a feature report over endpoint zero. Pen data is read unencrypted; the cable is inside the station. The pad's geometry
// and the picture formats it takes are asked from its capability report, so pads differ in nothing else here.
//
// Report ids, layouts and byte orders follow Wacom's SDK (Protocol.hpp) and the evidence of open drivers; where they
// contradict each other the SDK counts: in a pen sample bit 15 is "ready", bits 14 to 12 are switches.
//
// On Linux the kernel's wacom driver binds the pad; it is detached while the pad is open. A picture goes over endpoint
// zero in blocks of 253 bytes: 4,554 of them fill an STU-530. The faster bulk way is not documented in public.
package stu

import (
	"context"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usb"
)

const vendor = 0x056a

// Product ids of the pads that this driver knows.
const (
	product430 = 0x00a4
	product530 = 0x00a5
	product540 = 0x00a8
)

// busyTime is how long the pad may take to finish what it was told.
const busyTime = 5 * time.Second

// listenTime is how long a pad that nobody uses is listened to at most: as long as it takes to say nonsenseLimit times
// nothing that makes sense.
const listenTime = 500 * time.Millisecond

// Pad is an open signature pad. It belongs to one caller at a time, except Health and Close.
type Pad struct {
	inUse    sync.Mutex // held by a use, and by a look at a pad that nobody uses
	device   *usb.Device
	endpoint gousb.EndpointDesc
	info     devices.Info
	size     devices.PadSize
	format   format
	drained  bool // nothing that bears a stamp is left in the pad
}

var _ devices.SignaturePad = (*Pad)(nil)

// Open opens the first pad that nobody else holds, or that the filters let pass. Errors: ErrNoDevice, ErrBusy, ErrTimeout, ErrProtocol, ErrUnplugged,
// ErrStopped.
func Open(ctx context.Context, only ...usb.Only) (*Pad, error) {
	device, err := usb.Open(ctx, wanted, only...)
	if err != nil {
		return nil, failure("open", err)
	}
	p := &Pad{device: device}
	if err := p.introduce(ctx); err != nil {
		device.Close()
		return nil, failure("open", err)
	}
	return p, nil
}

func wanted(desc *gousb.DeviceDesc) ([]int, bool) {
	known := desc.Product == product430 || desc.Product == product530 || desc.Product == product540
	return []int{0}, desc.Vendor == vendor && known
}

// introduce asks the pad who it is, and leaves its ink off and its screen white whatever was before: a program that ended while
// somebody signed left that signature there.
func (p *Pad) introduce(ctx context.Context) error {
	endpoint, ok := p.device.Endpoint(0, gousb.EndpointDirectionIn)
	if !ok {
		return fmt.Errorf("%w: no endpoint to read from", devices.ErrProtocol)
	}
	p.endpoint = endpoint
	capability, err := p.get(ctx, reportCapability, capabilitySize)
	if err != nil {
		return err
	}
	if p.size, p.format, err = decodeCapability(capability); err != nil {
		return err
	}
	information, err := p.get(ctx, reportInformation, informationSize)
	if err != nil {
		return err
	}
	model, firmware, err := decodeInformation(information)
	if err != nil {
		return err
	}
	p.info = devices.Info{Kind: devices.KindSignaturePad, Model: "Wacom " + model, Serial: p.device.Serial(),
		Firmware: firmware, Path: p.device.Path()}
	if err := p.set(ctx, reportInkingMode, 0); err != nil {
		return err
	}
	return p.blank(ctx)
}

// Info implements [devices.Device].
func (p *Pad) Info() devices.Info { return p.info }

// Size implements [devices.SignaturePad].
func (p *Pad) Size() devices.PadSize { return p.size }

// Health implements [devices.Device]: it reads the pad's status report, and listens for a moment to a pad that nobody uses:
// one that refuses, or says nonsense without end, would fail the next visitor.
func (p *Pad) Health(ctx context.Context) devices.Health {
	if _, err := p.status(ctx); err != nil {
		return usb.Health(err)
	}
	if !p.inUse.TryLock() {
		return devices.Health{State: devices.StateBusy}
	}
	defer p.inUse.Unlock()
	listening, cancel := context.WithTimeout(ctx, listenTime)
	defer cancel()
	_, err := p.drain(listening)
	return usb.Health(err)
}

// Close implements [devices.Device].
func (p *Pad) Close() error {
	if err := p.device.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// Clear implements [devices.SignaturePad].
func (p *Pad) Clear(ctx context.Context) error {
	p.inUse.Lock()
	defer p.inUse.Unlock()
	if err := p.blank(ctx); err != nil {
		return failure("clear", err)
	}
	return nil
}

// blank makes the screen white, and waits until it is.
func (p *Pad) blank(ctx context.Context) error {
	if err := p.set(ctx, reportClearScreen, 0); err != nil {
		return err
	}
	return p.await(ctx)
}

// Show implements [devices.SignaturePad]. A picture that was cut short is not shown.
func (p *Pad) Show(ctx context.Context, picture image.Image) error {
	p.inUse.Lock()
	defer p.inUse.Unlock()
	if b := picture.Bounds(); b.Dx() != p.size.Width || b.Dy() != p.size.Height {
		return failure("show", fmt.Errorf("picture is %dx%d, the pad's screen %dx%d", b.Dx(), b.Dy(), p.size.Width, p.size.Height))
	}
	if err := p.send(ctx, encode(picture, p.format)); err != nil {
		p.set(context.WithoutCancel(ctx), reportEndImageData, abandon) // the first error says more than this one's
		return failure("show", err)
	}
	if err := p.await(ctx); err != nil {
		return failure("show", err)
	}
	return nil
}

// send uploads an encoded picture.
func (p *Pad) send(ctx context.Context, data []byte) error {
	if err := p.set(ctx, reportStartImageData, byte(p.format)); err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(len(data), blockSize)
		if err := p.set(ctx, reportImageDataBlock, imageBlock(data[:n])...); err != nil {
			return err
		}
		data = data[n:]
	}
	return p.set(ctx, reportEndImageData, commit)
}

// await waits until the pad is ready again.
func (p *Pad) await(ctx context.Context) error {
	const pause = 10 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(busyTime); time.Now().Before(deadline); {
		code, err := p.status(ctx)
		if err != nil || code == statusReady {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return devices.ErrTimeout
}

// status reads what the pad is doing.
func (p *Pad) status(ctx context.Context) (code byte, err error) {
	report, err := p.get(ctx, reportStatus, statusSize)
	if err != nil {
		return 0, err
	}
	if len(report) < statusSize {
		return 0, fmt.Errorf("%w: status report of %d bytes", devices.ErrProtocol, len(report))
	}
	return report[0], nil
}

// get reads a feature report of at most size bytes, and gives it without its id.
func (p *Pad) get(ctx context.Context, id byte, size int) ([]byte, error) {
	report := make([]byte, 1+size)
	n, err := p.device.GetReport(ctx, usb.Feature, id, report)
	if err != nil {
		return nil, err
	}
	if n == 0 || report[0] != id {
		return nil, fmt.Errorf("%w: not the report asked for", devices.ErrProtocol)
	}
	return report[1:n], nil
}

// set sends a feature report.
func (p *Pad) set(ctx context.Context, id byte, content ...byte) error {
	return p.device.SetReport(ctx, usb.Feature, id, 0, append([]byte{id}, content...))
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindSignaturePad, Op: op, Err: err}
}
