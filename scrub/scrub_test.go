package scrub_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/scrub"
)

func write(t *testing.T, path string, size int) {
	t.Helper()
	if err := os.WriteFile(path, bytes.Repeat([]byte("secret"), size)[:size], 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAFileIsOverwrittenWhereItStandsAndStaysAsLong(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 64 << 10, 64<<10 + 1, 200_000} {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, size)
		link := path + ".kept" // the same blocks by another name
		if err := os.Link(path, link); err != nil {
			t.Fatal(err)
		}
		if err := scrub.File(path); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadFile(link); err != nil || !bytes.Equal(left, make([]byte, size)) {
			t.Errorf("%d bytes became %d, not all of them zero; %v", size, len(left), err)
		}
	}
}

func TestWhatIsNoFileIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	write(t, target, 100)
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"a link": link, "a folder": dir, "a device": "/dev/null"} {
		if err := scrub.File(path); err == nil {
			t.Errorf("%s was overwritten", name)
		}
	}
	if err := scrub.File(filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if text, err := os.ReadFile(target); err != nil || !bytes.Contains(text, []byte("secret")) {
		t.Errorf("what the link leads to holds %q, %v", text, err)
	}
}

func TestRemovingLeavesNothingAndNeverFollowsALink(t *testing.T) {
	dir, outside := filepath.Join(t.TempDir(), "spool"), filepath.Join(t.TempDir(), "outside")
	if err := os.MkdirAll(filepath.Join(dir, "station", "check-in"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, outside, 100)
	inside, link := filepath.Join(dir, "station", "check-in", "part"), filepath.Join(t.TempDir(), "same")
	write(t, inside, 5000)
	if err := errors.Join(os.Link(inside, link), os.Symlink(outside, filepath.Join(dir, "station", "link"))); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing is there, which is no error
		if err := scrub.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if left, err := os.ReadFile(link); err != nil || !bytes.Equal(left, make([]byte, 5000)) {
		t.Errorf("what was removed was not overwritten, %v", err)
	}
	if text, err := os.ReadFile(outside); err != nil || !bytes.Contains(text, []byte("secret")) {
		t.Errorf("what a link led to was overwritten, %v", err)
	}
}
