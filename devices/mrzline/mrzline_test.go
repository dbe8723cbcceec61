package mrzline_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/mrzline"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/emulate/lines"
	"github.com/foyer-station/foyer/emulate/tty"
)

// specimen is the machine-readable zone of ICAO Doc 9303-4, appendix B.
var specimen = []string{
	"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
}

// unit is a reader whose line has a name.
type unit struct {
	*lines.Reader
	name string
}

func (u unit) Act(context.Context) error {
	if !u.Show(specimen...) {
		return errors.New("the reader is not triggered")
	}
	return nil
}

func (u unit) Heal() { u.Line().Break(tty.Healthy) }

func (u unit) Unplug() {
	os.Remove(u.name)
	u.Close()
}

// pause is short, for the tests' sake, and longer than the emulated line's faults take.
const pause = 200 * time.Millisecond

// bench is names for two readers' lines.
type bench struct {
	names   []string
	trigger mrzline.Trigger
}

func newBench(t *testing.T, trigger mrzline.Trigger) bench {
	dir := t.TempDir()
	return bench{[]string{filepath.Join(dir, "first"), filepath.Join(dir, "second")}, trigger}
}

func (b bench) plug(t *testing.T) unit {
	t.Helper()
	reader, err := lines.New(b.trigger == mrzline.Newland)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range b.names {
		if err := os.Symlink(reader.Line().Path(), name); err == nil {
			return unit{reader, name}
		}
	}
	t.Fatal("no free name")
	return unit{}
}

// open opens the first that is free.
func (b bench) open(ctx context.Context) (devices.Device, error) {
	var failure error
	for _, name := range b.names {
		reader, err := mrzline.Open(ctx, mrzline.Config{Path: name, Pause: pause, Trigger: b.trigger})
		if err == nil {
			return reader, nil
		}
		if failure == nil || errors.Is(failure, devices.ErrNoDevice) {
			failure = err
		}
	}
	return nil, failure
}

// use reads a document and wants it to be the specimen.
func use(ctx context.Context, device devices.Device) error {
	lines, err := device.(*mrzline.Reader).ReadMRZ(ctx)
	if err == nil && !cmp.Equal(lines, specimen) {
		err = fmt.Errorf("read %q", lines)
	}
	return err
}

func TestReadersPassTheDriverSuite(t *testing.T) {
	line := func(f tty.Fault) func(unit) { return func(u unit) { u.Line().Break(f) } }
	everywhere := []devicestest.Fault[unit]{
		{Name: "endless nonsense", Break: line(tty.Endless), Want: devices.ErrProtocol, Seen: true},
		{Name: "garbage before a document", Break: line(tty.Garbage)},
		{Name: "a document in two parts", Break: line(tty.Split)},
		{Name: "slow", Break: line(tty.Slow)},
	}
	for name, kind := range map[string]struct {
		trigger mrzline.Trigger
		faults  []devicestest.Fault[unit]
	}{
		"without a trigger": {mrzline.Untriggered, append(everywhere[:len(everywhere):len(everywhere)], devicestest.Fault[unit]{
			Name: "a document twice at once", Break: line(tty.Double), Want: devices.ErrUnreadable,
		})},
		"triggered": {mrzline.Newland, append(everywhere,
			devicestest.Fault[unit]{Name: "silent", Break: line(tty.Silence), Want: devices.ErrTimeout, Seen: true},
			devicestest.Fault[unit]{Name: "an answer that breaks off", Break: line(tty.Short), Want: devices.ErrTimeout},
		)},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, kind.trigger)
			devicestest.Driver[unit]{
				Open:   b.open,
				Plug:   b.plug,
				Use:    use,
				Faults: kind.faults,
				Hold: func(t *testing.T, u unit) func() {
					line, err := serial.Open(u.Line().Path(), 0)
					if err != nil {
						t.Fatal(err)
					}
					return func() { line.Close() }
				},
				Forbid: func(t *testing.T, u unit) func() {
					if err := os.Chmod(u.Line().Path(), 0); err != nil {
						t.Fatal(err)
					}
					return func() { os.Chmod(u.Line().Path(), 0o600) }
				},
				Cycles: 50,
			}.Run(t)
		})
	}
}

func TestDocumentsAreTakenHoweverTheyAreFramed(t *testing.T) {
	for name, c := range map[string]struct {
		sent string
		want []string
		err  error
	}{
		"carriage returns":         {strings.Join(specimen, "\r") + "\r", specimen, nil},
		"line feeds":               {strings.Join(specimen, "\n") + "\n", specimen, nil},
		"both":                     {strings.Join(specimen, "\r\n") + "\r\n\r\n", specimen, nil},
		"no end":                   {strings.Join(specimen, "\r"), specimen, nil},
		"framed":                   {"noise\x02" + strings.Join(specimen, "\r") + "\r\x03more", specimen, nil},
		"empty lines before":       {"\r\n\r\n" + strings.Join(specimen, "\r"), specimen, nil},
		"an answer before":         {"\x02\x010000#SCNTRG1\x06;\x03" + strings.Join(specimen, "\r"), specimen, nil},
		"three lines":              {"I<UTO\r74\rERIKSSON\r", []string{"I<UTO", "74", "ERIKSSON"}, nil},
		"noise in a line":          {"\xffABC\x00P<UTO\r", []string{"P<UTO"}, nil},
		"four lines":               {"A\rB\rC\rD\r", nil, devices.ErrUnreadable},
		"text without end":         {strings.Repeat("<", 600), nil, devices.ErrProtocol},
		"noise without end":        {strings.Repeat("\x00", 5000), nil, devices.ErrProtocol},
		"frames without end":       {strings.Repeat("\x02A", 5000), nil, devices.ErrProtocol},
		"an answer without an end": {"\x02\x01" + strings.Repeat("A", 5000), nil, devices.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, mrzline.Untriggered)
			u := b.plug(t)
			t.Cleanup(u.Unplug)
			r, err := mrzline.Open(t.Context(), mrzline.Config{Path: u.name, Pause: pause})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { r.Close() })
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				if err := u.Ready(t.Context()); err == nil {
					u.Send([]byte(c.sent))
				}
			}()
			got, err := r.ReadMRZ(t.Context())
			<-sent
			if !cmp.Equal(got, c.want) || !errors.Is(err, c.err) {
				t.Errorf("ReadMRZ = %q, %v, want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestWithoutAPathTheReaderIsNotConfigured(t *testing.T) {
	if _, err := mrzline.Open(t.Context(), mrzline.Config{}); !errors.Is(err, devices.ErrNotConfigured) {
		t.Errorf("Open = %v, want ErrNotConfigured", err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	b := newBench(t, mrzline.Untriggered)
	u := b.plug(t)
	t.Cleanup(u.Unplug)
	r, err := mrzline.Open(t.Context(), mrzline.Config{Path: u.name})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := r.ReadMRZ(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, devices.ErrTimeout) {
		t.Errorf("ReadMRZ = %q, %v, want the context's error", got, err)
	}
}
