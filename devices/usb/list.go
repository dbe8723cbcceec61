package usb

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/gousb"
)

// Attached is a device on the bus, as its descriptors tell: it is not opened.
type Attached struct {
	Vendor, Product uint16
	Path            string // "usb 1-2.3", as [Device.Path]
	Printer         bool   // one of its interfaces is of the printer class (USB-IF, Defined Class Codes: 07h)
}

// Is tells whether a driver's table means this device.
func (a Attached) Is(id ID) bool {
	return a.Vendor == id.Vendor && (id.Product == 0 || a.Product == id.Product)
}

// List gives all devices on the bus, by bus and port, and opens none: it disturbs no program that holds one. The errors are ErrStopped
// where libusb does not run, and ErrProtocol where a device's descriptors are none; devices whose descriptors cannot be read are
// left out.
func List(ctx context.Context) (all []Attached, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	bus, err := newContext()
	if err != nil {
		return nil, err
	}
	defer bus.Close()
	_, err = find(bus, func(desc *gousb.DeviceDesc) ([]int, bool) {
		all = append(all, attached(desc))
		return nil, false
	})
	slices.SortFunc(all, func(a, b Attached) int { return cmp.Compare(a.Path, b.Path) })
	if err != nil && len(all) == 0 {
		return nil, translate(err)
	}
	return all, nil
}

func attached(desc *gousb.DeviceDesc) Attached {
	a := Attached{Vendor: uint16(desc.Vendor), Product: uint16(desc.Product), Path: PathOf(desc)}
	for _, config := range desc.Configs {
		for _, i := range config.Interfaces {
			for _, setting := range i.AltSettings {
				a.Printer = a.Printer || setting.Class == gousb.ClassPrinter
			}
		}
	}
	return a
}
