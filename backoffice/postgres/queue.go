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

// twin says whether another visitor of the day, or one who waits, has the same ticket.
const twin = `EXISTS (SELECT 1 FROM checkin o WHERE o.ticket = checkin.ticket AND o.id <> checkin.id
		AND (o.day = checkin.day OR o.state IN ('waiting', 'called') AND o.closed_at IS NULL))`

const columns = `id, station, confirmed_at, service, language, ticket, day, doubt, ` + twin + `, verdict, validity,
	persons, documents, newer, decision, wait, room, state,
	coalesce(called_by, ''), coalesce(called_at, 0), visit_day, closed_at IS NOT NULL,
	caseworker, calls, near, parked_by, shared, until, outcome, version,
	EXISTS (SELECT 1 FROM record WHERE record.checkin = checkin.id),
	coalesce((SELECT min(since) FROM denied WHERE denied.name IN (checkin.station, checkin.certificate)), 0),
	coalesce((SELECT until FROM away WHERE away.checkin = checkin.id), 0)`

func scanCheckIn(row pgx.CollectableRow) (store.CheckIn, error) { return scan(row) }

func scan(row pgx.Row, more ...any) (store.CheckIn, error) {
	var c store.CheckIn
	var confirmed, wait, called, denied, until, away int64
	var decision []byte
	err := row.Scan(append([]any{
		&c.ID, &c.Station, &confirmed, &c.Service, &c.Language, &c.Ticket, &c.Day, &c.Discrepancy, &c.Twin, &c.Verdict, &c.Validity,
		&c.Persons, &c.Documents, &c.Newer, &decision, &wait, &c.Room, &c.State, &c.CalledBy, &called, &c.VisitDay, &c.Closed,
		&c.Queue, &c.Calls, &c.Near, &c.Parked.By, &c.Parked.Shared, &until, &c.Outcome, &c.Version, &c.Recorded, &denied, &away,
	}, more...)...)
	if err != nil {
		return store.CheckIn{}, err
	}
	c.ConfirmedAt, c.Wait = moment(confirmed), time.Duration(wait)*time.Millisecond
	c.CalledAt, c.DeniedSince, c.AwayUntil, c.Parked.Until = orNever(called), orNever(denied), orNever(away), orNever(until)
	if err := json.Unmarshal(decision, &c.Decision); err != nil {
		return store.CheckIn{}, err
	}
	c.Decision.Caseworker = c.Queue // who was transferred is in another's charge than the rules said
	return c, nil
}

// Queue lists everyone who waits, parked or not, or is called today, in the order of their places: first come first, but for those
// who were skipped or came back. Who came first is told by the order of arrival here, which no clock can change.
func (s *Store) Queue(ctx context.Context) ([]store.CheckIn, error) {
	return s.list(ctx, "SELECT "+columns+" FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL ORDER BY "+place+", id")
}

// CountVisitors counts who waits and is not parked, who is at a desk, and who was left.
func (s *Store) CountVisitors(ctx context.Context) (f store.VisitorCounts, err error) {
	err = s.find(ctx, `SELECT (SELECT count(*) FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = ''),
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

// CheckIn finds a check-in, with the explanation of its decision if one was kept, and its sealed record, which is nil when the visitor
// gave no data. ErrNotFound when there is no such check-in.
func (s *Store) CheckIn(ctx context.Context, id string) (c store.CheckIn, record []byte, err error) {
	var explanation []byte
	err = s.read(ctx, func(pool *pgxpool.Pool) (err error) {
		row := pool.QueryRow(ctx, "SELECT "+columns+`, (SELECT sealed FROM record WHERE checkin = checkin.id),
			(SELECT text FROM explanation WHERE checkin = checkin.id) FROM checkin WHERE id = $1`, keepableText(id))
		c, err = scan(row, &record, &explanation)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return store.CheckIn{}, nil, store.ErrNotFound
	}
	if err == nil && explanation != nil {
		err = json.Unmarshal(explanation, &c.Decision.Explanation)
	}
	if err != nil {
		return store.CheckIn{}, nil, fmt.Errorf("read check-in: %w", err)
	}
	return c, record, nil
}

// moveOne changes one row and keeps who did it, in one round trip. The statement gives back something of what it changed, and knows of when as
// $1, by whom as $2, what was done as $3 and to which check-in as $4. ErrTaken when it changes nothing.
func (s *Store) moveOne(ctx context.Context, e store.Entry, statement string) error {
	var changed int64
	err := s.together(ctx, func() *batch {
		var b batch
		b.Queue("WITH changed AS ("+statement+") INSERT INTO event (at, actor, kind, checkin) SELECT $1, $2, $3, $4 FROM changed",
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
