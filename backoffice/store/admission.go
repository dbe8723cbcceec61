package store

import (
	"context"
	"sync"
)

// admission keeps two submissions of one check-in from meeting.
type admission struct {
	mu   sync.Mutex
	held map[string]chan struct{} // by the check-in's id; each is closed when it is let go of
}

// LockAdmission waits until nobody else admits the check-in with this id to this office, and keeps others from it until unlock is
// called, which may be called twice. Check-ins with other ids are admitted meanwhile. It is the cause when ctx ends before.
func (s *Store) LockAdmission(ctx context.Context, id string) (unlock func(), err error) {
	a := &s.admission
	for {
		a.mu.Lock()
		other, busy := a.held[id]
		if !busy {
			mine := make(chan struct{})
			a.held[id] = mine
			a.mu.Unlock()
			return sync.OnceFunc(func() { a.release(id, mine) }), nil
		}
		a.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (a *admission) release(id string, mine chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.held, id)
	close(mine)
}
