package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/demo"
)

// Nobody writes into the pipe, and the device has no end.
func TestAPipeOrADeviceIsNoFileAndHoldsNothingUp(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := demo.Prepare(t.Context(), dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	pipe, config := filepath.Join(dir, "pipe"), filepath.Join(dir, "backoffice.toml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero"} {
		for want, args := range map[int][]string{
			2: {"appointments", "import", path, "--config", config},
			3: {"rules", "explain", path},
		} {
			if code, _, stderr := call(t, "", args...); code != want || !strings.Contains(stderr, "is no file") {
				t.Errorf("%v: exit %d, %q", args, code, stderr)
			}
		}
		if code, _, stderr := call(t, "", "rules", "replay", "2026-03-02", "--with", path, "--config", config); code != 3 || !strings.Contains(stderr, "is no file") {
			t.Errorf("replay with %s: exit %d, %q", path, code, stderr)
		}
	}
}
