package hardware_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/udev"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/hardware"
)

// bench is the hardware of a station in the emulated world, without a station.
type bench struct {
	*lobby
	config config.Devices
	slots  kiosk.Devices
	events chan devices.Event
}

// newBench has the devices in their places. Look is how often they are looked at when nothing wakes the places; run keeps these filled;
// change may configure other devices.
func newBench(b testing.TB, look time.Duration, run func(context.Context, kiosk.Devices) error, change ...func(*config.Devices)) *bench {
	b.Helper()
	h := &bench{lobby: &lobby{b: b}, events: make(chan devices.Event, 100)}
	h.enter()
	h.config = h.devices()
	h.config.LookEvery = config.Duration(look)
	link := filepath.Join(b.TempDir(), "lp0")
	h.must(os.Symlink(h.config.Printer.Path, link))
	h.config.Printer.Path = link
	for _, otherwise := range change {
		otherwise(&h.config)
	}
	h.slots = hardware.New(h.config).Slots(h.events)
	h.run(func(ctx context.Context) error { return run(ctx, h.slots) })
	return h
}

// until waits until each of these devices is there, or each is not.
func (h *bench) until(present bool, kinds ...devices.Kind) {
	h.b.Helper()
	kinds = slices.Clone(kinds)
	late := time.After(patience)
	for len(kinds) > 0 {
		select {
		case e := <-h.events:
			if i := slices.Index(kinds, e.Kind); i >= 0 && e.Present == present {
				kinds = slices.Delete(kinds, i, i+1)
			}
		case <-late:
			h.b.Fatalf("waited in vain for %v to be present: %v", kinds, present)
		}
	}
}

var everything = []devices.Kind{
	devices.KindMRZReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
}

// plug is how a device comes and goes in the emulated world, and udev with it.
type plug struct{ in, out func() }

func (h *bench) plugs() map[devices.Kind]plug {
	w := h.world
	bus := func(port string, device *usb.Device) plug {
		return plug{in: func() { h.must(w.Bus.Plug(port, device)) }, out: func() { w.Bus.Unplug(port) }}
	}
	announced := func(subsystem, name string, p plug) plug {
		tell := func() { w.Bus.Announce(subsystem, name) }
		return plug{in: func() { p.in(); tell() }, out: func() { p.out(); tell() }}
	}
	ctx := h.b.Context()
	said := func(p plug) plug { // PC/SC announces its readers itself
		return plug{in: func() { p.in(); h.slots.ChipReader.Wake() }, out: func() { p.out(); h.slots.ChipReader.Wake() }}
	}
	return map[devices.Kind]plug{
		devices.KindChipReader:    said(plug{in: func() { h.must(w.Chips.Plug(ctx)) }, out: func() { h.must(w.Chips.Unplug(ctx)) }}),
		devices.KindSignaturePad:  bus(world.PadPort, w.Pad.Device),
		devices.KindMRZReader:     bus(world.ReaderPort, w.Reader.Device),
		devices.KindCamera:        announced(udev.Video, "video0", plug{in: func() { h.must(w.Hall.Plug()) }, out: w.Hall.Unplug}),
		devices.KindPageImager:    announced(udev.Video, "video1", plug{in: func() { h.must(w.Glass.Plug()) }, out: w.Glass.Unplug}),
		devices.KindTicketPrinter: announced(udev.Printers, "lp0", plug{in: h.newPrinter, out: func() { w.Printer.Close() }}),
	}
}

// newPrinter plugs a printer in where the last one was.
func (h *bench) newPrinter() {
	var err error
	h.world.Printer, err = printer.New(576)
	h.must(err)
	h.must(os.Remove(h.config.Printer.Path))
	h.must(os.Symlink(h.world.Printer.Path(), h.config.Printer.Path))
}

// TestEveryDeviceIsFoundAndMissedByItsEventAlone has no place look by itself for an hour.
func TestEveryDeviceIsFoundAndMissedByItsEventAlone(t *testing.T) {
	h := newBench(t, time.Hour, hardware.Run)
	h.until(true, everything...)
	for kind, p := range h.plugs() {
		for range 2 {
			p.out()
			h.until(false, kind)
			plugged := time.Now()
			p.in()
			h.until(true, kind)
			t.Logf("%s: ready %d ms after it was plugged in", kind, time.Since(plugged).Milliseconds())
		}
	}
}

// TestASickDeviceHoldsUpNoOther has a pad that is ill in every way, the last of which keeps its transfers for ever, beside a reader
// that comes and goes.
func TestASickDeviceHoldsUpNoOther(t *testing.T) {
	h := newBench(t, 100*time.Millisecond, hardware.Run)
	h.until(true, everything...)
	reader := h.plugs()[devices.KindMRZReader]
	for name, fault := range map[string]usb.Fault{"mute": usb.Silence, "babbling": usb.Endless, "at a loose plug": usb.Loose, "stuck": usb.Stuck} {
		t.Run(name, func(t *testing.T) {
			pad := usb.NewPad(name)
			h.world.Bus.Unplug(world.PadPort)
			h.must(h.world.Bus.Plug(world.PadPort, pad.Device))
			h.until(true, devices.KindSignaturePad)
			pad.Break(fault)
			pad.BreakControl(fault)
			for range 3 {
				reader.out()
				h.until(false, devices.KindMRZReader)
				plugged := time.Now()
				reader.in()
				h.until(true, devices.KindMRZReader)
				t.Logf("the reader was ready after %d ms", time.Since(plugged).Milliseconds())
			}
			asked := time.Now()
			if h := h.slots.SignaturePad.Health(t.Context()); h.State != devices.StateHWError || h.Reason.IsZero() || h.Remedy.IsZero() {
				t.Errorf("of the pad a technician is told %+v", h)
			}
			if h := h.slots.MRZReader.Health(t.Context()); h.State != devices.StateOnline {
				t.Errorf("of the reader a technician is told %+v", h)
			}
			t.Logf("the technician was told after %d ms", time.Since(asked).Milliseconds())
		})
	}
}

// BenchmarkPlugToReady is how long a device takes from being plugged in to being ready for a visitor, in milliseconds, by udev's
// events: the mean and the longest. The first is also how long the emulation takes.
func BenchmarkPlugToReady(b *testing.B) {
	h := newBench(b, 2*time.Second, hardware.Run)
	h.until(true, everything...)
	for kind, p := range h.plugs() {
		b.Run(string(kind), func(b *testing.B) { h.plugged(b, kind, p) })
	}
}

// plugged measures how long a device that is there takes to be there again.
func (h *bench) plugged(b *testing.B, kind devices.Kind, p plug) {
	var longest time.Duration
	for b.Loop() {
		b.StopTimer()
		p.out()
		h.until(false, kind)
		b.StartTimer()
		began := time.Now()
		p.in()
		h.until(true, kind)
		longest = max(longest, time.Since(began))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ready-ms")
	b.ReportMetric(float64(longest.Microseconds())/1000, "longest-ms")
}

// plugs is how often devices are plugged in and out: 200 times, or FOYER_PLUGS times (make bench-long).
func plugs(t *testing.T) int {
	n := 200
	if text := os.Getenv("FOYER_PLUGS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// mostGrowth is how much larger the process may be after any number of plugs, in bytes: C's allocator and Go's keep pages.
const mostGrowth = 16 << 20

func TestDevicesPluggedInAndOutHundredsOfTimesLeaveNothingBehind(t *testing.T) {
	h := newBench(t, 2*time.Second, hardware.Run)
	h.until(true, everything...)
	all := h.plugs()
	both := []devices.Kind{devices.KindSignaturePad, devices.KindMRZReader}
	once := func() {
		for _, kind := range both {
			all[kind].out()
		}
		h.until(false, both...)
		for _, kind := range both {
			all[kind].in()
		}
		h.until(true, both...)
	}
	for range 20 { // what is made once and kept
		once()
	}
	before := resident(t)
	n, began := plugs(t), time.Now()
	devicestest.NothingLeftBehind(t, func() {
		for i := range n {
			once()
			if done := i + 1; done == n/10 || done == n/2 || done == n {
				t.Logf("after %d times: %d kB, of Go's %d kB, %d goroutines, %d descriptors",
					done, resident(t)>>10, heap()>>10, runtime.NumGoroutine(), descriptors(t))
			}
		}
	})
	grown := resident(t) - before
	t.Logf("%d times in and out, two devices at once: %v each, %d kB more", n, (time.Since(began) / time.Duration(n)).Round(time.Millisecond), grown>>10)
	if grown > mostGrowth {
		t.Errorf("the process has grown by %d kB", grown>>10)
	}
}

// resident is how much memory this process has, in bytes.
func resident(t *testing.T) int {
	runtime.GC()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int
	if _, err := fmt.Fscan(strings.NewReader(string(text)), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// heap is how much memory Go's values in this process take, in bytes, after a collection.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// descriptors is how many files this process has open.
func descriptors(t *testing.T) int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}
