package hardware_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// TestARunningKioskTellsOfEveryIllDeviceAtOnce has all six devices ill, two of them mute: a technician waits for the slowest alone. The
// bound is for a computer with other work; the technician's is two seconds.
func TestARunningKioskTellsOfEveryIllDeviceAtOnce(t *testing.T) {
	const bound = 5 * time.Second
	l := newLobby(t, withoutChecks)
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	l.world.Pad.Break(usb.Silence)
	l.world.Pad.BreakControl(usb.Silence)
	l.world.Reader.Break(usb.Stall)
	l.world.Reader.BreakControl(usb.Stall)
	l.world.Printer.Set(printer.Condition{Silent: true})
	l.world.Hall.Unplug()
	l.world.Glass.Unplug()
	l.must(l.world.Chips.Unplug(t.Context()))
	want := map[string]string{"document_reader": "hw_error", "chip_reader": "no_device", "page_imager": "no_device", "camera": "no_device",
		"signature_pad": "hw_error", "ticket_printer": "hw_error"}
	var longest time.Duration
	named := map[string]bool{} // a device that is just being looked at says that it is busy
	l.until("every device is named rightly", func() bool {
		began := time.Now()
		told := l.station.Status(t.Context()).GetDevices()
		longest = max(longest, time.Since(began))
		for _, d := range told {
			if want[d.GetKind()] == d.GetState() && d.GetReason() != nil && d.GetRemedy() != nil {
				named[d.GetKind()] = true
			}
		}
		return len(named) == len(want)
	})
	t.Logf("the slowest answer took %s", longest.Round(time.Millisecond))
	if longest > bound {
		t.Errorf("an answer took %s", longest)
	}
}
