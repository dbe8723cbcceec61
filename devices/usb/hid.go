package usb

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/hid"
)

// Bytes of an interface descriptor of a boot device (HID 1.11, 4.2 and 4.3).
const (
	bootSubClass = 1
	bootKeyboard = 1
	bootMouse    = 2
)

// HIDInterface is an interface of a human interface device, as its descriptors tell of it.
type HIDInterface struct {
	Number   int
	In, Out  []gousb.EndpointDesc // its interrupt endpoints, by number
	IsTyping bool                 // it says that it is a keyboard or a mouse that a BIOS understands
}

// HIDInterfaces are the interfaces of the human interface device class of a device's first configuration, by number.
func HIDInterfaces(desc *gousb.DeviceDesc) []HIDInterface {
	var first gousb.ConfigDesc
	for number, config := range desc.Configs {
		if first.Interfaces == nil || number < first.Number {
			first = config
		}
	}
	var all []HIDInterface
	for _, i := range first.Interfaces {
		if s := i.AltSettings[0]; s.Class == gousb.ClassHID { // there is one: gousb lists no interface without
			all = append(all, hidInterface(s))
		}
	}
	slices.SortFunc(all, func(a, b HIDInterface) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

func hidInterface(s gousb.InterfaceSetting) HIDInterface {
	i := HIDInterface{Number: s.Number, IsTyping: s.SubClass == bootSubClass && (s.Protocol == bootKeyboard || s.Protocol == bootMouse)}
	for _, e := range s.Endpoints {
		switch {
		case e.TransferType != gousb.TransferTypeInterrupt || e.MaxPacketSize == 0:
		case e.Direction == gousb.EndpointDirectionIn:
			i.In = append(i.In, e)
		default:
			i.Out = append(i.Out, e)
		}
	}
	for _, endpoints := range [][]gousb.EndpointDesc{i.In, i.Out} {
		slices.SortFunc(endpoints, func(a, b gousb.EndpointDesc) int { return cmp.Compare(a.Number, b.Number) })
	}
	return i
}

// Reports reads the report descriptor of a claimed interface (HID 1.11, 7.1.1). A descriptor that makes no sense is ErrProtocol; else
// errors as of [Device.GetReport].
func (d *Device) Reports(ctx context.Context, number int) (hid.Descriptor, error) {
	const fromInterface, getDescriptor, reportDescriptor, room = 0x81, 0x06, 0x22, 4096
	raw := make([]byte, room)
	n, err := d.control(ctx, fromInterface, getDescriptor, reportDescriptor<<8, uint16(number), raw)
	if err != nil {
		return hid.Descriptor{}, err
	}
	parsed, err := hid.Parse(raw[:n])
	if err != nil {
		return hid.Descriptor{}, fmt.Errorf("%w: %w", devices.ErrProtocol, err)
	}
	return parsed, nil
}

// OpenFitting opens the first device that wanted takes and that fits: fits looks at the open device, for example at its report
// descriptors, and gives an error for one that is not what it seems. Such a device is given back, and the next one tried; where none
// fits the error is that of the first. Errors else as of [Open].
func OpenFitting(
	ctx context.Context, wanted func(*gousb.DeviceDesc) ([]int, bool), fits func(context.Context, *Device) error,
) (*Device, error) {
	type address struct{ bus, address int }
	rejected := map[address]bool{}
	var failure error
	for {
		d, err := Open(ctx, func(desc *gousb.DeviceDesc) ([]int, bool) {
			if rejected[address{desc.Bus, desc.Address}] {
				return nil, false
			}
			return wanted(desc)
		})
		if err != nil {
			return nil, cmp.Or(failure, err)
		}
		if err = fits(ctx, d); err == nil {
			return d, nil
		}
		failure = cmp.Or(failure, err)
		rejected[address{d.device.Desc.Bus, d.device.Desc.Address}] = true
		d.Close() // it is not ours: its error says nothing
		if ctx.Err() != nil {
			return nil, failure
		}
	}
}
