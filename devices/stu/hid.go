package stu

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
	"github.com/foyer-station/foyer/devices/usb"
)

// wire is the way that reports take to a pad and back: over USB, or along a serial line.
type wire interface {
	// get asks for a report of at most size bytes, and gives it without its id.
	get(ctx context.Context, r protocol.Report, size int) ([]byte, error)
	// set sends a report. The error is ErrProtocol where the pad refuses it.
	set(ctx context.Context, r protocol.Report, content []byte) error
	// next waits for a packet of what the pad sends by itself: reports with their ids, perhaps none. It is the caller's until the
	// next call.
	next(ctx context.Context) ([]byte, error)
	// forget throws away what the pad said before and nobody has read, as far as it waits on this side of the wire.
	forget()
	sizes() protocol.Sizes
	info() (product uint16, serial, path string) // product is 0 where it is not known
	Close() error
}

// hid is a pad as a human interface device with vendor reports: what the pen does comes from an interrupt endpoint, everything else
// is a feature report over endpoint zero.
type hid struct {
	device   *usb.Device
	number   int // of its interface
	endpoint gousb.EndpointDesc
	reports  protocol.Sizes
	buffer   []byte
}

// errDisguise is of a device with a pad's numbers that is something else.
var errDisguise = fmt.Errorf("%w: it has a pad's vendor and product, and is none by its descriptors", devices.ErrProtocol)

// openHID opens the first pad on the bus that nobody else holds, and that the filters let pass.
func openHID(ctx context.Context, only []usb.Only) (*hid, error) {
	h := &hid{}
	secure, disguised := false, false // there is one that cannot be talked to, and one that is none
	_, err := usb.OpenFitting(ctx, func(desc *gousb.DeviceDesc) ([]int, bool) {
		secure = secure || desc.Vendor == vendor && desc.Product == product541
		if !isKnown(desc) {
			return nil, false
		}
		i, ok := tablet(desc)
		disguised = disguised || !ok
		return []int{i.Number}, ok
	}, h.introduce, only...)
	switch {
	case errors.Is(err, devices.ErrNoDevice) && secure:
		return nil, ErrTLS
	case errors.Is(err, devices.ErrNoDevice) && disguised:
		return nil, errDisguise
	case err != nil:
		return nil, err
	}
	return h, nil
}

// tablet is the interface that the pen's samples come from.
func tablet(desc *gousb.DeviceDesc) (usb.HIDInterface, bool) {
	for _, i := range usb.HIDInterfaces(desc) {
		if !i.IsTyping && len(i.In) > 0 {
			return i, true
		}
	}
	return usb.HIDInterface{}, false
}

// introduce takes the device for the pad, if its reports make sense.
func (h *hid) introduce(ctx context.Context, device *usb.Device) error {
	i, _ := tablet(device.Descriptor())
	h.device, h.number, h.endpoint, h.buffer = device, i.Number, i.In[0], make([]byte, i.In[0].MaxPacketSize)
	reports, err := device.Reports(ctx, h.number)
	if err != nil {
		return err
	}
	h.reports = protocol.FromDescriptor(reports)
	return nil
}

func (h *hid) get(ctx context.Context, r protocol.Report, size int) ([]byte, error) {
	report := make([]byte, 1+size)
	n, err := h.device.GetReport(ctx, usb.Feature, byte(r), h.number, report)
	if err != nil {
		return nil, err
	}
	if n == 0 || report[0] != byte(r) {
		return nil, fmt.Errorf("%w: not the report asked for", devices.ErrProtocol)
	}
	return report[1:n], nil
}

func (h *hid) set(ctx context.Context, r protocol.Report, content []byte) error {
	return h.device.SetReport(ctx, usb.Feature, byte(r), h.number, append([]byte{byte(r)}, content...))
}

func (h *hid) next(ctx context.Context) ([]byte, error) {
	n, err := h.device.Read(ctx, h.number, h.endpoint, h.buffer)
	return h.buffer[:n], err
}

func (h *hid) forget() {} // nothing is read that nobody asked for

func (h *hid) sizes() protocol.Sizes { return h.reports }

func (h *hid) info() (uint16, string, string) {
	return h.device.Product(), h.device.Serial(), h.device.Path()
}

// Close implements wire.
func (h *hid) Close() error { return h.device.Close() }
