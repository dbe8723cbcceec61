package stu_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestASlotFollowsThePadInAndOut(t *testing.T) {
	plug := plugger(usbtest.NewBed(t), emulated.STU530())
	events := make(chan devices.Event, 8)
	slot := devices.NewSlot(devices.KindSignaturePad, opening(stu.New(stu.Config{})), 10*time.Millisecond, events)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- slot.Run(ctx) }()
	for range 3 {
		u := plug(t)
		pad, err := slot.Wait(t.Context())
		if err != nil || !(<-events).Present {
			t.Fatalf("Wait = %v", err)
		}
		if err := pad.Clear(t.Context()); err != nil {
			t.Errorf("Clear = %v", err)
		}
		u.Unplug()
		if (<-events).Present {
			t.Fatal("the pad came twice")
		}
		if _, err := slot.Get(); err == nil {
			t.Error("the slot still gives the pad that went")
		}
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

func TestASlotWhosePadNeverEndsATransferIsIllAndTakesTheNextPad(t *testing.T) {
	plug := plugger(usbtest.NewBed(t), emulated.STU530())
	slot := devices.NewSlot(devices.KindSignaturePad, opening(stu.New(stu.Config{})), 10*time.Millisecond, nil)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- slot.Run(ctx) }()
	broken := plug(t)
	first, err := slot.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	broken.Break(usb.Stuck)
	within(t, func() bool { return slot.Health(t.Context()).State == devices.StateHWError })
	broken.Unplug() // its transfers do not end with that either
	plug(t)
	within(t, func() bool {
		pad, err := slot.Get()
		return err == nil && pad != first && pad.Clear(t.Context()) == nil
	})
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
}

// within waits until something holds.
func within(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never came to hold")
		}
	}
}

// opening opens whatever pad there is, as slots do.
func opening(d *stu.Driver) func(context.Context) (*stu.Pad, error) {
	return func(ctx context.Context) (*stu.Pad, error) { return d.Open(ctx) }
}
