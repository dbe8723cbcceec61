package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/kiosk/config"
)

func TestAKioskDoesNotStartWithAPolicyInWhichACheckIsMisspelt(t *testing.T) {
	shipped, err := os.ReadFile("../../verify/policy.toml")
	if err != nil {
		t.Fatal(err)
	}
	settings := config.Default()
	settings.StateDir = t.TempDir()
	settings.Verify.Policy = filepath.Join(t.TempDir(), "office.toml")
	misspelt := strings.Replace(string(shipped), `"chip.pa.chain"`, `"chip.pa.chian"`, 1)
	if err := os.WriteFile(settings.Verify.Policy, []byte(misspelt), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	status := command.Run("kiosk", &struct{}{}, nil, &said, &said, func(*kong.Context) error {
		_, err := open(t.Context(), settings, slog.New(slog.DiscardHandler))
		return err
	})
	for _, want := range []string{
		"policy " + settings.Verify.Policy, `: check "chip.pa.chian" is none that Foyer makes`,
		`check "chip.pa.chain" is missing`, "try: doccheck policy explain " + settings.Verify.Policy,
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in %s", want, &said)
		}
	}
	if status != command.StatusFailed {
		t.Errorf("ended with %d", status)
	}
}
