package pcsc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/pcsc"
	emulated "github.com/foyer-station/foyer/emulate/pcsc"
)

// plugged is the suite's device: the one reader of a service, and the chip that a person lays on it.
type plugged struct {
	t *testing.T

	mu     sync.Mutex
	daemon *emulated.Daemon
	chip   emulated.Card
}

func (p *plugged) now() (*emulated.Daemon, emulated.Card) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.daemon, p.chip
}

// Ready waits until somebody waits in the service for a chip.
func (p *plugged) Ready(ctx context.Context) error {
	stacks := make([]byte, 1<<20)
	for ctx.Err() == nil {
		if bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("pcsc.(*line).look(")) {
			return nil
		}
		runtime.Gosched()
	}
	return ctx.Err()
}

// Act lays the chip down, and takes it off again unless it leaves by itself, as it does at the end of a use.
func (p *plugged) Act(ctx context.Context) error {
	daemon, card := p.now()
	inserted, err := daemon.Insert(ctx, card)
	if err != nil {
		return err
	}
	used := time.NewTimer(10 * time.Second)
	defer used.Stop()
	select {
	case <-inserted.Gone():
	case <-ctx.Done():
	case <-used.C:
		err = errors.New("nobody used the chip to its end")
	}
	inserted.Remove()
	return errors.Join(err, daemon.AwaitEmpty(within(p.t, 10*time.Second), 0)) // or the next chip would be taken for it
}

func (p *plugged) Heal() { p.lays(new(echo)) }

func (p *plugged) lays(card emulated.Card) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chip = card
}

func (p *plugged) Unplug() {
	daemon, _ := p.now()
	if err := daemon.Unplug(within(p.t, 10*time.Second)); err != nil {
		p.t.Error(err)
	}
}

// babbler answers without a status word.
type babbler struct{ echo }

func (*babbler) Transmit(context.Context, []byte) []byte { return []byte{0x90} }

// leaver leaves at the first command.
type leaver struct{ echo }

func (*leaver) Transmit(context.Context, []byte) []byte { return nil }

// useChip reads a chip until it leaves. The emulation takes a reader away by starting the service again without it, so that the service
// may be missed before the reader is.
func useChip(ctx context.Context, device devices.Device) error {
	chip, err := device.(*pcsc.Reader).Connect(ctx)
	if err == nil {
		defer chip.Close()
		if _, err = chip.Transmit(ctx, hello); err == nil {
			if _, err = chip.Transmit(ctx, leave); errors.Is(err, devices.ErrChipGone) {
				return nil
			}
		}
	}
	if errors.Is(err, devices.ErrStopped) {
		return fmt.Errorf("%w: %w", devices.ErrUnplugged, err)
	}
	return err
}

func TestTheReaderPassesTheSuiteOfAllDrivers(t *testing.T) {
	daemon := startDaemon(t)
	if err := daemon.Unplug(within(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	lays := func(card func() emulated.Card) func(*plugged) { return func(p *plugged) { p.lays(card()) } }
	devicestest.Driver[*plugged]{
		Open: func(ctx context.Context) (devices.Device, error) {
			reader, err := pcsc.Open(ctx, "")
			if err != nil {
				return nil, err
			}
			return reader, nil
		},
		Plug: func(t *testing.T) *plugged {
			t.Helper()
			if err := daemon.Plug(within(t, 10*time.Second)); err != nil {
				t.Fatal(err)
			}
			return &plugged{t: t, daemon: daemon, chip: new(echo)}
		},
		Use: useChip,
		Faults: []devicestest.Fault[*plugged]{
			{Name: "an answer without a status word", Break: lays(func() emulated.Card { return new(babbler) }), Want: devices.ErrProtocol},
			{Name: "a chip that leaves", Break: lays(func() emulated.Card { return new(leaver) }), Want: devices.ErrChipGone},
			{Name: "a chip that gives no answer to reset", Break: lays(func() emulated.Card { return new(muted) }), Want: devices.ErrTwoDocuments},
		},
		Cycles: 5,
		Shared: true,
	}.Run(t)
}
