package stu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
)

const (
	// backlog is more reports than a pad and the way to it keep when nobody reads: 1.6 s of a pen that is near.
	backlog = 320
	// quietTime is how long a read waits for a pen before it counts as unanswered: a pen that is near is reported every 5 ms.
	// It takes quietReads of them in a row, since a busy machine may give one up before the pad was asked.
	quietTime  = 25 * time.Millisecond
	quietReads = 2
	// nonsenseLimit is how many packets in a row may make no sense before the pad is taken for broken.
	nonsenseLimit = 64
)

// Capture implements [devices.SignaturePad]. Samples bear the pad's own clock where it gives one.
//
// What was written before ink was on is nobody's signature, wherever it waited. A pad that can stamp its samples does so
// from then on and at no other time, so that the kind of a report tells. Of one that cannot, everything is thrown away
// after ink is on until nothing is left of before.
func (p *Pad) Capture(ctx context.Context, sink func(devices.Sample)) error {
	p.inUse.Lock()
	defer p.inUse.Unlock()
	err := p.capture(ctx, sink)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	if off := p.inkOff(context.WithoutCancel(ctx)); err == nil {
		err = off
	}
	if err != nil {
		return failure("capture", err)
	}
	return nil
}

// capture turns ink on, and reads what is written from then on.
func (p *Pad) capture(ctx context.Context, sink func(devices.Sample)) error {
	stamps, err := p.option(ctx, optionNone)
	if err != nil {
		return err
	}
	if stamps && !p.drained { // what an earlier capture left bears stamps, too
		if _, err := p.drain(ctx); err != nil {
			return err
		}
	}
	p.drained = false
	if err := p.set(ctx, reportInkingMode, 1); err != nil {
		return err
	}
	if !stamps {
		return p.captureAfterDrain(ctx, sink)
	}
	if _, err := p.option(ctx, optionTimeAndSequence); err != nil {
		return err
	}
	return p.read(ctx, &session{stamped: true}, sink)
}

// captureAfterDrain is for a pad that cannot mark what is new.
func (p *Pad) captureAfterDrain(ctx context.Context, sink func(devices.Sample)) error {
	touched, err := p.drain(ctx)
	if err != nil {
		return err
	}
	return p.read(ctx, &session{spoilt: touched}, sink)
}

// inkOff ends the ink, and the stamps with it. What bears one and was not read is thrown away now, so that the next capture
// can begin at once, also under a pen that is held near the pad.
func (p *Pad) inkOff(ctx context.Context) error {
	err := p.set(ctx, reportInkingMode, 0)
	stamps, stampErr := p.option(ctx, optionNone)
	if err == nil {
		err = stampErr
	}
	if stamps && err == nil {
		_, failed := p.drain(ctx) // of a pad that fails now the next call tells
		p.drained = failed == nil
	}
	return err
}

// option sets what a sample bears beside the pen. It reports false when the pad refuses: it cannot stamp its samples.
func (p *Pad) option(ctx context.Context, mode byte) (taken bool, err error) {
	switch err := p.set(ctx, reportPenOptionMode, mode); {
	case err == nil:
		return true, nil
	case errors.Is(err, devices.ErrProtocol):
		return false, nil
	default:
		return false, err
	}
}

// drain throws away what the pad has kept: until nothing more comes, or so much that the rest is new. It reports whether
// the pen touched meanwhile.
func (p *Pad) drain(ctx context.Context) (touched bool, err error) {
	in := p.packets()
	for old, unanswered := 0, 0; old < backlog && unanswered < quietReads; {
		waiting, cancel := context.WithTimeout(ctx, quietTime)
		reports, err := in.next(waiting)
		cancel()
		switch {
		case err == nil:
			unanswered, old = 0, old+len(reports)
		case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled):
			return touched, err
		case ctx.Err() != nil: // the caller's end may come with the read's
			return touched, ctx.Err()
		default:
			unanswered++
		}
		for _, r := range reports {
			touched = touched || r.down
		}
	}
	return touched, nil
}

// read hands the samples of a session on until something ends it. Ink that does not count is wiped off the pad's screen before
// the first that does.
func (p *Pad) read(ctx context.Context, of *session, sink func(devices.Sample)) error {
	began := time.Now()
	in := p.packets()
	for {
		reports, err := in.next(ctx)
		if err != nil {
			return err
		}
		for _, r := range reports {
			s, ok := of.sample(r, time.Since(began))
			if of.lifted && of.spoilt {
				of.spoilt = false
				if err := p.set(ctx, reportClearScreen, 0); err != nil {
					return err
				}
			}
			if ok {
				sink(s)
			}
		}
	}
}

// packets reads what the pad says of the pen, a packet at a time.
type packets struct {
	pad      *Pad
	buffer   []byte
	nonsense int // packets in a row
}

func (p *Pad) packets() *packets {
	return &packets{pad: p, buffer: make([]byte, p.endpoint.MaxPacketSize)}
}

// next waits for one packet and gives the reports in it, perhaps none.
func (in *packets) next(ctx context.Context) ([]penReport, error) {
	n, err := in.pad.device.Read(ctx, 0, in.pad.endpoint, in.buffer)
	if err != nil {
		return nil, err
	}
	reports := decodePacket(in.buffer[:n], in.pad.size)
	if len(reports) > 0 {
		in.nonsense = 0
	} else if in.nonsense++; in.nonsense == nonsenseLimit {
		return nil, fmt.Errorf("%w: %d reports in a row make no sense", devices.ErrProtocol, in.nonsense)
	}
	return reports, nil
}

// session is what one capture takes of the reports that come: those that are new, from the first time on that the pen is
// seen not to touch. A pen that was down before began nothing here.
type session struct {
	stamped bool // what is new bears a stamp
	old     int  // reports without one
	lifted  bool
	spoilt  bool // the pad's screen shows ink of before
	track   tracker
}

// sample gives the sample of a report, if it is one of the session. A pad that took the option and stamps nothing all the
// same is believed once nothing that it could have kept is left.
func (s *session) sample(r penReport, arrived time.Duration) (devices.Sample, bool) {
	if s.stamped && !r.timed && s.old < backlog {
		s.old++
		s.spoilt = s.spoilt || r.down
		return devices.Sample{}, false
	}
	s.lifted = s.lifted || !r.down
	if !s.lifted {
		s.spoilt = true
		return devices.Sample{}, false
	}
	return s.track.sample(r, arrived)
}
