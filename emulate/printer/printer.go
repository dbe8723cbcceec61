// Package printer is a ticket printer in Go on a pseudo terminal, as strict as ESC/POS printers are (Epson, ESC/POS
// Command Reference): it obeys real-time commands wherever they stand, answers status, prints pictures, feeds and cuts.
// What it prints is kept as pictures. It can run out of paper, have its cover open, say nothing, or be pulled out.
//
// It shares no code with the driver, and takes whatever is written to it: its memory is bounded.
package printer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/foyer-station/foyer/emulate/tty"
)

// Condition is what is the matter with the printer. The zero value is a good one.
type Condition struct {
	PaperLow  bool // the roll's near end has been seen
	PaperOut  bool
	CoverOpen bool
	Silent    bool // it neither answers nor prints, and takes what is sent
}

// Printer is a printer that is plugged in. It is safe for concurrent use.
type Printer struct {
	line *tty.Line
	read chan struct{}

	mu        sync.Mutex
	condition Condition
	opens     bool // the cover, instead of the paper's end
	decoder   decoder
	tickets   []*image.Gray
	printed   chan struct{} // closed and replaced at every ticket
}

// New plugs a printer in that prints width dots across, a multiple of 8 up to 2,048.
func New(width int) (*Printer, error) {
	if width < 8 || width > maxWidth || width%8 != 0 {
		return nil, fmt.Errorf("printer: width of %d dots is not a multiple of 8 up to %d", width, maxWidth)
	}
	line, err := tty.New()
	if err != nil {
		return nil, fmt.Errorf("printer: %w", err)
	}
	p := &Printer{line: line, read: make(chan struct{}), decoder: decoder{width: width, paper: endlessPaper}, printed: make(chan struct{})}
	go p.serve()
	return p, nil
}

// Path is the device node that a driver opens.
func (p *Printer) Path() string { return p.line.Path() }

// Set changes the printer's condition. New paper makes it go on with what it has.
func (p *Printer) Set(c Condition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.condition.PaperOut && !c.PaperOut {
		p.decoder.newRoll()
	}
	p.condition = c
	p.work()
}

// PaperLeft puts in a roll with so many rows left; after these the paper is out.
func (p *Printer) PaperLeft(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.decoder.paper = rows
}

// OpenCoverAfter has somebody open the cover after so many rows more; those that are printed hang out of the printer until it
// cuts.
func (p *Printer) OpenCoverAfter(rows int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opens, p.decoder.paper = true, rows
}

// Tickets are the pictures that have been cut off so far, white 255 and black 0.
func (p *Printer) Tickets() []*image.Gray {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*image.Gray(nil), p.tickets...)
}

// WaitTicket returns the n-th ticket, counted from 1, as soon as it has been cut off.
func (p *Printer) WaitTicket(ctx context.Context, n int) (*image.Gray, error) {
	if n < 1 {
		return nil, errors.New("printer: tickets are counted from 1")
	}
	for {
		p.mu.Lock()
		tickets, printed := p.tickets, p.printed
		p.mu.Unlock()
		if len(tickets) >= n {
			return tickets[n-1], nil
		}
		select {
		case <-printed:
		case <-ctx.Done():
			return nil, fmt.Errorf("printer: wait for ticket %d: %w", n, ctx.Err())
		}
	}
}

// Unknown is how many bytes the printer could not make sense of; a correct driver sends none.
func (p *Printer) Unknown() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.decoder.unknown
}

// Close pulls the printer out. It may be called twice.
func (p *Printer) Close() error {
	err := p.line.Close()
	<-p.read
	return err
}

func (p *Printer) serve() {
	defer close(p.read)
	chunk := make([]byte, 4096)
	for {
		n, err := p.line.Read(chunk)
		if err != nil {
			return
		}
		p.receive(chunk[:n])
	}
}

func (p *Printer) receive(chunk []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.condition.Silent {
		return
	}
	for _, request := range p.decoder.receive(chunk) {
		p.answer(p.realTime(request))
	}
	p.work()
}

// answer drops what nobody reads, as a printer does: a full terminal would hold it up.
func (p *Printer) answer(b byte) {
	const patience = 20 * time.Millisecond
	p.line.SetWriteDeadline(time.Now().Add(patience))
	p.line.Write([]byte{b})
}

// work prints as much as it has received and can.
func (p *Printer) work() {
	for !p.condition.Silent && !p.condition.CoverOpen && !p.condition.PaperOut {
		e := p.decoder.next()
		switch e.kind {
		case eventNone:
			return
		case eventPaperOut:
			if p.opens {
				p.condition.CoverOpen, p.opens, p.decoder.paper = true, false, endlessPaper
			} else {
				p.condition.PaperOut = true
			}
		case eventStatus:
			p.answer(p.inTurn())
		case eventCut:
			p.tickets = append(p.tickets, e.ticket)
			close(p.printed)
			p.printed = make(chan struct{})
		}
	}
}

// realTime is the answer to DLE EOT n.
func (p *Printer) realTime(n byte) byte {
	b := byte(0x12) // bits 1 and 4 are always set
	set := func(condition bool, bits byte) {
		if condition {
			b |= bits
		}
	}
	c := p.condition
	switch n {
	case 1:
		set(c.PaperOut || c.CoverOpen, 0x08) // offline
	case 2:
		set(c.CoverOpen, 0x04)
		set(c.PaperOut, 0x20) // printing stopped by the paper's end
	case 4:
		set(c.PaperLow || c.PaperOut, 0x0C)
		set(c.PaperOut, 0x60)
	}
	return b
}

// inTurn is the answer to GS r 1.
func (p *Printer) inTurn() byte {
	if p.condition.PaperLow {
		return 0x03
	}
	return 0
}
