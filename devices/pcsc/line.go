package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"github.com/foyer-station/foyer/devices"
)

// line is one connection to the service, at most one chip, and the goroutine that makes all calls on them.
type line struct {
	calls   chan func()
	stopped chan struct{} // closed by stop
	ended   chan struct{} // closed when everything is given back
	once    sync.Once

	// Only calls touch these.
	context *scard.Context
	card    *scard.Card
}

func newLine() *line {
	return &line{calls: make(chan func()), stopped: make(chan struct{}), ended: make(chan struct{})}
}

// run makes the calls until stop, then gives chip and connection back. The chip is reset, so that its session does not
// outlive the caller's.
func (l *line) run() {
	defer close(l.ended)
	defer func() {
		if l.card != nil {
			l.card.Disconnect(scard.ResetCard)
		}
		if l.context != nil {
			l.context.Release()
		}
	}()
	for {
		select {
		case call := <-l.calls:
			call()
		case <-l.stopped:
			return
		}
	}
}

// stop asks the line to end after the call that is on the way.
func (l *line) stop() { l.once.Do(func() { close(l.stopped) }) }

// end stops the line, waits for its end, and reports whether it came before ctx's.
func (l *line) end(ctx context.Context) bool {
	l.stop()
	select {
	case <-l.ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// do makes a call on the line's goroutine. If ctx ends or the line is stopped before the answer, the call is left to
// itself.
func do[T any](ctx context.Context, l *line, call func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	answer := make(chan outcome, 1)
	var none T
	select {
	case l.calls <- func() {
		value, err := call()
		answer <- outcome{value, err}
	}:
	case <-ctx.Done():
		return none, ctx.Err()
	case <-l.stopped:
		return none, devices.ErrClosed
	}
	select {
	case o := <-answer:
		return o.value, o.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-l.stopped:
		return none, devices.ErrClosed
	}
}

// establish connects to the service. libpcsclite reports a service that ends during the handshake as a refusal, so a
// refusal counts only if it lasts. pcscd needs up to half a second to end: it waits for its readers' polling.
func (l *line) establish() (err error) {
	const attempts, pause = 40, 50 * time.Millisecond
	for range attempts {
		l.context, err = scard.EstablishContext()
		if !errors.Is(err, scard.ErrSecurityViolation) {
			break
		}
		time.Sleep(pause)
	}
	return err
}

// oneWait is how long one wait for a change lasts. SCardCancel could end a longer one, but is lost without a trace when
// it comes before the wait has begun; waiting in short turns cannot hang.
const oneWait = 100 * time.Millisecond

// names gives the names of all slots; none is not an error.
func (l *line) names() ([]string, error) {
	names, err := l.context.ListReaders()
	if errors.Is(err, scard.ErrNoReadersAvailable) {
		return nil, nil
	}
	return names, err
}

// states waits up to wait for the state of a slot to differ from the known one, and returns all of them.
func (l *line) states(slots []slot, wait time.Duration) ([]scard.ReaderState, error) {
	states := make([]scard.ReaderState, len(slots))
	for i, s := range slots {
		// scard keeps one copy of a name alive for all calls that are on the way with it, the latest, while the C side of
		// the others still reads theirs. What follows the NUL makes the name this line's own.
		states[i] = scard.ReaderState{Reader: fmt.Sprintf("%s\x00%p", s.name, l), CurrentState: s.state}
	}
	return states, l.context.GetStatusChange(states, wait)
}

// look waits likewise, and returns the slots as they are then. ErrUnplugged says that one is not there any more.
func (l *line) look(slots []slot, wait time.Duration) ([]slot, error) {
	states, err := l.states(slots, wait)
	if errors.Is(err, scard.ErrTimeout) && slots[0].state != scard.StateUnaware {
		return slots, nil
	}
	if err != nil && !errors.Is(err, scard.ErrTimeout) {
		return nil, err
	}
	seen := make([]slot, len(slots))
	for i, s := range states {
		if s.EventState&(scard.StateUnknown|scard.StateUnavailable|scard.StateIgnore) != 0 {
			return nil, devices.ErrUnplugged
		}
		seen[i] = slot{slots[i].name, s.EventState &^ scard.StateChanged, s.Atr}
	}
	return seen, nil
}

// take connects to the chip. Contactless chips speak T=1 as far as PC/SC is concerned (part 3, 3.1.3.2.3).
func (l *line) take(name string) (err error) {
	l.card, err = l.context.Connect(name, scard.ShareExclusive, scard.ProtocolT1)
	return err
}

// isChipAbsent tells a chip that is not (fully) in the field from other reasons not to be connected.
func isChipAbsent(err error) bool {
	for _, absent := range []scard.Error{
		scard.ErrNoSmartcard, scard.ErrRemovedCard, scard.ErrUnresponsiveCard, scard.ErrUnpoweredCard, scard.ErrResetCard, scard.ErrNotTransacted,
	} {
		if errors.Is(err, absent) {
			return true
		}
	}
	return false
}

// translate puts libpcsclite's error under one of ours where it says enough for that.
func translate(err error) error {
	var code scard.Error
	if !errors.As(err, &code) {
		return err
	}
	switch code {
	case scard.ErrNoService, scard.ErrServiceStopped:
		return fmt.Errorf("%w: %w", devices.ErrStopped, err)
	case scard.ErrSharingViolation:
		return fmt.Errorf("%w: %w", devices.ErrBusy, err)
	}
	return err
}
