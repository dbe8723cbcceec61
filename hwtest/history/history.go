// Package history keeps what the self-test found, so that what fails slowly is noticed before it has failed.
//
// It is one SQLite file of its own in the station's state folder, of 400 days on which something was tested, and 50 MB at most. It holds ids of checks, results, keys of
// reasons and measured values; nothing of a person, and no serial numbers. Several processes may use it at once. It is never a reason not
// to test: a damaged one is set aside and begun anew, and what else goes wrong is an error that the test can be reported without.
package history

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"
)

//go:embed schema/1.sql
var schema string

const version = 1

// Name is the file's in the station's state folder.
const Name = "history.db"

// aside is what the name of a damaged file ends with.
const aside = ".damaged"

// Errors of a history. Others are the system's: fs.ErrNotExist and fs.ErrPermission where the folder is not there or not for this user.
var (
	ErrFull  = errors.New("disk full")
	ErrNewer = errors.New("written by a newer version")
	ErrOdd   = errors.New("no ordinary file: move it away")
)

// History is an open history.
type History struct {
	db     *sql.DB
	path   string
	limits Limits
	// SetAside is where a damaged file was moved to, once it was found damaged; empty where it was not.
	SetAside string
}

// Limits bound a history.
type Limits struct {
	Age   time.Duration // in days on which something was tested
	Bytes int64         // of the database; its log comes on top, some 4 MB
}

// Usual are a station's limits: more than a year of days, and fifty megabytes.
func Usual() Limits { return Limits{Age: 400 * 24 * time.Hour, Bytes: 50e6} }

// Open opens the history at path, and makes one (mode 0640, its folder's owner) where there is none. A file that is no database, or a
// damaged one, is set aside under the name PATH.damaged.
func Open(ctx context.Context, path string, limits Limits) (*History, error) {
	h, err := open(ctx, path, limits)
	if isDamage(err) {
		h = &History{path: path, limits: limits}
		err = h.anew(ctx)
	}
	if err != nil {
		return nil, err
	}
	return h, nil
}

// anew sets the file aside, and begins another.
func (h *History) anew(ctx context.Context) error {
	if h.db != nil {
		h.db.Close() // it is damaged, and says no more than that
	}
	if err := setAside(h.path); err != nil {
		return fmt.Errorf("set the damaged history aside: %w", err)
	}
	fresh, err := open(ctx, h.path, h.limits)
	if err != nil {
		return err
	}
	h.db, h.SetAside = fresh.db, h.path+aside
	return nil
}

func open(ctx context.Context, path string, limits Limits) (*History, error) {
	if err := create(path); err != nil {
		return nil, failed("open", err)
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"NORMAL"}, // a run that is lost with the power is no loss
		"_auto_vacuum":  {"incremental"},
		"_txlock":       {"immediate"},
		"_busy_timeout": {"2000"},
	}.Encode())
	if err != nil {
		return nil, failed("open", err)
	}
	db.SetMaxOpenConns(1)
	h := &History{db: db, path: path, limits: limits}
	if err := h.upgrade(ctx); err != nil {
		return nil, errors.Join(failed("open", err), db.Close())
	}
	return h, nil
}

// create makes the file, so that SQLite's own files get its mode and owner. What root makes is its folder's owner's.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return ordinary(path)
	} else if err != nil {
		return err
	}
	defer file.Close()
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if owner, is := folder.Sys().(*syscall.Stat_t); is && os.Geteuid() == 0 {
		return file.Chown(int(owner.Uid), int(owner.Gid))
	}
	return nil
}

// ordinary is nil for a file: SQLite would follow a link wherever it leads, and root makes files in folders that are others'.
func ordinary(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", path, ErrOdd)
	}
	return err
}

func (h *History) upgrade(ctx context.Context) error {
	return h.transact(ctx, func(tx *sql.Tx) error {
		var have int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
			return err
		}
		switch {
		case have == version:
			return nil
		case have > version:
			return ErrNewer
		}
		_, err := tx.ExecContext(ctx, schema+fmt.Sprintf("; PRAGMA user_version = %d", version))
		return err
	})
}

// setAside moves a damaged file away, over an older one. Of two processes that find it damaged, the one that comes later leaves the new
// file alone.
func setAside(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	found, err := file.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(found, there) {
		return nil
	}
	for _, log := range []string{"-wal", "-shm"} { // they are the damaged file's
		if err := os.Remove(path + log); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Rename(path, path+aside)
}

// Close closes the history.
func (h *History) Close() error { return failed("close", h.db.Close()) }

func (h *History) transact(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// isDamage tells whether a file is no database, or no longer one.
func isDamage(err error) bool {
	var of sqlite3.Error
	return errors.As(err, &of) && (of.Code == sqlite3.ErrCorrupt || of.Code == sqlite3.ErrNotADB)
}

// failed says what was done, and names what a technician can do something about.
func failed(what string, err error) error {
	var of sqlite3.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.As(err, &of) && (of.Code == sqlite3.ErrFull || of.SystemErrno == syscall.ENOSPC):
		err = fmt.Errorf("%w: %w", ErrFull, err)
	case errors.As(err, &of) && (of.Code == sqlite3.ErrReadonly || of.Code == sqlite3.ErrPerm || of.Code == sqlite3.ErrCantOpen):
		err = fmt.Errorf("%w: %w", fs.ErrPermission, err)
	}
	return fmt.Errorf("%s the history: %w", what, err)
}
