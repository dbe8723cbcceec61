package inspection

import (
	"context"
	"errors"
	"image"
	"slices"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/verify"
)

// pictureSide takes one side in every light, and puts the pictures into the evidence. A light that fails is missing, for the checks to
// say; the error is that of the last light when none gave a picture, or that the imager was pulled out.
func (r *run) pictureSide(ctx context.Context, imager devices.PageImager, side verify.Side) (pages []verify.Page, err error) {
	var failure, fault error
	r.document.Undone = slices.DeleteFunc(r.document.Undone, func(u Undone) bool { return u.Side == side }) // of the try before
	defer func() {
		r.document.Evidence.Pages = append(r.document.Evidence.Pages, pages...)
		if ctx.Err() == nil {
			r.judgeImager(imager, fault, pages)
		}
	}()
	for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		picture, dpi, err := r.picture(ctx, imager, light)
		if err != nil {
			failure = err
			r.document.undone(Undone{Code: NoLight, Side: side, Light: light, Result: resultOf(err)})
			if devices.Faulty(err) {
				fault = err
			}
			if ctx.Err() == nil {
				r.config.Log.Warn("a device failed", "light", string(light), "err", err)
			}
			if errors.Is(err, devices.ErrUnplugged) {
				return pages, err
			}
			continue
		}
		page := verify.Page{Image: picture, DPI: dpi, Light: light, Side: side}
		r.portraits.seen(page)
		pages = append(pages, page)
	}
	if len(pages) == 0 {
		return nil, failure
	}
	return pages, nil
}

func (i *Inspector) picture(ctx context.Context, imager devices.PageImager, light verify.Light) (*image.RGBA, int, error) {
	defer i.timed(StagePage(light))()
	limited, cancel := context.WithTimeout(ctx, i.config.Timings.Page)
	defer cancel()
	picture, dpi, err := imager.Page(limited, devices.Light(light))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = &devices.Error{Kind: devices.KindPageImager, Op: "take " + string(light), Err: devices.ErrTimeout}
	}
	return picture, dpi, err
}

// pictureOther pictures the other side of a card as often as the visitor turns it over, until that succeeds.
func (r *run) pictureOther(ctx context.Context, imager devices.PageImager, side verify.Side) (pages []verify.Page) {
	var failed error
	for r.visitor.TurnOver(ctx, failed) {
		var more []verify.Page
		more, failed = r.pictureSide(ctx, imager, side)
		if pages = append(pages, more...); failed == nil {
			return pages
		}
	}
	ended := verify.NotPerformed
	if failed != nil {
		ended = resultOf(failed)
	}
	r.document.undone(Undone{Code: NoOtherSide, Side: side, Result: ended})
	return pages
}
