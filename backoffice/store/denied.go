package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// SetDenied notes which stations and certificates are on the deny list now. Each is denied since it was noted first, until it
// is noted no more. What such a station has handed in stays where it is, and is marked by [CheckIn.DeniedSince].
func (s *Store) SetDenied(ctx context.Context, names []string, at time.Time) error {
	list, err := json.Marshal(append([]string{}, names...))
	if err != nil {
		return fmt.Errorf("note denied stations: %w", err)
	}
	err = s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM denied WHERE name NOT IN (SELECT value FROM json_each(?))", string(list)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO denied SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING", millis(at), string(list))
		return err
	})
	if err != nil {
		return fmt.Errorf("note denied stations: %w", err)
	}
	s.announce()
	return nil
}

const fromDenied = "EXISTS (SELECT 1 FROM denied WHERE denied.name IN (checkin.station, checkin.certificate))"

// SetAside takes all who wait, and came through this station, out of the queue while it is denied, and lists them by LeftOver:
// each can be readmitted. ErrTaken when there are none.
func (s *Store) SetAside(ctx context.Context, name, station string, at time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		const which = "state = 'waiting' AND closed_at IS NULL AND station = ? AND " + fromDenied
		for _, do := range []struct {
			statement string
			args      []any
		}{
			{"INSERT INTO event (at, day, actor, kind, checkin, service) SELECT ?, visit_day, ?, ?, id, service FROM checkin WHERE " + which, []any{millis(at), name, ActionSetAside}},
			{leave + which + " ORDER BY seq ON CONFLICT DO NOTHING", nil},
			{"UPDATE checkin SET closed_at = ? WHERE " + which, []any{millis(at)}},
		} {
			result, err := tx.ExecContext(ctx, do.statement, append(do.args, station)...)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				return errors.Join(err, ErrTaken)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", ActionSetAside, err)
	}
	s.announce()
	return nil
}
