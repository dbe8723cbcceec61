package imager

import (
	"image"
	"math"
)

// A picture is compared with another by the brightness of its cells: coarse enough that noise averages out, fine enough that a
// card's edge shows.
const (
	gridColumns = 32
	gridRows    = 24
	// sampleEvery is how far apart the pixels are, in both directions, that are looked at in a large picture.
	sampleEvery = 8
	// smallSide is the width or height below which every pixel is looked at.
	smallSide = sampleEvery * gridColumns
)

// Levels are of 255.
const (
	// leastRise is how much brighter a cell is at least where a lamp shines on something. Paper that is dull in ultraviolet
	// gives back several times that; what a sensor makes of the dark differs by a level or two from frame to frame.
	leastRise = 10
	// leastSpark is how much brighter something small in a cell is at least: a fibre that glows. It is what package inspection
	// wants of a pixel, too, before its page counts as lit.
	leastSpark = 24
	// leastLit is how many cells of a hundred must be brighter in either way before a lamp counts as lit.
	leastLit = 1
	// A light is steady when two frames differ by no more than this: all cells together, which is how a lamp or an exposure
	// that still rises shows, with a part of their brightness; cells on the average, and all but the most restless twentieth of
	// them, which is how a page that moves shows.
	steadyLevel = 0.5
	steadyPart  = 0.005
	steadyMean  = 2.0
	steadyMost  = 6
)

// grid is how bright a picture is, cell by cell: on the average, and at the brightest. A small picture has fewer cells.
type grid struct{ mean, peak []int }

// gridOf looks at the brightest channel, for ultraviolet makes paper shine blue, and infrared none of them in particular.
func gridOf(picture *image.RGBA) grid {
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	columns, rows := min(gridColumns, w), min(gridRows, h)
	step := sampleEvery
	if min(w, h) < smallSide {
		step = 1
	}
	g, counts := grid{make([]int, columns*rows), make([]int, columns*rows)}, make([]int, columns*rows)
	for y := 0; y < h; y += step {
		line := picture.Pix[y*picture.Stride:]
		first := y * rows / h * columns
		for x := 0; x < w; x += step {
			p := line[4*x : 4*x+3 : 4*x+3]
			cell, v := first+x*columns/w, int(max(p[0], p[1], p[2]))
			g.mean[cell] += v
			g.peak[cell] = max(g.peak[cell], v)
			counts[cell]++
		}
	}
	for i, n := range counts {
		g.mean[i] /= max(n, 1)
	}
	return g
}

// isEmpty is that of no picture.
func (g grid) isEmpty() bool { return len(g.mean) == 0 }

// comparable says that both are of pictures of one size.
func (g grid) comparable(other grid) bool { return !g.isEmpty() && len(g.mean) == len(other.mean) }

// percent is how many cells of a hundred are so.
func (g grid) percent(so func(cell int) bool) float64 {
	n := 0
	for i := range g.mean {
		if so(i) {
			n++
		}
	}
	return 100 * float64(n) / float64(max(len(g.mean), 1))
}

// shows tells whether a light shines that did not in the dark.
func (g grid) shows(dark grid) bool {
	return g.comparable(dark) && g.percent(func(i int) bool {
		return g.mean[i]-dark.mean[i] >= leastRise || g.peak[i]-dark.peak[i] >= leastSpark
	}) >= leastLit
}

// covered is how many cells of a hundred have something in them that a light of so many hundredths falls on.
func (g grid) covered(dark grid) float64 {
	if !g.comparable(dark) {
		return 0
	}
	return g.percent(func(i int) bool { return g.mean[i]-dark.mean[i] >= leastRise })
}

// near tells whether two grids are of the same light on the same thing.
func (g grid) near(other grid) bool {
	if !g.comparable(other) {
		return false
	}
	level, risen, moved := 0, 0, 0
	restless := g.percent(func(i int) bool {
		d := g.mean[i] - other.mean[i]
		level, risen, moved = level+g.mean[i], risen+d, moved+max(d, -d)
		return max(d, -d) > steadyMost
	})
	cells := float64(len(g.mean))
	return math.Abs(float64(risen)) <= steadyLevel*cells+steadyPart*float64(level) && float64(moved) <= steadyMean*cells && restless <= 5
}
