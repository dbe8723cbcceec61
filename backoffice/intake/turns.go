package intake

import (
	"context"
	"sync"
)

// maxCalls is how many calls of one station run at once. A station makes one at a time; what is more comes over connections
// that broke and were not given up yet, or from a stolen key.
const maxCalls = 8

// turns lets so many calls of one station go on at once, and has the others wait, so that a station that floods the office
// waits for itself and not everybody for it.
type turns struct {
	most int

	mu      sync.Mutex
	station map[string]chan struct{} // each holds as many as go on; one for each certificate that the authority gave out
}

func newTurns(most int) *turns { return &turns{most: most, station: map[string]chan struct{}{}} }

// take waits for a turn of the station until ctx ends, and gives the cause of that then. release must be called.
func (t *turns) take(ctx context.Context, station string) (release func(), err error) {
	t.mu.Lock()
	going, ok := t.station[station]
	if !ok {
		going = make(chan struct{}, t.most)
		t.station[station] = going
	}
	t.mu.Unlock()
	select {
	case going <- struct{}{}:
		return func() { <-going }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
