package sqlite_test

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/mattn/go-sqlite3"

	"github.com/foyer-station/foyer/backoffice/sqlite"
)

// oldest is SQLite 3.51.3, the first release in which two connections that write and empty the write-ahead log at the same time
// do not damage the file (https://sqlite.org/wal.html#walresetbug).
const oldest = 3_051_003

func TestTheLinkedSQLiteDoesNotDamageItsWriteAheadLog(t *testing.T) {
	migrations := fstest.MapFS{"00001_one.sql": {Data: []byte("-- +goose Up\nCREATE TABLE one (id INTEGER);\n")}}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "one.db"), migrations)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var linked string
	if err := db.QueryRowContext(t.Context(), "SELECT sqlite_version()").Scan(&linked); err != nil {
		t.Fatal(err)
	}
	if header, number, _ := sqlite3.Version(); number < oldest || header != linked {
		t.Errorf("SQLite %s is linked, built by the header of %s (%d); at least %d is wanted", linked, header, number, oldest)
	}
}
