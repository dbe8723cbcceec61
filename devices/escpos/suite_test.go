package escpos_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// opened keeps a nil printer from becoming a device that is not nil.
func opened(p *escpos.Printer, err error) (devices.Device, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// printOne prints a ticket of two bands and a bit.
func printOne(ctx context.Context, device devices.Device) error {
	return device.(*escpos.Printer).Print(ctx, drawing(width, 150))
}

// usbUnit is a printer on the bus, whose motor waits for Act.
type usbUnit struct {
	*usb.Printer
	bed  *usb.Bed
	port string
}

func (u usbUnit) Act(context.Context) error { u.Step(); return nil }
func (u usbUnit) Unplug()                   { u.bed.Unplug(u.port) }

func (u usbUnit) Heal() {
	u.Break(usb.Healthy)
	u.BreakControl(usb.Healthy)
	u.Mechanism.Set(printer.Condition{})
}

func plugUSB(bed *usb.Bed) func(*testing.T) usbUnit {
	return func(t *testing.T) usbUnit { t.Helper(); return plug(t, bed, func(*usb.Device) {}) }
}

// plug puts a printer that wears something at the first free port.
func plug(t *testing.T, bed *usb.Bed, wear func(*usb.Device)) usbUnit {
	t.Helper()
	for _, port := range []string{"1", "2", "3"} {
		p, err := usb.NewPrinter("serial "+port, width)
		if err != nil {
			t.Fatal(err)
		}
		wear(p.Device)
		if err := bed.Plug(port, p.Device); err == nil {
			p.Pause()
			return usbUnit{p, bed, port}
		}
	}
	t.Fatal("no free port")
	return usbUnit{}
}

// impostors are printers in every disguise that an emulated device has, but for those of reports, of which a printer has none.
func impostors(bed *usb.Bed) []devicestest.Impostor[usbUnit] {
	var all []devicestest.Impostor[usbUnit]
	for _, disguise := range usb.Disguises() {
		if strings.Contains(disguise.Name, "report descriptor") {
			continue
		}
		all = append(all, devicestest.Impostor[usbUnit]{Name: disguise.Name, Lawful: disguise.Lawful, MayBlock: disguise.StopsLibrary,
			Plug: func(t *testing.T) usbUnit { return plug(t, bed, disguise.Wear) }})
	}
	return all
}

func TestAPrinterOnTheBusPassesTheDriverSuite(t *testing.T) {
	data := func(f usb.Fault) func(usbUnit) { return func(u usbUnit) { u.Break(f) } }
	control := func(f usb.Fault) func(usbUnit) { return func(u usbUnit) { u.BreakControl(f) } }
	bed := usbtest.NewBed(t)
	devicestest.Driver[usbUnit]{
		Open: func(ctx context.Context) (devices.Device, error) {
			return opened(escpos.Open(ctx, escpos.Config{Driver: escpos.USB, Width: width}))
		},
		Plug:      plugUSB(bed),
		Use:       printOne,
		Impostors: impostors(bed),
		Faults: append(conditions[usbUnit](),
			devicestest.Fault[usbUnit]{Name: "stall", Break: data(usb.Stall), Want: devices.ErrProtocol, Seen: true},
			devicestest.Fault[usbUnit]{Name: "takes nothing and says nothing", Break: data(usb.Silence), Want: devices.ErrTimeout, Seen: true},
			devicestest.Fault[usbUnit]{Name: "loose plug", Break: data(usb.Loose), Want: devices.ErrProtocol, Seen: true},
			devicestest.Fault[usbUnit]{Name: "endless nonsense", Break: data(usb.Endless), Want: devices.ErrProtocol, Seen: true},
			devicestest.Fault[usbUnit]{Name: "garbage before an answer", Break: data(usb.Garbage)},
			devicestest.Fault[usbUnit]{Name: "short packet", Break: data(usb.Short), Want: devices.ErrTimeout},
			devicestest.Fault[usbUnit]{Name: "split packet", Break: data(usb.Split)},
			devicestest.Fault[usbUnit]{Name: "two packets in one", Break: data(usb.Merge), Want: devices.ErrTimeout},
			devicestest.Fault[usbUnit]{Name: "slow", Break: data(usb.Slow)},
			devicestest.Fault[usbUnit]{Name: "requests refused", Break: control(usb.Stall)},
			devicestest.Fault[usbUnit]{Name: "requests unanswered", Break: control(usb.Silence)},
		),
		Stick:  func(u usbUnit) { u.Break(usb.Stuck) },
		Cycles: 20,
	}.Run(t)
}

// conditions are what can ail a printer, however it is reached.
func conditions[U interface {
	devicestest.Unit
	Set(printer.Condition)
}]() []devicestest.Fault[U] {
	set := func(c printer.Condition) func(U) { return func(u U) { u.Set(c) } }
	return []devicestest.Fault[U]{
		{Name: "mute", Break: set(printer.Condition{Silent: true}), Want: devices.ErrTimeout, Seen: true},
		{Name: "no paper", Break: set(printer.Condition{PaperOut: true}), Want: devices.ErrPaperOut},
		{Name: "open cover", Break: set(printer.Condition{CoverOpen: true}), Want: devices.ErrCoverOpen},
	}
}

// lineUnit is a printer on a terminal, whose motor waits for Act.
type lineUnit struct {
	*printer.Printer
	place *places
}

func (u lineUnit) Ready(ctx context.Context) error { return u.WaitJob(ctx) }
func (u lineUnit) Act(context.Context) error       { u.Step(); return nil }
func (u lineUnit) Heal()                           { u.Set(printer.Condition{}) }

func (u lineUnit) Unplug() {
	u.place.remove(u.Path())
	u.Close()
}

// places are the nodes at which printers are.
type places struct {
	mu    sync.Mutex
	paths []string
}

func (p *places) add(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = append(p.paths, path)
}

func (p *places) remove(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.paths[:0]
	for _, other := range p.paths {
		if other != path {
			kept = append(kept, other)
		}
	}
	p.paths = kept
}

func (p *places) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.paths...)
}

// openAny opens the first printer that is free, as a station with several nodes would.
func (p *places) openAny(ctx context.Context, c escpos.Config) (devices.Device, error) {
	c.Path = "/dev/none"
	device, err := opened(escpos.Open(ctx, c))
	for _, path := range p.all() {
		c.Path = path
		if device, err = opened(escpos.Open(ctx, c)); !errors.Is(err, devices.ErrBusy) {
			break
		}
	}
	return device, err
}

func TestAPrinterOnALinePassesTheDriverSuite(t *testing.T) {
	for name, config := range map[string]escpos.Config{
		"node":   {Width: width},
		"serial": {Driver: escpos.Serial, Baud: 115_200, Width: width},
	} {
		t.Run(name, func(t *testing.T) {
			var place places
			devicestest.Driver[lineUnit]{
				Open: func(ctx context.Context) (devices.Device, error) { return place.openAny(ctx, config) },
				Plug: func(t *testing.T) lineUnit {
					p := plugIn(t)
					p.Pause()
					place.add(p.Path())
					return lineUnit{p, &place}
				},
				Use:    printOne,
				Faults: conditions[lineUnit](),
				Cycles: 20,
			}.Run(t)
		})
	}
}
