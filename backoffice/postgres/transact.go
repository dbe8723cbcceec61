package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	tries  = 4                     // of what was certainly not kept
	breath = 20 * time.Millisecond // before the second; before the others, twice as long and so on
)

// SQLSTATE, https://www.postgresql.org/docs/15/errcodes-appendix.html.
const (
	uniqueViolation = "23505"
	serialization   = "40001"
	deadlock        = "40P01"
	readOnly        = "25006" // the server has become a standby
	connectionClass = "08"
	operatorClass   = "57P"
)

// transact runs f in one transaction, kept when f returns nil. F is run again where the server took the first run back; it must do
// nothing else that counts. ErrUnknown when the connection was lost while the transaction was being kept.
func (s *Store) transact(ctx context.Context, f func(ctx context.Context, tx transaction) error) error {
	return s.again(ctx, func() error { return s.once(ctx, f) })
}

// again does what certainly was not kept anew.
func (s *Store) again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == tries || !s.takenBack(err) || !pause(ctx, time.Duration(try)*breath) {
			return err
		}
	}
}

// takenBack says whether nothing of it was kept, and another try may do better.
func (s *Store) takenBack(err error) bool {
	if errors.Is(err, store.ErrUnknown) {
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		if e.Code == readOnly {
			s.pool.Reset() // the next connection is to the server that may be written
		}
		return e.Code == serialization || e.Code == deadlock || e.Code == readOnly || gone(err)
	}
	return gone(err)
}

// once runs f in one transaction, once.
func (s *Store) once(ctx context.Context, f func(ctx context.Context, tx transaction) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(ctx, transaction{tx}); err != nil {
		settling, cancel := detach(ctx)
		defer cancel()
		_ = tx.Rollback(settling) // a connection that cannot be rolled back is closed, which takes everything back as well
		return err
	}
	settling, cancel := detach(ctx) // whoever asked may be gone: what is begun ends one way or the other
	defer cancel()
	if err := tx.Commit(settling); err != nil {
		return fmt.Errorf("commit: %w", unknown(err))
	}
	return nil
}

// together sends statements in one transaction and one round trip, and waits until it is kept.
func (s *Store) together(ctx context.Context, statements func() *batch) error {
	return s.again(ctx, func() error {
		return s.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
			settling, cancel := detach(ctx)
			defer cancel()
			return unknown(c.SendBatch(settling, &statements().batch).Close())
		})
	})
}

// change runs one statement as a transaction of its own.
func (s *Store) change(ctx context.Context, statement string, args ...any) error {
	return s.together(ctx, func() *batch {
		var b batch
		b.Queue(statement, args...)
		return &b
	})
}

// read runs what only reads, again where its connection was lost.
func (s *Store) read(ctx context.Context, f func(pool *pgxpool.Pool) error) error {
	for try := 1; ; try++ {
		err := f(s.pool)
		if err == nil || try == tries || !gone(err) || !pause(ctx, time.Duration(try)*breath) {
			return err
		}
	}
}

// detach is a context that does not end with its parent, and soon enough.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settle)
}

// unknown adds ErrUnknown to what ended a commit, unless the server has said that it kept nothing. The driver's word that nothing was sent
// is not taken: of a connection that is cut within a commit it says so too (pgx 5.12, connLockError).
func unknown(err error) error {
	if err == nil || errors.Is(err, pgx.ErrTxCommitRollback) {
		return err
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && !gone(e) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrUnknown, err)
}

// gone says whether it was the connection that failed, or the server behind it, and not what was asked.
func gone(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, connectionClass) || strings.HasPrefix(e.Code, operatorClass)
	}
	_, network := errors.AsType[net.Error](err)
	return network || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

func isUnique(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == uniqueViolation
}

// pause keeps who tries again from doing so at once; false when ctx ends meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
