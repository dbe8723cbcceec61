package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

func queueing() []promise {
	return []promise{
		{"first come, first served, whatever the clocks say", firstCome},
		{"who calls from several queues calls whoever came first to any", severalQueues},
		{"one visitor at a desk", oneAtADesk},
		{"a wrong click can be taken back", takenBack},
		{"nobody is called twice by caseworkers who call at once", calledOnce},
		{"everybody is called once by caseworkers who call the next at once", nextOnce},
		{"those who ended are listed, the last first", lastFirst},
		{"who waits, is at a desk or was left is counted", counted},
		{"what was done about a visitor is kept, in order", audited},
		{"every change is announced", announced},
	}
}

func firstCome(t *testing.T, s Store) {
	first, second := arrive(t, s, 2, "brandt"), arrive(t, s, 1, "brandt") // the second's clock is behind
	if all, err := s.Queue(t.Context()); err != nil || !slices.Equal(tickets(all), []string{"A-2", "A-1"}) {
		t.Errorf("the queue is %v, %v", tickets(all), err)
	}
	for _, want := range []string{first, second} {
		id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
		if err != nil || id != want {
			t.Fatalf("called %s, %v; want %s", id, err, want)
		}
		must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon))
	}
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("an empty queue: %v", err)
	}
}

func severalQueues(t *testing.T, s Store) {
	arrive(t, s, 1, "yilmaz")
	pooled, own := arrive(t, s, 2, "permits"), arrive(t, s, 3, "brandt")
	queues := []string{"brandt", "permits"}
	for _, want := range []string{pooled, own} {
		id, err := s.CallNext(t.Context(), "brandt", queues, noon)
		if err != nil || id != want {
			t.Fatalf("called %s, %v; want %s", id, err, want)
		}
		must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon))
	}
	if _, err := s.CallNext(t.Context(), "brandt", queues, noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("only another's visitor waits: %v", err)
	}
}

func oneAtADesk(t *testing.T, s Store) {
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if c, _, err := s.CheckIn(t.Context(), first); err != nil || c.State != store.Called || c.CalledBy != "brandt" || !c.CalledAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("at the desk: %+v, %v", c, err)
	}
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); !errors.Is(err, store.ErrBusy) {
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
	if err := s.Return(t.Context(), "yilmaz", first, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("another sends the visitor back: %v", err)
	}
	if err := s.Call(t.Context(), "yilmaz", second, noon); err != nil {
		t.Errorf("another calls out of turn, from this queue: %v", err)
	}
}

func takenBack(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	arrive(t, s, 2, "brandt")
	_, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	must(t, err)
	must(t, s.Finish(t.Context(), "brandt", id, store.NoShow, noon))
	if ended, err := s.Ended(t.Context(), "brandt", 5); err != nil || len(ended) != 1 || ended[0].State != store.NoShow {
		t.Fatalf("ended: %v, %v", ended, err)
	}
	must(t, s.Return(t.Context(), "brandt", id, noon))
	if c, _, err := s.CheckIn(t.Context(), id); err != nil || c.State != store.Waiting || c.CalledBy != "" || !c.CalledAt.IsZero() {
		t.Errorf("waiting again: %+v, %v", c, err)
	}
	if next, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); err != nil || next != id {
		t.Errorf("the old place is lost: %s, %v", next, err)
	}
}

func calledOnce(t *testing.T, s Store) { callAtOnce(t, s, s) }

// callAtOnce has many caseworkers reach for the same visitors, each through one of the stores.
func callAtOnce(t *testing.T, stores ...Store) {
	const visitors, caseworkers = 60, 12
	for n := range visitors {
		arrive(t, stores[0], n, "pool")
	}
	queue, err := stores[0].Queue(t.Context())
	must(t, err)
	var mu sync.Mutex
	by := map[string][]string{}
	var everyone sync.WaitGroup
	for c := range caseworkers {
		name, s := fmt.Sprint("caseworker-", c), stores[c%len(stores)]
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

// nextOnce has every caseworker call from several pages at once: one gets the visitor, the others hear that they are busy.
func nextOnce(t *testing.T, s Store) {
	const visitors, pages = 10, 6
	for n := range visitors {
		arrive(t, s, n, "brandt")
	}
	for n := range visitors {
		var mu sync.Mutex
		var called []string
		var all sync.WaitGroup
		for range pages {
			all.Go(func() {
				id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					called = append(called, id)
				} else if !errors.Is(err, store.ErrBusy) && (n < visitors-1 || !errors.Is(err, store.ErrNobodyWaiting)) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if !slices.Equal(called, []string{numbered(n)}) {
			t.Fatalf("called %v at once; want %s alone", called, numbered(n))
		}
		must(t, s.Finish(t.Context(), "brandt", called[0], store.Done, noon))
	}
}

func lastFirst(t *testing.T, s Store) {
	for n := range 4 {
		id := arrive(t, s, n, "brandt")
		must(t, s.Call(t.Context(), "brandt", id, noon))
		must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon.Add(time.Duration(n/2)*time.Minute))) // two in the same minute
	}
	other := arrive(t, s, 9, "brandt")
	must(t, s.Call(t.Context(), "yilmaz", other, noon))
	must(t, s.Finish(t.Context(), "yilmaz", other, store.Done, noon.Add(time.Hour)))
	if ended, err := s.Ended(t.Context(), "brandt", 3); err != nil || !slices.Equal(tickets(ended), []string{"A-3", "A-2", "A-1"}) {
		t.Errorf("ended: %v, %v", tickets(ended), err)
	}
	_, err := s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	if ended, err := s.Ended(t.Context(), "brandt", 3); err != nil || len(ended) != 0 {
		t.Errorf("of a day that is closed: %v, %v", tickets(ended), err)
	}
}

func counted(t *testing.T, s Store) {
	for n := range 5 {
		arrive(t, s, n, "brandt")
	}
	id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	must(t, err)
	must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon))
	_, err = s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	must(t, err)
	admit(t, s, of(7, "2026-03-01", today), with("brandt"))
	if got, err := s.CountVisitors(t.Context()); err != nil || got != (store.VisitorCounts{Waiting: 3, Called: 1, Left: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	if n, err := s.CountCheckIns(t.Context()); err != nil || n != 6 {
		t.Errorf("%d are kept, %v", n, err)
	}
}

func audited(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	opened := store.Entry{At: noon.Add(time.Minute), Name: "brandt", Action: store.ActionOpened, CheckIn: id, File: "portrait"}
	_, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	must(t, err)
	must(t, s.Audit(t.Context(), opened))
	must(t, s.Return(t.Context(), "brandt", id, noon))
	must(t, s.Call(t.Context(), "yilmaz", id, noon))
	must(t, s.Finish(t.Context(), "yilmaz", id, store.NoShow, noon))
	if err := s.Call(t.Context(), "brandt", id, noon); err == nil { // what is refused leaves no trace
		t.Error("a visitor who did not come was called")
	}
	trail, err := s.AuditTrail(t.Context(), id)
	must(t, err)
	var did []string
	for _, e := range trail {
		did = append(did, e.Name+" "+string(e.Action))
	}
	if !slices.Equal(did, []string{"brandt called", "brandt opened", "brandt returned", "yilmaz called", "yilmaz no_show"}) {
		t.Errorf("kept: %q", did)
	}
	if len(trail) > 1 && trail[1] != opened {
		t.Errorf("kept %+v; want %+v", trail[1], opened)
	}
	must(t, s.Forget(t.Context(), id))
	if after, err := s.AuditTrail(t.Context(), id); err != nil || !slices.Equal(after, trail) {
		t.Errorf("once the check-in is erased: %v, %v", after, err)
	}
}

func announced(t *testing.T, s Store) { announcedTo(t, s, s) }

// announcedTo expects that every change by one store is announced to whoever watches another.
func announcedTo(t *testing.T, by, to Store) {
	ctx := t.Context()
	var id string
	for _, step := range []struct {
		name   string
		change func() error
	}{
		{"an arrival", func() error { id = arrive(t, by, 1, "brandt"); return nil }},
		{"a call of the next", func() error { _, err := by.CallNext(ctx, "brandt", []string{"brandt"}, noon); return err }},
		{"a return", func() error { return by.Return(ctx, "brandt", id, noon) }},
		{"a call", func() error { return by.Call(ctx, "brandt", id, noon) }},
		{"an end", func() error { return by.Finish(ctx, "brandt", id, store.Done, noon) }},
		{"taking it back", func() error { return by.Return(ctx, "brandt", id, noon) }},
		{"a clock that is set", func() error { return by.MoveDay(ctx, today, today) }},
		{"a station denied", func() error { return by.SetDenied(ctx, []string{"station-1"}, noon) }},
		{"setting aside", func() error { return by.SetAside(ctx, "brandt", "station-1", noon) }},
		{"a readmission", func() error { return by.Readmit(ctx, "brandt", id, today, noon) }},
		{"the end of a day", func() error { _, err := by.CloseDay(ctx, "", tomorrow, noon); return err }},
		{"a dismissal", func() error { return by.Dismiss(ctx, "brandt", id, noon) }},
		{"erasing that waits", func() error {
			return by.HoldErasing(ctx, store.Erasing{Reason: store.HoldMany, Held: 1, ClockAt: noon})
		}},
		{"its confirmation", func() error { return by.ConfirmErasing(ctx, "brandt", noon, noon) }},
		{"its end", func() error { return by.EndErasing(ctx, noon, 0) }},
		{"its release", func() error { return by.ReleaseErasing(ctx) }},
		{"erasing", func() error { return by.Forget(ctx, id) }},
	} {
		changed := to.Changed()
		must(t, step.change())
		select {
		case <-changed:
		case <-time.After(patience):
			t.Errorf("%s: nobody was told", step.name)
		}
	}
}

// patience is how long an announcement may take: it may come over a network.
const patience = 5 * time.Second
