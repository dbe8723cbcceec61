package printer

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
)

// Condition is what is the matter with the printer. The zero value is a good one.
type Condition struct {
	PaperLow   bool // the roll's near end has been seen
	PaperOut   bool
	CoverOpen  bool
	Offline    bool // by its own button
	Blocked    bool // something lies in the cutter: the next cut jams it, and it stays so until it is told to recover
	Overheated bool // its head: it pauses, and goes on by itself once that is over
	Broken     bool // for good
	Silent     bool // it neither answers nor prints, and takes what is sent
}

// stops tells whether the printer prints nothing meanwhile.
func (c Condition) stops() bool {
	return c.Silent || c.CoverOpen || c.PaperOut || c.Offline || c.Overheated || c.Broken
}

// Identity is what the printer says to GS I. What is empty is not answered, as with printers that do not know the question.
type Identity struct{ Manufacturer, Model, Firmware, Serial string }

// Mechanism is a printer without its plug. It is safe for concurrent use.
type Mechanism struct {
	say func([]byte)

	mu        sync.Mutex
	condition Condition
	identity  Identity
	jammed    bool // the cutter, until the printer is told to recover
	opens     bool // the cover, instead of the paper's end
	paused    bool
	decoder   decoder
	tickets   []*image.Gray
	asked     [5]int        // how often for each status
	changed   chan struct{} // closed and replaced at every ticket, and whenever something came
}

// NewMechanism makes a printer that prints width dots across, a multiple of 8 up to 2,048. What it answers goes to say, which
// must not wait for it.
func NewMechanism(width int, say func([]byte)) (*Mechanism, error) {
	if width < 8 || width > maxWidth || width%8 != 0 {
		return nil, fmt.Errorf("printer: width of %d dots is not a multiple of 8 up to %d", width, maxWidth)
	}
	return &Mechanism{say: say, identity: Identity{"EPSON", "TM-T88V", "30.21", "EMULATED1"}, decoder: decoder{width: width, paper: endlessPaper}, changed: make(chan struct{})}, nil
}

// Set changes the printer's condition. New paper makes it go on with what it has.
func (m *Mechanism) Set(c Condition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.condition.PaperOut && !c.PaperOut {
		m.decoder.newRoll()
	}
	m.condition = c
	m.work()
}

// Condition is what is the matter with the printer now.
func (m *Mechanism) Condition() Condition {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.condition
}

// Is makes the printer say what it is; a new one says that it is a TM-T88V.
func (m *Mechanism) Is(i Identity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.identity = i
}

// PaperLeft puts in a roll with so many rows left; after these the paper is out.
func (m *Mechanism) PaperLeft(rows int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.decoder.paper = rows
}

// OpenCoverAfter has somebody open the cover after so many rows more; those that are printed hang out of the printer until it
// cuts.
func (m *Mechanism) OpenCoverAfter(rows int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opens, m.decoder.paper = true, rows
}

// Pause keeps the printer from printing what it receives, without saying so, as a slow motor does. What wants no paper is answered
// all the same. Resume ends that.
func (m *Mechanism) Pause() { m.pause(true) }

// Resume ends what Pause began.
func (m *Mechanism) Resume() { m.pause(false) }

func (m *Mechanism) pause(paused bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.paused = paused
	m.work()
}

// Step prints what was received so far, of a printer that is paused and stays so.
func (m *Mechanism) Step() {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.paused
	m.paused = false
	m.work()
	m.paused = was
}

// ClearBuffers forgets what has been received and not printed, as a reset by the USB host does.
func (m *Mechanism) ClearBuffers() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.decoder.clear()
}

// Tickets are the pictures that have been cut off so far, white 255 and black 0.
func (m *Mechanism) Tickets() []*image.Gray {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*image.Gray(nil), m.tickets...)
}

// WaitTicket returns the n-th ticket, counted from 1, as soon as it has been cut off.
func (m *Mechanism) WaitTicket(ctx context.Context, n int) (*image.Gray, error) {
	if n < 1 {
		return nil, errors.New("printer: tickets are counted from 1")
	}
	var ticket *image.Gray
	err := m.until(ctx, func() bool {
		if len(m.tickets) >= n {
			ticket = m.tickets[n-1]
		}
		return ticket != nil
	})
	if err != nil {
		return nil, fmt.Errorf("printer: wait for ticket %d: %w", n, err)
	}
	return ticket, nil
}

// WaitJob waits until a whole ticket is there to be printed, of a printer that is paused.
func (m *Mechanism) WaitJob(ctx context.Context) error {
	return m.until(ctx, func() bool { return m.decoder.holdsJob() })
}

// WaitBytes waits until so many bytes have been received and not printed.
func (m *Mechanism) WaitBytes(ctx context.Context, n int) error {
	return m.until(ctx, func() bool { return len(m.decoder.buffer) >= n })
}

// WaitAsked waits until somebody asks for a status, by the n of DLE EOT n, once more.
func (m *Mechanism) WaitAsked(ctx context.Context, n int) error {
	m.mu.Lock()
	before := m.asked[n]
	m.mu.Unlock()
	return m.until(ctx, func() bool { return m.asked[n] > before })
}

// until waits for something that holds under the mutex.
func (m *Mechanism) until(ctx context.Context, holds func() bool) error {
	for {
		m.mu.Lock()
		ok, changed := holds(), m.changed
		m.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *Mechanism) signal() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Unknown is how many bytes the printer could not make sense of; a correct driver sends none.
func (m *Mechanism) Unknown() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.decoder.unknown
}

// Receive takes what came over the wire.
func (m *Mechanism) Receive(chunk []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.condition.Silent {
		return
	}
	for _, r := range m.decoder.receive(chunk) {
		switch {
		case r.status != 0:
			m.asked[r.status]++
			m.say([]byte{m.realTime(r.status)})
		case !m.condition.Blocked: // told to recover, and somebody has cleared the cutter
			m.jammed = false
			m.decoder.clear()
		}
	}
	m.work()
	m.signal()
}

// work prints as much as it has received and can.
func (m *Mechanism) work() {
	for (!m.paused || m.decoder.isAskedWhoItIs()) && !m.jammed && !m.condition.stops() {
		e := m.decoder.next()
		switch e.kind {
		case eventNone:
			return
		case eventPaperOut:
			if m.opens {
				m.condition.CoverOpen, m.opens, m.decoder.paper = true, false, endlessPaper
			} else {
				m.condition.PaperOut = true
			}
		case eventStatus:
			m.say([]byte{m.inTurn()})
		case eventIdentity:
			m.introduce(e.asked)
		case eventCut:
			m.cut(e.ticket)
		}
	}
}

// cut lets the ticket fall, unless something lies in the cutter: then it hangs there.
func (m *Mechanism) cut(ticket *image.Gray) {
	if m.condition.Blocked {
		m.jammed = true
		m.decoder.strip = ticket.Pix
		return
	}
	m.tickets = append(m.tickets, ticket)
	m.signal()
}

// Bits of the answers to DLE EOT.
const (
	alwaysSet    = 0x12
	offline      = 0x08
	coverOpen    = 0x04
	button       = 0x08
	paperStopped = 0x20
	anError      = 0x40
	cutterJam    = 0x08
	forGood      = 0x20
	passing      = 0x40
	nearEnd      = 0x0C
	end          = 0x60
)

// realTime is the answer to DLE EOT n.
func (m *Mechanism) realTime(n byte) byte {
	b := byte(alwaysSet)
	set := func(condition bool, bits byte) {
		if condition {
			b |= bits
		}
	}
	c := m.condition
	failed := m.jammed || c.Broken || c.Overheated
	switch n {
	case 1:
		set(c.PaperOut || c.CoverOpen || c.Offline || failed, offline)
	case 2:
		set(c.CoverOpen, coverOpen)
		set(c.Offline, button)
		set(c.PaperOut, paperStopped)
		set(failed, anError)
	case 3:
		set(m.jammed, cutterJam)
		set(c.Broken, forGood)
		set(c.Overheated, passing)
	case 4:
		set(c.PaperLow || c.PaperOut, nearEnd)
		set(c.PaperOut, end)
	}
	return b
}

// inTurn is the answer to GS r 1.
func (m *Mechanism) inTurn() byte {
	if m.condition.PaperLow {
		return 0x03
	}
	return 0
}

// introduce answers GS I n: a header, text, and NUL.
func (m *Mechanism) introduce(n byte) {
	text := map[byte]string{'A': m.identity.Firmware, 'B': m.identity.Manufacturer, 'C': m.identity.Model, 'D': m.identity.Serial}[n]
	if text != "" {
		m.say([]byte("_" + text + "\x00"))
	}
}
