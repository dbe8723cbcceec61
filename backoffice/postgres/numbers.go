package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

const epochColumns = "SELECT id, began, lease FROM epoch"

// Epoch gives the present epoch.
func (s *Store) Epoch(ctx context.Context) (e store.Epoch, err error) {
	var began int64
	if err := s.find(ctx, epochColumns, nil, &e.ID, &began, &e.Lease); err != nil {
		return store.Epoch{}, fmt.Errorf("read epoch: %w", err)
	}
	return beganAt(e, began), nil
}

func beganAt(e store.Epoch, ms int64) store.Epoch {
	if ms != 0 {
		e.Began = moment(ms)
	}
	return e
}

// holdEpoch reads the epoch, which is nobody else's to end or to lease in until the transaction ends.
func holdEpoch(ctx context.Context, tx transaction) (store.Epoch, error) {
	var e store.Epoch
	var began int64
	err := tx.QueryRow(ctx, epochColumns+" FOR UPDATE").Scan(&e.ID, &began, &e.Lease)
	return beganAt(e, began), err
}

// NewEpoch begins an epoch. Call it when the database was restored from a backup, before stations are served.
func (s *Store) NewEpoch(ctx context.Context, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error { return newEpoch(ctx, tx, at) })
	if err != nil {
		return fmt.Errorf("begin epoch: %w", err)
	}
	return nil
}

func newEpoch(ctx context.Context, tx transaction, at time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE epoch SET id = $1, began = $2", uuid.NewString(), millis(at))
	return err
}

// MoveEpoch moves the beginning of the epoch: the clock was set.
func (s *Store) MoveEpoch(ctx context.Context, began time.Time) error {
	if err := s.change(ctx, "UPDATE epoch SET began = $1", millis(began)); err != nil {
		return fmt.Errorf("move epoch: %w", err)
	}
	return nil
}

// ObserveLease compares what a station knows with what the database does: a station that knows of more leases of this epoch proves that
// the database was restored, and a new epoch begins; restored is true then. Since a station may lie, that happens at most once in
// [store.ObservedEvery].
func (s *Store) ObserveLease(ctx context.Context, known string, lease int64, at time.Time) (restored bool, err error) {
	mine, err := s.Epoch(ctx) // a look first: stations ask all day, and a transaction would wait for whoever leases
	if err != nil || !mine.OlderThan(known, lease, at) {
		return false, err
	}
	err = s.transact(ctx, func(ctx context.Context, tx transaction) error {
		mine, err := holdEpoch(ctx, tx)
		if restored = err == nil && mine.OlderThan(known, lease, at); !restored { // somebody else was told the same
			return err
		}
		return newEpoch(ctx, tx, at)
	})
	if err != nil {
		return false, fmt.Errorf("begin epoch: %w", err)
	}
	return restored, nil
}

// LeaseNumbers gives the station the next numbers of the day under a prefix, from 1 on. The same station and request id get the same
// range again on that day and in that epoch, whatever the count. ErrEpochEnded when there is another epoch now, ErrStationHasMost when the
// station has had as many as it may, ErrNoNumbersLeft when the day's numbers are used up.
func (s *Store) LeaseNumbers(ctx context.Context, r store.LeaseRequest) (store.Lease, error) {
	var l store.Lease
	err := s.transact(ctx, func(ctx context.Context, tx transaction) (err error) {
		l, err = lease(ctx, tx, r)
		return err
	})
	if err != nil {
		return store.Lease{}, fmt.Errorf("lease numbers: %w", err)
	}
	return l, nil
}

func lease(ctx context.Context, tx transaction, r store.LeaseRequest) (store.Lease, error) {
	e, err := holdEpoch(ctx, tx)
	if err != nil {
		return store.Lease{}, err
	}
	if r.Epoch != e.ID {
		return store.Lease{}, store.ErrEpochEnded
	}
	l := store.Lease{Day: r.Day, Lease: e.Lease}
	err = tx.QueryRow(ctx, "SELECT prefix, first, count FROM lease WHERE station = $1 AND request_id = $2 AND day = $3 AND epoch = $4",
		r.Station, r.ID, r.Day, e.ID).Scan(&l.Prefix, &l.First, &l.Count)
	if !errors.Is(err, pgx.ErrNoRows) {
		return l, err
	}
	var had int
	// What a station gave up when an epoch ended does not count for the next: whoever lies about leases, and so ends epochs, would use
	// up what others may have.
	err = tx.QueryRow(ctx, `SELECT coalesce(sum(count) FILTER (WHERE station = $1 AND epoch = $2), 0),
		coalesce(max(first + count) FILTER (WHERE prefix IN ($3, '')), 1) FROM lease WHERE day = $4`,
		r.Station, e.ID, r.Prefix, r.Day).Scan(&had, &l.First)
	if err != nil {
		return store.Lease{}, err
	}
	l.Prefix, l.Lease = r.Prefix, e.Lease+1
	l.Count = min(r.Count, r.Most-had, store.LastNumber+1-l.First)
	switch {
	case r.Most-had < 1:
		return store.Lease{}, store.ErrStationHasMost
	case l.Count < 1:
		return store.Lease{}, store.ErrNoNumbersLeft
	}
	var b batch
	b.Queue("INSERT INTO lease (station, request_id, day, prefix, first, count, epoch) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		r.Station, r.ID, l.Day, l.Prefix, l.First, l.Count, e.ID)
	b.Queue("UPDATE epoch SET lease = lease + 1")
	return l, tx.send(ctx, &b)
}

// Holder is the station that leased a number on a day; empty when none did.
func (s *Store) Holder(ctx context.Context, day, prefix string, number int) (station string, err error) {
	err = s.find(ctx, `SELECT station FROM lease
		WHERE day = $1 AND prefix IN ($2, '') AND first <= $3 AND $3 < first + count ORDER BY prefix DESC LIMIT 1`, []any{day, prefix, number}, &station)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("look up lease: %w", err)
	}
	return station, nil
}
