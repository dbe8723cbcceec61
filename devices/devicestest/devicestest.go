// Package devicestest is what every driver must pass: one suite for all of them, run by the tests of each.
//
// It says what the contract of package devices means when things go wrong: a device pulled out in the middle of a
// transfer, a caller that gives up, a device that refuses, babbles or falls silent, the same device twice. The suite knows
// neither drivers nor emulators; a driver's test tells it how to plug an emulated device in, and how a person uses it.
//
//	devicestest.Driver[pad]{
//		Open: func(ctx context.Context) (devices.Device, error) { return pads.Open(ctx) },
//		...
//	}.Run(t)
package devicestest

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// soon is how long a call may take to end after it was told to, or after its device went: far above what it takes, so
// that a busy machine does not fail the suite.
const soon = 5 * time.Second

// Unit is one emulated device, plugged in.
type Unit interface {
	// Ready waits until the driver waits for a person.
	Ready(ctx context.Context) error
	// Act plays the person, such that a waiting Use succeeds.
	Act(ctx context.Context) error
	// Heal ends a fault.
	Heal()
	// Unplug pulls the device out; it may have been pulled out before.
	Unplug()
}

// Fault is a way to misbehave, and what must come of it.
type Fault[U Unit] struct {
	Name  string
	Break func(U)
	Want  error // of Use, as errors.Is finds it; nil if Use must succeed all the same
	Seen  bool  // by a look at the device while nobody uses it, before and after the use
}

// Driver is what the suite must know of a driver.
type Driver[U Unit] struct {
	// Open opens the first device that is free.
	Open func(context.Context) (devices.Device, error)
	// Plug plugs one more device in.
	Plug func(t *testing.T) U
	// Taken is what Open says when every device that is plugged in is in use, as errors.Is finds it; nil is devices.ErrBusy.
	Taken error
	// Use waits for a person and succeeds when it got what Act gives. It ends with nil or ctx's error when ctx ends.
	Use func(context.Context, devices.Device) error
	// Faults are tried on an open device one after the other; each must heal.
	Faults []Fault[U]
	// Stick makes the device keep every transfer, also when it is cancelled or the device is pulled out; nil if that cannot be.
	Stick func(U)
	// Impostors are devices that only seem to be the driver's, or are odd.
	Impostors []Impostor[U]
	// Hold has another program use a device that is plugged in, until release is called; nil if that cannot be.
	Hold func(t *testing.T, unit U) (release func())
	// Forbid takes everybody's right to open a device that is plugged in, until allow is called; nil if that cannot be. The test runs
	// as a user who is not root.
	Forbid func(t *testing.T, unit U) (allow func())
	// Cycles is how often a device is plugged in, opened, closed and pulled out while nothing may pile up.
	Cycles int
	// Shared devices may be open several times, and the service that shares them out says who uses one: there are no twins then.
	Shared bool
}

// Run tests the driver.
func (d Driver[U]) Run(t *testing.T) {
	t.Run("nothing plugged in is no device", d.nothing)
	t.Run("an open device says who it is and works", d.works)
	t.Run("several who look at once see one that nobody uses", d.lookedAtTogether)
	t.Run("closing twice is harmless and a closed device says so", d.closedTwice)
	t.Run("closing ends a call that waits", d.closedWaiting)
	t.Run("cancelling ends a call that waits and the next one works", d.cancelled)
	t.Run("a device pulled out ends a call that waits", d.unplugged)
	t.Run("a device pulled out while nobody uses it is noticed", d.unpluggedIdle)
	t.Run("a device plugged in again works again", d.replugged)
	if !d.Shared {
		t.Run("of two alike each is its own, and a third is busy", d.twins)
	}
	for _, f := range d.Faults {
		t.Run("fault: "+f.Name, func(t *testing.T) { d.fault(t, f) })
	}
	for _, i := range d.Impostors {
		t.Run("descriptors: "+i.Name, func(t *testing.T) { d.impostor(t, i) })
	}
	if d.Hold != nil {
		t.Run("held by another program it is busy, and free after that", d.held)
	}
	if d.Forbid != nil {
		t.Run("without the right to open it that is said", d.forbidden)
	}
	if d.Stick != nil {
		t.Run("a transfer that does not end is given up, and its place serves the next device", d.stuck)
	}
	t.Run("in and out many times leaves nothing behind", d.cycles)
}

func (d Driver[U]) nothing(t *testing.T) {
	device, err := d.Open(t.Context())
	if !errors.Is(err, devices.ErrNoDevice) {
		t.Fatalf("Open = %v, %v, want ErrNoDevice", device, err)
	}
	typed(t, err)
}

func (d Driver[U]) works(t *testing.T) {
	unit, device := d.open(t)
	if info := device.Info(); info.Kind == "" || info.Model == "" || info.Path == "" {
		t.Errorf("Info = %+v, want at least kind, model and path", info)
	}
	wantState(t, device, devices.StateOnline)
	d.mustWork(t, unit, device)
}

// lookedAtTogether has the looks meet, as those of a station and of a technician do.
func (d Driver[U]) lookedAtTogether(t *testing.T) {
	_, device := d.open(t)
	var looking sync.WaitGroup
	for range 4 {
		looking.Go(func() { wantState(t, device, devices.StateOnline) })
	}
	looking.Wait()
}

func (d Driver[U]) closedTwice(t *testing.T) {
	_, device := d.open(t)
	mustClose(t, device)
	mustClose(t, device)
	wantState(t, device, devices.StateNoDevice)
	if err := d.Use(t.Context(), device); !errors.Is(err, devices.ErrClosed) {
		t.Errorf("use of a closed device = %v, want ErrClosed", err)
	}
}

func (d Driver[U]) closedWaiting(t *testing.T) {
	unit, device := d.open(t)
	result := d.start(t.Context(), device)
	mustBeReady(t, unit)
	mustClose(t, device)
	wantError(t, result, devices.ErrClosed)
}

func (d Driver[U]) cancelled(t *testing.T) {
	unit, device := d.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	result := d.start(ctx, device)
	mustBeReady(t, unit)
	cancel()
	if err := mustEnd(t, result); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled = %v, want nil or context.Canceled", err)
	}
	d.mustWork(t, unit, device)
}

func (d Driver[U]) unplugged(t *testing.T) {
	unit, device := d.open(t)
	result := d.start(t.Context(), device)
	mustBeReady(t, unit)
	unit.Unplug()
	wantError(t, result, devices.ErrUnplugged)
	wantState(t, device, devices.StateNoDevice)
}

func (d Driver[U]) unpluggedIdle(t *testing.T) {
	unit, device := d.open(t)
	unit.Unplug()
	wantState(t, device, devices.StateNoDevice)
	if err := d.Use(t.Context(), device); !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("use = %v, want ErrUnplugged", err)
	}
}

func (d Driver[U]) replugged(t *testing.T) {
	unit, device := d.open(t)
	unit.Unplug()
	wantState(t, device, devices.StateNoDevice)
	mustClose(t, device)
	if _, err := d.Open(t.Context()); !errors.Is(err, devices.ErrNoDevice) {
		t.Fatalf("Open with the device out = %v, want ErrNoDevice", err)
	}
	unit, device = d.open(t)
	d.mustWork(t, unit, device)
}

func (d Driver[U]) twins(t *testing.T) {
	firstUnit, first := d.open(t)
	secondUnit, second := d.open(t)
	if first.Info().Path == second.Info().Path {
		t.Fatalf("both are at %s", first.Info().Path)
	}
	if _, err := d.Open(t.Context()); !errors.Is(err, cmp.Or(d.Taken, devices.ErrBusy)) {
		t.Errorf("Open of a third = %v, want %v", err, cmp.Or(d.Taken, devices.ErrBusy))
	}
	result := d.start(t.Context(), first)
	mustBeReady(t, firstUnit)
	d.mustWork(t, secondUnit, second)
	secondUnit.Unplug()
	wantState(t, second, devices.StateNoDevice)
	select {
	case err := <-result:
		t.Fatalf("the first ended with the second: %v", err)
	default:
	}
	if err := firstUnit.Act(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantError(t, result, nil)
}

func (d Driver[U]) fault(t *testing.T, f Fault[U]) {
	unit, device := d.open(t)
	f.Break(unit)
	if f.Seen {
		wantState(t, device, devices.StateHWError)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*soon)
	defer cancel()
	acting, stop := context.WithCancel(ctx)
	acted := make(chan error, 1)
	go func() {
		err := unit.Ready(acting)
		if err == nil {
			err = unit.Act(acting)
		}
		acted <- err
	}()
	wantError(t, d.start(ctx, device), f.Want)
	stop()
	<-acted // it may not have come to act
	if f.Seen {
		wantState(t, device, devices.StateHWError)
	}
	unit.Heal()
	d.mustWork(t, unit, device)
}

func (d Driver[U]) cycles(t *testing.T) {
	once := func() {
		unit := d.Plug(t)
		device, err := d.Open(t.Context())
		if err != nil {
			t.Fatalf("Open = %v", err)
		}
		wantState(t, device, devices.StateOnline)
		mustClose(t, device)
		unit.Unplug()
	}
	once() // what is made once and kept
	NothingLeftBehind(t, func() {
		for range d.Cycles {
			once()
		}
		for range 10 {
			d.nothing(t)
		}
	})
}

// open plugs a device in and opens it.
func (d Driver[U]) open(t *testing.T) (U, devices.Device) {
	t.Helper()
	unit := d.Plug(t)
	device, err := d.Open(t.Context())
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	t.Cleanup(func() {
		mustClose(t, device)
		unit.Unplug()
	})
	return unit, device
}

// start uses the device; the result comes over the channel.
func (d Driver[U]) start(ctx context.Context, device devices.Device) <-chan error {
	result := make(chan error, 1)
	go func() { result <- d.Use(ctx, device) }()
	return result
}

// mustWork has a person use the device.
func (d Driver[U]) mustWork(t *testing.T, unit U, device devices.Device) {
	t.Helper()
	result := d.start(t.Context(), device)
	mustBeReady(t, unit)
	if err := unit.Act(t.Context()); err != nil {
		t.Fatalf("the person could not act: %v", err)
	}
	wantError(t, result, nil)
}
