package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// An answerer does something again and again, and says so when it comes round.
type answerer interface {
	Answers(context.Context) error
}

// A watchdog tells systemd that the station serves visitors: READY=1 once all have come round for the first time,
// WATCHDOG=1 each time after that (sd_notify(3)). Where one hangs it says nothing, and systemd, which waits for
// WatchdogSec, ends the program and starts it again. Without systemd it does nothing.
type watchdog struct {
	log *slog.Logger
	of  []answerer
}

// unwatched is how often the answers are asked for where systemd waits for none: the first of them says READY=1.
const unwatched = 10 * time.Second

// run goes on until ctx ends, and returns its error.
func (w watchdog) run(ctx context.Context) error {
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
	for {
		err := w.round(ctx, pause)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			if _, err := daemon.SdNotify(false, state); err != nil {
				return err
			}
			state = daemon.SdNotifyWatchdog
		}
		if now := err != nil; now != hung {
			hung = now
			w.log.Warn("whether the station comes round has changed", "hangs", hung)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// round asks each for its answer, all within the time.
func (w watchdog) round(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for _, a := range w.of {
		if err := a.Answers(ctx); err != nil {
			return err
		}
	}
	return nil
}
