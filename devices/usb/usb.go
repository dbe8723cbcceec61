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
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
)

// answerTime bounds a control transfer, which cannot be cancelled. USB 2.0, 9.2.6.4 gives a device 500 ms for a request
// with data.
const answerTime = 500 * time.Millisecond

// Device is one USB device with its claimed interfaces. Its methods may be called from several goroutines.
type Device struct {
	context    *gousb.Context
	device     *gousb.Device
	config     *gousb.Config
	interfaces map[int]*gousb.Interface
	serial     string

	closing  context.Context // ends when Close is called, or the device is given up
	end      context.CancelFunc
	inUse    sync.RWMutex  // read-held by every transfer, so that release waits for them
	closed   bool          // guarded by inUse
	released chan struct{} // closed when release is done
	failure  error         // of release, before released is closed
	stuck    atomic.Bool   // a transfer did not end, and the device was given up
}

// Open opens the first device, by bus and port, that wanted takes and nobody else holds, takes its kernel driver off and
// claims the interfaces that it named. Errors: ErrNoDevice, ErrBusy, ErrUnplugged, ErrTimeout, ErrStopped, or libusb's
// own (no permission). Of several filters each must let a device pass.
//
// Every Open has a libusb context of its own: without udev, a context knows only the devices that were there when it
// was made.
func Open(ctx context.Context, wanted func(*gousb.DeviceDesc) (interfaces []int, ok bool), only ...Only) (*Device, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	bus, err := newContext()
	if err != nil {
		return nil, err
	}
	d, err := openOn(bus, wanted, only)
	if err != nil {
		bus.Close()
		return nil, err
	}
	if err := d.introduce(ctx); err != nil {
		d.Close()
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

// find opens all that is wanted. A device whose descriptors make gousb panic is an error, not the end of the station: gousb 1.1.3 trusts
// their counts. What it has opened when it panics can never be closed, so nothing is opened before everything was listed once.
func find(bus *gousb.Context, wanted func(*gousb.DeviceDesc) ([]int, bool)) (found []*gousb.Device, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: descriptors of a device on the bus: %v", devices.ErrProtocol, reason)
		}
	}()
	any := false
	_, err = bus.OpenDevices(func(desc *gousb.DeviceDesc) bool {
		_, ok := wanted(desc)
		any = any || ok
		return false
	})
	if !any {
		return nil, err
	}
	return bus.OpenDevices(func(desc *gousb.DeviceDesc) bool {
		_, ok := wanted(desc)
		return ok
	})
}

// openOn opens all that is wanted, keeps the first that can be claimed, and lets the others go.
func openOn(bus *gousb.Context, wanted func(*gousb.DeviceDesc) ([]int, bool), only []Only) (*Device, error) {
	found, err := find(bus, func(desc *gousb.DeviceDesc) ([]int, bool) {
		interfaces, ok := wanted(desc)
		return interfaces, ok && !slices.ContainsFunc(only, func(o Only) bool { return !o.here(desc) })
	})
	slices.SortFunc(found, func(a, b *gousb.Device) int {
		return cmp.Or(cmp.Compare(a.Desc.Bus, b.Desc.Bus), slices.Compare(a.Desc.Path, b.Desc.Path))
	})
	var held *Device
	failure := translate(err)
	for _, device := range found {
		if held == nil {
			held, err = holdIf(bus, device, wanted, only)
			if held != nil {
				continue
			}
			if err != nil {
				failure = err
			}
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

// holdIf holds an open device that passes the filters; without an error it did not.
func holdIf(bus *gousb.Context, device *gousb.Device, wanted func(*gousb.DeviceDesc) ([]int, bool), only []Only) (*Device, error) {
	for _, o := range only {
		if is, err := o.is(device); err != nil || !is {
			return nil, err
		}
	}
	interfaces, _ := wanted(device.Desc)
	d, err := hold(bus, device, interfaces)
	return d, devices.HeldAt(nodeOf(device.Desc), err)
}

// nodeOf is a device's node, as udev makes it.
func nodeOf(desc *gousb.DeviceDesc) string {
	return fmt.Sprintf("/dev/bus/usb/%03d/%03d", desc.Bus, desc.Address)
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
	config.Desc.Interfaces = byNumber(config.Desc.Interfaces)
	d := &Device{context: bus, device: device, config: config, interfaces: map[int]*gousb.Interface{}, released: make(chan struct{})}
	if err := d.claim(interfaces); err != nil {
		d.letGo()
		return nil, err
	}
	d.closing, d.end = context.WithCancel(context.Background())
	context.AfterFunc(d.closing, d.release)
	return d, nil
}

// introduce asks for the serial number. A device without one is as good; one that had to be given up is none.
func (d *Device) introduce(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var serial string
	_, err := d.attempt(limited, func(context.Context) (n int, err error) {
		serial, err = d.device.SerialNumber()
		return len(serial), err
	})
	if d.closing.Err() != nil {
		return err
	}
	d.serial = serial
	return nil
}

func (d *Device) claim(interfaces []int) error {
	for _, i := range interfaces {
		if i < 0 || i >= len(d.config.Desc.Interfaces) || d.config.Desc.Interfaces[i].AltSettings == nil {
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

// byNumber puts each interface at the index of its number, for gousb 1.1.3 takes the number for an index when it claims one. A
// device may leave numbers out, or tell them in any order.
func byNumber(interfaces []gousb.InterfaceDesc) []gousb.InterfaceDesc {
	var all []gousb.InterfaceDesc
	for _, i := range interfaces {
		for len(all) <= i.Number { // at most 255, a byte of the descriptor
			all = append(all, gousb.InterfaceDesc{Number: len(all)})
		}
		if all[i.Number].AltSettings == nil {
			all[i.Number] = i
		}
	}
	return all
}

// letGo releases the interfaces.
func (d *Device) letGo() {
	for _, i := range d.interfaces {
		i.Close()
	}
	d.config.Close()
}

// Descriptor is what the device says of itself; it must not be changed.
func (d *Device) Descriptor() *gousb.DeviceDesc { return d.device.Desc }

// Product is the device's USB product id.
func (d *Device) Product() uint16 { return uint16(d.device.Desc.Product) }

// Serial is the device's serial number, empty if it has none.
func (d *Device) Serial() string { return d.serial }

// Path is where the device is attached, as Linux names it: "usb 1-2.3".
func (d *Device) Path() string { return PathOf(d.device.Desc) }

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
	packet := make([]byte, len(buffer))
	n, err := d.during(ctx, noLimit, func(ctx context.Context) (int, error) {
		in, err := d.interfaces[number].InEndpoint(endpoint.Number)
		if err != nil {
			return 0, err
		}
		return in.ReadContext(ctx, packet)
	})
	return copy(buffer, packet[:n]), err
}

// Write sends one packet to an endpoint of a claimed interface. Errors as of [Device.Read], and ErrTimeout.
func (d *Device) Write(ctx context.Context, number int, endpoint gousb.EndpointDesc, packet []byte) error {
	packet = slices.Clone(packet)
	_, err := d.during(ctx, answerTime, func(ctx context.Context) (int, error) {
		out, err := d.interfaces[number].OutEndpoint(endpoint.Number)
		if err != nil {
			return 0, err
		}
		return out.WriteContext(ctx, packet)
	})
	return err
}

// Report is the kind of a HID report, as the high byte of a request's value (HID 1.11, 7.2.1).
type Report uint16

// The kinds of report that go over endpoint zero.
const (
	Output  Report = 2
	Feature Report = 3
)

// GetReport asks an interface for a report; the answer begins with its id. It gives the number of bytes. Errors:
// ErrTimeout, ErrProtocol, ErrUnplugged, ErrClosed.
func (d *Device) GetReport(ctx context.Context, kind Report, id byte, number int, buffer []byte) (int, error) {
	const fromInterface, getReport = 0xa1, 0x01
	return d.control(ctx, fromInterface, getReport, uint16(kind)<<8|uint16(id), uint16(number), buffer)
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

// control makes a transfer over endpoint zero.
func (d *Device) control(ctx context.Context, kind, request uint8, value, index uint16, data []byte) (int, error) {
	packet := slices.Clone(data)
	n, err := d.during(ctx, answerTime, func(context.Context) (int, error) {
		n, err := d.device.Control(kind, request, value, index, packet)
		return max(n, 0), err
	})
	return copy(data, packet[:n]), err
}

// Close ends the calls that wait, then releases the device. It may be called twice. A device of which a transfer does not
// end is left to [Device.release]; then the error is ErrTimeout.
func (d *Device) Close() error {
	d.end()
	if !d.stuck.Load() {
		select {
		case <-d.released:
		case <-time.After(giveUpTime):
			d.stuck.Store(true)
		}
	}
	select {
	case <-d.released:
		return d.failure
	default:
		return errStuck
	}
}

// release waits for the transfers that are under way, and releases the device. It runs once, on a goroutine of its own, when the
// device is closed or given up. While a transfer does not end it waits: libusb must not be closed below one.
func (d *Device) release() {
	d.inUse.Lock()
	defer d.inUse.Unlock()
	d.closed = true
	d.letGo()
	d.failure = errors.Join(d.device.Close(), d.context.Close())
	close(d.released)
}
