package journal

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
)

// Lease is a range of ticket numbers that no other station has on its day.
type Lease struct {
	Prefix       string // "A"
	First, Count int
	Day          string // YYYY-MM-DD
	Known
}

// Known is the newest lease that a station has heard of: its place among the leases of an epoch of the back office. Both
// are zero where the back office does not say.
type Known struct {
	Epoch string
	Lease int64
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
		_, err := tx.ExecContext(ctx, "INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			requestID, l.Prefix, l.Day, l.First, l.First+l.Count, l.Epoch)
		if err != nil {
			return err
		}
		if err := know(ctx, tx, l.Known); err != nil {
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

// know notes the newest lease of an epoch, and gives up the ranges of all others: the back office that leased them was
// restored from a backup since, and may not know of them.
func know(ctx context.Context, tx *sql.Tx, k Known) error {
	if k.Epoch == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM leases WHERE epoch <> ?", k.Epoch); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE known_lease SET lease = CASE epoch WHEN ?1 THEN max(lease, ?2) ELSE ?2 END, epoch = ?1`,
		k.Epoch, k.Lease)
	return err
}

// Known gives the newest lease that the station has heard of.
func (j *Journal) Known(ctx context.Context) (Known, error) {
	var k Known
	err := j.db.QueryRowContext(ctx, "SELECT epoch, lease FROM known_lease").Scan(&k.Epoch, &k.Lease)
	return k, failed("read known lease", err)
}

// HearEpoch says in which epoch the back office is now, and tells whether it is another than was known. Ranges of other
// epochs are given up; numbers that visitors have already are not touched.
func (j *Journal) HearEpoch(ctx context.Context, epoch string) (changed bool, err error) {
	before, err := j.Known(ctx)
	if err != nil || epoch == "" || before.Epoch == epoch {
		return false, err
	}
	return true, failed("hear epoch", j.transact(ctx, func(tx *sql.Tx) error { return know(ctx, tx, Known{Epoch: epoch}) }))
}

// takeNumber takes the next number of the day, of the range that was begun first. One that a visitor in the outbox has
// already is passed over.
func takeNumber(ctx context.Context, tx *sql.Tx, day string) (string, error) {
	for {
		var ticket string
		var taken bool
		err := tx.QueryRowContext(ctx, `
			UPDATE leases SET next = next + 1
			WHERE rowid = (SELECT rowid FROM leases WHERE day = ? AND next < past ORDER BY rowid LIMIT 1)
			RETURNING prefix || '-' || (next - 1)`, day).Scan(&ticket)
		if errors.Is(err, sql.ErrNoRows) {
			return "", ErrNoNumber
		}
		if err == nil {
			err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM outbox WHERE ticket = ? AND day = ?)", ticket, day).Scan(&taken)
		}
		if err != nil || !taken {
			return ticket, err
		}
	}
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
