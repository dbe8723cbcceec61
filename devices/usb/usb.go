// Package usb is what Foyer's own USB drivers share: finding a device, holding it, and transfers that end.
//
// It stands on gousb, and so on libusb 1.0, and adds what the contract of package devices asks for: a read ends soon
// after its context does, Close ends a call that waits, and errors are those of package devices. It knows human
// interface devices (HID 1.11) as far as drivers need them: an interrupt endpoint to read, and reports over endpoint zero.
package usb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
)

// answerTime bounds a control transfer, which cannot be cancelled. USB 2.0, 9.2.6.4 gives a device 500 ms for a request
// with data.
const answerTime = 500 * time.Millisecond

// settleTime is how long a pulled cable may look like a broken transfer before the hub reports the device gone: a few
// polls of the hub, which come every 256 ms at most (USB 2.0, 11.12.1).
const settleTime = 600 * time.Millisecond

// Device is one USB device with its claimed interfaces. Its methods may be called from several goroutines.
type Device struct {
	context    *gousb.Context
	device     *gousb.Device
	config     *gousb.Config
	interfaces map[int]*gousb.Interface
	serial     string

	closing context.Context // ends when Close is called
	end     context.CancelFunc
	inUse   sync.RWMutex // read-held by every call, so that Close waits for them
	closed  bool
}

// Open opens the first device, by bus and port, that wanted takes and nobody else holds, takes its kernel driver off and
// claims the interfaces that it named. Errors: ErrNoDevice, ErrBusy, ErrUnplugged, ErrTimeout, ErrStopped, or libusb's
// own (no permission).
//
// Every Open has a libusb context of its own: without udev, a context knows only the devices that were there when it
// was made.
func Open(ctx context.Context, wanted func(*gousb.DeviceDesc) (interfaces []int, ok bool)) (*Device, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	bus, err := newContext()
	if err != nil {
		return nil, err
	}
	d, err := openOn(bus, wanted)
	if err != nil {
		bus.Close()
		return nil, err
	}
	return d, nil
}

// newContext makes gousb's panic an error: it panics where libusb cannot start.
func newContext() (bus *gousb.Context, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: libusb: %v", devices.ErrStopped, reason)
		}
	}()
	return gousb.NewContext(), nil
}

// find opens all that is wanted. A device whose descriptors make gousb panic is an error, not the end of the station.
func find(bus *gousb.Context, wanted func(*gousb.DeviceDesc) ([]int, bool)) (found []*gousb.Device, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: descriptors of a device on the bus: %v", devices.ErrProtocol, reason)
		}
	}()
	return bus.OpenDevices(func(desc *gousb.DeviceDesc) bool {
		_, ok := wanted(desc)
		return ok
	})
}

// openOn opens all that is wanted, keeps the first that can be claimed, and lets the others go.
func openOn(bus *gousb.Context, wanted func(*gousb.DeviceDesc) ([]int, bool)) (*Device, error) {
	found, err := find(bus, wanted)
	slices.SortFunc(found, func(a, b *gousb.Device) int {
		return cmp.Or(cmp.Compare(a.Desc.Bus, b.Desc.Bus), slices.Compare(a.Desc.Path, b.Desc.Path))
	})
	var held *Device
	failure := translate(err)
	for _, device := range found {
		if held == nil {
			interfaces, _ := wanted(device.Desc)
			held, err = hold(bus, device, interfaces)
			if err == nil {
				continue
			}
			failure = err
		}
		device.Close()
	}
	switch {
	case held != nil:
		return held, nil
	case failure != nil:
		return nil, failure
	}
	return nil, devices.ErrNoDevice
}

// hold claims the interfaces of an open device.
func hold(bus *gousb.Context, device *gousb.Device, interfaces []int) (*Device, error) {
	device.ControlTimeout = answerTime
	if err := device.SetAutoDetach(true); err != nil {
		return nil, translate(err)
	}
	number, err := device.ActiveConfigNum()
	if err != nil {
		return nil, translate(err)
	}
	config, err := device.Config(number)
	if err != nil {
		return nil, translate(err)
	}
	d := &Device{context: bus, device: device, config: config, interfaces: map[int]*gousb.Interface{}}
	if err := d.claim(interfaces); err != nil {
		d.letGo()
		return nil, err
	}
	d.serial, _ = device.SerialNumber() // a device without one is as good
	d.closing, d.end = context.WithCancel(context.Background())
	return d, nil
}

func (d *Device) claim(interfaces []int) error {
	for _, i := range interfaces {
		if i >= len(d.config.Desc.Interfaces) { // gousb takes the number for an index, and panics
			return fmt.Errorf("%w: no interface %d", devices.ErrProtocol, i)
		}
		claimed, err := d.config.Interface(i, 0)
		if err != nil {
			return translate(err)
		}
		d.interfaces[i] = claimed
	}
	return nil
}

// letGo releases the interfaces.
func (d *Device) letGo() {
	for _, i := range d.interfaces {
		i.Close()
	}
	d.config.Close()
}

// Product is the device's USB product id.
func (d *Device) Product() uint16 { return uint16(d.device.Desc.Product) }

// Serial is the device's serial number, empty if it has none.
func (d *Device) Serial() string { return d.serial }

// Path is where the device is attached, as Linux names it: "usb 1-2.3".
func (d *Device) Path() string {
	ports := make([]string, len(d.device.Desc.Path))
	for i, port := range d.device.Desc.Path {
		ports[i] = fmt.Sprint(port)
	}
	return fmt.Sprintf("usb %d-%s", d.device.Desc.Bus, strings.Join(ports, "."))
}

// Endpoint finds the one endpoint of a claimed interface with that direction.
func (d *Device) Endpoint(number int, direction gousb.EndpointDirection) (gousb.EndpointDesc, bool) {
	for _, e := range d.interfaces[number].Setting.Endpoints {
		if e.Direction == direction {
			return e, true
		}
	}
	return gousb.EndpointDesc{}, false
}

// Read waits for one packet from an endpoint of a claimed interface; buffer must hold a whole one. It ends with ctx's
// error, ErrClosed, ErrUnplugged or ErrProtocol.
func (d *Device) Read(ctx context.Context, number int, endpoint gousb.EndpointDesc, buffer []byte) (int, error) {
	var n int
	err := d.during(ctx, func(ctx context.Context) error {
		in, err := d.interfaces[number].InEndpoint(endpoint.Number)
		if err != nil {
			return err
		}
		n, err = in.ReadContext(ctx, buffer)
		return err
	})
	return n, err
}

// Write sends one packet to an endpoint of a claimed interface. Errors as of [Device.Read], and ErrTimeout.
func (d *Device) Write(ctx context.Context, number int, endpoint gousb.EndpointDesc, packet []byte) error {
	return d.during(ctx, func(ctx context.Context) error {
		out, err := d.interfaces[number].OutEndpoint(endpoint.Number)
		if err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		_, err = out.WriteContext(limited, packet)
		return err
	})
}

// Report is the kind of a HID report, as the high byte of a request's value (HID 1.11, 7.2.1).
type Report uint16

// The kinds of report that go over endpoint zero.
const (
	Output  Report = 2
	Feature Report = 3
)

// GetReport asks interface 0 for a report; the answer begins with its id. It gives the number of bytes. Errors:
// ErrTimeout, ErrProtocol, ErrUnplugged, ErrClosed.
func (d *Device) GetReport(ctx context.Context, kind Report, id byte, buffer []byte) (int, error) {
	const fromInterface, getReport = 0xa1, 0x01
	return d.control(ctx, fromInterface, getReport, uint16(kind)<<8|uint16(id), 0, buffer)
}

// SetReport sends a report to an interface; if it has an id it begins with it. Errors as of [Device.GetReport].
func (d *Device) SetReport(ctx context.Context, kind Report, id byte, number int, report []byte) error {
	const toInterface, setReport = 0x21, 0x09
	_, err := d.control(ctx, toInterface, setReport, uint16(kind)<<8|uint16(id), uint16(number), report)
	return err
}

// Probe asks for the device's status (USB 2.0, 9.4.5), which every device answers and which changes nothing.
func (d *Device) Probe(ctx context.Context) error {
	const fromDevice, getStatus = 0x80, 0x00
	_, err := d.control(ctx, fromDevice, getStatus, 0, 0, make([]byte, 2))
	return err
}

func (d *Device) control(ctx context.Context, kind, request uint8, value, index uint16, data []byte) (int, error) {
	var n int
	err := d.during(ctx, func(context.Context) (err error) {
		n, err = d.device.Control(kind, request, value, index, data)
		return err
	})
	return max(n, 0), err
}

// during makes one transfer while the device is held open, and gives its error in the words of package devices.
func (d *Device) during(ctx context.Context, transfer func(context.Context) error) error {
	d.inUse.RLock()
	defer d.inUse.RUnlock()
	if d.closed || d.closing.Err() != nil {
		return devices.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.closing, cancel)()
	err := transfer(waiting)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gousb.TransferCancelled) && d.closing.Err() != nil:
		return devices.ErrClosed
	case errors.Is(err, gousb.TransferCancelled) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, gousb.TransferError), errors.Is(err, gousb.ErrorIO):
		return d.settle(ctx)
	}
	return translate(err)
}

// settle finds out whether a broken transfer was a pulled cable. It takes its time even where the caller's is up: a device whose
// transfers break would else pass for one that has nothing to say.
func (d *Device) settle(ctx context.Context) error {
	const pause = 20 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(settleTime); time.Now().Before(deadline); {
		_, err := d.device.Control(0x80, 0, 0, 0, make([]byte, 2))
		if errors.Is(translate(err), devices.ErrUnplugged) {
			return devices.ErrUnplugged
		}
		select {
		case <-tick.C:
		case <-d.closing.Done():
			return devices.ErrClosed
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w: broken transfer", devices.ErrProtocol)
}

// Close ends the calls that wait, then releases the device. It may be called twice.
func (d *Device) Close() error {
	d.end()
	d.inUse.Lock()
	defer d.inUse.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	d.letGo()
	return errors.Join(d.device.Close(), d.context.Close())
}
