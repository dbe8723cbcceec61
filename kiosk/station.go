package kiosk

import (
	"context"
	"image"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Station carries out one check-in after another.
type Station struct {
	config    Config
	inspector *inspection.Inspector
	display   *display
	inbox     *inbox
	open      atomic.Bool // visitors can check in; Run sets it
	left      left
	lending   atomic.Bool // somebody borrows the devices, or waits to
	losses    losses
	easel     *easel
	// undecoded says that no decoder could be started for the last picture of a chip.
	undecoded atomic.Bool
	// unheld says that it has been told that a camera cannot hold its exposure.
	unheld atomic.Bool

	// Owned by Run.
	ctx     context.Context // Run's
	state   flow.State
	visitor *checkIn // nil before anything was captured
	unwiped []string // check-ins of before whose spool could not be wiped
	lookout *lookout // nil while a document that lies there is a visitor's own
	before  *lookout // the one before, which may be ending
	doubts  *doubts  // about what it says
	loan    *loan    // of the devices, or the wish for one; nil without
	entry   entry    // of a technician
	mended  bool     // a technician is at the screen
}

// New makes a station; nothing happens before Run.
func New(c Config) *Station {
	c.Timings = c.Timings.orDefault()
	if c.Patience == nil {
		c.Patience = flow.Patience
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Technician == nil {
		c.Technician = func(bool) {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Trace == nil {
		c.Trace = traceTo(c.Log)
	}
	in := &c.Inspection
	in.Devices = inspection.Devices{MRZReader: c.Devices.MRZReader, ChipReader: c.Devices.ChipReader, PageImager: c.Devices.PageImager}
	in.Today, in.Now, in.Trace, in.Log = c.Link.Now, c.Now, c.Trace, c.Log
	easel := newEasel(c.Devices.SignaturePad, c.PadPicture, func(err error) { c.Log.Warn("the pad does not show its picture", "err", err) })
	return &Station{easel: easel, config: c, inspector: inspection.New(*in), display: &display{to: c.Display}, inbox: newInbox(), doubts: newDoubts()}
}

// Send hands a touch to the station, from any goroutine. It never blocks.
func (s *Station) Send(e flow.Event) { s.inbox.put(message{event: e}) }

// Answers returns nil once the loop that serves visitors has come round, and ctx's error when that ends before: a station
// whose Run has not begun, or hangs, does not answer. It may be called from any goroutine.
func (s *Station) Answers(ctx context.Context) error {
	answer := make(chan struct{})
	s.inbox.put(message{answer: answer})
	select {
	case <-answer:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run serves visitors until ctx ends; then it stops and wipes the check-in under way, waits for every goroutine that it
// started, and returns ctx's error.
func (s *Station) Run(ctx context.Context) error {
	s.ctx = ctx
	s.state = flow.Begun()
	patience := time.NewTimer(time.Hour)
	defer patience.Stop()
	defer s.doubts.timer.Stop()
	var pictures sync.WaitGroup
	defer pictures.Wait()
	defer s.entry.jobs.Wait()
	pictures.Go(func() { s.easel.run(ctx) })
	s.lookAtOffice()
	s.mind()
	s.show(patience)
	for {
		select {
		case <-ctx.Done():
			s.forget()
			s.stopPIN()
			s.endLookout()
			s.state = flow.State{Screen: flow.OutOfService}
			s.show(patience)
			return ctx.Err()
		case <-s.inbox.ready:
			for _, m := range s.inbox.take() {
				s.receive(m, patience)
			}
		case <-patience.C:
			s.apply(flow.TimeUp{}, patience)
		case <-s.doubts.timer.C:
			s.applyIf(s.disbelieve(), patience)
		case <-s.config.Link.Changed():
			if s.lookAtOffice() {
				s.show(patience)
				s.mind()
			}
		}
		s.lendIfFree(patience)
	}
}

func (s *Station) receive(m message, patience *time.Timer) {
	if m.answer != nil {
		close(m.answer)
		return
	}
	if m.sight != nil {
		s.applyIf(s.seen(m.sight), patience)
		return
	}
	if m.borrow != nil {
		s.loan = m.borrow
		return
	}
	if m.over != nil {
		s.loan = nil
		s.apply(flow.TestEnds{}, patience)
		return
	}
	if m.from != nil && m.from.ctx.Err() != nil || s.unwanted(m.event) {
		return
	}
	if m.keep != nil {
		m.keep()
	}
	s.apply(m.event, patience)
	clearPIN(m.event)
}

// applyIf applies an event, if there is one, to what is known of documents that lie there.
func (s *Station) applyIf(e flow.Event, patience *time.Timer) {
	if e != nil {
		s.apply(e, patience)
		return
	}
	s.noteLeft()
}

// apply makes one transition. The display has the new state before anything is waited for.
func (s *Station) apply(e flow.Event, patience *time.Timer) {
	before := s.state.Screen
	state, effects := flow.Apply(s.state, e)
	s.state = state
	var forget bool
	for _, effect := range effects {
		forget = forget || effect == flow.Clear || effect == flow.Forget
		s.carryOut(effect, e)
	}
	if state.Screen != before {
		s.config.Log.Debug("screen", "screen", string(state.Screen), "attempt", state.Attempt, "problem", string(state.Problem))
	}
	s.show(patience)
	if forget {
		s.forget()
	}
	s.mind()
	s.noteLeft()
	if slices.Contains(effects, flow.Clear) && s.lookAtOffice() {
		s.show(patience)
	}
}

// carryOut starts or stops what an effect of an event is about. It does not wait.
func (s *Station) carryOut(effect flow.Effect, of flow.Event) {
	if s.carryOutAtPIN(effect, of) {
		return
	}
	c := s.current()
	switch effect {
	case flow.ReadDocument:
		s.readDocument(c)
	case flow.PictureSide:
		c.lastDocument(s.state).turn(otherSide)
	case flow.TryCAN:
		if typed, ok := of.(flow.CANTyped); ok {
			c.lastDocument(s.state).giveCAN(typed.CAN)
		}
	case flow.SkipCAN:
		c.lastDocument(s.state).giveCAN("")
	case flow.TakePortrait:
		p := c.lastPerson(s.state)
		c.step = c.start(func(j *job) { s.takePortrait(j, c, p) }, c.step)
	case flow.TakeSignature:
		s.takeSignature(c)
	case flow.FinishSignature:
		c.finishSignature()
	case flow.StopStep:
		c.step.stop()
		if len(s.state.Documents) > 0 {
			c.lastDocument(s.state).turn(noOtherSide)
		}
	case flow.StopDocument:
		if len(s.state.Documents) > 0 {
			c.drop(c.lastDocument(s.state))
		}
	case flow.TakeBack:
		c.takeBack(s.state)
	case flow.Commit:
		s.commit(c)
	case flow.PrintTicket:
		s.printTicket(c)
	case flow.Forget, flow.Clear:
		c.cancel()
	}
}

// current is the check-in under way, begun if there is none.
func (s *Station) current() *checkIn {
	if s.visitor == nil {
		office := s.config.Link.Office()
		contract := min(max(int(office.GetContract()), firstContract), stationv1.Contract)
		if s.state.Service.Several { // so the office said when it was offered
			contract = stationv1.Contract
		}
		s.visitor = newCheckIn(s.ctx, s.inbox, office.GetRecipient(), contract)
	}
	return s.visitor
}

// forget ends the check-in under way: when it returns, nothing of it runs, and nothing is left but what was confirmed.
func (s *Station) forget() {
	c := s.visitor
	if c == nil {
		return
	}
	s.visitor = nil
	c.cancel()
	c.jobs.Wait()
	c.wipe()
	s.wipeSpool(append(s.unwiped, c.id))
}

// wipeSpool wipes what the spool has of check-ins, although the station may be stopping. What a full disk keeps is tried again when
// the next visitor has gone, and at the next start.
func (s *Station) wipeSpool(ids []string) {
	s.unwiped = nil
	var failed error
	for _, id := range ids {
		if err := s.config.Journal.Discard(context.WithoutCancel(s.ctx), id); err != nil {
			s.unwiped, failed = append(s.unwiped, id), err
		}
	}
	if failed != nil {
		s.config.Log.Error("the spool was not wiped; it will be tried again", "check_ins", len(s.unwiped), "err", failed)
	}
}

// show gives the display what it needs, and starts the patience that belongs to it.
func (s *Station) show(patience *time.Timer) {
	v := View{State: s.state, Languages: s.config.Languages, Office: officeOf(s.config.Link.Office()), HasPIN: s.config.PIN != nil, PINFrom: s.entry.from}
	if s.visitor != nil {
		v.Review = s.visitor.review(s.state)
	}
	patience.Stop()
	if d := s.patience(); d > 0 {
		v.Until = s.config.Now().Add(d)
		patience.Reset(d)
	}
	s.display.Show(v)
	if at := s.state.Screen == flow.Technician; at != s.mended {
		s.mended = at
		s.config.Technician(at)
	}
}

// patience is how long is waited for a touch; 0 for ever.
func (s *Station) patience() time.Duration {
	d := s.config.Patience(s.state)
	if d > 0 && s.state.Screen == flow.Technician {
		return s.config.Timings.Technician
	}
	return d
}

// lookAtOffice opens or shuts the station, and tells whether that changed what is shown.
func (s *Station) lookAtOffice() bool {
	counts, err := s.config.Journal.Count(s.ctx, s.config.Link.Now().Format(time.DateOnly))
	if err != nil && s.ctx.Err() == nil {
		s.config.Log.Error("the journal cannot be read", "err", err)
	}
	open := err == nil && s.config.Link.Office() != nil && counts.Numbers > 0
	if s.open.Swap(open) == open {
		return false
	}
	var e flow.Event = flow.Shut{}
	if open {
		e = flow.Opened{}
	}
	s.config.Log.Info("the station changes its service", "open", open, "numbers", counts.Numbers)
	before := s.state.Screen
	s.state, _ = flow.Apply(s.state, e)
	return s.state.Screen != before
}

// display makes sure that the Display is called by one goroutine at a time, and by nobody whose step was stopped.
type display struct {
	mu sync.Mutex
	to Display
}

// Show draws a state, unless another is being drawn: then after it.
func (d *display) Show(v View) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to.Show(v)
}

func (d *display) preview(j *job, frame *image.RGBA) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if j.ctx.Err() == nil {
		d.to.Preview(frame)
	}
}

func (d *display) sheet(j *job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if j.ctx.Err() == nil {
		d.to.Sheet()
	}
}

func (d *display) ink(j *job, sample devices.Sample, size devices.PadSize) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if j.ctx.Err() == nil {
		d.to.Ink(sample, size)
	}
}
