package escpos

import (
	"context"
	"fmt"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/usb"
)

// DefaultWidth is the printable width of an 80 mm roll at 203 dots per inch: 72 mm, 576 dots.
const DefaultWidth = 576

// Bounds in dots. The height is half a metre of paper at 203 dots per inch; a ticket is a tenth of that.
const (
	maxWidth  = 2048
	maxHeight = 4000
)

// Driver is the way to a printer.
type Driver string

// The ways to a printer.
const (
	Node   Driver = "node"   // a node of the kernel's own printer driver, /dev/usb/lp0, or whatever is as transparent; the default
	USB    Driver = "usb"    // the USB printer class by libusb; usblp is taken off meanwhile
	Serial Driver = "serial" // a serial line of a given speed: 8 data bits, no parity, one stop bit
)

// Config says where the printer is.
type Config struct {
	Driver Driver // empty is Node
	Path   string // device node of Node and Serial, "/dev/usb/lp0", "/dev/ttyUSB0"
	Baud   int    // of Serial, in bits a second, as the printer is set; no other driver has a speed
	// Vendor, Product and Only choose one of several USB printers; a Vendor of 0 is any.
	Vendor, Product uint16
	Only            usb.Only
	Width           int // printable width in dots, a multiple of 8 up to 2,048; 0 is DefaultWidth
	// Unfinished is the path of a file that the driver keeps while a ticket is being printed. Left over from a process that
	// ended, or a printer that went, it says that part of a ticket may hang out of the printer. Empty: not remembered.
	Unfinished string
}

// Open opens the printer and asks for its status. The error is devices.ErrNotConfigured without a path or speed, ErrNoDevice
// when there is none, ErrBusy when another process has it, ErrTimeout when nobody answers, ErrProtocol when it is no printer;
// paper and cover do not matter here.
func Open(ctx context.Context, c Config) (*Printer, error) {
	if c.Width == 0 {
		c.Width = DefaultWidth
	}
	if c.Width < 8 || c.Width > maxWidth || c.Width%8 != 0 {
		return nil, failure("open", fmt.Errorf("width of %d dots is not a multiple of 8 up to %d", c.Width, maxWidth))
	}
	p := &Printer{width: c.Width, unfinished: unfinished(c.Unfinished)}
	find := p.findLine
	if c.Driver == USB {
		find = p.findUSB
	}
	if err := find(ctx, c); err != nil {
		return nil, failure("open", err)
	}
	return p, nil
}

// unknownModel is the name of a printer that does not say what it is.
const unknownModel = "ESC/POS printer"

// findLine opens the printer at a node.
func (p *Printer) findLine(ctx context.Context, c Config) error {
	switch {
	case c.Driver != "" && c.Driver != Node && c.Driver != Serial:
		return fmt.Errorf("driver %q is not node, usb or serial", c.Driver)
	case c.Path == "", c.Driver == Serial && c.Baud <= 0:
		return devices.ErrNotConfigured
	case c.Driver != Serial:
		c.Baud = 0
	}
	l, err := serial.Open(c.Path, c.Baud)
	if err != nil {
		return err
	}
	p.link, p.info = l, devices.Info{Kind: devices.KindTicketPrinter, Model: unknownModel, Path: c.Path}
	if err := p.begin(ctx); err != nil {
		l.Close()
		return err
	}
	return nil
}

// begin makes sure that a printer answers, has it forget what a process that ended had sent, and asks it what it is.
func (p *Printer) begin(ctx context.Context) error {
	b, err := p.ask(ctx, statusPrinter)
	if err != nil {
		return err
	}
	if p.torn = p.unfinished.is(); p.torn {
		if err := p.clear(ctx); err != nil {
			return err
		}
	}
	if b&printerOffline == 0 {
		p.introduce(ctx)
	}
	return nil
}
