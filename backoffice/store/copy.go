package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
)

// Copy copies the database at path to a new file, as it is at one moment, while others may go on using it, and lists the
// check-ins in it. Who is signed in is left out. It is fs.ErrNotExist when there is no database.
func Copy(ctx context.Context, path, to string) (checkIns []string, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("copy database: %w", err)
	}
	from, err := sql.Open("sqlite3", dsn(path, url.Values{"_busy_timeout": {"10000"}}))
	if err != nil {
		return nil, fmt.Errorf("copy database: %w", err)
	}
	_, err = from.ExecContext(ctx, "VACUUM INTO ?", to)
	if err := errors.Join(err, from.Close()); err != nil {
		return nil, fmt.Errorf("copy database: %w", err)
	}
	copied, err := sql.Open("sqlite3", dsn(to, url.Values{"_journal_mode": {"MEMORY"}, "_secure_delete": {"on"}, "_synchronous": {"FULL"}}))
	if err != nil {
		return nil, fmt.Errorf("copy database: %w", err)
	}
	checkIns, err = strip(ctx, copied)
	if err := errors.Join(err, copied.Close(), os.Chmod(to, 0o600)); err != nil {
		return nil, fmt.Errorf("copy database: %w", err)
	}
	return checkIns, nil
}

// strip takes out of a copy what must not outlive the day, and lists the check-ins in it.
func strip(ctx context.Context, copied *sql.DB) (checkIns []string, err error) {
	if _, err := copied.ExecContext(ctx, "DELETE FROM session"); err != nil {
		return nil, err
	}
	rows, err := copied.QueryContext(ctx, "SELECT id FROM checkin")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		checkIns = append(checkIns, id)
	}
	return checkIns, rows.Err()
}

// Check says whether the database is whole.
func (s *Store) Check(ctx context.Context) error {
	var verdict string
	if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("check database: damaged: %s", verdict)
	}
	return nil
}

func dsn(path string, options url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode()
}
