package console

import (
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// fewLines writes what strangers cause to the log, ten lines at once and then one a second, so that a flood of them cannot fill
// the disk; the others are counted.
type fewLines struct {
	mu     sync.Mutex
	lines  *rate.Limiter
	untold int
}

func newFewLines() *fewLines { return &fewLines{lines: rate.NewLimiter(rate.Every(time.Second), 10)} }

func (f *fewLines) log(log *slog.Logger, message string, about ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.lines.Allow() {
		f.untold++
		return
	}
	log.Warn(message, append(about, "untold", f.untold)...)
	f.untold = 0
}
