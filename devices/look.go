package devices

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// look fills an empty slot, and empties one whose device is gone or is to be restarted. Changed says that something happened
// since the last look.
func (s *Slot[D]) look(ctx context.Context, changed bool) finding {
	device, err := s.Get()
	if s.isLent() {
		return nothing
	}
	if err == nil {
		health, left := s.leaves(ctx, device)
		switch {
		case !left && (health == StateOnline || health == StateDegraded):
			return well
		case !left:
			return ill
		}
	}
	err = s.fill(ctx, changed)
	s.saw(s.Info().Path)
	s.tell(ctx)
	if is(err, ErrTimeout, ErrProtocol) { // others are not mended by power
		s.treat(ctx, HealthOf(err))
	}
	if err == nil || is(err, ErrNoDevice, ErrUnplugged, ErrPowerOff) {
		return nothing
	}
	return unopened
}

// leaves asks a device how it is, and empties its place if it is gone, or has been ill for long and may be well if opened anew.
func (s *Slot[D]) leaves(ctx context.Context, device D) (state State, left bool) {
	asked, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	health := s.ask(asked, device)
	state = s.weigh(device, health).State
	if ctx.Err() != nil || s.isLent() {
		return state, false
	}
	if health.Reason.Is(saysClosed) { // by another role, and it is opened again by all
		s.care.restarted(time.Now())
		s.release(&Error{Kind: s.kind, Op: "find", Err: ErrClosed})
		return state, true
	}
	if health.State == StateNoDevice {
		s.empty(&Error{Kind: s.kind, Op: "find", Err: ErrUnplugged})
		s.care.forget()
		s.tell(ctx)
		return state, true
	}
	return state, s.treat(ctx, health)
}

// treat gives an ill device what it needs, and tells whether its place was emptied for that. How its uses ended stays known.
func (s *Slot[D]) treat(ctx context.Context, health Health) (emptied bool) {
	if s.isLent() {
		return false
	}
	remedy := s.care.judge(health, time.Now())
	if remedy == patience || s.closes.hanging() >= mostHanging {
		return false
	}
	if _, err := s.Get(); err == nil {
		s.release(&Error{Kind: s.kind, Op: "restart", Err: &Ill{health}})
		s.tell(ctx)
	}
	if remedy == powerCycle {
		s.cycle(ctx)
	}
	return true
}

// saw notes where the device is, if there is one. What was refused at another port says nothing of this one.
func (s *Slot[D]) saw(path string) {
	s.care.path = cmp.Or(path, s.care.path)
	if s.care.path != s.care.refused {
		s.refuse(nil)
	}
}

func (s *Slot[D]) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = err
}

// cycle takes the power off the device's port and gives it back. What cannot be done is told, and not tried again at that port.
func (s *Slot[D]) cycle(ctx context.Context) {
	err := s.care.power.Cycle(ctx, s.care.path)
	s.refuse(err)
	if err != nil {
		s.care.refused = s.care.path
		s.send(ctx, Event{Kind: s.kind, Present: s.told, Uncycled: err})
	}
}

const saysUncycled Key = "device.uncycled" // detail; the power of its port could not be switched

// uncycled is the health of an ill device, with what kept it from being without power for a while.
func (s *Slot[D]) uncycled(h Health) Health {
	s.mu.Lock()
	refused := s.refused
	s.mu.Unlock()
	if refused == nil || h.State != StateHWError {
		return h
	}
	h.Also = append(slices.Clip(h.Also), Say(saysUncycled).With(Detail, refused.Error()))
	if h.Remedy.Is(Replug) {
		h.Remedy = Say(ReplugByHand)
	}
	return h
}

// ask asks a device how it is. One that does not come back from that is asked no more.
func (s *Slot[D]) ask(ctx context.Context, device D) Health {
	s.mu.Lock()
	asks := s.asks
	s.mu.Unlock()
	answer := make(chan Health, 1)
	if asks.hanging() == 0 && asks.within(ctx, graceTime, func() { answer <- device.Health(ctx) }) {
		return <-answer
	}
	return HealthOf(&Error{Kind: s.kind, Op: "ask", Err: ErrTimeout})
}

// fill opens a device, and puts it into its place. While an open hangs another is made only if something changed, and never
// more than a few.
func (s *Slot[D]) fill(ctx context.Context, changed bool) error {
	if n := s.opens.hanging(); n >= mostHanging || n > 0 && !changed {
		return s.hangs()
	}
	waiting, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	outcome := make(chan error, 1)
	done := s.opens.within(waiting, 0, func() {
		device, err := s.open(ctx)
		if err == nil {
			s.take(device)
		}
		if waiting.Err() != nil {
			s.Wake()
		}
		outcome <- err
	})
	if !done {
		return s.hangs()
	}
	err := <-outcome
	if errors.Is(err, ErrNoDevice) && s.care.isOff() {
		err = &Error{Kind: s.kind, Op: "find", Err: ErrPowerOff}
	}
	if err != nil {
		s.because(err)
	}
	return err
}

// hangs says how many opens were left behind.
func (s *Slot[D]) hangs() error {
	err := &Error{Kind: s.kind, Op: "open", Err: fmt.Errorf("%w: %d attempts to open it do not end", ErrTimeout, s.opens.hanging())}
	if s.care.hangs != "" {
		err.Err = &Told{Err: err.Err, Reason: ReasonOf(err), Remedy: Say(s.care.hangs)}
	}
	s.because(err)
	return err
}

// is tells whether an error is one of several.
func is(err error, these ...error) bool {
	return slices.ContainsFunc(these, func(one error) bool { return errors.Is(err, one) })
}

// take puts a device into its place. if there is one already, as the open was left behind, or if the place is gone or lent, it is closed.
func (s *Slot[D]) take(device D) {
	s.mu.Lock()
	free := !s.present && !s.over && s.loans == 0
	if free {
		s.device, s.present, s.reason, s.asks = device, true, nil, &calls{}
		s.signal()
	}
	s.mu.Unlock()
	if !free {
		device.Close() // nobody has had it: its error says nothing
	}
}

// because says why the slot is empty, if it is.
func (s *Slot[D]) because(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.present {
		s.reason = err
		s.signal()
	}
}

// empty closes the device and forgets how its uses ended.
func (s *Slot[D]) empty(reason error) {
	s.mu.Lock()
	s.record = record{}
	s.mu.Unlock()
	s.release(reason)
}

// release closes the device. A close that hangs is left behind.
func (s *Slot[D]) release(reason error) {
	s.mu.Lock()
	device, was := s.device, s.present
	var none D
	s.device, s.present, s.reason = none, false, reason
	s.signal()
	s.mu.Unlock()
	if was {
		waiting, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		s.closes.within(waiting, 0, func() { device.Close() }) // it is gone, or ill: its error says nothing new
	}
}
