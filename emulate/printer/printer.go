// Package printer is a ticket printer in Go, as strict as ESC/POS printers are (Epson, ESC/POS Command Reference): it
// obeys real-time commands wherever they stand, answers status, says what it is, prints pictures, feeds and cuts. What it
// prints is kept as pictures. It can run out of paper, have its cover open, its cutter jammed or its head too hot, say
// nothing, or be pulled out.
//
// [Mechanism] is the printer without its plug. [Printer] is one on a serial line; package emulate/usb has one for a USB bus.
//
// It shares no code with the driver, and takes whatever is written to it: its memory is bounded.
package printer

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/foyer-station/foyer/emulate/tty"
)

// Printer is a printer that is plugged in at a serial line. It is safe for concurrent use.
type Printer struct {
	*Mechanism

	mu   sync.Mutex
	plug *plug
	room int // bytes that it takes before it lets the host wait
}

// plug is the printer's end of a line.
type plug struct {
	line   *tty.Line
	pulled chan struct{} // closed when it is
	served chan struct{} // closed when nothing is read from it any more
}

// New plugs a printer in that prints width dots across, a multiple of 8 up to 2,048.
func New(width int) (*Printer, error) {
	p := &Printer{room: math.MaxInt}
	var err error
	if p.Mechanism, err = NewMechanism(width, p.answer); err != nil {
		return nil, err
	}
	if err := p.Plug(); err != nil {
		return nil, err
	}
	return p, nil
}

// Plug plugs a printer in again that was pulled out, at another path. It has its own power, and what it had received.
func (p *Printer) Plug() error {
	line, err := tty.New()
	if err != nil {
		return fmt.Errorf("printer: %w", err)
	}
	in := &plug{line, make(chan struct{}), make(chan struct{})}
	p.mu.Lock()
	p.plug = in
	p.mu.Unlock()
	go p.serve(in)
	return nil
}

// Path is the device node that a driver opens.
func (p *Printer) Path() string { return p.plugged().line.Path() }

func (p *Printer) plugged() *plug {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plug
}

// Room makes the printer take so many bytes more and then none.
func (p *Printer) Room(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room = bytes
}

// Close pulls the printer out. It may be called twice.
func (p *Printer) Close() error {
	in := p.plugged()
	p.mu.Lock()
	select {
	case <-in.pulled:
	default:
		close(in.pulled)
	}
	p.mu.Unlock()
	err := in.line.Close()
	<-in.served
	return err
}

// serve reads until the line is pulled out.
func (p *Printer) serve(in *plug) {
	defer close(in.served)
	for {
		p.mu.Lock()
		chunk := make([]byte, min(4096, p.room))
		p.mu.Unlock()
		if len(chunk) == 0 {
			<-in.pulled
			return
		}
		n, err := in.line.Read(chunk)
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.room != math.MaxInt {
			p.room -= min(n, p.room)
		}
		p.mu.Unlock()
		p.Receive(chunk[:n])
	}
}

// answer drops what nobody reads, as a printer does: a full line would hold it up.
func (p *Printer) answer(b []byte) {
	const patience = 20 * time.Millisecond
	line := p.plugged().line
	line.SetWriteDeadline(time.Now().Add(patience))
	line.Write(b)
}
