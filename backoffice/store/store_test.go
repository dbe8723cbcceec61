package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

func open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "backoffice.db"))
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

func TestFirstComeFirstServedWhateverTheClocksSay(t *testing.T) {
	s := open(t)
	first, second := arrive(t, s, 2, "brandt"), arrive(t, s, 1, "brandt") // the second's clock is behind
	for _, want := range []string{first, second} {
		id, err := s.CallNext(t.Context(), "brandt", noon)
		if err != nil || id != want {
			t.Fatalf("called %s, %v; want %s", id, err, want)
		}
		if err := s.Finish(t.Context(), "brandt", id, store.Done, noon); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.CallNext(t.Context(), "brandt", noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("an empty queue: %v", err)
	}
}

func TestOneVisitorAtADesk(t *testing.T) {
	s := open(t)
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	if _, err := s.CallNext(t.Context(), "brandt", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CallNext(t.Context(), "brandt", noon); !errors.Is(err, store.ErrBusy) {
		t.Errorf("call next: %v", err)
	}
	if err := s.Call(t.Context(), "brandt", second, noon); !errors.Is(err, store.ErrBusy) {
		t.Errorf("call one: %v", err)
	}
	if err := s.Call(t.Context(), "yilmaz", first, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("another calls the same visitor: %v", err)
	}
	if err := s.Finish(t.Context(), "yilmaz", first, store.Done, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("another finishes with the visitor: %v", err)
	}
}

func TestAMisclickCanBeTakenBack(t *testing.T) {
	s := open(t)
	id := arrive(t, s, 1, "brandt")
	arrive(t, s, 2, "brandt")
	s.CallNext(t.Context(), "brandt", noon)
	if err := s.Finish(t.Context(), "brandt", id, store.NoShow, noon); err != nil {
		t.Fatal(err)
	}
	if ended, err := s.Ended(t.Context(), "brandt", 5); err != nil || len(ended) != 1 || ended[0].State != store.NoShow {
		t.Fatalf("ended: %v, %v", ended, err)
	}
	if err := s.Return(t.Context(), "brandt", id, noon); err != nil {
		t.Fatal(err)
	}
	if next, err := s.CallNext(t.Context(), "brandt", noon); err != nil || next != id {
		t.Errorf("the old place is lost: %s, %v", next, err)
	}
}

func TestCaseworkersWhoCallAtOnceNeverGetTheSameVisitor(t *testing.T) {
	s := open(t)
	const visitors, caseworkers = 60, 12
	for n := range visitors {
		arrive(t, s, n, "pool")
	}
	queue, err := s.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	by := map[string][]string{}
	var everyone sync.WaitGroup
	for c := range caseworkers {
		name := fmt.Sprint("caseworker-", c)
		everyone.Go(func() {
			for _, visitor := range queue { // all reach for the same one each time
				err := s.Call(t.Context(), name, visitor.ID, noon)
				switch {
				case errors.Is(err, store.ErrTaken):
					continue
				case err != nil:
					t.Error(err)
					return
				}
				mu.Lock()
				by[visitor.ID] = append(by[visitor.ID], name)
				mu.Unlock()
				if err := s.Finish(t.Context(), name, visitor.ID, store.Done, noon); err != nil {
					t.Error(err)
				}
			}
		})
	}
	everyone.Wait()
	if len(by) != visitors {
		t.Errorf("%d of %d visitors were called", len(by), visitors)
	}
	for id, names := range by {
		if len(names) != 1 {
			t.Errorf("%s was called by %v", id, names)
		}
	}
}

// TestTheQueueBehavesLikeALine plays random calls against the store and against a plain list side by side.
func TestTheQueueBehavesLikeALine(t *testing.T) {
	s := open(t)
	rounds := 0
	rapid.Check(t, func(t *rapid.T) {
		rounds++
		me := fmt.Sprint("caseworker-", rounds)
		var line []string // waiting, first come first
		var atDesk string
		n := rounds * 1000
		t.Repeat(map[string]func(*rapid.T){
			"arrive": func(t *rapid.T) {
				n++
				line = append(line, arriveRapid(t, s, n, me))
			},
			"next": func(t *rapid.T) {
				id, err := s.CallNext(context.Background(), me, noon)
				switch {
				case atDesk != "" && len(line) > 0 && !errors.Is(err, store.ErrBusy):
					t.Fatalf("a second visitor at the desk: %s, %v", id, err)
				case len(line) == 0 && !errors.Is(err, store.ErrNobodyWaiting):
					t.Fatalf("somebody came from nowhere: %s, %v", id, err)
				case atDesk == "" && len(line) > 0:
					if err != nil || id != line[0] {
						t.Fatalf("called %s, %v; want %s", id, err, line[0])
					}
					atDesk, line = id, line[1:]
				}
			},
			"done": func(t *rapid.T) {
				if atDesk == "" {
					t.Skip("nobody at the desk")
				}
				if err := s.Finish(context.Background(), me, atDesk, store.Done, noon); err != nil {
					t.Fatal(err)
				}
				atDesk = ""
			},
			"back": func(t *rapid.T) {
				if atDesk == "" {
					t.Skip("nobody at the desk")
				}
				if err := s.Return(context.Background(), me, atDesk, noon); err != nil {
					t.Fatal(err)
				}
				line = append(line, atDesk)
				slices.Sort(line)
				atDesk = ""
			},
		})
	})
}

func arriveRapid(t *rapid.T, s *store.Store, n int, caseworker string) string {
	a := store.Admission{CheckIn: store.CheckIn{
		ID: fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n), ConfirmedAt: noon.Add(time.Duration(n) * time.Second),
		Ticket: fmt.Sprint("A-", n), Day: "2026-03-02",
	}, Request: []byte{}}
	err := s.Admit(context.Background(), a, func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Caseworker: caseworker}}
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func TestEveryChangeOfTheQueueIsAnnounced(t *testing.T) {
	s := open(t)
	var id string
	expectChange(t, s, "arrival", func() { id = arrive(t, s, 1, "brandt") })
	expectChange(t, s, "call", func() { s.CallNext(t.Context(), "brandt", noon) })
	expectChange(t, s, "return", func() { s.Return(t.Context(), "brandt", id, noon) })
	expectChange(t, s, "forgetting", func() { s.Forget(t.Context(), id) })
}

func expectChange(t *testing.T, s *store.Store, name string, change func()) {
	t.Helper()
	changed := s.Changed()
	change()
	select {
	case <-changed:
	default:
		t.Errorf("%s: nobody was told", name)
	}
}

func TestForgettingLeavesNoRecordBehind(t *testing.T) {
	s := open(t)
	id := arrive(t, s, 1, "brandt")
	if overdue, err := s.Overdue(t.Context(), noon.Add(time.Hour)); err != nil || len(overdue) != 1 || overdue[0].ID != id {
		t.Fatalf("overdue: %v, %v", overdue, err)
	}
	if err := errors.Join(s.Forget(t.Context(), id), s.Forget(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CheckIn(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("check-in: %v", err)
	}
	if _, err := s.Uploaded(t.Context(), "station-1", id, []byte{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("upload: %v", err)
	}
}

func TestARevisionGrowsOnlyWithAChange(t *testing.T) {
	s := open(t)
	for i, step := range []struct {
		sum  string
		want int64
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"a", 3}} {
		if got, err := s.Revision(t.Context(), []byte(step.sum)); err != nil || got != step.want {
			t.Errorf("step %d: %d, %v; want %d", i, got, err, step.want)
		}
	}
}
