package devices

import (
	"context"
	"sync"
)

// Turn is for the driver of a device that does one thing at a time: a use, or a look at a device that nobody uses. Several may look at
// once, each role of a device and each technician for itself: that is not use, and nobody is told that it is. The zero Turn is ready.
type Turn struct {
	using   sync.Mutex // held by a use, and by a look while there is none
	once    sync.Once
	looking chan struct{} // holds one while somebody looks
}

// Use waits for the device, as long as another use or a look takes. Done ends the use.
func (t *Turn) Use() (done func()) {
	t.using.Lock()
	return t.using.Unlock
}

// Look looks at the device, after any look that is under way: busy only means that somebody uses it. A look that does not end before ctx
// does leaves the next ones ErrTimeout.
func (t *Turn) Look(ctx context.Context, look func() Health) Health {
	t.once.Do(func() { t.looking = make(chan struct{}, 1) })
	select {
	case t.looking <- struct{}{}:
	case <-ctx.Done():
		return HealthOf(ErrTimeout)
	}
	defer func() { <-t.looking }()
	if !t.using.TryLock() {
		return Health{State: StateBusy}
	}
	defer t.using.Unlock()
	return look()
}
