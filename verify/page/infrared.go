package page

import (
	"image"
	"slices"

	"github.com/foyer-station/foyer/verify"
)

const (
	// weakest is which part of the characters decides: all but the weakest twentieth must have the contrast. One worn
	// character is wear; five altered in another ink are not.
	weakest = 0.05
	// leastPaper is the grey value of paper in infrared below which the lamp has not done its work.
	leastPaper = 40
	// leastStroke is how many pixels of ink a character needs to be measured, in square millimetres.
	leastStroke = 0.1
)

// infrared is the check optical.ir.b900.
func (e *Examiner) infrared(s shots) verify.Check {
	sides := []verify.Side{verify.Front, verify.Back}
	switch s.lines {
	case 2:
		sides = sides[:1]
	case 3: // TD1 bears its MRZ on the back
		sides = sides[1:]
	}
	c := notPerformed(verify.Because(codeNoMRZSide))
	for _, side := range sides {
		if !s.has(side, verify.Infrared) {
			continue
		}
		if !s.has(side, verify.Visible) {
			c = notPerformed(verify.Because(codeNoVisible))
			continue
		}
		if c = e.zoneContrast(s, side); c.Result != verify.Undetermined {
			return c
		}
	}
	return c
}

func (e *Examiner) zoneContrast(s shots, side verify.Side) verify.Check {
	evidence := []string{verify.PictureName(side, verify.Visible), verify.PictureName(side, verify.Infrared)}
	visiblePage, infraredPage, err := s.pair(side, verify.Infrared)
	if err != nil {
		return undetermined(reasonOf(err), evidence...)
	}
	visible, infrared := luminance(visiblePage.Image), luminance(infraredPage.Image)
	document := documentArea(visible)
	var all histogram
	all.add(infrared, document)
	if all.deviation() < blankDeviation {
		return undetermined(verify.Because(codeNothing).With("light", string(verify.Infrared)), evidence...)
	}
	z, ok := s.findZone(visible, document, visiblePage.DPI, side)
	if !ok {
		return undetermined(verify.Because(codeNoMRZ), evidence...)
	}
	paper := z.paperIn(visible, infrared)
	if paper.quantile(0.5) < leastPaper {
		return undetermined(verify.Because(codeDark), evidence...)
	}
	if paper.quantile(0.75)-paper.quantile(0.25) > noisySpread {
		return undetermined(verify.Because(codeNoisy).With("light", string(verify.Infrared)), evidence...)
	}
	signals := z.contrasts(visible, infrared, float64(paper.quantile(0.5)), visiblePage.DPI)
	if len(signals) == 0 {
		return undetermined(verify.Because(codeThin), evidence...)
	}
	return e.judgeContrast(signals[int(weakest*float64(len(signals)))], z.area, evidence)
}

func (e *Examiner) judgeContrast(signal float64, area image.Rectangle, evidence []string) verify.Check {
	c := verify.Check{Result: verify.Passed, Area: &area, Evidence: evidence, Margin: margin(signal, e.thresholds.Contrast, 0, 1)}
	c.Measure = &verify.Measure{Value: signal, Threshold: e.thresholds.Contrast}
	c.Reasons = []verify.Reason{verify.Because(codeContrast).With("value", decimal(signal)).With("threshold", decimal(e.thresholds.Contrast))}
	if signal < e.thresholds.Contrast {
		c.Result = verify.Failed
	}
	return c
}

// paperIn are the infrared values of the paper between the characters.
func (z zone) paperIn(visible, infrared *image.Gray) histogram {
	var paper histogram
	for y := z.area.Min.Y; y < z.area.Max.Y; y++ {
		for x := z.area.Min.X; x < z.area.Max.X; x++ {
			if i := visible.PixOffset(x, y); float64(visible.Pix[i]) > 0.8*float64(z.paper) {
				paper[infrared.Pix[i]]++
			}
		}
	}
	return paper
}

// contrasts are the print contrast signals (ISO 1831: the paper's reflectance less the print's, by the paper's) of the
// characters, the weakest first.
func (z zone) contrasts(visible, infrared *image.Gray, paper float64, dpi int) []float64 {
	least := float64(leastStroke) * float64(dpi) * float64(dpi) / (25.4 * 25.4)
	var signals []float64
	for _, line := range z.lines {
		for _, cell := range cells(line, dpi) {
			strokes := z.strokesIn(visible, infrared, cell)
			if float64(strokes.total()) >= least {
				signals = append(signals, 1-float64(strokes.quantile(0.5))/paper)
			}
		}
	}
	slices.Sort(signals)
	return signals
}

// strokesIn are the infrared values inside the strokes of one character: pixels of ink whose neighbours on the row or in
// the column are ink as well, so that blurred edges do not count.
func (z zone) strokesIn(visible, infrared *image.Gray, cell image.Rectangle) histogram {
	var strokes histogram
	for y := cell.Min.Y + 1; y < cell.Max.Y-1; y++ {
		for x := max(cell.Min.X, 1); x < min(cell.Max.X, visible.Rect.Max.X-1); x++ {
			i := visible.PixOffset(x, y)
			ink := func(at int) bool { return z.ink(visible.Pix[at]) }
			if ink(i) && (ink(i-1) && ink(i+1) || ink(i-visible.Stride) && ink(i+visible.Stride)) {
				strokes[infrared.Pix[i]]++
			}
		}
	}
	return strokes
}
