package hil_test

import (
	"context"
	"image"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/usb"
)

const dots = 384

// ticketPrinter is a printer in a port, whose motor waits.
type ticketPrinter struct {
	*usb.Printer
	*socket
}

func (p ticketPrinter) Act(context.Context) error {
	p.Step()
	return nil
}

func (p ticketPrinter) Heal() {
	p.Break(usb.Healthy)
	p.BreakControl(usb.Healthy)
	p.Set(printer.Condition{})
}

func plugPrinter(all *ports) func(*testing.T) ticketPrinter {
	return func(t *testing.T) ticketPrinter {
		t.Helper()
		make := func(serial string) *usb.Printer {
			p, err := usb.NewPrinter(serial, dots)
			if err != nil {
				t.Fatal(err)
			}
			p.Pause()
			return p
		}
		p, s := plug(t, all, make, func(p *usb.Printer) *usb.Device { return p.Device })
		return ticketPrinter{p, s}
	}
}

func openPrinter(ctx context.Context) (devices.Device, error) {
	p, err := escpos.Open(ctx, escpos.Config{Driver: escpos.USB, Width: dots})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func printTicket(ctx context.Context, device devices.Device) error {
	return device.(*escpos.Printer).Print(ctx, image.NewGray(image.Rect(0, 0, dots, 200)))
}

func TestThePrintersDriverPassesItsSuiteOnARealKernel(t *testing.T) {
	inMachine(t)
	devicestest.Driver[ticketPrinter]{
		Open: openPrinter, Plug: plugPrinter(&ports{}), Use: printTicket, Cycles: 10,
		Faults: []devicestest.Fault[ticketPrinter]{
			{Name: "stall", Break: func(p ticketPrinter) { p.Break(usb.Stall) }, Want: devices.ErrProtocol, Seen: true},
			{Name: "no paper", Break: func(p ticketPrinter) { p.Set(printer.Condition{PaperOut: true}) }, Want: devices.ErrPaperOut},
		},
	}.Run(t)
}

func TestUsblpHasThePrinterBackWhenOursIsClosed(t *testing.T) {
	inMachine(t)
	p := plugPrinter(&ports{})(t)
	device, err := openPrinter(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if p.bound() {
		t.Error("usblp still holds the printer that we have open")
	}
	if err := device.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "usblp has the printer back", p.bound)
}

// TestAPrinterIsReachedByTheNodeOfTheKernelsDriverToo without libusb.
func TestAPrinterIsReachedByTheNodeOfTheKernelsDriverToo(t *testing.T) {
	inMachine(t)
	p := plugPrinter(&ports{})(t)
	p.Resume()
	var nodes []string
	until(t, "usblp gives a node", func() bool {
		var err error
		nodes, err = filepath.Glob("/dev/usb/lp*")
		return err == nil && len(nodes) == 1
	})
	device, err := escpos.Open(limited(t), escpos.Config{Path: nodes[0], Width: dots})
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	if i := device.Info(); i.Model != "EPSON TM-T88V" || i.Serial != p.serial {
		t.Errorf("%+v", i)
	}
	for want := 1; want <= 2; want++ {
		if err := printTicket(limited(t), device); err != nil {
			t.Fatal(err)
		}
		if n := len(p.Tickets()); n != want {
			t.Errorf("%d tickets, want %d", n, want)
		}
	}
	p.Set(printer.Condition{CoverOpen: true})
	if h := device.Health(limited(t)); h.State != devices.StateUserError {
		t.Errorf("%+v", h)
	}
	p.Unplug()
	if h := device.Health(limited(t)); h.State != devices.StateNoDevice {
		t.Errorf("pulled out: %+v", h)
	}
}

// TestUdevGivesPrintersToTheGroupLp by rules of its own: the station's user is in it, and no rule of ours names a printer.
func TestUdevGivesPrintersToTheGroupLp(t *testing.T) {
	inMachine(t)
	group, err := user.LookupGroup("lp")
	if err != nil {
		t.Fatal(err)
	}
	about, err := os.Stat(plugPrinter(&ports{})(t).node())
	if err != nil {
		t.Fatal(err)
	}
	const writable = 0o060
	if gid := about.Sys().(*syscall.Stat_t).Gid; strconv.Itoa(int(gid)) != group.Gid || about.Mode().Perm()&writable != writable {
		t.Errorf("the printer belongs to group %d, mode %o", gid, about.Mode().Perm())
	}
}
