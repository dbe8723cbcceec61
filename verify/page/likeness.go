package page

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// likeness is the check cross.portrait_dg2.
func (e *Examiner) likeness(ctx context.Context, s shots) verify.Check {
	switch {
	case e.finder == nil:
		return notPerformed("the face finder is not installed")
	case len(s.dg2) == 0:
		return notPerformed("no picture from the chip")
	case !s.has(verify.Front, verify.Visible):
		return notPerformed("no visible picture of the side that bears the portrait")
	}
	evidence := []string{verify.PictureName(verify.Front, verify.Visible), "DG2"}
	page := s.pages[verify.Front][verify.Visible]
	if err := usable(page); err != nil {
		return undetermined(err.Error(), evidence...)
	}
	printed, chip := e.portraits(ctx, page, s)
	if chip.Err != nil {
		return unread(ctx, chip.Err, evidence)
	}
	if ctx.Err() != nil {
		return stopped()
	}
	if chip.Face.Empty() {
		return undetermined("no face was found in the chip's picture", evidence...)
	}
	if printed.Face.Empty() {
		return undetermined("no face was found on the page", evidence...)
	}
	found, err := compare(printed.Image, printed.Face, chip.Image, chip.Face)
	if err != nil {
		return undetermined(err.Error(), evidence...)
	}
	check := e.judgeLikeness(found, printed.Face, evidence)
	check.Reason = verify.WithDeviations(check.Reason, chip.File.Deviations...)
	return check
}

func (e *Examiner) judgeLikeness(found resemblance, area image.Rectangle, evidence []string) verify.Check {
	c := verify.Check{Result: verify.Undetermined, Area: &area, Evidence: evidence}
	c.Margin = margin(found.detail, e.thresholds.Alike, -1, 1)
	c.Reason = fmt.Sprintf("printed and stored portrait correlate by %.2f, their details by %.2f; one picture from %.2f in detail, two up to %.2f in all",
		found.whole, found.detail, e.thresholds.Alike, e.thresholds.Unlike)
	switch {
	case found.detail >= e.thresholds.Alike:
		c.Result = verify.Passed
	case found.whole <= e.thresholds.Unlike:
		c.Result = verify.Failed
	}
	return c
}

// unread is the answer where the chip's picture was not decoded, which proves nothing.
func unread(ctx context.Context, err error, evidence []string) verify.Check {
	switch {
	case ctx.Err() != nil, errors.Is(err, context.Canceled):
		return stopped()
	case errors.Is(err, picture.ErrDecoder):
		return notPerformed(err.Error())
	}
	return undetermined(err.Error(), evidence...)
}
