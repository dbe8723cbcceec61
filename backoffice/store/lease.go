package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// LastNumber keeps a ticket short enough to be read out.
const LastNumber = 9999

// Lease is a range of ticket numbers: Count of them from First on, for one station on one day.
type Lease struct {
	Prefix       string // "A"
	Day          string // YYYY-MM-DD
	First, Count int
	Lease        int64 // counts the leases of the office
}

// LeaseRequest asks for Count numbers, or as many as there are left.
type LeaseRequest struct {
	Station, ID string
	Epoch       string // in which the numbers are leased
	Prefix, Day string
	Count       int
	Most        int // that the station may have on the day, in this epoch
}

// LeaseNumbers gives the station the next numbers of the day under a prefix, from 1 on. The same station and request id
// get the same range again on that day and in that epoch, whatever the count. ErrEpochEnded when there is another epoch
// now, ErrStationHasMost when the station has had as many as it may, ErrNoNumbersLeft when the day's numbers are used up.
func (s *Store) LeaseNumbers(ctx context.Context, r LeaseRequest) (Lease, error) {
	var l Lease
	err := s.transact(ctx, func(tx *sql.Tx) (err error) {
		l, err = lease(ctx, tx, r)
		return err
	})
	if err == nil {
		err = s.recordLeases(ctx)
	}
	if err != nil {
		return Lease{}, fmt.Errorf("lease numbers: %w", err)
	}
	return l, nil
}

func lease(ctx context.Context, tx *sql.Tx, r LeaseRequest) (Lease, error) {
	e, err := epoch(ctx, tx)
	if err != nil {
		return Lease{}, err
	}
	if r.Epoch != e.ID {
		return Lease{}, ErrEpochEnded
	}
	l := Lease{Day: r.Day, Lease: e.Lease}
	err = tx.QueryRowContext(ctx, "SELECT prefix, first, count FROM lease WHERE station = ? AND request_id = ? AND day = ? AND epoch = ?",
		r.Station, r.ID, r.Day, e.ID).Scan(&l.Prefix, &l.First, &l.Count)
	if !errors.Is(err, sql.ErrNoRows) {
		return l, err
	}
	var had int
	// What a station gave up when an epoch ended does not count for the next: whoever lies about leases, and so ends epochs,
	// would use up what others may have.
	err = tx.QueryRowContext(ctx, `SELECT coalesce(sum(count) FILTER (WHERE station = ? AND epoch = ?), 0),
		coalesce(max(first + count) FILTER (WHERE prefix IN (?, '')), 1) FROM lease WHERE day = ?`,
		r.Station, e.ID, r.Prefix, r.Day).Scan(&had, &l.First)
	if err != nil {
		return Lease{}, err
	}
	l.Prefix, l.Lease = r.Prefix, e.Lease+1
	l.Count = min(r.Count, r.Most-had, LastNumber+1-l.First)
	switch {
	case r.Most-had < 1:
		return Lease{}, ErrStationHasMost
	case l.Count < 1:
		return Lease{}, ErrNoNumbersLeft
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO lease (station, request_id, day, prefix, first, count, epoch) VALUES (?, ?, ?, ?, ?, ?, ?)",
		r.Station, r.ID, l.Day, l.Prefix, l.First, l.Count, e.ID)
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE epoch SET lease = lease + 1")
	}
	return l, err
}

// Holder is the station that leased a number on a day; empty when none did.
func (s *Store) Holder(ctx context.Context, day, prefix string, number int) (station string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT station FROM lease
		WHERE day = ? AND prefix IN (?, '') AND first <= ?3 AND ?3 < first + count ORDER BY prefix DESC`, day, prefix, number).Scan(&station)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("look up lease: %w", err)
	}
	return station, nil
}
