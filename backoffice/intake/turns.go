package intake

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// How many calls one station may begin. It makes some twenty for a visitor. Each is a line of the log, and a station that floods
// would fill that, or have journald throw away what others have to say (it takes 10,000 lines in 30 s).
const (
	callsASecond = 200
	callsAtOnce  = 1000
)

// pace lets each station begin so many calls a second, and has the others wait.
type pace struct {
	mu      sync.Mutex
	station map[string]*rate.Limiter // one for each certificate that the authority gave out
}

func newPace() *pace { return &pace{station: map[string]*rate.Limiter{}} }

// wait waits until the station may begin one more call. Those who are no stations of this office wait together, under no name.
func (p *pace) wait(ctx context.Context, station string) error {
	p.mu.Lock()
	limit, ok := p.station[station]
	if !ok {
		limit = rate.NewLimiter(callsASecond, callsAtOnce)
		p.station[station] = limit
	}
	p.mu.Unlock()
	if limit.Wait(ctx) != nil {
		return status.Error(codes.ResourceExhausted, "this station makes too many calls")
	}
	return nil
}

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
