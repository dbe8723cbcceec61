package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
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

func TestClosingTwiceAtOnceListsEachVisitorOnce(t *testing.T) {
	s := open(t)
	for n := range 30 {
		admit(t, s, n, "2026-03-02", "", "2026-03-02")
	}
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if _, err := s.CloseDay(t.Context(), "", "2026-03-03", noon); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 30 || left[29].Ticket != "A-29" {
		t.Errorf("%d are listed, %v", len(left), err)
	}
}

func TestWhoWasLeftIsListedAfterTheDataIsErased(t *testing.T) {
	s := open(t)
	closed, waiting := admit(t, s, 1, "2026-03-02", "", "2026-03-02"), admit(t, s, 2, "2026-03-03", "", "2026-03-03")
	if _, err := s.CloseDay(t.Context(), "", "2026-03-03", noon); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{closed, waiting} {
		if err := s.Forget(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	left, err := s.LeftOver(t.Context())
	if err != nil || len(left) != 2 || left[0].Kept || left[0].Day != "2026-03-02" || left[1].ID != waiting {
		t.Errorf("listed: %+v, %v", left, err)
	}
	if err := s.Readmit(t.Context(), "brandt", closed, "2026-03-03", noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("an erased check-in was queued again: %v", err)
	}
	if left, _ := s.LeftOver(t.Context()); len(left) != 2 {
		t.Error("the failed try took a visitor off the list")
	}
	if err := s.Dismiss(t.Context(), "brandt", closed, noon); err != nil {
		t.Error(err)
	}
	if err := s.Dismiss(t.Context(), "brandt", closed, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("dismissed twice: %v", err)
	}
}

func TestWhoIsListedAndErasedIsTakenWhenTheStationSendsAgain(t *testing.T) {
	s := open(t)
	for range 2 { // the first answer is lost until the data is erased
		a := store.Admission{At: noon, Today: "2026-03-03", Request: []byte("request"), CheckIn: store.CheckIn{
			ID: "late", Station: "station-1", ConfirmedAt: noon, Service: "appointment", Ticket: "A-1", Day: "2026-03-02"}}
		err := s.Admit(t.Context(), a, func([]store.Queued) store.Placement { return store.Placement{} })
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Forget(t.Context(), "late"); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 1 {
		t.Errorf("%d are listed, %v", len(left), err)
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

func TestWhatIsNoTicketsNumberOutlivesNoCheckIn(t *testing.T) {
	s := open(t)
	a := store.Admission{
		CheckIn: store.CheckIn{ID: "a", Station: "station-1", ConfirmedAt: noon, Ticket: "Anna Eriksson", Day: "2026-03-02", Discrepancy: store.NoNumber},
		Request: []byte{1},
	}
	if err := s.Admit(t.Context(), a, func([]store.Queued) store.Placement { return store.Placement{} }); err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 1 || left[0].Ticket != "?" {
		t.Errorf("left: %+v, %v", left, err)
	}
}
