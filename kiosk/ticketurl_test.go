package kiosk

import (
	"testing"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// The station makes up the address by itself: it prints the same code while it is cut off.
func TestATicketLeadsToTheVisitorsOwnViewWhereTheOfficeHasOne(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.office.Snapshot.TicketUrl = "https://wait.example.org" })
	b.begin()
	b.finish()
	id := b.office.received(t, 0).request.GetCheckInId()
	if got, want := b.ticket().URL, "https://wait.example.org/"+stationv1.TicketToken(id); got != want {
		t.Errorf("the ticket leads to %q; want %q", got, want)
	}
}
