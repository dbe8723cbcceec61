package kiosk

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// exposure is the camera's: held while one face holds still, so that the frames of a portrait differ in nothing but the face. A
// camera that cannot be held takes portraits all the same.
type exposure struct {
	camera  devices.Camera
	log     *slog.Logger
	told    *atomic.Bool // that a camera cannot
	failed  bool
	release func(context.Context) error
}

// releaseTime bounds giving exposure back, when the visitor may have gone.
const releaseTime = time.Second

// follow holds exposure while a face holds still, and gives it back when nobody is there.
func (e *exposure) follow(ctx context.Context, still bool, faces int) {
	switch {
	case still:
		e.hold(ctx)
	case faces == 0:
		e.giveBack(ctx)
	}
}

func (e *exposure) hold(ctx context.Context) {
	locker, can := e.camera.(devices.ExposureLocker)
	if e.release != nil || e.failed || !can {
		return
	}
	release, err := locker.LockExposure(ctx)
	if err == nil {
		e.release = release
		return
	}
	e.failed = true
	switch {
	case ctx.Err() != nil, e.told.Swap(true):
	case errors.Is(err, errors.ErrUnsupported):
		e.log.Info("the camera cannot hold its exposure: portraits are taken all the same")
	default:
		e.log.Warn("a device failed", "err", err)
	}
}

// giveBack is for the camera to expose by itself again. A camera that is gone has nothing to give back.
func (e *exposure) giveBack(ctx context.Context) {
	if e.release == nil {
		return
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	if err := e.release(limited); err != nil && !errors.Is(err, devices.ErrUnplugged) {
		e.log.Warn("a device failed", "err", err)
	}
	e.release = nil
}
