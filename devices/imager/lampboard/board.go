// Package lampboard drives the lamps of a page reader that stand on a board of their own, which speaks Foyer's lamp protocol
// (docs/lamps.md) as a human interface device on USB, or over a serial line. Anybody can build such a board; it is no vendor's
// protocol, and its USB identifiers are its builder's.
//
// A lamp that is lit goes out by itself after some seconds unless it is renewed: a station that falls leaves nobody looking into
// ultraviolet. A [Board] implements [imager.Lamps], [imager.DocumentSwitch] and [devices.Device].
package lampboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/imager"
)

// Kind is what errors of a board name as their device. A board is no device of its own to the rest of a station: it is a part of the
// page imager.
const Kind devices.Kind = "page_lamps"

const (
	// holdTime is how long a lamp burns unless it is renewed: longer than a picture takes, and short for an eye.
	holdTime = 5 * time.Second
	// lookEvery is how often a board's switches are asked for where it does not tell of them by itself.
	lookEvery = 250 * time.Millisecond
	// mostTold is how often a board may tell of changes in a row that are none: a switch may bounce.
	mostTold = 200
)

// ErrCover says that the reader's housing is open, so that its board lights nothing.
var ErrCover = errors.New("reader's housing open")

// What a board says ails it.
const (
	saysCover  devices.Key = "lamps.cover_open" // the housing
	saysBroken devices.Key = "lamps.broken"     // detail
	saysHot    devices.Key = "lamps.overheated" // the board
	closeIt    devices.Key = "remedy.close_housing"
	coolIt     devices.Key = "remedy.cool_lamps"
)

// line is how reports go to a board and come from it.
type line interface {
	// get asks for a report, and gives what follows its id.
	get(ctx context.Context, id byte) ([]byte, error)
	// set sends a report. A board that refuses it is errRefused.
	set(ctx context.Context, id byte, content []byte) error
	// told waits until the board says something by itself, or for so long; then it is false. Whatever it says: its state is asked for.
	told(ctx context.Context, limit time.Duration) (bool, error)
	path() string
	close() error
}

var errRefused = fmt.Errorf("%w: request refused", devices.ErrProtocol)

// Board is an open board. Its methods may be called from several goroutines.
type Board struct {
	line line
	can  capabilities
	info devices.Info
}

var (
	_ imager.Lamps          = (*Board)(nil)
	_ imager.DocumentSwitch = (*Board)(nil)
	_ devices.Device        = (*Board)(nil)
)

// begin asks a board who it is, and puts out its lamps.
func begin(ctx context.Context, l line) (*Board, error) {
	b := &Board{line: l}
	if err := b.introduce(ctx); err != nil {
		l.close()
		return nil, failure("open", err)
	}
	return b, nil
}

func (b *Board) introduce(ctx context.Context) error {
	content, err := b.line.get(ctx, reportIdentity)
	if err != nil {
		return err
	}
	who, err := parseIdentity(content)
	if err != nil {
		return err
	}
	if content, err = b.line.get(ctx, reportCapabilities); err != nil {
		return err
	}
	if b.can, err = parseCapabilities(content); err != nil {
		return err
	}
	b.info = devices.Info{Kind: Kind, Model: "Foyer lamp board", Serial: who.serial, Firmware: who.firmware, Path: b.line.path()}
	return b.line.set(ctx, reportLight, lightReport(allLamps, 0, 0))
}

func failure(op string, err error) error { return &devices.Error{Kind: Kind, Op: op, Err: err} }

// Switch implements [imager.Lamps]. ErrCover says that the board lights nothing while its housing is open.
func (b *Board) Switch(ctx context.Context, light devices.Light, percent int) error {
	number, known := numbers[light]
	if !known || b.can.lights>>number&1 == 0 {
		return fmt.Errorf("%w: %s: %w", imager.ErrNoLamp, light, devices.ErrNotConfigured)
	}
	of := b.can.lamps[number]
	content := lightReport(number, min(percent, int(of.power)), min(holdTime, of.hold))
	err := b.line.set(ctx, reportLight, content)
	if errors.Is(err, errRefused) {
		if s, asked := b.state(ctx); asked == nil && s.switches&b.can.switches&switchCover != 0 {
			err = ErrCover
		}
	}
	if err != nil {
		return failure("switch the "+string(light)+" lamp", err)
	}
	return nil
}

func (b *Board) state(ctx context.Context) (state, error) {
	content, err := b.line.get(ctx, reportState)
	if err != nil {
		return state{}, err
	}
	return parseState(content)
}

// DocumentLies implements [imager.DocumentSwitch].
func (b *Board) DocumentLies(ctx context.Context) (lies, fitted bool, err error) {
	if b.can.switches&switchDocument == 0 {
		return false, false, nil
	}
	s, err := b.state(ctx)
	if err != nil {
		return false, true, failure("look for a document", err)
	}
	return s.switches&switchDocument != 0, true, nil
}

// AwaitDocument waits until the board's switch says that a document lies there. Errors: ErrNotConfigured where the board has no such
// switch, those of the line, and ctx's.
func (b *Board) AwaitDocument(ctx context.Context) error {
	const op = "wait for a document"
	lies, fitted, err := b.DocumentLies(ctx)
	switch {
	case err != nil:
		return err
	case !fitted:
		return failure(op, devices.ErrNotConfigured)
	}
	for told := 0; !lies; {
		news, err := b.line.told(ctx, lookEvery)
		if told++; !news {
			told = 0
		}
		if told > mostTold {
			err = protocol("it talks without end")
		}
		if err != nil {
			return failure(op, err)
		}
		if lies, _, err = b.DocumentLies(ctx); err != nil { // asked in any case: a word of it may have been lost
			return err
		}
	}
	return nil
}

// Info implements [devices.Device].
func (b *Board) Info() devices.Info { return b.info }

// Health implements [devices.Device]: the board's own state, which lights nothing.
func (b *Board) Health(ctx context.Context) devices.Health {
	s, err := b.state(ctx)
	if err != nil {
		return healthOf(err)
	}
	switch faults := s.faults & (b.can.lights | overheated); {
	case s.switches&b.can.switches&switchCover != 0:
		return devices.Health{State: devices.StateUserError, Reason: devices.Say(saysCover), Remedy: devices.Say(closeIt)}
	case faults&overheated != 0:
		return devices.Health{State: devices.StateHWError, Reason: devices.Say(saysHot), Remedy: devices.Say(coolIt)}
	case faults != 0:
		return devices.Health{State: devices.StateHWError, Reason: devices.Say(saysBroken).With(devices.Detail, named(faults)), Remedy: devices.Say(devices.LookAtLamps)}
	}
	return devices.Health{State: devices.StateOnline}
}

// healthOf is the health of a board that could not be asked. A caller that gave up asked nothing.
func healthOf(err error) devices.Health {
	if errors.Is(err, context.Canceled) {
		return devices.Health{State: devices.StateOnline}
	}
	h := devices.HealthOf(err)
	if h.State == devices.StateNoDevice && !errors.Is(err, devices.ErrUnplugged) && !errors.Is(err, devices.ErrClosed) {
		h.State, h.Remedy = devices.StateHWError, devices.Say(devices.Replug)
	}
	return h
}

// named is a set of lights.
func named(set byte) (names string) {
	for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
		if set>>numbers[light]&1 == 0 {
			continue
		}
		if names != "" {
			names += ", "
		}
		names += string(light)
	}
	return names
}

// Close implements [devices.Device]. A call that waits ends with ErrClosed. A lamp that burns goes out by itself.
func (b *Board) Close() error {
	if err := b.line.close(); err != nil {
		return failure("close", err)
	}
	return nil
}
