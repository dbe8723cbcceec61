package page

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	"github.com/foyer-station/foyer/emrtd"
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
	// The decoder starts while the page is looked at.
	var chip stored
	var decoding sync.WaitGroup
	decoding.Go(func() { chip = decode(ctx, s.dg2) })
	printedFaces, errPrinted := e.finder.Find(page.Image)
	decoding.Wait()
	if chip.err != nil {
		return unread(ctx, chip.err, evidence)
	}
	storedFaces, err := e.finder.Find(chip.picture)
	if ctx.Err() != nil {
		return stopped()
	}
	if err != nil || len(storedFaces) == 0 {
		return undetermined("no face was found in the chip's picture", evidence...)
	}
	if errPrinted != nil || len(printedFaces) == 0 {
		return undetermined("no face was found on the page", evidence...)
	}
	// A second, smaller portrait is a picture of the same face in another ink; the largest is the one to compare.
	found, err := compare(page.Image, printedFaces[0].Box, chip.picture, storedFaces[0].Box)
	if err != nil {
		return undetermined(err.Error(), evidence...)
	}
	check := e.judgeLikeness(found, printedFaces[0].Box, evidence)
	check.Reason = verify.WithDeviations(check.Reason, chip.deviations...)
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

// stored is the chip's portrait, or why there is none.
type stored struct {
	picture    *image.RGBA
	deviations []string // of the file
	err        error
}

// decode decodes the first picture in DG2.
func decode(ctx context.Context, dg2 []byte) (s stored) {
	faces, err := emrtd.ParseDG2(dg2)
	if err == nil {
		s.deviations = faces[0].Deviations
		s.picture, err = picture.Portrait(ctx, faces[0].Image)
	}
	if err != nil {
		s.err = fmt.Errorf("the chip's picture cannot be read: %w", err)
	}
	return s
}

// unread is the answer where the chip's picture was not decoded, which proves nothing.
func unread(ctx context.Context, err error, evidence []string) verify.Check {
	switch {
	case ctx.Err() != nil:
		return stopped()
	case errors.Is(err, picture.ErrDecoder):
		return notPerformed(err.Error())
	}
	return undetermined(err.Error(), evidence...)
}
