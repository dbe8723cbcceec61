package devices

import (
	"context"
	"sync"
	"time"
)

// calls are those that go to a driver and may never come back.
type calls struct {
	mu      sync.Mutex
	running int
	left    int           // of the running ones nobody waits for any more
	idle    chan struct{} // closed when nothing is running; nil while nobody waits for that
}

// within makes a call on a goroutine of its own and waits for it until ctx has ended, and for grace after that. One that is not
// over then is left behind, and counted as long as it lasts; done is false.
func (c *calls) within(ctx context.Context, grace time.Duration, call func()) (done bool) {
	ended := make(chan struct{})
	abandoned := false // guarded by mu
	c.mu.Lock()
	c.running++
	c.mu.Unlock()
	go func() {
		call()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running--
		if abandoned {
			c.left--
		}
		if c.running == 0 && c.idle != nil {
			close(c.idle)
			c.idle = nil
		}
		close(ended)
	}()
	if c.awaits(ctx, grace, ended) {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-ended:
		return true
	default:
	}
	abandoned = true
	c.left++
	return false
}

// awaits waits until a call has ended, and no longer than it may.
func (c *calls) awaits(ctx context.Context, grace time.Duration, ended <-chan struct{}) bool {
	select {
	case <-ended:
		return true
	case <-ctx.Done():
	}
	select {
	case <-ended:
		return true
	case <-time.After(grace):
		return false
	}
}

// hanging is how many were left behind and have not ended.
func (c *calls) hanging() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// wait waits until nothing is running, at most that long.
func (c *calls) wait(limit time.Duration) {
	c.mu.Lock()
	if c.running == 0 {
		c.mu.Unlock()
		return
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(limit):
	}
}
