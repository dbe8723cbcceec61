package devices_test

import (
	"context"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// swipe is the least that a reader can be: a document is whatever comes through a channel.
type swipe struct{ documents chan []string }

func (s swipe) Info() devices.Info {
	return devices.Info{Kind: devices.KindMRZReader, Model: "Acme Swipe", Path: "usb 1-2"}
}

func (s swipe) Health(context.Context) devices.Health {
	return devices.Health{State: devices.StateOnline}
}

func (s swipe) Close() error { return nil }

func (s swipe) ReadMRZ(ctx context.Context) ([]string, error) {
	select {
	case lines := <-s.documents:
		return lines, nil
	case <-ctx.Done():
		return nil, &devices.Error{Kind: devices.KindMRZReader, Op: "read mrz", Err: ctx.Err()}
	}
}

// A driver opens a device and says how it is. Whether it is there, and since when, is the slot's work; whoever uses the device takes it from
// there, and says how that went.
func ExampleSlot() {
	documents := make(chan []string, 1)
	open := func(context.Context) (devices.MRZReader, error) { return swipe{documents}, nil }
	slot := devices.NewSlot(devices.KindMRZReader, open, 2*time.Second, nil)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error)
	go func() { ended <- slot.Run(ctx) }()

	reader, err := slot.Wait(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	documents <- []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	lines, err := reader.ReadMRZ(ctx)
	slot.Used(reader, err)
	fmt.Println(len(lines), "lines from", slot.Info().Model)
	fmt.Println(slot.Health(ctx).State)

	stop()
	fmt.Println(<-ended)
	// Output:
	// 2 lines from Acme Swipe
	// online
	// context canceled
}

// An error's sentinel is what a caller decides by; a technician is told the state, the reason and what to do.
func ExampleHealthOf() {
	h := devices.HealthOf(&devices.Error{Kind: devices.KindMRZReader, Op: "open", Err: devices.ErrBusy})
	fmt.Println(h.State, h.Reason.Key, h.Remedy)
	// Output: busy device.busy remedy.stop_other
}
