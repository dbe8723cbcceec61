package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Erasing reads how far erasing has come.
func (s *Store) Erasing(ctx context.Context) (e store.Erasing, err error) {
	var believed, clock, confirmed *int64
	err = s.find(ctx, "SELECT believed_at, held, ended, reason, clock_at, confirmed_at, failed FROM sweep", nil,
		&believed, &e.Held, &e.DayHeld, &e.Reason, &clock, &confirmed, &e.Failed)
	if err != nil {
		return store.Erasing{}, fmt.Errorf("read how far erasing has come: %w", err)
	}
	for to, from := range map[*time.Time]*int64{&e.Believed: believed, &e.ClockAt: clock, &e.Confirmed: confirmed} {
		if from != nil {
			*to = moment(*from)
		}
	}
	return e, nil
}

// HoldErasing notes what waits until a person confirms it: Reason, Held, DayHeld and ClockAt of an Erasing.
func (s *Store) HoldErasing(ctx context.Context, held store.Erasing) error {
	return s.noteErasing(ctx, "UPDATE sweep SET reason = $1, held = $2, ended = $3, clock_at = $4, confirmed_at = NULL",
		held.Reason, held.Held, held.DayHeld, millis(held.ClockAt))
}

// ReleaseErasing notes that nothing waits for a person any more.
func (s *Store) ReleaseErasing(ctx context.Context) error {
	return s.noteErasing(ctx, "UPDATE sweep SET reason = '', held = 0, ended = 0, clock_at = NULL, confirmed_at = NULL")
}

// ConfirmErasing notes that a person has seen what the clock said when erasing was held, and says that it was right and that what is
// held is to be erased. ErrTaken when that is not held any more, or was confirmed already.
func (s *Store) ConfirmErasing(ctx context.Context, name string, clock, at time.Time) error {
	return s.move(ctx, store.Entry{At: at, Name: name, Action: store.ActionConfirmed}, func(ctx context.Context, tx transaction) error {
		return changeOne(ctx, tx, "UPDATE sweep SET confirmed_at = clock_at WHERE reason <> '' AND clock_at = $1 AND confirmed_at IS NULL",
			millis(clock))
	})
}

// EndErasing notes how many check-ins could not be erased, that all others were, and that the clock is believed.
func (s *Store) EndErasing(ctx context.Context, clock time.Time, failed int) error {
	return s.noteErasing(ctx, "UPDATE sweep SET believed_at = $1, failed = $2", millis(clock), failed)
}

func (s *Store) noteErasing(ctx context.Context, update string, args ...any) error {
	if err := s.change(ctx, update, args...); err != nil {
		return fmt.Errorf("note how far erasing has come: %w", err)
	}
	s.announce()
	return nil
}

// Overdue lists the check-ins that were confirmed before a moment, whatever became of them, in order of arrival.
func (s *Store) Overdue(ctx context.Context, before time.Time) ([]store.Due, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (d store.Due, err error) {
		var confirmed, arrived int64
		err = row.Scan(&d.ID, &confirmed, &arrived)
		d.Confirmed, d.Arrived = moment(confirmed), moment(arrived)
		return d, err
	}, "SELECT id, confirmed_at, arrived_at FROM checkin WHERE confirmed_at < $1 ORDER BY seq", millis(before))
	if err != nil {
		return nil, fmt.Errorf("look for overdue check-ins: %w", err)
	}
	return all, nil
}

// NotLater makes what is dated later than now, by a clock that was ahead, as of now, and of today (YYYY-MM-DD): it would else be kept,
// wait, or have its letters for as long as that clock was ahead.
func (s *Store) NotLater(ctx context.Context, now time.Time, today string) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		const which = "confirmed_at > $1 OR arrived_at > $1 OR visit_day > $2 AND closed_at IS NULL"
		if err := hold(ctx, tx, which, millis(now), today); err != nil {
			return err
		}
		var b batch
		recordMoved(&b, "$1::bigint", "$2::text", "visit_day > $2 AND closed_at IS NULL", millis(now), today)
		b.Queue(`UPDATE checkin SET confirmed_at = least(confirmed_at, $1), arrived_at = least(arrived_at, $1),
			visit_day = CASE WHEN closed_at IS NULL THEN least(visit_day, $2) ELSE visit_day END WHERE `+which, millis(now), today)
		b.Queue("UPDATE epoch SET began = $1 WHERE began > $1", millis(now))
		return tx.send(ctx, &b)
	})
	if err != nil {
		return fmt.Errorf("correct dates in the future: %w", err)
	}
	return nil
}

// CountCheckIns counts the check-ins that are kept, whatever became of them.
func (s *Store) CountCheckIns(ctx context.Context) (n int, err error) {
	if err := s.find(ctx, "SELECT count(*) FROM checkin", nil, &n); err != nil {
		return 0, fmt.Errorf("count check-ins: %w", err)
	}
	return n, nil
}

// Forget removes check-ins and all that hangs on them but what the log tells of them, in ids, and their places in the list of who was
// left: all of them, or none. Forgetting twice is no error. Whoever forgets many gives them a few at a time: others wait for as long as
// it takes. What was removed cannot be read through the server; its bytes go with a vacuum, and the copies of it in the server's log with
// that log.
func (s *Store) Forget(ctx context.Context, ids ...string) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		const which = "id = ANY($1)"
		if err := hold(ctx, tx, which, ids); err != nil {
			return err
		}
		var b batch
		b.Queue(leave+"closed_at IS NULL AND "+which+" ORDER BY seq ON CONFLICT DO NOTHING", ids)
		b.Queue(`INSERT INTO event (at, day, kind, checkin)
			SELECT coalesce((SELECT max(at) FROM event WHERE event.checkin = checkin.id), arrived_at), visit_day, $2, id
			FROM checkin WHERE `+which+" ORDER BY seq", ids, queue.KindErased)
		b.Queue("DELETE FROM checkin WHERE "+which, ids)
		return tx.send(ctx, &b)
	})
	if err != nil {
		return fmt.Errorf("forget check-ins: %w", err)
	}
	s.announce()
	return nil
}
