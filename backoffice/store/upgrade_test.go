package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestADatabaseOfTheFirstVersionKeepsItsQueueAndTheOrderInIt(t *testing.T) {
	first, err := os.ReadFile("migrations/00001_backoffice.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backoffice.db")
	db, err := sqlite.Open(t.Context(), path, fstest.MapFS{"00001_backoffice.sql": {Data: first}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		id, ticket string
		minutes    int
	}{{"c", "A-3", 3}, {"a", "A-1", 1}, {"b", "A-2", 2}, {"old", "A-9", -24 * 60}} {
		at := noon.Add(time.Duration(row.minutes) * time.Minute)
		_, err := db.Exec(`INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day, verdict, validity,
			decision, caseworker, room, ahead, wait, state) VALUES (?, 'station-1', x'', ?, '', 'de', ?, ?, '', '', '{}', 'brandt', '204', 0, 0, 'waiting')`,
			row.id, at.UnixMilli(), row.ticket, at.Format(time.DateOnly))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left, err := s.CloseDay(t.Context(), "", noon.Format(time.DateOnly), noon); err != nil || left != 1 {
		t.Errorf("%d were left of the day before, %v", left, err)
	}
	if v, err := s.Visit(t.Context(), stationv1.TicketToken("b")); err != nil || v.Ticket != "A-2" || v.Ahead != 1 {
		t.Errorf("by the ticket of before: %+v, %v", v, err)
	}
	last := arrive(t, s, -5, "brandt") // now, by a clock that is behind
	for _, want := range []string{"a", "b", "c", last} {
		id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
		if err != nil || id != want {
			t.Errorf("called %s, %v; want %s", id, err, want)
		}
		if err := s.Finish(t.Context(), "brandt", id, store.Done, noon); err != nil {
			t.Fatal(err)
		}
	}
	if state, err := s.Erasing(t.Context()); err != nil || !state.Believed.Equal(noon.Add(3*time.Minute)) {
		t.Errorf("the clock was last believed at %v, %v; want the newest event", state.Believed, err)
	}
}
