// Package page examines the page of a document in three lights, and the printed portrait against the chip's.
//
// It gives three checks, each always, once, and with a reason. Two need the pages alone ([Examiner.ExaminePages]), so that
// they can be made while the chip is still being read; the third needs the chip's portrait too
// ([Examiner.ComparePortraits]):
//
//   - optical.ir.b900: the MRZ's ink absorbs near infrared (ICAO Doc 9303-3, 4.11: print contrast signal at least 0.6
//     in the B900 band). BSI TR-03135-1 calls it (IR, AB, MR).
//   - optical.uv.dullness: the paper does not glow under ultraviolet as office paper does (Doc 9303-3, 4.11,
//     fluorescence). TR-03135-1: (UV, BR, FU).
//   - cross.portrait_dg2: the printed portrait and DG2's picture are made from one original. It compares pictures,
//     never people: two pictures of one person taken on different days do not pass.
//
// A light that is missing makes a check not_performed. A picture that cannot be judged (blank, noise, no MRZ) makes it
// undetermined. Nothing passes for want of evidence. None of them needs a model of the document.
//
// Pictures are taken as the reader gives them: upright, straight to about half a degree, dark around the
// document, pixel values proportional to what the page sends back.
package page

import (
	"context"
	"image"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/portrait"
)

// Thresholds are what the checks decide by. A reader whose lamps and sensor differ is calibrated with genuine and bright
// pages, never by feel.
type Thresholds struct {
	// Contrast is the least print contrast signal of the MRZ in infrared: 0 to 1 (ICAO Doc 9303-3, 4.11: 0.6).
	Contrast float64
	// Glow is the least brightness, 0 to 255, of paper that glows under ultraviolet. Dull paper lies below 60 and paper with optical
	// brighteners above 200 where the exposure is set such that the latter does not saturate.
	Glow float64
	// Alike and Unlike are normalised correlations, -1 to 1, of printed and stored portrait. From Alike on in the details that
	// agree least they are one picture. Else up to Unlike over all they are two, and above it that cannot be told: a
	// hologram over a genuine portrait spoils details, not the whole.
	Alike, Unlike float64
}

// DefaultThresholds are those of the standard where it has any, else lie between what the specimens of Utopia give:
// paper glows at 51 and 240; details agree by 0.96 at least in one picture, while portraits of two people correlate by 0.77 at
// most in the forged ones. Two people drawn alike but for hair and skin agree by 0.94 in details and by 0.95 over all: that
// cannot be told, and must not pass.
func DefaultThresholds() Thresholds {
	return Thresholds{Contrast: 0.6, Glow: 110, Alike: 0.955, Unlike: 0.82}
}

const (
	// maxPixels and minSide bound a page picture: a passport spread at 1200 dpi, and a card at 150.
	maxPixels = 64 << 20
	minSide   = 300
	minDPI    = 150
	maxDPI    = 1200
)

// Examiner makes the checks. It may be used from several goroutines.
type Examiner struct {
	finder     *portrait.Finder
	thresholds Thresholds
}

// New makes an examiner. The finder stays the caller's; with none, cross.portrait_dg2 is not performed.
func New(finder *portrait.Finder, thresholds Thresholds) *Examiner {
	return &Examiner{finder: finder, thresholds: thresholds}
}

// ExaminePages makes the checks that need the pages alone, optical.ir.b900 and optical.uv.dullness, in this order. It
// looks at the pages and at how many lines the MRZ has. When ctx ends, those that are left are aborted.
func (e *Examiner) ExaminePages(ctx context.Context, ev verify.Evidence) []verify.Check {
	seen := newShots(ev)
	return []verify.Check{
		examine(ctx, "optical.ir.b900", verify.CategoryOptical, seen, e.infrared),
		examine(ctx, "optical.uv.dullness", verify.CategoryOptical, seen, e.ultraviolet),
	}
}

// ComparePortraits makes the check that needs the visible front and DG2, cross.portrait_dg2. Portraits that the evidence does not have
// are looked for here. It is aborted when ctx ends before the chip's picture is decoded, which package picture does in a child of the
// program: that begins its main with [picture.ServeIfChild].
func (e *Examiner) ComparePortraits(ctx context.Context, ev verify.Evidence) []verify.Check {
	likeness := func(s shots) verify.Check { return e.likeness(ctx, s) }
	return []verify.Check{examine(ctx, "cross.portrait_dg2", verify.CategoryCross, newShots(ev), likeness)}
}

func examine(ctx context.Context, id string, category verify.Category, seen shots, check func(shots) verify.Check) verify.Check {
	c := stopped()
	if ctx.Err() == nil {
		c = check(seen)
	}
	c.ID, c.Category = id, category
	return c
}

// shots are the pictures and files that the checks look at.
type shots struct {
	lines int             // of the MRZ as read; 0 when it was not
	seen  *verify.SeenMRZ // where; nil when that is not known
	pages map[verify.Side]map[verify.Light]verify.Page
	dg2   []byte

	portraits verify.Portraits
}

func newShots(ev verify.Evidence) shots {
	s := shots{lines: len(ev.MRZ), seen: ev.Seen, pages: map[verify.Side]map[verify.Light]verify.Page{}, dg2: ev.Files["DG2"], portraits: ev.Portraits}
	for _, p := range ev.Pages {
		if s.pages[p.Side] == nil {
			s.pages[p.Side] = map[verify.Light]verify.Page{}
		}
		s.pages[p.Side][p.Light] = p
	}
	return s
}

func undetermined(why verify.Reason, evidence ...string) verify.Check {
	return verify.Check{Result: verify.Undetermined, Reasons: []verify.Reason{why}, Evidence: evidence}
}

func stopped() verify.Check {
	return verify.Check{Result: verify.Aborted, Reasons: []verify.Reason{verify.Because(codeStopped)}}
}

func notPerformed(why verify.Reason) verify.Check {
	return verify.Check{Result: verify.NotPerformed, Reasons: []verify.Reason{why}}
}

// usable says what keeps a picture from being looked at.
func usable(p verify.Page) error {
	if p.Image == nil || p.Image.Rect.Min != (image.Point{}) {
		return unusable{verify.Because(codeEmpty)}
	}
	w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy()
	switch {
	case w < minSide || h < minSide:
		return unusable{verify.Because(codeSmall).WithNumber("width", w).WithNumber("height", h)}
	case w > maxPixels/h:
		return unusable{verify.Because(codeLarge).WithNumber("width", w).WithNumber("height", h)}
	case p.Image.Stride != 4*w || len(p.Image.Pix) != 4*w*h:
		return unusable{verify.Because(codePacked)}
	case p.DPI < minDPI || p.DPI > maxDPI:
		return unusable{verify.Because(codeDPI).WithNumber("dpi", p.DPI)}
	}
	return nil
}

// pair gives two pictures of one side that can be laid over each other.
func (s shots) pair(side verify.Side, light verify.Light) (visible, other verify.Page, err error) {
	visible, other = s.pages[side][verify.Visible], s.pages[side][light]
	for _, p := range []verify.Page{visible, other} {
		if err := usable(p); err != nil {
			return visible, other, err
		}
	}
	if visible.Image.Rect != other.Image.Rect || visible.DPI != other.DPI {
		return visible, other, unusable{verify.Because(codeSizes).With("light", string(light))}
	}
	return visible, other, nil
}

func (s shots) has(side verify.Side, light verify.Light) bool {
	_, ok := s.pages[side][light]
	return ok
}

// margin tells how far a value lies from its threshold, as a part of the way to the end of its scale: -1 to 1.
func margin(value, threshold, low, high float64) *float64 {
	m := (value - threshold) / (high - threshold)
	if value < threshold {
		m = (value - threshold) / (threshold - low)
	}
	m = max(-1, min(1, m))
	return &m
}
