package devices_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
)

func closes(u *unit) int { return u.count(func(u *unit) int { return u.closed }) }

func wantLent(t *testing.T, slot *devices.Slot[*opened]) {
	t.Helper()
	if device, err := slot.Get(); device != nil || !errors.Is(err, devices.ErrLent) {
		t.Errorf("Get = %v, %v, want ErrLent", device, err)
	}
	if h := slot.Health(t.Context()); h.State != devices.StateBusy || !h.Reason.Is("device.lent") || !h.Remedy.IsZero() {
		t.Errorf("the technician is told %+v", h)
	}
}

func TestADeviceThatIsLentIsClosedAndIsThereAgainAtOnceWhenItIsGivenBack(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		giveBack := slot.Lend(t.Context())
		if closes(u) != 1 {
			t.Errorf("it was closed %d times, want once", closes(u))
		}
		for range 100 {
			slot.Wake()
			time.Sleep(time.Minute)
			wantLent(t, slot)
		}
		if opens(u) != 1 {
			t.Errorf("it was opened %d times, want only before it was lent", opens(u))
		}
		began := time.Now()
		giveBack()
		giveBack()
		if _, err := slot.Wait(t.Context()); err != nil || time.Since(began) >= every/2 {
			t.Errorf("it was there after %v (%v), want at once", time.Since(began), err)
		}
	})
}

// TestADeviceThatIsLentHasNeitherComeNorGone unless it is gone when it is given back.
func TestADeviceThatIsLentHasNeitherComeNorGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit()
		events := make(chan devices.Event, 10)
		slot := devices.NewSlot(devices.KindCamera, u.open, every, events)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			slot.Run(ctx)
		}()
		for _, there := range []bool{true, false} {
			giveBack := slot.Lend(t.Context())
			time.Sleep(time.Hour)
			u.set(func(u *unit) { u.there = there })
			giveBack()
			time.Sleep(time.Minute)
		}
		cancel()
		<-ended
		close(events)
		var told []bool
		for e := range events {
			told = append(told, e.Present)
		}
		if len(told) != 2 || !told[0] || told[1] {
			t.Errorf("it came and went: %v, want that it came, and went in the end", told)
		}
	})
}

// TestADeviceThatIsBeingOpenedWhenItIsLentIsClosed before the borrower has it.
func TestADeviceThatIsBeingOpenedWhenItIsLentIsClosed(t *testing.T) {
	u := newUnit()
	u.stuck = true
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.AfterFunc(time.Second, func() {
			u.set(func(u *unit) { close(u.hang); u.hang = nil })
		})
		giveBack := slot.Lend(t.Context())
		if opens(u) != 1 || closes(u) != 1 {
			t.Errorf("lent after %d opens and %d closes, want one of each", opens(u), closes(u))
		}
		wantLent(t, slot)
		giveBack()
		time.Sleep(every)
		wantOne(t, slot)
	})
}

// TestADriverThatDoesNotLetGoKeepsNoBorrower who will find out that it is held.
func TestADriverThatDoesNotLetGoKeepsNoBorrower(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		u.set(func(u *unit) { u.clings = make(chan struct{}) })
		began := time.Now()
		giveBack := slot.Lend(t.Context())
		if waited := time.Since(began); waited > time.Minute {
			t.Errorf("lent after %v", waited)
		}
		wantLent(t, slot)
		close(u.clings)
		giveBack()
		time.Sleep(every)
		wantOne(t, slot)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		u.set(func(u *unit) { u.clings = make(chan struct{}) })
		began = time.Now()
		giveBack = slot.Lend(ctx)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("nobody waits any more, and it is lent after %v", waited)
		}
		close(u.clings)
		giveBack()
	})
}

func TestADeviceIsBackWhenTheLastBorrowerHasGivenItBack(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		one, other := slot.Lend(t.Context()), slot.Lend(t.Context())
		one()
		time.Sleep(time.Minute)
		wantLent(t, slot)
		other()
		time.Sleep(every)
		wantOne(t, slot)
	})
}
