package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// ErrTooOften says that somebody has asked as often as one may.
var ErrTooOften = errors.New("asked too often")

// Visit is what a visitor is told of their own visit: nothing of it is personal, and nothing depends on a verdict.
type Visit struct {
	Ticket   string
	Service  string // id; empty when the visitor asked for a member of staff
	Language string // BCP 47; empty when none was chosen
	Ahead    int    // who came before for the same service and waits, parked ones left out, in whoever's queue
	State    State  // Waiting or Called
	CalledBy string // a caseworker; empty while waiting
	// AwayUntil is until when the visitor has asked not to be called; it may have passed. Zero where it was never asked.
	AwayUntil time.Time
	Aways     int // how often it was asked
}

// Visit finds the visit that a ticket's token leads to ([stationv1.TicketToken]). ErrNotFound when none ever had it, when it has
// ended, when its day is closed and when it is erased: nobody can tell which.
func (s *Store) Visit(ctx context.Context, token string) (Visit, error) {
	var v Visit
	var until int64
	err := s.db.QueryRowContext(ctx, `SELECT c.ticket, c.service, c.language, c.state, coalesce(c.called_by, ''),
		coalesce(a.until, 0), coalesce(a.times, 0), (SELECT count(*) FROM checkin AS o
			WHERE o.state = 'waiting' AND o.closed_at IS NULL AND o.parked_by = '' AND o.service = c.service AND o.seq < c.seq)
		FROM ticket_view AS t JOIN checkin AS c ON c.id = t.checkin LEFT JOIN away AS a ON a.checkin = c.id
		WHERE t.token = ? AND c.state IN ('waiting', 'called') AND c.closed_at IS NULL`, token).
		Scan(&v.Ticket, &v.Service, &v.Language, &v.State, &v.CalledBy, &until, &v.Aways, &v.Ahead)
	if errors.Is(err, sql.ErrNoRows) {
		return Visit{}, ErrNotFound
	}
	if err != nil {
		return Visit{}, fmt.Errorf("read visit: %w", err)
	}
	if until != 0 {
		v.AwayUntil = moment(until)
	}
	return v, nil
}

// StepAway keeps a visitor who waits from being called as the next one until a moment; the place stays, and who is called by name
// is called all the same. A visitor who is away at the moment of asking stays away for as long as was asked first, so that
// asking twice changes nothing. ErrNotFound as [Store.Visit] says, ErrTaken when the visitor is called already, ErrTooOften when
// it was asked most times.
func (s *Store) StepAway(ctx context.Context, token string, at, until time.Time, most int) error {
	changed := false
	err := s.transact(ctx, func(tx *sql.Tx) error {
		id, err := waitingWith(ctx, tx, token)
		if err != nil {
			return err
		}
		var now, times int64
		err = tx.QueryRowContext(ctx, "SELECT until, times FROM away WHERE checkin = ?", id).Scan(&now, &times)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case now > millis(at):
			return nil
		case times >= int64(most):
			return ErrTooOften
		}
		changed = true
		_, err = tx.ExecContext(ctx, `INSERT INTO away (checkin, until, times) VALUES (?1, ?2, 1)
			ON CONFLICT DO UPDATE SET until = ?2, times = times + 1`, id, millis(until))
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
	err := s.transact(ctx, func(tx *sql.Tx) error {
		id, err := waitingWith(ctx, tx, token)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE away SET until = ?1 WHERE checkin = ?2 AND until > ?1", millis(at), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("come back: %w", err)
	}
	s.announce()
	return nil
}

// waitingWith is the id of the check-in of a token whose visitor waits.
func waitingWith(ctx context.Context, tx *sql.Tx, token string) (id string, err error) {
	var state State
	err = tx.QueryRowContext(ctx, `SELECT c.id, c.state FROM ticket_view AS t JOIN checkin AS c ON c.id = t.checkin
		WHERE t.token = ? AND c.state IN ('waiting', 'called') AND c.closed_at IS NULL`, token).Scan(&id, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", ErrNotFound
	case err == nil && state != Waiting:
		return "", ErrTaken
	}
	return id, err
}

// addToken lets a check-in be found by its ticket's token.
func addToken(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO ticket_view (token, checkin) VALUES (?, ?)", stationv1.TicketToken(id), id)
	return err
}

// addTokens lets the check-ins be found that came before there were tokens, and have not ended.
func (s *Store) addTokens(ctx context.Context) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id FROM checkin WHERE state IN ('waiting', 'called') AND closed_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM ticket_view WHERE ticket_view.checkin = checkin.id)`)
		if err != nil {
			return err
		}
		defer rows.Close()
		var without []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			without = append(without, id)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, id := range without {
			if err := addToken(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add tokens of tickets: %w", err)
	}
	return nil
}
