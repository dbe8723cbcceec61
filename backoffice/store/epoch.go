package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/backoffice/durable"
)

// Epoch is the time from one restore of the office to the next. What was leased after a backup is not known when it is
// restored; so that nothing is leased twice, an epoch has a prefix of its own (package intake), and stations give up
// their numbers of another.
type Epoch struct {
	ID    string
	Began time.Time // zero for an office that never was restored
	Lease int64     // how many leases there have been
}

// Epoch gives the present epoch.
func (s *Store) Epoch(ctx context.Context) (Epoch, error) {
	e, err := epoch(ctx, s.db)
	if err != nil {
		return Epoch{}, fmt.Errorf("read epoch: %w", err)
	}
	return e, nil
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func epoch(ctx context.Context, from queryer) (Epoch, error) {
	var e Epoch
	var began int64
	err := from.QueryRowContext(ctx, "SELECT id, began, lease FROM epoch").Scan(&e.ID, &began, &e.Lease)
	if began != 0 {
		e.Began = moment(began)
	}
	return e, err
}

// NewEpoch begins an epoch. Call it when the database was restored from a backup, before stations are served.
func (s *Store) NewEpoch(ctx context.Context, at time.Time) error {
	return s.begin(ctx, func(tx *sql.Tx) error { return newEpoch(ctx, tx, at) })
}

func newEpoch(ctx context.Context, tx *sql.Tx, at time.Time) error {
	_, err := tx.ExecContext(ctx, "UPDATE epoch SET id = ?, began = ?", uuid.NewString(), millis(at))
	return err
}

// MoveEpoch moves the beginning of the epoch: the clock was set.
func (s *Store) MoveEpoch(ctx context.Context, began time.Time) error {
	if err := s.execute(ctx, "UPDATE epoch SET began = ?", millis(began)); err != nil {
		return fmt.Errorf("move epoch: %w", err)
	}
	return nil
}

// begin runs what may begin an epoch, and records it in the lease log.
func (s *Store) begin(ctx context.Context, do func(*sql.Tx) error) error {
	if err := s.transact(ctx, do); err != nil {
		return fmt.Errorf("begin epoch: %w", err)
	}
	return s.recordLeases(ctx)
}

// leaseRecord is what the lease log says: the newest lease, and its epoch.
type leaseRecord struct {
	Epoch string `json:"epoch"`
	Lease int64  `json:"lease"`
}

// OpenLeaseLog names the lease log: a file that no backup holds, to notice a restore by. Every lease is recorded there too, and
// a database that knows of fewer is older than it. Then, and where the lease log is missing, a new epoch begins, and
// restored is true. Call it once, before stations are served.
func (s *Store) OpenLeaseLog(ctx context.Context, path string, at time.Time) (restored bool, err error) {
	s.leaseLog = path
	mine, err := s.Epoch(ctx)
	if err != nil {
		return false, err
	}
	theirs, err := readLeaseLog(path)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		return false, err
	case mine.ID == "" && missing: // a new office, or one whose program was older until now
		return false, s.begin(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE epoch SET id = ?", uuid.NewString())
			return err
		})
	case missing || mine.ID != theirs.Epoch || mine.Lease < theirs.Lease:
		return true, s.NewEpoch(ctx, at)
	}
	return false, nil
}

func readLeaseLog(path string) (t leaseRecord, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return t, fmt.Errorf("read lease log: %w", err)
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, nil // one that nobody can read agrees with nothing
	}
	return t, nil
}

// recordLeases writes the newest lease to the lease log. A power cut between a lease and its record leaves a log that knows of
// fewer, which is no restore.
func (s *Store) recordLeases(ctx context.Context) error {
	if s.leaseLog == "" {
		return nil
	}
	s.recording.Lock()
	defer s.recording.Unlock()
	e, err := s.Epoch(ctx)
	if err != nil {
		return err
	}
	return durable.Write(s.leaseLog, func(w io.Writer) error { return json.NewEncoder(w).Encode(leaseRecord{e.ID, e.Lease}) })
}

// ObserveLease compares what a station knows with what the database does: a station that knows of more leases of this epoch
// proves that the database was restored, and a new epoch begins; restored is true then. Since a station may lie, that
// happens at most once in [ObservedEvery].
func (s *Store) ObserveLease(ctx context.Context, known string, lease int64, at time.Time) (restored bool, err error) {
	mine, err := s.Epoch(ctx) // a look first: stations ask all day, and a transaction would wait for whoever writes
	if err != nil || !mine.OlderThan(known, lease, at) {
		return false, err
	}
	err = s.begin(ctx, func(tx *sql.Tx) error {
		mine, err := epoch(ctx, tx)
		if err != nil {
			return err
		}
		if restored = mine.OlderThan(known, lease, at); !restored { // somebody else was told the same
			return nil
		}
		return newEpoch(ctx, tx, at)
	})
	return restored && err == nil, err
}

// OlderThan says whether a station that knows of so many leases of an epoch shows that the store is older than what it was told, and
// may be believed at a moment.
func (e Epoch) OlderThan(known string, lease int64, at time.Time) bool {
	if known != e.ID || lease <= e.Lease {
		return false
	}
	since := at.Sub(e.Began)
	return since < 0 || since >= ObservedEvery
}

// ObservedEvery is how long an epoch lasts at least that began with no more than a station's word.
const ObservedEvery = time.Hour
