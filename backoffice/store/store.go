// Package store remembers everything about check-ins but the visitors: who is where in the queue, which numbers are
// leased, who of the staff may sign in and what they opened. Names and documents pass through only as a sealed record.
//
// One office, one process, one SQLite file. Every method is one transaction, may be called from several goroutines, and
// has survived a power cut once it has returned. Those that write share the disk's syncs ([sqlite.Writer]). Moments are given by the caller and kept to the millisecond.
//
// Whoever uses a store says in an interface of its own what it asks of it. What all of them may rely on is in package storetest,
// which any other store has to pass too. [Copy], [Store.Check] and the lease log are SQLite's alone.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Errors that a caller can decide by.
var (
	ErrNotFound      = errors.New("not found")
	ErrNobodyWaiting = queue.ErrNobodyWaiting
	ErrTaken         = queue.ErrTaken
	ErrBusy          = queue.ErrBusy
	ErrNoNumbersLeft = errors.New("no ticket numbers left today")
	// ErrEpochEnded says that numbers were asked for in an epoch that has ended.
	ErrEpochEnded = errors.New("the epoch of these ticket numbers has ended")
	// ErrStationHasMost says that a station has leased as many numbers as it may have a day.
	ErrStationHasMost = errors.New("this station has had all the ticket numbers that it may have today")
)

// Store is an open back-office database.
type Store struct {
	db       *sql.DB
	writer   *sqlite.Writer
	leaseLog string // a file; empty for none

	recording sync.Mutex // held while the lease log is written
	admission admission

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever the queue changes
}

// Open opens the database at path, makes it if it is missing, and brings it to the newest schema. The caller closes it.
func Open(ctx context.Context, path string) (*Store, error) {
	schema, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	db, err := sqlite.Open(ctx, path, schema)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	writer := sqlite.NewWriter(func(ctx context.Context, do func(*sql.Conn) error) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return do(conn)
	})
	s := &Store{db: db, writer: writer, changed: make(chan struct{}), admission: admission{held: map[string]chan struct{}{}}}
	if err := s.addTokens(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), s.Close())
	}
	return s, nil
}

// Close lets what is being written end, and closes the database.
func (s *Store) Close() error {
	s.writer.Close()
	return s.db.Close()
}

// Answers returns nil once a transaction that may write has had its turn, and an error when ctx ends before.
func (s *Store) Answers(ctx context.Context) error {
	return s.transact(ctx, func(*sql.Tx) error { return nil })
}

// Changed is closed at the next change of the queue, whoever makes it. It says nothing of what has changed. Take it before reading
// what must not be missed.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// transact runs f in one transaction, kept, and durable on return, when f returns nil. F may run again where the transactions of others
// failed together with it; only what it did last counts.
func (s *Store) transact(ctx context.Context, f func(*sql.Tx) error) error {
	return s.writer.Do(ctx, f)
}

// execute runs one statement in a transaction of its own.
func (s *Store) execute(ctx context.Context, statement string, args ...any) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
}

// Revision is the revision of the office snapshot with this hash: one more than the last when the hash is new.
func (s *Store) Revision(ctx context.Context, sha256 []byte) (revision int64, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO snapshot (id, revision, sha256) VALUES (1, 1, ?1)
			ON CONFLICT DO UPDATE SET revision = revision + (sha256 <> ?1), sha256 = ?1 RETURNING revision`, sha256).Scan(&revision)
	})
	if err != nil {
		return 0, fmt.Errorf("office revision: %w", err)
	}
	return revision, nil
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// isUnique says whether err is the refusal of a second row under a key or unique index.
func isUnique(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}
