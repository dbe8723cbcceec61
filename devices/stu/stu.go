// Package stu drives Wacom STU signature pads: STU-300, 430, 500, 520A, 530 and 540 over USB, and those that have a serial line
// (430V, 540) along that.
//
//	pads := stu.New(stu.Config{})
//	pad, err := pads.Open(ctx)
//
// What a pad says and takes stands in package protocol; here it is done. Geometry, formats of pictures, lengths of reports and which
// there are at all are asked from the pad, so that models differ in nothing else here.
//
// What is written is encrypted on its way to the host wherever the pad can: by RSA and AES with newer pads, by Diffie-Hellman and AES
// with older ones, under a key that lasts as long as one capture. [Config] says whether a pad may do without.
//
// On Linux the kernel's wacom driver binds a pad at the USB bus; it is detached while the pad is open. A picture goes over endpoint
// zero, at most 253 bytes at a time to most pads, and 64 at a time on the wire (USB 2.0, 5.5.3: at full speed at most 832,000 bytes a
// second, so that 800 x 480 pixels in 24 bits take 1.4 s at best). So only what differs from what the pad shows is sent, black and
// white as one bit a pixel, compressed where the pad says that it takes that. The faster bulk way is not documented in public.
package stu

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/usb"
)

// Encryption says what becomes of a pad that does not encrypt what is written.
type Encryption string

// What may be wanted.
const (
	Preferred Encryption = "preferred" // encrypted where the pad can, in clear where it cannot; the zero value is this
	Required  Encryption = "required"  // a pad that cannot is not opened
	Off       Encryption = "off"       // never
)

// Config is how pads are to be used.
type Config struct {
	Encryption Encryption
}

// Driver opens pads. It may be used by several goroutines.
type Driver struct {
	config Config
	key    func() (*rsa.PrivateKey, error) // the host's, made when the first pad asks for it, and never kept anywhere
}

// New makes a driver.
func New(c Config) *Driver {
	return &Driver{config: c, key: sync.OnceValues(func() (*rsa.PrivateKey, error) {
		return rsa.GenerateKey(rand.Reader, protocol.RSABits)
	})}
}

// ErrTLS says that there is a pad on the bus that cannot be talked to.
var ErrTLS = fmt.Errorf("%w: the Wacom STU-541 speaks TLS alone, which no public source describes", devices.ErrUnsupported)

// What a technician is told of a pad.
const (
	saysInClear     devices.Key = "pad.in_clear"
	remedyEncrypted devices.Key = "remedy.pad_encryption" // firmware, or configuration
)

// busyTime is how long the pad may take to finish what it was told.
const busyTime = 5 * time.Second

// listenTime is how long a pad that nobody uses is listened to at most: as long as it takes to say nonsenseLimit times
// nothing that makes sense.
const listenTime = 500 * time.Millisecond

// Pad is an open signature pad. It belongs to one caller at a time, except Health and Close.
type Pad struct {
	turn       devices.Turn
	wire       wire
	driver     *Driver
	info       devices.Info
	capability protocol.Capability
	option     byte            // what a sample is to bear beside the pen
	cipher     cipher          // how what is written is encrypted
	drained    bool            // nothing that bears a stamp is left in the pad
	sheet      *image.RGBA     // what the pad was last told to show
	shown      *image.RGBA     // what it shows; nil where that is not known
	paper      image.Rectangle // where the pen leaves ink; empty where that is not known
}

var _ devices.SignaturePad = (*Pad)(nil)

// Open opens the first pad on the USB bus that nobody else holds, and that the filters let pass. Errors: ErrNoDevice, ErrBusy,
// ErrTimeout, ErrProtocol, ErrUnplugged, ErrStopped, ErrTLS, ErrInClear.
func (d *Driver) Open(ctx context.Context, only ...usb.Only) (*Pad, error) {
	h, err := openHID(ctx, only)
	if err != nil {
		return nil, failure("open", err)
	}
	return d.begin(ctx, h)
}

// begin makes a pad of an open way to it.
func (d *Driver) begin(ctx context.Context, w wire) (*Pad, error) {
	p := &Pad{wire: w, driver: d}
	if err := p.introduce(ctx); err != nil {
		w.Close()
		return nil, failure("open", err)
	}
	return p, nil
}

// introduce asks the pad who it is, and leaves its ink off and its screen white whatever was before: a program that ended while
// somebody signed left that signature there.
func (p *Pad) introduce(ctx context.Context) error {
	if err := p.identify(ctx); err != nil {
		return err
	}
	if err := p.quiet(ctx); err != nil {
		return err
	}
	if err := p.blank(ctx); err != nil {
		return err
	}
	return p.chooseCipher(ctx)
}

// quiet ends what an earlier program began: its picture, its capture and its ink.
func (p *Pad) quiet(ctx context.Context) error {
	code, err := p.status(ctx)
	if err != nil {
		return err
	}
	switch code {
	case protocol.StatusImage:
		err = p.set(ctx, protocol.EndImageData, protocol.Abandon)
	case protocol.StatusCapture:
		err = p.set(ctx, protocol.EndCapture, 0)
	}
	if err != nil {
		return err
	}
	return p.set(ctx, protocol.InkingMode, 0)
}

// identify asks for capability, model, firmware and serial number.
func (p *Pad) identify(ctx context.Context) error {
	content, err := p.wire.get(ctx, protocol.CapabilityReport, protocol.CapabilitySize)
	if err != nil {
		return err
	}
	if p.capability, err = protocol.DecodeCapability(content); err != nil {
		return err
	}
	if content, err = p.wire.get(ctx, protocol.Information, protocol.InformationSize); err != nil {
		return err
	}
	model, firmware, err := protocol.DecodeInformation(content)
	if err != nil {
		return err
	}
	product, serial, path := p.wire.info()
	if serial == "" {
		if serial, err = p.serialNumber(ctx); err != nil {
			return err
		}
	}
	if err := p.askForRate(ctx); err != nil {
		return err
	}
	p.capability.Encodings = encodings(p.capability.Encodings, product)
	p.info = devices.Info{Kind: devices.KindSignaturePad, Model: "Wacom " + model, Serial: serial, Firmware: firmware, Path: path}
	return p.chooseOption(ctx)
}

// chooseOption finds out what the pad can have its samples bear. Some firmware has the report and refuses it.
func (p *Pad) chooseOption(ctx context.Context) error {
	p.option = bestOption(p.wire.sizes())
	_, err := p.setOption(ctx, protocol.OptionNone)
	if errors.Is(err, devices.ErrProtocol) {
		p.option, err = protocol.OptionNone, nil
	}
	return err
}

// askForRate asks a pad with a serial line how many samples a second it sends; the capability report says how many it could.
func (p *Pad) askForRate(ctx context.Context) error {
	if !p.wire.sizes().Has(protocol.ReportRate) {
		return nil
	}
	content, err := p.wire.get(ctx, protocol.ReportRate, 1)
	switch {
	case errors.Is(err, devices.ErrProtocol): // it does not say
		return nil
	case err == nil && len(content) == 1:
		p.capability.Rate = int(content[0])
	}
	return err
}

// serialNumber is the number that the pad itself keeps, of those that it has the one that its maker gave: the UID can be set by anyone.
func (p *Pad) serialNumber(ctx context.Context) (string, error) {
	sizes := p.wire.sizes()
	for _, r := range []protocol.Report{protocol.ESerial, protocol.UID2} {
		if !sizes.Has(r) {
			continue
		}
		content, err := p.wire.get(ctx, r, sizes[r])
		if err != nil && !errors.Is(err, devices.ErrProtocol) {
			return "", err
		}
		if number := protocol.Text(content); number != "" {
			return number, nil
		}
	}
	const uidSize = 4
	content, err := p.wire.get(ctx, protocol.UID, uidSize)
	if err != nil || len(content) < uidSize {
		if errors.Is(err, devices.ErrProtocol) {
			err = nil
		}
		return "", err
	}
	return fmt.Sprintf("%08x", content[:uidSize]), nil
}

// bestOption is what a pad with these reports can have its samples bear.
func bestOption(sizes protocol.Sizes) byte {
	switch {
	case !sizes.Has(protocol.PenDataOptionMode):
		return protocol.OptionNone
	case sizes.Has(protocol.PenDataTimed):
		return protocol.OptionTimeAndSequence
	case sizes.Has(protocol.PenDataOption):
		return protocol.OptionSequence
	}
	return protocol.OptionNone
}

// Info implements [devices.Device].
func (p *Pad) Info() devices.Info { return p.info }

// Size implements [devices.SignaturePad].
func (p *Pad) Size() devices.PadSize { return p.capability.PadSize }

// Traits implements [devices.SignaturePad].
func (p *Pad) Traits() devices.PadTraits {
	return devices.PadTraits{Screen: true, Rate: p.capability.Rate, Encrypted: p.cipher != inClear, Counts: p.option != protocol.OptionNone}
}

// Health implements [devices.Device]: it reads the pad's status report, and listens for a moment to a pad that nobody uses:
// one that refuses, or says nonsense without end, would fail the next visitor.
func (p *Pad) Health(ctx context.Context) devices.Health {
	if _, err := p.status(ctx); err != nil {
		return devices.HealthOfProbe(err)
	}
	return p.turn.Look(ctx, func() devices.Health { return p.listen(ctx) })
}

// listen is the health of a pad that has answered, and that nobody uses.
func (p *Pad) listen(ctx context.Context) devices.Health {
	listening, cancel := context.WithTimeout(ctx, listenTime)
	defer cancel()
	_, err := p.drain(listening)
	if h := devices.HealthOfProbe(err); h.State != devices.StateOnline || p.cipher != inClear || p.driver.config.Encryption == Off {
		return h
	}
	return devices.Health{State: devices.StateDegraded, Reason: devices.Say(saysInClear), Remedy: devices.Say(remedyEncrypted)}
}

// Close implements [devices.Device].
func (p *Pad) Close() error {
	if err := p.wire.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// await waits until the pad has finished what it was told.
func (p *Pad) await(ctx context.Context) error {
	const pause = 10 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(busyTime); time.Now().Before(deadline); {
		code, err := p.status(ctx)
		if err != nil || code == protocol.StatusReady || code == protocol.StatusCapture {
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
	content, err := p.wire.get(ctx, protocol.Status, protocol.StatusSize)
	if err != nil {
		return 0, err
	}
	if len(content) < protocol.StatusSize {
		return 0, fmt.Errorf("%w: status report of %d bytes", devices.ErrProtocol, len(content))
	}
	return content[0], nil
}

// set sends a report.
func (p *Pad) set(ctx context.Context, r protocol.Report, content ...byte) error {
	return p.wire.set(ctx, r, content)
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindSignaturePad, Op: op, Err: err}
}
