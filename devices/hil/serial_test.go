package hil_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/elyctis"
	"github.com/foyer-station/foyer/devices/mrzline"
	"github.com/foyer-station/foyer/emulate/idbox"
	emulated "github.com/foyer-station/foyer/emulate/lines"
	"github.com/foyer-station/foyer/emulate/tty"
	"github.com/foyer-station/foyer/emulate/usb"
)

// byID is where udev names serial lines by what their devices say of themselves.
const byID = "/dev/serial/by-id/"

// onLine is a device behind a CDC-ACM line, in a port.
type onLine struct {
	*socket
	line  *usb.Serial
	model io.Closer
	once  sync.Once
}

// Unplug pulls the device out, and ends it.
func (l *onLine) Unplug() {
	l.socket.Unplug()
	l.once.Do(func() {
		if err := errors.Join(l.line.Close(), l.model.Close()); err != nil {
			l.t.Error(err)
		}
	})
}

// plugLine plugs in a model whose line is at that path, as a CDC-ACM device, and waits until udev has named its line.
func plugLine(t *testing.T, all *ports, vendor, product uint16, name, path string, model io.Closer) *onLine {
	t.Helper()
	make := func(serial string) *usb.Serial {
		s, err := usb.NewSerial(vendor, product, name, serial, path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	line, s := plug(t, all, make, func(s *usb.Serial) *usb.Device { return s.Device })
	l := &onLine{socket: s, line: line, model: model}
	t.Cleanup(l.Unplug)
	until(t, "udev names the line", func() bool { return len(linesOf(t, "*_"+s.serial+"-if00")) == 1 })
	return l
}

// linesOf are the names of serial lines that udev has given and that fit a pattern.
func linesOf(t *testing.T, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(byID + pattern)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// firstFree opens the first line that fits a pattern and that nobody has.
func firstFree[D devices.Device](t *testing.T, pattern string, open func(path string) (D, error)) (devices.Device, error) {
	t.Helper()
	failure := error(&devices.Error{Kind: devices.KindMRZReader, Op: "open", Err: devices.ErrNoDevice})
	for _, path := range linesOf(t, pattern) {
		device, err := open(path)
		if err == nil {
			return device, nil
		}
		if errors.Is(failure, devices.ErrNoDevice) {
			failure = err
		}
	}
	return nil, failure
}

// box is an ID BOX in a port.
type box struct {
	*idbox.Reader
	socket *onLine
}

func (b box) Act(context.Context) error {
	if !b.LayDown(lines...) {
		return errors.New("the reader is not told to look")
	}
	return nil
}

func (b box) Heal()   { b.Line().Break(tty.Healthy) }
func (b box) Unplug() { b.socket.Unplug() }

func plugBox(all *ports) func(*testing.T) box {
	return func(t *testing.T) box {
		t.Helper()
		reader, err := idbox.New("ID-1")
		if err != nil {
			t.Fatal(err)
		}
		return box{reader, plugLine(t, all, idbox.Vendor, idbox.Product, "ID BOX One", reader.Line().Path(), reader)}
	}
}

func openBox(ctx context.Context) (devices.Device, error) {
	r, err := elyctis.Open(ctx, elyctis.Config{})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// readLines reads a document and wants it to be the specimen.
func readLines(ctx context.Context, device devices.Device) error {
	got, err := device.(devices.MRZReader).ReadMRZ(ctx)
	if err == nil && !slices.Equal(got, lines) {
		err = fmt.Errorf("read %q", got)
	}
	return err
}

func TestAnElyctisReaderPassesItsSuiteBehindTheKernelsDriver(t *testing.T) {
	inMachine(t)
	line := func(f tty.Fault) func(box) { return func(b box) { b.Line().Break(f) } }
	devicestest.Driver[box]{
		Open: openBox, Plug: plugBox(&ports{}), Use: readLines, Cycles: 5,
		Faults: []devicestest.Fault[box]{
			{Name: "silent", Break: line(tty.Silence), Want: devices.ErrTimeout, Seen: true},
			{Name: "garbage before an answer", Break: line(tty.Garbage)},
			{Name: "an answer in two parts", Break: line(tty.Split)},
		},
	}.Run(t)
}

// plain is a reader that sends lines, in a port.
type plain struct {
	*emulated.Reader
	socket *onLine
}

func (p plain) Act(context.Context) error {
	if !p.Show(lines...) {
		return errors.New("the reader is not triggered")
	}
	return nil
}

func (p plain) Heal()   { p.Line().Break(tty.Healthy) }
func (p plain) Unplug() { p.socket.Unplug() }

// nameOfPlain is what a reader that sends lines says of itself, and a pattern for its line.
const (
	nameOfPlain  = "Plain reader"
	linesOfPlain = "*_Plain_reader_*"
)

func TestAReaderThatSendsLinesPassesItsSuiteBehindTheKernelsDriver(t *testing.T) {
	inMachine(t)
	all := &ports{}
	for name, trigger := range map[string]mrzline.Trigger{"without a trigger": mrzline.Untriggered, "triggered": mrzline.Newland} {
		t.Run(name, devicestest.Driver[plain]{
			Open: func(ctx context.Context) (devices.Device, error) {
				return firstFree(t, linesOfPlain, func(path string) (*mrzline.Reader, error) {
					return mrzline.Open(ctx, mrzline.Config{Path: path, Trigger: trigger})
				})
			},
			Plug: func(t *testing.T) plain {
				t.Helper()
				reader, err := emulated.New(trigger == mrzline.Newland)
				if err != nil {
					t.Fatal(err)
				}
				const newland, usbModem = 0x1eab, 0x1a06
				return plain{reader, plugLine(t, all, newland, usbModem, nameOfPlain, reader.Line().Path(), reader)}
			},
			Use: readLines, Cycles: 3,
			Faults: []devicestest.Fault[plain]{{Name: "garbage before a document", Break: func(p plain) { p.Line().Break(tty.Garbage) }}},
		}.Run)
	}
}

// TestALineHasTheSameNameWhereverItIsPluggedIn by which a station's file can call it.
func TestALineHasTheSameNameWhereverItIsPluggedIn(t *testing.T) {
	inMachine(t)
	reader, err := emulated.New(false)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	const want = byID + "usb-Readers_of_Utopia_Plain_reader_SAME-if00"
	for port := range 2 {
		device, err := usb.NewSerial(0x1eab, 0x1a06, nameOfPlain, "SAME", reader.Line().Path())
		if err != nil {
			t.Fatal(err)
		}
		kernel, err := usb.PlugIntoKernel(port, device.Device)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the line has its name", func() bool { return len(linesOf(t, filepath.Base(want))) == 1 })
		if err := errors.Join(kernel.Close(), device.Close()); err != nil {
			t.Fatal(err)
		}
		until(t, "the name is gone", func() bool { return len(linesOf(t, "*_SAME-*")) == 0 })
	}
}
