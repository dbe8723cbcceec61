package backoffice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	sweepEvery = time.Hour
	// tolerated is how far the wall clock may go without the time having passed, before somebody must vouch for it.
	tolerated = time.Hour
	// few is how many check-ins a sweep erases by itself, however many there are.
	few = 20
)

// keep closes each day at the office's midnight and erases what is over its time, at the start and every hour. What fails
// is logged, shown to the lead and tried again.
func (s *Server) keep(ctx context.Context) error {
	w := &sweeper{Server: s}
	for {
		if err := errors.Join(s.closeDay(ctx), w.look(ctx)); err != nil && ctx.Err() == nil {
			s.log.Error("housekeeping failed; it is tried again", "error", err)
		}
		// Midnights of all time zones fall on full minutes; looking at each, nothing need be known of days of 23 or 25
		// hours, of changed zones, or of clocks that were set.
		now := s.clock.Now()
		timer := time.NewTimer(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

func (s *Server) closeDay(ctx context.Context) error {
	now := s.clock.Now()
	left, err := s.store.CloseDay(ctx, s.office.Day(now), now)
	if left > 0 {
		s.log.Warn("the day was closed with visitors left: the console lists them for the lead", "left", left)
	}
	return err
}

// sweeper erases what is over its time, unless the clock that says so is in doubt.
//
// A clock that runs ahead would erase everybody. So time counts as passed only where it passed: while this process ran,
// or, where it did not run, when a time service vouches for the clock. One sweep erases half of the check-ins at most, or
// a few; after a pause longer than the retention not even those few. Beyond that a person must confirm it in the console.
type sweeper struct {
	*Server
	swept    time.Duration // Elapsed at the last sweep
	once     bool          // there was one
	believed time.Time     // what the wall clock said when it was last believed in this run; zero: not yet
	since    time.Duration // Elapsed then
}

// look sweeps when it is time to, or when a sweep is held.
func (w *sweeper) look(ctx context.Context) error {
	state, err := w.store.Sweep(ctx)
	if err != nil {
		return err
	}
	if w.once && state.Reason == "" && w.clock.Elapsed()-w.swept < sweepEvery {
		return nil
	}
	w.once, w.swept = true, w.clock.Elapsed()
	if err := w.ballast().Release(); err != nil {
		return err
	}
	err = errors.Join(w.intake.Sweep(ctx, w.clock.Now().Add(-abandoned)), w.sweep(ctx, state))
	return errors.Join(err, w.ballast().Take())
}

func (w *sweeper) sweep(ctx context.Context, state store.Sweep) error {
	now := w.clock.Now().Round(0)
	confirmed := !state.Confirmed.IsZero()
	before := now.Add(-w.config.Retention.Duration)
	if confirmed { // what was overdue when the person looked
		before = state.Confirmed.Add(-w.config.Retention.Duration)
	}
	overdue, err := w.store.Overdue(ctx, before)
	if err != nil {
		return err
	}
	skipped := w.skipped(now, state.Believed)
	if !confirmed && w.doubts(skipped) && len(overdue) == 0 {
		return w.release(ctx, state) // there is nothing to ask about, and the clock is not believed either
	}
	if !confirmed {
		all, err := w.store.Count(ctx)
		if err != nil {
			return err
		}
		if reason := w.hold(skipped, len(overdue), all); reason != "" {
			return w.ask(ctx, state, reason, len(overdue), now)
		}
	}
	failed, err := w.eraseAll(ctx, overdue)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.believed, w.since = now, w.clock.Elapsed()
	return errors.Join(err, w.store.EndSweep(ctx, now, failed))
}

// skipped is by how much the wall clock went on without the time having passed; negative when it went back.
func (w *sweeper) skipped(now, stored time.Time) time.Duration {
	switch {
	case !w.believed.IsZero():
		return now.Sub(w.believed) - (w.clock.Elapsed() - w.since)
	case !stored.IsZero():
		return now.Sub(stored) - w.clock.Elapsed()
	}
	return 0
}

func (w *sweeper) doubts(skipped time.Duration) bool {
	return skipped.Abs() > tolerated && !w.clock.Synchronised()
}

// hold is why so many of all check-ins must not be erased without a person; empty when they may.
func (w *sweeper) hold(skipped time.Duration, overdue, all int) store.Hold {
	allowed := all / 2
	if skipped < w.config.Retention.Duration {
		allowed = max(allowed, few)
	}
	switch {
	case w.doubts(skipped):
		return store.HoldClock
	case overdue > allowed:
		return store.HoldMany
	}
	return ""
}

// ask holds the sweep, and says so when it is new.
func (w *sweeper) ask(ctx context.Context, state store.Sweep, reason store.Hold, held int, now time.Time) error {
	if state.Reason == reason && state.Held == held && now.Sub(state.ClockAt).Abs() < sweepEvery {
		return nil
	}
	w.log.Error("nothing is erased until a person confirms it in the console", "reason", string(reason), "check_ins", held, "clock", now)
	return w.store.HoldSweep(ctx, reason, held, now)
}

// release ends a hold when nothing is overdue any more.
func (w *sweeper) release(ctx context.Context, state store.Sweep) error {
	if state.Reason == "" {
		return nil
	}
	return w.store.HoldSweep(ctx, "", 0, w.clock.Now())
}

// eraseAll erases check-ins and counts those that could not be. One that cannot be erased keeps no other.
func (w *sweeper) eraseAll(ctx context.Context, ids []string) (failed int, err error) {
	var errs []error
	for _, id := range ids {
		// The key goes first: what is left after a power cut cannot be read.
		err := w.vault.Erase(ctx, id)
		if err == nil {
			err = w.store.Forget(ctx, id)
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			failed++
			errs = append(errs, fmt.Errorf("check-in %s could not be erased: %w", id, err))
		}
	}
	return failed, errors.Join(errs...)
}
