// Package pcsc drives a contactless chip reader through the machine's PC/SC service (pcscd, libpcsclite): the
// PC/SC Workgroup's specification, part 5, and ISO/IEC 7816-4 APDUs of any length. It implements
// [devices.ChipReader].
//
// A [Reader] holds nothing at the service while it is idle, so it outlives a restart of pcscd. libpcsclite blocks and
// knows no deadlines: each connection has a goroutine that makes all its calls, and a caller whose context ends leaves
// at once, while that goroutine finishes the call and gives back what the connection holds. Close waits for it.
package pcsc

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"github.com/foyer-station/foyer/devices"
)

var _ devices.ChipReader = (*Reader)(nil)

// closeGrace is how long Close waits for a call that is stuck in the service. A reader that lost its chip answers
// within its own timeout; a service that hangs may never, and then the call is left behind.
const closeGrace = 3 * time.Second

// maxLines is how many calls a service that hangs may hold up, each of which keeps a thread: a reader in use has one line for
// its chip, and one for each question that is on the way.
const maxLines = 16

// Reader is one slot of a PC/SC reader. Its methods may be called concurrently, but one chip at a time is connected.
type Reader struct {
	name   string
	info   devices.Info
	taking chan struct{} // holds one while a chip is being taken, or asked whether it is there

	mu     sync.Mutex
	closed bool
	lines  map[*line]struct{} // of calls on the way and of connected chips
}

// Open finds the slot to read passports in among those whose name contains nameFilter in any case; with an empty filter among all but
// those for contact cards and security modules. One that is contactless by its name comes first; see [devices.Info] for what else is
// asked of it. The error is devices.ErrStopped when pcscd does not run, devices.ErrNoDevice when there is no such slot, devices.ErrTimeout when
// pcscd has not answered by ctx's deadline.
func Open(ctx context.Context, nameFilter string) (*Reader, error) {
	r := &Reader{lines: map[*line]struct{}{}, taking: make(chan struct{}, 1)}
	name, err := r.find(ctx, nameFilter)
	if err != nil {
		return nil, failure("open", hung(err))
	}
	r.name = name
	r.info = r.describe(ctx)
	return r, nil
}

func (r *Reader) find(ctx context.Context, filter string) (string, error) {
	l, err := r.connect(ctx)
	if err != nil {
		return "", err
	}
	defer l.end(ctx)
	names, err := do(ctx, l, l.names)
	if err != nil {
		return "", translate(err)
	}
	return choose(names, filter, func(name string) bool {
		seen, err := do(ctx, l, func() ([]slot, error) { return l.look([]slot{{name: name}}, 0) })
		return err == nil && seen[0].has()
	})
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindChipReader, Op: op, Err: err}
}

// Info is what the reader's slot is called by pcscd, and what the reader said of itself when it was opened.
func (r *Reader) Info() devices.Info { return r.info }

// RestartService is what to do where pcscd hangs.
const RestartService devices.Key = "remedy.restart_service"

const saysServiceHangs devices.Key = "chip_reader.service_hangs" // pcscd takes calls and answers none

// hung is the error of a service that does not answer.
func hung(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	err = fmt.Errorf("%w: its service hangs", devices.ErrTimeout)
	return &devices.Told{Err: err, Reason: devices.Say(saysServiceHangs), Remedy: devices.Say(RestartService)}
}

// Health asks pcscd whether the reader is there. The reader itself is not disturbed.
func (r *Reader) Health(ctx context.Context) devices.Health {
	switch err := r.present(ctx); {
	case err == nil:
		return devices.Health{State: devices.StateOnline}
	case errors.Is(err, devices.ErrUnplugged), errors.Is(err, devices.ErrClosed):
		return devices.Health{State: devices.StateNoDevice, Reason: devices.ReasonOf(err), Remedy: devices.Say(devices.PlugIn)}
	case errors.Is(err, devices.ErrStopped):
		return devices.Health{State: devices.StateHWError, Reason: devices.ReasonOf(err), Remedy: devices.Say(devices.StartService)}
	default:
		return devices.Health{State: devices.StateHWError, Reason: devices.ReasonOf(hung(err)), Remedy: devices.Say(RestartService)}
	}
}

// list gives the names of all slots; none is not an error.
func (r *Reader) list(ctx context.Context) ([]string, error) {
	l, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer l.end(ctx)
	names, err := do(ctx, l, l.names)
	return names, translate(err)
}

// present says whether service and reader are there: nil, ErrUnplugged, ErrStopped, or why it cannot be known.
func (r *Reader) present(ctx context.Context) error {
	names, err := r.list(ctx)
	if err == nil && !slices.Contains(names, r.name) {
		err = devices.ErrUnplugged
	}
	return err
}

// Connect waits for a chip and takes it for this process alone; devices.ErrBusy if another has it. A chip that does not
// give an answer to reset counts as none; one that lies there and gives none for longer is more than one chip, or cannot be told from
// that: devices.ErrTwoDocuments. So it is when another slot of the same interface has one too.
func (r *Reader) Connect(ctx context.Context) (devices.Chip, error) {
	l, slots, err := r.openSlots(ctx)
	if err == nil {
		err = r.waitForChip(ctx, l, slots)
	}
	switch {
	case err == nil:
		return &Chip{reader: r, line: l, maxResponse: l.askMaxResponse(ctx)}, nil
	case l != nil:
		l.end(ctx)
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", devices.ErrNoChip, ctx.Err())
	}
	return nil, failure("connect", err)
}

// longestMute is how long a chip that is being laid down may give no answer to reset.
const longestMute = 1500 * time.Millisecond

// waitForChip returns when line has the chip in the first of the slots.
func (r *Reader) waitForChip(ctx context.Context, l *line, slots []slot) error {
	var mute time.Time // since when; zero while it is not
	for {
		next, err := do(ctx, l, func() ([]slot, error) { return l.look(slots, oneWait) })
		if err != nil {
			return r.blame(ctx, err, devices.ErrProtocol)
		}
		slots = next
		state := slots[0].state
		switch {
		case state&scard.StatePresent == 0:
			mute = time.Time{}
			continue
		case state&scard.StateMute != 0:
			if mute.IsZero() {
				mute = time.Now()
			}
			if time.Since(mute) >= longestMute {
				return fmt.Errorf("%w: the chip gives no answer to reset, as several in one field", devices.ErrTwoDocuments)
			}
			continue
		case occupied(slots[1:]) != "":
			return devices.ErrTwoDocuments
		}
		switch err := r.take(ctx, l); {
		case err == nil:
			return nil
		case !isChipAbsent(err): // otherwise it went again, or is not yet fully in the field
			return r.blame(ctx, err, devices.ErrProtocol)
		}
	}
}

// take takes the chip, once nobody asks it whether it is there.
func (r *Reader) take(ctx context.Context, l *line) error {
	select {
	case r.taking <- struct{}{}:
		defer func() { <-r.taking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err := do(ctx, l, func() (struct{}, error) { return struct{}{}, l.take(r.name) })
	return err
}

// blame finds out what has gone after a call failed, because libpcsclite's code seldom says: the service, the reader,
// or else what the caller thinks.
func (r *Reader) blame(ctx context.Context, err, otherwise error) error {
	switch translated := translate(err); {
	case ctx.Err() != nil:
		return err
	case errors.Is(translated, devices.ErrBusy), errors.Is(translated, devices.ErrClosed):
		return translated
	}
	switch gone := r.present(ctx); {
	case errors.Is(gone, scard.ErrSecurityViolation): // it had let us in before: it is ending, and slow about it
		return fmt.Errorf("%w: %w", devices.ErrStopped, gone)
	case gone != nil:
		return gone
	}
	return fmt.Errorf("%w: %w", otherwise, err)
}

// connect opens a line to the service. On error the line is nil.
func (r *Reader) connect(ctx context.Context) (*line, error) {
	l := newLine()
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, devices.ErrClosed
	}
	if len(r.lines) >= maxLines {
		r.mu.Unlock()
		return nil, fmt.Errorf("%w: %d calls hang in the service", devices.ErrTimeout, maxLines)
	}
	r.lines[l] = struct{}{}
	r.mu.Unlock()
	go func() {
		l.run()
		r.forget(l)
	}()
	if _, err := do(ctx, l, func() (struct{}, error) { return struct{}{}, l.establish() }); err != nil {
		l.end(ctx)
		return nil, translate(err)
	}
	return l, nil
}

// Close ends calls that wait and releases a chip that is still connected. Calls afterwards fail with devices.ErrClosed.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.closed = true
	lines := slices.Collect(maps.Keys(r.lines))
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	for _, l := range lines {
		l.stop()
	}
	for _, l := range lines {
		if !l.end(ctx) {
			return failure("close", devices.ErrTimeout)
		}
	}
	return nil
}

func (r *Reader) forget(l *line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.lines, l)
}
