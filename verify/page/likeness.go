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
		return notPerformed(because(codeNoFinder))
	case len(s.dg2) == 0:
		return notPerformed(because(codeNoDG2))
	case !s.has(verify.Front, verify.Visible):
		return notPerformed(because(codeNoFront))
	}
	evidence := []string{verify.PictureName(verify.Front, verify.Visible), "DG2"}
	page := s.pages[verify.Front][verify.Visible]
	if err := usable(page); err != nil {
		return undetermined(reasonOf(err), evidence...)
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
		return undetermined(because(codeNoFaceChip), evidence...)
	}
	if errPrinted != nil || len(printedFaces) == 0 {
		return undetermined(because(codeNoFacePage), evidence...)
	}
	// A second, smaller portrait is a picture of the same face in another ink; the largest is the one to compare.
	found, err := compare(page.Image, printedFaces[0].Box, chip.picture, storedFaces[0].Box)
	if err != nil {
		return undetermined(reasonOf(err), evidence...)
	}
	check := e.judgeLikeness(found, printedFaces[0].Box, evidence)
	for _, d := range chip.deviations {
		check.Reasons = append(check.Reasons, verify.FileDeviation(emrtd.FileDG2, d))
	}
	return check
}

func (e *Examiner) judgeLikeness(found resemblance, area image.Rectangle, evidence []string) verify.Check {
	c := verify.Check{Result: verify.Undetermined, Area: &area, Evidence: evidence}
	c.Margin = margin(found.detail, e.thresholds.Alike, -1, 1)
	c.Measure = &verify.Measure{Value: found.detail, Threshold: e.thresholds.Alike}
	measured := func(code verify.Code) []verify.Reason {
		return []verify.Reason{because(code).With("whole", decimal(found.whole)).With("part", decimal(found.detail)).
			With("threshold", decimal(e.thresholds.Alike)).With("limit", decimal(e.thresholds.Unlike))}
	}
	c.Reasons = measured(codeBetween)
	switch {
	case found.detail >= e.thresholds.Alike:
		c.Result, c.Reasons = verify.Passed, measured(codeSame)
	case found.whole <= e.thresholds.Unlike:
		c.Result, c.Reasons = verify.Failed, measured(codeOther)
	}
	return c
}

// stored is the chip's portrait, or why there is none.
type stored struct {
	picture    *image.RGBA
	deviations []emrtd.Note // of the file
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
		return notPerformed(because(codeNoDecoder).With(verify.Detail, err.Error()))
	}
	return undetermined(because(codeUndecodable).With("cause", causeOf(err)).With(verify.Detail, err.Error()), evidence...)
}
