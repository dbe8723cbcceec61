package backoffice_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/backup"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/postgres/pgtest"
	"github.com/foyer-station/foyer/backoffice/store"
)

func TestAnOfficeServesFromPostgreSQL(t *testing.T) {
	cluster, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cluster.Stop() })
	w := build(t, t.TempDir(), morning)
	w.config.Store.PostgresFile = filepath.Join(w.dir, "postgres.dsn")
	if err := os.WriteFile(w.config.Store.PostgresFile, []byte(cluster.DSN("postgres")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.serve(t)
	c := checkintest.Genuine(morning)
	if _, _, err := w.station(t).Send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	second := build(t, t.TempDir(), morning)
	second.config.Store = w.config.Store
	eventuallyKept(t, second)
	if _, err := backup.Take(t.Context(), w.config, t.TempDir(), morning); !errors.Is(err, backoffice.ErrInPostgres) {
		t.Errorf("a backup: %v", err)
	}
	w.stop()
	w.serve(t) // the turn was given up with the first
	w.stop()
	kept, err := backoffice.OpenOffice(t.Context(), w.config)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if queue, err := kept.Queue(t.Context()); err != nil || len(queue) != 1 || queue[0].ID != c.ID || !queue[0].Recorded {
		t.Errorf("in the queue: %+v, %v", queue, err)
	}
}

// eventuallyKept expects that another server over the same database is refused, once the first keeps the office.
func eventuallyKept(t *testing.T, w *world) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		_, err := backoffice.NewAt(t.Context(), w.config, w.clock.clock(), nil)
		if errors.Is(err, durable.ErrLocked) && strings.Contains(err.Error(), "same database") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("a second server over the same database: %v", err)
		}
	}
}

var _ backoffice.Store = (*store.Store)(nil)

func TestWhereAnOfficeIsKeptIsSaidOnce(t *testing.T) {
	for lines, want := range map[string]string{
		`postgres = "host=db"`:                "",
		`postgres_file = "postgres.dsn"`:      "",
		"":                                    "either postgres or postgres_file",
		`postgres = ""`:                       "either postgres or postgres_file",
		`sqlite = "x"`:                        "unknown key store.sqlite",
		`postgres = 7`:                        "postgres",
		"postgres = 'a'\npostgres_file = 'b'": "either postgres or postgres_file",
	} {
		path := filepath.Join(t.TempDir(), "backoffice.toml")
		if err := os.WriteFile(path, []byte(config+"[store]\n"+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backoffice.ReadConfig(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", lines, err)
		}
	}
}

func TestAFileThatIsNoConnectionStringIsRefusedWithoutTellingIt(t *testing.T) {
	for name, text := range map[string]string{"empty": " \n", "two lines": "host=a\npassword=geheim", "long": strings.Repeat("geheim", 1000)} {
		path := filepath.Join(t.TempDir(), "postgres.dsn")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := backoffice.Config{Store: backoffice.StoreConfig{PostgresFile: path}}
		if _, err := backoffice.OpenOffice(t.Context(), c); err == nil || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "not one line") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
