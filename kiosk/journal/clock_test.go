package journal

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
	"time"
)

// machine is one whose clocks a test sets.
type machine struct {
	boot string
	up   time.Duration
	wall time.Time
}

func (m *machine) uptime() (string, time.Duration, error) { return m.boot, m.up, nil }

// runs lets the machine run, with its time of day.
func (m *machine) runs(d time.Duration) { m.up, m.wall = m.up+d, m.wall.Add(d) }

// restarts turns the machine off for so long.
func (m *machine) restarts(off time.Duration) {
	m.boot, m.up, m.wall = m.boot+"'", 20*time.Second, m.wall.Add(off+20*time.Second)
}

func (m *machine) open(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := OpenAt(t.Context(), path, m.uptime)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func TestACheckInWaitsADayOfTheMachinesOwnTimeWhateverTheTimeOfDayIsSetTo(t *testing.T) {
	const hour = time.Hour
	for name, c := range map[string]struct {
		happens func(m *machine, look func())
		left    time.Duration
	}{
		"a minute before the limit":       {func(m *machine, _ func()) { m.runs(Limit - time.Minute) }, time.Minute},
		"at the limit":                    {func(m *machine, _ func()) { m.runs(Limit) }, 0},
		"the clock goes forward by a day": {func(m *machine, _ func()) { m.runs(hour); m.wall = m.wall.Add(24 * hour) }, 23 * hour},
		"the clock goes back by a day":    {func(m *machine, _ func()) { m.runs(hour); m.wall = m.wall.Add(-24 * hour) }, 23 * hour},
		"the clock goes back every hour": {func(m *machine, _ func()) {
			for range 24 {
				m.runs(hour)
				m.wall = noon
			}
		}, 0},
		"daylight saving begins": {func(m *machine, _ func()) { m.runs(hour); m.wall = m.wall.Add(hour) }, 23 * hour},
		"restarted at once":      {func(m *machine, look func()) { m.runs(hour); look(); m.restarts(0) }, 23*hour - 20*time.Second},
		"off over night":         {func(m *machine, look func()) { m.runs(hour); look(); m.restarts(14 * hour) }, 9*hour - 20*time.Second},
		"restarted in 1970":      {func(m *machine, look func()) { m.runs(hour); look(); m.restarts(0); m.wall = time.Unix(20, 0) }, 23*hour - 20*time.Second},
		"restarted in 2036":      {func(m *machine, look func()) { m.runs(hour); look(); m.restarts(0); m.wall = noon.AddDate(10, 0, 0) }, Grace - 20*time.Second},
		"restarted, which nobody can tell from its id": {func(m *machine, look func()) {
			m.runs(hour)
			look()
			m.restarts(14 * hour)
			m.boot = "one"
		}, 9*hour - 20*time.Second},
		"restarted, with an id that does not tell": {func(m *machine, look func()) {
			m.runs(hour)
			look()
			m.restarts(14 * hour)
			m.boot = "one"
		}, 9*hour - 20*time.Second},
		"off for three days":                    {func(m *machine, look func()) { m.runs(hour); look(); m.restarts(72 * hour) }, Grace - 20*time.Second},
		"off for three days, then run for long": {func(m *machine, look func()) { m.runs(hour); look(); m.restarts(72 * hour); m.runs(Grace) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := &machine{boot: "one", up: 240 * hour, wall: noon}
			path, to := filepath.Join(t.TempDir(), "journal.db"), office(t).Recipient().String()
			j := m.open(t, path)
			lease(t, j, 1, 10)
			confirm(t, j, to)
			m.runs(0)
			if lost, err := j.Expire(t.Context(), m.wall); err != nil || len(lost) > 0 {
				t.Fatalf("at once: lost %v, %v", lost, err)
			}
			c.happens(m, func() {
				if _, err := j.Expire(t.Context(), m.wall); err != nil {
					t.Fatal(err)
				}
			})
			j.Close()
			j = m.open(t, path)
			w, err := j.Wait(t.Context(), m.wall)
			if err != nil || w.CheckIns != 1 || w.Left != c.left {
				t.Errorf("%+v, %v; want %v left", w, err, c.left)
			}
			lost, err := j.Expire(t.Context(), m.wall)
			if want := c.left <= 0; err != nil || (len(lost) == 1) != want {
				t.Errorf("lost %v, %v with %v left", lost, err, c.left)
			}
		})
	}
}

func TestAStationThatIsRestartedEveryHourStillWipesAfterADayOfRunning(t *testing.T) {
	m := &machine{boot: "one", wall: noon}
	path, to := filepath.Join(t.TempDir(), "journal.db"), office(t).Recipient().String()
	j := m.open(t, path)
	lease(t, j, 1, 10)
	confirm(t, j, to)
	for n := range 40 {
		m.runs(time.Hour)
		lost, err := j.Expire(t.Context(), m.wall)
		if err != nil {
			t.Fatal(err)
		}
		if len(lost) > 0 {
			if n < 23 {
				t.Errorf("wiped after %d hours of running", n+1)
			}
			return
		}
		j.Close()
		m.restarts(72 * time.Hour)
		j = m.open(t, path)
	}
	t.Error("kept for 40 hours of running")
}

// older makes a journal as the first version wrote it, with a check-in in its outbox and numbers that are left.
func older(t *testing.T, path string, confirmed time.Time) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	text, err := schema.ReadFile("schema/1.sql")
	if err != nil {
		t.Fatal(err)
	}
	at := confirmed.UnixMilli()
	for _, statement := range []string{string(text), fmt.Sprintf(`
		INSERT INTO leases VALUES ('r', 'A', '%s', 8, 101);
		INSERT INTO lease_request VALUES (1, 'asked');
		INSERT INTO files VALUES (1, 'old', 'record', x'01', x'0203');
		INSERT INTO outbox VALUES ('old', %d, 'permit', 'uk', 'A-7', '%[1]s');
		INSERT INTO outbox_files VALUES ('old', 0, 1)`, day, at)} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnOlderJournalKeepsWhatItHolds(t *testing.T) {
	for name, c := range map[string]struct {
		ago   time.Duration
		least time.Duration // that is left
	}{
		"confirmed just now": {0, Limit - time.Minute}, "five hours ago": {5 * time.Hour, 19*time.Hour - time.Minute},
		"three days ago": {72 * time.Hour, Grace - time.Minute}, "in the future": {-72 * time.Hour, Limit - time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			older(t, path, time.Now().Add(-c.ago))
			m := &machine{boot: "one", up: 1000 * time.Hour, wall: time.Now()}
			j := m.open(t, path)
			all := outbox(t, j)
			if len(all) != 1 || all[0].ID != "old" || all[0].Ticket != "A-7" {
				t.Fatalf("outbox is %+v", all)
			}
			if sealed, err := j.Sealed(t.Context(), "old", []byte{1}); err != nil || len(sealed) != 2 {
				t.Errorf("its file is %x, %v", sealed, err)
			}
			if lost, err := j.Expire(t.Context(), m.wall); err != nil || len(lost) > 0 {
				t.Errorf("lost %v, %v", lost, err)
			}
			if w, err := j.Wait(t.Context(), m.wall); err != nil || w.Left < c.least {
				t.Errorf("%+v, %v; want %v left", w, err, c.least)
			}
			if counts, err := j.Count(t.Context(), day); err != nil || counts.Numbers != 93 {
				t.Errorf("counts are %+v, %v", counts, err)
			}
			if id, err := j.LeaseRequest(t.Context()); err != nil || id != "asked" {
				t.Errorf("the next range is asked for under %s, %v", id, err)
			}
			m.runs(Limit)
			if lost, err := j.Expire(t.Context(), m.wall); err != nil || len(lost) != 1 {
				t.Errorf("a day later lost %v, %v", lost, err)
			}
		})
	}
}

func TestRangesOfAnotherEpochAreGivenUpAndConfirmedNumbersAreNot(t *testing.T) {
	j, to := open(t, filepath.Join(t.TempDir(), "journal.db")), office(t).Recipient().String()
	add := func(l Lease) {
		t.Helper()
		request, err := j.LeaseRequest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := j.AddLease(t.Context(), request, l); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		t.Helper()
		counts, err := j.Count(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		return counts.Numbers
	}
	add(Lease{"A", 1, 10, day, Known{"one", 3}})
	add(Lease{"A", 11, 10, day, Known{"one", 2}})
	if known, err := j.Known(t.Context()); err != nil || known != (Known{"one", 3}) {
		t.Errorf("known is %+v, %v", known, err)
	}
	_, ticket := confirm(t, j, to)
	for _, c := range []struct {
		epoch   string
		changed bool
		left    int
	}{{"one", false, 19}, {"", false, 19}, {"two", true, 0}} {
		if changed, err := j.HearEpoch(t.Context(), c.epoch); err != nil || changed != c.changed || left() != c.left {
			t.Errorf("hearing of %q: changed %v, %v, %d left", c.epoch, changed, err, left())
		}
	}
	if all := outbox(t, j); len(all) != 1 || all[0].Ticket != ticket {
		t.Errorf("outbox is %+v", all)
	}
	if known, err := j.Known(t.Context()); err != nil || known != (Known{"two", 0}) {
		t.Errorf("known is %+v, %v", known, err)
	}
}

func TestANumberThatAVisitorInTheOutboxHasIsPassedOver(t *testing.T) {
	j, to := open(t, filepath.Join(t.TempDir(), "journal.db")), office(t).Recipient().String()
	lease(t, j, 5, 2)
	confirm(t, j, to)
	confirm(t, j, to)
	lease(t, j, 4, 5) // by an office that was restored and does not know
	var got []string
	for range 3 {
		_, ticket := confirm(t, j, to)
		got = append(got, ticket)
	}
	if fmt.Sprint(got) != "[A-4 A-7 A-8]" {
		t.Errorf("the numbers are %v", got)
	}
}
