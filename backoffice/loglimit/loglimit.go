// Package loglimit writes what strangers cause to the log: some lines at once, then one now and then, so that a flood of them
// cannot fill the disk. The lines that are left out are counted in the next one.
package loglimit

import (
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter limits one kind of line. It may be used from several goroutines at once.
type Limiter struct {
	now func() time.Time

	mu     sync.Mutex
	lines  *rate.Limiter
	untold int
}

// New makes a limiter that lets so many lines through at once, and then one each time that every has passed on the clock now.
func New(atOnce int, every time.Duration, now func() time.Time) *Limiter {
	return &Limiter{now: now, lines: rate.NewLimiter(rate.Every(every), atOnce)}
}

// Warn writes a line with its attributes as [slog.Logger.Warn] does, or counts it. The line that is written has the number of
// those that were not in "untold".
func (l *Limiter) Warn(log *slog.Logger, message string, attributes ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.lines.AllowN(l.now(), 1) {
		l.untold++
		return
	}
	log.Warn(message, append(attributes, "untold", l.untold)...)
	l.untold = 0
}
