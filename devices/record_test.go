package devices_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
)

var (
	errBabble = &devices.Error{Kind: devices.KindCamera, Op: "read", Err: devices.ErrProtocol}
	errOdd    = &devices.Error{Kind: devices.KindCamera, Op: "read", Err: fmt.Errorf("%w: %w", devices.ErrProtocol, devices.ErrUnreadable)}
)

// filled runs a slot with a camera in it.
func filled(t *testing.T) (*devices.Slot[*camera], *port, *camera) {
	t.Helper()
	p, c := &port{}, &camera{}
	p.set(c, devices.ErrNoDevice)
	slot, events, stop := run(t, p)
	t.Cleanup(func() { stop() })
	<-events
	return slot, p, c
}

func wantHealth(t *testing.T, slot *devices.Slot[*camera], want devices.State, because string) {
	t.Helper()
	h := slot.Health(t.Context())
	if h.State != want || !strings.Contains(h.Reason.String(), because) || (want == devices.StateHWError) != (!h.Remedy.IsZero()) {
		t.Errorf("health is %+v, want %s because of %q", h, want, because)
	}
}

func TestAUseThatFailsMakesADeviceIllUntilOneGoesWell(t *testing.T) {
	slot, _, c := filled(t)
	for _, fault := range []error{errBabble, devices.ErrTimeout, fmt.Errorf("%w: %w", devices.ErrTimeout, context.DeadlineExceeded), errors.New("no name")} {
		slot.Used(c, fault)
		wantHealth(t, slot, devices.StateHWError, fault.Error())
		if !slot.Suspect() {
			t.Error("it is no suspect")
		}
		slot.Used(c, context.Canceled) // tells nothing
		wantHealth(t, slot, devices.StateHWError, fault.Error())
		slot.Used(c, nil)
		wantHealth(t, slot, devices.StateOnline, "")
	}
}

func TestWhatAVisitorOrADocumentDoesMakesNoDeviceIll(t *testing.T) {
	slot, _, c := filled(t)
	for _, other := range []error{
		errOdd, context.Canceled, context.DeadlineExceeded, devices.ErrNoChip, devices.ErrChipGone, devices.ErrPaperOut, devices.ErrCoverOpen, devices.ErrOffline,
		devices.ErrClosed, devices.ErrNotConfigured,
	} {
		slot.Used(c, other)
		wantHealth(t, slot, devices.StateOnline, "")
	}
}

func TestDoubtsMakeADeviceIllOnlyInARow(t *testing.T) {
	slot, _, c := filled(t)
	mute := errors.New("it said nothing")
	for range 2 {
		slot.Doubt(c, mute, 3)
		slot.Doubt(c, mute, 3)
		wantHealth(t, slot, devices.StateOnline, "")
		slot.Used(c, nil)
	}
	for range 3 {
		slot.Doubt(c, mute, 3)
	}
	wantHealth(t, slot, devices.StateHWError, "3 times in a row: it said nothing")
}

func TestADeviceThatIsPluggedInAnewHasNoRecord(t *testing.T) {
	slot, p, old := filled(t)
	slot.Used(old, errBabble)
	old.pullOut()
	again := &camera{}
	p.set(again, nil)
	for got, err := slot.Get(); err != nil || got != again; got, err = slot.Get() {
		if t.Context().Err() != nil {
			t.Fatal("it was not taken up")
		}
	}
	wantHealth(t, slot, devices.StateOnline, "")
	slot.Used(old, errBabble) // a use that began before
	wantHealth(t, slot, devices.StateOnline, "")
}

// wobbly is a slot with a camera that goes away in a use, and the one that comes instead.
func wobbly(t *testing.T) (slot *devices.Slot[*camera], now func() *camera, lose func(serial string)) {
	t.Helper()
	slot, p, c := filled(t)
	gone := &devices.Error{Kind: devices.KindCamera, Op: "read", Err: devices.ErrUnplugged}
	return slot, func() *camera { return c }, func(serial string) {
		t.Helper()
		slot.Used(c, gone)
		slot.Used(c, gone) // another part of the same use
		again := &camera{serial: serial}
		p.set(again, nil)
		c.pullOut()
		c = again
		waitFor(t, "it was not taken up", func() bool { got, err := slot.Get(); return err == nil && got == again })
	}
}

func TestADeviceThatGoesAwayInEveryUseIsIllAlthoughItComesBack(t *testing.T) {
	slot, c, lose := wobbly(t)
	lose("")
	wantHealth(t, slot, devices.StateOnline, "") // somebody may have pulled the plug
	lose("")
	wantHealth(t, slot, devices.StateHWError, "device.losing; count: 2")
	if !slot.Suspect() {
		t.Error("it is no suspect")
	}
	slot.Used(c(), context.Canceled) // tells nothing
	wantHealth(t, slot, devices.StateHWError, "device.losing; count: 2")
	slot.Used(c(), nil)
	wantHealth(t, slot, devices.StateOnline, "")
	lose("")
	wantHealth(t, slot, devices.StateOnline, "")
}

func TestADeviceThatIsExchangedAnswersForItselfAlone(t *testing.T) {
	slot, _, lose := wobbly(t)
	lose("")
	lose("another")
	wantHealth(t, slot, devices.StateOnline, "")
	lose("another")
	wantHealth(t, slot, devices.StateOnline, "")
	if slot.Suspect() {
		t.Error("it is a suspect")
	}
}

func TestADeviceIsTheSameBySerialNumberAnywhereAndByItsPortWithoutOne(t *testing.T) {
	for name, next := range map[string]struct {
		serials, ports [3]string
		same           bool
	}{
		"moved, with a serial number":  {[3]string{"7", "7", "7"}, [3]string{"usb 1-1", "usb 1-2", "usb 2-1"}, true},
		"where it was, without one":    {[3]string{}, [3]string{"usb 1-1", "usb 1-1", "usb 1-1"}, true},
		"its like at another port":     {[3]string{}, [3]string{"usb 1-1", "usb 1-2", "usb 1-3"}, false},
		"another one at the same port": {[3]string{"7", "8", "9"}, [3]string{"usb 1-1", "usb 1-1", "usb 1-1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &port{}
			slot, _, _ := run(t, p)
			for i := range 3 {
				c := &camera{serial: next.serials[i], path: next.ports[i]}
				p.set(c, nil)
				waitFor(t, "the camera was not found", func() bool { got, _ := slot.Get(); return got == c })
				if i < 2 {
					slot.Used(c, devices.ErrUnplugged)
					p.set(nil, devices.ErrNoDevice)
					c.pullOut()
				}
			}
			if got := slot.Suspect(); got != next.same {
				t.Errorf("after two uses in which it went away it is a suspect: %v, want %v", got, next.same)
			}
		})
	}
}

func waitFor(t *testing.T, what string, come func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !come(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}
