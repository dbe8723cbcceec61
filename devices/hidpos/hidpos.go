// Package hidpos drives imaging scanners that keep to the USB-IF's HID Point of Sale Usage Tables 1.02 (usage page 8C, bar code
// scanners): those by Honeywell, Hand Held Products and Access-IS among them. One that reads OCR too gives the machine-readable zone
// of a document that is held before it; what it reads of bar codes is given as well.
//
// Which values its reports have, and where, is read from the scanner's own report descriptor: a byte count, three characters of AIM
// symbology identifier, data, a bit that says that more follows. Access-IS prints the same report in its manuals (LSR118, appendix
// B), and Honeywell's scanners are known to send it.
//
// A scanner whose descriptor has a trigger is triggered while somebody waits, by the usages "initiate" and "prevent bar code read"; a
// Honeywell scanner by its serial commands, which it takes as report FD. One that has neither reads whatever it sees; what it read
// before anybody asked is thrown away.
package hidpos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usb"
)

// Vendors of scanners.
const (
	honeywell = 0x0c2e
	handHeld  = 0x0536
	accessIS  = 0x0db5
)

// IDs are the scanners that are looked for. A vendor's other products are looked at as well, and taken for a scanner if their report
// descriptors say so.
func IDs() []usb.ID {
	return []usb.ID{
		{Vendor: honeywell, Product: 0x0b8f, Model: "Honeywell Voyager 1400g"},
		{Vendor: honeywell, Model: "Honeywell scanner"},
		{Vendor: handHeld, Model: "Hand Held Products scanner"},
		{Vendor: accessIS, Product: 0x012a, Model: "Access-IS LSR110"},
		{Vendor: accessIS, Product: 0x012b, Model: "Access-IS bar code imager"},
		{Vendor: accessIS, Product: 0x013b, Model: "Access-IS LSR116"},
	}
}

// Config is which scanner to use.
type Config struct {
	// Also is one more scanner to look for, of a vendor that [IDs] does not have; none where its Vendor is 0.
	Also usb.ID
}

// messageTime is a scanner's longest pause between two reports of one scan.
const messageTime = 2 * time.Second

// Scanner is an open scanner. It belongs to one caller at a time, except Health and Close.
type Scanner struct {
	turn   devices.Turn
	device *usb.Device
	source usb.Source
	layout layout
	out    *gousb.EndpointDesc // where output reports go; nil over endpoint zero
	info   devices.Info
}

var _ devices.MRZReader = (*Scanner)(nil)

// Open opens the first scanner that nobody else holds, and that the filters let pass. Errors: ErrNoDevice, ErrBusy, ErrTimeout, ErrProtocol, ErrUnplugged,
// ErrStopped.
func Open(ctx context.Context, c Config, only ...usb.Only) (*Scanner, error) {
	known := IDs()
	if c.Also.Vendor != 0 {
		known = append([]usb.ID{c.Also}, known...)
	}
	s := &Scanner{}
	other := "" // where a device is that could be a scanner, and does not speak as one
	wanted := func(desc *gousb.DeviceDesc) ([]int, bool) {
		if _, ok := idOf(known, desc); !ok {
			return nil, false
		}
		i, ok := scanning(desc)
		if !ok {
			other = usb.PathOf(desc)
		}
		return []int{i.Number}, ok
	}
	device, err := usb.OpenFitting(ctx, wanted, func(ctx context.Context, device *usb.Device) error { return s.fits(ctx, device, known) }, only...)
	if other != "" && errors.Is(err, devices.ErrNoDevice) {
		err = noScanner(other)
	}
	if err != nil {
		return nil, failure("open", err)
	}
	s.device = device
	return s, nil
}

// What a technician is told of a scanner that is set to be something else, a keyboard most often.
const (
	saysMode devices.Key = "scanner.mode"       // path
	setMode  devices.Key = "remedy.set_scanner" // by its maker's menu codes
)

// noScanner is the error of a device of a scanner's vendor that is none by its descriptors.
func noScanner(path string) error {
	return &devices.Told{Err: protocol(errNoScanner), Reason: devices.Say(saysMode).With("path", path), Remedy: devices.Say(setMode)}
}

func idOf(known []usb.ID, desc *gousb.DeviceDesc) (usb.ID, bool) {
	i := slices.IndexFunc(known, func(id usb.ID) bool {
		return desc.Vendor == gousb.ID(id.Vendor) && (id.Product == 0 || desc.Product == gousb.ID(id.Product))
	})
	if i < 0 {
		return usb.ID{}, false
	}
	return known[i], true
}

// scanning is the interface that can be a scanner's: the first human interface that can be read from and is no keyboard. Some scanners
// have a keyboard before it.
func scanning(desc *gousb.DeviceDesc) (usb.HIDInterface, bool) {
	all := usb.HIDInterfaces(desc)
	i := slices.IndexFunc(all, func(i usb.HIDInterface) bool { return !i.IsTyping && len(i.In) > 0 })
	if i < 0 {
		return usb.HIDInterface{}, false
	}
	return all[i], true
}

// fits takes the device for the scanner if its report descriptor says that it is one, and has it wait to be asked.
func (s *Scanner) fits(ctx context.Context, device *usb.Device, known []usb.ID) error {
	id, _ := idOf(known, device.Descriptor())
	place, _ := scanning(device.Descriptor())
	s.device, s.out = device, nil
	s.source = usb.Source{Device: device, Interface: place.Number, Endpoint: place.In[0]}
	if len(place.Out) > 0 {
		s.out = &place.Out[0]
	}
	s.info = devices.Info{Kind: devices.KindMRZReader, Model: id.Model, Serial: device.Serial(), Path: device.Path()}
	reports, err := device.Reports(ctx, place.Number)
	if err != nil {
		return err
	}
	if s.layout, err = layoutOf(reports, id.Vendor); err != nil {
		return noScanner(device.Path())
	}
	if s.source.Endpoint.MaxPacketSize < s.layout.size {
		return protocol(errReport)
	}
	if mode := s.layout.mode; mode != nil {
		if err := device.SetReport(ctx, usb.Feature, mode[0], place.Number, mode); err != nil {
			return err
		}
	}
	return s.trigger(ctx, false)
}

// trigger begins or ends reading; it does nothing to a scanner that has no trigger.
func (s *Scanner) trigger(ctx context.Context, on bool) error {
	report := s.layout.release
	if on {
		report = s.layout.trigger
	}
	switch {
	case report == nil:
		return nil
	case s.out != nil:
		return s.device.Write(ctx, s.source.Interface, *s.out, report)
	}
	return s.device.SetReport(ctx, usb.Output, report[0], s.source.Interface, report)
}

// Info implements [devices.Device].
func (s *Scanner) Info() devices.Info { return s.info }

// Health implements [devices.Device]. A scanner that nobody uses is told again that nothing is to be read, and listened to for a moment.
func (s *Scanner) Health(ctx context.Context) devices.Health {
	if err := s.device.Probe(ctx); err != nil {
		return devices.HealthOfProbe(err)
	}
	return s.turn.Look(ctx, func() devices.Health {
		err := s.trigger(ctx, false)
		if err == nil {
			err = s.source.Drain(ctx)
		}
		return devices.HealthOfProbe(err)
	})
}

// Close implements [devices.Device].
func (s *Scanner) Close() error {
	if err := s.device.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// ReadMRZ implements [devices.MRZReader]. Bar codes and other print that is held before the scanner meanwhile are passed over. A scan
// that arrives broken is ErrProtocol, one that stops half-way ErrTimeout, and a zone of other lines than a document's ErrUnreadable.
func (s *Scanner) ReadMRZ(ctx context.Context) ([]string, error) {
	var lines []string
	err := s.scanUntil(ctx, func(scan Scan) (bool, error) {
		if !scan.isZone() {
			return false, nil
		}
		var err error
		lines, err = scan.lines()
		return true, err
	})
	if err != nil {
		return nil, failure("read mrz", err)
	}
	return lines, nil
}

// ReadCode waits for a bar code, of whatever kind, as a visitor holds it before the scanner: of an appointment letter or an
// enrolment. Machine-readable zones are passed over. Errors as of ReadMRZ.
func (s *Scanner) ReadCode(ctx context.Context) (Scan, error) {
	var code Scan
	err := s.scanUntil(ctx, func(scan Scan) (bool, error) {
		code = scan
		return !scan.isZone(), nil
	})
	if err != nil {
		return Scan{}, failure("read code", err)
	}
	return code, nil
}

// scanUntil reads until take says that it has what it wants.
func (s *Scanner) scanUntil(ctx context.Context, take func(Scan) (bool, error)) error {
	defer s.turn.Use()()
	err := s.scan(ctx, take)
	if off := s.trigger(context.WithoutCancel(ctx), false); err == nil {
		err = off
	}
	return err
}

func (s *Scanner) scan(ctx context.Context, take func(Scan) (bool, error)) error {
	if err := s.source.Drain(ctx); err != nil {
		return err
	}
	if err := s.trigger(ctx, true); err != nil {
		return err
	}
	d := decoder{layout: s.layout}
	report := s.source.Buffer()
	for {
		n, err := s.next(ctx, &d, report)
		if err != nil {
			return err
		}
		scan, complete, err := d.report(report[:n])
		if err != nil {
			return protocol(err)
		}
		if !complete {
			continue
		}
		if done, err := take(scan); done || err != nil {
			return err
		}
		if err := s.trigger(ctx, true); err != nil { // a scan ends what a trigger began
			return err
		}
	}
}

// next waits for a report: as long as it takes between scans, and not long within one.
func (s *Scanner) next(ctx context.Context, d *decoder, report []byte) (int, error) {
	if d.waiting {
		return s.source.Within(ctx, messageTime, report)
	}
	return s.source.Read(ctx, report)
}

func protocol(err error) error {
	if errors.Is(err, devices.ErrProtocol) {
		return err
	}
	return fmt.Errorf("%w: %w", devices.ErrProtocol, err)
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindMRZReader, Op: op, Err: err}
}
