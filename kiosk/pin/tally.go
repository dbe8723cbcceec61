package pin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Tally is how often a wrong PIN was typed since the last right one. Its times are the station's own.
type Tally struct {
	Wrong int       `json:"wrong"`
	Since time.Time `json:"since,omitzero"` // of the first
	Last  time.Time `json:"last,omitzero"`  // of the last
}

// The wait after a wrong PIN.
const (
	Free    = 3                // so many may be wrong before there is any
	first   = 30 * time.Second // after the last of those; it doubles with each that follows
	longest = time.Hour
)

// most is more than anybody can type in a lifetime: each takes an hour.
const most = 1 << 20

// wait is how long none may be tried after the last.
func (t Tally) wait() time.Duration {
	if t.Wrong < Free {
		return 0
	}
	wait := first
	for n := Free; n < t.Wrong && wait < longest; n++ {
		wait *= 2
	}
	return min(wait, longest)
}

// more counts one that is tried now.
func (t Tally) more(now time.Time) Tally {
	now = now.UTC().Truncate(time.Second)
	if t.Wrong == 0 {
		t.Since = now
	}
	t.Wrong, t.Last = min(t.Wrong+1, most), now
	return t
}

// withoutFree is as if all that may be wrong had been.
func (t Tally) withoutFree(now time.Time) Tally {
	for t.Wrong < Free {
		t = t.more(now)
	}
	return t
}

// maxFile bounds what is read of a tally's file, in bytes; Tally has some 100.
const maxFile = 1 << 10

// readTally reads a tally's file; one that is not there is an empty tally.
func readTally(path string) (Tally, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Tally{}, nil
	}
	if err != nil {
		return Tally{}, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return Tally{}, err
	}
	return parseTally(text)
}

// errDamaged says that a file is none that write has written.
var errDamaged = errors.New("the count of wrong PINs is damaged")

// parseTally takes nothing but what a tally is written as.
func parseTally(text []byte) (t Tally, err error) {
	if len(text) > maxFile {
		return Tally{}, errDamaged
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil || t.Wrong < 0 || t.Wrong > most || (t.Wrong > 0) == t.Last.IsZero() {
		return Tally{}, errDamaged
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Tally{}, errDamaged
	}
	return t, nil
}

// write replaces the file in one step; once it returns, a power cut does not undo it.
func (t Tally) write(path string) error {
	if err := t.replace(path); err != nil {
		return fmt.Errorf("count wrong PINs in %s: %w", filepath.Base(path), err)
	}
	return nil
}

func (t Tally) replace(path string) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, path); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a file's new name outlast a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
