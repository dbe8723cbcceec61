package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

const eventColumns = "seq, at, day, kind, actor, desk, checkin, service, queue, room, place, shared, until, outcome, file, command"

// Events lists what happened to those whose day was one (YYYY-MM-DD), whenever it happened, and what else happened on that day, in
// order. Folded, they are the queue of that day; see [queue.State.Apply].
func (s *Store) Events(ctx context.Context, day string) ([]queue.Event, error) {
	events, err := listEvents(ctx, s.db, `WHERE checkin IN (SELECT checkin FROM event WHERE day = ?1 AND checkin <> '')
		OR checkin = '' AND day = ?1 ORDER BY seq`, day)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return events, nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func listEvents(ctx context.Context, q querier, which string, args ...any) (events []queue.Event, err error) {
	rows, err := q.QueryContext(ctx, "SELECT "+eventColumns+" FROM event "+which, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e queue.Event
		var at, until int64
		err := rows.Scan(&e.Seq, &at, &e.Day, &e.Kind, &e.By, &e.Desk, &e.CheckIn, &e.Service, &e.Queue, &e.Room, &e.Place, &e.Shared, &until,
			&e.Outcome, &e.File, &e.Command)
		if err != nil {
			return nil, err
		}
		e.At, e.Until = moment(at), orNever(until)
		events = append(events, e)
	}
	return events, rows.Err()
}

// record appends an event to the log, and gives its number.
func record(ctx context.Context, tx *sql.Tx, e queue.Event) (seq int64, err error) {
	result, err := tx.ExecContext(ctx, "INSERT INTO event ("+strings.TrimPrefix(eventColumns, "seq, ")+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		millis(e.At), e.Day, e.Kind, e.By, e.Desk, e.CheckIn, e.Service, e.Queue, e.Room, e.Place, e.Shared, untilMillis(e.Until), e.Outcome, e.File, e.Command)
	if err == nil {
		seq, err = result.LastInsertId()
	}
	if err != nil {
		return 0, fmt.Errorf("log: %w", err)
	}
	return seq, nil
}

// place is where a visitor stands in the queue.
const place = "coalesce(place, seq * 1048576)"

// recordAll appends an event of a kind for each check-in of which a condition is true, in order of arrival.
func recordAll(ctx context.Context, tx *sql.Tx, kind queue.Kind, by string, at time.Time, where string, args ...any) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO event (at, day, kind, actor, checkin, service, queue, room, place)
		SELECT ?, visit_day, ?, ?, id, service, caseworker, room, `+place+" FROM checkin WHERE "+where+" ORDER BY seq",
		append([]any{millis(at), kind, by}, args...)...)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

// orNever is a moment, or the zero Time for 0.
func orNever(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return moment(ms)
}

// untilMillis is 0 for the zero Time.
func untilMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return millis(t)
}

// recordArrival appends that a visitor has arrived, and that the visitor's day was over by then if it was.
func recordArrival(ctx context.Context, tx *sql.Tx, a Admission) error {
	err := recordAll(ctx, tx, queue.KindArrived, "", a.At, "id = ?", a.ID)
	if err == nil && a.Late() {
		err = recordAll(ctx, tx, queue.KindLeft, "", a.At, "id = ?", a.ID)
	}
	return err
}

// recordErased appends that a check-in is erased, if there is one.
func recordErased(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO event (at, day, kind, checkin)
		SELECT coalesce((SELECT max(at) FROM event WHERE checkin = ?1), arrived_at), visit_day, ?2, id FROM checkin WHERE id = ?1`, id, queue.KindErased)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}
