package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/demo"
)

func TestADisplayIsAddedListedAndRemoved(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := demo.Prepare(t.Context(), dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "backoffice.toml")
	display := func(want int, says string, args ...string) string {
		t.Helper()
		code, stdout, stderr := call(t, "", append(append([]string{"display"}, args...), "--config", config)...)
		if code != want || !strings.Contains(stdout+stderr, says) {
			t.Errorf("%v: exit %d, said %q; want %d and %q", args, code, stdout+stderr, want, says)
		}
		return stdout
	}
	said := display(0, "code", "add", "lobby")
	code := strings.Fields(said)[1]
	if !strings.Contains(said, "/pair#"+code) || len(code) != 19 {
		t.Errorf("it said %q", said)
	}
	display(0, "code", "add", "first-floor", "--rooms", "204,207")
	display(2, "no room", "add", "cellar", "--rooms", "204,13")
	display(2, "name", "add", "First Floor")
	list := display(0, "waits for its code", "list")
	if !strings.Contains(list, "rooms 204, 207") || strings.Contains(list, code) {
		t.Errorf("the list is %q", list)
	}
	display(0, "no display any more", "remove", "lobby")
	display(2, "no display", "remove", "lobby")
}
