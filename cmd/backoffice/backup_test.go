package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
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
	want("a backup", 0, "the backup holds 0 check-ins", "backup", "--to", taken)
	want("over a backup", 2, "name a new folder", "backup", "--to", taken)
	want("into the data", 2, "name a new folder", "backup", "--to", filepath.Join(dir, "data", "backup"))
	want("over live data", 3, "move it away first", "restore", "--from", taken)
	want("from anything", 2, "has completed", "restore", "--from", filepath.Join(dir, "pki"))
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
	want("a restore", 0, "0 check-ins were restored", "restore", "--from", taken)
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

// Whoever can write to a backup can write a manifest that agrees with it: only what is kept elsewhere tells.
func TestABackupThatWasChangedIsToldByItsCheckValue(t *testing.T) {
	dir := t.TempDir()
	config, _, err := demo.Prepare(t.Context(), dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file, taken := filepath.Join(dir, "backoffice.toml"), filepath.Join(dir, "backup")
	_, said, _ := call(t, "", "backup", "--to", taken, "--config", file)
	value := regexp.MustCompile(`check value ([0-9a-f]{64}):`).FindStringSubmatch(said)
	if value == nil {
		t.Fatalf("the backup says %q", said)
	}
	restore := func(what string, status int, says string, args ...string) {
		t.Helper()
		if err := os.RemoveAll(config.Data); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := call(t, "", append([]string{"restore", "--from", taken, "--config", file}, args...)...)
		if code != status || !strings.Contains(stdout+stderr, says) {
			t.Errorf("%s: exit %d, said %q; want %d and %q", what, code, stdout+stderr, status, says)
		}
		if _, err := os.Stat(filepath.Join(config.Data, "backoffice.db")); (err == nil) != (status == 0) {
			t.Errorf("%s: an office is there: %v", what, err)
		}
	}
	restore("as it was", 0, "check value "+value[1], "--expect", value[1])
	restore("written in another way", 0, "0 check-ins were restored", "--expect", strings.ToUpper(value[1][:2]+":"+value[1][2:]))
	restore("another one", 1, "not the backup with that check value", "--expect", strings.Repeat("0", 64))
	restore("half a value", 2, "64 hexadecimal digits", "--expect", value[1][:32])

	manifest, office := filepath.Join(taken, "manifest.json"), filepath.Join(taken, "office.toml")
	text, err := os.ReadFile(office)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(strings.Replace(string(text), "brandt", "BRANDT", 1))
	before, after := sha256.Sum256(text), sha256.Sum256(changed)
	relisted := strings.Replace(string(listed), hex.EncodeToString(before[:]), hex.EncodeToString(after[:]), 1)
	if err := errors.Join(os.WriteFile(office, changed, 0o600), os.WriteFile(manifest, []byte(relisted), 0o600)); err != nil {
		t.Fatal(err)
	}
	restore("changed, with its manifest", 1, "changed since", "--expect", value[1])

	future := regexp.MustCompile(`"made_at":"\d{4}`).ReplaceAllString(relisted, `"made_at":"2999`)
	if err := os.WriteFile(manifest, []byte(future), 0o600); err != nil {
		t.Fatal(err)
	}
	restore("from the future", 0, "timedatectl")
}
