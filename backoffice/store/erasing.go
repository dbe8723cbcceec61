package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Hold is why erasing waits for a person.
type Hold string

// The reasons for which erasing waits.
const (
	HoldClock Hold = "clock" // the clock has jumped, and nobody vouches for it
	HoldMany  Hold = "many"  // more than is erased at once without being asked
)

// Erasing is how far erasing has come. Moments are as the clock said.
type Erasing struct {
	Believed  time.Time // when the clock was last believed; zero when it never was
	Held      int       // check-ins that wait to be erased until a person confirms it
	DayHeld   int       // visitors whose day is not closed until a person confirms it
	Reason    Hold      // why they wait; empty when none does
	ClockAt   time.Time // what the clock said when they were held; zero when none is
	Confirmed time.Time // ClockAt, once a person has confirmed it; zero until then
	Failed    int       // check-ins that could not be erased the last time
}

// Erasing reads how far erasing has come.
func (s *Store) Erasing(ctx context.Context) (Erasing, error) {
	var e Erasing
	var believed, clock, confirmed sql.NullInt64
	err := s.db.QueryRowContext(ctx, "SELECT believed_at, held, ended, reason, clock_at, confirmed_at, failed FROM sweep").
		Scan(&believed, &e.Held, &e.DayHeld, &e.Reason, &clock, &confirmed, &e.Failed)
	if err != nil {
		return Erasing{}, fmt.Errorf("read how far erasing has come: %w", err)
	}
	for to, from := range map[*time.Time]sql.NullInt64{&e.Believed: believed, &e.ClockAt: clock, &e.Confirmed: confirmed} {
		if from.Valid {
			*to = moment(from.Int64)
		}
	}
	return e, nil
}

// HoldErasing notes what waits until a person confirms it: Reason, Held, DayHeld and ClockAt of an Erasing.
func (s *Store) HoldErasing(ctx context.Context, held Erasing) error {
	return s.noteErasing(ctx, "UPDATE sweep SET reason = ?, held = ?, ended = ?, clock_at = ?, confirmed_at = NULL",
		held.Reason, held.Held, held.DayHeld, millis(held.ClockAt))
}

// ReleaseErasing notes that nothing waits for a person any more.
func (s *Store) ReleaseErasing(ctx context.Context) error {
	return s.noteErasing(ctx, "UPDATE sweep SET reason = '', held = 0, ended = 0, clock_at = NULL, confirmed_at = NULL")
}

// ConfirmErasing notes that a person has seen what the clock said when erasing was held, and says that it was right and that
// what is held is to be erased. ErrTaken when that is not held any more, or was confirmed already.
func (s *Store) ConfirmErasing(ctx context.Context, name string, clock, at time.Time) error {
	return s.move(ctx, Entry{At: at, Name: name, Action: ActionConfirmed}, func(tx *sql.Tx) error {
		return changeOne(ctx, tx, `UPDATE sweep SET confirmed_at = clock_at
			WHERE reason <> '' AND clock_at = ? AND confirmed_at IS NULL`, millis(clock))
	})
}

// EndErasing notes how many check-ins could not be erased, that all others were, and that the clock is believed.
func (s *Store) EndErasing(ctx context.Context, clock time.Time, failed int) error {
	return s.noteErasing(ctx, "UPDATE sweep SET believed_at = ?, failed = ?", millis(clock), failed)
}

func (s *Store) noteErasing(ctx context.Context, update string, args ...any) error {
	if err := s.execute(ctx, update, args...); err != nil {
		return fmt.Errorf("note how far erasing has come: %w", err)
	}
	s.announce()
	return nil
}

// Due is a check-in that was confirmed long ago.
type Due struct {
	ID                 string
	Confirmed, Arrived time.Time
}

// Overdue lists the check-ins that were confirmed before a moment, whatever became of them, in order of arrival.
func (s *Store) Overdue(ctx context.Context, before time.Time) ([]Due, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, confirmed_at, arrived_at FROM checkin WHERE confirmed_at < ? ORDER BY +seq", millis(before))
	if err != nil {
		return nil, fmt.Errorf("look for overdue check-ins: %w", err)
	}
	defer rows.Close()
	var all []Due
	for rows.Next() {
		var d Due
		var confirmed, arrived int64
		if err := rows.Scan(&d.ID, &confirmed, &arrived); err != nil {
			return nil, fmt.Errorf("look for overdue check-ins: %w", err)
		}
		d.Confirmed, d.Arrived = moment(confirmed), moment(arrived)
		all = append(all, d)
	}
	return all, rows.Err()
}

// NotLater makes what is dated later than now, by a clock that was ahead, as of now, and of today (YYYY-MM-DD): it would else be
// kept, wait, or have its letters for as long as that clock was ahead.
func (s *Store) NotLater(ctx context.Context, now time.Time, today string) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		for _, do := range []struct {
			statement string
			args      []any
		}{
			{"UPDATE checkin SET confirmed_at = ?1 WHERE confirmed_at > ?1", []any{millis(now)}},
			{"UPDATE checkin SET arrived_at = ?1 WHERE arrived_at > ?1", []any{millis(now)}},
			{`INSERT INTO event (at, day, kind, checkin, service) SELECT ?1, ?2, 'moved', id, service FROM checkin
				WHERE visit_day > ?2 AND closed_at IS NULL ORDER BY seq`, []any{millis(now), today}},
			{"UPDATE checkin SET visit_day = ?1 WHERE visit_day > ?1 AND closed_at IS NULL", []any{today}},
			{"UPDATE epoch SET began = ?1 WHERE began > ?1", []any{millis(now)}},
		} {
			if _, err := tx.ExecContext(ctx, do.statement, do.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("correct dates in the future: %w", err)
	}
	return nil
}

// CountCheckIns counts the check-ins that are kept, whatever became of them.
func (s *Store) CountCheckIns(ctx context.Context) (n int, err error) {
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM checkin").Scan(&n); err != nil {
		return 0, fmt.Errorf("count check-ins: %w", err)
	}
	return n, nil
}

// Forget removes check-ins and all that hangs on them but what the log tells of them, in ids, and their places in the list of who was
// left: all of them, or none. Forgetting twice is no error. Whoever forgets many gives them a few at a time: others wait for as long as
// it takes.
func (s *Store) Forget(ctx context.Context, ids ...string) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			_, err := tx.ExecContext(ctx, leave+"closed_at IS NULL AND id = ? ON CONFLICT DO NOTHING", id)
			if err != nil {
				return err
			}
			if err := recordErased(ctx, tx, id); err != nil {
				return err
			}
			if _, err = tx.ExecContext(ctx, "DELETE FROM checkin WHERE id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget check-ins: %w", err)
	}
	s.announce()
	return nil
}
