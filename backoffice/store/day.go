package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// LeftOver is a visitor with whom nobody had finished when the office's day was closed. It outlives its check-in.
type LeftOver struct {
	ID, Station string
	Day, Ticket string // the day of the visit, YYYY-MM-DD
	Service     string // id; empty when the visitor asked for a member of staff
	Caseworker  string // whose queue it was
	CalledBy    string // who had called the visitor; empty when nobody had
	Kept        bool   // the check-in is not erased yet
	Recorded    bool   // it has a sealed record
	Denied      bool   // the station, or the certificate that it showed, is on the deny list
}

// The list outlives the check-ins, so that what is no ticket's number, and may be anything, does not come on it.
const leave = `INSERT INTO left_over (checkin, station, day, ticket, service, caseworker, called_by)
	SELECT id, station, visit_day, CASE doubt WHEN 'no_number' THEN '?' ELSE ticket END, service, caseworker, coalesce(called_by, '') FROM checkin
	WHERE state IN ('waiting', 'called') AND `

// CloseDay ends every day from one on and before today (YYYY-MM-DD): nobody of those days is called any more, and who was
// still waiting, or at a desk, is told by LeftOver. It gives how many those are. Closing a day twice changes nothing; a day
// that was closed stays so when the clock goes back.
func (s *Store) CloseDay(ctx context.Context, from, today string, at time.Time) (left int, err error) {
	const which = "closed_at IS NULL AND visit_day >= ? AND visit_day < ?"
	var closed int64
	err = s.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, leave+which+" ORDER BY seq ON CONFLICT DO NOTHING", from, today)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		left = int(n)
		result, err = tx.ExecContext(ctx, "UPDATE checkin SET closed_at = ? WHERE "+which, millis(at), from, today)
		if err != nil {
			return err
		}
		closed, err = result.RowsAffected()
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

// Unclosed counts who waits, or is at a desk, of the days before one.
func (s *Store) Unclosed(ctx context.Context, before string) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL AND visit_day < ?",
		before).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count who waits: %w", err)
	}
	return n, nil
}

// MoveDay makes a visit of one day, over which nobody has closed it, one of another: the clock was set, and the visitor is
// still here.
func (s *Store) MoveDay(ctx context.Context, from, to string) error {
	if err := s.execute(ctx, "UPDATE checkin SET visit_day = ? WHERE visit_day = ? AND closed_at IS NULL", to, from); err != nil {
		return fmt.Errorf("move the day: %w", err)
	}
	s.announce()
	return nil
}

const leftDenied = "EXISTS (SELECT 1 FROM denied WHERE denied.name IN (l.station, c.certificate))"

// LeftOver lists who was left when a day was closed, until somebody has dismissed them, by day and order of arrival.
func (s *Store) LeftOver(ctx context.Context) ([]LeftOver, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT l.checkin, l.station, l.day, l.ticket, l.service, l.caseworker, l.called_by,
		c.id IS NOT NULL, EXISTS (SELECT 1 FROM record AS r WHERE r.checkin = l.checkin),
		`+leftDenied+` FROM left_over AS l LEFT JOIN checkin AS c ON c.id = l.checkin ORDER BY l.day, l.rowid`)
	if err != nil {
		return nil, fmt.Errorf("read who was left: %w", err)
	}
	defer rows.Close()
	var all []LeftOver
	for rows.Next() {
		var l LeftOver
		err := rows.Scan(&l.ID, &l.Station, &l.Day, &l.Ticket, &l.Service, &l.Caseworker, &l.CalledBy, &l.Kept, &l.Recorded, &l.Denied)
		if err != nil {
			return nil, fmt.Errorf("read who was left: %w", err)
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// Dismiss takes a visitor off the list of who was left. ErrTaken when somebody has done so already.
func (s *Store) Dismiss(ctx context.Context, name, id string, at time.Time) error {
	return s.move(ctx, Entry{At: at, Name: name, Action: ActionDismissed, CheckIn: id}, func(tx *sql.Tx) error {
		return changeOne(ctx, tx, "DELETE FROM left_over WHERE checkin = ?", id)
	})
}

// DismissDenied takes all visitors of a station off the list of who was left, while it is denied. ErrTaken when there are none.
func (s *Store) DismissDenied(ctx context.Context, name, station string, at time.Time) error {
	return s.move(ctx, Entry{At: at, Name: name, Action: ActionDismissed}, func(tx *sql.Tx) error {
		const which = " FROM left_over AS l LEFT JOIN checkin AS c ON c.id = l.checkin WHERE l.station = ? AND " + leftDenied
		_, err := tx.ExecContext(ctx, "INSERT INTO audit (at, name, action, checkin) SELECT ?, ?, ?, l.checkin"+which,
			millis(at), name, ActionDismissed, station)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM left_over WHERE checkin IN (SELECT l.checkin"+which+")", station)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrTaken)
		}
		return nil
	})
}

// Readmit puts a visitor who was left, and has come again, at the end of today's queue. ErrTaken when somebody has seen
// to the visitor already, or the check-in is erased.
func (s *Store) Readmit(ctx context.Context, name, id, today string, at time.Time) error {
	return s.move(ctx, Entry{At: at, Name: name, Action: ActionReadmitted, CheckIn: id}, func(tx *sql.Tx) error {
		err := changeOne(ctx, tx, `UPDATE checkin SET state = 'waiting', called_by = NULL, called_at = NULL, closed_at = NULL,
			visit_day = ?, seq = (SELECT max(seq) + 1 FROM checkin) WHERE id = ? AND closed_at IS NOT NULL`, today, id)
		if err != nil {
			return err
		}
		return changeOne(ctx, tx, "DELETE FROM left_over WHERE checkin = ?", id)
	})
}
