package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/postgres"
	"github.com/foyer-station/foyer/backoffice/sqlite"
)

func TestAServerThatMayLoseWhatItAcknowledgedKeepsNoOffice(t *testing.T) {
	dsn := database(t)
	do(t, dsn, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$")
	if s, err := postgres.Open(t.Context(), dsn); !errors.Is(err, postgres.ErrUnsafe) || !strings.Contains(err.Error(), "synchronous_commit off") {
		t.Errorf("it was opened: %v, %v", s, err)
	}
}

func TestADatabaseOfANewerProgramIsLeftAlone(t *testing.T) {
	dsn := database(t)
	do(t, dsn, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	if s, err := postgres.Open(t.Context(), dsn); !errors.Is(err, sqlite.ErrNewer) {
		t.Errorf("it was opened: %v, %v", s, err)
	}
}

func TestOfSeveralHostsTheOneIsTakenThatMayBeWritten(t *testing.T) {
	dsn := database(t)
	host, rest, _ := strings.Cut(strings.TrimPrefix(dsn, "host="), " ")
	s := open(t, "host=/nowhere,"+host+" "+rest+" target_session_attrs=read-write")
	if err := s.Answers(t.Context()); err != nil {
		t.Error(err)
	}
	do(t, dsn, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
	if _, err := postgres.Open(t.Context(), dsn); err == nil {
		t.Error("a server that may not be written was taken")
	}
}

func TestAPasswordInADSNThatCannotBeReadIsNotTold(t *testing.T) {
	for _, dsn := range []string{"postgres://foyer:geheim@[::1/office", "host=localhost password=geheim port=none", "postgres://foyer:geheim@127.0.0.1:1/office"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := postgres.Open(ctx, dsn)
		cancel()
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%v", err)
		}
	}
}

func TestOneInstanceKeepsTheOfficeUntilItsTurnEnds(t *testing.T) {
	dsn := database(t)
	one, other := open(t, dsn), open(t, dsn)
	ctx, end := context.WithCancel(t.Context())
	nothing := func(context.Context) error { return nil }
	began, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- one.Keep(ctx, nothing, func(ctx context.Context) error { close(began); <-ctx.Done(); return nil })
	}()
	<-began
	waited := make(chan struct{}, 100)
	lost, told := make(chan error, 1), make(chan struct{})
	go func() {
		meanwhile := func(context.Context) error { waited <- struct{}{}; return nil }
		lost <- other.Keep(t.Context(), meanwhile, func(ctx context.Context) error { close(told); <-ctx.Done(); return nil })
	}()
	<-waited
	select {
	case <-told:
		t.Fatal("two keep it at once")
	default:
	}
	end()
	if err := <-ended; err != nil {
		t.Errorf("the first ends with %v", err)
	}
	<-told
	do(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
	if err := <-lost; !errors.Is(err, postgres.ErrTurnLost) {
		t.Errorf("whose connection was lost ends with %v", err)
	}
}

func do(t *testing.T, dsn, statement string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
