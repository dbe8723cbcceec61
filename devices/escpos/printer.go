// Package escpos drives ticket printers that understand ESC/POS (Epson, ESC/POS Command Reference, and the many that
// follow it) on a device node: a USB printer (/dev/usb/lp0), a serial line or a pseudo terminal. It implements
// [devices.TicketPrinter].
//
// A ticket is sent as a picture, so that every script prints alike. Of the printer's own state only the documented
// answers are believed: DLE EOT in real time, and GS r, which is answered when all before it has been printed.
package escpos

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
)

var _ devices.TicketPrinter = (*Printer)(nil)

// DefaultWidth is the printable width of an 80 mm roll at 203 dots per inch: 72 mm, 576 dots.
const DefaultWidth = 576

// Bounds in dots. The height is half a metre of paper at 203 dots per inch; a ticket is a tenth of that.
const (
	maxWidth  = 2048
	maxHeight = 4000
)

// Config says where the printer is.
type Config struct {
	Path  string // device node, "/dev/usb/lp0"
	Width int    // printable width in dots, a multiple of 8 up to 2,048; 0 is DefaultWidth
}

// Printer is an open printer. It is safe for concurrent use; one ticket is printed at a time.
type Printer struct {
	config Config
	line   *serial.Line
	mu     sync.Mutex   // held for a whole exchange
	torn   bool         // part of a ticket may hang out of the printer; under mu
	began  atomic.Int64 // when the ticket that is being printed was begun, in Unix nanoseconds; 0 without one
}

// Open opens the node and asks the printer for its status. The error is devices.ErrNotConfigured without a path,
// ErrNoDevice when there is no such node, ErrBusy when another process has it, ErrTimeout when nobody answers; paper and
// cover do not matter here.
func Open(ctx context.Context, c Config) (*Printer, error) {
	if c.Width == 0 {
		c.Width = DefaultWidth
	}
	if c.Width < 8 || c.Width > maxWidth || c.Width%8 != 0 {
		return nil, failure("open", fmt.Errorf("width of %d dots is not a multiple of 8 up to %d", c.Width, maxWidth))
	}
	if c.Path == "" {
		return nil, failure("open", devices.ErrNotConfigured)
	}
	line, err := serial.Open(c.Path, 0)
	if err != nil {
		return nil, failure("open", err)
	}
	p := &Printer{config: c, line: line}
	if _, err := p.ask(ctx, statusPrinter); err != nil {
		line.Close()
		return nil, failure("open", err)
	}
	return p, nil
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindTicketPrinter, Op: op, Err: err}
}

// Info says where the printer is; ESC/POS has no identity that all models give.
func (p *Printer) Info() devices.Info {
	return devices.Info{Kind: devices.KindTicketPrinter, Model: "ESC/POS printer", Path: p.config.Path}
}

// Width is the printable width in dots.
func (p *Printer) Width() int { return p.config.Width }

// Close ends a call that waits, and gives the node back.
func (p *Printer) Close() error {
	if err := p.line.Close(); err != nil {
		return failure("close", err)
	}
	return nil
}

// Times that a printer may take. A roll moves at 100 mm/s or more, and a band is 8 mm.
const (
	bandTime  = 10 * time.Second // to take one band
	printTime = 30 * time.Second // to finish after the last
	lookTime  = 250 * time.Millisecond
	clearTime = 500 * time.Millisecond
	// ticketTime is how long a ticket may take at most before the printer counts as ill: a ticket of a tenth of a metre takes
	// seconds.
	ticketTime = time.Minute
)

// Print prints the ticket and cuts. Nothing is sent to a printer that cannot print; one that stops in between is told to
// forget the rest, so that no ticket comes out when somebody puts paper in. What it had printed of it is cut off before the
// next one, or two visitors would share a strip. It returns nil only when the printer has
// said that the last line is on paper.
func (p *Printer) Print(ctx context.Context, ticket *image.Gray) error {
	size := ticket.Rect.Size()
	if size.X < 1 || size.X > p.config.Width || size.Y < 1 || size.Y > maxHeight {
		return failure("print", fmt.Errorf("ticket of %d x %d dots does not fit %d x %d", size.X, size.Y, p.config.Width, maxHeight))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began.Store(time.Now().UnixNano())
	defer p.began.Store(0)
	s, err := p.status(ctx)
	if err == nil {
		err = s.obstacle()
	}
	if err != nil {
		return failure("print", err)
	}
	err = p.send(ctx, ticket)
	p.torn = err != nil && !errors.Is(err, devices.ErrPaperOut) // a new roll comes without it
	if err != nil {
		p.forget()
		return failure("print", err)
	}
	return nil
}

// Commands (Epson, ESC/POS Command Reference).
const (
	initialise   = "\x1B@"                                    // ESC @
	noUnasked    = "\x1Da\x00"                                // GS a: no automatic status
	feedAndCut   = "\x1DVB\x10"                               // GS V B: to the knife and 16 dots on, partial cut
	whenPrinted  = "\x1Dr\x01"                                // GS r: paper status, in its turn
	clearBuffers = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" // DLE DC4 8
)

func (p *Printer) send(ctx context.Context, ticket *image.Gray) error {
	begin := initialise + noUnasked
	if p.torn {
		begin += feedAndCut
	}
	if err := p.line.Write(ctx, []byte(begin), bandTime); err != nil {
		return err
	}
	for top := 0; top < ticket.Rect.Dy(); top += bandHeight {
		if err := p.line.Write(ctx, band(ticket, top), bandTime); err != nil {
			return err
		}
	}
	if err := p.line.Drain(); err != nil {
		return err
	}
	if err := p.line.Write(ctx, []byte(feedAndCut+whenPrinted), bandTime); err != nil {
		return err
	}
	return p.waitPrinted(ctx)
}

// waitPrinted waits for the answer to whenPrinted, and looks now and then whether something keeps the printer from
// getting there.
func (p *Printer) waitPrinted(ctx context.Context) error {
	for end := time.Now().Add(printTime); time.Now().Before(end); {
		b, err := p.readByte(ctx, lookTime)
		switch {
		case err == nil && b&0x90 == 0: // the answer to GS r, whatever paper is left
			return nil
		case err == nil && b&statusMask != statusFixed:
			return fmt.Errorf("%w: status %#02x", devices.ErrProtocol, b)
		case err == nil:
			if b&(offlineCoverOpen|offlinePaperEnd) != 0 {
				return status{offline: b}.obstacle()
			}
			continue
		case !errors.Is(err, devices.ErrTimeout):
			return err
		}
		if err := p.line.Write(ctx, []byte{0x10, 0x04, statusOffline}, answerTime); err != nil {
			return err
		}
	}
	return devices.ErrTimeout
}

// forget makes the printer throw away what it has not printed. The caller's context may have ended, and the printer may
// be gone: then there is nothing to forget.
func (p *Printer) forget() {
	ctx, cancel := context.WithTimeout(context.Background(), clearTime)
	defer cancel()
	if err := p.line.Write(ctx, []byte(clearBuffers), clearTime); err == nil {
		p.ask(ctx, statusPrinter) // once it answers, it has obeyed
	}
}
