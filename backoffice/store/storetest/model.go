package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// seen is a visitor as both the rows and the events tell of one.
type seen struct {
	Queue, Service, Day, Room, State, By string
	CalledAt                             time.Time
	Calls                                int
	Near                                 bool
	Parked                               queue.Parking
	Outcome                              string
	Closed                               bool
}

// sameAsFolded expects that the queue of a day is what its events come to.
func sameAsFolded(t *testing.T, s Store, day string) {
	t.Helper()
	events, err := s.Events(t.Context(), day)
	must(t, err)
	state := queue.NewState()
	for i, e := range events {
		if i > 0 && e.Seq <= events[i-1].Seq {
			t.Errorf("event %d comes after %d", e.Seq, events[i-1].Seq)
		}
		state.Apply(e)
	}
	all, err := s.Queue(t.Context())
	must(t, err)
	var present []string
	for _, c := range all {
		if c.VisitDay == day {
			present = append(present, c.ID)
		}
	}
	if folded := state.Present(); !slices.Equal(folded, present) {
		t.Errorf("by its events the queue is %v; it is %v", folded, present)
	}
	for id, v := range state.Visitors {
		c, _, err := s.CheckIn(t.Context(), id)
		must(t, err)
		byEvents := seen{v.Queue, v.Service, v.Day, v.Room, string(v.Phase), v.By, v.CalledAt, v.Calls, v.Near, v.Parked, v.Outcome, v.Closed}
		byRows := seen{c.Queue, c.Service, c.VisitDay, c.Room, string(c.State), c.CalledBy, c.CalledAt, c.Calls, c.Near, c.Parked, c.Outcome, c.Closed}
		if byEvents != byRows {
			t.Errorf("%s is by the events\n%+v, by the rows\n%+v", c.Ticket, byEvents, byRows)
		}
	}
	o, err := s.Office(t.Context())
	must(t, err)
	if !maps.Equal(o.Away, state.Away) || !maps.Equal(o.Closed, state.Closed) || !maps.Equal(o.Alarms, state.Alarms) {
		t.Errorf("by its events the office is %v, %v, %v; it is %+v", state.Away, state.Closed, state.Alarms, o)
	}
}

// folded goes through everything else that moves visitors: the ends of days, denied stations, clocks that are set, erasing.
func folded(t *testing.T, s Store) {
	for n := range 6 {
		arrive(t, s, n, "brandt")
	}
	admit(t, s, of(7, "2026-03-01", today), with("brandt")) // too late
	do(t, s, by(queue.Next, ""))
	must(t, s.MoveDay(t.Context(), today, "2026-03-05"))
	sameAsFolded(t, s, "2026-03-05")
	must(t, s.NotLater(t.Context(), noon.Add(time.Hour), tomorrow))
	sameAsFolded(t, s, tomorrow)
	must(t, s.Forget(t.Context(), numbered(3)))
	sameAsFolded(t, s, tomorrow)
	must(t, s.SetDenied(t.Context(), []string{"station-1"}, noon))
	must(t, s.SetAside(t.Context(), "lead", "station-1", noon))
	sameAsFolded(t, s, tomorrow)
	must(t, s.Readmit(t.Context(), "lead", numbered(2), tomorrow, noon))
	must(t, s.Readmit(t.Context(), "lead", numbered(7), tomorrow, noon))
	sameAsFolded(t, s, tomorrow)
	_, err := s.CloseDay(t.Context(), "", "2026-03-04", noon)
	must(t, err)
	sameAsFolded(t, s, tomorrow)
}

// likeItsModel plays random commands against the store and against the model of a queue side by side.
func likeItsModel(t *testing.T, s Store) {
	arrivals, round := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		model := queue.NewState()
		names := []string{fmt.Sprint("a-", round), fmt.Sprint("b-", round)}
		pool := fmt.Sprint("pool-", round)
		var ids []string
		rules := queue.Rules{MostCalls: rapid.IntRange(0, 3).Draw(rt, "most calls"), SkipBehind: rapid.IntRange(1, 3).Draw(rt, "behind"),
			ReturnsBehind: rapid.Bool().Draw(rt, "returns behind")}
		come := func(rt *rapid.T) {
			arrivals++
			to := rapid.SampledFrom(append(names, pool)).Draw(rt, "queue")
			id := arrive(rt, s, arrivals, to)
			ids = append(ids, id)
			model.Apply(queue.Event{Kind: queue.KindArrived, At: noon, Day: today, CheckIn: id, Service: "appointment", Queue: to, Room: "204",
				Place: queue.PlaceOf(int64(arrivals))})
		}
		come(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"come": come,
			"do": func(rt *rapid.T) {
				c := randomCommand(rt, names, pool, ids)
				events, want := queue.Decide(model, c, rules)
				answer, err := s.Do(context.Background(), c, rules, nil)
				if !errors.Is(err, want) || want == nil && answer.CheckIn != events[0].CheckIn {
					rt.Fatalf("%s: %v about %q; the model says %v, %+v", c.Do, err, answer.CheckIn, want, events)
				}
				for _, e := range events {
					model.Apply(e)
				}
			},
			"": func(rt *rapid.T) { compare(rt, s, model, names, pool) },
		})
		_, err := s.CloseDay(context.Background(), "", tomorrow, noon) // the next round begins with nobody
		must(rt, err)
	})
}

// randomCommand is any command by one of two caseworkers.
func randomCommand(t *rapid.T, names []string, pool string, ids []string) queue.Command {
	me := rapid.SampledFrom(names).Draw(t, "who")
	c := queue.Command{
		Do: rapid.SampledFrom([]queue.Operation{
			queue.Next, queue.Next, queue.Call, queue.Near, queue.Recall, queue.Skip, queue.Return, queue.Park, queue.Share, queue.Transfer,
			queue.Miss, queue.ComeBack, queue.Finish, queue.Undo, queue.Undo, queue.Leave, queue.GoHome, queue.Resume, queue.Resume,
		}).Draw(t, "operation"),
		By: me, Desk: "204", At: noon, Day: today, Queues: []string{me, pool}, Queue: rapid.SampledFrom(append(names, pool)).Draw(t, "to"),
		Shared: rapid.Bool().Draw(t, "shared"),
	}
	switch c.Do {
	case queue.Next, queue.Undo, queue.Leave, queue.GoHome, queue.Resume:
	default:
		c.CheckIn = rapid.SampledFrom(ids).Draw(t, "visitor")
	}
	return c
}

// compare expects the queue of the store to be that of the model, as far as it is about some queues.
func compare(t *rapid.T, s Store, model *queue.State, names []string, pool string) {
	all, err := s.Queue(context.Background())
	must(t, err)
	var present []string
	for _, c := range all {
		if !slices.Contains(append(names, pool), c.Queue) {
			continue
		}
		present = append(present, c.ID)
		v := model.Visitors[c.ID]
		if v.Queue != c.Queue || string(v.Phase) != string(c.State) || v.By != c.CalledBy || v.Calls != c.Calls || v.Parked != c.Parked || v.Near != c.Near {
			t.Fatalf("%s is %+v; in the model %+v", c.Ticket, c, v)
		}
	}
	if want := model.Present(); !slices.Equal(present, want) {
		t.Fatalf("the queue is %v; in the model %v", present, want)
	}
}

// atOnce has desks work side by side, each clicking twice, while visitors arrive: what the log tells afterwards is that each visitor
// was called by one desk at a time, and that everybody was served.
func atOnce(t *testing.T, s Store) {
	const visitors, desks = 40, 8
	var all sync.WaitGroup
	all.Go(func() {
		for n := range visitors {
			if err := s.Admit(t.Context(), visitor(n), with("pool")); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var mu sync.Mutex
	served := map[string]bool{}
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(served) == visitors
	}
	for d := range desks {
		all.Go(func() {
			me := fmt.Sprint("caseworker-", d)
			for n := 0; !enough() && !t.Failed(); n++ {
				changed := s.Changed()
				id, err := twice(t.Context(), s, queue.Command{ID: fmt.Sprint("click-", n), Do: queue.Next, By: me, Queues: []string{"pool"}, At: noon})
				if errors.Is(err, queue.ErrNobodyWaiting) {
					select {
					case <-changed:
					case <-time.After(50 * time.Millisecond): // the last may have been served meanwhile
					}
					continue
				}
				end := queue.Command{Do: []queue.Operation{queue.Finish, queue.Finish, queue.Return, queue.Skip}[(n+d)%4], By: me, CheckIn: id, At: noon}
				if err == nil {
					_, err = s.Do(t.Context(), end, queue.Rules{}, nil)
				}
				if err != nil {
					t.Error(err)
					return
				}
				if end.Do == queue.Finish {
					mu.Lock()
					served[id] = true
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	events, err := s.Events(t.Context(), today)
	must(t, err)
	at := map[string]string{}
	for _, e := range events {
		switch e.Kind {
		case queue.KindCalled:
			if other := at[e.CheckIn]; other != "" {
				t.Errorf("%s was called by %s while with %s", e.CheckIn, e.By, other)
			}
			at[e.CheckIn] = e.By
		case queue.KindReturned, queue.KindSkipped:
			at[e.CheckIn] = ""
		}
	}
	if n, err := s.CountVisitors(t.Context()); err != nil || n != (store.VisitorCounts{}) {
		t.Errorf("not served: %+v, %v", n, err)
	}
	sameAsFolded(t, s, today)
}

// twice sends a command from two goroutines; both must hear the same.
func twice(ctx context.Context, s Store, c queue.Command) (string, error) {
	var answers [2]store.Answer
	var errs [2]error
	var both sync.WaitGroup
	for i := range 2 {
		both.Go(func() { answers[i], errs[i] = s.Do(ctx, c, queue.Rules{}, nil) })
	}
	both.Wait()
	if answers[0] != answers[1] || (errs[0] == nil) != (errs[1] == nil) {
		return "", fmt.Errorf("one click, two answers: %v %v, %v %v", answers[0], errs[0], answers[1], errs[1])
	}
	return answers[0].CheckIn, errs[0]
}
