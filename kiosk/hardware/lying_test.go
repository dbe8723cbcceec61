package hardware_test

import (
	"image"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// TestADocumentThatIsLeftBehindKeepsTheNextVisitorWaiting with the real drivers, over the real service of chip readers and the real
// glass: at the end of a visit, on giving up in the middle, and where somebody lays it down between visits.
func TestADocumentThatIsLeftBehindKeepsTheNextVisitorWaiting(t *testing.T) {
	l := newLobby(t, func(c *kiosk.Config) {
		c.Timings.Review = time.Second
		c.TicketPicture = func(_ kiosk.TicketData, width int) (*image.Gray, error) {
			return image.NewGray(image.Rect(0, 0, width, 200)), nil
		}
	})
	for name, leave := range map[string]func(){
		"with the ticket": func() {
			l.begin()
			l.layDown()
			l.shows("the review", func(s flow.State) bool { return s.Screen == flow.Review && s.Phase == flow.Waiting })
			l.station.Send(flow.Confirm{})
			l.shows("the ticket, and that the document lies there", func(s flow.State) bool {
				return s.Screen == flow.Ticket && s.Phase == flow.Done && s.Number != "" && s.Lying
			})
			l.station.Send(flow.Next{})
		},
		"in the middle": func() {
			l.begin()
			l.must(l.world.LayDown(t.Context()))
			l.station.Send(flow.Leave{})
		},
		"between visits": func() { l.must(l.world.PutOnGlass(t.Context())) },
	} {
		t.Run(name, func(t *testing.T) {
			l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
			leave()
			l.shows("that the document is to be taken", func(s flow.State) bool { return s.Screen == flow.TakeDocument })
			l.station.Send(flow.Start{})
			began := time.Now()
			l.world.TakeAway()
			l.shows("the greeting", func(s flow.State) bool {
				if s.Screen == flow.Language {
					t.Error("somebody began on it")
				}
				return s.Screen == flow.Greeting
			})
			t.Logf("somebody is greeted %v after it was taken", time.Since(began).Round(10*time.Millisecond))
		})
	}
}

// TestADocumentWithoutAChipIsNoticedByItsPage of which the chip reader knows nothing.
func TestADocumentWithoutAChipIsNoticedByItsPage(t *testing.T) {
	l := newLobby(t, func(c *kiosk.Config) { c.Timings.Glance = 100 * time.Millisecond })
	if imager, err := l.slots.PageImager.Get(); err != nil {
		t.Fatal(err)
	} else if _, sees := imager.(devices.PresenceSensor); !sees {
		t.Skip("this page imager cannot tell whether a document lies on it")
	}
	maker, err := specimen.NewMaker(1, time.Now())
	l.must(err)
	chipless, err := maker.Make(maker.People()[0], specimen.NoChip)
	l.must(err)
	l.must(l.world.Enter(chipless))
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	l.must(l.world.PutOnGlass(t.Context()))
	l.shows("that the document is to be taken", func(s flow.State) bool { return s.Screen == flow.TakeDocument })
	l.world.TakeAway()
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
}
