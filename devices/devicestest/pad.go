package devicestest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Writer is an emulated signature pad with a person's hand at it. Heights are parts of the pad's, 0 to 1.
type Writer interface {
	Unit
	// Write draws a line across the pad at a height, the pen in the air before and after. Nobody needs to listen.
	Write(ctx context.Context, height float64) error
	// Press keeps the pen down at a height until ctx ends, and Hover in the air above it. Nobody needs to listen.
	Press(ctx context.Context, height float64)
	Hover(ctx context.Context, height float64)
	// Inked tells whether the pad's screen shows ink at a height.
	Inked(height float64) bool
}

// SignaturePad is what the suite must know of a pad's driver, beside what holds for every driver.
type SignaturePad[W Writer] struct {
	// Open opens the pad that is plugged in.
	Open func(context.Context) (devices.SignaturePad, error)
	// Plug plugs a pad in.
	Plug func(t *testing.T) W
}

// The heights at which is written what counts, and what does not.
const (
	theirs = 0.2 // somebody else's, or of before
	own    = 0.8
)

// Run tests that a capture gives what was written since its ink was on, from the first time on that the pen was put down,
// and nothing else.
func (d SignaturePad[W]) Run(t *testing.T) {
	for name, before := range map[string]func(*atPad[W]){
		"nothing before":                           func(*atPad[W]) {},
		"a line before the first signature":        func(p *atPad[W]) { p.write(theirs) },
		"more before than the pad keeps":           func(p *atPad[W]) { p.press(theirs, 2*time.Second) },
		"a line of the visitor before":             (*atPad[W]).visitorBefore,
		"a line after a signature was given up":    (*atPad[W]).givenUp,
		"a line while the screen is wiped":         (*atPad[W]).whileWiped,
		"a line on the pad while it was out":       (*atPad[W]).whileOut,
		"five signatures given up in a row":        (*atPad[W]).givenUpAtOnce,
		"a signature given up while being begun":   (*atPad[W]).givenUpEarly,
		"a line before, and then a pen in the air": func(p *atPad[W]) { p.write(theirs); p.hover(300 * time.Millisecond) },
	} {
		t.Run("only what is signed counts: "+name, func(t *testing.T) {
			p := d.sit(t)
			before(p)
			if err := p.pad.Clear(t.Context()); err != nil { // as whoever asks for a signature does
				t.Errorf("Clear = %v", err)
			}
			p.mustKeepOwn(p.capture(t.Context()))
		})
	}
	t.Run("only what is signed counts: a pen that was down before", d.penDown)
	t.Run("only what is signed counts: a pen that is held in the air", d.penInTheAir)
	t.Run("a pen that is only held in the air writes nothing", d.onlyHover)
	t.Run("a pad that is opened shows nothing of whoever signed before", d.leftInked)
}

// atPad is a person at an open pad.
type atPad[W Writer] struct {
	t    *testing.T
	d    SignaturePad[W]
	unit W
	pad  devices.SignaturePad
}

func (d SignaturePad[W]) sit(t *testing.T) *atPad[W] {
	p := &atPad[W]{t: t, d: d, unit: d.Plug(t)}
	p.open()
	t.Cleanup(func() {
		p.pad.Close()
		p.unit.Unplug()
	})
	return p
}

func (p *atPad[W]) open() {
	p.t.Helper()
	pad, err := p.d.Open(p.t.Context())
	if err != nil {
		p.t.Fatalf("Open = %v", err)
	}
	p.pad = pad
}

func (p *atPad[W]) write(height float64) {
	p.t.Helper()
	if err := p.unit.Write(p.t.Context(), height); err != nil {
		p.t.Fatal(err)
	}
}

func (p *atPad[W]) press(height float64, long time.Duration) {
	ctx, cancel := context.WithTimeout(p.t.Context(), long)
	defer cancel()
	p.unit.Press(ctx, height)
}

func (p *atPad[W]) hover(long time.Duration) {
	ctx, cancel := context.WithTimeout(p.t.Context(), long)
	defer cancel()
	p.unit.Hover(ctx, theirs)
}

// visitorBefore signs, and goes on writing when the signature has been taken.
func (p *atPad[W]) visitorBefore() {
	s := p.capture(p.t.Context())
	mustBeReady(p.t, p.unit)
	p.write(theirs)
	s.mustSee(theirs)
	s.end()
	p.write(theirs)
}

// givenUp writes while a signature is cancelled, and after that.
func (p *atPad[W]) givenUp() {
	s := p.capture(p.t.Context())
	mustBeReady(p.t, p.unit)
	ctx, cancel := context.WithCancel(p.t.Context())
	var hand sync.WaitGroup
	hand.Go(func() { p.unit.Press(ctx, theirs) })
	time.AfterFunc(100*time.Millisecond, s.cancel)
	s.wait()
	cancel()
	hand.Wait()
	p.write(theirs)
}

// givenUpAtOnce cancels signatures that nobody has begun.
func (p *atPad[W]) givenUpAtOnce() {
	for range 5 {
		s := p.capture(p.t.Context())
		p.write(theirs)
		s.end()
	}
}

// givenUpEarly cancels signatures at whatever the driver does first, while somebody writes.
func (p *atPad[W]) givenUpEarly() {
	for i := range 10 {
		ctx, lift := context.WithCancel(p.t.Context())
		var hand sync.WaitGroup
		hand.Go(func() { p.unit.Press(ctx, theirs) })
		s := p.capture(p.t.Context())
		time.AfterFunc(time.Duration(i)*7*time.Millisecond, func() { s.cancel(); lift() }) // while it is down a driver may drain for long
		s.wait()
		hand.Wait()
	}
}

func (p *atPad[W]) whileWiped() {
	var hand sync.WaitGroup
	hand.Go(func() { p.write(theirs) })
	for range 3 {
		if err := p.pad.Clear(p.t.Context()); err != nil {
			p.t.Errorf("Clear = %v", err)
		}
	}
	hand.Wait()
}

func (p *atPad[W]) whileOut() {
	p.write(theirs)
	p.unit.Unplug()
	wantState(p.t, p.pad, devices.StateNoDevice)
	p.write(theirs)
	p.pad.Close()
	p.unit = p.d.Plug(p.t)
	p.write(theirs)
	p.open()
	p.write(theirs)
}

func (d SignaturePad[W]) penDown(t *testing.T) {
	p := d.sit(t)
	ctx, lift := context.WithCancel(t.Context())
	var hand sync.WaitGroup
	hand.Go(func() { p.unit.Press(ctx, theirs) })
	s := p.capture(t.Context())
	time.AfterFunc(2*time.Second, lift) // longer than a driver may throw away what was written before
	hand.Wait()
	p.mustKeepOwn(s)
}

// leftInked has a program end while somebody signs.
func (d SignaturePad[W]) leftInked(t *testing.T) {
	p := d.sit(t)
	s := p.capture(t.Context())
	mustBeReady(t, p.unit)
	p.write(theirs)
	s.mustSee(theirs)
	p.pad.Close()
	<-s.ended
	p.open()
	if p.unit.Inked(theirs) {
		t.Error("the pad still shows what was written before")
	}
}

func (d SignaturePad[W]) penInTheAir(t *testing.T) {
	p := d.sit(t)
	p.write(theirs)
	ctx, down := context.WithCancel(t.Context())
	var hand sync.WaitGroup
	hand.Go(func() { p.unit.Hover(ctx, theirs) })
	s := p.capture(t.Context())
	s.until("the pen in the air", func() bool { return len(s.all()) > 0 })
	down()
	hand.Wait()
	p.mustKeepOwn(s)
}

func (d SignaturePad[W]) onlyHover(t *testing.T) {
	p := d.sit(t)
	s := p.capture(t.Context())
	mustBeReady(t, p.unit)
	p.hover(200 * time.Millisecond)
	s.until("the pen in the air", func() bool { return len(s.all()) > 0 })
	s.end()
	if slices.ContainsFunc(s.all(), func(x devices.Sample) bool { return x.Down }) {
		t.Error("a pen in the air wrote")
	}
}

// mustKeepOwn signs, and wants the signature to be that and no more.
func (p *atPad[W]) mustKeepOwn(s *signing) {
	p.t.Helper()
	mustBeReady(p.t, p.unit)
	p.write(own)
	s.mustSee(own)
	if p.unit.Inked(theirs) || !p.unit.Inked(own) {
		p.t.Errorf("the pad shows ink that does not count: %v, and that which does: %v", p.unit.Inked(theirs), p.unit.Inked(own))
	}
	s.end()
	for _, sample := range s.all() {
		if sample.Down && !s.at(sample, own) {
			p.t.Fatalf("the signature has %+v, which was not written in it", sample)
		}
	}
}

// signing is one capture under way.
type signing struct {
	t      *testing.T
	size   devices.PadSize
	cancel context.CancelFunc
	ended  chan error

	mu      sync.Mutex
	samples []devices.Sample
}

func (p *atPad[W]) capture(ctx context.Context) *signing {
	s := &signing{t: p.t, size: p.pad.Size(), ended: make(chan error, 1)}
	ctx, s.cancel = context.WithCancel(ctx)
	p.t.Cleanup(s.cancel)
	go func() {
		s.ended <- p.pad.Capture(ctx, func(sample devices.Sample) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.samples = append(s.samples, sample)
		})
	}()
	return s
}

func (s *signing) all() []devices.Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.samples)
}

// at tells whether a sample is at a height, within a tenth of the pad.
func (s *signing) at(sample devices.Sample, height float64) bool {
	away := float64(sample.Y)/float64(s.size.MaxY) - height
	return -0.1 < away && away < 0.1
}

// mustSee waits until a whole line at a height has come.
func (s *signing) mustSee(height float64) {
	s.t.Helper()
	s.until("a line", func() bool {
		all := s.all()
		return len(all) > 0 && !all[len(all)-1].Down &&
			slices.ContainsFunc(all, func(x devices.Sample) bool { return x.Down && s.at(x, height) })
	})
}

func (s *signing) until(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(4 * soon); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %s; there are %d samples", what, len(s.all()))
		}
	}
}

// end ends the capture as a visitor does who has signed.
func (s *signing) end() {
	s.t.Helper()
	s.cancel()
	s.wait()
}

func (s *signing) wait() {
	s.t.Helper()
	if err := mustEnd(s.t, s.ended); err != nil {
		s.t.Errorf("Capture = %v", err)
	}
}
