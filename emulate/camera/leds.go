package camera

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// Lighting is what makes a page shine: lamps that somebody switches.
type Lighting interface {
	// Power is how far a lamp is lit, in hundredths.
	Power(light devices.Light) int
}

// Lamps are the names of the emulated lamps, as folders of the LED class.
func Lamps() map[devices.Light]string {
	return map[devices.Light]string{
		devices.LightVisible:     "page:white:light",
		devices.LightInfrared:    "page:infrared:light",
		devices.LightUltraviolet: "page:ultraviolet:light",
	}
}

// LEDs are lamps as Linux shows them: folders with files in them.
type LEDs struct{ folder string }

// NewLEDs makes lamps, dark, as folders below one that exists.
func NewLEDs(folder string) (LEDs, error) {
	for _, name := range Lamps() {
		if err := makeLamp(filepath.Join(folder, name)); err != nil {
			return LEDs{}, err
		}
	}
	return LEDs{folder}, nil
}

// full is the most that a lamp can be lit.
const full = 255

// makeLamp makes a folder like those in /sys/class/leds.
func makeLamp(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make lamp: %w", err)
	}
	for name, value := range map[string]string{"max_brightness": strconv.Itoa(full) + "\n", "brightness": "0\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(value), 0o644); err != nil {
			return fmt.Errorf("make lamp: %w", err)
		}
	}
	return nil
}

// Power implements [Lighting]. An empty file is one that is just being written, and its lamp not lit yet; one that is not there is
// that of a lamp that was taken away.
func (l LEDs) Power(light devices.Light) int {
	text, err := os.ReadFile(filepath.Join(l.folder, Lamps()[light], "brightness"))
	if err != nil {
		return 0
	}
	brightness, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return (100*max(0, min(brightness, full)) + full - 1) / full
}
