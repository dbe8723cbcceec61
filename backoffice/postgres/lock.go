package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Keys of advisory locks, one space for all that use the database: the first half says that it is Foyer.
const (
	lockMigration key = 0x466f7965_00000000 + iota // "Foye"
	_
	lockKeeping
	lockChain
	lockQueue
	lockLog       key = 0x466f79654c6f67 // "FoyeLog"; as the trigger of the table event has it
	lockDesks         = 0x466f7964       // "Foyd", with the hash of a caseworker's id as the second half
	lockAdmission     = 0x466f7961       // "Foya", with the hash of a check-in's id as the second half
)

type key int64

// ErrTurnLost says that another instance may keep the office now, since the connection was lost by which this one did.
var ErrTurnLost = errors.New("the connection to PostgreSQL was lost by which this instance kept the office")

// keepingTry is how often one of several instances asks whether it is its turn to keep the office, and that one whether it still is.
const keepingTry = time.Second

// Keep runs what one instance alone may do, when it is this one's turn: until ctx ends, f does, or the connection is lost by which others
// know that there is one. Then f's context ends, and Keep returns once f has. While it is another's turn, meanwhile is called every second.
// It is nil when ctx ended, ErrTurnLost when the connection was lost: who calls it again waits for the next turn.
func (s *Store) Keep(ctx context.Context, meanwhile, f func(ctx context.Context) error) error {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("keep the office: %w", err)
	}
	defer closeNow(conn) // which gives the lock back
	for {
		var mine bool
		err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(lockKeeping)).Scan(&mine)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("keep the office: %w", err)
		case mine:
			return keepWhile(ctx, conn, f)
		}
		if err := meanwhile(ctx); err != nil || !pause(ctx, keepingTry) {
			return err
		}
	}
}

// Kept says whether an instance keeps the office now.
func (s *Store) Kept(ctx context.Context) (kept bool, err error) {
	// The key of 64 bits stands in two columns: https://www.postgresql.org/docs/15/view-pg-locks.html.
	err = s.find(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND (classid::bigint << 32 | objid::bigint) = $1)`, []any{int64(lockKeeping)}, &kept)
	if err != nil {
		return false, fmt.Errorf("look who keeps the office: %w", err)
	}
	return kept, nil
}

// keepWhile runs f as long as the connection is there.
func keepWhile(ctx context.Context, conn *pgx.Conn, f func(ctx context.Context) error) error {
	turn, end := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { end(watch(turn, conn)) })
	err := f(turn)
	lost := errors.Is(context.Cause(turn), ErrTurnLost)
	end(nil)
	watching.Wait()
	if lost {
		return errors.Join(ErrTurnLost, err)
	}
	return err
}

// watch returns when the connection is lost, or ctx has ended.
func watch(ctx context.Context, conn *pgx.Conn) error {
	for pause(ctx, keepingTry) {
		ask, cancel := context.WithTimeout(ctx, settle)
		err := conn.Ping(ask)
		cancel()
		if err != nil && ctx.Err() == nil {
			return ErrTurnLost
		}
	}
	return nil
}
