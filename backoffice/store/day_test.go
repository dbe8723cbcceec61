package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/backoffice/store"
)

func TestADayIsClosedAtTheOfficesMidnightHoweverLongItIs(t *testing.T) {
	o, err := office.Parse(office.Example) // Berlin
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		midnight time.Time // the one that ends the day
		hours    time.Duration
	}{
		"a day of 24 hours":            {time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC), 24},
		"summer time begins, 23 hours": {time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), 23},
		"summer time ends, 25 hours":   {time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC), 25},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			first, last := c.midnight.Add(-c.hours*time.Hour), c.midnight.Add(-time.Millisecond)
			day := o.Day(last)
			if o.Day(first) != day || o.Day(first.Add(-time.Millisecond)) == day || o.Day(c.midnight) == day {
				t.Fatalf("%s is not %d hours long", day, c.hours)
			}
			for n, at := range []time.Time{first, last, c.midnight} {
				admit(t, s, n, o.Day(at), o.VisitDay(o.Day(at), at, at), o.Day(at))
			}
			for _, at := range []time.Time{first, last} {
				if left, err := s.CloseDay(t.Context(), "", o.Day(at), at); err != nil || left != 0 {
					t.Fatalf("closed at %v: %d, %v", at, left, err)
				}
			}
			left, err := s.CloseDay(t.Context(), "", o.Day(c.midnight), c.midnight)
			if err != nil || left != 2 {
				t.Errorf("closed at midnight: %d, %v", left, err)
			}
			queue, err := s.Queue(t.Context())
			if err != nil || len(queue) != 1 || queue[0].Ticket != "A-2" {
				t.Errorf("%d wait for the new day, %v", len(queue), err)
			}
		})
	}
}

// admit admits check-in number n with a ticket of one day and a visit on another.
func admit(t *testing.T, s *store.Store, n int, day, visit, today string) string {
	t.Helper()
	a := store.Admission{
		CheckIn: store.CheckIn{ID: fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n), Station: "station-1", Ticket: fmt.Sprint("A-", n), Day: day,
			VisitDay: visit, ConfirmedAt: noon},
		Today: today, At: noon, Request: []byte{}, Record: []byte("sealed"),
	}
	if err := s.Admit(t.Context(), a, func([]store.Queued) store.Placement { return store.Placement{} }); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func TestATicketOfAnotherTimeZoneIsOfToday(t *testing.T) {
	o, err := office.Parse(office.Example)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC) // half past midnight in Berlin
	for name, c := range map[string]struct {
		ticket    string
		confirmed time.Time
		want      string
	}{
		"today":                            {"2026-03-03", now, "2026-03-03"},
		"yesterday":                        {"2026-03-02", now.Add(-time.Hour), "2026-03-02"},
		"a station in another zone":        {"2026-03-02", now, "2026-03-03"},
		"a station whose clock is behind":  {"2026-03-03", now.Add(-time.Hour), "2026-03-03"},
		"a station in a zone ahead":        {"2026-03-04", now, "2026-03-03"},
		"a station whose clock runs ahead": {"2026-03-02", now.Add(100 * time.Hour), "2026-03-03"},
		"no day at all":                    {"tomorrow", now.Add(-time.Hour), "2026-03-02"},
	} {
		if got := o.VisitDay(c.ticket, c.confirmed, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestADatabaseOfANewerVersionIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "backoffice.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path); !errors.Is(err, sqlite.ErrNewer) {
		t.Errorf("an older program opens it: %v", err)
	}
}
