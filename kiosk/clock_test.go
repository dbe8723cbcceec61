package kiosk

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/kiosk/flow"
)

// A station whose own clock is two years slow, in another time zone, is not asked what time it is.
func TestDocumentsAreJudgedAndTicketsDatedByTheOfficesClock(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2013, 1, 2, 9, 30, 0, 0, berlin)
	b := newBed(t, func(b *bed, _ *Config) { b.office.tells(clock) })
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport) // until 2012-04-15
	b.field.answers <- wholeChip
	b.finish()
	if printed := b.ticket().Time; printed.Format(time.DateTime) != clock.Format(time.DateTime) {
		t.Errorf("the ticket is of %v, want %v", printed, clock)
	}
	if got := b.office.received(t, 0).record.GetDocuments()[0].GetValidity(); got != "expired" {
		t.Errorf("the passport is %s", got)
	}
}
