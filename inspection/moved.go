package inspection

import (
	"image"
	"math"
	"slices"
)

// Whether a page lay still between two pictures of it is seen by its edges: paper, print and photograph have theirs in the same
// places in most lights, whatever those look like. Measured on specimens of passports and cards at 300 dpi: the edges of one page
// correlate by 0.65 or more in visible light and any other, and nowhere better than where they are; where the page was moved by a
// millimetre they correlate better by 0.09 or more once one picture is moved back.
const (
	// edgesPerInch is the resolution in which edges are compared: half a millimetre.
	edgesPerInch = 50
	// coarseBy is how much coarser the search for larger movements is.
	coarseBy = 4
	// fineReach and coarseReach are how far a page is looked for, in cells: 1.5 and 16 mm at 300 dpi.
	fineReach, coarseReach = 3, 8
	// movedBy is how much better edges correlate at least in another place, if the page was moved.
	movedBy = 0.05
	// leastAlike is how well edges correlate at least if the page was not moved, or two lights have too little in common to tell.
	leastAlike = 0.3
)

// edges is how much the brightness of a picture changes, cell by cell.
type edges struct {
	width, height int
	strength      []float64
}

// edgesOf reduces a picture to its edges.
func edgesOf(picture *image.RGBA, dpi int) edges {
	step := max(1, dpi/edgesPerInch)
	w, h := picture.Rect.Dx()/step, picture.Rect.Dy()/step
	grey := edges{w, h, make([]float64, w*h)}
	for y := range h {
		for x := range w {
			grey.strength[y*w+x] = brightness(picture, x*step, y*step, step)
		}
	}
	e := edges{w, h, make([]float64, w*h)}
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			at := grey.strength[y*w+x-w : y*w+x+w+1]
			// The logarithm keeps a page's outline from being all that counts.
			e.strength[y*w+x] = math.Log1p(math.Abs(at[w+1]-at[w-1]) + math.Abs(at[2*w]-at[0]))
		}
	}
	return e
}

// brightness is that of every other pixel of a square.
func brightness(picture *image.RGBA, left, top, side int) float64 {
	sum, n := 0, 0
	for y := top; y < top+side; y += 2 {
		row := picture.Pix[y*picture.Stride:]
		for x := left; x < left+side; x += 2 {
			p := row[4*x : 4*x+3 : 4*x+3]
			sum += int(max(p[0], p[1], p[2]))
			n++
		}
	}
	return float64(sum) / float64(n)
}

// coarse is the same, of larger cells.
func (e edges) coarse() edges {
	w, h := e.width/coarseBy, e.height/coarseBy
	c := edges{w, h, make([]float64, w*h)}
	for y := range h * coarseBy {
		for x := range w * coarseBy {
			c.strength[y/coarseBy*w+x/coarseBy] += e.strength[y*e.width+x]
		}
	}
	return c
}

// alike is how well two pictures' edges correlate, -1 to 1, where the second is moved by so many cells.
func (e edges) alike(o edges, dx, dy int) float64 {
	var n, a, b, aa, bb, ab float64
	for y := max(0, -dy); y < min(e.height, e.height-dy); y++ {
		from, to := max(0, -dx), min(e.width, e.width-dx)
		if from >= to {
			return 0
		}
		mine := e.strength[y*e.width+from : y*e.width+to]
		theirs := o.strength[(y+dy)*o.width+from+dx:]
		for i, p := range mine {
			q := theirs[i]
			a, b, aa, bb, ab = a+p, b+q, aa+p*p, bb+q*q, ab+p*q
		}
		n += float64(len(mine))
	}
	spread := (aa - a*a/n) * (bb - b*b/n)
	if n == 0 || spread <= 0 {
		return 0
	}
	return (ab - a*b/n) / math.Sqrt(spread)
}

// best is how well they correlate where they do best, within reach.
func (e edges) best(o edges, reach int) float64 {
	top := -1.0
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			top = max(top, e.alike(o, dx, dy))
		}
	}
	return top
}

// match tells whether the page lies at the same place in both pictures, as far as that can be seen. Nothing else is seen of one
// without edges.
func (e edges) match(o edges) bool {
	if e.width != o.width || e.height != o.height {
		return false
	}
	if !slices.ContainsFunc(e.strength, func(v float64) bool { return v != 0 }) {
		return true
	}
	here := e.alike(o, 0, 0)
	if here < leastAlike || e.best(o, fineReach)-here >= movedBy {
		return false
	}
	large, other := e.coarse(), o.coarse()
	return large.best(other, coarseReach)-large.alike(other, 0, 0) < movedBy
}
