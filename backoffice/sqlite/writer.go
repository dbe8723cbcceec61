package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ErrClosed says that a Writer takes no more: its database is being closed.
var ErrClosed = errors.New("the database is being closed")

// together is how many transactions are made durable at once, at most.
const together = 64

// Writer makes the transactions of many callers durable with one sync of the disk. What callers hand in while the disk is busy runs
// one after the other in one SQLite transaction, each in a savepoint of its own: one that fails is undone alone.
type Writer struct {
	hold  func(context.Context, func(*sql.Conn) error) error
	jobs  chan *job
	stop  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// NewWriter starts the writer of a database. Hold lets it have a connection, which nobody else uses meanwhile, for one transaction
// at a time. The caller closes the writer before the database.
func NewWriter(hold func(context.Context, func(*sql.Conn) error) error) *Writer {
	w := &Writer{hold: hold, jobs: make(chan *job), stop: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

// Close ends the writer once it has answered whom it has begun with. Twice is once.
func (w *Writer) Close() {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
}

// Do runs do in a transaction, and returns when that has survived a power cut, or with the error for which it was undone. Where the
// transactions of several callers fail together, do runs again, alone: what it does outside of the transaction has to bear that. It
// is ctx's error when ctx ends before do has begun. A panic of do is the caller's.
func (w *Writer) Do(ctx context.Context, do func(*sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{do: do, done: make(chan struct{})}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return ErrClosed
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if j.begun.CompareAndSwap(false, true) { // the writer will pass it over
			return ctx.Err()
		}
		<-j.done
	}
	if j.panicked != nil {
		panic(j.panicked)
	}
	return j.err
}

// job is a transaction that somebody waits for.
type job struct {
	do       func(*sql.Tx) error
	begun    atomic.Bool // or given up before
	done     chan struct{}
	err      error
	panicked any
}

// run runs the job in a transaction.
func (j *job) run(tx *sql.Tx) {
	j.err, j.panicked = nil, nil
	defer func() {
		if j.panicked = recover(); j.panicked != nil {
			j.err = errors.New("transaction panicked")
		}
	}()
	j.err = j.do(tx)
}

func (w *Writer) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.stop:
			return
		case first := <-w.jobs:
			w.write(first)
		}
	}
}

// write makes the first job durable, and with it all that are handed in meanwhile. Where that fails as a whole, each is tried alone.
func (w *Writer) write(first *job) {
	var begun []*job
	err := w.transaction(func(tx *sql.Tx) error { return w.group(tx, first, &begun) })
	switch {
	case len(begun) == 0: // it was given up, or there was no transaction to be had
		first.err = err
		close(first.done)
	case err != nil && len(begun) > 1:
		for _, j := range begun {
			w.alone(j)
			close(j.done)
		}
	case err != nil && begun[0].err == nil:
		begun[0].err = err
		close(begun[0].done)
	default:
		for _, j := range begun {
			close(j.done)
		}
	}
}

// alone runs one job again, in a transaction of its own.
func (w *Writer) alone(j *job) {
	err := w.transaction(func(tx *sql.Tx) error {
		j.run(tx)
		return j.err
	})
	if j.err == nil {
		j.err = err
	}
}

// transaction runs do in one transaction, kept when do returns nil. No context of a caller ends it: others may be in it.
func (w *Writer) transaction(do func(*sql.Tx) error) error {
	ctx := context.Background()
	return w.hold(ctx, func(conn *sql.Conn) error {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		if err := do(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	})
}

// group runs the first job and those that wait by now. An error of its own says that the transaction cannot be kept.
func (w *Writer) group(tx *sql.Tx, first *job, begun *[]*job) error {
	if !first.begun.CompareAndSwap(false, true) {
		return nil
	}
	*begun = append(*begun, first)
	if first.run(tx); first.err != nil { // undone with the transaction: nobody else is in it
		return first.err
	}
	for len(*begun) < together {
		select {
		case j := <-w.jobs:
			if !j.begun.CompareAndSwap(false, true) {
				close(j.done)
				continue
			}
			*begun = append(*begun, j)
			if err := inSavepoint(tx, j); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// inSavepoint runs a job so that it can be undone alone. It fails where SQLite has undone the whole transaction, as it does for
// some errors, and for a statement that is interrupted.
func inSavepoint(tx *sql.Tx, j *job) error {
	ctx := context.Background()
	if _, err := tx.ExecContext(ctx, "SAVEPOINT job"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	j.run(tx)
	if j.err != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO job"); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "RELEASE job"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}
