package usb_test

import (
	"errors"
	"testing"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// mute is a device that answers nothing beyond its descriptors.
type mute struct{}

func (mute) Handle(t *usb.Transfer) { t.Complete(usb.Stalled, nil) }
func (mute) Cancel(*usb.Transfer)   {}
func (mute) Reset()                 {}

// withInterfaces is a device with interfaces of these numbers, in this order.
func withInterfaces(numbers ...byte) *usb.Device {
	d := &usb.Device{Vendor: 1, Product: 2, Manufacturer: "m", Name: "n", Serial: "s", Model: mute{}}
	for _, n := range numbers {
		endpoints := []usb.Endpoint{{Address: 0x80 | (n+1)&0xf, MaxPacket: 8, Interval: 4}}
		d.Interfaces = append(d.Interfaces, usb.Interface{Number: n, Endpoints: endpoints})
	}
	return d
}

// open opens the only device on a bus, and its interfaces of those numbers.
func open(t *testing.T, device *usb.Device, interfaces ...int) (*driver.Device, error) {
	t.Helper()
	return openAt(t, usbtest.NewBed(t), "1", device, interfaces...)
}

// openAt plugs a device in, and opens the first that is free.
func openAt(t *testing.T, bed *usb.Bed, port string, device *usb.Device, interfaces ...int) (*driver.Device, error) {
	t.Helper()
	if err := bed.Plug(port, device); err != nil {
		t.Fatal(err)
	}
	opened, err := driver.Open(t.Context(), func(*gousb.DeviceDesc) ([]int, bool) { return interfaces, true })
	if err == nil {
		t.Cleanup(func() { opened.Close() })
	}
	return opened, err
}

func TestADeviceWithImpossibleInterfacesIsAnErrorNotTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		device *usb.Device
		want   int
	}{
		"a number in a gap":  {withInterfaces(0, 2), 1},
		"a number below all": {withInterfaces(0), -1},
		"not there":          {withInterfaces(0), 1},
		"one number twice":   {withInterfaces(0, 1, 0), 0},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := open(t, c.device, c.want); !errors.Is(err, devices.ErrProtocol) {
				t.Errorf("Open = %v, want ErrProtocol", err)
			}
		})
	}
}

func TestInterfacesAreFoundByTheirNumberWhereverTheyStand(t *testing.T) {
	for _, numbers := range [][]byte{{2}, {0, 5}, {1, 0}, {31}} {
		last := int(numbers[len(numbers)-1])
		opened, err := open(t, withInterfaces(numbers...), last)
		if err != nil {
			t.Errorf("interface %d of %v: %v", last, numbers, err)
			continue
		}
		if e, ok := opened.Endpoint(last, gousb.EndpointDirectionIn); !ok || e.Number != (last+1)&0xf {
			t.Errorf("interface %d of %v has the endpoint %v", last, numbers, e)
		}
	}
}

func TestATransferLongerThanAskedForIsAnError(t *testing.T) {
	device := withInterfaces(0)
	device.Model = flood{}
	opened, err := open(t, device, 0)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, ok := opened.Endpoint(0, gousb.EndpointDirectionIn)
	if !ok {
		t.Fatal("no endpoint")
	}
	if n, err := opened.Read(t.Context(), 0, endpoint, make([]byte, 8)); !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("Read = %d, %v, want ErrProtocol", n, err)
	}
}

// flood answers every read with more than was asked for.
type flood struct{ mute }

func (flood) Handle(t *usb.Transfer) { t.Complete(usb.OK, make([]byte, t.Length+1)) }

func TestADeviceWithoutWhatItIsAskedForRefuses(t *testing.T) {
	opened, err := open(t, withInterfaces(0), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := opened.Endpoint(0, gousb.EndpointDirectionOut); ok {
		t.Error("an endpoint that is not there")
	}
	if _, err := opened.GetReport(t.Context(), driver.Feature, 1, 0, make([]byte, 4)); !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("GetReport = %v, want ErrProtocol", err)
	}
	if err := opened.Probe(t.Context()); err != nil {
		t.Errorf("Probe = %v", err)
	}
}
