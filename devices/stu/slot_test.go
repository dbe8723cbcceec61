package stu_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/emulate/usb"
)

func TestASlotFollowsThePadInAndOut(t *testing.T) {
	plug := plugger(newBed(t), usb.NewPad)
	events := make(chan devices.Event, 8)
	slot := devices.NewSlot(devices.KindSignaturePad, stu.Open, 10*time.Millisecond, events)
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
