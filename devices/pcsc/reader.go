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
	"strings"
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
	name string

	mu     sync.Mutex
	closed bool
	lines  map[*line]struct{} // of calls on the way and of connected chips
}

// Open finds the first reader whose name contains nameFilter in any case; an empty filter finds any. The error is
// devices.ErrStopped when pcscd does not run, devices.ErrNoDevice when there is no such reader.
func Open(ctx context.Context, nameFilter string) (*Reader, error) {
	r := &Reader{lines: map[*line]struct{}{}}
	names, err := r.list(ctx)
	if err != nil {
		return nil, failure("open", err)
	}
	i := slices.IndexFunc(names, func(name string) bool {
		return strings.Contains(strings.ToLower(name), strings.ToLower(nameFilter))
	})
	if i < 0 {
		return nil, failure("open", devices.ErrNoDevice)
	}
	r.name = names[i]
	return r, nil
}

func failure(op string, err error) error {
	return &devices.Error{Kind: devices.KindChipReader, Op: op, Err: err}
}

// Info names the reader and its slot as pcscd does.
func (r *Reader) Info() devices.Info {
	model := r.name
	if i := len(model) - len(" 00 00"); i > 0 { // interface and slot
		model = model[:i]
	}
	return devices.Info{Kind: devices.KindChipReader, Model: model, Path: "pcsc " + r.name}
}

const restartService devices.Key = "remedy.restart_service" // pcscd hangs

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
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: its service hangs", devices.ErrTimeout)
		}
		return devices.Health{State: devices.StateHWError, Reason: devices.ReasonOf(err), Remedy: devices.Say(restartService)}
	}
}

// list gives the names of all readers; none is not an error.
func (r *Reader) list(ctx context.Context) ([]string, error) {
	l, err := r.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer l.end(ctx)
	names, err := do(ctx, l, func() ([]string, error) { return l.context.ListReaders() })
	if errors.Is(err, scard.ErrNoReadersAvailable) {
		return nil, nil
	}
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
// give an answer to reset counts as none.
func (r *Reader) Connect(ctx context.Context) (devices.Chip, error) {
	l, err := r.connect(ctx)
	if err == nil {
		err = r.waitForChip(ctx, l)
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

// waitForChip returns when line has a chip.
func (r *Reader) waitForChip(ctx context.Context, l *line) error {
	var state scard.StateFlag // unaware: the first answer comes at once
	for {
		next, err := do(ctx, l, func() (scard.StateFlag, error) { return l.status(r.name, state) })
		switch {
		case err != nil:
			return r.blame(ctx, err, devices.ErrProtocol)
		case next&(scard.StateUnknown|scard.StateUnavailable|scard.StateIgnore) != 0:
			return devices.ErrUnplugged
		}
		state = next
		if state&scard.StatePresent == 0 || state&scard.StateMute != 0 {
			continue
		}
		_, err = do(ctx, l, func() (struct{}, error) { return struct{}{}, l.take(r.name) })
		switch {
		case err == nil:
			return nil
		case !isChipAbsent(err): // otherwise it went again, or is not yet fully in the field
			return r.blame(ctx, err, devices.ErrProtocol)
		}
	}
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
