package world

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emulate/idbox"
	"github.com/foyer-station/foyer/emulate/lines"
	"github.com/foyer-station/foyer/emulate/usb"
)

// eye is whatever reads the machine-readable zone of a document.
type eye interface {
	// Ready waits until a driver waits for a document.
	Ready(ctx context.Context) error
	see(lines []string)
	Close() error
}

// usual is the document reader of a station that names no other.
const usual = "access-is"

// readers makes each document reader that there is, by the names that Others gives. One on the bus is plugged in by it.
func readers() map[string]func(*World) (eye, string, error) {
	return map[string]func(*World) (eye, string, error){
		usual: func(w *World) (eye, string, error) {
			w.Reader = usb.NewReader("OCR-1")
			return swiped{w.Reader}, settingsOf("access-is", ""), w.Bus.Plug(ReaderPort, w.Reader.Device)
		},
		"elyctis": func(*World) (eye, string, error) {
			reader, err := idbox.New("ID-1")
			if err != nil {
				return nil, "", err
			}
			return slotted{reader}, settingsOf("elyctis", reader.Line().Path()), nil
		},
		"hidpos": func(w *World) (eye, string, error) {
			scanner := usb.NewScanner("SCAN-1")
			return scanned{scanner}, settingsOf("hid-pos", ""), w.Bus.Plug(ReaderPort, scanner.Device)
		},
		"serial": func(*World) (eye, string, error) {
			reader, err := lines.New(true)
			if err != nil {
				return nil, "", err
			}
			return shown{reader}, settingsOf("serial", reader.Line().Path()) + "trigger = \"newland\"\n", nil
		},
	}
}

// Others are the names of devices that can stand in the place of the usual ones.
func Others() []string { return slices.Sorted(maps.Keys(readers())) }

// Rounds sorts devices by the stations that can have them: a station has one document reader, so that several are as many stations. The
// error names a device that there is not.
func Rounds(names []string) ([][]string, error) {
	var each [][]string
	known := readers()
	for _, name := range names {
		if known[name] == nil {
			return nil, fmt.Errorf("no device %q: there are %s", name, strings.Join(Others(), ", "))
		}
		each = append(each, []string{name})
	}
	if each == nil {
		each = [][]string{nil}
	}
	return each, nil
}

// settingsOf is what a station's configuration says of its document reader.
func settingsOf(driver, path string) string {
	s := fmt.Sprintf("[devices.document_reader]\ndriver = %q\n", driver)
	if path != "" {
		s += fmt.Sprintf("path = %q\n", path)
	}
	return s
}

// Settings is the part of a station's configuration that says which document reader this world has.
func (w *World) Settings() string { return w.settings }

// plugReader plugs in the document reader that is named, or the usual one.
func (w *World) plugReader(names []string) (err error) {
	name := usual
	if len(names) > 0 {
		name = names[0]
	}
	known := readers()
	if known[name] == nil || len(names) > 1 {
		return fmt.Errorf("no such document reader: %q", names)
	}
	w.eye, w.settings, err = known[name](w)
	return err
}

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
func (swiped) Close() error  { return nil }
func (scanned) Close() error { return nil }
