package staff

import (
	"sync"
	"time"
)

// How guessing is slowed down: after some free tries each failure doubles the wait, up to a limit that does not lock
// anybody out for a morning.
const (
	freeTries  = 5
	firstWait  = 2 * time.Second
	longest    = 5 * time.Minute
	forgetting = 30 * time.Minute
	remembered = 10_000 // names and addresses; more are refused until some are forgotten
)

// Throttle counts failed tries under any key: a name, an address. The zero Throttle is ready.
type Throttle struct {
	mu    sync.Mutex
	tries map[string]tries
}

type tries struct {
	failed int
	last   time.Time
}

// Wait is how long a key still has to wait before it may try; 0 is now.
func (t *Throttle) Wait(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, known := t.tries[key]
	if !known && len(t.tries) >= remembered {
		t.forget(now)
		if len(t.tries) >= remembered {
			return longest
		}
	}
	return max(0, k.last.Add(k.pause()).Sub(now))
}

func (k tries) pause() time.Duration {
	if k.failed < freeTries {
		return 0
	}
	return min(longest, firstWait<<min(k.failed-freeTries, 16))
}

// Failed notes a failed try.
func (t *Throttle) Failed(key string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tries == nil {
		t.tries = map[string]tries{}
	}
	k := t.tries[key]
	if now.Sub(k.last) > forgetting {
		k.failed = 0
	}
	t.tries[key] = tries{failed: k.failed + 1, last: now}
}

// Succeeded forgets the failures of a key.
func (t *Throttle) Succeeded(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, key)
}

func (t *Throttle) forget(now time.Time) {
	for key, k := range t.tries {
		if now.Sub(k.last) > forgetting {
			delete(t.tries, key)
		}
	}
}
