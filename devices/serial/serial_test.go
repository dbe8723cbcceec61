package serial_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/emulate/tty"
)

// plug gives both ends of a line: the device's, and the name of the station's.
func plug(t *testing.T) (device *os.File, path string) {
	t.Helper()
	device, station, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { device.Close(); station.Close() })
	return device, station.Name()
}

func open(t *testing.T, path string, baud int) *serial.Line {
	t.Helper()
	line, err := serial.Open(path, baud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	return line
}

const ample = 10 * time.Second

func TestEveryByteGoesThroughAsItIs(t *testing.T) {
	device, path := plug(t)
	line := open(t, path, 128_000)
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	if err := line.Write(t.Context(), all[:], ample); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(all))
	for n := 0; n < len(got); {
		m, err := device.Read(got[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if string(got) != string(all[:]) {
		t.Errorf("the device got % x", got)
	}
	if _, err := device.Write(all[:]); err != nil {
		t.Fatal(err)
	}
	if err := line.ReadFull(t.Context(), got, ample); err != nil || string(got) != string(all[:]) {
		t.Errorf("the station got % x, %v", got, err)
	}
}

func TestTheLineHasTheSpeedThatWasAskedFor(t *testing.T) {
	device, path := plug(t)
	open(t, path, 128_000)
	t2, err := unix.IoctlGetTermios(int(device.Fd()), unix.TCGETS2)
	if err != nil || t2.Ospeed != 128_000 || t2.Ispeed != 128_000 {
		t.Errorf("speed %d and %d, %v", t2.Ospeed, t2.Ispeed, err)
	}
}

func TestALineBelongsToOneProcess(t *testing.T) {
	_, path := plug(t)
	line := open(t, path, 0)
	if _, err := serial.Open(path, 0); !errors.Is(err, devices.ErrBusy) {
		t.Errorf("a second Open = %v, want ErrBusy", err)
	}
	line.Close()
	open(t, path, 0)
}

func TestWhatIsNotThereIsNoDevice(t *testing.T) {
	if _, err := serial.Open("/dev/ttyNONE", 0); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("Open = %v, want ErrNoDevice", err)
	}
}

func TestAReadEndsWithWhateverEndsIt(t *testing.T) {
	for name, test := range map[string]struct {
		timeout time.Duration
		end     func(cancel func(), line *serial.Line, unplug func())
		want    error
	}{
		"its time":    {time.Millisecond, func(func(), *serial.Line, func()) {}, devices.ErrTimeout},
		"its context": {ample, func(cancel func(), _ *serial.Line, _ func()) { cancel() }, context.Canceled},
		"Close":       {ample, func(_ func(), line *serial.Line, _ func()) { line.Close() }, devices.ErrClosed},
		"the plug":    {ample, func(_ func(), _ *serial.Line, unplug func()) { unplug() }, devices.ErrUnplugged},
	} {
		t.Run(name, func(t *testing.T) {
			device, path := plug(t)
			line := open(t, path, 0)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				_, err := line.Read(ctx, make([]byte, 8), test.timeout)
				ended <- err
			}()
			test.end(cancel, line, func() { device.Close() })
			select {
			case err := <-ended:
				if !errors.Is(err, test.want) {
					t.Errorf("Read = %v, want %v", err, test.want)
				}
			case <-time.After(ample):
				t.Fatal("Read does not end")
			}
		})
	}
}

func TestWhatCameBeforeIsDrained(t *testing.T) {
	device, path := plug(t)
	line := open(t, path, 0)
	if _, err := device.WriteString("old"); err != nil {
		t.Fatal(err)
	}
	if err := line.Drain(); err != nil {
		t.Fatal(err)
	}
	if _, err := device.WriteString("new"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 8)
	if n, err := line.Read(t.Context(), got, ample); err != nil || string(got[:n]) != "new" {
		t.Errorf("%q, %v", got[:n], err)
	}
}

func TestALineIsQuietOnceNothingComes(t *testing.T) {
	device, path := plug(t)
	line := open(t, path, 0)
	if _, err := device.WriteString("old"); err != nil {
		t.Fatal(err)
	}
	if err := line.Quiet(t.Context()); err != nil {
		t.Errorf("Quiet = %v", err)
	}
	babbling, err := tty.New()
	if err != nil {
		t.Fatal(err)
	}
	defer babbling.Close()
	babbling.Break(tty.Endless)
	if err := open(t, babbling.Path(), 0).Quiet(t.Context()); !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("Quiet with a device that never stops = %v, want ErrProtocol", err)
	}
}
