package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	channel = "foyer_queue"
	poll    = 5 * time.Second // between two looks whether anything was written
	rest    = time.Second     // before a connection that failed is tried again
)

// Changed is closed at the next change of the queue, whichever instance makes it. It says nothing of what has changed. Take it before
// reading what must not be missed. It may be closed without a change, and is closed some seconds late where an instance ended between a
// change and its announcement.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// announce tells whoever watches, here and at other instances, of a change that is kept.
func (s *Store) announce() {
	s.announceHere()
	select {
	case s.news <- struct{}{}:
	default: // what others are to be told already comes after this change
	}
}

func (s *Store) announceHere() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// talk is how instances tell each other of changes: each has a connection that listens and one that tells. NOTIFY in the changes' own
// transactions would have them commit one after the other: PostgreSQL keeps the order of notifications by a lock over the commit
// (src/backend/commands/async.c, PreCommit_Notify).
type talk struct {
	config   *pgx.ConnConfig
	announce func()
	teller   atomic.Uint32 // the server process of the connection that tells: what it says is known here
}

func newTalk(config *pgx.ConnConfig, announce func()) *talk {
	config = config.Copy()
	config.RuntimeParams["statement_timeout"] = "5000"
	config.RuntimeParams["synchronous_commit"] = "off" // a notification keeps nothing
	return &talk{config: config, announce: announce}
}

// hear announces here what others tell, until ctx ends. A connection that was lost is made anew, and announced once, for what was told
// meanwhile.
func (t *talk) hear(ctx context.Context) {
	for ctx.Err() == nil {
		if conn, err := pgx.ConnectConfig(ctx, t.config); err == nil {
			t.listen(ctx, conn)
			closeNow(conn)
		}
		pause(ctx, rest)
	}
}

// listen returns when the connection is lost.
func (t *talk) listen(ctx context.Context, conn *pgx.Conn) {
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return
	}
	var written string
	for {
		now, err := look(ctx, conn)
		if err != nil {
			return
		}
		if now != written { // at the beginning too
			written = now
			t.announce()
		}
		if err := t.wait(ctx, conn); err != nil {
			return
		}
	}
}

// look is how far the server's log has been written: as long as it stays the same, nothing has changed.
func look(ctx context.Context, conn *pgx.Conn) (written string, err error) {
	err = conn.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&written)
	return written, err
}

// wait announces what is told until it is time for a look.
func (t *talk) wait(ctx context.Context, conn *pgx.Conn) error {
	until, cancel := context.WithTimeout(ctx, poll)
	defer cancel()
	for {
		told, err := conn.WaitForNotification(until)
		switch {
		case err == nil && told.PID == t.teller.Load():
		case err == nil:
			t.announce()
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && !conn.IsClosed():
			return nil
		default:
			return err
		}
	}
}

// tell tells others that there is news, until ctx ends.
func (t *talk) tell(ctx context.Context, news <-chan struct{}) {
	var conn *pgx.Conn
	defer func() { closeNow(conn) }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		conn = t.telling(ctx, conn)
		for conn != nil {
			if _, err := conn.Exec(ctx, "NOTIFY "+channel); err == nil {
				break
			}
			closeNow(conn)
			conn = t.telling(ctx, nil)
		}
	}
}

// telling is a connection that can tell: the one there is, or a new one; nil when ctx has ended.
func (t *talk) telling(ctx context.Context, conn *pgx.Conn) *pgx.Conn {
	for conn == nil || conn.IsClosed() {
		var err error
		if conn, err = pgx.ConnectConfig(ctx, t.config); err == nil {
			t.teller.Store(conn.PgConn().PID())
			break
		}
		if !pause(ctx, rest) {
			return nil
		}
	}
	return conn
}

// closeNow closes a connection, if there is one, without waiting for its end.
func closeNow(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rest)
	defer cancel()
	_ = conn.Close(ctx) // the server notices by itself
}
