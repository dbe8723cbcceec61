package imager

import (
	"context"
	"image"

	"github.com/foyer-station/foyer/devices"
)

// Dark takes a picture with all lamps dark: what comes in from the hall. It lights none, and takes no frame for it that may be of
// before.
func (m *Imager) Dark(ctx context.Context) (*image.RGBA, error) {
	select {
	case <-m.turn:
		defer func() { m.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, failed("take a dark picture", ctx.Err())
	}
	var frame *image.RGBA
	for range m.cfg.Discard + 1 {
		next, err := m.camera.Frame(ctx, frame)
		if err != nil {
			overwrite(frame)
			return nil, failed("take a dark picture", err)
		}
		frame = next
	}
	return frame, nil
}

var _ interface { // what package hwtest/external asks of one that can
	Dark(context.Context) (*image.RGBA, error)
	devices.PageImager
} = (*Imager)(nil)
