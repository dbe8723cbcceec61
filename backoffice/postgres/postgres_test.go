package postgres_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/foyer-station/foyer/backoffice/postgres"
	"github.com/foyer-station/foyer/backoffice/postgres/pgtest"
	"github.com/foyer-station/foyer/backoffice/store/storetest"
)

// cluster is the server of this test binary; where there is none, missing says why.
var (
	cluster *pgtest.Server
	missing error
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	cluster, missing = pgtest.Start(ctx)
	if errors.Is(missing, pgtest.ErrNotInstalled) {
		return m.Run()
	}
	if missing != nil {
		fmt.Fprintln(os.Stderr, missing)
		return 1
	}
	defer cluster.Stop()
	// Each step of a property waits for the disk here; the command line may ask for more.
	if err := errors.Join(flag.Set("rapid.checks", "25"), cluster.Prepare(ctx, migrate)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func migrate(ctx context.Context, dsn string) error {
	s, err := postgres.Open(ctx, dsn)
	if err != nil {
		return err
	}
	return s.Close()
}

// database gives a new one, or skips the test where there is no PostgreSQL.
func database(t testing.TB) (dsn string) {
	t.Helper()
	if missing != nil {
		t.Skip(missing)
	}
	return cluster.Database(t)
}

func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// An office in PostgreSQL keeps what every store of an office promises.
func TestPostgreSQLKeepsTheStoresPromises(t *testing.T) {
	storetest.Exercise(t, func(t testing.TB) storetest.Store { return open(t, database(t)) })
}

func TestTwoInstancesOverOneDatabaseAreOne(t *testing.T) {
	storetest.ExerciseInstances(t, func(t testing.TB) (one, other storetest.Store) {
		dsn := database(t)
		return open(t, dsn), open(t, dsn)
	})
}

func TestEachInstanceHearsOfEveryChangeAndOneAdmits(t *testing.T) {
	storetest.ExerciseWatching(t, func(t testing.TB) (one, other storetest.Store) {
		dsn := database(t)
		return open(t, dsn), open(t, dsn)
	})
}
