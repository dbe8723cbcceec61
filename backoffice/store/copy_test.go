package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/foyer-station/foyer/backoffice/sqlite"
	"github.com/foyer-station/foyer/backoffice/store"
)

// visitor adds a check-in to a database of the first version, and to one of any later version.
var visitor = []string{
	`INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day, verdict, validity, decision, caseworker,
		room, ahead, wait, state) VALUES ('visitor', 'station-1', x'', 0, '', 'de', 'A-1', '2026-03-02', '', '', '{}', '', '', 0, 0, 'waiting')`,
	`INSERT INTO checkin (id, station, request, confirmed_at, service, language, ticket, day, doubt, verdict, validity, decision, caseworker,
		room, ahead, wait, state) VALUES ('visitor', 'station-1', x'', 0, '', 'de', 'A-1', '2026-03-02', '', '', '', '{}', '', '', 0, 0, 'waiting')`,
}

func TestADatabaseIsBackedUpBeforeItIsBroughtToANewerVersion(t *testing.T) {
	migrations, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	schema := fstest.MapFS{}
	for n, migration := range migrations {
		text, err := os.ReadFile(migration)
		if err != nil {
			t.Fatal(err)
		}
		schema[filepath.Base(migration)] = &fstest.MapFile{Data: text}
		t.Run(filepath.Base(migration), func(t *testing.T) {
			dir := t.TempDir()
			from, to := filepath.Join(dir, "backoffice.db"), filepath.Join(dir, "copy.db")
			db, err := sqlite.Open(t.Context(), from, schema)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(visitor[min(n, len(visitor)-1)]); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			checkIns, err := store.Copy(t.Context(), from, to)
			if err != nil || !slices.Equal(checkIns, []string{"visitor"}) {
				t.Fatalf("copied %v: %v", checkIns, err)
			}
			s, err := store.Open(t.Context(), to)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if c, _, err := s.CheckIn(t.Context(), "visitor"); err != nil || c.Ticket != "A-1" {
				t.Errorf("the copy shows %q, %v", c.Ticket, err)
			}
		})
	}
}
