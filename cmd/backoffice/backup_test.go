package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
)

func TestBackupAndRestoreSayWhatToDoNext(t *testing.T) {
	dir := t.TempDir()
	config, _, err := demo.Prepare(t.Context(), dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file, taken := filepath.Join(dir, "backoffice.toml"), filepath.Join(dir, "backup")
	want := func(what string, status int, says string, args ...string) {
		t.Helper()
		code, stdout, stderr := call(t, "", append(args, "--config", file)...)
		if code != status || !strings.Contains(stdout+stderr, says) {
			t.Errorf("%s: exit %d, said %q; want %d and %q", what, code, stdout+stderr, status, says)
		}
	}
	want("a backup", 0, "0 check-ins are in the backup", "backup", "--to", taken)
	want("over a backup", 2, "name a new folder", "backup", "--to", taken)
	want("into the data", 2, "name a new folder", "backup", "--to", filepath.Join(dir, "data", "backup"))
	want("over live data", 3, "move it away first", "restore", "--from", taken)
	want("from anything", 2, "has finished", "restore", "--from", filepath.Join(dir, "pki"))
	want("from nowhere", 2, "nowhere", "restore", "--from", filepath.Join(dir, "nowhere"))
	lock, err := backoffice.Lock(config)
	if err != nil {
		t.Fatal(err)
	}
	want("under a running server", 3, "stop the back office first", "restore", "--from", taken)
	want("migrate under a running server", 3, "stop the back office first", "migrate")
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(config.Data); err != nil {
		t.Fatal(err)
	}
	want("without an office", 3, "has this office ever served", "backup", "--to", filepath.Join(dir, "another"))
	want("a restore", 0, "0 check-ins are restored", "restore", "--from", taken)
	damaged := filepath.Join(taken, "office.toml")
	if err := os.WriteFile(damaged, []byte("id = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	want("a damaged backup", 3, "move it away first", "restore", "--from", taken)
	if err := os.RemoveAll(config.Data); err != nil {
		t.Fatal(err)
	}
	want("a damaged backup", 1, "an older backup", "restore", "--from", taken)
}
