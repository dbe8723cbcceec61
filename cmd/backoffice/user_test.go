package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/demo"
)

func TestAccountsAreKeptFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := demo.Prepare(t.Context(), dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "backoffice.toml")
	const secret = "a long enough password\n"
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"list", 0, "brandt"},
		{"add brandt --password-stdin", 0, "brandt can sign in"},
		{"add brandt --password-stdin --role admin", 2, "already"},
		{"add kim --password-stdin", 2, "no caseworker"},
		{"add kim --password-stdin --role admin,auditor", 0, "kim can sign in"},
		{"add Kim --password-stdin --role admin", 2, "sign-in name"},
		{"add desk --password-stdin --role counter", 2, "caseworkers"},
		{"add desk --password-stdin --role owner", 2, "no such role"},
		{"add desk --password-stdin --caseworker brandt", 2, "already"},
		{"list --json", 0, `{"caseworker":"","disabled":false,"name":"kim","roles":["admin","auditor"],"second_factor":false}`},
		{"role kim technician", 0, "technician"},
		{"role kim lead", 2, "caseworkers"},
		{"role kim", 2, "roles"},
		{"role nobody admin", 2, "no account"},
		{"disable kim", 0, "cannot sign in"},
		{"list --json", 0, `{"caseworker":"","disabled":true,"name":"kim","roles":["technician"],"second_factor":false}`},
		{"enable kim", 0, "can sign in"},
		{"reset-2fa kim", 0, "no second factor"},
		{"reset-2fa nobody", 2, "no account"},
		{"remove kim", 0, "removed"},
		{"remove kim", 2, "no account"},
	} {
		code, stdout, stderr := call(t, secret, append(append([]string{"user"}, strings.Fields(c.args)...), "--config", config)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) || strings.Contains(stdout+stderr, strings.TrimSpace(secret)) {
			t.Errorf("user %s: exit %d, said %q; want %d and %q", c.args, code, stdout+stderr, c.code, c.says)
		}
	}
}
