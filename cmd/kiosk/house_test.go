package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/lastseen"
	"github.com/foyer-station/foyer/ui/lang"
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

func TestTheLogSaysWhichDeviceWentAndWhosePortCouldNotBeSwitched(t *testing.T) {
	var said bytes.Buffer
	h := house{log: slog.New(slog.NewTextHandler(&said, nil)), events: make(chan devices.Event, 2), seen: lastseen.Open(filepath.Join(t.TempDir(), "seen.json"))}
	h.events <- devices.Event{Kind: devices.KindCamera}
	h.events <- devices.Event{Kind: devices.KindSignaturePad, Uncycled: errors.New("power of usb 1-2: permission denied")}
	close(h.events)
	if err := h.tell(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`level=WARN msg="a device went" device=camera`,
		`level=WARN msg="the power of an ill device's port was not switched" device=signature_pad err="power of usb 1-2: permission denied"`,
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%s is missing in:\n%s", want, said.String())
		}
	}
	if n := strings.Count(said.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, said.String())
	}
}

func TestTheLanguagesThatAStationCanBeConfiguredToOfferAreThoseOfItsScreens(t *testing.T) {
	catalogues, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../ui/lang/*.toml")
	if err != nil || len(files) != len(config.Spoken()) {
		t.Errorf("%d catalogues, %v; a station may offer %v", len(files), err, config.Spoken())
	}
	for _, tag := range config.Spoken() {
		if !catalogues.Speaks(tag) {
			t.Errorf("the screens have no words in %s", tag)
		}
	}
}

func TestASecondKioskOnTheSameStateFolderSaysThatAnotherRuns(t *testing.T) {
	settings := config.Default()
	settings.StateDir = t.TempDir()
	first, err := journal.Open(t.Context(), settings.Journal())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	var said bytes.Buffer
	status := command.Run("kiosk", &struct{}{}, nil, &said, &said, func(*kong.Context) error {
		_, err := open(t.Context(), settings, slog.New(slog.DiscardHandler))
		return err
	})
	if !strings.Contains(said.String(), "in use by another process") || !strings.Contains(said.String(), "another kiosk is running") || status != command.StatusFailed {
		t.Errorf("ended with %d: %s", status, &said)
	}
}
