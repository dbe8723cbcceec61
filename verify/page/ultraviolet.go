package page

import (
	"image"

	"github.com/foyer-station/foyer/verify"
)

const (
	// tile is the side in millimetres of the zones in which the paper is judged.
	tile = 8.0
	// dark is which part of a tile must glow less than the paper is said to: fibres and printed patterns cover less
	// than three quarters of a tile, text less than a quarter.
	dark = 0.25
	// leastShine is what at least a thousandth of the page reaches in a picture for which the lamp burned.
	leastShine = 16
	// rim in millimetres is left out: the cut edge of any paper glows.
	rim = 2.0
)

// ultraviolet is the check optical.uv.dullness: the worst of the sides that were seen.
func (e *Examiner) ultraviolet(s shots) verify.Check {
	worst := notPerformed(verify.Because(codeMissing).With("light", string(verify.Ultraviolet)))
	seen := false
	for _, side := range []verify.Side{verify.Front, verify.Back} {
		if len(s.pages[side]) == 0 {
			continue
		}
		c := e.glow(s, side)
		if !seen || graver(c, worst) {
			worst = c
		}
		seen = true
	}
	return worst
}

// graver tells whether a tells more against passing than b.
func graver(a, b verify.Check) bool {
	rank := map[verify.Result]int{verify.NotPerformed: 1, verify.Undetermined: 2, verify.Failed: 3}
	if rank[a.Result] == rank[b.Result] && a.Margin != nil && b.Margin != nil {
		return *a.Margin < *b.Margin
	}
	return rank[a.Result] > rank[b.Result]
}

func (e *Examiner) glow(s shots, side verify.Side) verify.Check {
	if !s.has(side, verify.Ultraviolet) {
		return notPerformed(verify.Because(codeNoSide).With("light", string(verify.Ultraviolet)).With("side", string(side)))
	}
	if !s.has(side, verify.Visible) {
		return notPerformed(verify.Because(codeNoPaper))
	}
	evidence := []string{verify.PictureName(side, verify.Ultraviolet)}
	visible, ultraviolet, err := s.pair(side, verify.Ultraviolet)
	if err != nil {
		return undetermined(reasonOf(err), evidence...)
	}
	shine := brightest(ultraviolet.Image)
	tiles := tilesOf(shine, documentArea(luminance(visible.Image)), ultraviolet.DPI)
	if len(tiles) < 2 || len(tiles[0]) < 2 {
		return undetermined(verify.Because(codeNoPage), evidence...)
	}
	if why, blind := tiles.blind(); blind {
		return undetermined(why, evidence...)
	}
	value, area := tiles.brightestSquare()
	c := verify.Check{Result: verify.Passed, Area: &area, Evidence: evidence}
	c.Margin = margin(255-value, 255-e.thresholds.Glow, 0, 255)
	c.Measure = &verify.Measure{Value: value, Threshold: e.thresholds.Glow}
	c.Reasons = []verify.Reason{verify.Because(codeGlow).WithNumber("value", int(value)).WithNumber("threshold", int(e.thresholds.Glow))}
	if value >= e.thresholds.Glow {
		c.Result = verify.Failed
	}
	return c
}

// tileGrid are the tiles of a page, by rows.
type tileGrid [][]tileOf

type tileOf struct {
	area  image.Rectangle
	shine histogram
}

func tilesOf(shine *image.Gray, document image.Rectangle, dpi int) tileGrid {
	document = document.Inset(millimetres(rim, dpi))
	side := millimetres(tile, dpi)
	var grid tileGrid
	for y := document.Min.Y; y+side <= document.Max.Y; y += side {
		var row []tileOf
		for x := document.Min.X; x+side <= document.Max.X; x += side {
			t := tileOf{area: image.Rect(x, y, x+side, y+side)}
			t.shine.add(shine, t.area)
			row = append(row, t)
		}
		grid = append(grid, row)
	}
	return grid
}

// blind says why the picture cannot be judged; false when it can.
func (g tileGrid) blind() (why verify.Reason, blind bool) {
	var all, spreads histogram
	for _, row := range g {
		for _, t := range row {
			for v, n := range t.shine {
				all[v] += n
			}
			spreads[t.shine.quantile(0.75)-t.shine.quantile(0.25)]++
		}
	}
	switch {
	case all.quantile(0.999) < leastShine, all.deviation() < blankDeviation:
		return verify.Because(codeNothing).With("light", string(verify.Ultraviolet)), true
	case spreads.quantile(0.5) > noisySpread:
		return verify.Because(codeNoisy).With("light", string(verify.Ultraviolet)), true
	}
	return why, false
}

// brightestSquare is the square of two by two tiles whose darkest glows most, and how much that is. Single bright tiles are
// fluorescent print; sixteen millimetres of paper are not.
func (g tileGrid) brightestSquare() (float64, image.Rectangle) {
	best, area := -1, image.Rectangle{}
	for y := range len(g) - 1 {
		for x := range len(g[y]) - 1 {
			value := min(g[y][x].paper(), g[y][x+1].paper(), g[y+1][x].paper(), g[y+1][x+1].paper())
			if value > best {
				best, area = value, g[y][x].area.Union(g[y+1][x+1].area)
			}
		}
	}
	return float64(best), area
}

func (t *tileOf) paper() int { return t.shine.quantile(dark) }
