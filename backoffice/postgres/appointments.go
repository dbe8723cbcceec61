package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

// SetAppointments keeps the sealed appointments of a day in place of those that were there.
func (s *Store) SetAppointments(ctx context.Context, d store.AppointmentDay, sealed []byte) error {
	return s.move(ctx, store.Entry{At: d.ImportedAt, Name: d.ImportedBy, Action: store.ActionImported}, func(ctx context.Context, tx transaction) error {
		_, err := tx.Exec(ctx, `INSERT INTO appointments (day, sealed, count, imported_by, imported_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (day) DO UPDATE SET sealed = $2, count = $3, imported_by = $4, imported_at = $5`,
			d.Day, sealed, d.Count, d.ImportedBy, millis(d.ImportedAt))
		return err
	})
}

// Appointments are the sealed appointments of a day; ErrNotFound where none were imported.
func (s *Store) Appointments(ctx context.Context, day string) (sealed []byte, err error) {
	err = s.find(ctx, "SELECT sealed FROM appointments WHERE day = $1", []any{day}, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	return sealed, nil
}

// AppointmentDays lists the days whose appointments are kept, the earliest first.
func (s *Store) AppointmentDays(ctx context.Context) ([]store.AppointmentDay, error) {
	days, err := list(ctx, s, func(row pgx.CollectableRow) (d store.AppointmentDay, err error) {
		var at int64
		err = row.Scan(&d.Day, &d.Count, &d.ImportedBy, &at)
		d.ImportedAt = moment(at)
		return d, err
	}, "SELECT day, count, imported_by, imported_at FROM appointments ORDER BY day")
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	return days, nil
}

// ForgetAppointments forgets those of a day, if there are any.
func (s *Store) ForgetAppointments(ctx context.Context, day string) error {
	if err := s.change(ctx, "DELETE FROM appointments WHERE day = $1", day); err != nil {
		return fmt.Errorf("forget appointments: %w", err)
	}
	return nil
}
