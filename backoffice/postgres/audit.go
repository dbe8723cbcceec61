package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

const keep = "INSERT INTO audit (at, name, action, checkin, file) VALUES ($1, $2, $3, $4, $5)"

// Audit adds an entry.
func (s *Store) Audit(ctx context.Context, e store.Entry) error {
	if err := s.change(ctx, keep, millis(e.At), e.Name, e.Action, e.CheckIn, e.File); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

func audit(ctx context.Context, tx transaction, e store.Entry) error {
	if _, err := tx.Exec(ctx, keep, millis(e.At), e.Name, e.Action, e.CheckIn, e.File); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// AuditTrail lists what was done about a check-in, in order.
func (s *Store) AuditTrail(ctx context.Context, checkIn string) ([]store.Entry, error) {
	trail, err := list(ctx, s, func(row pgx.CollectableRow) (e store.Entry, err error) {
		var at int64
		err = row.Scan(&at, &e.Name, &e.Action, &e.CheckIn, &e.File)
		e.At = moment(at)
		return e, err
	}, "SELECT at, name, action, checkin, file FROM audit WHERE checkin = $1 ORDER BY seq", checkIn)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	return trail, nil
}
