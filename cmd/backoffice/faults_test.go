package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
)

func TestAnOfficeThatCannotStartSaysWhatToDoAndNotWhatItsOptionsAre(t *testing.T) {
	folder := func(path string) error {
		return errors.Join(os.RemoveAll(path), os.MkdirAll(filepath.Join(path, "x"), 0o700))
	}
	for name, c := range map[string]struct {
		spoil func(backoffice.Config) error
		says  string
	}{
		"a folder for the file of the leases": {func(c backoffice.Config) error { return folder(c.Keys + ".leases") }, "move it away"},
		"a folder for the database":           {func(c backoffice.Config) error { return folder(filepath.Join(c.Data, "backoffice.db")) }, "operations.md"},
		"a folder for the ballast":            {func(c backoffice.Config) error { return folder(filepath.Join(c.Data, "ballast")) }, "move it away"},
		"no office file":                      {func(c backoffice.Config) error { return os.Remove(c.Office) }, "put the file there"},
		"an office file that is none":         {func(c backoffice.Config) error { return os.WriteFile(c.Office, []byte("id = 1"), 0o600) }, "operations.md"},
		"a key that is none":                  {func(c backoffice.Config) error { return os.WriteFile(c.Identity, []byte("?"), 0o600) }, "operations.md"},
		"no certificate":                      {func(c backoffice.Config) error { return os.Remove(c.Stations.Certificate) }, "put the file there"},
		"a restore that broke off": {func(c backoffice.Config) error {
			return errors.Join(os.RemoveAll(c.Data), folder(filepath.Join(c.Data, backoffice.RestoreStage)))
		}, "restore --from"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			config, _, err := demo.Prepare(t.Context(), dir, time.Now())
			if err == nil {
				err = c.spoil(config)
			}
			if err != nil {
				t.Fatal(err)
			}
			code, _, stderr := call(t, "", "serve", "--config", filepath.Join(dir, "backoffice.toml"))
			if code != 3 || !strings.Contains(stderr, c.says) || strings.Contains(stderr, "--help") {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
}
