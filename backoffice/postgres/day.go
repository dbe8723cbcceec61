package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// The list outlives the check-ins, so that what is no ticket's number, and may be anything, does not come on it.
const leave = `INSERT INTO left_over (checkin, station, day, ticket, service, caseworker, called_by)
	SELECT id, station, visit_day, CASE doubt WHEN 'no_number' THEN '?' ELSE ticket END, service, caseworker, coalesce(called_by, '') FROM checkin
	WHERE state IN ('waiting', 'called') AND `

// CloseDay ends every day from one on and before today (YYYY-MM-DD): nobody of those days is called any more, and who was still waiting,
// or at a desk, is told by LeftOver. It gives how many those are. Closing a day twice changes nothing; a day that was closed stays so when
// the clock goes back. Breaks, closed services and calls for help of those days end with them, and the ids of commands that are older than
// a day are forgotten.
func (s *Store) CloseDay(ctx context.Context, from, today string, at time.Time) (left int, err error) {
	const which = "closed_at IS NULL AND visit_day >= $1 AND visit_day < $2"
	var closed int64
	err = s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if err := hold(ctx, tx, which, from, today); err != nil {
			return err
		}
		listed, err := tx.Exec(ctx, leave+which+" ORDER BY seq ON CONFLICT DO NOTHING", from, today)
		if err != nil {
			return err
		}
		var b batch
		recordAll(&b, queue.KindLeft, "", at, which, from, today)
		// What was true of the days that end, besides their visitors. The log needs no word of it: it is of a day.
		for _, table := range []string{"on_break", "closed_service", "alarm"} {
			b.Queue("DELETE FROM "+table+" WHERE day >= $1 AND day < $2", from, today)
		}
		b.Queue("DELETE FROM command WHERE at < $1", millis(at.AddDate(0, 0, -1)))
		if err := tx.send(ctx, &b); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, "UPDATE checkin SET closed_at = $3 WHERE "+which, from, today, millis(at))
		left, closed = int(listed.RowsAffected()), done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("close the day: %w", err)
	}
	if closed > 0 {
		s.announce()
	}
	return left, nil
}

// hold keeps others from changing some check-ins, and from adding such, until the transaction ends.
func hold(ctx context.Context, tx transaction, which string, args ...any) error {
	var b batch
	holdQueue(&b)
	b.Queue("SELECT 1 FROM checkin WHERE "+which+" ORDER BY seq FOR UPDATE", args...)
	return tx.send(ctx, &b)
}

// Unclosed counts who waits, or is at a desk, of the days before one.
func (s *Store) Unclosed(ctx context.Context, before string) (n int, err error) {
	err = s.find(ctx, "SELECT count(*) FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL AND visit_day < $1",
		[]any{before}, &n)
	if err != nil {
		return 0, fmt.Errorf("count who waits: %w", err)
	}
	return n, nil
}

// MoveDay makes a visit of one day, over which nobody has closed it, one of another: the clock was set, and the visitor is still here.
func (s *Store) MoveDay(ctx context.Context, from, to string) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if err := hold(ctx, tx, "visit_day = $1 AND closed_at IS NULL", from); err != nil {
			return err
		}
		const which = "visit_day = $1 AND closed_at IS NULL"
		var b batch
		recordMoved(&b, "coalesce((SELECT at FROM event ORDER BY seq DESC LIMIT 1), 0)", "$2::text", which, from, to)
		b.Queue("UPDATE checkin SET visit_day = $2 WHERE "+which, from, to)
		return tx.send(ctx, &b)
	})
	if err != nil {
		return fmt.Errorf("move the day: %w", err)
	}
	s.announce()
	return nil
}

const leftDenied = "EXISTS (SELECT 1 FROM denied WHERE denied.name IN (l.station, c.certificate))"

// LeftOver lists who was left when a day was closed, until somebody has dismissed them, by day and order of arrival.
func (s *Store) LeftOver(ctx context.Context) ([]store.LeftOver, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (l store.LeftOver, err error) {
		return l, row.Scan(&l.ID, &l.Station, &l.Day, &l.Ticket, &l.Service, &l.Caseworker, &l.CalledBy, &l.Kept, &l.Recorded, &l.Denied)
	}, `SELECT l.checkin, l.station, l.day, l.ticket, l.service, l.caseworker, l.called_by,
		c.id IS NOT NULL, EXISTS (SELECT 1 FROM record AS r WHERE r.checkin = l.checkin),
		`+leftDenied+` FROM left_over AS l LEFT JOIN checkin AS c ON c.id = l.checkin ORDER BY l.day, l.n`)
	if err != nil {
		return nil, fmt.Errorf("read who was left: %w", err)
	}
	return all, nil
}

// Dismiss takes a visitor off the list of who was left. ErrTaken when somebody has done so already.
func (s *Store) Dismiss(ctx context.Context, name, id string, at time.Time) error {
	return s.moveOne(ctx, store.Entry{At: at, Name: name, Action: store.ActionDismissed, CheckIn: id},
		"DELETE FROM left_over WHERE checkin = $4 RETURNING checkin")
}

// DismissDenied takes all visitors of a station off the list of who was left, while it is denied. ErrTaken when there are none.
func (s *Store) DismissDenied(ctx context.Context, name, station string, at time.Time) error {
	return s.move(ctx, store.Entry{At: at, Name: name, Action: store.ActionDismissed}, func(ctx context.Context, tx transaction) error {
		// Who is taken off is told by the rows that are gone: of two who dismiss at once each keeps its own.
		done, err := tx.Exec(ctx, `WITH gone AS (DELETE FROM left_over WHERE checkin IN
				(SELECT l.checkin FROM left_over AS l LEFT JOIN checkin AS c ON c.id = l.checkin WHERE l.station = $1 AND `+leftDenied+`) RETURNING checkin)
			INSERT INTO event (at, actor, kind, checkin) SELECT $2, $3, $4, checkin FROM gone`, station, millis(at), name, store.ActionDismissed)
		if err == nil && done.RowsAffected() == 0 {
			err = store.ErrTaken
		}
		return err
	})
}

// Readmit puts a visitor who was left, and has come again, at the end of today's queue. ErrTaken when somebody has seen to the visitor
// already, or the check-in is erased.
func (s *Store) Readmit(ctx context.Context, name, id, today string, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		var seq int64
		var arriving batch
		holdQueue(&arriving)
		arriving.Queue(nextArrival).QueryRow(func(row pgx.Row) error { return row.Scan(&seq) })
		if err := tx.send(ctx, &arriving); err != nil {
			return err
		}
		err := changeOne(ctx, tx, `UPDATE checkin SET state = 'waiting', called_by = NULL, called_at = NULL, ended_at = NULL, closed_at = NULL, desk = '',
			calls = 0, near = false, parked_by = '', shared = false, until = 0, outcome = '',
			visit_day = $1, place = NULL, seq = $2 WHERE id = $3 AND closed_at IS NOT NULL`, today, seq, id)
		if err != nil {
			return err
		}
		var b batch
		recordAll(&b, queue.KindReadmitted, name, at, "id = $1", id)
		if err := tx.send(ctx, &b); err != nil {
			return err
		}
		return changeOne(ctx, tx, "DELETE FROM left_over WHERE checkin = $1", id)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", store.ActionReadmitted, err)
	}
	s.announce()
	return nil
}
