package queue

import "time"

// Kind is what happened.
type Kind string

// The kinds of events. Those up to KindErased are about a visitor, the others about a desk or the office.
const (
	KindArrived     Kind = "arrived"
	KindCalled      Kind = "called"
	KindRecalled    Kind = "recalled"    // called once more, by the one who has called already
	KindNeared      Kind = "neared"      // asked to come near
	KindSkipped     Kind = "skipped"     // put behind some others
	KindReturned    Kind = "returned"    // back to the old place
	KindParked      Kind = "parked"      // waits for something else than a turn
	KindShared      Kind = "shared"      // is parked, and others may take over
	KindTransferred Kind = "transferred" // to another queue, at the old place
	KindNoShow      Kind = "no_show"
	KindCameBack    Kind = "came_back" // after a no-show
	KindDone        Kind = "done"
	KindUndone      Kind = "undone"     // what happened last to the visitor
	KindLeft        Kind = "left"       // the day was closed over the visitor
	KindSetAside    Kind = "set_aside"  // out of the queue, with all of a denied station
	KindReadmitted  Kind = "readmitted" // to the end of the queue of another day
	KindMoved       Kind = "moved"      // to another day: the clock was set
	KindErased      Kind = "erased"     // nothing is known of the visitor any more

	KindAway     Kind = "away"      // a caseworker takes a break
	KindHome     Kind = "home"      // a caseworker goes home
	KindBack     Kind = "back"      // a caseworker is there again
	KindClosed   Kind = "closed"    // a service takes nobody new, or the whole office
	KindOpened   Kind = "reopened"  // it does again
	KindAlarm    Kind = "alarm"     // somebody at a desk needs help at once
	KindAlarmEnd Kind = "alarm_end" // help is there
)

// Event is something that happened, in ids only: no name, no number of a document, nothing that a visitor said.
type Event struct {
	Seq     int64 // its place in the log; 0 before it has one
	At      time.Time
	Day     string // the office's day, YYYY-MM-DD; empty where it belongs to none
	Kind    Kind
	By      string // the account's or caseworker's id; empty where nobody did it
	Desk    string // a room's id; empty where nobody said
	CheckIn string // id; empty where it is about no visitor
	Service string // id
	Queue   string // in which the visitor waits from now on; empty where that does not change
	Room    string // where the visitor is sent from now on; empty where that does not change
	Place   int64  // that the visitor has from now on; 0 where it does not change
	Shared  bool   // with KindParked
	Until   time.Time
	Outcome string // with KindDone
	File    string // with the opening of one: its name in the record
	Command string // the id of the command that it came of; empty for none
}

// undoable says whether a caseworker may take an event back.
func (k Kind) undoable() bool {
	switch k {
	case KindCalled, KindRecalled, KindNeared, KindSkipped, KindReturned, KindParked, KindTransferred, KindNoShow, KindCameBack, KindDone:
		return true
	}
	return false
}

// Steps are the kinds of events that are a caseworker's steps, of which the last can be undone; KindUndone is one that cannot.
func Steps() []Kind {
	return []Kind{KindCalled, KindRecalled, KindNeared, KindSkipped, KindReturned, KindParked, KindTransferred, KindNoShow, KindCameBack, KindDone,
		KindUndone}
}

// Apply folds an event into the queue. Events of kinds that it does not know change nothing.
func (s *State) Apply(e Event) {
	if e.CheckIn == "" {
		s.applyOffice(e)
		return
	}
	v, there := s.Visitors[e.CheckIn]
	if !there && e.Kind != KindArrived {
		return
	}
	was := v
	if e.Kind == KindUndone {
		v = s.before[e.CheckIn]
	} else if !v.apply(e) {
		return
	}
	if e.Kind == KindErased {
		delete(s.Visitors, e.CheckIn)
		return
	}
	if e.Kind == KindArrived || e.Kind == KindReadmitted {
		s.Arrivals = max(s.Arrivals, e.Place/gap)
	}
	s.Visitors[e.CheckIn], s.before[e.CheckIn], s.step[e.CheckIn] = v, was, e
	switch {
	case e.Kind.undoable():
		s.last[e.By] = e.CheckIn
	case e.Kind == KindUndone:
		delete(s.last, e.By)
	}
}

// apply folds an event about the visitor in, and says whether it is one of the queue.
func (v *Visitor) apply(e Event) bool {
	switch e.Kind {
	case KindArrived:
		*v = Visitor{Queue: e.Queue, Service: e.Service, Day: e.Day, Room: e.Room, Place: e.Place, Phase: Waiting}
	case KindCalled:
		v.Phase, v.By, v.Desk, v.CalledAt, v.Parked, v.Near = Called, e.By, e.Desk, e.At, Parking{}, false
		v.Calls++
	case KindRecalled:
		v.Calls++
		v.CalledAt = e.At
	case KindNeared:
		v.Near = true
	case KindSkipped:
		v.wait()
		v.Place = e.Place
	case KindReturned:
		v.wait()
	case KindCameBack:
		v.wait()
		v.Place, v.Calls = e.Place, 0
	case KindParked:
		v.wait()
		v.Parked, v.Calls = Parking{By: e.By, Shared: e.Shared, Until: e.Until}, 0
	case KindShared:
		v.Parked.Shared = true
	case KindTransferred:
		v.wait()
		v.Queue, v.Service, v.Room, v.Calls = e.Queue, e.Service, e.Room, 0
	case KindNoShow, KindDone:
		v.Phase, v.By, v.EndedAt, v.Outcome, v.Parked = Phase(e.Kind), e.By, e.At, e.Outcome, Parking{}
	case KindLeft, KindSetAside:
		v.Closed = true
	case KindReadmitted:
		v.wait()
		v.Closed, v.Day, v.Place, v.Calls = false, e.Day, e.Place, 0
	case KindMoved:
		v.Day = e.Day
	case KindErased:
	default:
		return false
	}
	return true
}

// wait has the visitor wait, whatever was before. The calls are kept.
func (v *Visitor) wait() {
	v.Phase, v.By, v.Desk, v.CalledAt, v.EndedAt, v.Parked, v.Near, v.Outcome = Waiting, "", "", time.Time{}, time.Time{}, Parking{}, false, ""
}

func (s *State) applyOffice(e Event) {
	switch e.Kind {
	case KindAway, KindHome:
		s.Away[e.By] = true
	case KindBack:
		delete(s.Away, e.By)
	case KindClosed:
		s.Closed[e.Service] = true
	case KindOpened:
		delete(s.Closed, e.Service)
	case KindAlarm:
		s.Alarms[e.By] = e.Desk
	case KindAlarmEnd:
		delete(s.Alarms, e.Queue)
	}
}
