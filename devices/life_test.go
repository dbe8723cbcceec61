package devices_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// unit is a device that does whatever a test wants, and counts what is done to it.
type unit struct {
	mu      sync.Mutex
	there   bool
	err     error         // of opening it
	health  devices.State // of the open device
	stuck   bool          // calls hang from the start
	clings  chan struct{} // closes wait until it is closed
	hang    chan struct{} // calls wait until it is closed; nil when none hangs
	opened  []time.Time
	closed  int
	at      int // calls that hang now
	mostAt  int
	calls   int
	cycled  []time.Time
	cycles  error
	portOff bool
	path    string
	told    chan devices.Event // what its slot told of it
}

func newUnit() *unit { return &unit{there: true, health: devices.StateOnline, path: "usb 1-2"} }

func (u *unit) set(change func(*unit)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(u)
}

func (u *unit) count(of func(*unit) int) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return of(u)
}

// call waits as long as calls hang.
func (u *unit) call() {
	u.mu.Lock()
	hang := u.hang
	u.at++
	u.calls++
	u.mostAt = max(u.mostAt, u.at)
	u.mu.Unlock()
	if hang != nil {
		<-hang
	}
	u.set(func(u *unit) { u.at-- })
}

func (u *unit) open(context.Context) (*opened, error) {
	u.set(func(u *unit) { u.opened = append(u.opened, time.Now()) })
	u.call()
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case !u.there:
		return nil, &devices.Error{Kind: devices.KindCamera, Op: "open", Err: devices.ErrNoDevice}
	case u.err != nil:
		return nil, &devices.Error{Kind: devices.KindCamera, Op: "open", Err: u.err}
	}
	return &opened{u}, nil
}

// IsOff and Cycle make it a [devices.Power].
func (u *unit) IsOff(path string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.portOff && path == "usb 1-2"
}

func (u *unit) Cycle(_ context.Context, path string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if path != "usb 1-2" {
		return errors.New("another's port")
	}
	u.cycled = append(u.cycled, time.Now())
	return u.cycles
}

// opened is the unit while it is open.
type opened struct{ unit *unit }

func (o *opened) Info() devices.Info {
	o.unit.mu.Lock()
	defer o.unit.mu.Unlock()
	return devices.Info{Kind: devices.KindCamera, Model: "test", Path: o.unit.path}
}

func (o *opened) Health(context.Context) devices.Health {
	o.unit.call()
	o.unit.mu.Lock()
	defer o.unit.mu.Unlock()
	if !o.unit.there {
		return devices.Health{State: devices.StateNoDevice}
	}
	return devices.Health{State: o.unit.health}
}

func (o *opened) Close() error {
	o.unit.mu.Lock()
	clings := o.unit.clings
	o.unit.mu.Unlock()
	if clings != nil {
		<-clings
	}
	o.unit.call()
	o.unit.set(func(u *unit) { u.closed++ })
	return nil
}

const every = 2 * time.Second

// live runs a slot in a world of its own, whose clock goes on by itself, and does what play says.
func live(t *testing.T, u *unit, play func(t *testing.T, slot *devices.Slot[*opened]), options ...devices.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if u.stuck {
			u.hang = make(chan struct{})
		}
		u.told = make(chan devices.Event, 1000)
		slot := devices.NewSlot(devices.KindCamera, u.open, every, u.told, options...)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			slot.Run(ctx)
		}()
		synctest.Wait()
		play(t, slot)
		u.set(func(u *unit) {
			if u.hang != nil {
				close(u.hang)
				u.hang = nil
			}
		})
		cancel()
		<-ended
	})
}

func opens(u *unit) int { return u.count(func(u *unit) int { return len(u.opened) }) }

func wantOne(t *testing.T, slot *devices.Slot[*opened]) {
	t.Helper()
	if device, err := slot.Get(); device == nil || err != nil {
		t.Errorf("Get = %v, %v, want the device", device, err)
	}
}

func TestASlotThatIsWokenLooksAtOnce(t *testing.T) {
	u := newUnit()
	u.there = false
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		began := time.Now()
		u.set(func(u *unit) { u.there = true })
		slot.Wake()
		if _, err := slot.Wait(t.Context()); err != nil || time.Since(began) >= every/2 {
			t.Errorf("found after %v (%v), want at once", time.Since(began), err)
		}
		u.set(func(u *unit) { u.there = false })
		slot.Wake()
		time.Sleep(every / 2)
		if _, err := slot.Get(); !errors.Is(err, devices.ErrNoDevice) {
			t.Errorf("a device that was pulled out: %v, want ErrNoDevice", err)
		}
	})
}

func TestAnEventThatComesBeforeItsDeviceIsAsGood(t *testing.T) {
	u := newUnit()
	u.there = false
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(every + every/4)
		slot.Wake()
		time.Sleep(every / 8)
		u.set(func(u *unit) { u.there = true })
		time.Sleep(every / 2) // before it would look by itself
		wantOne(t, slot)
	})
}

func TestADeviceThatComesUnheardIsFoundAllTheSame(t *testing.T) {
	u := newUnit()
	u.there = false
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(time.Hour)
		u.set(func(u *unit) { u.there = true })
		time.Sleep(2 * every)
		wantOne(t, slot)
	})
}

func TestWhatCannotBeOpenedIsTriedLessAndLessOftenUntilSomethingChanges(t *testing.T) {
	u := newUnit()
	u.err = devices.ErrBusy
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(time.Hour)
		if n := opens(u); n < 90 || n > 130 {
			t.Errorf("it was opened %d times in an hour, want once in half a minute or so", n)
		}
		u.set(func(u *unit) { u.err = nil })
		slot.Wake()
		time.Sleep(every / 2)
		wantOne(t, slot)
	})
}

func TestAHubThatSendsEventsWithoutEndCostsAFewLooksASecond(t *testing.T) {
	u := newUnit()
	u.err = devices.ErrBusy
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		for range 10_000 {
			slot.Wake()
			time.Sleep(time.Millisecond)
		}
		if n := opens(u); n > 110 {
			t.Errorf("it was opened %d times in ten seconds, want ten a second at most", n)
		}
	})
}

func TestOpensThatHangAreLeftBehindAndNeverPileUp(t *testing.T) {
	u := newUnit()
	u.stuck = true
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(time.Minute)
		if _, err := slot.Get(); !errors.Is(err, devices.ErrTimeout) || opens(u) != 1 {
			t.Errorf("after a minute %v and %d opens, want ErrTimeout and one", err, opens(u))
		}
		if h := slot.Health(t.Context()); h.State != devices.StateHWError || h.Remedy.IsZero() {
			t.Errorf("the technician is told %+v", h)
		}
		for range 3600 {
			slot.Wake()
			time.Sleep(time.Second)
		}
		if n := u.count(func(u *unit) int { return u.mostAt }); n > 3 {
			t.Errorf("%d calls hung at once, want 3 at most", n)
		}
		u.set(func(u *unit) { close(u.hang); u.hang = nil })
		time.Sleep(time.Second)
		wantOne(t, slot)
		if n, closed := opens(u), u.count(func(u *unit) int { return u.closed }); closed != n-1 {
			t.Errorf("of %d opens that came back late %d were closed, want all but one", n, closed)
		}
	})
}

func TestWhoeverOpensThroughAServiceIsToldOfTheServiceWhereAnOpenHangs(t *testing.T) {
	const restart devices.Key = "remedy.of_the_service"
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		slot := devices.NewSlot(devices.KindChipReader, func(context.Context) (devices.Device, error) {
			<-hang
			return nil, devices.ErrNoDevice
		}, time.Second, nil, devices.OpensThrough(restart))
		ctx, cancel := context.WithCancel(t.Context())
		go slot.Run(ctx)
		time.Sleep(time.Minute)
		if h := slot.Health(ctx); h.State != devices.StateHWError || !h.Remedy.Is(restart) || !h.Reason.Is("device.silent") {
			t.Errorf("the technician is told %+v", h)
		}
		close(hang)
		time.Sleep(time.Minute)
		if h := slot.Health(ctx); h.State != devices.StateNoDevice {
			t.Errorf("once it opens, %+v", h)
		}
		cancel()
		synctest.Wait()
	})
}

func TestADeviceThatDoesNotComeBackFromBeingAskedHoldsNobodyUp(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		u.set(func(u *unit) { u.hang, u.mostAt = make(chan struct{}), 0 })
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			if h := slot.Health(ctx); h.State != devices.StateHWError {
				t.Errorf("the technician is told %+v, want that it is ill", h)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("that took %v", took)
			}
			cancel()
		}
		time.Sleep(time.Hour)
		if n := u.count(func(u *unit) int { return u.mostAt }); n > 6 { // two who ask at once, a close, three opens
			t.Errorf("%d calls hung at once", n)
		}
	})
}

func TestAnIllDeviceIsRestartedLessAndLessOften(t *testing.T) {
	u := newUnit()
	u.health = devices.StateHWError
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(time.Hour)
		n := opens(u) - 1
		if n < 5 || n > 12 {
			t.Errorf("it was restarted %d times in an hour, want some", n)
		}
		if first := u.opened[1].Sub(u.opened[0]); first < 10*time.Second || first > 20*time.Second {
			t.Errorf("it was restarted after %v, want after ten seconds or little more", first)
		}
		if closed := u.count(func(u *unit) int { return u.closed }); closed != n {
			t.Errorf("%d restarts and %d closed", n, closed)
		}
		u.set(func(u *unit) { u.health = devices.StateOnline })
		time.Sleep(time.Hour)
		if after := opens(u) - 1; after != n {
			t.Errorf("it was restarted %d times more once it was well", after-n)
		}
	})
}

func TestADeviceThatCannotBeClosedIsRestartedAFewTimesOnly(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		u.set(func(u *unit) { u.health, u.clings = devices.StateHWError, make(chan struct{}) })
		time.Sleep(24 * time.Hour)
		if n := opens(u); n != 4 {
			t.Errorf("it was opened %d times in a day, want three times more", n)
		}
		if h := slot.Health(t.Context()); h.State != devices.StateHWError {
			t.Errorf("the technician is told %+v", h)
		}
		close(u.clings)
	})
}

func TestADeviceAtWorkIsNotRestarted(t *testing.T) {
	u := newUnit()
	u.health = devices.StateBusy
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(time.Hour)
		if n := opens(u); n != 1 {
			t.Errorf("it was opened %d times, want once", n)
		}
	})
}

func TestARestartHidesNoFailedUseFromTheTechnician(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		device, _ := slot.Get()
		slot.Used(device, devices.ErrProtocol)
		u.set(func(u *unit) { u.health = devices.StateHWError })
		time.Sleep(time.Minute)
		if opens(u) < 2 {
			t.Fatal("it was not restarted")
		}
		if !slot.Suspect() {
			t.Error("its failed use was forgotten by the restart")
		}
		u.set(func(u *unit) { u.health = devices.StateOnline })
		time.Sleep(time.Minute)
		if slot.Suspect() {
			t.Error("it is suspect although it has shown that it is well again")
		}
	})
}

func TestPowerIsTakenOffADeviceThatRestartsDoNotMend(t *testing.T) {
	for name, ill := range map[string]func(*unit){
		"ill":                    func(u *unit) { u.health = devices.StateHWError },
		"mute when it is opened": func(u *unit) { u.err = devices.ErrTimeout },
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit()
			live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
				time.Sleep(every)
				u.set(ill)
				if name != "ill" { // it is opened again
					u.set(func(u *unit) { u.there = false })
					slot.Wake()
					time.Sleep(2 * every)
					u.set(func(u *unit) { u.there = true })
				}
				time.Sleep(time.Hour)
				if n := u.count(func(u *unit) int { return len(u.cycled) }); n < 2 || n > 10 {
					t.Errorf("its power was taken off %d times in an hour, want some", n)
				}
			}, devices.PoweredBy(u, "", true))
			if restarts := u.cycled[0].Sub(u.opened[0]); restarts < 30*time.Second {
				t.Errorf("its power was taken off after %v, want two restarts first", restarts)
			}
		})
	}
}

func TestAHubThatCannotSwitchPowerIsAskedOnceForADevice(t *testing.T) {
	u := newUnit()
	u.health, u.cycles = devices.StateHWError, errors.New("no such attribute")
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(2 * time.Hour)
		if n := u.count(func(u *unit) int { return len(u.cycled) }); n != 1 {
			t.Errorf("it was asked %d times, want once", n)
		}
	}, devices.PoweredBy(u, "", true))
}

func TestAPortWhosePowerCannotBeSwitchedIsToldUntilTheDeviceIsAtAnother(t *testing.T) {
	u := newUnit()
	u.health, u.cycles = devices.StateHWError, errors.New("permission denied")
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(2 * time.Minute)
		refused := 0
		for len(u.told) > 0 {
			if e := <-u.told; errors.Is(e.Uncycled, u.cycles) {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("the log was told %d times, want once", refused)
		}
		if h := slot.Health(t.Context()); len(h.Also) != 1 || h.Also[0].String() != "device.uncycled; detail: permission denied" {
			t.Errorf("the technician is told %+v", h)
		}
		u.set(func(u *unit) { u.err = devices.ErrTimeout })
		time.Sleep(20 * time.Minute)
		if h := slot.Health(t.Context()); !h.Remedy.Is(devices.ReplugByHand) || len(h.Also) != 1 {
			t.Errorf("a mute one's technician is told %+v", h)
		}
		u.set(func(u *unit) { u.err, u.path = nil, "usb 1-3" })
		slot.Wake()
		time.Sleep(2 * every)
		if h := slot.Health(t.Context()); h.State != devices.StateHWError || len(h.Also) != 0 {
			t.Errorf("at another port the technician is told %+v", h)
		}
	}, devices.PoweredBy(u, "", true))
}

func TestPowerIsLeftAloneUnlessThatIsAllowed(t *testing.T) {
	u := newUnit()
	u.health = devices.StateHWError
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(2 * time.Hour)
		if n := u.count(func(u *unit) int { return len(u.cycled) }); n != 0 {
			t.Errorf("it was taken off %d times", n)
		}
	}, devices.PoweredBy(u, "usb 1-2", false))
}

func TestADeviceThatIsWellIsLookedAtNowAndThenAndWhenAUseLosesIt(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		u.set(func(u *unit) { u.calls = 0 })
		time.Sleep(time.Minute)
		if n := u.count(func(u *unit) int { return u.calls }); n < 5 || n > 7 {
			t.Errorf("it was asked %d times in a minute, want six times", n)
		}
		device, _ := slot.Get()
		u.set(func(u *unit) { u.there = false })
		slot.Used(device, devices.ErrUnplugged)
		time.Sleep(every)
		if _, err := slot.Get(); !errors.Is(err, devices.ErrNoDevice) {
			t.Errorf("a device that a use lost: %v, want ErrNoDevice", err)
		}
	})
}

func TestADeviceAtAPortWithoutPowerIsSaidToBe(t *testing.T) {
	u := newUnit()
	live(t, u, func(t *testing.T, slot *devices.Slot[*opened]) {
		time.Sleep(every)
		u.set(func(u *unit) { u.there, u.portOff = false, true })
		slot.Wake()
		time.Sleep(2 * every)
		if h := slot.Health(t.Context()); h.State != devices.StatePowerOff || h.Reason.IsZero() || h.Remedy.IsZero() {
			t.Errorf("the technician is told %+v", h)
		}
		u.set(func(u *unit) { u.portOff = false })
		time.Sleep(2 * every)
		if h := slot.Health(t.Context()); h.State != devices.StateNoDevice {
			t.Errorf("with power again: %+v", h)
		}
	}, devices.PoweredBy(u, "", false))
}
