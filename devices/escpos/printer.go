// Package escpos drives ticket printers that understand ESC/POS (Epson, ESC/POS Command Reference, and the many that
// follow it). It implements [devices.TicketPrinter]. A printer is reached over the USB printer class by libusb, over a serial
// line, or by a node that the kernel's own driver gives (/dev/usb/lp0).
//
// A ticket is sent as a picture, so that every script, and every bar code, prints alike on every printer. Of the printer's own
// state only the documented answers are believed: DLE EOT in real time, and GS r, which is answered when all before it has been
// printed.
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

// Printer is an open printer. It is safe for concurrent use; one ticket is printed at a time.
type Printer struct {
	width      int // dots
	link       link
	usb        *usbLink // the link, if it is one
	info       devices.Info
	unfinished unfinished
	mu         sync.Mutex   // held for a whole exchange
	torn       bool         // part of a ticket may hang out of the printer, and part be in it; under mu
	began      atomic.Int64 // when the ticket that is being printed was begun, in Unix nanoseconds; 0 without one
}

// link carries bytes to a printer and back. A [serial.Line] is one.
type link interface {
	Write(ctx context.Context, data []byte, timeout time.Duration) error
	ReadFull(ctx context.Context, buffer []byte, timeout time.Duration) error
	Drain() error
	Close() error
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindTicketPrinter, Op: op, Err: err}
}

// Info says what the printer said of itself when it was opened, as far as it did, and where it is.
func (p *Printer) Info() devices.Info { return p.info }

// Width is the printable width in dots.
func (p *Printer) Width() int { return p.width }

// Close ends a call that waits, and gives the printer back.
func (p *Printer) Close() error {
	if err := p.link.Close(); err != nil {
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
// next one, or two visitors would share a strip: that holds for whoever opens the printer next, too (Config.Unfinished). It
// returns nil only when the printer has said that the last line is on paper.
func (p *Printer) Print(ctx context.Context, ticket *image.Gray) error {
	size := ticket.Rect.Size()
	if size.X < 1 || size.X > p.width || size.Y < 1 || size.Y > maxHeight {
		return failure("print", fmt.Errorf("ticket of %d x %d dots does not fit %d x %d", size.X, size.Y, p.width, maxHeight))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began.Store(time.Now().UnixNano())
	defer p.began.Store(0)
	if err := p.prepare(ctx); err != nil {
		return failure("print", err)
	}
	p.unfinished.begin() // an error leaves it to memory
	err := p.send(ctx, ticket)
	p.torn = err != nil && !errors.Is(err, devices.ErrPaperOut) // a new roll comes without it
	if !p.torn {
		p.unfinished.end()
	}
	if err != nil {
		p.forget()
		return failure("print", err)
	}
	return nil
}

// prepare makes sure that the printer can print, and that nothing of an earlier ticket is in it.
func (p *Printer) prepare(ctx context.Context) error {
	if p.torn {
		if err := p.clear(ctx); err != nil {
			return err
		}
	}
	s, err := p.status(ctx)
	if err == nil && s.fault&errorCutter != 0 {
		s, err = p.recover(ctx)
	}
	if err != nil {
		return err
	}
	return s.obstacle()
}

// recover tells a printer whose cutter was jammed to try again. The ticket that it could not cut hangs out of it still.
func (p *Printer) recover(ctx context.Context) (status, error) {
	const patience, pause = 3 * time.Second, 100 * time.Millisecond // while the cutter goes home
	p.torn = true
	if err := p.link.Write(ctx, []byte(recoverAndClear), answerTime); err != nil {
		return status{}, err
	}
	for end := time.Now().Add(patience); ; {
		s, err := p.status(ctx)
		if err != nil || s.fault&errorCutter == 0 || time.Now().After(end) {
			return s, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return s, ctx.Err()
		}
	}
}

// Commands (Epson, ESC/POS Command Reference).
const (
	initialise      = "\x1B@"                                    // ESC @
	noUnasked       = "\x1Da\x00"                                // GS a: no automatic status
	feedAndCut      = "\x1DVB\x10"                               // GS V B: to the knife and 16 dots on, partial cut
	whenPrinted     = "\x1Dr\x01"                                // GS r: paper status, in its turn
	recoverAndClear = "\x10\x05\x02"                             // DLE ENQ 2
	clearBuffers    = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" // DLE DC4 8
)

func (p *Printer) send(ctx context.Context, ticket *image.Gray) error {
	begin := initialise + noUnasked
	if p.torn {
		begin += feedAndCut
	}
	if err := p.link.Write(ctx, []byte(begin), bandTime); err != nil {
		return err
	}
	for top := 0; top < ticket.Rect.Dy(); top += bandHeight {
		if err := p.link.Write(ctx, band(ticket, top), bandTime); err != nil {
			return err
		}
	}
	if err := p.link.Drain(); err != nil {
		return err
	}
	if err := p.link.Write(ctx, []byte(feedAndCut+whenPrinted), bandTime); err != nil {
		return err
	}
	return p.waitPrinted(ctx)
}

// waitPrinted waits for the answer to whenPrinted, and looks now and then whether something keeps the printer from
// getting there. A head that is too hot is waited for: it cools.
func (p *Printer) waitPrinted(ctx context.Context) error {
	for end := time.Now().Add(printTime); time.Now().Before(end); {
		b, err := p.readByte(ctx, lookTime)
		switch {
		case err == nil && b&0x90 == 0: // the answer to GS r, whatever paper is left
			return nil
		case err == nil && b&statusMask != statusFixed:
			return fmt.Errorf("%w: status %#02x", devices.ErrProtocol, b)
		case err == nil && b&offlineError != 0:
			if err := p.passing(ctx); err != nil {
				return err
			}
			continue
		case err == nil:
			if b&(offlineCoverOpen|offlinePaperEnd) != 0 {
				return status{offline: b}.obstacle()
			}
			continue
		case !errors.Is(err, devices.ErrTimeout):
			return err
		}
		if err := p.link.Write(ctx, []byte{0x10, 0x04, statusOffline}, answerTime); err != nil {
			return err
		}
	}
	return devices.ErrTimeout
}

// passing tells whether an error that the printer reports goes by itself. Asking loses what the printer may have said meanwhile,
// so it is asked again when all has been printed.
func (p *Printer) passing(ctx context.Context) error {
	s, err := p.status(ctx)
	if err == nil {
		err = s.obstacle()
	}
	if err != nil && !errors.Is(err, errOverheated) {
		return err
	}
	select {
	case <-time.After(lookTime):
	case <-ctx.Done():
		return ctx.Err()
	}
	return p.link.Write(ctx, []byte(whenPrinted), answerTime)
}

// forget makes the printer throw away what it has not printed. The caller's context may have ended, and the printer may
// be gone: then there is nothing to forget.
func (p *Printer) forget() {
	ctx, cancel := context.WithTimeout(context.Background(), clearTime)
	defer cancel()
	p.clear(ctx) // if it fails, the next ticket begins with it
}

// clear empties the printer's buffers, in real time. What was queued for it on the way is not sent. A printer that takes nothing
// any more is reset, where there is a way to.
func (p *Printer) clear(ctx context.Context) error {
	if line, ok := p.link.(*serial.Line); ok {
		if err := line.Discard(); err != nil {
			return err
		}
	}
	err := p.link.Write(ctx, []byte(clearBuffers), clearTime)
	if errors.Is(err, devices.ErrTimeout) && p.usb != nil {
		reset, cancel := context.WithTimeout(context.Background(), clearTime)
		defer cancel()
		if err = p.usb.Reset(reset); err == nil {
			err = p.link.Write(reset, []byte(clearBuffers), clearTime)
		}
	}
	if err == nil {
		_, err = p.ask(ctx, statusPrinter) // once it answers, it has obeyed
	}
	return err
}
