package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/store/storetest"
)

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

func open(t testing.TB) *store.Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "backoffice.db"))
}

func openAt(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// arrive admits check-in number n, confirmed n minutes after noon, for a caseworker.
func arrive(t testing.TB, s *store.Store, n int, caseworker string) string {
	t.Helper()
	id := fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n)
	a := store.Admission{
		CheckIn: store.CheckIn{
			ID: id, Station: "station-1", ConfirmedAt: noon.Add(time.Duration(n) * time.Minute),
			Service: "appointment", Ticket: fmt.Sprint("A-", n), Day: "2026-03-02",
		},
		Request: []byte(id), Record: []byte("sealed"), Uploads: []store.Upload{{SHA256: []byte{1}, Size: 7}},
	}
	err := s.Admit(context.Background(), a, func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Rule: "r", Caseworker: caseworker}, Room: "204"}
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// An office in SQLite keeps what every store of an office promises.
func TestSQLiteKeepsTheStoresPromises(t *testing.T) {
	storetest.Exercise(t, func(t testing.TB) storetest.Store { return open(t) })
}

// Commands change passwords while the server runs: each process has a store of its own over the same file.
func TestTwoStoresOverOneFileAreOne(t *testing.T) {
	storetest.ExerciseInstances(t, func(t testing.TB) (one, other storetest.Store) {
		path := filepath.Join(t.TempDir(), "backoffice.db")
		return openAt(t, path), openAt(t, path)
	})
}

// An office has one server with SQLite, so that all who watch the queue, or admit to it, share one store.
func TestWhoSharesAStoreHearsOfEveryChange(t *testing.T) {
	storetest.ExerciseWatching(t, func(t testing.TB) (one, other storetest.Store) {
		s := open(t)
		return s, s
	})
}
