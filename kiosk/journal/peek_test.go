package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// files are the contents of a folder.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// still is a machine that has been up for as long.
func still(up time.Duration) Uptime {
	return func() (string, time.Duration, error) { return "boot", up, nil }
}

// confirmed makes a journal with a check-in of noon.
func confirmed(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := OpenAt(t.Context(), path, still(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	lease(t, j, 1, 10)
	confirm(t, j, office(t).Recipient().String())
	return j
}

func TestAJournalThatNobodyHasOpenIsLookedIntoAndLeftAsItIs(t *testing.T) {
	dir, killed := t.TempDir(), t.TempDir()
	j := confirmed(t, filepath.Join(dir, "journal.db"))
	for name, content := range files(t, dir) { // what a kiosk leaves that is killed
		if err := os.WriteFile(filepath.Join(killed, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for name, where := range map[string]string{"closed": dir, "killed": killed} {
		before := files(t, where)
		got, err := PeekAt(t.Context(), filepath.Join(where, "journal.db"), noon.Add(5*time.Hour), still(6*time.Hour))
		if want := (Wait{CheckIns: 1, Oldest: 5 * time.Hour, Left: 19 * time.Hour}); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		if diff := cmp.Diff(before, files(t, where)); diff != "" {
			t.Errorf("%s: the folder is another afterwards:\n%.500s", name, diff)
		}
	}
}

func TestAJournalThatIsInUseDamagedOrNotThereIsToldFromOneThatIsEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if got, err := Peek(t.Context(), path, noon); err != nil || got != (Wait{}) {
		t.Errorf("before there was one: %+v, %v", got, err)
	}
	j := confirmed(t, path)
	if _, err := Peek(t.Context(), path, noon); !errors.Is(err, ErrInUse) {
		t.Errorf("in use: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("this is no database, whatever its name says, and long enough"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Peek(t.Context(), path, noon); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
}
