package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

// ask is a request of a station for numbers of the day.
func ask(t testing.TB, s *store.Store, station, id string, count int) store.LeaseRequest {
	t.Helper()
	return store.LeaseRequest{Station: station, ID: id, Epoch: epoch(t, s).ID, Prefix: "A", Day: "2026-03-02", Count: count, Most: 1000}
}

func lease(t testing.TB, s *store.Store, r store.LeaseRequest) store.Lease {
	t.Helper()
	l, err := s.LeaseNumbers(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return l
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
	lease(t, s, ask(t, s, "station-1", "a", 10))
	s.Close()
	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	s, restored = at(t, dir, noon)
	if restored || epoch(t, s).ID != first.ID {
		t.Errorf("a restart: restored %v, %+v", restored, epoch(t, s))
	}
	lease(t, s, ask(t, s, "station-1", "b", 10))
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
