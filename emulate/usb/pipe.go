package usb

import (
	"context"
	"sync"
	"time"
)

// pipe is an interrupt IN endpoint: transfers wait for reports, and a few reports for transfers.
type pipe struct {
	limit int  // reports kept when the host does not ask; the oldest goes first
	asked gate // a transfer waits

	mu      sync.Mutex
	waiting []*Transfer
	reports [][]byte
}

// report queues one report.
func (p *pipe) report(r []byte) {
	p.mu.Lock()
	p.reports = append(p.reports, r)
	if len(p.waiting) == 0 && len(p.reports) > p.limit {
		p.reports = p.reports[1:]
	}
	t, r := p.match()
	p.mu.Unlock()
	deliver(t, r)
}

// read queues one transfer.
func (p *pipe) read(t *Transfer) {
	p.mu.Lock()
	p.waiting = append(p.waiting, t)
	t, r := p.match()
	p.mu.Unlock()
	deliver(t, r)
}

// match takes the next transfer and its report, if there are both. Only one pair can have come together by one call.
func (p *pipe) match() (*Transfer, []byte) {
	var t *Transfer
	var r []byte
	if len(p.waiting) > 0 && len(p.reports) > 0 {
		t, r = p.waiting[0], p.reports[0]
		p.waiting, p.reports = p.waiting[1:], p.reports[1:]
	}
	p.asked.set(len(p.waiting) > 0)
	return t, r
}

func deliver(t *Transfer, r []byte) {
	if t != nil {
		t.Complete(OK, r)
	}
}

// cancel forgets a transfer.
func (p *pipe) cancel(t *Transfer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, waiting := range p.waiting {
		if waiting == t {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			p.asked.set(len(p.waiting) > 0)
			return
		}
	}
}

// flush forgets the reports that nobody asked for.
func (p *pipe) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reports = nil
}

// ready waits until a gate is open and then a transfer waits.
func (p *pipe) ready(ctx context.Context, open *gate) error {
	if err := open.wait(ctx); err != nil {
		return err
	}
	return p.asked.wait(ctx)
}

// steady waits until one transfer has waited for that long, or returns ctx's error.
func (p *pipe) steady(ctx context.Context, long time.Duration) error {
	const look = 5 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	var waits *Transfer
	var since time.Time
	for {
		p.mu.Lock()
		var first *Transfer
		if len(p.waiting) > 0 {
			first = p.waiting[0]
		}
		p.mu.Unlock()
		switch {
		case first == nil || first != waits:
			waits, since = first, time.Now()
		case time.Since(since) >= long:
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// gate is a state of a device that a person waits for: ink on, reading enabled.
type gate struct {
	mu      sync.Mutex
	open    bool
	changed chan struct{} // closed and replaced at every change; nil when nobody has waited yet
}

func (g *gate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == open {
		return
	}
	g.open = open
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

func (g *gate) isOpen() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// wait returns once the gate is open, or ctx's error.
func (g *gate) wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		if g.open {
			g.mu.Unlock()
			return nil
		}
		if g.changed == nil {
			g.changed = make(chan struct{})
		}
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
