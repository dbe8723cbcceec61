package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	eventColumns = "seq, at, day, kind, actor, desk, checkin, service, queue, room, place, shared, until, outcome, file, command"
	// A trigger holds the log meanwhile; see SealLog.
	recordOne = `INSERT INTO event (at, day, kind, actor, desk, checkin, service, queue, room, place, shared, until, outcome, file, command)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING seq`
	// place is where a visitor stands in the queue.
	place = "coalesce(place, seq * 1048576)"
)

// Events lists what happened to those whose day was one (YYYY-MM-DD), whenever it happened, and what else happened on that day, in
// order. Folded, they are the queue of that day; see [queue.State.Apply].
func (s *Store) Events(ctx context.Context, day string) ([]queue.Event, error) {
	events, err := list(ctx, s, scanEvent, "SELECT "+eventColumns+` FROM event
		WHERE checkin IN (SELECT checkin FROM event WHERE day = $1 AND checkin <> '') OR checkin = '' AND day = $1 ORDER BY seq`, day)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return events, nil
}

func scanEvent(row pgx.CollectableRow) (e queue.Event, err error) {
	var at, until int64
	err = row.Scan(&e.Seq, &at, &e.Day, &e.Kind, &e.By, &e.Desk, &e.CheckIn, &e.Service, &e.Queue, &e.Room, &e.Place, &e.Shared, &until,
		&e.Outcome, &e.File, &e.Command)
	e.At, e.Until = moment(at), orNever(until)
	return e, err
}

// eventArgs are what recordOne keeps of an event.
func eventArgs(e queue.Event) []any {
	return []any{
		millis(e.At), e.Day, e.Kind, e.By, e.Desk, e.CheckIn, e.Service, e.Queue, e.Room, e.Place, e.Shared, untilMillis(e.Until), e.Outcome, e.File, e.Command,
	}
}

// recordAll queues that an event of a kind is appended for each check-in of which a condition on its arguments is true, in order of
// arrival.
func recordAll(b *batch, kind queue.Kind, by string, at time.Time, where string, args ...any) *pgx.QueuedQuery {
	n := len(args)
	return b.Queue(fmt.Sprintf(`INSERT INTO event (at, day, kind, actor, checkin, service, queue, room, place)
		SELECT $%d::bigint, visit_day, $%d::text, $%d::text, id, service, caseworker, room, %s FROM checkin WHERE %s ORDER BY seq`, n+1, n+2, n+3, place, where),
		append(append([]any{}, args...), millis(at), kind, by)...)
}

// recordMoved queues that each check-in of which a condition on its arguments is true is now of another day. At and to are SQL.
func recordMoved(b *batch, at, to, where string, args ...any) {
	b.Queue(`INSERT INTO event (at, day, kind, checkin, service) SELECT `+at+", "+to+", '"+string(queue.KindMoved)+`', id, service
		FROM checkin WHERE `+where+" ORDER BY seq", args...)
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

// Log lists at most limit entries of the audit trail, the latest first.
func (s *Store) Log(ctx context.Context, f store.LogFilter, limit int) ([]store.LogEntry, error) {
	var from, until int64 = 0, 1<<63 - 1
	if !f.From.IsZero() {
		from = millis(f.From)
	}
	if !f.Until.IsZero() {
		until = millis(f.Until)
	}
	page, err := list(ctx, s, func(row pgx.CollectableRow) (e store.LogEntry, err error) {
		var at int64
		err = row.Scan(&e.Number, &at, &e.Name, &e.Action, &e.CheckIn, &e.File, &e.Ticket)
		e.At = moment(at)
		return e, err
	}, `SELECT a.seq, a.at, a.actor, a.kind, a.checkin, a.file, coalesce(c.ticket, '')
		FROM event a LEFT JOIN checkin c ON c.id = a.checkin
		WHERE a.actor <> '' AND ($1::text = '' OR a.actor = $1) AND ($2::text = '' OR a.kind = $2) AND ($3::text = '' OR a.checkin = $3 OR c.ticket = $3)
			AND a.at >= $4 AND a.at < $5 AND ($6::bigint = 0 OR a.seq < $6)
		ORDER BY a.seq DESC LIMIT $7`, f.Name, f.Action, f.CheckIn, from, until, f.Before, limit)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return page, nil
}
