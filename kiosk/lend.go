package kiosk

import (
	"context"
	"sync"
	"time"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
)

// loan is of the devices, for a test: the screen says so, and nobody can begin.
type loan struct {
	begun chan struct{} // closed by Run once the screen says that the station is tested
}

// backTime is how long a station whose devices were given back waits for them before it greets somebody.
const backTime = 5 * time.Second

// Lend closes the devices once nobody is at the station, and takes them back when ctx ends, or after Timings.Loan, and then tells
// ctx's error or [context.DeadlineExceeded]. It tells how far it is: lent is false while a visitor is there, and true once the devices
// are closed. An error of tell ends it. There is one loan at a time: [technician.ErrLent]. It may be called from any goroutine while the
// station runs.
func (s *Station) Lend(ctx context.Context, tell func(lent bool) error) error {
	if !s.lending.CompareAndSwap(false, true) {
		return technician.ErrLent
	}
	defer s.lending.Store(false)
	l := &loan{begun: make(chan struct{})}
	s.inbox.put(message{borrow: l})
	defer s.inbox.put(message{over: l})
	if err := s.Answers(ctx); err != nil { // it has the wish by then
		return err
	}
	if err := s.Answers(ctx); err != nil { // and has done what it can
		return err
	}
	select {
	case <-l.begun:
	default:
		if err := tell(false); err != nil {
			return err
		}
	}
	select {
	case <-l.begun:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.lend(ctx, tell)
}

// lend lends what may be lent now. Whoever looks at a device still, as for a document that lies there, finds it closed.
func (s *Station) lend(ctx context.Context, tell func(bool) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timings.Loan)
	defer cancel()
	s.config.Log.Info("the devices are lent for a test")
	defer s.config.Devices.lend(ctx)()
	if err := tell(true); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// lend lends all devices, side by side. takeBack waits a while until those that were there are there again.
func (d Devices) lend(ctx context.Context) (takeBack func()) {
	var all []func()
	var mu sync.Mutex
	each := func(do func(place)) {
		var doing sync.WaitGroup
		for _, p := range d.places() {
			doing.Go(func() { do(p) })
		}
		doing.Wait()
	}
	each(func(p place) {
		back := p.Lend(ctx)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, back)
	})
	return func() {
		for _, back := range all {
			back()
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backTime)
		defer cancel()
		each(func(p place) { p.Back(ctx) })
	}
}

// lendIfFree shows that the station is tested, if somebody wants to and nobody is there but a technician.
func (s *Station) lendIfFree(patience *time.Timer) {
	if s.loan == nil || s.state.Testing() {
		return
	}
	if free, _ := flow.Apply(s.state, flow.TestBegins{}); !free.Testing() {
		return
	}
	s.apply(flow.TestBegins{}, patience)
	close(s.loan.begun)
}
