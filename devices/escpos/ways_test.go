package escpos_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/escpos"
	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func openConfig(t *testing.T, c escpos.Config) *escpos.Printer {
	t.Helper()
	c.Width = width
	p, err := escpos.Open(within(t, 10*time.Second), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestOfSeveralPrintersTheConfiguredOneIsTaken(t *testing.T) {
	plug := plugUSB(usbtest.NewBed(t))
	plug(t)
	second := plug(t)
	second.Resume()
	second.Is(printer.Identity{})
	p := openConfig(t, escpos.Config{Driver: escpos.USB, Vendor: 0x04b8, Product: 0x0202, Only: driver.Only{Serial: "serial 2"}})
	if err := p.Print(within(t, 10*time.Second), drawing(width, 100)); err != nil {
		t.Fatal(err)
	}
	if n := len(second.Tickets()); n != 1 {
		t.Errorf("the second printer has printed %d tickets", n)
	}
	want := devices.Info{Kind: devices.KindTicketPrinter, Model: "EPSON TM-T88V", Serial: "serial 2", Path: "usb 1-2"}
	if got := p.Info(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	first := openConfig(t, escpos.Config{Driver: escpos.USB}) // it was looked at, and put back
	want = devices.Info{Kind: devices.KindTicketPrinter, Model: "EPSON TM-T88V", Serial: "serial 1", Firmware: "30.21", Path: "usb 1-1"}
	if got := first.Info(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, c := range []escpos.Config{
		{Driver: escpos.USB, Vendor: 0x04b8, Product: 0x0203},
		{Driver: escpos.USB, Only: driver.Only{Serial: "serial 3"}},
	} {
		_, err := escpos.Open(within(t, 10*time.Second), c)
		wantError(t, err, devices.ErrNoDevice)
	}
}

// TestAPrinterThatDoesNotSayWhatItIsPrints and is not asked again in the middle of a ticket.
func TestAPrinterThatDoesNotSayWhatItIsPrints(t *testing.T) {
	device := plugIn(t)
	device.Is(printer.Identity{})
	p := openConfig(t, escpos.Config{Path: device.Path()})
	device.Is(printer.Identity{Model: "late"})
	if err := p.Print(within(t, 10*time.Second), drawing(width, 100)); err != nil {
		t.Fatal(err)
	}
	if got, n := p.Info().Model, device.Unknown(); got != "ESC/POS printer" || n != 0 {
		t.Errorf("model %q, %d bytes not understood", got, n)
	}
}

func TestALineHasTheSpeedThatThePrinterIsSetTo(t *testing.T) {
	device := plugIn(t)
	p := openConfig(t, escpos.Config{Driver: escpos.Serial, Path: device.Path(), Baud: 38_400})
	if err := p.Print(within(t, 10*time.Second), drawing(width, 100)); err != nil {
		t.Fatal(err)
	}
	_, err := escpos.Open(within(t, time.Second), escpos.Config{Driver: escpos.Serial, Path: device.Path()})
	wantError(t, err, devices.ErrNotConfigured)
	if _, err := escpos.Open(within(t, time.Second), escpos.Config{Driver: "parallel", Path: device.Path()}); err == nil {
		t.Error("a driver that there is not was taken")
	}
}

func TestWhatIsNoPrinterThatAnswersIsNotTaken(t *testing.T) {
	for name, test := range map[string]struct {
		make func(*usb.Interface)
		want error
	}{
		"a printer that cannot answer": {func(i *usb.Interface) { i.Protocol = 1 }, devices.ErrNoDevice},
		"a disk":                       {func(i *usb.Interface) { i.Class, i.SubClass, i.Protocol = 8, 6, 0x50 }, devices.ErrNoDevice},
		"a printer without endpoints":  {func(i *usb.Interface) { i.Endpoints = nil }, devices.ErrNoDevice},
		"a printer without bulk":       {func(i *usb.Interface) { i.Endpoints[0].Bulk = false }, devices.ErrNoDevice},
		"packets without bytes":        {func(i *usb.Interface) { i.Endpoints[1].MaxPacket = 0 }, devices.ErrNoDevice},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := usb.NewPrinter("1", width)
			if err != nil {
				t.Fatal(err)
			}
			test.make(&p.Interfaces[0])
			if err := usbtest.NewBed(t).Plug("1", p.Device); err != nil {
				t.Fatal(err)
			}
			_, err = escpos.Open(within(t, 10*time.Second), escpos.Config{Driver: escpos.USB})
			wantError(t, err, test.want)
		})
	}
}

func TestAPrinterThatDoesNotAnswerKeepsNobodyFromOneThatDoes(t *testing.T) {
	plug := plugUSB(usbtest.NewBed(t))
	mute, good := plug(t), plug(t)
	mute.Mechanism.Set(printer.Condition{Silent: true})
	p := openConfig(t, escpos.Config{Driver: escpos.USB})
	if got := p.Info().Path; got != "usb 1-2" {
		t.Errorf("the printer at %s was taken", got)
	}
	p.Close()
	good.Unplug()
	_, err := escpos.Open(within(t, 10*time.Second), escpos.Config{Driver: escpos.USB, Width: width})
	wantError(t, err, devices.ErrTimeout) // and not that there is none
}

// strips wants so many strips of paper, the last of which is the ticket.
func strips(t *testing.T, m *printer.Mechanism, n int, rows int) {
	t.Helper()
	got := m.Tickets()
	if len(got) != n {
		t.Fatalf("%d strips of paper, want %d", len(got), n)
	}
	ticket := drawing(width, rows)
	if d := differing(ticket, got[n-1]); d != 0 {
		t.Errorf("%d dots of the last ticket differ", d)
	}
	const toKnife = 116
	if got := got[n-1].Rect.Dy(); got != rows+toKnife {
		t.Errorf("the last strip has %d rows, want %d: something else is on it", got, rows+toKnife)
	}
}

// cabled is a printer that can be pulled out and plugged in again.
type cabled struct {
	*printer.Mechanism
	config escpos.Config
	room   func(bytes int)
	pull   func()
	plug   func() error
}

// cables are the ways to a printer.
func cables() map[string]func(*testing.T) *cabled {
	line := func(c escpos.Config) func(*testing.T) *cabled {
		return func(t *testing.T) *cabled {
			p := plugIn(t)
			c.Path = p.Path()
			device := &cabled{Mechanism: p.Mechanism, config: c, room: p.Room, pull: func() { p.Close() }}
			device.plug = func() error {
				err := p.Plug()
				device.config.Path = p.Path()
				return err
			}
			return device
		}
	}
	return map[string]func(*testing.T) *cabled{
		"node":   line(escpos.Config{}),
		"serial": line(escpos.Config{Driver: escpos.Serial, Baud: 115_200}),
		"usb": func(t *testing.T) *cabled {
			bed := usbtest.NewBed(t)
			unit := plugUSB(bed)(t)
			unit.Resume()
			return &cabled{
				Mechanism: unit.Mechanism, config: escpos.Config{Driver: escpos.USB}, room: unit.Room, pull: unit.Unplug,
				plug: func() error { return bed.Plug(unit.port, unit.Device) },
			}
		},
	}
}

// TestATicketThatAPulledCableHalvedIsOnNobodysStrip when the printer is plugged in again: the printer has its own power, and
// keeps the half band that it has.
func TestATicketThatAPulledCableHalvedIsOnNobodysStrip(t *testing.T) {
	for name, plugIn := range cables() {
		t.Run(name, func(t *testing.T) {
			device := plugIn(t)
			device.config.Unfinished = filepath.Join(t.TempDir(), "ticket")
			p := openConfig(t, device.config)
			device.room(64*width/8 + 1000) // one band, and some of the next
			printing := make(chan error, 1)
			go func() { printing <- p.Print(within(t, 20*time.Second), drawing(width, 4000)) }()
			if err := device.WaitBytes(within(t, 10*time.Second), 500); err != nil {
				t.Fatal(err)
			}
			device.pull()
			wantError(t, <-printing, devices.ErrUnplugged)
			p.Close()
			device.room(1 << 20)
			if err := device.plug(); err != nil {
				t.Fatal(err)
			}
			p = openConfig(t, device.config)
			for i := range 2 {
				if err := p.Print(within(t, 10*time.Second), drawing(width, 100)); err != nil {
					t.Fatal(err)
				}
				strips(t, device.Mechanism, 2+i, 100) // the first is what hung out
			}
			if n := device.Unknown(); n != 0 {
				t.Errorf("the printer did not understand %d bytes", n)
			}
		})
	}
}

// TestATicketThatACrashHalvedIsOnNobodysStrip on any line: another process opens the printer next.
func TestATicketThatACrashHalvedIsOnNobodysStrip(t *testing.T) {
	device := plugIn(t)
	config := escpos.Config{Path: device.Path(), Unfinished: filepath.Join(t.TempDir(), "ticket")}
	p := openConfig(t, config)
	device.Pause()
	printing := make(chan error, 1)
	go func() { printing <- p.Print(within(t, 20*time.Second), drawing(width, 400)) }()
	if err := device.WaitJob(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	device.OpenCoverAfter(100)
	device.Step()
	p.Close()
	if err := <-printing; err == nil {
		t.Fatal("the ticket counts as printed")
	}
	device.Set(printer.Condition{})
	device.Resume()
	if n := len(device.Tickets()); n != 0 && n != 1 {
		t.Fatalf("%d strips", n)
	}
	before := len(device.Tickets())
	p = openConfig(t, config)
	for i := range 2 {
		if err := p.Print(within(t, 10*time.Second), drawing(width, 100)); err != nil {
			t.Fatal(err)
		}
		strips(t, device.Mechanism, before+2+i, 100)
	}
}

func TestAPrinterThatTakesNothingMoreIsReset(t *testing.T) {
	unit := plugUSB(usbtest.NewBed(t))(t)
	unit.Resume()
	p := openConfig(t, escpos.Config{Driver: escpos.USB})
	unit.Room(5000)
	ctx, cancel := context.WithCancel(t.Context())
	printing := make(chan error, 1)
	go func() { printing <- p.Print(ctx, drawing(width, 400)) }()
	if err := unit.WaitBytes(within(t, 10*time.Second), 1000); err != nil {
		t.Fatal(err)
	}
	cancel()
	wantError(t, <-printing, context.Canceled)
	if n := unit.Resets(); n != 1 {
		t.Errorf("it was reset %d times", n)
	}
	if err := p.Print(within(t, 10*time.Second), drawing(width, 100)); err != nil {
		t.Fatal(err)
	}
	strips(t, unit.Mechanism, 2, 100)
}

func TestAPrinterThatSaysNothingMaySayAtItsPortThatItHasNoPaper(t *testing.T) {
	unit := plugUSB(usbtest.NewBed(t))(t)
	p := openConfig(t, escpos.Config{Driver: escpos.USB})
	unit.Mechanism.Set(printer.Condition{Silent: true, PaperOut: true})
	wantError(t, p.Print(within(t, 20*time.Second), drawing(width, 100)), devices.ErrPaperOut)
}
