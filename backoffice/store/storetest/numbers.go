package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/store"
)

func numbers() []promise {
	return []promise{
		{"no number is leased twice to stations that ask at once", leasedOnce},
		{"leases never overlap", neverOverlap},
		{"the same request gets the same numbers on its day", sameRequest},
		{"one station cannot use up the day", stationHasMost},
		{"the last numbers of the day are leased too", lastNumbers},
		{"numbers of an epoch that has ended are not leased", epochEnded},
		{"what a station gave up with an epoch does not count for the next", nextEpoch},
		{"a station that knows of more leases proves a restore", provesRestore},
	}
}

// request is a station's for numbers of today in the present epoch.
func request(t fataler, s Store, station, id string, count int) store.LeaseRequest {
	t.Helper()
	e, err := s.Epoch(context.Background())
	must(t, err)
	return store.LeaseRequest{Station: station, ID: id, Epoch: e.ID, Prefix: "A", Day: today, Count: count, Most: 1000}
}

func lease(t *testing.T, s Store, r store.LeaseRequest) store.Lease {
	t.Helper()
	l, err := s.LeaseNumbers(t.Context(), r)
	must(t, err)
	return l
}

func epoch(t *testing.T, s Store) store.Epoch {
	t.Helper()
	e, err := s.Epoch(t.Context())
	must(t, err)
	return e
}

func leasedOnce(t *testing.T, s Store) { leaseAtOnce(t, s) }

// leaseAtOnce has many stations lease, each from one of the stores.
func leaseAtOnce(t *testing.T, stores ...Store) {
	var mu sync.Mutex
	seen := map[int]bool{}
	var stations sync.WaitGroup
	for n := range 8 {
		s, station := stores[n%len(stores)], fmt.Sprint("station-", n)
		stations.Go(func() {
			for i := range 5 {
				l, err := s.LeaseNumbers(t.Context(), store.LeaseRequest{
					Station: station, ID: fmt.Sprint(i), Epoch: epoch(t, s).ID, Prefix: "A", Day: today, Count: 1 + i, Most: 1000,
				})
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
	if e := epoch(t, stores[0]); e.Lease != 40 {
		t.Errorf("%d leases are counted", e.Lease)
	}
}

// Whatever happens in what order, no number of a day and a prefix is leased twice, and nobody gets more than the most.
func neverOverlap(t *testing.T, s Store) {
	days := 0
	rapid.Check(t, func(r *rapid.T) {
		days++ // each round has its own
		today := noon.AddDate(0, 0, days).Format(time.DateOnly)
		owner, had := map[string]string{}, map[string]int{}
		for n := range rapid.IntRange(1, 25).Draw(r, "requests") {
			q := request(r, s, rapid.SampledFrom([]string{"one", "two"}).Draw(r, "station"), fmt.Sprint(n), rapid.IntRange(1, 200).Draw(r, "count"))
			q.Prefix, q.Day, q.Most = rapid.SampledFrom([]string{"A", "B"}).Draw(r, "prefix"), today, 700
			l, err := s.LeaseNumbers(context.Background(), q)
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

func sameRequest(t *testing.T, s Store) {
	first := lease(t, s, request(t, s, "station-1", "r", 20))
	if first.Prefix != "A" || first.Day != today || first.First != 1 || first.Count != 20 || first.Lease != 1 {
		t.Errorf("%+v", first)
	}
	if again := lease(t, s, request(t, s, "station-1", "r", 5)); again != first {
		t.Errorf("%+v; want %+v", again, first)
	}
	if other := lease(t, s, request(t, s, "station-2", "r", 5)); other.First != 21 {
		t.Errorf("another station under the same id: %+v", other)
	}
	next := request(t, s, "station-1", "r", 5)
	next.Day = tomorrow
	if l := lease(t, s, next); l.First != 1 || l.Day != tomorrow || l.Lease != 3 {
		t.Errorf("a new day begins with %+v", l)
	}
	for number, want := range map[int]string{0: "", 1: "station-1", 20: "station-1", 21: "station-2", 26: ""} {
		if got, err := s.Holder(t.Context(), today, "A", number); err != nil || got != want {
			t.Errorf("number %d is held by %q, %v", number, got, err)
		}
	}
	if got, err := s.Holder(t.Context(), today, "B", 1); err != nil || got != "" {
		t.Errorf("B-1 is held by %q, %v", got, err)
	}
}

func stationHasMost(t *testing.T, s Store) {
	had := 0
	for n := range 60 {
		l, err := s.LeaseNumbers(t.Context(), request(t, s, "stolen", fmt.Sprint(n), 180))
		if errors.Is(err, store.ErrStationHasMost) {
			break
		}
		must(t, err)
		had += l.Count
	}
	if had != 1000 {
		t.Errorf("one station got %d numbers, want 1000", had)
	}
	if l := lease(t, s, request(t, s, "station-1", "r", 100)); l.Count != 100 {
		t.Errorf("another station gets %+v", l)
	}
	if again := lease(t, s, request(t, s, "stolen", "0", 180)); again.Count != 180 {
		t.Errorf("the same request again gets %+v", again)
	}
}

func lastNumbers(t *testing.T, s Store) {
	all := request(t, s, "station-1", "r", 9950)
	all.Most = 20_000
	lease(t, s, all)
	if l := lease(t, s, request(t, s, "station-2", "r", 100)); l.First != 9951 || l.Count != 49 {
		t.Errorf("%+v", l)
	}
	if _, err := s.LeaseNumbers(t.Context(), request(t, s, "station-3", "r", 1)); !errors.Is(err, store.ErrNoNumbersLeft) {
		t.Errorf("more than there are: %v", err)
	}
}

func epochEnded(t *testing.T, s Store) {
	old := request(t, s, "station-1", "r", 10)
	must(t, s.NewEpoch(t.Context(), noon))
	if _, err := s.LeaseNumbers(t.Context(), old); !errors.Is(err, store.ErrEpochEnded) {
		t.Errorf("leased in an epoch that has ended: %v", err)
	}
	lease(t, s, request(t, s, "station-1", "r", 10))
	must(t, s.MoveEpoch(t.Context(), noon.Add(time.Hour)))
	if e := epoch(t, s); !e.Began.Equal(noon.Add(time.Hour)) || e.Lease != 1 {
		t.Errorf("%+v", e)
	}
}

func nextEpoch(t *testing.T, s Store) {
	first := lease(t, s, request(t, s, "station-1", "r", 1000))
	if _, err := s.LeaseNumbers(t.Context(), request(t, s, "station-1", "more", 1)); !errors.Is(err, store.ErrStationHasMost) {
		t.Fatalf("one more: %v", err)
	}
	must(t, s.NewEpoch(t.Context(), noon))
	second := request(t, s, "station-1", "r", 1000)
	second.Prefix = "AQK"
	if l := lease(t, s, second); l.First != 1 || l.Count != 1000 || l.Prefix != "AQK" || l.Lease != first.Lease+1 {
		t.Errorf("%+v", l)
	}
}

func provesRestore(t *testing.T, s Store) {
	must(t, s.NewEpoch(t.Context(), noon.Add(-store.ObservedEvery)))
	lease(t, s, request(t, s, "station-1", "a", 10))
	e := epoch(t, s)
	for _, c := range []struct {
		name     string
		epoch    string
		lease    int64
		restored bool
	}{
		{"as many", e.ID, 1, false}, {"another epoch", "other", 9, false}, {"nothing", "", 0, false}, {"more", e.ID, 2, true},
		{"more of what has ended", e.ID, 3, false},
	} {
		if got, err := s.ObserveLease(t.Context(), c.epoch, c.lease, noon); err != nil || got != c.restored {
			t.Errorf("%s: restored %v, %v", c.name, got, err)
		}
	}
	second := epoch(t, s)
	if second.ID == e.ID || !second.Began.Equal(noon) {
		t.Errorf("the next is %+v", second)
	}
	if got, err := s.ObserveLease(t.Context(), second.ID, 1<<60, noon.Add(time.Minute)); err != nil || got {
		t.Errorf("a station that lies is believed again after a minute: %v, %v", got, err)
	}
	if got, err := s.ObserveLease(t.Context(), second.ID, 1<<60, noon.Add(store.ObservedEvery)); err != nil || !got {
		t.Errorf("after an hour: %v, %v", got, err)
	}
	observeAtOnce(t, s)
}

// observeAtOnce expects one restore where many stations prove it at once.
func observeAtOnce(t *testing.T, stores ...Store) {
	t.Helper()
	e := epoch(t, stores[0])
	at := e.Began.Add(store.ObservedEvery)
	var mu sync.Mutex
	restores := 0
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			restored, err := stores[n%len(stores)].ObserveLease(t.Context(), e.ID, 1<<60, at)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if restored {
				restores++
			}
		})
	}
	all.Wait()
	if restores != 1 {
		t.Errorf("%d epochs began for one restore", restores)
	}
}
