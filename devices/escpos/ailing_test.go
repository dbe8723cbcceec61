package escpos_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/printer"
)

func wantHealth(t *testing.T, device devices.Device, state devices.State, reason, remedy devices.Key) {
	t.Helper()
	h := device.Health(within(t, 10*time.Second))
	if h.State != state || !h.Reason.Is(reason) || !h.Remedy.Is(remedy) {
		t.Errorf("%+v, want %s, %s, %s", h, state, reason, remedy)
	}
}

// TestATicketThatTheCutterDidNotCutIsCutOnceItCan before anything else is printed.
func TestATicketThatTheCutterDidNotCutIsCutOnceItCan(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Set(printer.Condition{Blocked: true})
	if err := p.Print(within(t, 20*time.Second), drawing(width, 200)); err == nil {
		t.Error("a ticket that hangs in the printer counts as printed")
	}
	wantHealth(t, p, devices.StateUserError, "printer.cutter", "remedy.clear_cutter")
	if err := p.Print(within(t, 20*time.Second), drawing(width, 200)); err == nil {
		t.Error("a jammed printer printed")
	}
	device.Set(printer.Condition{})
	for i := range 2 {
		if err := p.Print(within(t, 20*time.Second), drawing(width, 100)); err != nil {
			t.Fatal(err)
		}
		strips(t, device.Mechanism, 2+i, 100)
	}
	wantHealth(t, p, devices.StateOnline, "", "")
}

func TestAHeadThatIsTooHotIsWaitedFor(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Pause()
	printing := make(chan error, 1)
	go func() { printing <- p.Print(within(t, 20*time.Second), drawing(width, 200)) }()
	if err := device.WaitJob(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	device.Set(printer.Condition{Overheated: true})
	device.Resume()
	if err := device.WaitAsked(within(t, 10*time.Second), 3); err != nil { // the driver has seen it
		t.Fatal(err)
	}
	device.Set(printer.Condition{})
	if err := <-printing; err != nil {
		t.Error(err)
	}
	strips(t, device.Mechanism, 1, 200)
	device.Set(printer.Condition{Overheated: true})
	wantHealth(t, p, devices.StateHWError, "printer.overheated", "remedy.let_cool")
}

func TestWhatElseAilsAPrinterIsTold(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	for _, test := range []struct {
		condition      printer.Condition
		state          devices.State
		reason, remedy devices.Key
	}{
		{printer.Condition{Offline: true}, devices.StateOffline, "printer.offline", "remedy.go_online"},
		{printer.Condition{Broken: true}, devices.StateHWError, "printer.fault", "remedy.switch_off"},
		{printer.Condition{PaperLow: true}, devices.StateDegraded, "printer.paper_low", "remedy.have_roll"},
	} {
		device.Set(test.condition)
		wantHealth(t, p, test.state, test.reason, test.remedy)
		err := p.Print(within(t, 10*time.Second), drawing(width, 10))
		if (err == nil) != (test.state == devices.StateDegraded) {
			t.Errorf("%+v: printing gave %v", test.condition, err)
		}
	}
}
