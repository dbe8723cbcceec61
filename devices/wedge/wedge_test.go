package wedge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/tty"
)

// specimen is the machine-readable zone of ICAO Doc 9303-4, appendix B.
var specimen = []string{
	"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
}

// use reads a document and wants it to be the specimen.
func use(ctx context.Context, device devices.Device) error {
	lines, err := device.(*Reader).ReadMRZ(ctx)
	if err == nil && !cmp.Equal(lines, specimen) {
		err = fmt.Errorf("read %q", lines)
	}
	return err
}

func TestTheReaderPassesTheDriverSuite(t *testing.T) {
	d := newDesk(t)
	line := func(f tty.Fault) func(keyboard) { return func(k keyboard) { k.line.Break(f) } }
	devicestest.Driver[keyboard]{
		Open: func(ctx context.Context) (devices.Device, error) {
			reader, err := Open(ctx, d.config())
			if err != nil {
				return nil, err // and no reader that is nil
			}
			return reader, nil
		},
		Plug: func(t *testing.T) keyboard { return d.plug(t, whole) },
		Use:  use,
		Faults: []devicestest.Fault[keyboard]{
			{Name: "endless nonsense", Break: line(tty.Endless), Want: devices.ErrProtocol, Seen: true},
			{Name: "nonsense before a key", Break: line(tty.Garbage), Want: devices.ErrProtocol},
			{Name: "a key in two parts", Break: line(tty.Split)},
		},
		Hold: func(_ *testing.T, k keyboard) func() {
			d.kernel.set(k.line.Path(), -1, false)
			return func() { d.kernel.set(k.line.Path(), 0, false) }
		},
		Forbid: func(t *testing.T, k keyboard) func() {
			if err := os.Chmod(k.line.Path(), 0); err != nil {
				t.Fatal(err)
			}
			return func() { os.Chmod(k.line.Path(), 0o600) }
		},
		Cycles: 50,
	}.Run(t)
}

// read opens a reader of that layout, and reads what is sent once it waits.
func read(t *testing.T, layout string, sent func(keyboard)) ([]string, error) {
	t.Helper()
	d := newDesk(t)
	k := d.plug(t, whole)
	t.Cleanup(k.Unplug)
	c := d.config()
	c.Layout = layout
	r, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := k.Ready(t.Context()); err == nil {
			sent(k)
		}
	}()
	lines, err := r.ReadMRZ(t.Context())
	<-done
	return lines, err
}

func TestADocumentIsReadInEachLayout(t *testing.T) {
	for _, layout := range Layouts() {
		for _, want := range [][]string{specimen, {"ABCDEFGHIJKLMNOPQRSTUVWXYZ<<<<", "0123456789<<<<<<<<<<<<<<<<<<<<"}} {
			lines, err := read(t, layout, func(k keyboard) { k.types(strokes(layout, strings.Join(want, "\r"))) })
			if err != nil || !cmp.Equal(lines, want) {
				t.Errorf("%s: %q, %v, want %q", layout, lines, err, want)
			}
		}
	}
}

func TestACharacterMayBeTypedByItsNumber(t *testing.T) {
	lines, err := read(t, "fr", func(k keyboard) {
		for _, c := range []byte("P<U") {
			k.line.Send(event(1, keyLeftAlt, 1))
			for _, digit := range fmt.Sprintf("0%d", c) {
				code := map[rune]uint16{'0': 82, '5': 76, '6': 77, '8': 72}[digit]
				k.line.Send(slices.Concat(event(1, code, 1), event(1, code, 0)))
			}
			k.line.Send(event(1, keyLeftAlt, 0))
		}
	})
	if err != nil || !cmp.Equal(lines, []string{"P<U"}) {
		t.Errorf("%q, %v", lines, err)
	}
}

func TestWhatIsNoDocumentIsToldRightly(t *testing.T) {
	key := stroke{code: 16}.events()
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"an event that cannot be":      {event(0x99, 1, 1), devices.ErrProtocol},
		"a key in a state that is not": {event(1, 16, 9), devices.ErrProtocol},
		"keys that the kernel lost":    {append(slices.Clone(key), event(0, 3, 0)...), devices.ErrProtocol},
		"four lines":                   {slices.Concat(key, stroke{code: 28}.events(), key, stroke{code: 28}.events(), key, stroke{code: 28}.events(), key), devices.ErrUnreadable},
	} {
		if lines, err := read(t, "us", func(k keyboard) { k.line.Send(c.sent) }); !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v, want %v", name, lines, err, c.want)
		}
	}
}

func TestALayoutThatLacksACharacterIsRefused(t *testing.T) {
	for layout, keys := range map[string]string{"de": american, "fr": american, "us": "1 10007 ffffffffff3fffff fff7fffffffffffe", "xx": whole} {
		d := newDesk(t)
		k := d.plug(t, keys)
		t.Cleanup(k.Unplug)
		c := d.config()
		c.Layout = layout
		if _, err := Open(t.Context(), c); !errors.Is(err, devices.ErrNotConfigured) || layout != "xx" && !strings.Contains(err.Error(), `"<"`) {
			t.Errorf("%s: %v, want ErrNotConfigured that names the character", layout, err)
		}
	}
}

func TestTheDeviceIsTakenWithNoKeyDownAndGivenBack(t *testing.T) {
	d := newDesk(t)
	k := d.plug(t, whole)
	t.Cleanup(k.Unplug)
	d.kernel.set(k.line.Path(), 0, true)
	if _, err := Open(t.Context(), d.config()); !errors.Is(err, devices.ErrTimeout) || d.kernel.isGrabbed(k.line.Path()) {
		t.Errorf("with a key down: %v, want ErrTimeout", err)
	}
	up := time.AfterFunc(50*time.Millisecond, func() { d.kernel.set(k.line.Path(), 0, false) })
	defer up.Stop()
	r, err := Open(t.Context(), d.config())
	if err != nil || !d.kernel.isGrabbed(k.line.Path()) {
		t.Fatalf("Open = %v", err)
	}
	if r.Close(); d.kernel.isGrabbed(k.line.Path()) {
		t.Error("it was not given back")
	}
}

func TestAReaderIsFoundByItsPathAndNeverByItsVolumeKeys(t *testing.T) {
	d := newDesk(t)
	t.Cleanup(d.plug(t, volume).Unplug)
	if _, err := Open(t.Context(), d.config()); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("volume keys alone: %v, want ErrNoDevice", err)
	}
	k := d.plug(t, whole)
	t.Cleanup(k.Unplug)
	c := d.config()
	c.Path, c.Vendor = k.node+"-by-id", 0
	if _, err := Open(t.Context(), c); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("a path that is not there: %v, want ErrNoDevice", err)
	}
	if err := os.Symlink(filepath.Base(k.node), c.Path); err != nil {
		t.Fatal(err)
	}
	r, err := Open(t.Context(), c)
	if err != nil || r.Info().Model != "Utopia Wedge" || r.Info().Path != "input "+c.Path {
		t.Fatalf("by its path: %v", err)
	}
	r.Close()
	c.Vendor, c.Path = 0, ""
	if _, err := Open(t.Context(), c); !errors.Is(err, devices.ErrNotConfigured) {
		t.Errorf("nothing configured: %v, want ErrNotConfigured", err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	d := newDesk(t)
	k := d.plug(t, whole)
	t.Cleanup(k.Unplug)
	r, err := Open(t.Context(), d.config())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if lines, err := r.ReadMRZ(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, devices.ErrTimeout) {
		t.Errorf("ReadMRZ = %q, %v, want the context's error", lines, err)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add(strokes("us", "P<")[0].events())
	f.Add(event(0, 3, 0))
	f.Fuzz(func(t *testing.T, stream []byte) {
		l, _ := layoutOf("de")
		d := newDecoder(l)
		for len(stream) > 0 {
			n := min(37, len(stream))
			if err := d.add(stream[:n]); err != nil {
				return
			}
			stream = stream[n:]
			if len(d.text) > maxText || len(d.rest) >= eventSize || len(d.held) > 16 {
				t.Fatalf("%d characters, %d bytes, %d keys kept", len(d.text), len(d.rest), len(d.held))
			}
		}
	})
}
