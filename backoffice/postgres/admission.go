package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// admissionTry is how often a lock is asked for that another instance holds. Two submissions of one check-in are rare.
const admissionTry = 10 * time.Millisecond

// admission keeps two submissions of one check-in from meeting. Between instances that is by locks of one session for all check-ins that
// this one admits: with a connection each, those who hold a lock would wait for those who wait for one.
type admission struct {
	config *pgx.ConnConfig

	mu   sync.Mutex
	held map[string]chan struct{} // by the check-in's id; each is closed when it is let go of

	asking sync.Mutex // held while the connection is used
	conn   *pgx.Conn  // nil while there is none
}

func newAdmission(config *pgx.ConnConfig) *admission {
	return &admission{config: config, held: map[string]chan struct{}{}}
}

// LockAdmission waits until nobody else admits the check-in with this id to this office, at any instance, and keeps others from it until
// unlock is called, which may be called twice, or the connection to the server is lost. Check-ins with other ids are admitted meanwhile.
// It is the cause when ctx ends before.
func (s *Store) LockAdmission(ctx context.Context, id string) (unlock func(), err error) {
	a := s.admission
	mine, err := a.waitHere(ctx, id)
	if err != nil {
		return nil, err
	}
	for {
		var conn *pgx.Conn
		err := s.again(ctx, func() (err error) {
			conn, err = a.try(ctx, id)
			return err
		})
		if err != nil {
			a.release(id, mine)
			return nil, fmt.Errorf("lock admission: %w", err)
		}
		if conn != nil {
			return sync.OnceFunc(func() {
				a.unlock(ctx, conn, id)
				a.release(id, mine)
			}), nil
		}
		if !pause(ctx, admissionTry) {
			a.release(id, mine)
			return nil, context.Cause(ctx)
		}
	}
}

// waitHere waits until nobody else of this instance admits a check-in.
func (a *admission) waitHere(ctx context.Context, id string) (mine chan struct{}, err error) {
	for {
		a.mu.Lock()
		other, busy := a.held[id]
		if !busy {
			mine = make(chan struct{})
			a.held[id] = mine
			a.mu.Unlock()
			return mine, nil
		}
		a.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (a *admission) release(id string, mine chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.held, id)
	close(mine)
}

// try gives the connection that holds the lock; nil while another instance does.
func (a *admission) try(ctx context.Context, id string) (*pgx.Conn, error) {
	a.asking.Lock()
	defer a.asking.Unlock()
	settling, cancel := detach(ctx) // a question that is broken off would end the connection, and every lock with it
	defer cancel()
	if a.conn == nil || a.conn.IsClosed() {
		var err error
		if a.conn, err = pgx.ConnectConfig(settling, a.config); err != nil {
			return nil, err
		}
	}
	var mine bool
	err := a.conn.QueryRow(settling, "SELECT pg_try_advisory_lock($1, hashtext($2))", lockAdmission, keepableText(id)).Scan(&mine)
	if err != nil || !mine {
		return nil, err
	}
	return a.conn, nil
}

// unlock gives a lock back, unless it went with its connection.
func (a *admission) unlock(ctx context.Context, conn *pgx.Conn, id string) {
	a.asking.Lock()
	defer a.asking.Unlock()
	if conn.IsClosed() {
		return
	}
	settling, cancel := detach(ctx)
	defer cancel()
	if _, err := conn.Exec(settling, "SELECT pg_advisory_unlock($1, hashtext($2))", lockAdmission, keepableText(id)); err != nil {
		closeNow(conn) // which gives it back
	}
}

func (a *admission) close() {
	a.asking.Lock()
	defer a.asking.Unlock()
	closeNow(a.conn)
}
