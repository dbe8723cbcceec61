package chart

import (
	"cmp"
	"errors"
	"image"
	"math"
	"slices"
)

// ErrNotFound says that a picture does not show all of a chart's five rings.
var ErrNotFound = errors.New("no chart in the picture")

// target is a place that may be one of a chart's rings.
type target struct {
	middle Point
	size   float64 // outer diameter in pixels
}

// targets finds what looks like a ring with a disc in it: concentric, and of diameters that are in proportion.
func targets(m *image.Gray) (found []target) {
	const least = 9 // pixels of a disc
	if m.Rect.Empty() {
		return nil
	}
	all := blobs(dark(m), m.Rect.Dx(), least)
	var outer []*blob
	for i := range all {
		if f := all[i].fill(); f > 0.2 && f < 0.6 && all[i].squarish() {
			outer = append(outer, &all[i])
		}
	}
	slices.SortFunc(outer, func(a, b *blob) int { return cmp.Compare(b.width()*b.height(), a.width()*a.height()) })
	outer = outer[:min(len(outer), maxRings)]
	for i := range all {
		inner := &all[i]
		if f := inner.fill(); f < 0.6 || f > 0.95 || !inner.squarish() {
			continue
		}
		if j := slices.IndexFunc(outer, inner.isDiscIn); j >= 0 {
			size := float64(outer[j].width()+outer[j].height()) / 2
			found = append(found, target{centroid(m, inner.middle(), size*0.28), size})
		}
	}
	slices.SortFunc(found, func(a, b target) int { return cmp.Compare(b.size, a.size) })
	return found[:min(len(found), maxTargets)]
}

const (
	// maxRings bounds for how many rings, the largest, a disc is looked for: in noise, as of a camera in the dark, there are a hundred thousand.
	maxRings = 500
	// maxTargets bounds how many are tried to be a chart.
	maxTargets = 14
)

func (b *blob) squarish() bool { return b.width() < 2*b.height() && b.height() < 2*b.width() }

// isDiscIn tells whether a ring may be around it: nominally 7 to 3 as large.
func (b *blob) isDiscIn(ring *blob) bool {
	ratio := float64(ring.width()+ring.height()) / float64(b.width()+b.height())
	return ratio > 1.7 && ratio < 3.2 && b.middle().distance(ring.middle()) < 0.12*float64(ring.width())
}

// pose is where a chart is in a picture, at scale 1.
type pose struct {
	plane
	mirrored bool
}

// find finds the chart: the four targets that have a fifth where it belongs, best.
func find(m *image.Gray) (pose, error) {
	found := targets(m)
	best, miss := pose{}, math.Inf(1)
	for _, four := range fours(len(found)) {
		corners := [4]target{found[four[0]], found[four[1]], found[four[2]], found[four[3]]}
		if !alike(corners) {
			continue
		}
		around(&corners)
		if !boxy(corners) {
			continue
		}
		for turn := range 8 {
			if p, off, ok := assume(corners, turn, found); ok && off < miss {
				best, miss = p, off
			}
		}
	}
	if math.IsInf(miss, 1) {
		return best, ErrNotFound
	}
	return best, nil
}

// fours are all ways to take four of n.
func fours(n int) (all [][4]int) {
	for a := range n {
		for b := a + 1; b < n; b++ {
			for c := b + 1; c < n; c++ {
				for d := c + 1; d < n; d++ {
					all = append(all, [4]int{a, b, c, d})
				}
			}
		}
	}
	return all
}

// alike tells whether the four may be of one chart, which is not seen from very far aside.
func alike(four [4]target) bool {
	small, large := four[0].size, four[0].size
	for _, t := range four {
		small, large = min(small, t.size), max(large, t.size)
	}
	return large < 2*small
}

// around puts the four in order around their middle.
func around(four *[4]target) {
	var middle Point
	for _, t := range four {
		middle.X, middle.Y = middle.X+t.middle.X/4, middle.Y+t.middle.Y/4
	}
	slices.SortFunc(four[:], func(a, b target) int {
		p, q := a.middle.minus(middle), b.middle.minus(middle)
		return cmp.Compare(math.Atan2(p.Y, p.X), math.Atan2(q.Y, q.X))
	})
}

// boxy tells whether the four are the corners of something like a rectangle: no three of them nearly on a line.
func boxy(four [4]target) bool {
	var turns [4]float64
	whole := 0.0
	for i := range four {
		a, b, c := four[i].middle, four[(i+1)%4].middle, four[(i+2)%4].middle
		p, q := b.minus(a), c.minus(b)
		turns[i] = p.X*q.Y - p.Y*q.X
		whole += turns[i]
	}
	return slices.Min(turns[:]) > whole/10
}

// assume takes the corners for the chart's, in one of eight ways, and tells how far off the fifth ring is, in its diameters.
func assume(corners [4]target, turn int, found []target) (p pose, off float64, ok bool) {
	p.mirrored = turn >= 4
	to := make([]Point, 4)
	for i := range to {
		at := (i + turn) % 4
		if p.mirrored {
			at = (8 - i + turn) % 4
		}
		to[i] = corners[at].middle
	}
	var err error
	if p.plane, err = fit(rings[:4], to); err != nil {
		return p, 0, false
	}
	key := p.at(rings[4])
	i := slices.IndexFunc(found, func(t target) bool { return t.middle.distance(key) < 0.8*t.size })
	if i < 0 {
		return p, 0, false
	}
	if p.plane, err = fit(rings[:], append(to, found[i].middle)); err != nil {
		return p, 0, false
	}
	return p, found[i].middle.distance(key) / found[i].size, true
}
