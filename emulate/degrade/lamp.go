package degrade

import (
	"image"
	"math"
	"math/rand/v2"
)

// tile is how far apart, in pixels, light is computed; between, it is linear. A tile is less than 3 mm at 150 dpi.
const tile = 16

// glow is what the light makes of a value v in one place: gain*v + haze.
type glow struct{ gain, haze float32 }

// lighting is the light on a grid of tiles.
type lighting struct {
	columns int
	grid    []glow
}

func newLighting(bounds image.Rectangle, at func(point) glow) lighting {
	columns, rows := (bounds.Dx()+tile-1)/tile+1, (bounds.Dy()+tile-1)/tile+1
	l := lighting{columns, make([]glow, columns*rows)}
	for i := range l.grid {
		l.grid[i] = at(point{float64(i%columns) * tile, float64(i/columns) * tile})
	}
	return l
}

// wear takes contrast from the ink of a page of a resolution in pixels a millimetre.
func (f frame) wear(r Recipe, mm float64, random *rand.Rand) {
	worn := newCloud(random, 5*mm)
	f.shine(newLighting(f.y.Rect, func(p point) glow {
		ink := r.Contrast * (1 - r.Wear*worn.at(p))
		return glow{float32(ink), float32(paper * (1 - ink))}
	}))
}

// illuminate puts the picture under its lamps: uneven light, and on the page a shadow and a reflection.
func (f frame) illuminate(r Recipe, page quad, random *rand.Rand) {
	mm := r.DPI / 25.4
	falloff, shadow, glare := newRamp(random, f.y.Rect), newEdge(random, page, mm), newSpot(random, page, mm)
	f.shine(newLighting(f.y.Rect, func(p point) glow {
		white := r.Glare * glare.at(p)
		gain := r.Exposure * (1 - r.Gradient*falloff.at(p)) * (1 - r.Shadow*shadow.at(p)) * (1 - white)
		return glow{float32(gain), float32(255 * white)}
	}))
}

func (f frame) shine(l lighting) {
	l.shine(f.y, tile, 0)
	l.shine(f.cb, tile/2, 128)
	l.shine(f.cr, tile/2, 128)
}

// shine applies the light to a plane, whose tiles have a size of their own; light leaves the plane's neutral value, 0
// for luma, as it is, and haze has no colour.
func (l lighting) shine(plane *image.Gray, size int, neutral float32) {
	step := 1 / float32(size)
	for y := range plane.Rect.Dy() {
		row := plane.Pix[y*plane.Stride:][:plane.Rect.Dx()]
		upper := l.grid[y/size*l.columns:][:l.columns]
		lower := l.grid[(y/size+1)*l.columns:][:l.columns]
		down := float32(y%size) * step
		for x := 0; x < len(row); x += size {
			k := x / size
			a, b := upper[k].toward(lower[k], down), upper[k+1].toward(lower[k+1], down)
			if neutral > 0 {
				a.haze, b.haze = neutral*(1-a.gain), neutral*(1-b.gain)
			}
			gain, haze := a.gain, a.haze+0.5
			dGain, dHaze := (b.gain-a.gain)*step, (b.haze-a.haze)*step
			part := row[x:min(x+size, len(row))]
			for i, v := range part {
				part[i] = uint8(min(255, gain*float32(v)+haze))
				gain, haze = gain+dGain, haze+dHaze
			}
		}
	}
}

func (g glow) toward(other glow, t float32) glow {
	return glow{g.gain + (other.gain-g.gain)*t, g.haze + (other.haze-g.haze)*t}
}

// cloud is a field of soft random spots, 0 to 1: the product of a few waves across each other.
type cloud struct {
	waves [4]struct{ kx, ky, phase float64 }
}

func newCloud(random *rand.Rand, size float64) cloud {
	var c cloud
	for i := range c.waves {
		sin, cos := math.Sincos(2 * math.Pi * random.Float64())
		k := math.Pi / size / (0.5 + 1.5*random.Float64())
		c.waves[i].kx, c.waves[i].ky, c.waves[i].phase = k*cos, k*sin, 2*math.Pi*random.Float64()
	}
	return c
}

func (c cloud) at(p point) float64 {
	sum := 0.0
	for _, w := range c.waves {
		sum += math.Sin(w.kx*p.x + w.ky*p.y + w.phase)
	}
	return min(1, max(0, 0.5+sum/4))
}

// ramp rises from 0 in one corner of the picture to 1 in another place, in a random direction.
type ramp struct{ x, y, start float64 }

func newRamp(random *rand.Rand, bounds image.Rectangle) ramp {
	sin, cos := math.Sincos(2 * math.Pi * random.Float64())
	w, h := float64(bounds.Dx()), float64(bounds.Dy())
	length := math.Abs(cos)*w + math.Abs(sin)*h
	return ramp{cos / length, sin / length, 0.5 - (cos*w+sin*h)/2/length}
}

func (r ramp) at(p point) float64 { return min(1, max(0, r.start+r.x*p.x+r.y*p.y)) }

// edge is a shadow: 0 on one side of a straight edge across the document and 1 on the other.
type edge struct {
	through point
	nx, ny  float64 // across the edge, per width of the penumbra
}

// newEdge lays the edge through some place of the lower half of the page, where an MRZ is; its penumbra is 1.5 to 15 mm wide.
func newEdge(random *rand.Rand, page quad, mm float64) edge {
	sin, cos := math.Sincos(2 * math.Pi * random.Float64())
	width := (1.5 + 13.5*random.Float64()) * mm
	return edge{page.inside(random.Float64(), 0.5+0.5*random.Float64()), cos / width, sin / width}
}

func (e edge) at(p point) float64 {
	t := min(1, max(0, 0.5+(p.x-e.through.x)*e.nx+(p.y-e.through.y)*e.ny))
	return t * t * (3 - 2*t)
}

// spot is a reflection: 1 in its middle, a bell along two axes.
type spot struct {
	middle         point
	cos, sin       float64
	length, breath float64
}

// newSpot puts the reflection on the lower half of the page, 5 to 25 mm long and 3 to 10 mm broad (standard deviations).
func newSpot(random *rand.Rand, page quad, mm float64) spot {
	sin, cos := math.Sincos(2 * math.Pi * random.Float64())
	return spot{
		page.inside(random.Float64(), 0.5+0.5*random.Float64()), cos, sin,
		(5 + 20*random.Float64()) * mm, (3 + 7*random.Float64()) * mm,
	}
}

func (s spot) at(p point) float64 {
	x, y := p.x-s.middle.x, p.y-s.middle.y
	u, v := (x*s.cos+y*s.sin)/s.length, (y*s.cos-x*s.sin)/s.breath
	return math.Exp(-(u*u + v*v) / 2)
}

// inside is a place in a quad: 0, 0 its first corner, 1, 1 its third.
func (q quad) inside(u, v float64) point {
	mix := func(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }
	return mix(mix(q[0], q[1], u), mix(q[3], q[2], u), v)
}
