package lampboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
	descriptor "github.com/foyer-station/foyer/devices/hid"
	"github.com/foyer-station/foyer/devices/usb"
)

// inputSize is the longest input report, with its id.
const inputSize = 1 + stateSize

// usage is what a board's report descriptor says that it is (docs/lamps.md, "USB").
const usage descriptor.Usage = 0xff46<<16 | 0x4c

// hid is a board as a human interface device.
type hid struct {
	device *usb.Device
	number int // of its interface
	input  gousb.EndpointDesc
}

// OpenHID opens the first board that nobody else holds, by the identifiers that its builder gave it: a device that bears them and is no
// board by its descriptors, or by what it says, is passed over for the next. Errors: ErrNoDevice, ErrBusy, ErrTimeout, ErrProtocol (there
// are only others), ErrUnplugged, ErrStopped.
func OpenHID(ctx context.Context, vendor, product uint16) (*Board, error) {
	var board *Board
	disguised := false
	_, err := usb.OpenFitting(ctx, func(desc *gousb.DeviceDesc) ([]int, bool) {
		if uint16(desc.Vendor) != vendor || uint16(desc.Product) != product {
			return nil, false
		}
		i, is := boardOf(desc)
		disguised = disguised || !is
		return []int{i.Number}, is
	}, func(ctx context.Context, device *usb.Device) (err error) {
		board, err = fitting(ctx, device)
		return err
	})
	if errors.Is(err, devices.ErrNoDevice) && disguised {
		err = errDisguise
	}
	if err != nil {
		return nil, failure("open", err)
	}
	return board, nil
}

// errDisguise is of a device with a board's identifiers that is something else.
var errDisguise = protocol("it has the board's identifiers, and is none by its descriptors")

// boardOf is the interface that a board tells of itself by.
func boardOf(desc *gousb.DeviceDesc) (usb.HIDInterface, bool) {
	for _, i := range usb.HIDInterfaces(desc) {
		if !i.IsTyping && len(i.In) > 0 && i.In[0].MaxPacketSize >= inputSize {
			return i, true
		}
	}
	return usb.HIDInterface{}, false
}

// fitting is the board that an open device is. The error says that it is none, or none that works.
func fitting(ctx context.Context, device *usb.Device) (*Board, error) {
	i, _ := boardOf(device.Descriptor())
	reports, err := device.Reports(ctx, i.Number)
	if err != nil {
		return nil, err
	}
	if !reports.Is(usage) {
		return nil, errDisguise
	}
	b := &Board{line: &hid{device, i.Number, i.In[0]}}
	return b, b.introduce(ctx)
}

func (h *hid) get(ctx context.Context, id byte) ([]byte, error) {
	report := make([]byte, 64)
	n, err := h.device.GetReport(ctx, usb.Feature, id, h.number, report)
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
	err := h.device.SetReport(ctx, usb.Feature, id, h.number, append([]byte{id}, content...))
	if errors.Is(err, devices.ErrProtocol) { // USB has one way to say no (USB 2.0, 9.2.7)
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}

func (h *hid) told(ctx context.Context, limit time.Duration) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := h.device.Read(limited, h.number, h.input, make([]byte, h.input.MaxPacketSize))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}

func (h *hid) path() string { return h.device.Path() }
func (h *hid) close() error { return h.device.Close() }
