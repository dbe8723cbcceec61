package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/store"
)

// ask is a request of a station for numbers of the day.
func ask(station, id string, count int) store.LeaseRequest {
	return store.LeaseRequest{Station: station, ID: id, Prefix: "A", Day: "2026-03-02", Count: count, Most: 1000}
}

func lease(t testing.TB, s *store.Store, r store.LeaseRequest) store.Lease {
	t.Helper()
	l, err := s.LeaseNumbers(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNoNumberIsLeasedTwice(t *testing.T) {
	s := open(t)
	var mu sync.Mutex
	seen := map[int]bool{}
	var stations sync.WaitGroup
	for n := range 8 {
		stations.Go(func() {
			for i := range 5 {
				l, err := s.LeaseNumbers(t.Context(), ask(fmt.Sprint("station-", n), fmt.Sprint(i), 1+i))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for number := l.First; number < l.First+l.Count; number++ {
					if seen[number] {
						t.Errorf("number %d was leased twice", number)
					}
					seen[number] = true
				}
				mu.Unlock()
			}
		})
	}
	stations.Wait()
}

func TestTheSameRequestGetsTheSameNumbersOnItsDay(t *testing.T) {
	s := open(t)
	first := lease(t, s, ask("station-1", "r", 20))
	if first.First != 1 || first.Count != 20 || first.Lease != 1 {
		t.Errorf("%+v", first)
	}
	if again := lease(t, s, ask("station-1", "r", 5)); again != first {
		t.Errorf("%+v; want %+v", again, first)
	}
	tomorrow := ask("station-1", "r", 5)
	tomorrow.Day = "2026-03-03"
	if l := lease(t, s, tomorrow); l.First != 1 || l.Day != "2026-03-03" || l.Lease != 2 {
		t.Errorf("a new day begins with %+v", l)
	}
	for number, want := range map[int]string{0: "", 1: "station-1", 20: "station-1", 21: ""} {
		if got, err := s.Holder(t.Context(), "2026-03-02", "A", number); err != nil || got != want {
			t.Errorf("number %d is held by %q, %v", number, got, err)
		}
	}
	if got, err := s.Holder(t.Context(), "2026-03-02", "B", 1); err != nil || got != "" {
		t.Errorf("B-1 is held by %q, %v", got, err)
	}
}

func TestOneStationCannotUseUpTheDay(t *testing.T) {
	s := open(t)
	had := 0
	for n := range 60 {
		l, err := s.LeaseNumbers(t.Context(), ask("stolen", fmt.Sprint(n), 180))
		if errors.Is(err, store.ErrStationHasMost) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		had += l.Count
	}
	if had != 1000 {
		t.Errorf("one station got %d numbers, want 1000", had)
	}
	if l := lease(t, s, ask("station-1", "r", 100)); l.Count != 100 {
		t.Errorf("another station gets %+v", l)
	}
	if again := lease(t, s, ask("stolen", "0", 180)); again.Count != 180 {
		t.Errorf("the same request again gets %+v", again)
	}
}

func TestTheLastNumbersOfTheDayAreLeasedToo(t *testing.T) {
	s := open(t)
	all := ask("station-1", "r", 9950)
	all.Most = 20_000
	lease(t, s, all)
	if l := lease(t, s, ask("station-2", "r", 100)); l.First != 9951 || l.Count != 49 {
		t.Errorf("%+v", l)
	}
	if _, err := s.LeaseNumbers(t.Context(), ask("station-3", "r", 1)); !errors.Is(err, store.ErrNoNumbersLeft) {
		t.Errorf("more than there are: %v", err)
	}
}

func TestTwoVisitorsWithOneNumberAreBothThereAndToldApart(t *testing.T) {
	s := open(t)
	arrive(t, s, 1, "brandt")
	arrive(t, s, 2, "brandt")
	twin := store.CheckIn{ID: "twin", Station: "station-2", ConfirmedAt: noon, Ticket: "A-1", Day: "2026-03-02", Discrepancy: store.LeasedElsewhere}
	err := s.Admit(t.Context(), store.Admission{CheckIn: twin, Request: []byte{}}, func([]store.Queued) store.Placement { return store.Placement{} })
	if err != nil {
		t.Fatal(err)
	}
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 3 {
		t.Fatalf("%d wait, %v", len(queue), err)
	}
	for _, c := range queue {
		if c.Twin != (c.Ticket == "A-1") || (c.Discrepancy != "") != (c.ID == "twin") {
			t.Errorf("%s of %s: twin %v, discrepancy %q", c.Ticket, c.Station, c.Twin, c.Discrepancy)
		}
	}
}

// at opens the database and its lease log as a server does.
func at(t testing.TB, dir string, now time.Time) (s *store.Store, restored bool) {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "backoffice.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	restored, err = s.OpenLeaseLog(t.Context(), filepath.Join(dir, "keys", "leases.json"), now)
	if err != nil {
		t.Fatal(err)
	}
	return s, restored
}

// house makes the folders of a back office.
func house(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"data", "keys"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func epoch(t testing.TB, s *store.Store) store.Epoch {
	t.Helper()
	e, err := s.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestADatabaseCopiedBackIsNoticedAndARestartIsNot(t *testing.T) {
	dir := house(t)
	data, backup := filepath.Join(dir, "data"), filepath.Join(dir, "backup")
	s, restored := at(t, dir, noon)
	first := epoch(t, s)
	if restored || first.ID == "" || !first.Began.IsZero() {
		t.Fatalf("a new office: restored %v, %+v", restored, first)
	}
	lease(t, s, ask("station-1", "a", 10))
	s.Close()
	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	s, restored = at(t, dir, noon)
	if restored || epoch(t, s).ID != first.ID {
		t.Errorf("a restart: restored %v, %+v", restored, epoch(t, s))
	}
	lease(t, s, ask("station-1", "b", 10))
	s.Close()
	copied := func(before func()) (*store.Store, bool) {
		if err := os.RemoveAll(data); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(data, os.DirFS(backup)); err != nil {
			t.Fatal(err)
		}
		before()
		return at(t, dir, noon)
	}
	seen := []string{first.ID}
	for name, before := range map[string]func(){
		"to the same place":                    func() {},
		"once more":                            func() {},
		"without its keys":                     func() { os.Remove(filepath.Join(dir, "keys", "leases.json")) },
		"beside a lease log that is cut short": func() { os.WriteFile(filepath.Join(dir, "keys", "leases.json"), []byte("{"), 0o600) },
	} {
		s, restored := copied(before)
		if e := epoch(t, s); !restored || slices.Contains(seen, e.ID) || !e.Began.Equal(noon) {
			t.Errorf("%s: restored %v, %+v", name, restored, e)
		} else {
			seen = append(seen, e.ID)
		}
		s.Close()
		if s, restored = at(t, dir, noon); restored {
			t.Errorf("%s: a restart after it is taken for another", name)
		}
		s.Close()
	}
}

func TestAStationThatKnowsOfMoreLeasesProvesARestore(t *testing.T) {
	s, _ := at(t, house(t), noon)
	lease(t, s, ask("station-1", "a", 10))
	e := epoch(t, s)
	for _, c := range []struct {
		name     string
		epoch    string
		lease    int64
		after    time.Duration
		restored bool
	}{
		{"as many", e.ID, 1, 0, false}, {"another epoch", "other", 9, 0, false}, {"nothing", "", 0, 0, false}, {"more", e.ID, 2, 0, true},
	} {
		if got, err := s.ObserveLease(t.Context(), c.epoch, c.lease, noon.Add(c.after)); err != nil || got != c.restored {
			t.Errorf("%s: restored %v, %v", c.name, got, err)
		}
	}
	if got, err := s.ObserveLease(t.Context(), epoch(t, s).ID, 1<<60, noon.Add(time.Minute)); err != nil || got {
		t.Errorf("a station that lies is believed again after a minute: %v, %v", got, err)
	}
	if got, err := s.ObserveLease(t.Context(), epoch(t, s).ID, 1<<60, noon.Add(store.ObservedEvery)); err != nil || !got {
		t.Errorf("after an hour: %v, %v", got, err)
	}
}

// Whatever happens in what order, no number of an epoch and a prefix is leased twice, and nobody gets more than the most.
func TestLeasesNeverOverlap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "backoffice.db"))
		if err != nil {
			r.Fatal(err)
		}
		defer s.Close()
		owner, had := map[string]string{}, map[string]int{}
		for n := range rapid.IntRange(1, 25).Draw(r, "requests") {
			q := ask(rapid.SampledFrom([]string{"one", "two"}).Draw(r, "station"), fmt.Sprint(n), rapid.IntRange(1, 200).Draw(r, "count"))
			q.Prefix, q.Most = rapid.SampledFrom([]string{"A", "B"}).Draw(r, "prefix"), 700
			l, err := s.LeaseNumbers(t.Context(), q)
			if err != nil && !errors.Is(err, store.ErrStationHasMost) {
				r.Fatal(err)
			}
			had[q.Station] += l.Count
			for number := range l.Count {
				ticket := fmt.Sprint(l.Prefix, "-", l.First+number)
				if who, taken := owner[ticket]; taken {
					r.Fatalf("%s was leased to %s and %s", ticket, who, q.Station)
				}
				owner[ticket] = q.Station
			}
		}
		if had["one"] > 700 || had["two"] > 700 {
			r.Fatalf("leased %v", had)
		}
	})
}
