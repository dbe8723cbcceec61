package imager_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

// led makes an LED class folder with one lamp.
func led(t *testing.T, brightness, maxBrightness string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "white"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"brightness": brightness, "max_brightness": maxBrightness} {
		if err := os.WriteFile(filepath.Join(folder, "white", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestALampBurnsAtAPartOfItsOwnMaximum(t *testing.T) {
	folder := led(t, "0\n", "12\n")
	lamps := imager.NewLEDs(folder, map[devices.Light]string{devices.LightVisible: "white"})
	for _, step := range []struct {
		percent int
		want    string
	}{{100, "12\n"}, {25, "3\n"}, {1, "1\n"}, {0, "0\n"}} {
		if err := lamps.Switch(t.Context(), devices.LightVisible, step.percent); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(folder, "white", "brightness"))
		if err != nil || string(got) != step.want {
			t.Errorf("at %d %% it is at %q (%v), want %q", step.percent, got, err, step.want)
		}
	}
}

func TestALampThatIsNotThereIsNeverMade(t *testing.T) {
	folder := led(t, "0\n", "12\n")
	gone := filepath.Join(folder, "white", "brightness")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	lamps := imager.NewLEDs(folder, map[devices.Light]string{devices.LightVisible: "white", devices.LightInfrared: "elsewhere"})
	for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
		for _, percent := range []int{100, 0} {
			if err := lamps.Switch(t.Context(), light, percent); !errors.Is(err, imager.ErrNoLamp) {
				t.Errorf("%s switched to %d %%: %v", light, percent, err)
			}
		}
	}
	if h := lamps.Health(t.Context()); h.State != devices.StateHWError || h.Remedy.IsZero() {
		t.Errorf("health is %+v", h)
	}
	if _, err := os.Stat(gone); err == nil {
		t.Error("it made a file")
	}
}

func TestALampThatTalksNonsenseIsAProtocolError(t *testing.T) {
	for _, text := range []string{"", "bright\n", "-1\n", "0\n"} {
		lamps := imager.NewLEDs(led(t, "0\n", text), map[devices.Light]string{devices.LightVisible: "white"})
		if err := lamps.Switch(t.Context(), devices.LightVisible, 100); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("max_brightness %q: %v", text, err)
		}
		if h := lamps.Health(t.Context()); h.State != devices.StateHWError {
			t.Errorf("max_brightness %q: %+v", text, h)
		}
	}
}
