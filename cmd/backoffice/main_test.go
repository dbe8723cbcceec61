package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &err)
	return code, out.String(), err.String()
}

func TestExitStatusesSayWhoseFaultItIs(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.toml")
	if err := os.WriteFile(broken, []byte("office = 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want int
		says string
	}{
		{[]string{"--help"}, 0, "serve"},
		{[]string{"serve"}, 2, "--config"},
		{[]string{"serve", "--config", broken}, 2, "configuration"},
		{[]string{"dance"}, 2, "dance"},
		{[]string{"rules", "replay", "2026-03-02"}, 2, "--config"},
		{[]string{"audit", "verify"}, 2, "--config"},
		{[]string{"demo", "--dir", filepath.Join(broken, "x")}, 3, "demo folder"},
	} {
		code, stdout, stderr := call(t, "", c.args...)
		if code != c.want || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit %d, said %q; want %d and %q", c.args, code, stdout+stderr, c.want, c.says)
		}
	}
}

// listener waits until the command has said where the console is.
type listener struct {
	mu    sync.Mutex
	text  bytes.Buffer
	ready func()
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if bytes.Contains(l.text.Bytes(), []byte("console   http")) {
		l.ready()
	}
	return len(p), nil
}

func TestADemonstrationSaysWhereItIsAndEndsCleanly(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &listener{ready: stop}
	var errors bytes.Buffer
	code := run(ctx, []string{"demo", "--dir", dir, "--grpc", "127.0.0.1:0", "--console", "127.0.0.1:0"}, nil, out, &errors)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errors.String())
	}
	text, err := os.ReadFile(filepath.Join(dir, "addresses.json"))
	if err != nil {
		t.Fatal(err)
	}
	var addresses struct{ GRPC, Console string }
	if err := json.Unmarshal(text, &addresses); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.text.String(), addresses.GRPC) || !strings.Contains(out.text.String(), addresses.Console) {
		t.Errorf("said %s but wrote %s", out.text.String(), text)
	}

	config := filepath.Join(dir, "backoffice.toml")
	for _, c := range []struct {
		name, password string
		want           int
	}{
		{"brandt", "a long enough password\n", 0}, {"brandt", "short\n", 2}, {"nobody", "a long enough password\n", 2},
	} {
		if code, _, stderr := call(t, c.password, "user", "add", c.name, "--password-stdin", "--config", config); code != c.want {
			t.Errorf("user add %s: exit %d: %s", c.name, code, stderr)
		}
	}
	if code, _, stderr := call(t, "", "migrate", "--config", config); code != 0 {
		t.Errorf("migrate: exit %d: %s", code, stderr)
	}
}
