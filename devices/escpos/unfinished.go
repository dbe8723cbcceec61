package escpos

import (
	"errors"
	"io/fs"
	"os"
)

// unfinished is a file that is there while a ticket is being printed, so that whoever opens the printer next, after a pulled
// cable, a crash or a power cut, knows that part of one may hang out of it. It has no content. Without a name it is kept in
// mind only.
type unfinished string

func (u unfinished) is() bool {
	if u == "" {
		return false
	}
	_, err := os.Stat(string(u))
	return err == nil
}

// begin leaves the file on the disk. That a disk is full keeps nobody's ticket from being printed: the error is the
// caller's to ignore.
func (u unfinished) begin() error {
	if u == "" {
		return nil
	}
	file, err := os.OpenFile(string(u), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func (u unfinished) end() error {
	if u == "" {
		return nil
	}
	if err := os.Remove(string(u)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
