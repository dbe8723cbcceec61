package usb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/gousb"

	"github.com/foyer-station/foyer/devices"
)

// settleTime is how long a pulled cable may look like a broken transfer before the hub reports the device gone: a few
// polls of the hub, which come every 256 ms at most (USB 2.0, 11.12.1).
const settleTime = 600 * time.Millisecond

// giveUpTime is how long a transfer may take to end once it is cancelled or its own time is up. The kernel ends one within
// milliseconds, and at the latest when the device is pulled out; a broken host controller may never do so.
const giveUpTime = 3 * time.Second

// noLimit is the time of a transfer that may wait as long as its caller does.
const noLimit time.Duration = math.MaxInt64

// errStuck is what a device says that was given up, as long as it is plugged in.
var errStuck = fmt.Errorf("%w: a cancelled transfer does not end", devices.ErrTimeout)

// during makes one transfer of limited time, and gives its error in the words of package devices.
func (d *Device) during(ctx context.Context, limit time.Duration, transfer func(context.Context) (int, error)) (int, error) {
	if d.closing.Err() != nil {
		return 0, d.over()
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer context.AfterFunc(d.closing, cancel)()
	n, err := d.attempt(waiting, transfer)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, gousb.TransferCancelled) && d.closing.Err() != nil:
		return n, d.over()
	case errors.Is(err, gousb.TransferCancelled) && ctx.Err() != nil:
		return n, ctx.Err()
	case errors.Is(err, gousb.TransferError), errors.Is(err, gousb.ErrorIO):
		return n, d.settle(ctx)
	}
	return n, translate(err)
}

// outcome is what came of a transfer.
type outcome struct {
	n   int
	err error
}

// attempt makes one transfer on a goroutine of its own, and waits for it until giveUpTime after ctx has ended; then it gives the
// device up. What the transfer reads and writes must be its own: gousb cannot be told to let go of a transfer, so that
// the goroutine lasts until that ends, at worst as long as the process.
func (d *Device) attempt(ctx context.Context, transfer func(context.Context) (int, error)) (int, error) {
	ended := make(chan outcome, 1)
	go func() {
		d.inUse.RLock()
		defer d.inUse.RUnlock()
		if d.closed {
			ended <- outcome{err: devices.ErrClosed}
			return
		}
		n, err := transfer(ctx)
		ended <- outcome{n, err}
	}()
	select {
	case o := <-ended:
		return o.n, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-ended:
		return o.n, o.err
	case <-time.After(giveUpTime):
		d.stuck.Store(true)
		d.end()
		return 0, d.over()
	}
}

// over says why a device that is closed, or was given up, takes no transfer.
func (d *Device) over() error {
	select {
	case <-d.released:
		return devices.ErrClosed
	default:
	}
	switch {
	case !d.stuck.Load():
		return devices.ErrClosed
	case d.isPluggedIn():
		return errStuck
	}
	return devices.ErrUnplugged
}

// isPluggedIn looks for the device on its bus, as libusb's own idea of a device that was given up may be old. One that is plugged
// in again has another address.
func (d *Device) isPluggedIn() bool {
	bus, err := newContext()
	if err != nil {
		return true
	}
	defer bus.Close()
	found := false
	find(bus, func(desc *gousb.DeviceDesc) ([]int, bool) { // an error is of a device that could not be read, and not found
		found = found || desc.Bus == d.device.Desc.Bus && desc.Address == d.device.Desc.Address
		return nil, false
	})
	return found
}

// settle finds out whether a broken transfer was a pulled cable. It takes its time even where the caller's is up: a device whose
// transfers break would else pass for one that has nothing to say.
func (d *Device) settle(ctx context.Context) error {
	const pause = 20 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(settleTime); time.Now().Before(deadline); {
		if errors.Is(translate(d.look()), devices.ErrUnplugged) {
			return devices.ErrUnplugged
		}
		select {
		case <-tick.C:
		case <-d.closing.Done():
			return d.over()
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w: broken transfer", devices.ErrProtocol)
}

// look asks for the device's status, for settle.
func (d *Device) look() error {
	limited, cancel := context.WithTimeout(d.closing, answerTime)
	defer cancel()
	_, err := d.attempt(limited, func(context.Context) (int, error) {
		return d.device.Control(0x80, 0, 0, 0, make([]byte, 2))
	})
	return err
}
