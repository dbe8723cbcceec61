package imager

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// ClassFolder is where Linux shows its LEDs (Documentation/ABI/testing/sysfs-class-led).
const ClassFolder = "/sys/class/leds"

const (
	saysLamp   devices.Key = "imager.lamp"        // detail; a lamp is not there
	checkLamps devices.Key = "remedy.check_lamps" // their cable, and their names
)

// LEDs are lamps that the Linux LED class drives. They are files: only the folder and the names are kept.
type LEDs struct {
	folder string
	names  map[devices.Light]string
}

// NewLEDs gives the lamps below folder, [ClassFolder] as a rule, by the light that each makes.
func NewLEDs(folder string, names map[devices.Light]string) *LEDs {
	return &LEDs{folder: folder, names: names}
}

// Switch implements [Lamps]. The full power is the lamp's max_brightness.
func (l *LEDs) Switch(_ context.Context, light devices.Light, percent int) error {
	name, ok := l.names[light]
	if !ok {
		return fmt.Errorf("%w: %s: %w", ErrNoLamp, light, devices.ErrNotConfigured)
	}
	folder := filepath.Join(l.folder, name)
	brightness := 0
	if percent > 0 {
		most, err := maxBrightness(folder)
		if err != nil {
			return fmt.Errorf("%s lamp: %w", light, err)
		}
		brightness = max(1, most*percent/100)
	}
	if err := write(filepath.Join(folder, "brightness"), strconv.Itoa(brightness)+"\n"); err != nil {
		return fmt.Errorf("%s lamp: %w", light, err)
	}
	return nil
}

// Health implements [Lamps]: every lamp that is configured has its files.
func (l *LEDs) Health(context.Context) devices.Health {
	if err := l.check(); err != nil {
		return devices.Health{State: devices.StateHWError, Reason: devices.Say(saysLamp).With(devices.Detail, err.Error()), Remedy: devices.Say(checkLamps)}
	}
	return devices.Health{State: devices.StateOnline}
}

// Close implements [Lamps]. There is nothing to let go of, and whoever used a lamp has put it out.
func (l *LEDs) Close() error { return nil }

func (l *LEDs) check() error {
	for light, name := range l.names {
		folder := filepath.Join(l.folder, name)
		if _, err := maxBrightness(folder); err != nil {
			return fmt.Errorf("%s lamp: %w", light, err)
		}
		if _, err := os.Stat(filepath.Join(folder, "brightness")); err != nil {
			return fmt.Errorf("%s lamp: %w", light, missing(err))
		}
	}
	return nil
}

func maxBrightness(folder string) (int, error) {
	text, err := os.ReadFile(filepath.Join(folder, "max_brightness"))
	if err != nil {
		return 0, missing(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%w: max_brightness is not a positive number", devices.ErrProtocol)
	}
	return n, nil
}

// write writes to a file that is there: one that is missing is a lamp that is missing, not a file to make.
func write(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return missing(err)
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrNoLamp, err)
	}
	return err
}
