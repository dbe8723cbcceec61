package queue

import (
	"cmp"
	"slices"
	"time"
)

// Operation is what somebody wants to be done.
type Operation string

// The operations.
const (
	Next     Operation = "next"     // call whoever comes first in any of Queues
	Call     Operation = "call"     // call one visitor, out of turn
	Near     Operation = "near"     // ask a waiting visitor to come near
	Recall   Operation = "recall"   // call the visitor at the desk once more
	Skip     Operation = "skip"     // put a visitor behind the next few
	Return   Operation = "return"   // put one's visitor back to the old place
	Park     Operation = "park"     // have one's visitor wait for something else than a turn; Shared, Until
	Share    Operation = "share"    // let others take over a parked visitor
	Transfer Operation = "transfer" // to another queue (Queue, Room), and for another service where Service is given
	Miss     Operation = "no_show"  // the visitor has not come
	ComeBack Operation = "come_back"
	Finish   Operation = "done" // Outcome
	Undo     Operation = "undo" // one's last step
	Leave    Operation = "away"
	GoHome   Operation = "home" // whom one has parked is shared
	Resume   Operation = "back"
	Close    Operation = "close" // Service takes nobody new; "" for the office
	Reopen   Operation = "reopen"
	Alarm    Operation = "alarm"     // help is needed at Desk
	EndAlarm Operation = "alarm_end" // Queue says whose alarm it was
)

// Command is an operation, who wants it from which desk, and when. What is not said of an operation is not looked at.
type Command struct {
	ID      string // made for one click; the same command with the same id is carried out once. Empty: it has none
	Do      Operation
	By      string // the caseworker's or account's id
	Desk    string // a room's id
	At      time.Time
	Day     string // the office's day, YYYY-MM-DD, of what is about no visitor
	CheckIn string // the visitor
	Queues  []string
	Queue   string
	Room    string
	Service string
	Shared  bool
	Until   time.Time // when to be reminded of a parked visitor; zero for never
	Outcome string
}

// event is the command as an event of a kind.
func (c Command) event(kind Kind) Event {
	return Event{At: c.At, Day: c.Day, Kind: kind, By: c.By, Desk: c.Desk, Command: c.ID}
}

// about is the command as an event of a kind about a visitor.
func (c Command) about(kind Kind, id string, v Visitor) Event {
	e := c.event(kind)
	e.CheckIn, e.Day, e.Service = id, v.Day, v.Service
	return e
}

// Decide says what comes of a command, or why it cannot be carried out: one of the errors of this package. It changes nothing. The
// state may hold less than the whole queue: the visitor concerned, whoever is with the caseworker, and for Next, Skip and ComeBack
// those who wait in the queues concerned.
func Decide(s *State, c Command, r Rules) ([]Event, error) {
	switch c.Do {
	case Next:
		return s.next(c, r)
	case Undo:
		return s.undo(c)
	case Leave, GoHome, Resume, Close, Reopen, Alarm, EndAlarm:
		return s.office(c)
	}
	v, there := s.Visitors[c.CheckIn]
	if !there {
		return nil, ErrTaken
	}
	switch c.Do {
	case Call:
		return s.call(c, r, c.CheckIn)
	case Near, Share, ComeBack:
		return s.wait(c, r, v)
	case Skip:
		return s.skip(c, r, v)
	case Recall, Park, Transfer:
		return s.atDesk(c, r, v)
	case Return, Miss, Finish:
		return s.end(c, r, v)
	}
	return nil, ErrUnknown
}

// waits says whether a visitor waits for a turn.
func (v Visitor) waits() bool { return v.Phase == Waiting && !v.Closed && v.Parked.By == "" }

// queue is those who wait for a turn in any of some queues, in order.
func (s *State) queue(names ...string) (ids []string) {
	for id, v := range s.Visitors {
		if v.waits() && slices.Contains(names, v.Queue) {
			ids = append(ids, id)
		}
	}
	return s.sorted(ids)
}

// Present is those who wait, parked or not, or are at a desk, in the order of their places.
func (s *State) Present() (ids []string) {
	for id, v := range s.Visitors {
		if (v.Phase == Waiting || v.Phase == Called) && !v.Closed {
			ids = append(ids, id)
		}
	}
	return s.sorted(ids)
}

// sorted puts visitors in the order of their places.
func (s *State) sorted(ids []string) []string {
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Visitors[a].Place, s.Visitors[b].Place), cmp.Compare(a, b))
	})
	return ids
}

func (s *State) next(c Command, r Rules) ([]Event, error) {
	waiting := s.queue(c.Queues...)
	if len(waiting) == 0 {
		return nil, ErrNobodyWaiting
	}
	return s.call(c, r, waiting[0])
}

// busy says whether a caseworker has a visitor.
func (s *State) busy(caseworker string) bool {
	for _, v := range s.Visitors {
		if v.Phase == Called && v.By == caseworker && !v.Closed {
			return true
		}
	}
	return false
}

func (s *State) call(c Command, r Rules, id string) ([]Event, error) {
	v := s.Visitors[id]
	switch {
	case v.Phase != Waiting || v.Closed:
		return nil, ErrTaken
	case v.Parked.By != "" && v.Parked.By != c.By && !v.Parked.Shared:
		return nil, ErrParked
	case s.busy(c.By):
		return nil, ErrBusy
	case s.Away[c.By]:
		return nil, ErrAway
	case r.spent(v):
		return nil, TooOften{id}
	}
	return []Event{c.about(KindCalled, id, v)}, nil
}

// spent says whether a visitor may not be called once more.
func (r Rules) spent(v Visitor) bool { return r.MostCalls > 0 && v.Calls >= r.MostCalls }

// TooOften is an ErrTooOften that says whom it is about: the one thing left is to say that the visitor did not come.
type TooOften struct{ CheckIn string }

// Error implements error.
func (TooOften) Error() string { return ErrTooOften.Error() }

// Is makes it an ErrTooOften.
func (TooOften) Is(target error) bool { return target == ErrTooOften }

// wait is of visitors who are at nobody's desk.
func (s *State) wait(c Command, r Rules, v Visitor) ([]Event, error) {
	switch {
	case v.Closed:
		return nil, ErrTaken
	case c.Do == Near && (v.Phase != Waiting || v.Near), c.Do == Share && v.Phase == Waiting && v.Parked.Shared:
		if v.Phase == Waiting {
			return nil, ErrAlready
		}
		return nil, ErrTaken
	case c.Do == Share && v.Parked.By == "", c.Do == ComeBack && v.Phase != NoShow:
		return nil, ErrTaken
	}
	switch c.Do {
	case Near:
		return []Event{c.about(KindNeared, c.CheckIn, v)}, nil
	case Share:
		return []Event{c.about(KindShared, c.CheckIn, v)}, nil
	}
	e := c.about(KindCameBack, c.CheckIn, v)
	if e.Place = v.Place; r.ReturnsBehind {
		e.Place = s.behind(v.Place)
	}
	return []Event{e}, nil
}

// behind is a place behind everybody who waits, and before whoever comes next; at least the one given.
func (s *State) behind(place int64) int64 {
	for _, v := range s.Visitors {
		if v.waits() {
			place = max(place, v.Place)
		}
	}
	return between(place, PlaceOf(s.Arrivals+1))
}

// skip puts a visitor behind the next few of the same queue.
func (s *State) skip(c Command, r Rules, v Visitor) ([]Event, error) {
	if v.Closed || v.Parked.By != "" || v.Phase != Waiting && !(v.Phase == Called && v.By == c.By) {
		return nil, ErrTaken
	}
	var after []int64 // the places of those who come after
	for _, id := range s.queue(v.Queue) {
		if o := s.Visitors[id]; id != c.CheckIn && (o.Place > v.Place || o.Place == v.Place && id > c.CheckIn) {
			after = append(after, o.Place)
		}
	}
	e, n := c.about(KindSkipped, c.CheckIn, v), min(max(r.SkipBehind, 1), len(after))
	switch {
	case n == 0:
		e.Place = v.Place
	case n == len(after):
		e.Place = between(after[n-1], max(after[n-1], PlaceOf(s.Arrivals+1)))
	default:
		e.Place = between(after[n-1], after[n])
	}
	return []Event{e}, nil
}

// atDesk is of the visitor who is with the caseworker.
func (s *State) atDesk(c Command, r Rules, v Visitor) ([]Event, error) {
	own := v.Phase == Called && v.By == c.By
	waiting := v.Phase == Waiting && (v.Parked.By == "" || v.Parked.By == c.By || v.Parked.Shared)
	switch {
	case v.Closed || !own && !(c.Do == Transfer && waiting):
		return nil, ErrTaken
	case c.Do == Recall && r.spent(v):
		return nil, TooOften{c.CheckIn}
	case c.Do == Transfer && c.Queue == "":
		return nil, ErrUnknown
	}
	var e Event
	switch c.Do {
	case Recall:
		e = c.about(KindRecalled, c.CheckIn, v)
	case Park:
		e = c.about(KindParked, c.CheckIn, v)
		e.Shared, e.Until = c.Shared, c.Until
	case Transfer:
		e = c.about(KindTransferred, c.CheckIn, v)
		e.Queue, e.Room, e.Service = c.Queue, cmp.Or(c.Room, v.Room), cmp.Or(c.Service, v.Service)
	}
	return []Event{e}, nil
}

// end is of what ends a call.
func (s *State) end(c Command, r Rules, v Visitor) ([]Event, error) {
	own := v.Phase == Called && v.By == c.By
	var e Event
	switch {
	case c.Do == Return && v.By == c.By && !v.Closed:
		e = c.about(KindReturned, c.CheckIn, v)
	case c.Do == Miss && (own || v.waits() && r.spent(v)):
		e = c.about(KindNoShow, c.CheckIn, v)
	case c.Do == Finish && own:
		e = c.about(KindDone, c.CheckIn, v)
		e.Outcome = c.Outcome
	default:
		return nil, ErrTaken
	}
	return []Event{e}, nil
}

func (s *State) undo(c Command) ([]Event, error) {
	id, there := s.last[c.By]
	step := s.step[id]
	v := s.Visitors[id]
	if !there || step.By != c.By || !step.Kind.undoable() || v.Closed {
		return nil, ErrBuiltOn
	}
	before := s.before[id]
	if before.Phase == Called && before.By == c.By && v.Phase != Called && s.busy(c.By) {
		return nil, ErrBusy
	}
	e := c.about(KindUndone, id, before)
	e.Queue, e.Room, e.Place = before.Queue, before.Room, before.Place
	return []Event{e}, nil
}

// office is of what is about no visitor.
func (s *State) office(c Command) ([]Event, error) {
	e, set, want := c.event(Kind(c.Do)), false, false
	switch c.Do {
	case Leave, GoHome, Resume:
		set, want = s.Away[c.By], c.Do != Resume
		if want && s.busy(c.By) {
			return nil, ErrBusy
		}
	case Close, Reopen:
		e.Service = c.Service
		if e.Kind, want = KindOpened, c.Do == Close; want {
			e.Kind = KindClosed
		}
		set = s.Closed[c.Service]
	case Alarm:
		_, set = s.Alarms[c.By]
		want = true
	case EndAlarm:
		e.Queue = c.Queue
		_, set = s.Alarms[c.Queue]
	}
	if set == want && c.Do != GoHome {
		return nil, ErrAlready
	}
	events := []Event{e}
	if c.Do == GoHome {
		for id, v := range s.Visitors {
			if v.Phase == Waiting && !v.Closed && v.Parked.By == c.By && !v.Parked.Shared {
				events = append(events, c.about(KindShared, id, v))
			}
		}
		slices.SortFunc(events[1:], func(a, b Event) int { return cmp.Compare(a.CheckIn, b.CheckIn) })
	}
	return events, nil
}
