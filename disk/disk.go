// Package disk looks for room on a disk, and keeps some back for what must go on when there is none.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Room is how many bytes the file system that a folder is on has, and how many of them may still be written.
func Room(dir string) (size, free int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, fmt.Errorf("look for room on the disk of %s: %w", dir, err)
	}
	return int64(s.Blocks) * s.Bsize, int64(s.Bavail) * s.Bsize, nil
}

// Ballast is a file that takes room on a disk, to be let go when the disk is full: starting and erasing need a little.
type Ballast struct {
	Path string // in a folder that is there
	Size int64  // bytes
}

// Release lets go of the room where less than Size is free.
func (b Ballast) Release() error {
	_, free, err := Room(filepath.Dir(b.Path))
	if err != nil || free >= b.Size {
		return err
	}
	if err := os.Remove(b.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("release room on the disk: %w", err)
	}
	return nil
}

// Take takes the room, where it does not have it and twice as much stays free. A disk on which that is not so is no error.
func (b Ballast) Take() error {
	if info, err := os.Stat(b.Path); err == nil && info.Size() == b.Size {
		return nil
	}
	_, free, err := Room(filepath.Dir(b.Path))
	if err != nil || free < 3*b.Size {
		return err
	}
	f, err := os.OpenFile(b.Path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("take room on the disk: %w", err)
	}
	if err := unix.Fallocate(int(f.Fd()), 0, 0, b.Size); err != nil {
		return errors.Join(fmt.Errorf("take room on the disk: %w", err), f.Close(), os.Remove(b.Path))
	}
	return f.Close()
}
