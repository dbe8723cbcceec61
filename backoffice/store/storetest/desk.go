package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func desk() []promise {
	return []promise{
		{"a command that comes twice is carried out once", clickedTwice},
		{"a command is not another's, nor for another visitor", anothersCommand},
		{"a visitor is called so often, by whatever way", calledSoOften},
		{"a visitor who is asked to come near keeps the place", askedNear},
		{"who is skipped comes behind the next few, and who arrives later behind all", skipped},
		{"who did not come and is there after all has the old place, or the last", cameBack},
		{"who is parked is called by whoever parked, or by others once shared", parked},
		{"who is parked comes before nobody, and does not count as waiting", parkedBeforeNobody},
		{"who goes home leaves nobody parked behind", wentHome},
		{"who is transferred keeps the place and what was before", transferred},
		{"the last step is undone, unless something was built on it", undone},
		{"who is on a break calls nobody", onABreak},
		{"a visit ends with an outcome and a note that is erased with it", withANote},
		{"help is called to a desk until somebody says that it is there", helpCalled},
		{"a service takes nobody new until it is open again, and its visitors are served", closedService},
		{"what was true of a day's desks ends with it", desksEnd},
		{"the queue is what its events come to", folded},
		{"the queue does what its model does", likeItsModel},
		{"desks that work at once call nobody twice and lose nobody", atOnce},
	}
}

// by is a command of brandt's.
func by(do queue.Operation, id string) queue.Command {
	return queue.Command{Do: do, By: "brandt", Desk: "204", CheckIn: id, At: noon.Add(time.Minute), Day: today, Queues: []string{"brandt"}}
}

// do carries a command out that must succeed.
func do(t *testing.T, s Store, c queue.Command) string {
	t.Helper()
	answer, err := s.Do(t.Context(), c, queue.Rules{}, nil)
	must(t, err)
	return answer.CheckIn
}

// refuses expects that a command is refused.
func refuses(t *testing.T, s Store, c queue.Command, want error) {
	t.Helper()
	if _, err := s.Do(t.Context(), c, queue.Rules{}, nil); !errors.Is(err, want) {
		t.Errorf("%s: %v; want %v", c.Do, err, want)
	}
}

// look reads a check-in.
func look(t *testing.T, s Store, id string) store.CheckIn {
	t.Helper()
	c, _, err := s.CheckIn(t.Context(), id)
	must(t, err)
	return c
}

// expectQueue expects visitors in the queue, in order.
func expectQueue(t *testing.T, s Store, want ...string) {
	t.Helper()
	if all, err := s.Queue(t.Context()); err != nil || !slices.Equal(tickets(all), want) {
		t.Errorf("the queue is %v, %v; want %v", tickets(all), err, want)
	}
	sameAsFolded(t, s, today)
}

func clickedTwice(t *testing.T, s Store) {
	first := arrive(t, s, 1, "brandt")
	second := arrive(t, s, 2, "brandt")
	next := by(queue.Next, "")
	next.ID = "click-1"
	for range 3 {
		if id := do(t, s, next); id != first {
			t.Errorf("called %s; want %s", id, first)
		}
	}
	end := by(queue.Finish, first)
	end.ID = "click-2"
	do(t, s, end)
	do(t, s, next) // it comes late, over a slow line
	if c := look(t, s, second); c.State != store.Waiting {
		t.Errorf("a repeated click called a second visitor: %s", c.State)
	}
	busy := by(queue.Call, first)
	busy.ID = "click-3"
	refuses(t, s, busy, queue.ErrTaken)
	do(t, s, by(queue.Return, first))
	refuses(t, s, busy, queue.ErrTaken) // it would be possible now
	if events, err := s.Events(t.Context(), today); err != nil || len(events) != 5 {
		t.Errorf("%d events, %v; want two arrivals, a call, an end and a return", len(events), err)
	}
}

func anothersCommand(t *testing.T, s Store) {
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "yilmaz")
	call := by(queue.Call, first)
	call.ID = "click"
	do(t, s, call)
	other := call
	other.CheckIn = second
	refuses(t, s, other, queue.ErrOtherCommand)
	other.By = "yilmaz" // the same id by chance, or by malice
	if id := do(t, s, other); id != second {
		t.Errorf("called %s", id)
	}
}

func calledSoOften(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	rules := queue.Rules{MostCalls: 3}
	for _, c := range []queue.Command{by(queue.Next, ""), by(queue.Recall, id), by(queue.Return, id), by(queue.Next, "")} {
		_, err := s.Do(t.Context(), c, rules, nil)
		must(t, err)
	}
	if _, err := s.Do(t.Context(), by(queue.Recall, id), rules, nil); !errors.Is(err, queue.ErrTooOften) {
		t.Errorf("recalled: %v", err)
	}
	must(t, s.Return(t.Context(), "brandt", id, noon))
	next := by(queue.Next, "")
	next.ID = "click"
	for range 2 {
		answer, err := s.Do(t.Context(), next, rules, nil)
		if !errors.Is(err, queue.ErrTooOften) || answer.CheckIn != id {
			t.Errorf("called once more by next, please: %v, about %q", err, answer.CheckIn)
		}
	}
	if c := look(t, s, id); c.State != store.Waiting || c.Calls != 3 {
		t.Errorf("nobody has said that the visitor did not come: %+v", c)
	}
	refuses(t, s, by(queue.Miss, id), queue.ErrTaken) // without the limit nobody at no desk has not come
	_, err := s.Do(t.Context(), by(queue.Miss, id), rules, nil)
	must(t, err)
	if c := look(t, s, id); c.State != store.NoShow {
		t.Errorf("%+v", c)
	}
	do(t, s, by(queue.ComeBack, id))
	if _, err := s.Do(t.Context(), by(queue.Next, ""), rules, nil); err != nil {
		t.Errorf("a visitor who is there after all: %v", err)
	}
}

func askedNear(t *testing.T, s Store) {
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	do(t, s, by(queue.Near, second))
	refuses(t, s, by(queue.Near, second), queue.ErrAlready)
	if c := look(t, s, second); !c.Near || c.State != store.Waiting || c.Calls != 0 {
		t.Errorf("%+v", c)
	}
	expectQueue(t, s, "A-1", "A-2")
	if id := do(t, s, by(queue.Next, "")); id != first {
		t.Errorf("called %s", id)
	}
	refuses(t, s, by(queue.Near, first), queue.ErrTaken)
}

func skipped(t *testing.T, s Store) {
	for n := range 5 {
		arrive(t, s, n+1, "brandt")
	}
	skip := by(queue.Skip, numbered(1))
	_, err := s.Do(t.Context(), skip, queue.Rules{SkipBehind: 2}, nil)
	must(t, err)
	expectQueue(t, s, "A-2", "A-3", "A-1", "A-4", "A-5")
	do(t, s, by(queue.Call, numbered(2))) // called and not there
	_, err = s.Do(t.Context(), by(queue.Skip, numbered(2)), queue.Rules{SkipBehind: 20}, nil)
	must(t, err)
	expectQueue(t, s, "A-3", "A-1", "A-4", "A-5", "A-2")
	arrive(t, s, 6, "brandt")
	expectQueue(t, s, "A-3", "A-1", "A-4", "A-5", "A-2", "A-6")
	other := by(queue.Skip, numbered(3))
	do(t, s, by(queue.Call, numbered(3)))
	other.By = "yilmaz"
	refuses(t, s, other, queue.ErrTaken)
}

func cameBack(t *testing.T, s Store) {
	for n := range 3 {
		arrive(t, s, n+1, "brandt")
	}
	for range 2 {
		do(t, s, by(queue.Next, ""))
		do(t, s, by(queue.Miss, numbered(1)))
		do(t, s, by(queue.ComeBack, numbered(1)))
	}
	expectQueue(t, s, "A-1", "A-2", "A-3")
	do(t, s, by(queue.Next, ""))
	do(t, s, by(queue.Miss, numbered(1)))
	_, err := s.Do(t.Context(), by(queue.ComeBack, numbered(1)), queue.Rules{ReturnsBehind: true}, nil)
	must(t, err)
	arrive(t, s, 4, "brandt")
	expectQueue(t, s, "A-2", "A-3", "A-1", "A-4")
	refuses(t, s, by(queue.ComeBack, numbered(1)), queue.ErrTaken)
}

func parkedBeforeNobody(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	do(t, s, by(queue.Call, id))
	do(t, s, by(queue.Park, id))
	second := arrive(t, s, 2, "brandt")
	counted := func(want int) {
		t.Helper()
		before := -1
		late := of(3, today, tomorrow) // changes nothing for the next
		late.ID = numbered(10 + want)
		admit(t, s, late, func(all []store.Queued) store.Placement {
			before = len(all)
			return store.Placement{}
		})
		n, err := s.CountVisitors(t.Context())
		if before != want || err != nil || n.Waiting != want {
			t.Errorf("%d come before, %d wait, %v; want %d", before, n.Waiting, err, want)
		}
		if v, err := s.Visit(t.Context(), stationv1.TicketToken(second)); err != nil || v.Ahead != want-1 {
			t.Errorf("the second sees that %d come before, %v; want %d", v.Ahead, err, want-1)
		}
	}
	counted(1)
	do(t, s, by(queue.Call, id))
	do(t, s, by(queue.Return, id)) // to the old place, for a turn
	counted(2)
}

func parked(t *testing.T, s Store) {
	id := arrive(t, s, 1, "permits")
	do(t, s, by(queue.Call, id))
	park := by(queue.Park, id)
	park.Until = noon.Add(time.Hour)
	do(t, s, park)
	if c := look(t, s, id); c.State != store.Waiting || c.Parked != (queue.Parking{By: "brandt", Until: noon.Add(time.Hour)}) {
		t.Errorf("%+v", c)
	}
	next := by(queue.Next, "")
	next.Queues = []string{"permits"}
	refuses(t, s, next, queue.ErrNobodyWaiting)
	other := by(queue.Call, id)
	other.By = "yilmaz"
	refuses(t, s, other, queue.ErrParked)
	do(t, s, by(queue.Share, id))
	do(t, s, other)
	sameAsFolded(t, s, today)
	park.By, park.Shared = "yilmaz", true
	do(t, s, park)
	do(t, s, by(queue.Call, id))
	if c := look(t, s, id); c.CalledBy != "brandt" || c.Parked != (queue.Parking{}) {
		t.Errorf("%+v", c)
	}
}

func wentHome(t *testing.T, s Store) {
	for n := range 3 {
		id := arrive(t, s, n, "brandt")
		do(t, s, by(queue.Call, id))
		if n < 2 {
			do(t, s, by(queue.Park, id))
		}
	}
	refuses(t, s, by(queue.GoHome, ""), queue.ErrBusy)
	do(t, s, by(queue.Finish, numbered(2)))
	do(t, s, by(queue.GoHome, ""))
	for n := range 2 {
		if c := look(t, s, numbered(n)); !c.Parked.Shared {
			t.Errorf("%+v", c)
		}
	}
	other := by(queue.Call, numbered(0))
	other.By = "yilmaz"
	do(t, s, other)
	sameAsFolded(t, s, today)
}

func transferred(t *testing.T, s Store) {
	first := arrive(t, s, 1, "brandt")
	arrive(t, s, 2, "yilmaz")
	do(t, s, by(queue.Next, ""))
	to := by(queue.Transfer, first)
	to.Queue, to.Room, to.Service = "yilmaz", "207", "collect-card"
	do(t, s, to)
	c := look(t, s, first)
	if c.Queue != "yilmaz" || c.Decision.Caseworker != "yilmaz" || c.Decision.Rule != "r" || c.Room != "207" || c.Service != "collect-card" || c.State != store.Waiting {
		t.Errorf("%+v", c)
	}
	expectQueue(t, s, "A-1", "A-2")
	next := by(queue.Next, "")
	next.By, next.Queues = "yilmaz", []string{"yilmaz"}
	if id := do(t, s, next); id != first {
		t.Errorf("the place is lost: %s comes first", id)
	}
	if trail, err := s.AuditTrail(t.Context(), first); err != nil || len(trail) != 3 || trail[1].Action != store.Action(queue.KindTransferred) {
		t.Errorf("what was before: %+v, %v", trail, err)
	}
	refuses(t, s, to, queue.ErrTaken) // the visitor is with another by now
}

func undone(t *testing.T, s Store) {
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	refuses(t, s, by(queue.Undo, ""), queue.ErrBuiltOn)
	do(t, s, by(queue.Next, ""))
	_, err := s.Do(t.Context(), by(queue.Finish, first), queue.Rules{}, []byte("sealed note"))
	must(t, err)
	do(t, s, by(queue.Undo, ""))
	if c := look(t, s, first); c.State != store.Called || c.CalledBy != "brandt" || c.Calls != 1 {
		t.Errorf("with the caseworker again: %+v", c)
	}
	if note, err := s.ClosingNote(t.Context(), first); err != nil || note != nil {
		t.Errorf("the note of an end that was undone: %q, %v", note, err)
	}
	refuses(t, s, by(queue.Undo, ""), queue.ErrBuiltOn) // one step, not one after the other
	to := by(queue.Transfer, first)
	to.Queue = "yilmaz"
	do(t, s, to)
	other := by(queue.Call, first)
	other.By = "yilmaz"
	do(t, s, other)
	refuses(t, s, by(queue.Undo, ""), queue.ErrBuiltOn)
	do(t, s, by(queue.Call, second))
	do(t, s, by(queue.Finish, second))
	third := arrive(t, s, 3, "brandt")
	must(t, s.Call(t.Context(), "okafor", third, noon))
	do(t, s, by(queue.Undo, "")) // what another did meanwhile is about another visitor
	if c := look(t, s, second); c.State != store.Called {
		t.Errorf("%+v", c)
	}
	sameAsFolded(t, s, today)
}

func onABreak(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	do(t, s, by(queue.Leave, ""))
	refuses(t, s, by(queue.Leave, ""), queue.ErrAlready)
	refuses(t, s, by(queue.Next, ""), queue.ErrAway)
	if o, err := s.Office(t.Context()); err != nil || !o.Away["brandt"] || len(o.Away) != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	other := by(queue.Call, id)
	other.By = "yilmaz"
	do(t, s, other)
	do(t, s, by(queue.Resume, ""))
	arrive(t, s, 2, "brandt")
	do(t, s, by(queue.Next, ""))
	refuses(t, s, by(queue.Leave, ""), queue.ErrBusy)
	sameAsFolded(t, s, today)
}

func withANote(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	do(t, s, by(queue.Next, ""))
	end := by(queue.Finish, id)
	end.Outcome = "granted"
	other := end
	other.By = "yilmaz"
	if _, err := s.Do(t.Context(), other, queue.Rules{}, []byte("another's")); !errors.Is(err, queue.ErrTaken) {
		t.Errorf("another ends the visit: %v", err)
	}
	_, err := s.Do(t.Context(), end, queue.Rules{}, []byte("sealed note"))
	must(t, err)
	if c := look(t, s, id); c.State != store.Done || c.Outcome != "granted" {
		t.Errorf("%+v", c)
	}
	if note, err := s.ClosingNote(t.Context(), id); err != nil || string(note) != "sealed note" {
		t.Errorf("%q, %v", note, err)
	}
	must(t, s.Forget(t.Context(), id))
	if note, err := s.ClosingNote(t.Context(), id); err != nil || note != nil {
		t.Errorf("once the check-in is erased: %q, %v", note, err)
	}
}

func helpCalled(t *testing.T, s Store) {
	do(t, s, by(queue.Alarm, ""))
	refuses(t, s, by(queue.Alarm, ""), queue.ErrAlready)
	if o, err := s.Office(t.Context()); err != nil || o.Alarms["brandt"] != "204" {
		t.Errorf("%+v, %v", o, err)
	}
	end := by(queue.EndAlarm, "")
	end.By, end.Queue = "yilmaz", "brandt"
	do(t, s, end)
	refuses(t, s, end, queue.ErrAlready)
	sameAsFolded(t, s, today)
}

func closedService(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	shut := by(queue.Close, "")
	shut.Service = "appointment"
	do(t, s, shut)
	if o, err := s.Office(t.Context()); err != nil || !o.Closed["appointment"] || o.Closed[""] {
		t.Errorf("%+v, %v", o, err)
	}
	if called := do(t, s, by(queue.Next, "")); called != id {
		t.Errorf("called %s", called)
	}
	sameAsFolded(t, s, today)
	shut.Do = queue.Reopen
	do(t, s, shut)
	refuses(t, s, shut, queue.ErrAlready)
	sameAsFolded(t, s, today)
}

func desksEnd(t *testing.T, s Store) {
	do(t, s, by(queue.Alarm, ""))
	do(t, s, by(queue.GoHome, ""))
	do(t, s, by(queue.Close, ""))
	_, err := s.CloseDay(t.Context(), "", today, noon)
	must(t, err)
	if o, err := s.Office(t.Context()); err != nil || len(o.Away) != 1 || len(o.Closed) != 1 || len(o.Alarms) != 1 {
		t.Errorf("on the day itself: %+v, %v", o, err)
	}
	_, err = s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	if o, err := s.Office(t.Context()); err != nil || len(o.Away)+len(o.Closed)+len(o.Alarms) != 0 {
		t.Errorf("on the day after: %+v, %v", o, err)
	}
}
