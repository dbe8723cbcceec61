package backoffice

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/backoffice/store"
)

// together is how many check-ins are erased at once: the key database's log is overwritten once for all of them, and a check-in that
// arrives waits no longer than that takes.
const together = 32

// few is how many check-ins are erased at once without asking, however many there are.
const few = 20

// await holds what a clock in doubt calls over, until a person confirms it.
func (k *keeper) await(ctx context.Context, m moment) error {
	overdue, err := k.store.Overdue(ctx, m.now.Add(-k.retention))
	if err != nil {
		return err
	}
	dayHeld, err := k.store.Unclosed(ctx, k.first)
	if err != nil {
		return err
	}
	if len(overdue)+dayHeld == 0 { // there is nothing to ask about, and the clock is not believed either
		return k.release(ctx, m.state)
	}
	return k.ask(ctx, m, store.Erasing{Reason: store.HoldClock, Held: len(overdue), DayHeld: dayHeld, ClockAt: m.now})
}

// erase erases what is over its time. It erases half of the check-ins at most, or a few; after a pause longer than the
// retention not even those few. Beyond that a person must confirm it. Those that were over their time when they arrived are
// counted apart: whoever hands in such keeps nobody else's from being erased.
func (k *keeper) erase(ctx context.Context, m moment) error {
	if m.vouched {
		if err := k.store.NotLater(ctx, m.now, k.office.Day(m.now)); err != nil {
			return err
		}
	}
	confirmed := !m.state.Confirmed.IsZero()
	at := m.now
	if confirmed { // what was overdue when the person looked
		at = m.state.Confirmed
	}
	overdue, err := k.store.Overdue(ctx, at.Add(-k.retention))
	if err != nil {
		return err
	}
	here, late := k.split(overdue)
	held := 0
	if !confirmed {
		all, err := k.store.CountCheckIns(ctx)
		if err != nil {
			return err
		}
		allowed := few
		if m.skipped >= k.retention {
			allowed = 0
		}
		if len(here) > max(allowed, (all-len(late))/2) {
			return k.ask(ctx, m, store.Erasing{Reason: store.HoldMany, Held: len(overdue), ClockAt: m.now})
		}
		if len(late) > allowed {
			held, late = len(late), nil
		}
	}
	// What was confirmed, or is in no doubt, says which days are over. What a wrong clock forgets is imported again.
	forgot := k.booked.Forget(ctx, k.office.Day(at))
	failed, err := k.eraseAll(ctx, append(here, late...))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	k.believe(m)
	err = errors.Join(err, forgot, k.store.EndErasing(ctx, at, failed))
	if held > 0 {
		return errors.Join(err, k.ask(ctx, m, store.Erasing{Reason: store.HoldMany, Held: held, ClockAt: m.now}))
	}
	return errors.Join(err, k.release(ctx, m.state))
}

// believe takes the wall clock for right, as the erasing has that is over.
func (k *keeper) believe(m moment) {
	switch {
	case m.state.Confirmed.IsZero():
		k.believed, k.since = m.now, m.elapsed
	case k.asked != 0: // the person vouched for what the clock said then, not for what it says since
		k.believed, k.since = m.state.Confirmed, k.asked
	}
}

// split tells those that were over their time when they arrived from those that became so here.
func (k *keeper) split(overdue []store.Due) (here, late []string) {
	for _, d := range overdue {
		if d.Arrived.Sub(d.Confirmed) > k.retention {
			late = append(late, d.ID)
		} else {
			here = append(here, d.ID)
		}
	}
	return here, late
}

// ask holds what is over until a person confirms it, and says so when it is new.
func (k *keeper) ask(ctx context.Context, m moment, held store.Erasing) error {
	state := m.state
	same := state.Reason == held.Reason && state.Held == held.Held && state.DayHeld == held.DayHeld
	if same && held.ClockAt.Sub(state.ClockAt).Abs() < eraseEvery {
		return nil
	}
	k.log.Error("someone must confirm in the console what the clock says is overdue", "reason", string(held.Reason),
		"erasing_held_check_ins", held.Held, "day_held_check_ins", held.DayHeld, "clock", held.ClockAt)
	k.asked = m.elapsed
	return k.store.HoldErasing(ctx, held)
}

// release ends a hold.
func (k *keeper) release(ctx context.Context, state store.Erasing) error {
	if state.Reason == "" {
		return nil
	}
	return k.store.ReleaseErasing(ctx)
}

// eraseAll erases check-ins, a few at a time, and counts those that could not be. One that cannot be erased keeps no other.
func (k *keeper) eraseAll(ctx context.Context, ids []string) (failed int, err error) {
	var errs []error
	for some := range slices.Chunk(ids, together) {
		if k.eraseSome(ctx, some...) == nil {
			continue
		}
		for _, id := range some {
			err := k.eraseSome(ctx, id)
			if ctx.Err() != nil {
				return failed, errors.Join(errs...)
			}
			if err != nil {
				failed++
				errs = append(errs, fmt.Errorf("check-in %s could not be erased: %w", id, err))
			}
		}
	}
	return failed, errors.Join(errs...)
}

// eraseSome erases all of these. The keys go first: what is left after a power cut cannot be read.
func (k *keeper) eraseSome(ctx context.Context, ids ...string) error {
	if err := k.vault.Erase(ctx, ids...); err != nil {
		return err
	}
	return k.store.Forget(ctx, ids...)
}
