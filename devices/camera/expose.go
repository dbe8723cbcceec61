package camera

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/camera/v4l2"
)

// Exposure is the exposure of a camera, as the kernel sets it, over a file of its own beside the one that pictures come from. It may be
// used by several goroutines. A process that ends meanwhile leaves what it has set until the next Open.
type Exposure struct {
	open func() (*v4l2.Device, error)

	mu     sync.Mutex
	device *v4l2.Device // while the exposure is set by hand
	found  v4l2.Held    // what it was before
}

// NewExposure makes the exposure of the camera that open opens for its controls.
func NewExposure(open func() (*v4l2.Device, error)) *Exposure { return &Exposure{open: open} }

// exposureOf is that of the camera that is configured.
func (cfg Config) exposureOf() *Exposure {
	return NewExposure(func() (*v4l2.Device, error) {
		if cfg.Backend != V4L2 {
			return nil, errors.ErrUnsupported
		}
		return cfg.V4L2(nodeOf(cfg.Source))
	})
}

// Exposures are the shortest and the longest time that the camera can be set to; errors.ErrUnsupported where it cannot be set.
func (e *Exposure) Exposures(ctx context.Context) (shortest, longest time.Duration, err error) {
	const op = "look at exposures"
	if err := ctx.Err(); err != nil {
		return 0, 0, failed(op, err)
	}
	device, err := e.open()
	if err != nil {
		return 0, 0, failed(op, notThere(err))
	}
	defer device.Close()
	if shortest, longest, err = device.Exposures(); err != nil {
		return 0, 0, failed(op, pulledOut(err))
	}
	return shortest, longest, nil
}

// Expose sets the exposure to what the camera has that is nearest, and keeps its gain where it is; 0 gives everything back as it was
// found, which Close does too. errors.ErrUnsupported where it cannot be set.
func (e *Exposure) Expose(ctx context.Context, exposure time.Duration) error {
	const op = "set exposure"
	e.mu.Lock()
	defer e.mu.Unlock()
	if exposure <= 0 {
		return e.restore()
	}
	if err := ctx.Err(); err != nil {
		return failed(op, err)
	}
	if err := e.take(); err != nil {
		return failed(op, err)
	}
	if err := e.device.Expose(exposure); err != nil {
		return failed(op, pulledOut(err))
	}
	return nil
}

// take notes what is set, and has the exposure set by hand. It is called with mu held.
func (e *Exposure) take() error {
	if e.device != nil {
		return nil
	}
	device, err := e.open()
	if err != nil {
		return notThere(err)
	}
	found, err := device.TakeExposure()
	if err != nil {
		return errors.Join(pulledOut(err), device.Close())
	}
	e.device, e.found = device, found
	return nil
}

// restore gives everything back. It is called with mu held.
func (e *Exposure) restore() error {
	if e.device == nil {
		return nil
	}
	err := errors.Join(e.device.Restore(e.found), e.device.Close())
	e.device, e.found = nil, nil
	if err != nil {
		return failed("give the exposure back", pulledOut(err))
	}
	return nil
}

// pulledOut says of the kernel's error that the camera is gone, if that is what it means.
func pulledOut(err error) error {
	if errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("%w: %w", devices.ErrUnplugged, err)
	}
	return err
}
