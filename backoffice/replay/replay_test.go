package replay_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/replay"
)

func TestADayPlayedAsItWasIsTheDayAsItWas(t *testing.T) {
	r := run(t, twoQueues(), shortest, shortest)
	want := replay.Figures{
		Received: 4, Wait: replay.Wait{Visitors: 4, P50: 0, P90: 10, Longest: 10},
		Services: []replay.Group{{ID: "card", Wait: replay.Wait{Visitors: 1}}, {ID: "permit", Wait: replay.Wait{Visitors: 3, P50: 10, P90: 10, Longest: 10}}},
		Languages: []replay.Group{{ID: "de", Wait: replay.Wait{Visitors: 2, P90: 10, Longest: 10}},
			{ID: "uk", Wait: replay.Wait{Visitors: 2, P90: 10, Longest: 10}}},
		Staff: []replay.Staff{{Caseworker: "anna", Visits: 3, Busy: 60, There: 60, Utilisation: 1},
			{Caseworker: "boris", Visits: 1, Busy: 10, There: 55, Utilisation: 0.182}},
		Spread: 10,
	}
	if !reflect.DeepEqual(r.Was, want) {
		t.Errorf("was %+v\nwant %+v", r.Was, want)
	}
	if !reflect.DeepEqual(r.Played, want) || r.Error.P50+r.Error.P90+r.Error.Longest != 0 {
		t.Errorf("played %+v\nwant %+v, and no error: %+v", r.Played, want, r.Error)
	}
}

func TestOtherRulesSendVisitorsElsewhere(t *testing.T) {
	r := run(t, twoQueues(), shortest, byLanguage)
	// Boris has both who speak Ukrainian, Anna the others.
	if want := []replay.Move{{From: "anna", To: "boris", Rule: "ukrainian", N: 2}, {From: "boris", To: "anna", Rule: "all", N: 1}}; r.Moved != 3 || !reflect.DeepEqual(r.Moves, want) {
		t.Errorf("moved %d: %+v, want %+v", r.Moved, r.Moves, want)
	}
	if r.With.Wait.Visitors != 4 || len(r.NotThere)+len(r.NotInFile)+r.Nowhere+r.WithoutFacts != 0 {
		t.Errorf("%+v", r)
	}
}

func TestAPoolIsPlayedWithAllOfItsMembers(t *testing.T) {
	r := run(t, twoQueues(), shortest, pooled)
	// Anna has the first from 0 to 20 and the fourth from 30, Boris the second from 5 to 15 and then the third, who came at 10.
	if r.With.Wait.Longest != 5 || r.With.Left != 0 || r.Moved != 4 {
		t.Errorf("%+v", r.With)
	}
}

func TestACeilingCountsWhoWaitsLonger(t *testing.T) {
	q := question(t, shortest, shortest)
	q.Ceiling = 9 * time.Minute
	r, err := replay.Run(t.Context(), twoQueues(), q)
	// By the rules Anna has the second, who waits for the end of the first one's visit, and Boris the third, at once.
	if err != nil || r.Was.OverCeiling != 2 || r.Played.OverCeiling != 2 || r.With.OverCeiling != 1 || r.With.Wait.Longest != 15 {
		t.Errorf("%v: was %d, played %d, with %d", err, r.Was.OverCeiling, r.Played.OverCeiling, r.With.OverCeiling)
	}
}

func TestSomebodyWhoIsNotThereReceivesNobody(t *testing.T) {
	carla := strings.ReplaceAll(shortest, "boris", "carla")
	r := run(t, twoQueues(), shortest, carla)
	if !reflect.DeepEqual(r.NotThere, []string{"carla"}) || !reflect.DeepEqual(r.NotInFile, []string{"boris"}) {
		t.Errorf("not there %v, not in the file %v", r.NotThere, r.NotInFile)
	}
	if r.Nowhere == 0 || r.With.Left != r.Nowhere || r.With.Received != 4-r.Nowhere {
		t.Errorf("%d were sent nowhere: %+v", r.Nowhere, r.With)
	}
}

func TestABreakIsABreakInThePlay(t *testing.T) {
	d := newDay()
	d.arrives("one", 0, "permit", "de", "anna")
	d.calls("one", "anna", 0, 10)
	d.office(queue.KindAway, "anna", 10)
	d.arrives("two", 15, "permit", "de", "anna")
	d.office(queue.KindBack, "anna", 40)
	d.calls("two", "anna", 40, 50)
	r := run(t, d, shortest, shortest)
	if r.Was.Wait.Longest != 25 || r.Played.Wait.Longest != 25 || r.Was.Staff[0].There != 20 {
		t.Errorf("was %+v, played %+v", r.Was, r.Played)
	}
}

func TestWhoCameBackWasTransferredOrWasParkedIsPlayedOn(t *testing.T) {
	d := newDay()
	d.arrives("one", 0, "permit", "de", "anna")
	d.step(queue.KindCalled, "one", "anna", 0, "")
	d.step(queue.KindTransferred, "one", "anna", 10, "boris")
	d.calls("one", "boris", 10, 30)
	d.arrives("two", 30, "permit", "de", "anna")
	d.step(queue.KindCalled, "two", "anna", 30, "")
	d.step(queue.KindParked, "two", "anna", 40, "")
	d.arrives("meanwhile", 45, "card", "de", "anna")
	d.calls("meanwhile", "anna", 45, 55)
	d.calls("two", "anna", 60, 70)
	d.arrives("three", 70, "permit", "de", "anna")
	d.step(queue.KindCalled, "three", "anna", 70, "")
	d.step(queue.KindNoShow, "three", "anna", 75, "")
	d.step(queue.KindCameBack, "three", "anna", 80, "")
	d.calls("three", "anna", 80, 90)
	r := run(t, d, shortest, shortest)
	if !reflect.DeepEqual(r.Was, r.Played) || r.Was.Left != 0 || r.Was.Staff[0].Visits != 6 || r.Was.Staff[1].Busy != 20 {
		t.Errorf("was %+v\nplayed %+v", r.Was, r.Played)
	}
}

func TestACallThatWasTakenBackIsNone(t *testing.T) {
	d := newDay()
	d.arrives("one", 0, "permit", "de", "anna")
	d.step(queue.KindCalled, "one", "anna", 5, "")
	d.look("one", "anna", 5)
	d.step(queue.KindUndone, "one", "anna", 6, "anna")
	d.calls("one", "anna", 20, 30)
	d.arrives("two", 30, "permit", "de", "anna")
	d.step(queue.KindCalled, "two", "anna", 30, "")
	d.step(queue.KindReturned, "two", "anna", 31, "")
	d.calls("two", "anna", 42, 50)
	r := run(t, d, shortest, shortest)
	if r.Was.Wait.P50 != 12 || r.Was.Wait.Longest != 20 || r.Was.Staff[0].Visits != 2 {
		t.Errorf("%+v", r.Was)
	}
}

func TestWhoWasLeftIsLeftInThePlay(t *testing.T) {
	d := newDay()
	d.arrives("one", 0, "permit", "de", "anna")
	d.calls("one", "anna", 0, 10)
	d.arrives("two", 30, "permit", "de", "anna")
	d.step(queue.KindLeft, "two", "", 600, "")
	d.arrives("late", 700, "permit", "de", "anna")
	d.step(queue.KindLeft, "late", "", 700, "")
	d.arrives("denied", 40, "permit", "de", "anna")
	d.step(queue.KindSetAside, "denied", "", 41, "")
	r := run(t, d, shortest, shortest)
	if r.Visitors != 2 || r.Aside != 2 || r.Was.Left != 1 || r.Played.Left != 1 || r.Error.Left != 0 {
		t.Errorf("%+v", r)
	}
}

func TestADayOnWhichNobodyWasCalledIsPlayed(t *testing.T) {
	d := newDay()
	d.arrives("one", 0, "permit", "de", "anna")
	r := run(t, d, shortest, byLanguage)
	if r.Was.Left != 1 || r.With.Left != 1 || r.Nowhere != 1 || r.Was.Staff == nil || len(r.NotThere) != 2 {
		t.Errorf("%+v", r)
	}
}

func TestAnErasedVisitorIsPlayedByTheService(t *testing.T) {
	d := twoQueues()
	delete(d.checkIns, "one")
	d.step(queue.KindErased, "one", "", 800, "")
	r := run(t, d, shortest, byLanguage)
	if r.Visitors != 4 || r.WithoutFacts != 1 || r.Error.Moved != nil {
		t.Errorf("%d visitors, %d without facts, %v moved", r.Visitors, r.WithoutFacts, r.Error.Moved)
	}
	if unknown := r.Was.Languages[0]; unknown.ID != "" || unknown.Visitors != 1 {
		t.Errorf("languages %+v", r.Was.Languages)
	}
}

func TestTheOfficesOwnRulesSayHowManyThePlayMoves(t *testing.T) {
	d := newDay()
	d.arrives("one", 0, "permit", "de", "anna")
	d.calls("one", "anna", 0, 20)
	d.arrives("two", 5, "permit", "de", "anna")
	d.arrives("three", 10, "permit", "de", "boris")
	d.calls("three", "boris", 10, 30)
	d.calls("two", "anna", 20, 30)
	d.sentBy(office(t, shortest).Routing().Hash())
	r := run(t, d, shortest, byLanguage)
	if r.Error.Moved == nil || *r.Error.Moved != 0 || r.Moved != 1 {
		t.Errorf("the own rules move %v, the others %d", r.Error.Moved, r.Moved)
	}
	if r := run(t, d, byLanguage, shortest); r.Error.Moved != nil {
		t.Errorf("other rules than those of the day say that %d moved", *r.Error.Moved)
	}
}

func TestAWholeDayIsPlayedCloseToWhatHappened(t *testing.T) {
	r := run(t, lively(60), shortest, pooled)
	for _, off := range []float64{r.Error.P50, r.Error.P90, r.Error.Longest} {
		if math.Abs(off) > 1 {
			t.Errorf("the play is off by %+v, and the day was %+v", r.Error, r.Was.Wait)
		}
	}
	if r.Error.Left != 0 || r.With.Received != 60 || r.With.Wait.Longest > r.Was.Wait.Longest {
		t.Errorf("was %+v\nwith %+v", r.Was, r.With)
	}
}

func TestAVisitorBelongsToTheDayOnWhichTheyWereReadmitted(t *testing.T) {
	d := newDay()
	d.events = append(d.events, queue.Event{At: morning.AddDate(0, 0, -1), Day: "2026-03-01", Kind: queue.KindArrived, CheckIn: "one", Service: "permit", Queue: "anna", Place: 1},
		queue.Event{At: morning.Add(-time.Hour), Day: "2026-03-01", Kind: queue.KindLeft, CheckIn: "one"})
	d.step(queue.KindReadmitted, "one", "anna", 0, "anna")
	d.calls("one", "anna", 7, 10)
	d.arrives("two", 20, "permit", "de", "anna")
	d.events = append(d.events, queue.Event{At: at(900), Day: "2026-03-02", Kind: queue.KindLeft, CheckIn: "two"},
		queue.Event{At: at(1500), Day: "2026-03-03", Kind: queue.KindReadmitted, By: "anna", CheckIn: "two", Queue: "anna", Place: 9},
		queue.Event{At: at(1501), Day: "2026-03-03", Kind: queue.KindCalled, By: "anna", CheckIn: "two"})
	r := run(t, d, shortest, shortest)
	if r.Visitors != 2 || r.Was.Wait.Longest != 7 || r.Was.Left != 1 {
		t.Errorf("%+v", r.Was)
	}
}

func TestDaysThatCannotBePlayed(t *testing.T) {
	q := question(t, shortest, shortest)
	if _, err := replay.Run(t.Context(), newDay(), q); !errors.Is(err, replay.ErrNobody) {
		t.Errorf("an empty day: %v", err)
	}
	q.Now = at(0)
	if _, err := replay.Run(t.Context(), twoQueues(), q); !errors.Is(err, replay.ErrNotOver) {
		t.Errorf("a day that is not over: %v", err)
	}
}

func TestALongestWaitInTheRulesKeepsTheCeiling(t *testing.T) {
	d := newDay()
	for n := range 6 { // all at once for Anna, 20 minutes each; Boris has one who comes later
		d.arrives(fmt.Sprint("visitor-", n), 0, "permit", "de", "anna")
	}
	d.arrives("later", 1, "card", "de", "boris")
	d.office(queue.KindBack, "boris", 0)
	d.calls("later", "boris", 1, 11)
	for n := range 6 {
		d.calls(fmt.Sprint("visitor-", n), "anna", 20*n, 20*n+20)
	}
	relieved := people + `
[[route]]
id = "in-charge"
to = ["anna"]
longest_wait = 40
about = { de = "weil" }
[[route]]
id = "relief"
to = ["boris"]
about = { de = "weil" }
`
	q := question(t, shortest, relieved)
	q.Ceiling = 70 * time.Minute
	r, err := replay.Run(t.Context(), d, q)
	if err != nil || r.Was.OverCeiling != 2 || r.Played.OverCeiling != 2 || r.With.OverCeiling != 0 || r.With.Wait.Longest > 60 {
		t.Errorf("%v: was %+v, with %+v", err, r.Was.Wait, r.With.Wait)
	}
}
