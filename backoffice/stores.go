package backoffice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/postgres"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// StoreConfig says where the office is kept: in PostgreSQL, where one of both is given, and in a file of SQLite in Data else.
type StoreConfig struct {
	// Postgres is a connection string of libpq: "host=db1,db2 dbname=foyer user=foyer". PostgresFile is a file with one, for one that
	// holds a password.
	Postgres     string `toml:"postgres"`
	PostgresFile string `toml:"postgres_file"`
}

const maxDSN = 4096 // bytes

func (c StoreConfig) check(given bool) error {
	if given && (c.Postgres == "") == (c.PostgresFile == "") {
		return errors.New("store: either postgres or postgres_file must say where the database is")
	}
	return nil
}

// inPostgres says whether the office is kept in PostgreSQL.
func (c StoreConfig) inPostgres() bool { return c.Postgres != "" || c.PostgresFile != "" }

// dsn is the connection string, wherever it stands. No error tells any of it.
func (c StoreConfig) dsn() (string, error) {
	if c.Postgres != "" {
		return c.Postgres, nil
	}
	f, err := os.Open(c.PostgresFile)
	if err != nil {
		return "", fmt.Errorf("store.postgres_file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDSN+1))
	if err != nil {
		return "", fmt.Errorf("store.postgres_file: %w", err)
	}
	dsn := strings.TrimSpace(string(text))
	if dsn == "" || len(text) > maxDSN || strings.ContainsAny(dsn, "\r\n") {
		return "", fmt.Errorf("store.postgres_file %s: not one line with a connection string", c.PostgresFile)
	}
	return dsn, nil
}

// ErrInPostgres says that what was asked for is done by PostgreSQL's own means where an office is kept there.
var ErrInPostgres = errors.New("this office is kept in PostgreSQL: back it up, and restore it, by PostgreSQL's means")

// InPostgres is ErrInPostgres where an office is kept there.
func (c StoreConfig) InPostgres() error {
	if c.inPostgres() {
		return ErrInPostgres
	}
	return nil
}

// Store is all that an office asks of its store, served or by commands beside it.
type Store interface {
	officeStore
	auditlog.Log
	Account(ctx context.Context, name string) (store.Account, error)
	Accounts(ctx context.Context) ([]store.Account, error)
	SetRoles(ctx context.Context, by, id string, roles []staff.Role, at time.Time) error
	DisableAccount(ctx context.Context, by, id string, at time.Time) error
	EnableAccount(ctx context.Context, by, id string, at time.Time) error
	RemoveAccount(ctx context.Context, by, id string, at time.Time) error
	ResetFactors(ctx context.Context, by, id string, at time.Time) error
	AddDisplay(ctx context.Context, name string, rooms []string, codeSHA256 []byte, until time.Time) error
	Displays(ctx context.Context) ([]store.Display, error)
	RemoveDisplay(ctx context.Context, name string) error
}

// OpenOffice opens the store that a configuration names, without serving.
func OpenOffice(ctx context.Context, c Config) (Store, error) {
	if !c.Store.inPostgres() {
		return OpenStore(ctx, c)
	}
	return openPostgres(ctx, c)
}

func openPostgres(ctx context.Context, c Config) (*postgres.Store, error) {
	dsn, err := c.Store.dsn()
	if err != nil {
		return nil, err
	}
	return postgres.Open(ctx, dsn)
}

// openStore opens the store of the configuration.
func (s *Server) openStore(ctx context.Context) error {
	if !s.config.Store.inPostgres() {
		return s.openSQLite(ctx)
	}
	opened, err := openPostgres(ctx, s.config)
	if err != nil {
		return err
	}
	s.store, s.turns = opened, opened
	// As long as pictures and their keys lie in a folder, another instance has others: it could neither show nor erase these.
	kept, err := opened.Kept(ctx)
	if err == nil && kept {
		err = fmt.Errorf("%w: another server keeps it in the same database", durable.ErrLocked)
	}
	return err
}

// openSQLite opens the office's file, and notices that it was copied back from a backup. The lease log lies beside the keys, which no
// backup holds.
func (s *Server) openSQLite(ctx context.Context) error {
	opened, err := OpenStore(ctx, s.config)
	if err != nil {
		return err
	}
	s.store = opened
	now := s.clock.Now()
	state, err := s.store.Erasing(ctx)
	if err != nil {
		return err
	}
	if state.Believed.After(now) { // a clock that is behind takes no day back on which numbers were given out
		now = state.Believed
	}
	restored, err := opened.OpenLeaseLog(ctx, s.config.Keys+".leases", now)
	if restored {
		s.log.Error("this database is older than the ticket numbers that were given out: it was restored from a backup. " +
			"Tickets have more letters until midnight; those of before are admitted and marked")
	}
	return err
}

// turns is how several instances take turns in what only one of them may do; see [postgres.Store.Keep].
type turns interface {
	Keep(ctx context.Context, meanwhile, f func(ctx context.Context) error) error
}

const turnAgain = 2 * time.Second // after a turn that failed

// keepInTurn keeps the office when it is this process's turn, which it always is where there is no other.
func (s *Server) keepInTurn(ctx context.Context) error {
	if s.turns == nil {
		return s.keep(ctx)
	}
	for {
		if err := s.turns.Keep(ctx, s.keeper.standBy, s.keep); err != nil && ctx.Err() == nil {
			s.log.Error("this instance does not keep the office now; it will try again", "error", err)
		}
		timer := time.NewTimer(turnAgain)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// standBy notes, while another instance keeps the office, when that one last believed its clock: since then time has passed here as it
// has there.
func (k *keeper) standBy(ctx context.Context) error {
	state, err := k.store.Erasing(ctx)
	if err != nil {
		return err
	}
	if !k.heard.IsZero() && !state.Believed.Equal(k.heard) {
		k.believed, k.since = state.Believed, k.clock.Elapsed()
	}
	k.heard = state.Believed
	return nil
}
