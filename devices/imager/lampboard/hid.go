package lampboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/usb"
)

// inputSize is the longest input report, with its id.
const inputSize = 1 + stateSize

// hid is a board as a human interface device. Its interface is the first one.
type hid struct {
	device *usb.Device
	input  gousb.EndpointDesc
}

// OpenHID opens the first board that nobody else holds, by the identifiers that its builder gave it. Errors: ErrNoDevice, ErrBusy,
// ErrTimeout, ErrProtocol (it is another device), ErrUnplugged, ErrStopped.
func OpenHID(ctx context.Context, vendor, product uint16) (*Board, error) {
	device, err := usb.Open(ctx, func(desc *gousb.DeviceDesc) ([]int, bool) {
		return []int{0}, uint16(desc.Vendor) == vendor && uint16(desc.Product) == product
	})
	if err != nil {
		return nil, failure("open", err)
	}
	input, ok := device.Endpoint(0, gousb.EndpointDirectionIn)
	if !ok || input.MaxPacketSize < inputSize {
		device.Close()
		return nil, failure("open", protocol("no endpoint to read from"))
	}
	return begin(ctx, &hid{device, input})
}

func (h *hid) get(ctx context.Context, id byte) ([]byte, error) {
	report := make([]byte, 64)
	n, err := h.device.GetReport(ctx, usb.Feature, id, 0, report)
	if err != nil {
		return nil, err
	}
	return contentOf(report[:n], id)
}

func contentOf(report []byte, id byte) ([]byte, error) {
	if len(report) == 0 || report[0] != id {
		return nil, protocol("no report %d", id)
	}
	return report[1:], nil
}

func (h *hid) set(ctx context.Context, id byte, content []byte) error {
	err := h.device.SetReport(ctx, usb.Feature, id, 0, append([]byte{id}, content...))
	if errors.Is(err, devices.ErrProtocol) { // USB has one way to say no (USB 2.0, 9.2.7)
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}

func (h *hid) told(ctx context.Context, limit time.Duration) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := h.device.Read(limited, 0, h.input, make([]byte, h.input.MaxPacketSize))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}

func (h *hid) path() string { return h.device.Path() }
func (h *hid) close() error { return h.device.Close() }
