package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// Standing is how a visitor stands in the queue, besides waiting or being called.
type Standing struct {
	Queue   string // in whose charge the visitor is now: a caseworker's or a pool's id, as in Decision.Caseworker
	Calls   int    // how often the visitor was called and may not have come
	Near    bool   // was asked to come near
	Parked  queue.Parking
	Outcome string // code from the office's list; empty where none was given
	Version int64  // higher after every command about the visitor: a form made for one version is not meant for another
}

// Answer is what came of a command.
type Answer struct {
	CheckIn string // that it was about; empty for none
}

// refusals are the errors of commands, as they are kept.
func refusals() map[string]error {
	return map[string]error{
		"nobody": queue.ErrNobodyWaiting, "taken": queue.ErrTaken, "busy": queue.ErrBusy, "away": queue.ErrAway, "often": queue.ErrTooOften,
		"parked": queue.ErrParked, "built_on": queue.ErrBuiltOn, "already": queue.ErrAlready, "unknown": queue.ErrUnknown,
	}
}

// Refusal is the code by which the refusal of a command is kept; empty for an error of another sort, which is not kept.
func Refusal(err error) string {
	for code, known := range refusals() {
		if errors.Is(err, known) {
			return code
		}
	}
	return ""
}

// Do carries a command out as [queue.Decide] says, keeps what came of it in the log, and changes the queue accordingly: all of it, or
// nothing. A command with an id is carried out once: the same caseworker's command with the same id gives the first answer, or the
// first refusal, and changes nothing; it is ErrOtherCommand where it asks for something else. Two commands at once are as if one had
// come after the other. Ids are kept for a day at least.
//
// A note is what the caseworker wrote at the end of a visit, sealed under the check-in's own key by the caller; it is kept with
// queue.Finish, and erased with the check-in or when the end is undone. Nil for none.
func (s *Store) Do(ctx context.Context, c queue.Command, r queue.Rules, note []byte) (answer Answer, err error) {
	var refused error
	changed := false
	err = s.transact(ctx, func(tx *sql.Tx) (err error) {
		answer, refused, changed = Answer{}, nil, false
		known, err := earlier(ctx, tx, c, &answer, &refused)
		if err != nil || known {
			return err
		}
		answer, refused = carryOut(ctx, tx, c, r, note)
		switch {
		case refused == nil:
			changed = true
		case c.ID == "" || Refusal(refused) == "":
			return refused
		}
		return remember(ctx, tx, c, answer, refused)
	})
	if err = errors.Join(err, refused); err != nil {
		return answer, fmt.Errorf("%s: %w", c.Do, err)
	}
	if changed {
		s.announce()
	}
	return answer, nil
}

// carryOut decides and keeps what came of it. It writes nothing when it refuses.
func carryOut(ctx context.Context, tx *sql.Tx, c queue.Command, r queue.Rules, note []byte) (answer Answer, err error) {
	state, err := load(ctx, tx, &c)
	if err != nil {
		return answer, err
	}
	events, err := queue.Decide(state, c, r)
	if err != nil {
		if tooOften, ok := errors.AsType[queue.TooOften](err); ok {
			answer.CheckIn = tooOften.CheckIn
		}
		return answer, err
	}
	for _, e := range events {
		state.Apply(e)
		e.Seq, err = record(ctx, tx, e)
		if err == nil {
			err = project(ctx, tx, state, e)
		}
		if err != nil {
			return answer, err
		}
	}
	answer.CheckIn = events[0].CheckIn
	if c.Do == queue.Finish && note != nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO closing_note VALUES (?1, ?2) ON CONFLICT DO UPDATE SET sealed = ?2", c.CheckIn, note)
	}
	return answer, err
}

// load reads as much of the queue as a command needs.
func load(ctx context.Context, tx *sql.Tx, c *queue.Command) (*queue.State, error) {
	if c.Do == queue.Undo {
		return loadStep(ctx, tx, c.By)
	}
	state := queue.NewState()
	queues, err := json.Marshal(append([]string{}, c.Queues...))
	if err != nil {
		return nil, err
	}
	type part struct {
		which string
		args  []any
	}
	parts := []part{{"called_by = ? AND state = 'called' AND closed_at IS NULL", []any{c.By}}, {"id = ?", []any{c.CheckIn}}}
	switch c.Do {
	case queue.Next:
		parts[1] = part{`id = (SELECT id FROM checkin WHERE state = 'waiting' AND closed_at IS NULL AND parked_by = ''
			AND caseworker IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM away WHERE away.checkin = checkin.id AND away.until > ?)
			ORDER BY ` + place + ", id LIMIT 1)", []any{string(queues), millis(c.At)}}
	case queue.Skip, queue.ComeBack:
		parts = append(parts, part{"state = 'waiting' AND closed_at IS NULL", nil})
	case queue.GoHome:
		parts = append(parts, part{"parked_by = ? AND state = 'waiting' AND closed_at IS NULL", []any{c.By}})
	}
	for _, p := range parts {
		if err := loadVisitors(ctx, tx, state, p.which, p.args...); err != nil {
			return nil, err
		}
	}
	return state, loadOffice(ctx, tx, state)
}

func loadVisitors(ctx context.Context, q querier, state *queue.State, which string, args ...any) error {
	rows, err := q.QueryContext(ctx, `SELECT id, caseworker, service, visit_day, room, `+place+`, state, coalesce(called_by, ''), desk,
		coalesce(called_at, 0), coalesce(ended_at, 0), calls, near, parked_by, shared, until, outcome, closed_at IS NOT NULL
		FROM checkin WHERE `+which, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var v queue.Visitor
		var called, ended, until int64
		err := rows.Scan(&id, &v.Queue, &v.Service, &v.Day, &v.Room, &v.Place, &v.Phase, &v.By, &v.Desk, &called, &ended, &v.Calls, &v.Near,
			&v.Parked.By, &v.Parked.Shared, &until, &v.Outcome, &v.Closed)
		if err != nil {
			return err
		}
		v.CalledAt, v.EndedAt, v.Parked.Until = orNever(called), orNever(ended), orNever(until)
		state.Visitors[id] = v
	}
	return rows.Err()
}

// loadOffice reads who is away, what is closed, who called for help, and how many have arrived.
func loadOffice(ctx context.Context, q querier, state *queue.State) error {
	rows, err := q.QueryContext(ctx, `SELECT 'away', actor, '' FROM on_break UNION ALL SELECT 'closed', service, '' FROM closed_service
		UNION ALL SELECT 'alarm', actor, desk FROM alarm`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var what, name, desk string
		if err := rows.Scan(&what, &name, &desk); err != nil {
			return err
		}
		switch what {
		case "away":
			state.Away[name] = true
		case "closed":
			state.Closed[name] = true
		case "alarm":
			state.Alarms[name] = desk
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return q.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM checkin").Scan(&state.Arrivals)
}

// loadStep reads what a caseworker's last step was about, from the log, and whoever is with the caseworker.
func loadStep(ctx context.Context, tx *sql.Tx, by string) (*queue.State, error) {
	state := queue.NewState()
	steps := queue.Steps()
	args := []any{by}
	for _, k := range steps {
		args = append(args, k)
	}
	var id string
	err := tx.QueryRowContext(ctx, "SELECT checkin FROM event WHERE actor = ? AND kind IN (?"+strings.Repeat(", ?", len(steps)-1)+") ORDER BY seq DESC LIMIT 1",
		args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return state, nil
	}
	if err != nil {
		return nil, err
	}
	events, err := listEvents(ctx, tx, "WHERE checkin = ? ORDER BY seq", id)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		state.Apply(e)
	}
	return state, loadVisitors(ctx, tx, state, "called_by = ? AND state = 'called' AND closed_at IS NULL AND id <> ?", by, id)
}

// project changes the rows to what the queue is after an event.
func project(ctx context.Context, tx *sql.Tx, state *queue.State, e queue.Event) error {
	if e.CheckIn == "" {
		return projectOffice(ctx, tx, e)
	}
	v := state.Visitors[e.CheckIn]
	_, err := tx.ExecContext(ctx, `UPDATE checkin SET caseworker = ?, service = ?, room = ?, place = ?, state = ?, called_by = nullif(?, ''), desk = ?,
		called_at = nullif(?, 0), ended_at = nullif(?, 0), calls = ?, near = ?, parked_by = ?, shared = ?, until = ?, outcome = ?, version = ? WHERE id = ?`,
		v.Queue, v.Service, v.Room, v.Place, v.Phase, v.By, v.Desk, untilMillis(v.CalledAt), untilMillis(v.EndedAt), v.Calls, v.Near,
		v.Parked.By, v.Parked.Shared, untilMillis(v.Parked.Until), v.Outcome, e.Seq, e.CheckIn)
	switch {
	case isUnique(err):
		return queue.ErrBusy
	case err != nil:
		return err
	}
	switch e.Kind {
	case queue.KindDone, queue.KindNoShow: // a visit that went on past midnight: nobody is told that the visitor was left
		_, err = tx.ExecContext(ctx, "DELETE FROM left_over WHERE checkin = ?", e.CheckIn)
	case queue.KindUndone, queue.KindReturned:
		_, err = tx.ExecContext(ctx, "DELETE FROM closing_note WHERE checkin = ?", e.CheckIn)
	}
	return err
}

func projectOffice(ctx context.Context, tx *sql.Tx, e queue.Event) (err error) {
	switch e.Kind {
	case queue.KindAway, queue.KindHome:
		_, err = tx.ExecContext(ctx, "INSERT INTO on_break (actor, day) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET day = ?2", e.By, e.Day)
	case queue.KindBack:
		_, err = tx.ExecContext(ctx, "DELETE FROM on_break WHERE actor = ?", e.By)
	case queue.KindClosed:
		_, err = tx.ExecContext(ctx, "INSERT INTO closed_service (service, day) VALUES (?, ?)", e.Service, e.Day)
	case queue.KindOpened:
		_, err = tx.ExecContext(ctx, "DELETE FROM closed_service WHERE service = ?", e.Service)
	case queue.KindAlarm:
		_, err = tx.ExecContext(ctx, "INSERT INTO alarm (actor, day, desk) VALUES (?, ?, ?)", e.By, e.Day, e.Desk)
	case queue.KindAlarmEnd:
		_, err = tx.ExecContext(ctx, "DELETE FROM alarm WHERE actor = ?", e.Queue)
	}
	return err
}

// earlier finds what was answered to a command before.
func earlier(ctx context.Context, tx *sql.Tx, c queue.Command, answer *Answer, refused *error) (known bool, err error) {
	if c.ID == "" {
		return false, nil
	}
	var operation, subject, code string
	err = tx.QueryRowContext(ctx, "SELECT operation, subject, checkin, refused FROM command WHERE actor = ? AND id = ?", c.By, c.ID).
		Scan(&operation, &subject, &answer.CheckIn, &code)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	*answer, *refused = Repeated(c, queue.Operation(operation), subject, answer.CheckIn, code)
	return true, nil
}

// Repeated is what comes of a command whose id was seen before, by what was kept then: the operation, whom it named (empty for nobody),
// whom the answer named, and the code of a refusal (empty for none). It is ErrOtherCommand where the id was another command's.
func Repeated(c queue.Command, operation queue.Operation, subject, checkIn, code string) (Answer, error) {
	switch {
	case operation != c.Do || subject != c.CheckIn:
		return Answer{}, queue.ErrOtherCommand
	case code == Refusal(queue.ErrTooOften):
		return Answer{CheckIn: checkIn}, queue.TooOften{CheckIn: checkIn}
	}
	return Answer{CheckIn: checkIn}, refusals()[code]
}

// remember keeps what was answered to a command.
func remember(ctx context.Context, tx *sql.Tx, c queue.Command, answer Answer, refused error) error {
	if c.ID == "" {
		return nil
	}
	code := ""
	if refused != nil {
		code = Refusal(refused)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?)", c.By, c.ID, millis(c.At), c.Do, c.CheckIn, answer.CheckIn, code)
	return err
}

// Office is what is true of the whole office besides its visitors.
type Office struct {
	Away   map[string]bool   // caseworkers on a break, or gone home
	Closed map[string]bool   // services that take nobody new; "" for the whole office
	Alarms map[string]string // the desks (rooms' ids) of those who called for help, by who called
}

// Office says who is away, what takes nobody new, and who calls for help.
func (s *Store) Office(ctx context.Context) (Office, error) {
	state := queue.NewState()
	if err := loadOffice(ctx, s.db, state); err != nil {
		return Office{}, fmt.Errorf("read the office: %w", err)
	}
	return Office{state.Away, state.Closed, state.Alarms}, nil
}

// ClosingNote is the sealed note that was written at the end of a visit; nil where there is none, or not any more.
func (s *Store) ClosingNote(ctx context.Context, checkIn string) (sealed []byte, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT (SELECT sealed FROM closing_note WHERE checkin = ?)", checkIn).Scan(&sealed)
	if err != nil {
		return nil, fmt.Errorf("read note: %w", err)
	}
	return sealed, nil
}
