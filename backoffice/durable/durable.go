// Package durable puts files on disk so that they are there, whole, after a power cut: written beside their place,
// synced, renamed, and the folder synced. A folder is one process's, for as long as it locks it.
package durable

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Write makes the file at path, readable by its owner only, with what write writes; an existing file is replaced. When
// write fails nothing changes and its error is returned.
func Write(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("create file: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close file: %w", err)
	}
	return Rename(f.Name(), path)
}

// Rename moves a file, already synced, to its place in the same file system and syncs the folder it comes to.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("rename file: %w", err)
	}
	return syncDir(filepath.Dir(to))
}

// MkdirAll makes the folder and those above it, for their owner only, and syncs the one it stands in. A folder that is
// there already stays as it is.
func MkdirAll(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// ErrLocked says that another process has the folder.
var ErrLocked = errors.New("in use by another process")

// Lock takes a folder for this process until the lock is closed, or the process ends, however it ends. ErrLocked when
// another has it.
func Lock(dir string) (io.Closer, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("lock folder: %w", err)
	}
	err = unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("folder %s: %w", dir, err), d.Close())
	}
	return d, nil
}

// SyncDirs syncs folders, so that what was made in them, renamed or removed survives a power cut.
func SyncDirs(paths ...string) error {
	for _, path := range paths {
		if err := syncDir(path); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
