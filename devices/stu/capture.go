package stu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
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

// Capture implements [devices.SignaturePad]. Samples bear the pad's own clock where it gives one, and say how many were lost before
// them where it counts them.
//
// What was written before ink was on is nobody's signature, wherever it waited. What is encrypted bears the capture's own id; a pad
// that can stamp its samples does so from then on and at no other time: so what comes tells whether it is new. Of a pad that can do
// neither, everything is thrown away after ink is on until nothing is left of before.
func (p *Pad) Capture(ctx context.Context, sink func(devices.Sample)) error {
	defer p.turn.Use()()
	p.shown = nil // ink comes
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
	if p.cipher != inClear {
		return p.captureEncrypted(ctx, sink)
	}
	stamps, err := p.setOption(ctx, protocol.OptionNone)
	if err != nil {
		return err
	}
	p.wire.forget()
	if stamps && !p.drained { // what an earlier capture left bears stamps, too
		if _, err := p.drain(ctx); err != nil {
			return err
		}
	}
	p.drained = false
	if err := p.set(ctx, protocol.InkingMode, 1); err != nil {
		return err
	}
	if !stamps {
		return p.captureAfterDrain(ctx, sink)
	}
	if _, err := p.setOption(ctx, p.option); err != nil {
		return err
	}
	return p.read(ctx, &reading{stamped: true}, sink)
}

// captureEncrypted is for a pad that took a key when it was opened: nothing else is taken from it.
func (p *Pad) captureEncrypted(ctx context.Context, sink func(devices.Sample)) error {
	session, err := p.session(ctx)
	if err != nil {
		return err
	}
	if _, err := p.setOption(ctx, p.option); err != nil {
		return err
	}
	p.wire.forget() // noise of before, all of which came before the answers to what was asked since
	if err := p.set(ctx, protocol.InkingMode, 1); err != nil {
		return err
	}
	if err := p.set(ctx, protocol.StartCapture, session.Start()...); err != nil {
		return err
	}
	return p.read(ctx, &reading{session: session}, sink)
}

// captureAfterDrain is for a pad that cannot mark what is new.
func (p *Pad) captureAfterDrain(ctx context.Context, sink func(devices.Sample)) error {
	touched, err := p.drain(ctx)
	if err != nil {
		return err
	}
	return p.read(ctx, &reading{spoilt: touched}, sink)
}

// inkOff ends the ink, and encryption and stamps with it. What bears a stamp in clear and was not read is thrown away now, so that
// the next capture can begin at once, also under a pen that is held near the pad.
func (p *Pad) inkOff(ctx context.Context) error {
	err := p.set(ctx, protocol.InkingMode, 0)
	if err == nil && p.cipher != inClear {
		err = p.endEncryption(ctx)
	}
	stamps, stampErr := p.setOption(ctx, protocol.OptionNone)
	if err == nil {
		err = stampErr
	}
	if stamps && err == nil && p.cipher == inClear {
		_, failed := p.drain(ctx) // of a pad that fails now the next call tells
		p.drained = failed == nil
	}
	return err
}

// endEncryption ends a session, if one began.
func (p *Pad) endEncryption(ctx context.Context) error {
	code, err := p.status(ctx)
	if err != nil || code != protocol.StatusCapture {
		return err
	}
	return p.set(ctx, protocol.EndCapture, 0)
}

// setOption sets what a sample bears beside the pen, of a pad that has such a thing; it reports false of one that cannot stamp its
// samples.
func (p *Pad) setOption(ctx context.Context, mode byte) (stamps bool, err error) {
	if p.option == protocol.OptionNone {
		return false, nil
	}
	return true, p.set(ctx, protocol.PenDataOptionMode, mode)
}

// drain throws away what the pad has kept: until nothing more comes, or so much that the rest is new. It reports whether
// the pen touched meanwhile.
func (p *Pad) drain(ctx context.Context) (touched bool, err error) {
	in := packets{wire: p.wire}
	for old, unanswered := 0, 0; old < backlog && unanswered < quietReads; {
		waiting, cancel := context.WithTimeout(ctx, quietTime)
		messages, err := in.next(waiting)
		cancel()
		switch {
		case err == nil:
			unanswered, old = 0, old+len(messages)
		case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled):
			return touched, err
		case ctx.Err() != nil: // the caller's end may come with the read's
			return touched, ctx.Err()
		default:
			unanswered++
		}
		for _, m := range messages {
			for _, pen := range m.Pens(p.capability.PadSize) {
				touched = touched || pen.Down
			}
		}
	}
	return touched, nil
}

// read hands the samples of a capture on until something ends it. Ink that does not count is wiped off the pad's screen before
// the first that does.
func (p *Pad) read(ctx context.Context, of *reading, sink func(devices.Sample)) error {
	began := time.Now()
	in := packets{wire: p.wire}
	for {
		messages, err := in.next(ctx)
		if err != nil {
			return err
		}
		for _, m := range messages {
			pens, err := of.pens(m, p.capability.PadSize)
			if err != nil {
				return err
			}
			for _, pen := range pens {
				s, ok := of.sample(pen, time.Since(began))
				if of.lifted && of.spoilt {
					of.spoilt, p.shown = false, nil
					if err := p.lay(ctx); err != nil {
						return err
					}
				}
				if ok {
					sink(s)
				}
			}
		}
	}
}

// packets reads what the pad says of the pen, a packet at a time.
type packets struct {
	wire     wire
	nonsense int // packets in a row
}

// next waits for one packet and gives the reports in it, perhaps none.
func (in *packets) next(ctx context.Context) ([]protocol.Message, error) {
	packet, err := in.wire.next(ctx)
	if err != nil {
		return nil, err
	}
	messages := protocol.Split(packet)
	if len(messages) > 0 {
		in.nonsense = 0
	} else if in.nonsense++; in.nonsense == nonsenseLimit {
		return nil, fmt.Errorf("%w: %d reports in a row make no sense", devices.ErrProtocol, in.nonsense)
	}
	return messages, nil
}
