package elyctis_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/sysfs"
	"github.com/foyer-station/foyer/emulate/idbox"
	"github.com/foyer-station/foyer/emulate/tty"
)

// specimen is the machine-readable zone of ICAO Doc 9303-4, appendix B.
var specimen = []string{
	"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
}

// unit is a reader on the bus.
type unit struct {
	*idbox.Reader
	takeAway func()
}

func (u unit) Act(context.Context) error {
	if !u.LayDown(specimen...) {
		return errors.New("the reader is not told to look")
	}
	return nil
}

func (u unit) Heal() { u.Line().Break(tty.Healthy) }

func (u unit) Unplug() {
	u.takeAway()
	u.Close()
}

// bench is a bus that readers can be plugged into, and the driver's view of it.
type bench struct{ bus *tty.Bus }

func newBench(t *testing.T) bench {
	t.Helper()
	bus, err := tty.NewBus(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return bench{bus}
}

func (b bench) config() elyctis.Config {
	return elyctis.Config{Linux: sysfs.Tree{Sys: b.bus.Sys(), Dev: b.bus.Dev()}}
}

func (b bench) open(ctx context.Context) (devices.Device, error) {
	reader, err := elyctis.Open(ctx, b.config())
	if err != nil {
		return nil, err // and no reader that is nil
	}
	return reader, nil
}

func (b bench) plug(t *testing.T) unit { return b.plugAs(t, idbox.Vendor, idbox.Product) }

func (b bench) plugAs(t *testing.T, vendor, product uint16) unit {
	t.Helper()
	reader, err := idbox.New("ID-1")
	if err != nil {
		t.Fatal(err)
	}
	takeAway, err := b.bus.Plug(reader.Line(), vendor, product, "USB-1")
	if err != nil {
		t.Fatal(err)
	}
	return unit{reader, takeAway}
}

// use reads a document and wants it to be the specimen.
func use(ctx context.Context, device devices.Device) error {
	lines, err := device.(*elyctis.Reader).ReadMRZ(ctx)
	if err == nil && !cmp.Equal(lines, specimen) {
		err = fmt.Errorf("read %q", lines)
	}
	return err
}

// hold is another program that has the reader's line.
func hold(t *testing.T, u unit) (release func()) {
	t.Helper()
	line, err := serial.Open(u.Line().Path(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() { line.Close() }
}

func forbid(t *testing.T, u unit) (allow func()) {
	t.Helper()
	if err := os.Chmod(u.Line().Path(), 0); err != nil {
		t.Fatal(err)
	}
	return func() { os.Chmod(u.Line().Path(), 0o600) }
}

func TestTheReaderPassesTheDriverSuite(t *testing.T) {
	b := newBench(t)
	line := func(f tty.Fault) func(unit) { return func(u unit) { u.Line().Break(f) } }
	devicestest.Driver[unit]{
		Open: b.open,
		Plug: b.plug,
		Use:  use,
		Faults: []devicestest.Fault[unit]{
			{Name: "silent", Break: line(tty.Silence), Want: devices.ErrTimeout, Seen: true},
			{Name: "endless nonsense", Break: line(tty.Endless), Want: devices.ErrProtocol, Seen: true},
			{Name: "garbage before an answer", Break: line(tty.Garbage)},
			{Name: "an answer that breaks off", Break: line(tty.Short), Want: devices.ErrTimeout},
			{Name: "an answer in two parts", Break: line(tty.Split)},
			{Name: "an answer twice", Break: line(tty.Double)},
			{Name: "slow", Break: line(tty.Slow)},
		},
		Hold:   hold,
		Forbid: forbid,
		Cycles: 100,
	}.Run(t)
}

// reader is an open reader and the emulated one at its line.
func reader(t *testing.T) (*elyctis.Reader, unit) {
	t.Helper()
	b := newBench(t)
	u := b.plug(t)
	t.Cleanup(u.Unplug)
	r, err := elyctis.Open(t.Context(), b.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, u
}

// readWhile reads a document while somebody does something with the reader once it looks for one.
func readWhile(t *testing.T, r *elyctis.Reader, u unit, act func()) ([]string, error) {
	t.Helper()
	ctx, done := context.WithCancel(t.Context())
	acted := make(chan struct{})
	go func() {
		defer close(acted)
		if err := u.Ready(ctx); err == nil {
			act()
		}
	}()
	lines, err := r.ReadMRZ(t.Context())
	done()
	<-acted
	return lines, err
}

func TestAReaderSaysWhoItIs(t *testing.T) {
	r, _ := reader(t)
	want := devices.Info{Kind: devices.KindMRZReader, Model: "Elyctis ID BOX One", Serial: "ID-1", Firmware: "2.51, NNA 1.07", Path: "usb 1-1"}
	if got := r.Info(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestAReaderIsOpenedWhereItIsNamed(t *testing.T) {
	b := newBench(t)
	u := b.plugAs(t, 0x1234, 0x5678)
	t.Cleanup(u.Unplug)
	if _, err := elyctis.Open(t.Context(), b.config()); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("a device of other numbers: %v, want ErrNoDevice", err)
	}
	r, err := elyctis.Open(t.Context(), elyctis.Config{Path: u.Line().Path()})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
}

func TestWhatWasToldBeforeIsForgotten(t *testing.T) {
	r, u := reader(t)
	u.Tell("P<UTOSTRANGER<<A<<<<<<<<<<<<<<<<<<<<<<<<<<<<\r\n0000000000UTO0000000<0000000<<<<<<<<<<<<<<00\r\n")
	lines, err := readWhile(t, r, u, func() { u.LayDown(specimen...) })
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v, want the document that was laid down when asked for", lines, err)
	}
	if u.LayDown(specimen...) {
		t.Error("the reader took a document that nobody asked for")
	}
}

func TestADocumentThatCouldNotBeReadIsLookedAtAgain(t *testing.T) {
	r, u := reader(t)
	lines, err := readWhile(t, r, u, func() {
		u.LayDown()
		if err := u.Ready(t.Context()); err == nil {
			u.LayDown(specimen...)
		}
	})
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v", lines, err)
	}
}

func TestADocumentThatIsBrokenIsToldRightly(t *testing.T) {
	for name, c := range map[string]struct {
		sent []byte
		want error
	}{
		"longer than any":     {[]byte("I\xff\xffP<UTO"), devices.ErrProtocol},
		"breaking off":        {[]byte("I\x00\x20P<UTO"), devices.ErrTimeout},
		"four lines":          {[]byte("I\x00\x08A\rB\rC\rD\r"), devices.ErrUnreadable},
		"a line without end":  {append([]byte("I\x00\x50"), strings.Repeat("<", 0x50)...), devices.ErrUnreadable},
		"nothing but rubbish": {[]byte(strings.Repeat("\x01\x02", 3000)), devices.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			r, u := reader(t)
			if lines, err := readWhile(t, r, u, func() { u.Send(c.sent) }); !errors.Is(err, c.want) {
				t.Errorf("ReadMRZ = %q, %v, want %v", lines, err, c.want)
			}
			lines, err := readWhile(t, r, u, func() { u.LayDown(specimen...) })
			if err != nil || !cmp.Equal(lines, specimen) {
				t.Errorf("the next ReadMRZ = %q, %v", lines, err)
			}
		})
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	r, _ := reader(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if lines, err := r.ReadMRZ(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, devices.ErrTimeout) {
		t.Errorf("ReadMRZ = %q, %v, want the context's error", lines, err)
	}
}
