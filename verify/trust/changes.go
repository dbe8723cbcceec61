package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// changes are what an import or a removal does to the folder, all of it or nothing. New files are written beside those that count, under
// names that do not; then a journal says what is to happen, which is the moment from which it has happened; then it happens, and
// whoever finds the journal does what is left of it.
type changes struct {
	files map[string][]byte // by name
	drops []string          // names
}

// Names in the folder while it changes.
const (
	journalName = "changes.json"
	newSuffix   = ".new"
)

// journal is what changes.json holds: names of files, as they stand in the folder.
type journal struct {
	Put  []string `json:"put"` // each from its name with newSuffix
	Drop []string `json:"drop"`
}

// put adds a file, which a later change of the same import may drop.
func (c *changes) put(name string, content []byte) {
	if c.files == nil {
		c.files = map[string][]byte{}
	}
	c.files[name] = content
	c.drops = slices.DeleteFunc(c.drops, func(dropped string) bool { return dropped == name })
}

// drop takes a file away.
func (c *changes) drop(name string) {
	delete(c.files, name)
	c.drops = append(c.drops, name)
}

// commit makes the changes, and leaves none behind to be made.
func (s *Store) commit() error {
	c := s.pending
	s.pending = changes{}
	if len(c.files) == 0 && len(c.drops) == 0 {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	unlock, err := lock(s.dir, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(finish(s.dir), sweep(s.dir)); err != nil {
		return err
	}
	var todo journal
	for name, content := range c.files {
		if err := writeSynced(filepath.Join(s.dir, name+newSuffix), content); err != nil {
			return errors.Join(err, sweep(s.dir))
		}
		todo.Put = append(todo.Put, name)
	}
	todo.Drop = c.drops
	text, err := json.Marshal(todo)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(s.dir, journalName), text); err != nil {
		return errors.Join(err, sweep(s.dir))
	}
	if err := syncFolder(s.dir); err != nil {
		return err
	}
	return finish(s.dir)
}

// lockWhole locks a folder for reading, with nothing left in it of a change that was decided.
func lockWhole(dir string) (unlock func(), err error) {
	for {
		if unlock, err = lock(dir, syscall.LOCK_SH); err != nil {
			return nil, err
		}
		if _, err := os.Stat(filepath.Join(dir, journalName)); err != nil {
			return unlock, nil
		}
		unlock()
		if unlock, err = lock(dir, syscall.LOCK_EX); err != nil {
			return nil, err
		}
		err = finish(dir)
		unlock()
		if err != nil {
			return nil, fmt.Errorf("an import was interrupted; doccheck trust list, by a user who may write here, finishes it: %w", err)
		}
	}
}

// finish does what is left of a journal, if there is one.
func finish(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	var todo journal
	if err := json.Unmarshal(text, &todo); err != nil {
		return fmt.Errorf("%s: %w", journalName, err)
	}
	for _, name := range append(slices.Clone(todo.Put), todo.Drop...) {
		if name != filepath.Base(name) {
			return fmt.Errorf("%s: no name of a file: %q", journalName, name)
		}
	}
	for _, name := range todo.Put {
		path := filepath.Join(dir, name)
		if err := os.Rename(path+newSuffix, path); err != nil && !errors.Is(err, fs.ErrNotExist) { // done before
			return err
		}
	}
	for _, name := range todo.Drop {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncFolder(dir); err != nil {
		return err
	}
	return os.Remove(filepath.Join(dir, journalName))
}

// sweep takes away what an import wrote that ended before its journal.
func sweep(dir string) error {
	files, err := os.ReadDir(dir)
	for _, file := range files {
		if strings.HasSuffix(file.Name(), newSuffix) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, file.Name())))
		}
	}
	return err
}

// lock keeps others from changing the folder, or with LOCK_EX from reading it too, until it is unlocked.
func lock(dir string, how int) (unlock func(), err error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), how); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), folder.Close())
	}
	return func() { folder.Close() }, nil // which unlocks
}

// write makes a file appear whole or not at all.
func write(path string, content []byte) error {
	if err := writeSynced(path+newSuffix, content); err != nil {
		return err
	}
	return os.Rename(path+newSuffix, path)
}

// writeSynced writes a file that is on the disk when it returns.
func writeSynced(path string, content []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncFolder has the names in a folder on the disk.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
