package backoffice_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/backoffice/backup"
)

// Folders that somebody made by hand, a service file without UMask, and databases of a version that left that to SQLite.
func TestNobodyButTheOfficeReadsWhatItWritesWhateverTheUmask(t *testing.T) {
	before := unix.Umask(0)
	defer unix.Umask(before)
	w := build(t, t.TempDir(), morning).separate()
	taken := filepath.Join(t.TempDir(), "backup")
	folders := []string{w.config.Data, filepath.Dir(w.config.Keys), taken}
	for _, dir := range folders {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, older := range []string{w.config.Keys, filepath.Join(w.config.Data, "backoffice.db")} {
		if err := os.Chmod(older, 0o666); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	w.serve(t)
	w.fill(t, 2)
	w.signIn(t, "brandt")
	if _, err := backup.Take(t.Context(), w.config, taken, w.Now()); err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v", path, info.Mode())
			}
			looked++
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if looked < 12 {
		t.Errorf("only %d files were looked at", looked)
	}
}
