package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Lease is a range of ticket numbers that no other station has on its day.
type Lease struct {
	Prefix       string // "A"
	First, Count int
	Day          string // YYYY-MM-DD
}

// LeaseRequest gives the id under which the next range is asked for; it stays the same until AddLease has its answer.
func (j *Journal) LeaseRequest(ctx context.Context) (string, error) {
	var id string
	err := j.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO lease_request VALUES (1, ?) ON CONFLICT DO NOTHING", uuid.NewString()); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT request_id FROM lease_request").Scan(&id)
	})
	return id, failed("lease request", err)
}

// AddLease keeps the range that answers a request, and forgets ranges of days before it. The same answer twice counts
// once.
func (j *Journal) AddLease(ctx context.Context, requestID string, l Lease) error {
	err := j.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO leases VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			requestID, l.Prefix, l.Day, l.First, l.First+l.Count)
		if err != nil {
			return err
		}
		if _, err = tx.ExecContext(ctx, "DELETE FROM leases WHERE day < ?", l.Day); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM lease_request WHERE request_id = ?", requestID)
		return err
	})
	return failed("add lease", err)
}

// takeNumber takes the next number of the day, of the range that was begun first.
func takeNumber(ctx context.Context, tx *sql.Tx, day string) (string, error) {
	var prefix string
	var number int
	err := tx.QueryRowContext(ctx, `
		UPDATE leases SET next = next + 1
		WHERE rowid = (SELECT rowid FROM leases WHERE day = ? AND next < past ORDER BY rowid LIMIT 1)
		RETURNING prefix, next - 1`, day).Scan(&prefix, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNoNumber
	}
	return fmt.Sprintf("%s-%d", prefix, number), err
}

// SaveOffice keeps the snapshot that the station works from while it is cut off.
func (j *Journal) SaveOffice(ctx context.Context, snapshot []byte) error {
	_, err := j.db.ExecContext(ctx, "INSERT INTO office VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET snapshot = excluded.snapshot", snapshot)
	return failed("save office", err)
}

// Office gives the snapshot saved last; ErrNotFound when there never was one.
func (j *Journal) Office(ctx context.Context) ([]byte, error) {
	var snapshot []byte
	err := j.db.QueryRowContext(ctx, "SELECT snapshot FROM office").Scan(&snapshot)
	return snapshot, failed("read office", err)
}
