package devices

import (
	"context"
	"errors"
	"sync"
)

// Lend closes the device, so that another process can open it, and opens none until it is given back. Meanwhile [Slot.Get] fails with
// ErrLent, and Health is [StateBusy] without a remedy; no event tells that the device went. When Lend returns, the device is closed,
// unless the driver does not come back from that, or ctx has ended; in either case it is lent. Who borrows twice gives back twice;
// giveBack may be called more than once, and has the slot look at once.
func (s *Slot[D]) Lend(ctx context.Context) (giveBack func()) {
	s.mu.Lock()
	s.loans++
	s.mu.Unlock()
	s.lends.within(ctx, 0, func() {
		s.release(s.lent())
		s.opens.wait(openTime) // what one of them opens is closed before it ends
		s.closes.wait(closeTime)
	})
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.loans--
		s.mu.Unlock()
		s.Wake()
	})
}

func (s *Slot[D]) isLent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loans > 0
}

// why says why there is no device; nil if there is one. The caller has locked the slot.
func (s *Slot[D]) why() error {
	if s.loans > 0 {
		return s.lent()
	}
	return s.reason
}

func (s *Slot[D]) lent() error { return &Error{Kind: s.kind, Op: "find", Err: ErrLent} }

// Back returns once the slot has looked for its device after it was given back, or when ctx ends.
func (s *Slot[D]) Back(ctx context.Context) {
	for {
		s.mu.Lock()
		err, changed := s.why(), s.changed
		s.mu.Unlock()
		if !errors.Is(err, ErrLent) {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
