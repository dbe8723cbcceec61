package console

import (
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// refusals writes refused sign-ins to the log, ten at once and then one a second, so that a flood of them cannot fill the
// disk; the others are counted.
type refusals struct {
	mu     sync.Mutex
	lines  *rate.Limiter
	untold int
}

func newRefusals() *refusals { return &refusals{lines: rate.NewLimiter(rate.Every(time.Second), 10)} }

func (f *refusals) log(log *slog.Logger, about ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.lines.Allow() {
		f.untold++
		return
	}
	log.Warn("sign-in refused", append(about, "untold", f.untold)...)
	f.untold = 0
}
