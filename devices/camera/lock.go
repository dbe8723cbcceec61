package camera

import (
	"context"
	"errors"
	"sync"

	"github.com/foyer-station/foyer/devices"
)

var _ devices.ExposureLocker = (*Camera)(nil)

// LockExposure implements [devices.ExposureLocker], for V4L2 cameras that have such controls. OpenCV's properties know on and
// off, but not what the camera had found; so the kernel is asked, over a file of its own. A process that ends while it holds
// one leaves the camera locked until the next Open.
func (c *Camera) LockExposure(ctx context.Context) (release func(context.Context) error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, failed("lock exposure", err)
	}
	if c.cfg.Backend != V4L2 {
		return nil, failed("lock exposure", errors.ErrUnsupported)
	}
	device, err := c.cfg.V4L2(nodeOf(c.cfg.Source))
	if err != nil {
		return nil, failed("lock exposure", notThere(err))
	}
	held, err := device.Lock()
	if err != nil {
		device.Close()
		return nil, failed("lock exposure", err)
	}
	var once sync.Once
	return func(context.Context) error {
		var err error
		once.Do(func() { err = errors.Join(device.Restore(held), device.Close()) })
		if err != nil {
			return failed("release exposure", err)
		}
		return nil
	}, nil
}
