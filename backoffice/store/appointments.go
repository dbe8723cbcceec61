package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// AppointmentDay is what is kept of the appointments of a day.
type AppointmentDay struct {
	Day        string // YYYY-MM-DD
	Count      int    // of appointments
	ImportedBy string
	ImportedAt time.Time
}

// SetAppointments keeps the sealed appointments of a day in place of those that were there.
func (s *Store) SetAppointments(ctx context.Context, d AppointmentDay, sealed []byte) error {
	return s.move(ctx, Entry{At: d.ImportedAt, Name: d.ImportedBy, Action: ActionImported}, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO appointments (day, sealed, count, imported_by, imported_at) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT (day) DO UPDATE SET sealed = ?2, count = ?3, imported_by = ?4, imported_at = ?5`,
			d.Day, sealed, d.Count, d.ImportedBy, millis(d.ImportedAt))
		return err
	})
}

// Appointments are the sealed appointments of a day; ErrNotFound where none were imported.
func (s *Store) Appointments(ctx context.Context, day string) (sealed []byte, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT sealed FROM appointments WHERE day = ?", day).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read appointments: %w", err)
	}
	return sealed, nil
}

// AppointmentDays lists the days whose appointments are kept, the earliest first.
func (s *Store) AppointmentDays(ctx context.Context) ([]AppointmentDay, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT day, count, imported_by, imported_at FROM appointments ORDER BY day")
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	defer rows.Close()
	var days []AppointmentDay
	for rows.Next() {
		var d AppointmentDay
		var at int64
		if err := rows.Scan(&d.Day, &d.Count, &d.ImportedBy, &at); err != nil {
			return nil, fmt.Errorf("list appointments: %w", err)
		}
		d.ImportedAt = moment(at)
		days = append(days, d)
	}
	return days, rows.Err()
}

// ForgetAppointments forgets those of a day, if there are any.
func (s *Store) ForgetAppointments(ctx context.Context, day string) error {
	if err := s.execute(ctx, "DELETE FROM appointments WHERE day = ?", day); err != nil {
		return fmt.Errorf("forget appointments: %w", err)
	}
	return nil
}
