package inspection

import (
	"context"
	"errors"
	"image"
	"slices"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/verify"
)

// mostMoved is how often a side is pictured anew because the document was moved between two lights.
const mostMoved = 2

// pictureSide takes one side in every light, and puts the pictures into the evidence. They are of a document that lay still: pictures
// between which it was moved are never laid over each other. A light that fails is missing, for the checks to say; the error is that
// of the last light when none gave a picture, or that the imager was pulled out.
func (r *run) pictureSide(ctx context.Context, imager devices.PageImager, side verify.Side) (pages []verify.Page, err error) {
	var failed failures
	for try := 0; ; try++ {
		pages, failed = r.pictureLights(ctx, imager, side)
		if len(pages) < 2 || ctx.Err() != nil || r.layStill(ctx, imager, pages) {
			break
		}
		r.config.Log.Info("a document was moved between two lights", "try", try+1)
		if try == mostMoved {
			pages = r.onlyFirst(pages)
			break
		}
		r.superseded = append(r.superseded, pages...)
	}
	r.document.Evidence.Pages = append(r.document.Evidence.Pages, pages...)
	if ctx.Err() == nil {
		r.judgeImager(imager, failed, pages)
	}
	if len(pages) == 0 || errors.Is(failed.last, devices.ErrUnplugged) {
		return pages, failed.last
	}
	return pages, nil
}

// onlyFirst leaves one light of a document that does not lie still.
func (r *run) onlyFirst(pages []verify.Page) []verify.Page {
	r.superseded = append(r.superseded, pages[1:]...)
	for _, p := range pages[1:] {
		r.document.undone(Undone{Code: NoLight, Side: p.Side, Light: p.Light, Result: verify.Aborted})
	}
	return pages[:1:1]
}

// pictureLights takes one side once in every light.
func (r *run) pictureLights(ctx context.Context, imager devices.PageImager, side verify.Side) (pages []verify.Page, failed failures) {
	r.document.Undone = slices.DeleteFunc(r.document.Undone, func(u Undone) bool { return u.Side == side }) // of the try before
	for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		picture, dpi, err := r.picture(ctx, imager, light)
		if errors.Is(err, devices.ErrNoLight) { // something may have been in the way
			picture, dpi, err = r.picture(ctx, imager, light)
		}
		if err != nil {
			failed.add(err)
			r.document.undone(Undone{Code: NoLight, Side: side, Light: light, Result: resultOf(err)})
			if ctx.Err() == nil {
				r.config.Log.Warn("a device failed", "light", string(light), "err", err)
			}
			if errors.Is(err, devices.ErrUnplugged) {
				break
			}
			continue
		}
		page := verify.Page{Image: picture, DPI: dpi, Light: light, Side: side}
		r.portraits.seen(page)
		pages = append(pages, page)
	}
	return pages, failed
}

// layStill tells whether the document lay still from the first picture to the last. Where the lights look as if it did not, which may
// be for having little in common, another look in the first one's tells for sure.
func (r *run) layStill(ctx context.Context, imager devices.PageImager, pages []verify.Page) bool {
	first := edgesOf(pages[0].Image, pages[0].DPI)
	if !slices.ContainsFunc(pages[1:], func(p verify.Page) bool { return !first.match(edgesOf(p.Image, p.DPI)) }) {
		return true
	}
	again, dpi, err := r.picture(ctx, imager, pages[0].Light)
	if err != nil {
		return true // nothing speaks against it for sure
	}
	defer clear(again.Pix)
	return first.match(edgesOf(again, dpi))
}

// picture takes a side in one light. In one that shows nothing the document is not pictured: NoLightError.
func (i *Inspector) picture(ctx context.Context, imager devices.PageImager, light verify.Light) (*image.RGBA, int, error) {
	defer i.timed(StagePage(light))()
	limited, cancel := context.WithTimeout(ctx, i.config.Timings.Page)
	defer cancel()
	picture, dpi, err := imager.Page(limited, devices.Light(light))
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		err = &devices.Error{Kind: devices.KindPageImager, Op: "take " + string(light), Err: devices.ErrTimeout}
	case err == nil && isDark(picture):
		clear(picture.Pix)
		return nil, 0, &devices.Error{Kind: devices.KindPageImager, Op: "take " + string(light), Err: devices.NoLightError{Light: devices.Light(light)}}
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
