// Package scrub overwrites what must not be found again before its place on the disk is given back. Deleting, truncating
// and renaming free blocks with all that stood in them; a grep over the raw device finds it, years later.
//
// What holds: on a file system that writes a block where it stood before (ext4 and xfs as Debian makes them), nothing of
// the old bytes is left after a call has returned. What does not: flash memory, snapshots and file systems that copy on
// write (btrfs, zfs, ext4 with data=journal) keep old blocks by themselves. Only an encrypted disk helps there.
package scrub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// reserve is how much of a cut log stays allocated, in bytes: enough to delete a few rows on a disk that is full.
const reserve = 256 << 10

// How many zeros are written at once, and how many before all others, in bytes.
const (
	block = 64 << 10
	page  = 4096
)

// File overwrites a regular file with zeros in place, as long as it is, and syncs it: its first page before the rest, so
// that whoever reads a half-overwritten log finds no beginning.
func File(path string) error { return overwrite(path, true) }

// overwrite is File, with or without the first page before the rest.
func overwrite(path string, beginning bool) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("overwrite: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("overwrite: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("overwrite %s: not a regular file", path)
	}
	zeros := make([]byte, block)
	for at := int64(0); at < info.Size(); {
		n := min(block, info.Size()-at)
		first := beginning && at == 0 && n > page
		if first {
			n = page
		}
		if _, err := f.WriteAt(zeros[:n], at); err != nil {
			return fmt.Errorf("overwrite: %w", err)
		}
		if first {
			if err := f.Sync(); err != nil {
				return fmt.Errorf("overwrite: %w", err)
			}
		}
		at += n
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("overwrite: %w", err)
	}
	return nil
}

// RemoveAll overwrites every file at and below path and removes it. What cannot be overwritten stays, keeps nothing else,
// and is in the error. A path that is not there is no error.
func RemoveAll(path string) error {
	var failed []error
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			failed = append(failed, err)
			return nil
		case entry.Type().IsRegular():
			err := overwrite(name, false)
			if err == nil {
				err = os.Remove(name)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				failed = append(failed, err)
			}
		}
		return nil
	})
	if err := errors.Join(append(failed, err)...); err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	if err := os.RemoveAll(path); err != nil { // folders, links and pipes
		return fmt.Errorf("scrub: %w", err)
	}
	return nil
}

// Log moves the write-ahead log of the SQLite database at path into the database, overwrites it, and cuts it to zeros.
// The log holds whole pages as they were, so that a row that was deleted is in it until then; deleted rows in the
// database itself are SQLite's to overwrite (PRAGMA secure_delete). Nobody else may write to the database meanwhile.
func Log(ctx context.Context, on *sql.Conn, path string) error {
	if err := checkpoint(ctx, on, "RESTART"); err != nil {
		return err
	}
	// All frames are in the database now, and no reader is left that takes pages from the log. A crash from here on finds
	// a log without a beginning, which counts as empty.
	if err := File(path + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := checkpoint(ctx, on, "TRUNCATE"); err != nil {
		return err
	}
	allocate(path + "-wal")
	return nil
}

func checkpoint(ctx context.Context, on *sql.Conn, mode string) error {
	var busy, pages, moved int
	if err := on.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("overwrite write-ahead log: %w", err)
	}
	if busy != 0 {
		return errors.New("overwrite write-ahead log: the database is being read; it is tried again")
	}
	return nil
}

// allocate takes room for the next deletion. Without room it goes without: then the next deletion may fail, and says so.
func allocate(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	_ = unix.Fallocate(int(f.Fd()), 0, 0, reserve)
}
