package page

import (
	"context"
	"errors"
	"image"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// likeness is the check cross.portrait_dg2.
func (e *Examiner) likeness(ctx context.Context, s shots) verify.Check {
	switch {
	case e.finder == nil:
		return notPerformed(verify.Because(codeNoFinder))
	case len(s.dg2) == 0:
		return notPerformed(verify.Because(codeNoDG2))
	case !s.has(verify.Front, verify.Visible):
		return notPerformed(verify.Because(codeNoFront))
	}
	evidence := []string{verify.PictureName(verify.Front, verify.Visible), "DG2"}
	page := s.pages[verify.Front][verify.Visible]
	if err := usable(page); err != nil {
		return undetermined(reasonOf(err), evidence...)
	}
	printed, chip := e.portraits(ctx, page, s)
	if chip.Err != nil {
		return unread(ctx, chip.Err, evidence)
	}
	if ctx.Err() != nil {
		return stopped()
	}
	if chip.Face.Empty() {
		return undetermined(verify.Because(codeNoFaceChip), evidence...)
	}
	if printed.Face.Empty() {
		return undetermined(verify.Because(codeNoFacePage), evidence...)
	}
	found, err := compare(printed.Image, printed.Face, chip.Image, chip.Face)
	if err != nil {
		return undetermined(reasonOf(err), evidence...)
	}
	check := e.judgeLikeness(found, printed.Face, evidence)
	for _, d := range chip.File.Deviations {
		check.Reasons = append(check.Reasons, verify.FileDeviation(emrtd.FileDG2, d))
	}
	return check
}

func (e *Examiner) judgeLikeness(found resemblance, area image.Rectangle, evidence []string) verify.Check {
	c := verify.Check{Result: verify.Undetermined, Area: &area, Evidence: evidence}
	c.Margin = margin(found.detail, e.thresholds.Alike, -1, 1)
	c.Measure = &verify.Measure{Value: found.detail, Threshold: e.thresholds.Alike}
	measured := func(code verify.Code) []verify.Reason {
		return []verify.Reason{verify.Because(code).With("whole", decimal(found.whole)).With("part", decimal(found.detail)).
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

// unread is the answer where the chip's picture was not decoded, which proves nothing.
func unread(ctx context.Context, err error, evidence []string) verify.Check {
	switch {
	case ctx.Err() != nil, errors.Is(err, context.Canceled):
		return stopped()
	case errors.Is(err, picture.ErrDecoder):
		return notPerformed(verify.Because(codeNoDecoder).With(verify.Detail, err.Error()))
	}
	return undetermined(verify.Because(codeUndecodable).With("cause", causeOf(err)).With(verify.Detail, err.Error()), evidence...)
}
