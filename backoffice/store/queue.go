package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// twin says whether another visitor of the day, or one who waits, has the same ticket.
const twin = `(EXISTS (SELECT 1 FROM checkin o WHERE o.ticket = checkin.ticket AND o.id <> checkin.id AND o.day = checkin.day)
		OR EXISTS (SELECT 1 FROM checkin o WHERE o.ticket = checkin.ticket AND o.id <> checkin.id
			AND o.state IN ('waiting', 'called') AND o.closed_at IS NULL))`

const columns = `id, station, confirmed_at, service, language, ticket, day, doubt, ` + twin + `, verdict, validity,
	persons, documents, newer, decision, wait, room, state,
	coalesce(called_by, ''), coalesce(called_at, 0), visit_day, closed_at IS NOT NULL, caseworker, calls, near, parked_by, shared, until, outcome, version,
	EXISTS (SELECT 1 FROM record WHERE record.checkin = checkin.id),
	coalesce((SELECT min(since) FROM denied WHERE denied.name IN (checkin.station, checkin.certificate)), 0),
	coalesce((SELECT until FROM away WHERE away.checkin = checkin.id), 0)`

func scan(row interface{ Scan(...any) error }) (CheckIn, error) {
	var c CheckIn
	var confirmed, wait, called, denied, until, away int64
	var decision []byte
	err := row.Scan(&c.ID, &c.Station, &confirmed, &c.Service, &c.Language, &c.Ticket, &c.Day, &c.Discrepancy, &c.Twin, &c.Verdict, &c.Validity,
		&c.Persons, &c.Documents, &c.Newer, &decision, &wait, &c.Room, &c.State, &c.CalledBy, &called, &c.VisitDay, &c.Closed,
		&c.Queue, &c.Calls, &c.Near, &c.Parked.By, &c.Parked.Shared, &until, &c.Outcome, &c.Version, &c.Recorded, &denied, &away)
	if err != nil {
		return CheckIn{}, err
	}
	c.ConfirmedAt, c.Wait = moment(confirmed), time.Duration(wait)*time.Millisecond
	if called != 0 {
		c.CalledAt = moment(called)
	}
	if denied != 0 {
		c.DeniedSince = moment(denied)
	}
	if away != 0 {
		c.AwayUntil = moment(away)
	}
	c.Parked.Until = orNever(until)
	if err := json.Unmarshal(decision, &c.Decision); err != nil {
		return CheckIn{}, err
	}
	c.Decision.Caseworker = c.Queue // who was transferred is in another's charge than the rules said
	return c, nil
}

// Queue lists everyone who waits, parked or not, or is called today, in the order of their places: first come first, but for those
// who were skipped or came back. Who came first is told by the order of arrival here, which no clock can change.
func (s *Store) Queue(ctx context.Context) ([]CheckIn, error) {
	return s.list(ctx, "SELECT "+columns+" FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL ORDER BY "+place+", id")
}

// VisitorCounts says how many visitors there are.
type VisitorCounts struct {
	Waiting, Called int // today; Waiting are those who wait for a turn, and not those who are parked
	Left            int // when their day ended, and nobody has seen to it yet
}

// CountVisitors counts who waits and is not parked, who is at a desk, and who was left.
func (s *Store) CountVisitors(ctx context.Context) (f VisitorCounts, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = ''),
		(SELECT count(*) FROM checkin WHERE state = 'called' AND closed_at IS NULL), (SELECT count(*) FROM left_over)`).Scan(&f.Waiting, &f.Called, &f.Left)
	if err != nil {
		return VisitorCounts{}, fmt.Errorf("count visitors: %w", err)
	}
	return f, nil
}

// Ended lists the last n visitors of today with whom a caseworker has finished, the last one first.
func (s *Store) Ended(ctx context.Context, caseworker string, n int) ([]CheckIn, error) {
	return s.list(ctx, "SELECT "+columns+` FROM checkin WHERE state IN ('done', 'no_show') AND called_by = ?
		AND closed_at IS NULL ORDER BY ended_at DESC, seq DESC LIMIT ?`, caseworker, n)
}

func (s *Store) list(ctx context.Context, query string, args ...any) ([]CheckIn, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	defer rows.Close()
	var queue []CheckIn
	for rows.Next() {
		c, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read queue: %w", err)
		}
		queue = append(queue, c)
	}
	return queue, rows.Err()
}

// CheckIn finds a check-in, with the explanation of its decision if one was kept, and its sealed record, which is nil when the visitor
// gave no data. ErrNotFound when there is no such check-in.
func (s *Store) CheckIn(ctx context.Context, id string) (c CheckIn, record []byte, err error) {
	c, err = scan(s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM checkin WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return CheckIn{}, nil, ErrNotFound
	}
	if err == nil {
		err = s.db.QueryRowContext(ctx, "SELECT (SELECT sealed FROM record WHERE checkin = ?)", id).Scan(&record)
	}
	if err == nil {
		c.Decision.Explanation, err = explanation(ctx, s.db, id)
	}
	if err != nil {
		return CheckIn{}, nil, fmt.Errorf("read check-in: %w", err)
	}
	return c, record, nil
}

// CallNext claims the visitor who comes first in any of some queues, the caseworker's own and those of pools, of those who are not
// away at that moment ([Store.StepAway]); no two calls get the same one. ErrNobodyWaiting when there is nobody, ErrBusy when the
// caseworker has not finished with the last visitor.
func (s *Store) CallNext(ctx context.Context, caseworker string, queues []string, at time.Time) (id string, err error) {
	answer, err := s.Do(ctx, queue.Command{Do: queue.Next, By: caseworker, Queues: queues, At: at}, queue.Rules{}, nil)
	return answer.CheckIn, err
}

// Call claims one visitor, out of turn or from another's queue. ErrTaken when that visitor is not waiting any more,
// ErrBusy when the caseworker has not finished with the last one.
func (s *Store) Call(ctx context.Context, caseworker, id string, at time.Time) error {
	_, err := s.Do(ctx, queue.Command{Do: queue.Call, By: caseworker, CheckIn: id, At: at}, queue.Rules{}, nil)
	return err
}

// Finish ends the visit of a visitor whom this caseworker has called: Done or NoShow. ErrTaken when it is not so. A visit
// that went on past midnight is ended all the same, and nobody is told that the visitor was left.
func (s *Store) Finish(ctx context.Context, caseworker, id string, as State, at time.Time) error {
	_, err := s.Do(ctx, queue.Command{Do: queue.Operation(as), By: caseworker, CheckIn: id, At: at}, queue.Rules{}, nil)
	return err
}

// Return puts a visitor whom this caseworker has called, or finished with by mistake, back to the old place in the
// queue. ErrTaken when it is another's visitor, or one of a day that is closed.
func (s *Store) Return(ctx context.Context, caseworker, id string, at time.Time) error {
	_, err := s.Do(ctx, queue.Command{Do: queue.Return, By: caseworker, CheckIn: id, At: at}, queue.Rules{}, nil)
	return err
}

// move runs do and keeps who did it, in one transaction.
func (s *Store) move(ctx context.Context, e Entry, do func(*sql.Tx) error) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		if err := do(tx); err != nil {
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
func changeOne(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, ErrTaken)
	}
	return nil
}
