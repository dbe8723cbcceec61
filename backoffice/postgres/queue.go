package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-station/foyer/backoffice/store"
)

const columns = `id, station, confirmed_at, service, language, ticket, day, doubt,
	EXISTS (SELECT 1 FROM checkin o WHERE o.ticket = checkin.ticket AND o.id <> checkin.id
		AND (o.day = checkin.day OR o.state IN ('waiting', 'called') AND o.closed_at IS NULL)), verdict, validity,
	persons, documents, newer, decision, wait, room, state,
	coalesce(called_by, ''), coalesce(called_at, 0), visit_day, closed_at IS NOT NULL,
	EXISTS (SELECT 1 FROM record WHERE record.checkin = checkin.id),
	coalesce((SELECT min(since) FROM denied WHERE denied.name IN (checkin.station, checkin.certificate)), 0)`

func scanCheckIn(row pgx.CollectableRow) (store.CheckIn, error) { return scan(row) }

func scan(row pgx.Row, more ...any) (store.CheckIn, error) {
	var c store.CheckIn
	var confirmed, wait, called, denied int64
	var decision []byte
	err := row.Scan(append([]any{
		&c.ID, &c.Station, &confirmed, &c.Service, &c.Language, &c.Ticket, &c.Day, &c.Discrepancy, &c.Twin, &c.Verdict, &c.Validity,
		&c.Persons, &c.Documents, &c.Newer, &decision, &wait, &c.Room, &c.State, &c.CalledBy, &called, &c.VisitDay, &c.Closed, &c.Recorded, &denied,
	}, more...)...)
	if err != nil {
		return store.CheckIn{}, err
	}
	c.ConfirmedAt, c.Wait = moment(confirmed), time.Duration(wait)*time.Millisecond
	if called != 0 {
		c.CalledAt = moment(called)
	}
	if denied != 0 {
		c.DeniedSince = moment(denied)
	}
	return c, json.Unmarshal(decision, &c.Decision)
}

// Queue lists everyone who waits or is called today, first come first, by the order of arrival here, which no clock can change.
func (s *Store) Queue(ctx context.Context) ([]store.CheckIn, error) {
	return s.list(ctx, "SELECT "+columns+" FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL ORDER BY seq")
}

// CountVisitors counts who waits, who is at a desk, and who was left.
func (s *Store) CountVisitors(ctx context.Context) (f store.VisitorCounts, err error) {
	err = s.find(ctx, `SELECT (SELECT count(*) FROM checkin WHERE state = 'waiting' AND closed_at IS NULL),
		(SELECT count(*) FROM checkin WHERE state = 'called' AND closed_at IS NULL), (SELECT count(*) FROM left_over)`,
		nil, &f.Waiting, &f.Called, &f.Left)
	if err != nil {
		return store.VisitorCounts{}, fmt.Errorf("count visitors: %w", err)
	}
	return f, nil
}

// Ended lists the last n visitors of today with whom a caseworker has finished, the last one first.
func (s *Store) Ended(ctx context.Context, caseworker string, n int) ([]store.CheckIn, error) {
	return s.list(ctx, "SELECT "+columns+` FROM checkin WHERE state IN ('done', 'no_show') AND called_by = $1
		AND closed_at IS NULL ORDER BY ended_at DESC, seq DESC LIMIT $2`, caseworker, n)
}

func (s *Store) list(ctx context.Context, query string, args ...any) ([]store.CheckIn, error) {
	queue, err := list(ctx, s, scanCheckIn, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return queue, nil
}

// CheckIn finds a check-in and its sealed record, which is nil when the visitor gave no data. ErrNotFound when there is no such
// check-in.
func (s *Store) CheckIn(ctx context.Context, id string) (c store.CheckIn, record []byte, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) (err error) {
		row := pool.QueryRow(ctx, "SELECT "+columns+", (SELECT sealed FROM record WHERE checkin = checkin.id) FROM checkin WHERE id = $1", keepableText(id))
		c, err = scan(row, &record)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return store.CheckIn{}, nil, store.ErrNotFound
	}
	if err != nil {
		return store.CheckIn{}, nil, fmt.Errorf("read check-in: %w", err)
	}
	return c, record, nil
}

const (
	// A caseworker's calls come one after the other, by whatever page or instance.
	holdDesk = "SELECT pg_advisory_xact_lock($1, hashtext($2))"
	// Whoever is being called is passed over: nobody waits for another's call.
	callNext = `WITH next AS MATERIALIZED (
			SELECT id FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND caseworker = ANY($3)
				AND NOT EXISTS (SELECT 1 FROM checkin WHERE called_by = $1 AND state = 'called' AND closed_at IS NULL)
			ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED),
		called AS (UPDATE checkin SET state = 'called', called_by = $1, called_at = $2 FROM next WHERE checkin.id = next.id RETURNING checkin.id),
		kept AS (INSERT INTO audit (at, name, action, checkin) SELECT $2, $1, $4, id FROM called)
		SELECT id FROM called`
	callOne = `WITH called AS (UPDATE checkin SET state = 'called', called_by = $1, called_at = $2
			WHERE id = $3 AND state = 'waiting' AND closed_at IS NULL RETURNING id),
		kept AS (INSERT INTO audit (at, name, action, checkin) SELECT $2, $1, $4, id FROM called)
		SELECT id FROM called`
	queueWaits = "SELECT EXISTS (SELECT 1 FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND caseworker = ANY($2)" +
		") AND EXISTS (SELECT 1 FROM checkin WHERE called_by = $1 AND state = 'called' AND closed_at IS NULL)"
)

// CallNext claims the visitor who has waited longest in any of some queues, the caseworker's own and those of pools; no two calls get
// the same one. ErrNobodyWaiting when all are empty, or others are calling all who are there; ErrBusy when the caseworker has not
// finished with the last visitor. After ErrUnknown the visitor who was called, if one was, is at the caseworker's desk.
func (s *Store) CallNext(ctx context.Context, caseworker string, queues []string, at time.Time) (id string, err error) {
	id, err = s.call(ctx, callNext, caseworker, at, queues)
	if err != nil || id != "" {
		return id, err
	}
	var busy bool
	if err := s.find(ctx, queueWaits, []any{caseworker, queues}, &busy); err != nil {
		return "", fmt.Errorf("call visitor: %w", err)
	}
	if busy {
		return "", fmt.Errorf("call visitor: %w", store.ErrBusy)
	}
	return "", fmt.Errorf("call visitor: %w", store.ErrNobodyWaiting)
}

// Call claims one visitor, out of turn or from another's queue. ErrTaken when that visitor is not waiting any more, ErrBusy when the
// caseworker has not finished with the last one.
func (s *Store) Call(ctx context.Context, caseworker, id string, at time.Time) error {
	called, err := s.call(ctx, callOne, caseworker, at, id)
	if err == nil && called == "" {
		err = fmt.Errorf("call visitor: %w", store.ErrTaken)
	}
	return err
}

// call gives the id of who was called; empty when nobody was.
func (s *Store) call(ctx context.Context, statement, caseworker string, at time.Time, whom any) (id string, err error) {
	err = s.together(ctx, func() *batch {
		id = ""
		var b batch
		b.Queue(holdDesk, lockDesks, caseworker)
		b.Queue(statement, caseworker, millis(at), whom, store.ActionCalled).QueryRow(func(row pgx.Row) error {
			if err := row.Scan(&id); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			return nil
		})
		return &b
	})
	switch {
	case isUnique(err):
		return "", fmt.Errorf("call visitor: %w", store.ErrBusy)
	case err != nil:
		return "", fmt.Errorf("call visitor: %w", err)
	}
	if id != "" {
		s.announce()
	}
	return id, nil
}

// Finish ends the visit of a visitor whom this caseworker has called: Done or NoShow. ErrTaken when it is not so. A visit that went on
// past midnight is ended all the same, and nobody is told that the visitor was left.
func (s *Store) Finish(ctx context.Context, caseworker, id string, as store.State, at time.Time) error {
	return s.moveOne(ctx, store.Entry{At: at, Name: caseworker, Action: store.Action(as), CheckIn: id},
		`UPDATE checkin SET state = $3, ended_at = $1 WHERE id = $4 AND called_by = $2 AND state = 'called' RETURNING id),
		gone AS (DELETE FROM left_over WHERE checkin IN (SELECT id FROM changed)`)
}

// Return puts a visitor whom this caseworker has called, or finished with by mistake, back to the old place in the queue. ErrTaken when
// it is another's visitor, or one of a day that is closed.
func (s *Store) Return(ctx context.Context, caseworker, id string, at time.Time) error {
	return s.moveOne(ctx, store.Entry{At: at, Name: caseworker, Action: store.ActionReturned, CheckIn: id},
		`UPDATE checkin SET state = 'waiting', called_by = NULL, called_at = NULL, ended_at = NULL
			WHERE id = $4 AND called_by = $2 AND closed_at IS NULL RETURNING id`)
}

// moveOne changes one row and keeps who did it, in one round trip. The statement gives back something of what it changed, and knows of when as
// $1, by whom as $2, what was done as $3 and to which check-in as $4. ErrTaken when it changes nothing.
func (s *Store) moveOne(ctx context.Context, e store.Entry, statement string) error {
	var changed int64
	err := s.together(ctx, func() *batch {
		var b batch
		b.Queue("WITH changed AS ("+statement+") INSERT INTO audit (at, name, action, checkin) SELECT $1, $2, $3, $4 FROM changed",
			millis(e.At), e.Name, e.Action, e.CheckIn).Exec(func(done pgconn.CommandTag) error {
			changed = done.RowsAffected()
			return nil
		})
		return &b
	})
	if err == nil && changed == 0 {
		err = store.ErrTaken
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.Action, err)
	}
	s.announce()
	return nil
}

// move runs do and keeps who did it, in one transaction.
func (s *Store) move(ctx context.Context, e store.Entry, do func(ctx context.Context, tx transaction) error) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if err := do(ctx, tx); err != nil {
			return err
		}
		return audit(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", e.Action, err)
	}
	s.announce()
	return nil
}

// changeOne is ErrTaken unless the statement changes exactly one row.
func changeOne(ctx context.Context, tx transaction, statement string, args ...any) error {
	done, err := tx.Exec(ctx, statement, args...)
	if err == nil && done.RowsAffected() != 1 {
		err = store.ErrTaken
	}
	return err
}
