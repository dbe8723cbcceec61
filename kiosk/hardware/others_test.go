package hardware_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/udev"
	"github.com/foyer-station/foyer/emulate/idbox"
	"github.com/foyer-station/foyer/emulate/lampboard"
	"github.com/foyer-station/foyer/emulate/lines"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

// another is a device that a station can have in the place of the usual one.
type another struct {
	kind      devices.Kind
	configure func(c *config.Devices, path string)
	// What is plugged in: on the emulated bus, or at the end of a serial line, where it is, and what unplugs it.
	onBus  func() (*usb.Device, error)
	onLine func() (path string, device io.Closer, err error)
}

// otherPort is where it is plugged in on the bus.
const otherPort = "3"

// allOthers are the devices of all drivers but the usual ones, those that only a kernel can emulate (a reader that types) and those that
// nobody plugs in (a touchscreen).
func allOthers() map[string]another {
	reader := func(driver string) func(*config.Devices, string) {
		return func(c *config.Devices, path string) { c.MRZReader.Driver, c.MRZReader.Path = driver, path }
	}
	return map[string]another{
		"hid-pos": {kind: devices.KindMRZReader, configure: reader("hid-pos"), onBus: func() (*usb.Device, error) {
			return usb.NewScanner("SCAN-1").Device, nil
		}},
		"elyctis": {kind: devices.KindMRZReader, configure: reader("elyctis"), onLine: func() (string, io.Closer, error) {
			r, err := idbox.New("ID-1")
			if err != nil {
				return "", nil, err
			}
			return r.Line().Path(), r, nil
		}},
		"serial": {kind: devices.KindMRZReader, configure: reader("serial"), onLine: func() (string, io.Closer, error) {
			r, err := lines.New(false)
			if err != nil {
				return "", nil, err
			}
			return r.Line().Path(), r, nil
		}},
		"stu-serial": {kind: devices.KindSignaturePad, configure: func(c *config.Devices, path string) {
			c.Pad.Driver, c.Pad.Path = "stu-serial", path
		}, onLine: func() (string, io.Closer, error) {
			p, err := stu.NewLine(stu.STU430V(), "PAD-9")
			if err != nil {
				return "", nil, err
			}
			return p.Path(), p, nil
		}},
		"lamps-hid": {kind: devices.KindPageImager, configure: lampsOn(world.LampsOnUSB), onBus: func() (*usb.Device, error) {
			return usb.NewLampBoard("LAMPS-1", lampboard.New("LAMPS-1", time.Now)).Device, nil
		}},
		"lamps-serial": {kind: devices.KindPageImager, configure: lampsOn(world.LampsOnLine), onLine: func() (string, io.Closer, error) {
			l, err := lampboard.NewSerial(lampboard.New("LAMPS-1", time.Now))
			if err != nil {
				return "", nil, err
			}
			return l.Path(), l, nil
		}},
		"printer-usb": {kind: devices.KindTicketPrinter, configure: func(c *config.Devices, _ string) {
			c.Printer.Driver, c.Printer.Path = "usb", ""
		}, onBus: func() (*usb.Device, error) {
			p, err := usb.NewPrinter("PRN-1", 576)
			if err != nil {
				return nil, err
			}
			return p.Device, nil
		}},
	}
}

// lampsOn configures a board with the page imager's lamps.
func lampsOn(where string) func(*config.Devices, string) {
	return func(c *config.Devices, path string) {
		c.PageImager.Lamps, c.PageImager.LampLine, c.PageImager.LampUSB = where, path, 0x12090001
	}
}

// plug is how it comes and goes, on a line by a link at a path as udev's rules make one.
func (a another) plug(h *bench, path string) plug {
	bus := h.world.Bus
	if a.onBus != nil {
		return plug{in: func() {
			device, err := a.onBus()
			h.must(err)
			h.must(bus.Plug(otherPort, device))
		}, out: func() { bus.Unplug(otherPort) }}
	}
	var device io.Closer
	return plug{in: func() {
		at, closer, err := a.onLine()
		h.must(err)
		device = closer
		h.must(os.Symlink(at, path))
		bus.Announce(udev.TTY, filepath.Base(path))
	}, out: func() {
		h.must(os.Remove(path))
		device.Close()
		bus.Announce(udev.TTY, filepath.Base(path))
	}}
}

// BenchmarkOtherPlugToReady is as BenchmarkPlugToReady, of the devices that a station can have in the place of the usual ones.
func BenchmarkOtherPlugToReady(b *testing.B) {
	for name, a := range allOthers() {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "ttyACM7")
			h := newBench(b, 2*time.Second, hardware.Run, func(c *config.Devices) { a.configure(c, path) })
			p := a.plug(h, path)
			p.in()
			h.until(true, a.kind)
			h.plugged(b, a.kind, p)
			p.out()
			h.until(false, a.kind)
		})
	}
}
