package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/foyer-station/foyer/backoffice/sqlite"
)

var numbers = fstest.MapFS{"00001_numbers.sql": {Data: []byte("-- +goose Up\nCREATE TABLE number (n INTEGER PRIMARY KEY) STRICT;\n")}}

// writing is a database with a writer whose disk can be kept busy.
type writing struct {
	*sqlite.Writer
	db           *sql.DB
	mu           sync.Mutex
	transactions int
}

func startWriter(t *testing.T) *writing {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "numbers.db"), numbers)
	if err != nil {
		t.Fatal(err)
	}
	w := &writing{db: db}
	w.Writer = sqlite.NewWriter(func(ctx context.Context, do func(*sql.Conn) error) error {
		w.mu.Lock()
		w.transactions++
		w.mu.Unlock()
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return do(conn)
	})
	t.Cleanup(func() { w.Close(); db.Close() })
	return w
}

func insert(n int) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO number VALUES (?)", n)
		return err
	}
}

func (w *writing) want(t *testing.T, want ...int) {
	t.Helper()
	rows, err := w.db.Query("SELECT n FROM number ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the table holds %v, want %v", got, want)
	}
}

// atOnce hands all of these in while the first transaction is open, so that they are one, and gives what each got, by its place.
func (w *writing) atOnce(t *testing.T, all ...func(*sql.Tx) error) []any {
	t.Helper()
	open, goOn := make(chan struct{}), make(chan struct{})
	var opened sync.Once
	var callers sync.WaitGroup
	callers.Go(func() {
		err := w.Do(t.Context(), func(*sql.Tx) error {
			opened.Do(func() { close(open) })
			<-goOn
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-open
	got := make([]any, len(all))
	begun := make(chan struct{}, len(all))
	for i, do := range all {
		callers.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					got[i] = p
				}
			}()
			begun <- struct{}{}
			got[i] = w.Do(t.Context(), do)
		})
	}
	for range all {
		<-begun
	}
	close(goOn)
	callers.Wait()
	return got
}

func TestEachOfManyTransactionsIsKeptOrUndoneByItself(t *testing.T) {
	w := startWriter(t)
	mine := errors.New("mine")
	for round := range 20 {
		from := round * 10
		got := w.atOnce(t,
			insert(from+1),
			func(tx *sql.Tx) error { return errors.Join(insert(from+2)(tx), mine) },
			func(tx *sql.Tx) error { return errors.Join(insert(from+3)(tx), insert(from+3)(tx)) },
			func(tx *sql.Tx) error { insert(from + 4)(tx); panic("a panic") },
			insert(from+5),
		)
		if got[0] != nil || got[4] != nil {
			t.Errorf("the good ones got %v and %v", got[0], got[4])
		}
		if err, _ := got[1].(error); !errors.Is(err, mine) {
			t.Errorf("one that failed got %v", got[1])
		}
		if err, _ := got[2].(error); err == nil {
			t.Error("one that SQLite refused was kept")
		}
		if got[3] != "a panic" {
			t.Errorf("one that panicked got %v", got[3])
		}
	}
	var want []int
	for round := range 20 {
		want = append(want, round*10+1, round*10+5)
	}
	w.want(t, want...)
}

func TestManyTransactionsAreOneForTheDisk(t *testing.T) {
	w := startWriter(t)
	const callers = 400
	var all []func(*sql.Tx) error
	for n := range callers {
		all = append(all, insert(n))
	}
	for i, err := range w.atOnce(t, all...) {
		if err != nil {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	if w.transactions > callers/4 {
		t.Errorf("%d callers took %d transactions", callers, w.transactions)
	}
}

// What one caller gives up must not take the others' transactions with it: SQLite undoes a whole transaction when a statement that
// writes is interrupted.
func TestWhoGoesAwayTakesNobodyElsesTransactionAlong(t *testing.T) {
	w := startWriter(t)
	ctx, cancel := context.WithCancel(t.Context())
	long := func(tx *sql.Tx) error {
		cancel()
		_, err := tx.ExecContext(ctx, `INSERT INTO number WITH RECURSIVE many(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM many WHERE n < 3000000)
			SELECT n FROM many`)
		return err
	}
	ended := func(tx *sql.Tx) error { // as SQLite ends it
		_, err := tx.Exec("ROLLBACK")
		return errors.Join(err, errors.New("the whole transaction is undone"))
	}
	got := w.atOnce(t, insert(1), long, ended, insert(2))
	if got[0] != nil || got[3] != nil || got[1] == nil || got[2] == nil {
		t.Errorf("got %v", got)
	}
	w.want(t, 1, 2)
}

func TestWhoHasGoneBeforeItsTurnIsPassedOver(t *testing.T) {
	w := startWriter(t)
	open, goOn := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	first.Go(func() {
		if err := w.Do(t.Context(), func(*sql.Tx) error { close(open); <-goOn; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-open
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Do(ctx, insert(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(goOn)
	first.Wait()
	w.Close()
	if err := w.Do(t.Context(), insert(2)); !errors.Is(err, sqlite.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	w.want(t)
}
