package hardware_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

func TestADocumentIsReadByWhicheverReaderTheStationHas(t *testing.T) {
	maker, err := specimen.NewMaker(1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	document, err := maker.Make(maker.People()[0], specimen.Genuine)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"access-is", "elyctis", "hidpos", "serial"} {
		t.Run(name, func(t *testing.T) {
			w, err := world.New(t.Context(), t.TempDir(), pcsc.Options{Socket: pcscd()}, name)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			for _, variable := range w.Env() {
				if name, value, _ := strings.Cut(variable, "="); name != "LD_PRELOAD" {
					t.Setenv(name, value)
				}
			}
			station := struct{ Devices config.Devices }{config.Default().Devices}
			if _, err := toml.Decode(w.Settings(), &station); err != nil {
				t.Fatal(err)
			}
			reader, err := hardware.New(station.Devices).MRZReader(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			if err := w.Enter(document); err != nil {
				t.Fatal(err)
			}
			laid := make(chan error, 1)
			go func() { laid <- w.LayDown(t.Context()) }()
			lines, err := reader.ReadMRZ(t.Context())
			if err != nil || !cmp.Equal(lines, document.MRZ) {
				t.Errorf("read %q, %v", lines, err)
			}
			if err := <-laid; err != nil {
				t.Error(err)
			}
		})
	}
}

// TestADriverThatNothingOpensIsNotAnotherOne has a reader that is configured, and forgotten here, missed by its name.
func TestADriverThatNothingOpensIsNotAnotherOne(t *testing.T) {
	settings := config.Default().Devices
	settings.MRZReader.Driver = "acme"
	if _, err := hardware.New(settings).MRZReader(t.Context()); !errors.Is(err, devices.ErrNotConfigured) {
		t.Errorf("%v", err)
	}
}
