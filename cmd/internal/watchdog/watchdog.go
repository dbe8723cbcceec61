// Package watchdog tells systemd whether a program still serves people.
package watchdog

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// An Answerer does something again and again, and says so when it comes round: nil then, ctx's error when that ends before.
type Answerer interface {
	Answers(ctx context.Context) error
}

// unwatched is how often answers are asked for where systemd waits for none: the first of them says READY=1.
const unwatched = 10 * time.Second

// Run says READY=1 once all have answered for the first time, and WATCHDOG=1 each time after that (sd_notify(3)). While one
// hangs it says nothing, and systemd, which waits for WatchdogSec, ends the program and starts it again. Without systemd
// nobody hears it. It goes on until ctx ends, and fails only where systemd's own socket does.
func Run(ctx context.Context, log *slog.Logger, of ...Answerer) error {
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return err
	}
	pause := within / 3 // so that one answer may be late
	if within == 0 {
		pause = unwatched
	}
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	state, hung := daemon.SdNotifyReady, false
	for ctx.Err() == nil {
		err := round(ctx, pause, of)
		if err == nil {
			if _, err := daemon.SdNotify(false, state); err != nil {
				return err
			}
			state = daemon.SdNotifyWatchdog
		}
		if now := err != nil && ctx.Err() == nil; now != hung {
			hung = now
			log.Warn("the program has hung or recovered", "hangs", hung)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// round asks each for its answer, all within the time.
func round(ctx context.Context, within time.Duration, of []Answerer) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for _, a := range of {
		if err := a.Answers(ctx); err != nil {
			return err
		}
	}
	return nil
}
