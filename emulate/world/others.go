package world

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emulate/idbox"
	"github.com/foyer-station/foyer/emulate/lines"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
)

// eye is whatever reads the machine-readable zone of a document.
type eye interface {
	// Ready waits until a driver waits for a document.
	Ready(ctx context.Context) error
	see(lines []string)
	Close() error
}

// hand is whatever a visitor signs on.
type hand interface {
	// Ready waits until a driver waits for a signature.
	Ready(ctx context.Context) error
	Sign(ctx context.Context, strokes [][]stu.Point) error
	Close() error
}

// What a station has that names no other.
const (
	usual    = "access-is"
	usualPad = "stu530"
)

// other is a device that can stand in the place of the usual one.
type other struct {
	reads bool // it is a document reader, of which a station has one; else it is a signature pad
	// plug plugs it in, and gives what a station's configuration says of it.
	plug func(*World) (settings string, err error)
}

// others are all devices that a station can have, by the names that Others gives.
func others() map[string]other {
	return map[string]other{
		usualPad: {false, func(w *World) (string, error) {
			w.Pad = usb.NewPad("PAD-1")
			w.hand = padOnBus{w.Pad}
			return "", w.Bus.Plug(PadPort, w.Pad.Device)
		}},
		"stu430v": {false, func(w *World) (string, error) {
			pad, err := stu.NewLine(stu.STU430V(), "PAD-1")
			if err != nil {
				return "", err
			}
			w.hand = pad
			return fmt.Sprintf("[devices.signature_pad]\ndriver = \"stu-serial\"\npath = %q\n", pad.Path()), nil
		}},
		"touchscreen": {false, func(w *World) (string, error) {
			w.hand = onScreen{}
			return "[devices.signature_pad]\ndriver = \"touchscreen\"\n", nil
		}},
		usual: {true, func(w *World) (string, error) {
			w.Reader = usb.NewReader("OCR-1")
			w.eye = swiped{w.Reader}
			return settingsOf("access-is", ""), w.Bus.Plug(ReaderPort, w.Reader.Device)
		}},
		"elyctis": {true, func(w *World) (string, error) {
			reader, err := idbox.New("ID-1")
			if err != nil {
				return "", err
			}
			w.eye = slotted{reader}
			return settingsOf("elyctis", reader.Line().Path()), nil
		}},
		"hidpos": {true, func(w *World) (string, error) {
			scanner := usb.NewScanner("SCAN-1")
			w.eye = scanned{scanner}
			return settingsOf("hid-pos", ""), w.Bus.Plug(ReaderPort, scanner.Device)
		}},
		"serial": {true, func(w *World) (string, error) {
			reader, err := lines.New(true)
			if err != nil {
				return "", err
			}
			w.eye = shown{reader}
			return settingsOf("serial", reader.Line().Path()) + "trigger = \"newland\"\n", nil
		}},
	}
}

// Others are the names of devices that can stand in the place of the usual ones.
func Others() []string { return slices.Sorted(maps.Keys(others())) }

// Rounds sorts devices by the stations that can have them: a station has one document reader, so that several are as many stations, each
// with all the other devices. The reader comes first. The error names a device that there is not.
func Rounds(names []string) ([][]string, error) {
	var readers, rest []string
	known := others()
	for _, name := range names {
		switch device, ok := known[name]; {
		case !ok:
			return nil, fmt.Errorf("no device %q: there are %s", name, strings.Join(Others(), ", "))
		case device.reads:
			readers = append(readers, name)
		default:
			rest = append(rest, name)
		}
	}
	if len(rest) > 1 {
		return nil, fmt.Errorf("a station has one signature pad, and not %s", strings.Join(rest, ", "))
	}
	if readers == nil {
		return [][]string{rest}, nil
	}
	var rounds [][]string
	for _, reader := range readers {
		rounds = append(rounds, append([]string{reader}, rest...))
	}
	return rounds, nil
}

// settingsOf is what a station's configuration says of its document reader.
func settingsOf(driver, path string) string {
	s := fmt.Sprintf("[devices.document_reader]\ndriver = %q\n", driver)
	if path != "" {
		s += fmt.Sprintf("path = %q\n", path)
	}
	return s
}

// Settings is the part of a station's configuration that says which of the Others this world has.
func (w *World) Settings() string { return w.settings }

// plugOthers plugs in the devices that are named, and the usual ones where none of a kind is.
func (w *World) plugOthers(names []string) error {
	known := others()
	for name, reads := range map[string]bool{usual: true, usualPad: false} {
		if !slices.ContainsFunc(names, func(name string) bool { return known[name].reads == reads }) {
			names = append([]string{name}, names...)
		}
	}
	for _, name := range names {
		device, ok := known[name]
		if !ok || device.reads && w.eye != nil || !device.reads && w.hand != nil {
			return fmt.Errorf("no room for the device %q", name)
		}
		settings, err := device.plug(w)
		if err != nil {
			return fmt.Errorf("plug %s in: %w", name, err)
		}
		w.settings += settings
	}
	return nil
}

// padOnBus is a pad as a hand: the bus is closed for all that are on it.
type padOnBus struct{ *usb.Pad }

// Close implements hand.
func (padOnBus) Close() error { return nil }

// onScreen is a hand that holds no pen: visitors sign with the finger that touches the screen, which is not this world's.
type onScreen struct{}

// Ready implements hand.
func (onScreen) Ready(context.Context) error { return nil }

// Sign implements hand.
func (onScreen) Sign(context.Context, [][]stu.Point) error { return nil }

// Close implements hand.
func (onScreen) Close() error { return nil }

// The readers as eyes.
type (
	swiped  struct{ *usb.Reader }
	scanned struct{ *usb.Scanner }
	slotted struct{ *idbox.Reader }
	shown   struct{ *lines.Reader }
)

func (r swiped) see(lines []string)  { r.Swipe(lines...) }
func (r scanned) see(lines []string) { r.Show(lines...) }
func (r slotted) see(lines []string) { r.LayDown(lines...) }
func (r shown) see(lines []string)   { r.Show(lines...) }

// Close implements eye: the bus is closed for all that are on it.
func (swiped) Close() error { return nil }

// Close implements eye, as swiped does.
func (scanned) Close() error { return nil }
