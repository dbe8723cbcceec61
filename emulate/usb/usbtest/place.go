package usbtest

import (
	"testing"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/usb"
)

// Place is where a device is plugged in. A unit of the driver suite embeds it beside its device.
type Place struct {
	bed    *usb.Bed
	port   string
	device *usb.Device
}

// Plug plugs a device into the first port of a bed that is free. newDevice makes it of a serial number that no other there has, and its gives
// what is plugged in of it.
func Plug[D any](t testing.TB, bed *usb.Bed, newDevice func(serial string) D, its func(D) *usb.Device) (D, Place) {
	t.Helper()
	for _, port := range []string{"1", "2", "3"} {
		made := newDevice("serial " + port)
		device := its(made)
		if err := bed.Plug(port, device); err == nil {
			return made, Place{bed, port, device}
		}
	}
	t.Fatal("no free port")
	panic("unreachable")
}

// Unplug implements [devicestest.Unit].
func (p Place) Unplug() { p.bed.Unplug(p.port) }

// Heal implements [devicestest.Unit].
func (p Place) Heal() {
	p.device.Break(usb.Healthy)
	p.device.BreakControl(usb.Healthy)
}

// Hold has another program use the device, until release is called.
func (p Place) Hold() (release func()) { return p.bed.Hold(p.port) }

// Forbid takes everybody's right to open the device, until allow is called.
func (p Place) Forbid() (allow func()) { return p.bed.Forbid(p.port) }

// Impostors are a driver's devices in every disguise that an emulated device has. plug plugs in one that wears something.
func Impostors[U devicestest.Unit](plug func(t testing.TB, wear func(*usb.Device)) U) []devicestest.Impostor[U] {
	var all []devicestest.Impostor[U]
	for _, disguise := range usb.Disguises() {
		all = append(all, devicestest.Impostor[U]{
			Name: disguise.Name, Lawful: disguise.Lawful, MayBlock: disguise.StopsLibrary,
			Plug: func(t *testing.T) U {
				t.Helper()
				return plug(t, disguise.Wear)
			},
		})
	}
	return all
}
