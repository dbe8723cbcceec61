package link_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/kiosk/link/linktest"
	"github.com/foyer-station/foyer/kiosk/link/officetest"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// The office that tests use in place of a real one keeps what a real one does; the real one is exercised in package intake.
func TestTheOfficeOfTestsKeepsTheContract(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	linktest.Exercise(t, func(t *testing.T) linktest.Office {
		o, err := officetest.New(noon)
		if err != nil {
			t.Fatal(err)
		}
		o.Snapshot.Contract = stationv1.Contract
		conn, end, err := o.Connect()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(end)
		return linktest.Office{Conn: conn, Now: noon, Taken: func(t testing.TB) []linktest.CheckIn { return taken(t, o) }}
	})
}

// taken opens what the office has.
func taken(t testing.TB, o *officetest.Office) (all []linktest.CheckIn) {
	t.Helper()
	var requests []*stationv1.SubmitRequest
	o.Do(func(o *officetest.Office) {
		for _, id := range o.Order {
			requests = append(requests, o.Taken[id])
		}
	})
	for _, r := range requests {
		c := linktest.CheckIn{ID: r.GetCheckInId(), Ticket: r.GetTicket(), Day: r.GetDay(), Service: r.GetServiceId(), Language: r.GetLanguage(),
			Record: &stationv1.CheckInRecord{}}
		text, err := o.Open(r.GetRecordSha256())
		if err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(text, c.Record); err != nil {
			t.Fatal(err)
		}
		for _, sum := range r.GetFileSha256() {
			content, err := o.Open(sum)
			if err != nil {
				t.Fatal(err)
			}
			c.Files = append(c.Files, content)
		}
		all = append(all, c)
	}
	return all
}
