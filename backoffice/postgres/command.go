package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Do carries a command out as [queue.Decide] says, keeps what came of it in the log, and changes the queue accordingly: all of it, or
// nothing. A command with an id is carried out once: the same caseworker's command with the same id gives the first answer, or the
// first refusal, and changes nothing; it is ErrOtherCommand where it asks for something else. Two commands at once, at whichever
// instances, are as if one had come after the other, but that next, please passes over whom another's command is just about. Ids are kept for a day at least. After ErrUnknown a command with an id may be sent
// again; of one without, who is at the desk tells.
//
// A note is what the caseworker wrote at the end of a visit, sealed under the check-in's own key by the caller; it is kept with
// queue.Finish, and erased with the check-in or when the end is undone. Nil for none.
func (s *Store) Do(ctx context.Context, c queue.Command, r queue.Rules, note []byte) (answer store.Answer, err error) {
	var refused error
	var known bool
	var next string
	c = keepableCommand(c)
	err = s.transact(ctx, func(ctx context.Context, tx transaction) (err error) {
		known, next, answer, refused, err = earlier(ctx, tx, c)
		if err != nil || known {
			return err
		}
		answer, refused, err = carryOut(ctx, tx, c, next, r, note)
		if err != nil || refused == nil {
			return err
		}
		if c.ID == "" || store.Refusal(refused) == "" {
			return refused
		}
		return remember(ctx, tx, c, answer, refused)
	})
	if err == nil {
		err = refused
	}
	switch {
	case err == nil:
	case refused != nil && errors.Is(err, refused):
		return answer, fmt.Errorf("%s: %w", c.Do, err)
	default: // what was decided was not kept, or nobody knows
		return store.Answer{}, fmt.Errorf("%s: %w", c.Do, err)
	}
	if !known {
		s.announce()
	}
	return answer, nil
}

// keepableCommand has every text as it stands in the rows that it is compared with.
func keepableCommand(c queue.Command) queue.Command {
	for _, text := range []*string{&c.ID, &c.By, &c.Desk, &c.Day, &c.CheckIn, &c.Queue, &c.Room, &c.Service, &c.Outcome} {
		*text = keepableText(*text)
	}
	queues := make([]string, len(c.Queues))
	for i, name := range c.Queues {
		queues[i] = keepableText(name)
	}
	c.Queues = queues
	return c
}

// callable is who waits to be called next, first of all. Whom another's command is about is passed over: nobody waits for another's call.
const callable = `SELECT id FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = '' AND caseworker = ANY($1)
	AND NOT EXISTS (SELECT 1 FROM away WHERE away.checkin = checkin.id AND away.until > $2)
	ORDER BY ` + place + ", id LIMIT 1 FOR UPDATE OF checkin SKIP LOCKED"

// holdFor queues holding as much of the queue as a command may change, until the transaction ends: a caseworker's commands come one after
// the other, and those about one visitor; those of others go on, unless the command looks at more than that. Next is who is held to be
// called next.
func holdFor(b *batch, c queue.Command, next *string) {
	switch c.Do {
	case queue.Next, queue.Call, queue.Recall, queue.Near, queue.Finish, queue.Miss, queue.Return, queue.Park, queue.Share, queue.Transfer:
		b.Queue("SELECT pg_advisory_xact_lock_shared($1)", int64(lockQueue))
		b.Queue("SELECT pg_advisory_xact_lock($1, hashtext($2))", lockDesks, c.By)
	default:
		holdQueue(b)
		return
	}
	if c.Do != queue.Next {
		b.Queue("SELECT 1 FROM checkin WHERE id = $1 FOR UPDATE", c.CheckIn)
		return
	}
	b.Queue(callable, c.Queues, millis(c.At)).QueryRow(func(row pgx.Row) error {
		if err := row.Scan(next); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return nil
	})
}

// earlier holds what a command may change, and finds what was answered to it before, and who would be called next.
func earlier(ctx context.Context, tx transaction, c queue.Command) (known bool, next string, answer store.Answer, refused, err error) {
	var operation queue.Operation
	var subject, about, code string
	var b batch
	holdFor(&b, c, &next)
	b.Queue("SELECT operation, subject, checkin, refused FROM command WHERE actor = $1 AND id = $2 AND id <> ''", c.By, c.ID).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&operation, &subject, &about, &code)
		known = err == nil
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err := tx.send(ctx, &b); err != nil || !known {
		return false, next, store.Answer{}, nil, err
	}
	answer, refused = store.Repeated(c, operation, subject, about, code)
	return true, next, answer, refused, nil
}

// carryOut decides and keeps what came of it. It writes nothing when it refuses.
func carryOut(ctx context.Context, tx transaction, c queue.Command, next string, r queue.Rules, note []byte) (answer store.Answer, refused, err error) {
	state, err := load(ctx, tx, c, next)
	if err != nil {
		return answer, nil, err
	}
	events, refused := queue.Decide(state, c, r)
	if refused != nil {
		if tooOften, ok := errors.AsType[queue.TooOften](refused); ok {
			answer.CheckIn = tooOften.CheckIn
		}
		return answer, refused, nil
	}
	if err := number(ctx, tx, events); err != nil {
		return answer, nil, err
	}
	var b batch
	for _, e := range events {
		state.Apply(e)
		project(&b, state, e)
	}
	answer.CheckIn = events[0].CheckIn
	if c.Do == queue.Finish && note != nil {
		b.Queue("INSERT INTO closing_note VALUES ($1, $2) ON CONFLICT (checkin) DO UPDATE SET sealed = $2", c.CheckIn, note)
	}
	if c.ID != "" {
		b.Queue(rememberOne, rememberArgs(c, answer, nil)...)
	}
	err = tx.send(ctx, &b)
	if isUnique(err) {
		err = queue.ErrBusy
	}
	return answer, nil, err
}

// number appends events to the log, and gives each its number.
func number(ctx context.Context, tx transaction, events []queue.Event) error {
	var b batch
	for i := range events {
		b.Queue(recordOne, eventArgs(events[i])...).QueryRow(func(row pgx.Row) error { return row.Scan(&events[i].Seq) })
	}
	if err := tx.send(ctx, &b); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

const rememberOne = "INSERT INTO command (actor, id, at, operation, subject, checkin, refused) VALUES ($1, $2, $3, $4, $5, $6, $7)"

func rememberArgs(c queue.Command, answer store.Answer, refused error) []any {
	return []any{c.By, c.ID, millis(c.At), c.Do, c.CheckIn, answer.CheckIn, store.Refusal(refused)}
}

// remember keeps that a command was refused.
func remember(ctx context.Context, tx transaction, c queue.Command, answer store.Answer, refused error) error {
	_, err := tx.Exec(ctx, rememberOne, rememberArgs(c, answer, refused)...)
	return err
}

const atDesk = "called_by = $1 AND state = 'called' AND closed_at IS NULL"

// load reads as much of the queue as a command needs; next is who would be called next.
func load(ctx context.Context, tx transaction, c queue.Command, next string) (*queue.State, error) {
	state := queue.NewState()
	var b batch
	if c.Do == queue.Undo {
		id, err := lastStep(ctx, tx, state, c.By)
		if err != nil || id == "" {
			return state, err
		}
		loadVisitors(&b, state, atDesk+" AND id <> $2", c.By, id)
		return state, tx.send(ctx, &b)
	}
	loadVisitors(&b, state, atDesk, c.By)
	switch c.Do {
	case queue.Skip, queue.ComeBack:
		loadVisitors(&b, state, "id = $1 OR state = 'waiting' AND closed_at IS NULL", c.CheckIn)
	case queue.GoHome:
		loadVisitors(&b, state, "id = $1 OR parked_by = $2 AND state = 'waiting' AND closed_at IS NULL", c.CheckIn, c.By)
	default:
		loadVisitors(&b, state, "id = $1", cmp.Or(next, c.CheckIn))
	}
	loadOffice(&b, state)
	return state, tx.send(ctx, &b)
}

// loadVisitors queues reading the visitors of whom a condition is true.
func loadVisitors(b *batch, state *queue.State, which string, args ...any) {
	b.Queue(`SELECT id, caseworker, service, visit_day, room, `+place+`, state, coalesce(called_by, ''), desk,
		coalesce(called_at, 0), coalesce(ended_at, 0), calls, near, parked_by, shared, until, outcome, closed_at IS NOT NULL
		FROM checkin WHERE `+which, args...).Query(func(rows pgx.Rows) error {
		var id string
		var v queue.Visitor
		var called, ended, until int64
		_, err := pgx.ForEachRow(rows, []any{
			&id, &v.Queue, &v.Service, &v.Day, &v.Room, &v.Place, &v.Phase, &v.By, &v.Desk, &called, &ended, &v.Calls, &v.Near,
			&v.Parked.By, &v.Parked.Shared, &until, &v.Outcome, &v.Closed,
		}, func() error {
			v.CalledAt, v.EndedAt, v.Parked.Until = orNever(called), orNever(ended), orNever(until)
			state.Visitors[id] = v
			return nil
		})
		return err
	})
}

const (
	officeRows = "SELECT 'away', actor, '' FROM on_break UNION ALL SELECT 'closed', service, '' FROM closed_service UNION ALL SELECT 'alarm', actor, desk FROM alarm"
	arrivals   = "SELECT last FROM arrival"
)

// loadOffice queues reading who is away, what is closed, who called for help, and how many have arrived.
func loadOffice(b *batch, state *queue.State) {
	b.Queue(officeRows).Query(func(rows pgx.Rows) error { return scanOffice(rows, state) })
	b.Queue(arrivals).QueryRow(func(row pgx.Row) error { return row.Scan(&state.Arrivals) })
}

func scanOffice(rows pgx.Rows, state *queue.State) error {
	var what, name, desk string
	_, err := pgx.ForEachRow(rows, []any{&what, &name, &desk}, func() error {
		switch what {
		case "away":
			state.Away[name] = true
		case "closed":
			state.Closed[name] = true
		case "alarm":
			state.Alarms[name] = desk
		}
		return nil
	})
	return err
}

// lastStep reads what a caseworker's last step was about, from the log, and gives the check-in; empty where there was none.
func lastStep(ctx context.Context, tx transaction, state *queue.State, by string) (id string, err error) {
	err = tx.QueryRow(ctx, "SELECT checkin FROM event WHERE actor = $1 AND kind = ANY($2) ORDER BY seq DESC LIMIT 1", by, queue.Steps()).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	events, err := collect(ctx, tx, scanEvent, "SELECT "+eventColumns+" FROM event WHERE checkin = $1 ORDER BY seq", id)
	for _, e := range events {
		state.Apply(e)
	}
	return id, err
}

// project queues changing the rows to what the queue is after an event.
func project(b *batch, state *queue.State, e queue.Event) {
	if e.CheckIn == "" {
		projectOffice(b, e)
		return
	}
	v := state.Visitors[e.CheckIn]
	b.Queue(`UPDATE checkin SET caseworker = $1, service = $2, room = $3, place = $4, state = $5, called_by = nullif($6::text, ''), desk = $7,
		called_at = nullif($8::bigint, 0), ended_at = nullif($9::bigint, 0), calls = $10, near = $11, parked_by = $12, shared = $13, until = $14,
		outcome = $15, version = $16 WHERE id = $17`,
		v.Queue, v.Service, v.Room, v.Place, v.Phase, v.By, v.Desk, untilMillis(v.CalledAt), untilMillis(v.EndedAt), v.Calls, v.Near,
		v.Parked.By, v.Parked.Shared, untilMillis(v.Parked.Until), v.Outcome, e.Seq, e.CheckIn)
	switch e.Kind {
	case queue.KindDone, queue.KindNoShow: // a visit that went on past midnight: nobody is told that the visitor was left
		b.Queue("DELETE FROM left_over WHERE checkin = $1", e.CheckIn)
	case queue.KindUndone, queue.KindReturned:
		b.Queue("DELETE FROM closing_note WHERE checkin = $1", e.CheckIn)
	}
}

func projectOffice(b *batch, e queue.Event) {
	switch e.Kind {
	case queue.KindAway, queue.KindHome:
		b.Queue("INSERT INTO on_break (actor, day) VALUES ($1, $2) ON CONFLICT (actor) DO UPDATE SET day = $2", e.By, e.Day)
	case queue.KindBack:
		b.Queue("DELETE FROM on_break WHERE actor = $1", e.By)
	case queue.KindClosed:
		b.Queue("INSERT INTO closed_service (service, day) VALUES ($1, $2)", e.Service, e.Day)
	case queue.KindOpened:
		b.Queue("DELETE FROM closed_service WHERE service = $1", e.Service)
	case queue.KindAlarm:
		b.Queue("INSERT INTO alarm (actor, day, desk) VALUES ($1, $2, $3)", e.By, e.Day, e.Desk)
	case queue.KindAlarmEnd:
		b.Queue("DELETE FROM alarm WHERE actor = $1", e.Queue)
	}
}

// Office says who is away, what takes nobody new, and who calls for help.
func (s *Store) Office(ctx context.Context) (store.Office, error) {
	var state *queue.State
	err := s.read(ctx, func(pool *pgxpool.Pool) error {
		state = queue.NewState()
		rows, err := pool.Query(ctx, officeRows)
		if err != nil {
			return err
		}
		return scanOffice(rows, state)
	})
	if err != nil {
		return store.Office{}, fmt.Errorf("read the office: %w", err)
	}
	return store.Office{Away: state.Away, Closed: state.Closed, Alarms: state.Alarms}, nil
}

// ClosingNote is the sealed note that was written at the end of a visit; nil where there is none, or not any more.
func (s *Store) ClosingNote(ctx context.Context, checkIn string) (sealed []byte, err error) {
	err = s.find(ctx, "SELECT (SELECT sealed FROM closing_note WHERE checkin = $1)", []any{checkIn}, &sealed)
	if err != nil {
		return nil, fmt.Errorf("read note: %w", err)
	}
	return sealed, nil
}

// CallNext claims the visitor who comes first in any of some queues, the caseworker's own and those of pools, of those who are not
// away at that moment ([Store.StepAway]); no two calls get the same one. ErrNobodyWaiting when there is nobody, ErrBusy when the
// caseworker has not finished with the last visitor. After ErrUnknown the visitor who was called, if one was, is at the caseworker's desk.
func (s *Store) CallNext(ctx context.Context, caseworker string, queues []string, at time.Time) (id string, err error) {
	answer, err := s.Do(ctx, queue.Command{Do: queue.Next, By: caseworker, Queues: queues, At: at}, queue.Rules{}, nil)
	return answer.CheckIn, err
}

// Call claims one visitor, out of turn or from another's queue. ErrTaken when that visitor is not waiting any more, ErrBusy when the
// caseworker has not finished with the last one.
func (s *Store) Call(ctx context.Context, caseworker, id string, at time.Time) error {
	_, err := s.Do(ctx, queue.Command{Do: queue.Call, By: caseworker, CheckIn: id, At: at}, queue.Rules{}, nil)
	return err
}

// Finish ends the visit of a visitor whom this caseworker has called: Done or NoShow. ErrTaken when it is not so. A visit that went on
// past midnight is ended all the same, and nobody is told that the visitor was left.
func (s *Store) Finish(ctx context.Context, caseworker, id string, as store.State, at time.Time) error {
	_, err := s.Do(ctx, queue.Command{Do: queue.Operation(as), By: caseworker, CheckIn: id, At: at}, queue.Rules{}, nil)
	return err
}

// Return puts a visitor whom this caseworker has called, or finished with by mistake, back to the old place in the queue. ErrTaken when
// it is another's visitor, or one of a day that is closed.
func (s *Store) Return(ctx context.Context, caseworker, id string, at time.Time) error {
	_, err := s.Do(ctx, queue.Command{Do: queue.Return, By: caseworker, CheckIn: id, At: at}, queue.Rules{}, nil)
	return err
}
