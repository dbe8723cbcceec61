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
	endpoint gousb.EndpointDesc
	reports  protocol.Sizes
	buffer   []byte
}

// openHID opens the first pad on the bus that nobody else holds.
func openHID(ctx context.Context) (*hid, error) {
	secure := false // there is one that cannot be talked to
	device, err := usb.Open(ctx, func(desc *gousb.DeviceDesc) ([]int, bool) {
		secure = secure || desc.Vendor == vendor && desc.Product == product541
		return []int{0}, isKnown(desc)
	})
	switch {
	case errors.Is(err, devices.ErrNoDevice) && secure:
		return nil, ErrTLS
	case err != nil:
		return nil, err
	}
	h := &hid{device: device}
	if err := h.introduce(ctx); err != nil {
		device.Close()
		return nil, err
	}
	return h, nil
}

func (h *hid) introduce(ctx context.Context) error {
	endpoint, ok := h.device.Endpoint(0, gousb.EndpointDirectionIn)
	if !ok {
		return fmt.Errorf("%w: no endpoint to read from", devices.ErrProtocol)
	}
	h.endpoint, h.buffer = endpoint, make([]byte, endpoint.MaxPacketSize)
	const longest = 4096
	descriptor := make([]byte, longest)
	n, err := h.device.ReportDescriptor(ctx, 0, descriptor)
	h.reports = protocol.FromDescriptor(descriptor[:n])
	return err
}

func (h *hid) get(ctx context.Context, r protocol.Report, size int) ([]byte, error) {
	report := make([]byte, 1+size)
	n, err := h.device.GetReport(ctx, usb.Feature, byte(r), report)
	if err != nil {
		return nil, err
	}
	if n == 0 || report[0] != byte(r) {
		return nil, fmt.Errorf("%w: not the report asked for", devices.ErrProtocol)
	}
	return report[1:n], nil
}

func (h *hid) set(ctx context.Context, r protocol.Report, content []byte) error {
	return h.device.SetReport(ctx, usb.Feature, byte(r), 0, append([]byte{byte(r)}, content...))
}

func (h *hid) next(ctx context.Context) ([]byte, error) {
	n, err := h.device.Read(ctx, 0, h.endpoint, h.buffer)
	return h.buffer[:n], err
}

func (h *hid) forget() {} // nothing is read that nobody asked for

func (h *hid) sizes() protocol.Sizes { return h.reports }

func (h *hid) info() (uint16, string, string) {
	return h.device.Product(), h.device.Serial(), h.device.Path()
}

func (h *hid) Close() error { return h.device.Close() }
