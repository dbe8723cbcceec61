package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

// SetDenied notes which stations and certificates are on the deny list now. Each is denied since it was noted first, until it is noted
// no more. What such a station has handed in stays where it is, and is marked by [store.CheckIn.DeniedSince].
func (s *Store) SetDenied(ctx context.Context, names []string, at time.Time) error {
	names = append([]string{}, names...) // an empty list, not none
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if _, err := tx.Exec(ctx, "LOCK TABLE denied IN SHARE ROW EXCLUSIVE MODE"); err != nil { // several instances read one list
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM denied WHERE name <> ALL($1)", names); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO denied SELECT name, $2 FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING", names, millis(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("note denied stations: %w", err)
	}
	s.announce()
	return nil
}

const fromDenied = "EXISTS (SELECT 1 FROM denied WHERE denied.name IN (checkin.station, checkin.certificate))"

// SetAside takes all who wait, and came through this station, out of the queue while it is denied, and lists them by LeftOver: each can
// be readmitted. ErrTaken when there are none.
func (s *Store) SetAside(ctx context.Context, name, station string, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		const which = "state = 'waiting' AND closed_at IS NULL AND station = $1 AND " + fromDenied
		if err := hold(ctx, tx, which, station); err != nil {
			return err
		}
		for _, do := range []struct {
			statement string
			args      []any
		}{
			{"INSERT INTO event (at, day, actor, kind, checkin, service) SELECT $2, visit_day, $3, $4, id, service FROM checkin WHERE " + which, []any{millis(at), name, store.ActionSetAside}},
			{leave + which + " ORDER BY seq ON CONFLICT DO NOTHING", nil},
			{"UPDATE checkin SET closed_at = $2 WHERE " + which, []any{millis(at)}},
		} {
			done, err := tx.Exec(ctx, do.statement, append([]any{station}, do.args...)...)
			if err != nil {
				return err
			}
			if done.RowsAffected() == 0 {
				return store.ErrTaken
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", store.ActionSetAside, err)
	}
	s.announce()
	return nil
}
