package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Calls lists the last n visitors of today whom some caseworkers called, or anybody where none is named, the last one first,
// whatever became of them since; who was put back into the queue is not called any more. A ticket that is no number
// ([store.NoNumber]) is not told: it may be anything.
func (s *Store) Calls(ctx context.Context, callers []string, n int) ([]store.CalledVisitor, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (c store.CalledVisitor, err error) {
		var confirmed, called int64
		err = row.Scan(&c.ID, &c.Ticket, &c.Twin, &c.Station, &confirmed, &c.Language, &c.CalledBy, &called)
		c.ConfirmedAt, c.CalledAt = moment(confirmed), moment(called)
		return c, err
	}, `SELECT id, ticket, `+twin+`, station, confirmed_at, language, called_by, called_at FROM checkin
		WHERE state <> 'waiting' AND called_at IS NOT NULL AND closed_at IS NULL AND doubt <> $1
		AND (cardinality($2::text[]) = 0 OR called_by = ANY($2)) ORDER BY
		coalesce((SELECT max(e.seq) FROM event AS e WHERE e.checkin = checkin.id AND e.kind IN ('called', 'recalled')), 0) DESC, seq DESC LIMIT $3`, store.NoNumber, callers, n)
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	return all, nil
}

// Visit finds the visit that a ticket's token leads to ([stationv1.TicketToken]). ErrNotFound when none ever had it, when it has
// ended, when its day is closed and when it is erased: nobody can tell which.
func (s *Store) Visit(ctx context.Context, token string) (v store.Visit, err error) {
	var until int64
	err = s.find(ctx, `SELECT c.ticket, c.service, c.language, c.state, coalesce(c.called_by, ''),
		coalesce(a.until, 0), coalesce(a.times, 0), (SELECT count(*) FROM checkin AS o
			WHERE o.state = 'waiting' AND o.closed_at IS NULL AND o.parked_by = '' AND o.service = c.service AND o.seq < c.seq)
		FROM ticket_view AS t JOIN checkin AS c ON c.id = t.checkin LEFT JOIN away AS a ON a.checkin = c.id
		WHERE t.token = $1 AND c.state IN ('waiting', 'called') AND c.closed_at IS NULL`, []any{token},
		&v.Ticket, &v.Service, &v.Language, &v.State, &v.CalledBy, &until, &v.Aways, &v.Ahead)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Visit{}, store.ErrNotFound
	}
	if err != nil {
		return store.Visit{}, fmt.Errorf("read visit: %w", err)
	}
	v.AwayUntil = orNever(until)
	return v, nil
}

// StepAway keeps a visitor who waits from being called as the next one until a moment; the place stays, and who is called by name
// is called all the same. A visitor who is away at the moment of asking stays away for as long as was asked first, so that
// asking twice changes nothing. ErrNotFound as [Store.Visit] says, ErrTaken when the visitor is called already, ErrTooOften when
// it was asked most times.
func (s *Store) StepAway(ctx context.Context, token string, at, until time.Time, most int) error {
	changed := false
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		changed = false
		id, err := waitingWith(ctx, tx, token)
		if err != nil {
			return err
		}
		var now, times int64
		err = tx.QueryRow(ctx, "SELECT until, times FROM away WHERE checkin = $1", id).Scan(&now, &times)
		switch {
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return err
		case now > millis(at):
			return nil
		case times >= int64(most):
			return store.ErrTooOften
		}
		changed = true
		_, err = tx.Exec(ctx, `INSERT INTO away (checkin, until, times) VALUES ($1, $2, 1)
			ON CONFLICT (checkin) DO UPDATE SET until = $2, times = away.times + 1`, id, millis(until))
		return err
	})
	if err != nil {
		return fmt.Errorf("step away: %w", err)
	}
	if changed {
		s.announce()
	}
	return nil
}

// ComeBack lets a visitor who stepped away be called again. Who is not away stays so. ErrNotFound and ErrTaken as for
// [Store.StepAway].
func (s *Store) ComeBack(ctx context.Context, token string, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		id, err := waitingWith(ctx, tx, token)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE away SET until = $1 WHERE checkin = $2 AND until > $1", millis(at), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("come back: %w", err)
	}
	s.announce()
	return nil
}

// waitingWith holds the queue, and is the id of the check-in of a token whose visitor waits.
func waitingWith(ctx context.Context, tx transaction, token string) (id string, err error) {
	var state store.State
	var b batch
	holdQueue(&b)
	b.Queue(`SELECT c.id, c.state FROM ticket_view AS t JOIN checkin AS c ON c.id = t.checkin
		WHERE t.token = $1 AND c.state IN ('waiting', 'called') AND c.closed_at IS NULL`, token).QueryRow(func(row pgx.Row) error {
		return row.Scan(&id, &state)
	})
	err = tx.send(ctx, &b)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", store.ErrNotFound
	case err == nil && state != store.Waiting:
		return "", store.ErrTaken
	}
	return id, err
}

const addToken = "INSERT INTO ticket_view (token, checkin) VALUES ($1, $2)"

// addTokens lets the check-ins be found that came before there were tokens, and have not ended.
func (s *Store) addTokens(ctx context.Context) error {
	without, err := list(ctx, s, pgx.RowTo[string], `SELECT id FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM ticket_view WHERE ticket_view.checkin = checkin.id)`)
	if err != nil || len(without) == 0 {
		return err
	}
	return s.together(ctx, func() *batch {
		var b batch
		for _, id := range without { // another instance may do the same, or erase one
			b.Queue("INSERT INTO ticket_view (token, checkin) SELECT $1, id FROM checkin WHERE id = $2 ON CONFLICT DO NOTHING", stationv1.TicketToken(id), id)
		}
		return &b
	})
}

// AddDisplay lets a display be paired once, until a moment, by a code of this hash. One that has the name already loses its token,
// and gets the rooms anew.
func (s *Store) AddDisplay(ctx context.Context, name string, rooms []string, codeSHA256 []byte, until time.Time) error {
	err := s.change(ctx, `INSERT INTO display (name, rooms, pairing_sha256, pairing_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET rooms = $2, pairing_sha256 = $3, pairing_until = $4, token_sha256 = NULL`,
		name, rooms, codeSHA256, millis(until))
	if err != nil {
		return fmt.Errorf("add display: %w", err)
	}
	s.announce()
	return nil
}

// PairDisplay gives the display whose code has this hash a token of another, and uses the code up. ErrNotFound when there is no
// such code, or when it was used or has run out.
func (s *Store) PairDisplay(ctx context.Context, codeSHA256, tokenSHA256 []byte, now time.Time) (store.Display, error) {
	d := store.Display{Paired: true}
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		return tx.QueryRow(ctx, `UPDATE display SET pairing_sha256 = NULL, token_sha256 = $1
			WHERE pairing_sha256 = $2 AND pairing_until > $3 RETURNING name, rooms`, tokenSHA256, codeSHA256, millis(now)).Scan(&d.Name, &d.Rooms)
	})
	return found(d, err)
}

// Display finds the display of a token; ErrNotFound when there is none, any more.
func (s *Store) Display(ctx context.Context, tokenSHA256 []byte) (store.Display, error) {
	d := store.Display{Paired: true}
	err := s.find(ctx, "SELECT name, rooms FROM display WHERE token_sha256 = $1", []any{tokenSHA256}, &d.Name, &d.Rooms)
	return found(d, err)
}

func found(d store.Display, err error) (store.Display, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Display{}, store.ErrNotFound
	}
	if err != nil {
		return store.Display{}, fmt.Errorf("read display: %w", err)
	}
	return d, nil
}

// Displays lists all displays by name.
func (s *Store) Displays(ctx context.Context) ([]store.Display, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (d store.Display, err error) {
		err = row.Scan(&d.Name, &d.Rooms, &d.Paired)
		return d, err
	}, "SELECT name, rooms, token_sha256 IS NOT NULL FROM display ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read displays: %w", err)
	}
	return all, nil
}

// RemoveDisplay ends a display, paired or not; ErrNotFound when there is none of this name.
func (s *Store) RemoveDisplay(ctx context.Context, name string) error {
	if err := s.changeFound(ctx, "DELETE FROM display WHERE name = $1", name); err != nil {
		return fmt.Errorf("remove display: %w", err)
	}
	s.announce()
	return nil
}
