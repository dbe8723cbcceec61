// Package queue is the queue of an office as a model: what a caseworker may do, what comes of it, and what a queue looks like after
// everything that happened. It knows no clock, no disk and no person: visitors are the ids of their check-ins.
//
// What happened is a list of events, and a queue is their fold. [Decide] turns a command into events, or into an error that says why
// not; [State.Apply] folds one event in. A store keeps the events and, beside them, what they come to.
package queue

import (
	"errors"
	"time"
)

// Errors of commands that cannot be carried out. Nothing has changed then.
var (
	ErrNobodyWaiting = errors.New("nobody is waiting")
	ErrTaken         = errors.New("visitor is no longer waiting, or not with this caseworker")
	ErrBusy          = errors.New("caseworker already has a visitor")
	ErrAway          = errors.New("caseworker is on a break")
	ErrTooOften      = errors.New("visitor was called as often as the office calls anybody")
	ErrParked        = errors.New("visitor is parked by another caseworker")
	ErrBuiltOn       = errors.New("there is no last step, or something was built on it")
	ErrAlready       = errors.New("this is so already")
	ErrOtherCommand  = errors.New("the id of this command was used for another one")
	ErrUnknown       = errors.New("there is no such operation")
)

// Phase is where a visitor is on the way through the office.
type Phase string

// The phases. A visitor who is parked waits.
const (
	Waiting Phase = "waiting"
	Called  Phase = "called"
	Done    Phase = "done"
	NoShow  Phase = "no_show"
)

// Visitor is one visitor, in ids only.
type Visitor struct {
	Queue   string // a caseworker's or a pool's id
	Service string // id; empty when the visitor asked for a member of staff
	Day     string // the office's day of the visit, YYYY-MM-DD
	Room    string // where the visitor is sent; as the office calls it
	Place   int64  // the lower, the sooner; see [PlaceOf]
	Phase   Phase
	By      string // who called, or ended the visit; empty while waiting
	Desk    string // the room's id from which that was done; empty where nobody said
	// CalledAt and EndedAt are zero while it has not come to that.
	CalledAt, EndedAt time.Time
	Calls             int     // how often the visitor was called and may not have come: recalls too
	Near              bool    // was asked to come near
	Parked            Parking // zero for one who is not parked
	Outcome           string  // code from the office's list; empty where none was given
	Closed            bool    // the day is over for this visitor, or the visitor was set aside: nobody calls this one
}

// Parking says that a visitor waits for something else than a turn.
type Parking struct {
	By     string // who parked the visitor; empty for one who is not parked
	Shared bool   // whoever calls from the visitor's queue may take over
	Until  time.Time
}

// State is a queue. The zero State is not one: see [NewState].
type State struct {
	Visitors map[string]Visitor
	Away     map[string]bool   // caseworkers on a break, or gone home
	Closed   map[string]bool   // services that take nobody new; "" for the whole office
	Alarms   map[string]string // the desks of those who called for help, by who called
	Arrivals int64             // the highest number of arrival: whoever comes next has a higher one

	before map[string]Visitor // as each visitor was before the last event
	step   map[string]Event   // the last event about each visitor
	last   map[string]string  // the visitor of each caseworker's last step; absent where there is none to undo
}

// NewState is a queue in which nobody is.
func NewState() *State {
	return &State{
		Visitors: map[string]Visitor{}, Away: map[string]bool{}, Closed: map[string]bool{}, Alarms: map[string]string{},
		before: map[string]Visitor{}, step: map[string]Event{}, last: map[string]string{},
	}
}

// gap is the room between the places of two who arrive one after the other, for those who are put between them.
const gap = 1 << 20

// PlaceOf is the place of whoever arrived as the n-th.
func PlaceOf(n int64) int64 { return n * gap }

// between is a place in the middle of two. Where no room is left it is the first again, and ids decide.
func between(a, b int64) int64 { return a + (b-a)/2 }

// Rules are what an office decides about its queue.
type Rules struct {
	// MostCalls is how often a visitor is called, the first call included, before only a no-show is left; 0 for no limit.
	MostCalls int
	// SkipBehind is behind how many a visitor comes who is skipped; 0 for one.
	SkipBehind int
	// ReturnsBehind says that whoever did not come, and is there after all, waits behind all others and not at the old place.
	ReturnsBehind bool
}
