// Package sqlite opens the back office's SQLite files, each migrated to its newest schema: write-ahead log,
// synchronous=FULL (what was answered survives a power cut) and secure_delete (what was deleted is overwritten in the file; the
// log is scrub's to overwrite).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"syscall"

	"github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/pressly/goose/v3"
)

// ErrNewer says that a newer program has written the database; an older one would misread it.
var ErrNewer = errors.New("database of a newer version: install that version, or restore a backup of this one")

// connections is how many read side by side; SQLite lets one write at a time.
const connections = 4

// Open opens the file at path, creates it if it is missing, and brings it to the newest of the goose migrations that
// lie in the root of migrations. The file and its log are their owner's alone. The caller closes the database.
func Open(ctx context.Context, path string, migrations fs.FS) (*sql.DB, error) {
	if err := keepPrivate(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	options := url.Values{
		"_journal_mode":  {"WAL"},
		"_synchronous":   {"FULL"},
		"_secure_delete": {"on"},
		"_foreign_keys":  {"on"},
		"_busy_timeout":  {"5000"},
		"_txlock":        {"immediate"},
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(connections)
	if err := migrate(ctx, db, migrations); err != nil {
		db.Close()
		return nil, fmt.Errorf("migrate database %s: %w", path, err)
	}
	return db, nil
}

// keepPrivate makes the file if it is missing, and takes it from everybody but its owner whatever the umask is, or was. SQLite
// gives its log and index the rights that the database has when it makes them.
func keepPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, there := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(there)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(there, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func migrate(ctx context.Context, db *sql.DB, migrations fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations)
	if err != nil {
		return err
	}
	have, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("%w: it has schema %d, this program knows %d", ErrNewer, have, newest)
	}
	_, err = provider.Up(ctx)
	return err
}

// IsFull says whether a statement failed because the disk is full.
func IsFull(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC) // an I/O error, where it is no page that has no room
}
