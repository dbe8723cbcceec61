package console_test

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// "Next" passes over who is away: the list says why.
func TestAVisitorWhoSteppedAwayIsMarkedUntilThen(t *testing.T) {
	now := noon
	s := open(t, func() time.Time { return now })
	c := checkintest.Appointment(noon)
	s.send(t, c)
	if err := s.Store.StepAway(t.Context(), stationv1.TicketToken(c.ID), noon, noon.Add(10*time.Minute), 3); err != nil {
		t.Fatal(err)
	}
	b := s.signedIn(t, "brandt")
	if page := b.get("/").body; !strings.Contains(page, "bis 12:10 Uhr nicht aufgerufen") {
		t.Errorf("nothing is said of it:\n%s", page)
	}
	now = noon.Add(10 * time.Minute)
	if page := b.get("/").body; strings.Contains(page, "12:10 Uhr nicht") {
		t.Error("it is still said afterwards")
	}
}
