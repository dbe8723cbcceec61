package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// lastNumber keeps a ticket short enough to be read out.
const lastNumber = 9999

// Lease is a range of ticket numbers: Count of them from First on, for one station on one day.
type Lease struct {
	Day          string // YYYY-MM-DD
	First, Count int
}

// LeaseNumbers gives the station the next count numbers of the day, from 1 on. The same station and request id get the
// same range again, whatever the day and count. ErrNoNumbersLeft when the day's numbers are used up.
func (s *Store) LeaseNumbers(ctx context.Context, station, requestID, day string, count int) (Lease, error) {
	var l Lease
	err := s.transact(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT day, first, count FROM lease WHERE station = ? AND request_id = ?",
			station, requestID).Scan(&l.Day, &l.First, &l.Count)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		l = Lease{Day: day, Count: count}
		err = tx.QueryRowContext(ctx, "SELECT coalesce(max(first + count), 1) FROM lease WHERE day = ?", day).Scan(&l.First)
		if err != nil {
			return err
		}
		if l.First+count-1 > lastNumber {
			return ErrNoNumbersLeft
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO lease (station, request_id, day, first, count) VALUES (?, ?, ?, ?, ?)",
			station, requestID, l.Day, l.First, l.Count)
		return err
	})
	if err != nil {
		return Lease{}, fmt.Errorf("lease numbers: %w", err)
	}
	return l, nil
}

// Leased says whether the number lies in a range of this station on that day.
func (s *Store) Leased(ctx context.Context, station, day string, number int) (leased bool, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM lease
		WHERE station = ? AND day = ? AND first <= ?3 AND ?3 < first + count)`, station, day, number).Scan(&leased)
	if err != nil {
		return false, fmt.Errorf("look up lease: %w", err)
	}
	return leased, nil
}
