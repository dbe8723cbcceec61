package devices

import (
	"context"
	"sync"
	"time"
)

const (
	// stride is how finely the time is counted in which this process comes to run.
	stride = 20 * time.Millisecond
	// mostStretch is how many times as long a limit may take where this process hardly does.
	mostStretch = 3
)

// Within ends a context after limit, as [context.WithTimeout] does, but counts no time in which the computer did not let this process
// run: a device has a processor of its own, and is not ill because the station's has other work. It ends at the latest after three times
// the limit, with context.DeadlineExceeded, and has no Deadline of its own. Cancel releases it, and must be called.
func Within(ctx context.Context, limit time.Duration) (limited context.Context, cancel context.CancelFunc) {
	tick, bound := time.NewTicker(stride), time.NewTimer(mostStretch*limit)
	w := &within{Context: ctx, done: make(chan struct{})}
	limited, stop := context.WithCancel(w)
	var counting sync.WaitGroup
	counting.Go(func() {
		defer tick.Stop()
		defer bound.Stop()
		w.count(limited.Done(), tick.C, bound.C, int((limit+stride-1)/stride))
	})
	return limited, func() {
		stop()
		counting.Wait()
	}
}

// within is a context that somebody else ends.
type within struct {
	context.Context
	done chan struct{}

	mu  sync.Mutex
	err error // set once, before done is closed
}

// Done implements [context.Context].
func (w *within) Done() <-chan struct{} { return w.done }

// Err implements [context.Context].
func (w *within) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// count ends the context after so many ticks: a ticker drops those that nobody came to take.
func (w *within) count(released <-chan struct{}, tick, bound <-chan time.Time, ticks int) {
	err := context.DeadlineExceeded
	for left := ticks; left > 0; {
		select {
		case <-tick:
			left--
		case <-bound:
			left = 0
		case <-released:
			return
		case <-w.Context.Done():
			err, left = w.Context.Err(), 0
		}
	}
	w.mu.Lock()
	w.err = err
	w.mu.Unlock()
	close(w.done)
}
