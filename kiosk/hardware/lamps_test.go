package hardware_test

import (
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

// TestALampBoardLightsThePageThatAStationSees: camera, OpenCV, libusb or terminal, and the board's protocol are the real ones.
func TestALampBoardLightsThePageThatAStationSees(t *testing.T) {
	for _, where := range []string{world.LampsOnUSB, world.LampsOnLine} {
		t.Run(where, func(t *testing.T) {
			l := &lobby{b: t}
			l.enter()
			line, err := l.world.FitLampBoard(where)
			l.must(err)
			c := l.devices()
			c.PageImager.Lamps, c.PageImager.LampLine = where, line
			l.must(c.PageImager.LampUSB.UnmarshalText([]byte("1209:0001")))
			m, err := hardware.New(c).PageImager(t.Context())
			l.must(err)
			defer m.Close()
			sensor := m.(devices.PresenceSensor)
			wantPresence(t, sensor, devices.Absent)
			l.must(l.world.PutOnGlass(t.Context()))
			wantPresence(t, sensor, devices.Resting)
			seen := map[color.RGBA]bool{}
			for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
				picture, _, err := m.Page(t.Context(), light)
				l.must(err)
				seen[picture.RGBAAt(700, 500)] = true
				if power := l.world.Lamps.Power(light); power != 0 {
					t.Errorf("after its picture %s is at %d", light, power)
				}
			}
			if len(seen) != 3 {
				t.Errorf("the page looks the same in several lights: %v", seen)
			}
			l.world.Lamps.BurnOut(devices.LightUltraviolet, true)
			if _, _, err := m.Page(t.Context(), devices.LightUltraviolet); !errors.Is(err, devices.ErrNoLight) {
				t.Errorf("by a lamp that is burnt out: %v", err)
			}
			if h := m.Health(t.Context()); h.State != devices.StateHWError || !h.Remedy.Is(devices.LookAtLamps) {
				t.Errorf("with a lamp that is burnt out: %+v", h)
			}
			l.world.TakeAway()
			wantPresence(t, sensor, devices.Absent)
		})
	}
}

func wantPresence(t *testing.T, s devices.PresenceSensor, want devices.Presence) {
	t.Helper()
	got, err := s.Presence(t.Context())
	for end := time.Now().Add(20 * time.Second); err == nil && got == devices.Moving && time.Now().Before(end); { // it was just laid down, or taken
		got, err = s.Presence(t.Context())
	}
	if got != want || err != nil {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

// TestAStationWhoseLampBoardComesBackHasItsImagerAgain: board and camera are one device to it.
func TestAStationWhoseLampBoardComesBackHasItsImagerAgain(t *testing.T) {
	l := &lobby{b: t}
	l.enter()
	_, err := l.world.FitLampBoard(world.LampsOnUSB)
	l.must(err)
	c := l.devices()
	c.PageImager.Lamps = config.LampHID
	l.must(c.PageImager.LampUSB.UnmarshalText([]byte("1209:0001")))
	place := devices.NewSlot(devices.KindPageImager, hardware.New(c).PageImager, 50*time.Millisecond, nil)
	l.run(place.Run)
	there := func(want bool) func() bool {
		return func() bool { _, err := place.Get(); return (err == nil) == want }
	}
	l.until("the imager is there", there(true))
	l.world.Bus.Unplug(world.LampPort)
	l.until("it is gone with its lamps", there(false))
	if h := place.Health(t.Context()); h.State != devices.StateNoDevice || h.Remedy.IsZero() {
		t.Errorf("without its lamps: %+v", h)
	}
	_, err = l.world.FitLampBoard(world.LampsOnUSB)
	l.must(err)
	l.until("it is there again", there(true))
}

// Ultraviolet is not for looking into, and a station that was killed in the middle of a picture leaves it burning.
func TestALampThatWasLeftBurningGoesOutWithoutACamera(t *testing.T) {
	l := &lobby{b: t}
	l.enter()
	leds := l.world.LEDs()
	for _, name := range []string{leds.Visible, leds.Infrared, leds.Ultraviolet} {
		l.must(os.WriteFile(filepath.Join(leds.Folder, name, "brightness"), []byte("200\n"), 0o644))
	}
	l.world.Glass.Unplug()
	if _, err := hardware.New(l.devices()).PageImager(t.Context()); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("opened without a camera: %v", err)
	}
	for _, name := range []string{leds.Visible, leds.Infrared, leds.Ultraviolet} {
		if power, err := os.ReadFile(filepath.Join(leds.Folder, name, "brightness")); err != nil || strings.TrimSpace(string(power)) != "0" {
			t.Errorf("%s is at %q, %v", name, power, err)
		}
	}
}
