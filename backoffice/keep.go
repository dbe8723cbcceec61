package backoffice

import (
	"context"
	"errors"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	sweepEvery = time.Hour
	// tolerated is how far the wall clock may go without the time having passed, before somebody must vouch for it.
	tolerated = time.Hour
)

// keep closes each day at the office's midnight and erases what is over its time, at the start and every hour. What fails
// is logged, shown to the lead and tried again.
func (s *Server) keep(ctx context.Context) error {
	for {
		if err := s.keeper.look(ctx); err != nil && ctx.Err() == nil {
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

// keeper closes days and erases what is over its time, unless the clock that says so is in doubt.
//
// A clock that runs ahead would close the day over those who wait, and erase everybody. So time counts as passed only where
// it passed: while this process ran, or, where it did not run, when a time service vouches for the clock. Beyond that a
// person must confirm it in the console.
type keeper struct {
	*Server
	swept    time.Duration // Elapsed at the last sweep
	once     bool          // there was one
	believed time.Time     // what the wall clock said when it was last believed in this run; zero: not yet
	since    time.Duration // Elapsed then
	looked   time.Time     // what the wall clock said at the last look; zero: there was none
	lookedAt time.Duration // Elapsed then
	first    string        // the day on which this run began, moved on with a clock that is set
}

// look closes the days that are over, and sweeps when it is time to, or when somebody was asked.
func (k *keeper) look(ctx context.Context) error {
	state, doubtful, err := k.days(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	hourly := !k.once || k.clock.Elapsed()-k.swept >= sweepEvery
	if !hourly && !doubtful && state.Reason == "" {
		return err
	}
	if released := k.ballast().Release(); released != nil {
		return errors.Join(err, released)
	}
	if hourly {
		k.once, k.swept = true, k.clock.Elapsed()
		err = errors.Join(err, k.intake.Sweep(ctx, k.clock.Now().Add(-abandoned)))
	}
	if doubtful {
		err = errors.Join(err, k.await(ctx, state))
	} else {
		err = errors.Join(err, k.sweep(ctx, state))
	}
	return errors.Join(err, k.ballast().Take())
}

// days closes the days that are over. By a clock that is in doubt it closes only those of which this run saw the end.
func (k *keeper) days(ctx context.Context) (state store.Sweep, doubtful bool, err error) {
	if state, err = k.store.Sweep(ctx); err != nil {
		return state, false, err
	}
	now := k.clock.Now().Round(0)
	if err := k.moveAlong(ctx, now, state.Believed); err != nil {
		return state, false, err
	}
	from, until := "", now
	doubtful = state.Confirmed.IsZero() && k.doubts(k.skipped(now, state.Believed))
	switch {
	case doubtful:
		from = k.first
	case !state.Confirmed.IsZero():
		until = state.Confirmed
	}
	left, err := k.store.CloseDay(ctx, from, k.office.Day(until), now)
	if left > 0 {
		k.log.Warn("the day was closed with visitors left: the console lists them for the lead", "left", left)
	}
	return state, doubtful, err
}

// moveAlong moves today on with a clock that was set while this process ran: whoever waits did not wait a day for it. With a
// clock that was behind goes the day of a restore, on which tickets have more letters; also where it was set meanwhile.
func (k *keeper) moveAlong(ctx context.Context, now, stored time.Time) error {
	elapsed := k.clock.Elapsed()
	before, leapt := k.looked, now.Sub(k.looked)-(elapsed-k.lookedAt)
	if before.IsZero() {
		before, leapt, k.first = stored, k.skipped(now, stored), k.office.Day(now)
	}
	if from, to := k.office.Day(before), k.office.Day(now); leapt.Abs() > tolerated && from != to {
		if from < to {
			if err := k.moveEpoch(ctx, from, now); err != nil {
				return err
			}
		}
		if !k.looked.IsZero() {
			k.log.Error("the clock was set: whoever waits today waits on", "from", k.looked, "to", now)
			if err := k.store.MoveDay(ctx, from, to); err != nil {
				return err
			}
			k.first = to
		}
	}
	k.looked, k.lookedAt = now, elapsed
	return nil
}

// moveEpoch moves the beginning of an epoch on that began on a day, or after it.
func (k *keeper) moveEpoch(ctx context.Context, day string, now time.Time) error {
	epoch, err := k.store.Epoch(ctx)
	if err != nil || epoch.Began.IsZero() || k.office.Day(epoch.Began) < day {
		return err
	}
	return k.store.MoveEpoch(ctx, now)
}

// skipped is by how much the wall clock went on without the time having passed; negative when it went back.
func (k *keeper) skipped(now, stored time.Time) time.Duration {
	switch {
	case !k.believed.IsZero():
		return now.Sub(k.believed) - (k.clock.Elapsed() - k.since)
	case !stored.IsZero():
		return now.Sub(stored) - k.clock.Elapsed()
	}
	return 0
}

func (k *keeper) doubts(skipped time.Duration) bool {
	return skipped.Abs() > tolerated && !k.clock.Synchronised()
}
