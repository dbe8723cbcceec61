package store

import "errors"

// ErrUnknown says that a change was asked for, and that nobody can tell whether it was kept: what the store is kept in went away while
// it was being kept. Who asks again is told: an admission by its id, a lease by its request, a call by who is at the desk.
var ErrUnknown = errors.New("it is not known whether the change was kept")

// EndedBy is a session as it is once something has ended it; of a session that lives, why is empty.
func (s Session) EndedBy(why Ending) Session {
	s.ended = why
	return s
}
