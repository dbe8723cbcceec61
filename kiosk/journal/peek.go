package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Peek tells how the outbox of a journal waits that no station has open, and changes nothing: what a technician wants to know
// of a kiosk that does not run. A journal that was never made is an empty one. Errors: ErrInUse, ErrDamaged, ErrNewer, and the
// system's own (no permission).
func Peek(ctx context.Context, path string, now time.Time) (Wait, error) {
	return PeekAt(ctx, path, now, SystemUptime)
}

// PeekAt is [Peek] on a machine with another uptime.
func PeekAt(ctx context.Context, path string, now time.Time, uptime Uptime) (w Wait, err error) {
	switch err := inUse(path); {
	case errors.Is(err, fs.ErrNotExist):
		return Wait{}, nil
	case err != nil:
		return Wait{}, fmt.Errorf("look into journal: %w", err)
	}
	options := url.Values{"mode": {"ro"}, "_query_only": {"on"}, "_busy_timeout": {"0"}}
	if log, err := os.Stat(path + "-wal"); err != nil || log.Size() == 0 {
		options.Set("immutable", "1") // or SQLite would make a log
	} else if _, err := os.Stat(path + "-shm"); errors.Is(err, fs.ErrNotExist) {
		defer func() { os.Remove(path + "-shm") }() // the index of the log: a station does without
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return Wait{}, fmt.Errorf("look into journal: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	j := &Journal{db: db, path: path, uptime: uptime}
	db.SetMaxOpenConns(1)
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return Wait{}, failed("look into", err)
	}
	if have > version {
		return Wait{}, failed("look into", ErrNewer)
	}
	return j.Wait(ctx, now)
}

// inUse is ErrInUse where a program has the database open: SQLite then holds a lock on some byte from its first gigabyte on (SQLite,
// os.h, PENDING_BYTE).
func inUse(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	const pendingByte, lockBytes = 1 << 30, 512
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: pendingByte, Len: lockBytes}
	// An open file's lock, for one of the process's own would not see those that the process itself holds.
	if err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock); err != nil {
		return fmt.Errorf("ask for locks: %w", err)
	}
	if lock.Type != unix.F_UNLCK {
		return ErrInUse
	}
	return nil
}
