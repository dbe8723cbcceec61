package hardware_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/camera"
	"github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// TestADocumentWhoseChipRefusesItsZoneIsReadByItsNumber goes through the real reader, pcscd and drivers; what is read must
// come to what the document must come to, as in [BenchmarkDocument].
func TestADocumentWhoseChipRefusesItsZoneIsReadByItsNumber(t *testing.T) {
	l := newLobby(t, func(c *kiosk.Config) { c.Timings.Review = 2 * time.Second })
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	l.begin()
	l.layDownWithNumber("938147")
	asked := func(attempt int) func(flow.State) bool {
		return func(s flow.State) bool {
			return s.Screen == flow.AccessNumber && s.Phase == flow.Waiting && s.Attempt == attempt
		}
	}
	l.shows("the question for the number", asked(1))
	l.station.Send(flow.CANTyped{CAN: "111111"})
	l.shows("the question once more", asked(2))
	l.station.Send(flow.CANTyped{CAN: "938147"})
	l.shows("the review", func(s flow.State) bool {
		if s.StaffWillHelp {
			t.Fatal("a genuine document is staff's")
		}
		return s.Screen == flow.Review && s.Phase == flow.Waiting
	})
}

// layDownWithNumber lays the document down with a chip that opens by PACE alone, by a card access number or by an MRZ
// that is not the one printed on it.
func (l *lobby) layDownWithNumber(can string) {
	l.b.Helper()
	side := camera.Side{}
	for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		side[devices.Light(light)] = l.document.Page(verify.Front, light).Image
	}
	l.must(l.world.Glass.Lay(side))
	other := chip.AccessKey{DocumentNumber: "D23145890", BirthDate: "340712", ExpiryDate: "950712"}
	options := l.document.ChipOptions
	options.PACEOnly, options.CAN, options.CANTries = true, can, 3
	card, err := chip.New(l.document.Files, other, options)
	l.must(err)
	inserted, err := l.world.Chips.Insert(l.b.Context(), card)
	l.must(err)
	l.b.Cleanup(inserted.Remove)
	l.must(l.world.Reader.Ready(l.b.Context()))
	l.world.Reader.Swipe(l.document.MRZ...)
}
