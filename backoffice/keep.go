package backoffice

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/disk"
)

const (
	eraseEvery = time.Hour
	// tolerated is how far the wall clock may go without the time having passed, before somebody must vouch for it.
	tolerated = time.Hour
)

// keep closes each day at the office's midnight and erases what is over its time, at the start and every hour. What fails
// is logged, shown to the lead and tried again.
func (s *Server) keep(ctx context.Context) error {
	for {
		if err := s.keeper.look(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("housekeeping failed; it will be tried again", "error", err)
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
	office    *office.Office
	retention time.Duration
	clock     Clock
	log       *slog.Logger
	ballast   disk.Ballast
	store     keeperStore
	// These are opened after the store, when the days that ended are closed already.
	vault  eraser
	intake abandoner
	booked forgetter

	erased   time.Duration // Elapsed when it erased last
	once     bool          // there was one
	believed time.Time     // what the wall clock said when it was last believed in this run; zero: not yet
	since    time.Duration // Elapsed then
	asked    time.Duration // Elapsed when a person was asked last; zero: not in this run
	looked   time.Time     // what the wall clock said at the last look; zero: there was none
	lookedAt time.Duration // Elapsed then
	heard    time.Time     // what another instance's clock said when it was last believed there
	first    string        // the day on which this run began, moved on with a clock that is set
}

// keeperStore is what the keeper asks of the office's store. What each method promises stands at [store.Store], which is one.
type keeperStore interface {
	CloseDay(ctx context.Context, from, today string, at time.Time) (left int, err error)
	Unclosed(ctx context.Context, before string) (int, error)
	MoveDay(ctx context.Context, from, to string) error
	Epoch(ctx context.Context) (store.Epoch, error)
	MoveEpoch(ctx context.Context, began time.Time) error
	Erasing(ctx context.Context) (store.Erasing, error)
	HoldErasing(ctx context.Context, held store.Erasing) error
	ReleaseErasing(ctx context.Context) error
	EndErasing(ctx context.Context, clock time.Time, failed int) error
	Overdue(ctx context.Context, before time.Time) ([]store.Due, error)
	NotLater(ctx context.Context, now time.Time, today string) error
	CountCheckIns(ctx context.Context) (int, error)
	Forget(ctx context.Context, ids ...string) error
}

// eraser forgets the keys of check-ins and removes their files.
type eraser interface {
	Erase(ctx context.Context, checkIns ...string) error
}

// abandoner drops what was uploaded before a moment and never submitted.
type abandoner interface {
	DropAbandoned(ctx context.Context, before time.Time) error
}

// forgetter erases the appointments of the days before one.
type forgetter interface {
	Forget(ctx context.Context, before string) error
}

// moment is what both clocks say at one look, how far erasing has come, and whether the wall clock is in doubt.
type moment struct {
	now      time.Time
	elapsed  time.Duration
	state    store.Erasing
	skipped  time.Duration // by how much the wall clock went on without the time having passed; negative when it went back
	vouched  bool          // by a time service
	doubtful bool
}

// look closes the days that are over, and erases when it is time to, or when somebody was asked.
func (k *keeper) look(ctx context.Context) error {
	m, err := k.moment(ctx)
	if err != nil {
		return err
	}
	failed := []error{k.closeDays(ctx, m)}
	hourly := !k.once || m.elapsed-k.erased >= eraseEvery
	if !hourly && !m.doubtful && m.state.Reason == "" {
		return failed[0]
	}
	if err := k.ballast.Release(); err != nil {
		return errors.Join(append(failed, err)...)
	}
	if hourly {
		k.once, k.erased = true, m.elapsed
		failed = append(failed, k.intake.DropAbandoned(ctx, m.now.Add(-abandoned)))
	}
	if m.doubtful {
		failed = append(failed, k.await(ctx, m))
	} else {
		failed = append(failed, k.erase(ctx, m))
	}
	return errors.Join(append(failed, k.ballast.Take())...)
}

// start closes the days that ended while nobody served. An office that never looked at a clock believes the one it has before
// the first visitor comes: stopped before it erased for the first time, it would else believe any clock that it is started with next.
func (k *keeper) start(ctx context.Context) error {
	m, err := k.moment(ctx)
	if err != nil {
		return err
	}
	if err := k.closeDays(ctx, m); err != nil || !m.state.Believed.IsZero() {
		return err
	}
	return k.store.EndErasing(ctx, m.now, 0)
}

// moment looks at the clocks, once for all that a look does: a clock may be set meanwhile.
func (k *keeper) moment(ctx context.Context) (m moment, err error) {
	if m.state, err = k.store.Erasing(ctx); err != nil {
		return m, err
	}
	m.now, m.elapsed = k.clock.Now().Round(0), k.clock.Elapsed()
	switch {
	case !k.believed.IsZero():
		m.skipped = m.now.Sub(k.believed) - (m.elapsed - k.since)
	case !m.state.Believed.IsZero():
		m.skipped = m.now.Sub(m.state.Believed) - m.elapsed
	}
	m.vouched = k.clock.Synchronised()
	m.doubtful = m.state.Confirmed.IsZero() && m.skipped.Abs() > tolerated && !m.vouched
	return m, k.moveAlong(ctx, m)
}

// closeDays closes the days that are over. By a clock that is in doubt it closes only those of which this run saw the end.
func (k *keeper) closeDays(ctx context.Context, m moment) error {
	from, until := "", m.now
	switch {
	case m.doubtful:
		from = k.first
	case !m.state.Confirmed.IsZero():
		until = m.state.Confirmed
	}
	left, err := k.store.CloseDay(ctx, from, k.office.Day(until), m.now)
	if left > 0 {
		k.log.Warn("the day was closed while visitors still waited: the console lists them for the lead", "left", left)
	}
	return err
}

// moveAlong moves today on with a clock that was set while this process ran: whoever waits did not wait a day for it. With a
// clock that was behind goes the day of a restore, on which tickets have more letters; also where it was set meanwhile.
func (k *keeper) moveAlong(ctx context.Context, m moment) error {
	before, leapt := k.looked, m.now.Sub(k.looked)-(m.elapsed-k.lookedAt)
	if before.IsZero() {
		before, leapt, k.first = m.state.Believed, m.skipped, k.office.Day(m.now)
	}
	if from, to := k.office.Day(before), k.office.Day(m.now); leapt.Abs() > tolerated && from != to {
		if from < to {
			if err := k.moveEpoch(ctx, from, m.now); err != nil {
				return err
			}
		}
		if !k.looked.IsZero() {
			k.log.Error("the clock was set: whoever is waiting today keeps waiting", "from", k.looked, "to", m.now)
			if err := k.store.MoveDay(ctx, from, to); err != nil {
				return err
			}
			k.first = to
		}
	}
	k.looked, k.lookedAt = m.now, m.elapsed
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
