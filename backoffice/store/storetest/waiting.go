package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

func waiting() []promise {
	return []promise{
		{"the range that a visitor was told is told again", toldRange},
		{"how long a visit took is told from its call to its end, once", visitsMeasured},
		{"what came between a call and an end is no visit", interrupted},
		{"how long a visitor waited is told beside the range, when called for the first time", waitsMeasured},
		{"who waited for something else than a turn is not measured", otherWaits},
		{"who is with whom is told while it lasts", atDesks},
	}
}

// range10 are ten to twenty minutes.
func range10() store.Told {
	return store.Told{WaitFrom: 10 * time.Minute, WaitUntil: 20 * time.Minute}
}

// promised admits check-in number n in brandt's queue, told a range.
func promised(t *testing.T, s Store, n int) string {
	t.Helper()
	return admit(t, s, visitor(n), func(all []store.Queued) store.Placement {
		p := with("brandt")(all)
		p.Told = range10()
		return p
	})
}

// after is a command so many minutes after noon.
func after(minutes int, do queue.Operation, id string) queue.Command {
	c := by(do, id)
	c.At = noon.Add(time.Duration(minutes) * time.Minute)
	return c
}

// expectMeasures expects all that was measured since the beginning of the day.
func expectMeasures(t *testing.T, s Store, want ...store.Measure) {
	t.Helper()
	got, err := s.Measured(t.Context(), 0, noon.Add(-time.Hour), 100)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(store.Measure{}, "Seq"), cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func toldRange(t *testing.T, s Store) {
	id := promised(t, s, 1)
	if got, err := s.Submitted(t.Context(), id); err != nil || got.Told != range10() {
		t.Errorf("told %+v, %v", got.Told, err)
	}
	if got, err := s.Submitted(t.Context(), arrive(t, s, 2, "brandt")); err != nil || got.Told != (store.Told{}) {
		t.Errorf("who was told none: %+v, %v", got.Told, err)
	}
}

func visitsMeasured(t *testing.T, s Store) {
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	do(t, s, after(5, queue.Call, first))
	do(t, s, after(6, queue.Recall, first))
	do(t, s, after(17, queue.Finish, first))
	do(t, s, after(20, queue.Call, second))
	do(t, s, after(22, queue.Miss, second))
	one, two := store.Measure{Service: "appointment", Took: 12 * time.Minute}, store.Measure{Service: "appointment", Took: 2 * time.Minute}
	expectMeasures(t, s, one, two)
	all, err := s.Measured(t.Context(), 0, noon, 1)
	if err != nil || len(all) != 1 || all[0].Took != one.Took {
		t.Fatalf("at most one: %+v, %v", all, err)
	}
	if rest, err := s.Measured(t.Context(), all[0].Seq, noon, 100); err != nil || len(rest) != 1 || rest[0].Took != two.Took {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
	if late, err := s.Measured(t.Context(), 0, noon.Add(18*time.Minute), 100); err != nil || len(late) != 1 || late[0].Took != two.Took {
		t.Errorf("not before the second call: %+v, %v", late, err)
	}
	must(t, s.Forget(t.Context(), first, second))
	expectMeasures(t, s, one, two)
}

func interrupted(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	do(t, s, after(1, queue.Call, id))
	do(t, s, after(2, queue.Park, id))
	do(t, s, after(62, queue.Call, id))
	do(t, s, after(70, queue.Finish, id))
	expectMeasures(t, s, store.Measure{Service: "appointment", Took: 8 * time.Minute})
}

func waitsMeasured(t *testing.T, s Store) {
	id := promised(t, s, 1)
	arrive(t, s, 2, "brandt") // who was told nothing
	do(t, s, after(13, queue.Call, id))
	wait := store.Measure{Service: "appointment", Waited: 13 * time.Minute, Told: range10()}
	expectMeasures(t, s, wait)
	do(t, s, after(14, queue.Return, id))
	do(t, s, after(30, queue.Call, id)) // not for the first time
	do(t, s, after(31, queue.Return, id))
	do(t, s, after(32, queue.Call, numbered(2)))
	expectMeasures(t, s, wait)
	must(t, s.Forget(t.Context(), id))
	expectMeasures(t, s)
}

func otherWaits(t *testing.T, s Store) {
	skipped := promised(t, s, 1)
	promised(t, s, 2)
	do(t, s, after(1, queue.Skip, skipped))
	do(t, s, after(9, queue.Call, skipped))
	expectMeasures(t, s)
}

func atDesks(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	if all, err := s.AtDesks(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("before the call: %+v, %v", all, err)
	}
	do(t, s, after(5, queue.Call, id))
	all, err := s.AtDesks(t.Context())
	if err != nil || len(all) != 1 || all[0].Caseworker != "brandt" || all[0].Service != "appointment" || !all[0].Since.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("%+v, %v", all, err)
	}
	do(t, s, after(9, queue.Finish, id))
	if all, err := s.AtDesks(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after the end: %+v, %v", all, err)
	}
}
