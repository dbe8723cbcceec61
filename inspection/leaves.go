package inspection

import (
	"context"
	"errors"
	"image"

	"github.com/foyer-station/foyer/devices"
)

// Leaves pictures one page after the other, as somebody lays them on the glass: a letter's, a booklet's, both sides of a card. Each
// is taken once it lies still, and handed to take, which owns the picture and says whether another page is wanted; the next one is
// taken when the page was moved, turned over or exchanged and lies still again. A picture during which it moved is nobody's.
//
// It ends with nil once no more is wanted, or with ctx's error, the imager's, or [devices.ErrNotConfigured] where the imager cannot tell
// whether something lies on its glass. To see whether a page is the one before is up to take.
func Leaves(ctx context.Context, imager devices.PageImager, light devices.Light, take func(picture *image.RGBA, dpi int) (more bool)) error {
	sensor, can := imager.(devices.PresenceSensor)
	if !can {
		return &devices.Error{Kind: devices.KindPageImager, Op: "watch the glass", Err: devices.ErrNotConfigured}
	}
	watching, stop := context.WithCancel(ctx)
	changes := make(chan devices.Presence, 1) // closed when the watch has ended
	ended := make(chan error, 1)
	go func() {
		defer close(changes)
		ended <- sensor.Watch(watching, func(p devices.Presence) {
			select {
			case changes <- p:
			case <-watching.Done():
			}
		})
	}()
	err := leaves(ctx, imager, light, changes, take)
	stop()
	if failed := <-ended; err == nil || errors.Is(err, errNotWatched) {
		err = errors.Join(failed, ctx.Err())
	}
	return err
}

var errNotWatched = errors.New("the glass is not watched any more")

func leaves(ctx context.Context, imager devices.PageImager, light devices.Light, changes <-chan devices.Presence, take func(*image.RGBA, int) bool) error {
	for p := range changes {
		if p != devices.Resting && p != devices.Felt {
			continue
		}
		picture, dpi, err := imager.Page(ctx, light)
		switch {
		case errors.Is(err, devices.ErrNoLight): // it is gone already
		case err != nil:
			return err
		case len(changes) > 0: // it moves already
			clear(picture.Pix)
		case !take(picture, dpi):
			return nil
		}
	}
	return errNotWatched
}
