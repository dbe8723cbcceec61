// Package wedge drives document readers that type what they read, as keyboards do: the last resort, where a reader can do nothing else.
//
// The keys are taken from the reader's own input device, never from the screen: the device is grabbed before anything is read, so
// that nothing is typed into the station's window, and a keyboard that somebody brings along types no document. What a key prints
// depends on the layout that the reader is set to, which must be told; a layout in which the reader has no key for a character of the
// machine-readable zone is refused. Characters that are typed by their number, with Alt, are the same in every layout.
//
// It types whenever it sees a document: what it typed before anybody waited is thrown away.
package wedge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/serial"
	"github.com/foyer-station/foyer/devices/sysfs"
	"github.com/foyer-station/foyer/devices/zone"
)

// Config says which reader, and how it types.
type Config struct {
	Path            string // of its node: "/dev/input/by-id/usb-...-event-kbd"; empty goes by vendor and product
	Vendor, Product uint16
	Layout          string        // one of Layouts; empty is "us"
	Pause           time.Duration // without a key, after which a document is complete; 0 is DefaultPause
	Linux           sysfs.Tree    // where input devices are looked for

	control control // of tests on machines without input devices; nil is the kernel's
}

// DefaultPause is longer than a reader needs between two keys, and shorter than a visitor notices.
const DefaultPause = 300 * time.Millisecond

const (
	upTime  = time.Second    // for whoever types to let go of all keys
	forever = 24 * time.Hour // until ctx ends
)

// Reader is an open reader. It belongs to one caller at a time, except Health and Close.
type Reader struct {
	turn    devices.Turn
	line    *serial.Line
	control control
	layout  layout
	pause   time.Duration
	info    devices.Info
	closing sync.Once
}

var _ devices.MRZReader = (*Reader)(nil)

// Open opens the configured reader and takes it from everybody else. Errors: ErrNotConfigured (also where the layout lacks a character),
// ErrNoDevice, ErrBusy, ErrTimeout where a key is held down, or the system's (no permission).
func Open(ctx context.Context, c Config) (*Reader, error) {
	r, err := open(ctx, c)
	if err != nil {
		return nil, failure("open", err)
	}
	return r, nil
}

func open(ctx context.Context, c Config) (*Reader, error) {
	if c.Layout == "" {
		c.Layout = Layouts()[0]
	}
	l, ok := layoutOf(c.Layout)
	if !ok {
		return nil, fmt.Errorf("%w: no keyboard layout %q, but %s", devices.ErrNotConfigured, c.Layout, strings.Join(Layouts(), ", "))
	}
	found, err := find(c)
	if err != nil {
		return nil, err
	}
	failure := error(nil)
	for _, i := range found {
		r := &Reader{control: c.control, layout: l, pause: c.Pause}
		if r.control == nil {
			r.control = evdev{}
		}
		if r.pause == 0 {
			r.pause = DefaultPause
		}
		if err := r.take(ctx, i, c.Layout); err == nil {
			return r, nil
		} else if failure == nil {
			failure = err
		}
	}
	return nil, failure
}

// find gives the input devices that the configuration means, at least one.
func find(c Config) ([]input, error) {
	if c.Path != "" {
		i, err := at(c.Linux, c.Path)
		return []input{i}, err
	}
	if c.Vendor == 0 {
		return nil, devices.ErrNotConfigured
	}
	found := of(c.Linux, c.Vendor, c.Product)
	if len(found) == 0 {
		return nil, devices.ErrNoDevice
	}
	return found, nil
}

// take opens an input device, and grabs it once no key is down: whoever saw it go down would never see it come up.
func (r *Reader) take(ctx context.Context, i input, name string) error {
	if c, missing := r.layout.missing(i.has); missing {
		return lacks(name, string(c))
	}
	var err error
	if r.line, err = serial.Open(i.node, 0); err != nil {
		return err
	}
	r.info = devices.Info{Kind: devices.KindMRZReader, Model: i.name, Path: "input " + i.node}
	if r.info.Model == "" {
		r.info.Model = "keyboard wedge"
	}
	if err = r.awaitUp(ctx, upTime); err == nil {
		err = r.line.Control(func(fd uintptr) error { return r.control.grab(fd, true) })
	}
	if err != nil {
		r.line.Close()
	}
	return err
}

// What a technician is told of a layout that cannot be the reader's.
const (
	saysLayout devices.Key = "wedge.layout"      // layout, character
	setLayout  devices.Key = "remedy.set_layout" // of the reader, and in the configuration
)

// lacks is the error of a layout in which the reader has no key for a character.
func lacks(layout, character string) error {
	return &devices.Told{
		Err:    fmt.Errorf("%w: with the layout %s the reader has no key for %q", devices.ErrNotConfigured, layout, character),
		Reason: devices.Say(saysLayout).With("layout", layout).With("character", character), Remedy: devices.Say(setLayout),
	}
}

// awaitUp waits until no key is down.
func (r *Reader) awaitUp(ctx context.Context, limit time.Duration) error {
	const look = 10 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); ; {
		down := false
		err := r.line.Control(func(fd uintptr) (err error) {
			down, err = r.control.pressed(fd)
			return err
		})
		switch {
		case err != nil || !down:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("%w: a key is held down", devices.ErrTimeout)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Info implements [devices.Device].
func (r *Reader) Info() devices.Info { return r.info }

// Health implements [devices.Device]: it looks whether the device is there, and whether it types without end.
func (r *Reader) Health(ctx context.Context) devices.Health {
	return r.turn.Look(ctx, func() devices.Health { return devices.HealthOfProbe(r.line.Quiet(ctx)) })
}

// Close implements [devices.Device]. It gives the device back once no key is down: a key that comes up would be the screen's.
func (r *Reader) Close() error {
	var err error
	r.closing.Do(func() {
		const soon = 200 * time.Millisecond
		r.awaitUp(context.Background(), soon) // an error is of a device that is gone
		r.line.Control(func(fd uintptr) error { return r.control.grab(fd, false) })
		err = r.line.Close()
	})
	if err != nil {
		return failure("close", err)
	}
	return nil
}

// ReadMRZ implements [devices.MRZReader]. Keys that print nothing are passed over; typing without end is ErrProtocol, and so are keys that
// the kernel lost; other lines than a document's are ErrUnreadable.
func (r *Reader) ReadMRZ(ctx context.Context) ([]string, error) {
	defer r.turn.Use()()
	lines, err := r.read(ctx)
	if err != nil {
		return nil, failure("read mrz", err)
	}
	return lines, nil
}

func (r *Reader) read(ctx context.Context) ([]string, error) {
	if err := r.line.Quiet(ctx); err != nil {
		return nil, err
	}
	d := newDecoder(r.layout)
	for {
		wait := forever
		if d.waiting() {
			wait = r.pause
		}
		var chunk [64 * eventSize]byte
		n, err := r.line.Read(ctx, chunk[:], wait)
		switch {
		case err == nil:
			if err := d.add(chunk[:n]); err != nil {
				return nil, err
			}
		case errors.Is(err, devices.ErrTimeout) && ctx.Err() == nil: // the pause after a document
			return zone.Split(d.text)
		default:
			return nil, err
		}
	}
}

func failure(op string, err error) error {
	// A caller's deadline is no fault of the reader's, which a line cannot know.
	if errors.Is(err, context.DeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	return &devices.Error{Kind: devices.KindMRZReader, Op: op, Err: err}
}
