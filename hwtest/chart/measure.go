package chart

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// Reading is what a picture of a chart tells.
type Reading struct {
	Corners  [4]Point // of the chart, clockwise from its upper left, in pixels
	Mirrored bool

	DPI float64 // dots of the picture to an inch of the chart
	// MTF50 is the sharpness of the worst zone: cycles a pixel at which contrast has fallen to half; 0.5 is what pixels can show.
	MTF50     float64
	EdgeWidth float64 // in that zone: pixels from a tenth to nine tenths of an edge
	Zones     []Zone
	Finest    float64 // line pairs a millimetre that can still be told apart; 0 when none can
	Steps     int     // grey steps that can be told apart, 6 at most

	Evenness float64 // the darkest of the white places in parts of the lightest, 0 to 1
	White    float64 // mean of the white places in grey levels
	Black    float64 // of the black square in the middle
	// Skew is how far a mark is from where it would be if the picture were the chart turned, shifted and scaled, at most, in percent of
	// the chart's diagonal; Bend the same if it were also seen from aside: what is left is the lens's.
	Skew, Bend float64
}

// EffectiveDPI is how many dots to the inch would be enough for what the picture shows: two for each cycle at MTF50.
func (r Reading) EffectiveDPI() float64 { return 2 * r.MTF50 * r.DPI }

// Zone is a part of the chart.
type Zone struct {
	Name      string // "middle", "upper_left", ...
	MTF50     float64
	EdgeWidth float64
	Area      image.Rectangle // of the picture
}

// Measure finds the chart in a picture and measures it. The error is [ErrNotFound].
func (c Chart) Measure(m *image.Gray) (Reading, error) {
	p, err := find(m)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{Mirrored: p.mirrored}
	from, to := p.locate(m)
	if refined, err := fit(from, to); err == nil {
		p.plane = refined
	}
	diagonal := math.Hypot(designWidth, designHeight)
	for i, off := range similarity(from, to, p.mirrored) {
		r.Skew = max(r.Skew, 100*off/diagonal)
		r.Bend = max(r.Bend, 100*p.at(from[i]).distance(to[i])/p.perMillimetre()/diagonal)
	}
	for i, corner := range [4]Point{{0, 0}, {designWidth, 0}, {designWidth, designHeight}, {0, designHeight}} {
		r.Corners[i] = p.at(corner)
	}
	r.DPI = p.perMillimetre() / c.scale * 25.4
	r.light(m, p)
	r.sharpness(m, p)
	r.Finest = p.finest(m, r.White-r.Black) / c.scale
	r.Steps = p.steps(m, r.White-r.Black)
	return r, nil
}

// locate finds rings and marks where the plane has them.
func (p pose) locate(m *image.Gray) (from, to []Point) {
	unit := p.perMillimetre()
	for _, at := range rings {
		from, to = append(from, at), append(to, centroid(m, p.at(at), 1.9*ringModule*unit))
	}
	for _, at := range marks {
		from, to = append(from, at), append(to, centroid(m, p.at(at), 2*markRadius*unit))
	}
	return from, to
}

// perMillimetre is how many pixels there are to a millimetre of the design, over the chart.
func (p pose) perMillimetre() float64 {
	across := p.at(rings[0]).distance(p.at(rings[1])) + p.at(rings[3]).distance(p.at(rings[2]))
	down := p.at(rings[0]).distance(p.at(rings[3])) + p.at(rings[1]).distance(p.at(rings[2]))
	return (across/rings[0].distance(rings[1]) + down/rings[0].distance(rings[3])) / 4
}

// patch is the mean of a square part of the chart.
func (p pose) patch(m *image.Gray, middle Point, half float64) float64 {
	at := p.at(middle)
	reach := max(0.5, half*p.perMillimetre()*0.7) // whatever way it is turned
	var sum, n float64
	for y := max(0, int(at.Y-reach)); y <= min(m.Rect.Dy()-1, int(at.Y+reach)); y++ {
		for x := max(0, int(at.X-reach)); x <= min(m.Rect.Dx()-1, int(at.X+reach)); x++ {
			sum, n = sum+float64(m.Pix[y*m.Stride+x]), n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// light measures white and black.
func (r *Reading) light(m *image.Gray, p pose) {
	var all []float64
	for _, at := range whites {
		all = append(all, p.patch(m, at, 1.5))
	}
	r.White, r.Black = mean(all), p.patch(m, squares[0].middle, squareSide/4)
	if lightest := slices.Max(all); lightest > 0 {
		r.Evenness = slices.Min(all) / lightest
	}
}

// sharpness measures each zone by the edges of its square, and the picture by its worst zone.
func (r *Reading) sharpness(m *image.Gray, p pose) {
	for _, s := range squares {
		if z, ok := p.zone(m, s); ok {
			r.Zones = append(r.Zones, z)
		}
	}
	if len(r.Zones) == 0 {
		return
	}
	worst := slices.MinFunc(r.Zones, func(a, b Zone) int { return cmp.Compare(a.MTF50, b.MTF50) })
	r.MTF50, r.EdgeWidth = worst.MTF50, worst.EdgeWidth
}

// zone measures the four edges of a square, and takes the less sharp of its two directions, each the mean of its edges.
func (p pose) zone(m *image.Gray, s square) (z Zone, ok bool) {
	const clear = 3.0 // millimetres around the square in which there is nothing
	corners := s.corners()
	z = Zone{Name: s.zone, MTF50: math.Inf(1), Area: p.area(s.middle, squareSide).Intersect(m.Rect)}
	for direction := range 2 {
		var sum acuity
		n := 0.0
		for _, i := range [2]int{direction, direction + 2} {
			// Clockwise, light is on the left; in a mirrored picture on the right.
			e := edge{p.at(corners[i]), p.at(corners[(i+1)%4]), clear * p.perMillimetre()}
			if p.mirrored {
				e.from, e.to = e.to, e.from
			}
			if a, measured := e.measure(m); measured {
				sum.mtf50, sum.width, n = sum.mtf50+a.mtf50, sum.width+a.width, n+1
			}
		}
		if n > 0 && sum.mtf50/n < z.MTF50 {
			z.MTF50, z.EdgeWidth = sum.mtf50/n, sum.width/n
		}
	}
	return z, !math.IsInf(z.MTF50, 1)
}

// area is the part of the picture around a place.
func (p pose) area(middle Point, half float64) image.Rectangle {
	at, reach := p.at(middle), half*p.perMillimetre()
	return image.Rect(int(at.X-reach), int(at.Y-reach), int(at.X+reach)+1, int(at.Y+reach)+1)
}

// resolved is the contrast, in parts of that of black and white, from which bars count as told apart.
const resolved = 0.2

// finest is how many line pairs a millimetre at scale 1 can be told apart, upright and lying ones alike.
func (p pose) finest(m *image.Gray, contrast float64) (lines float64) {
	for n := 1; n <= finest; n++ {
		if min(p.modulation(m, n, false), p.modulation(m, n, true)) < resolved*contrast {
			return lines
		}
		lines = float64(n)
	}
	return lines
}

// modulation is the difference between the light and the dark bars of a group, in grey levels.
func (p pose) modulation(m *image.Gray, lines int, lying bool) float64 {
	const margin, along = 1.0, 5
	origin := barsOrigin(lines, lying)
	phases := max(4, int(4*p.perMillimetre()/float64(lines)))
	sums, n := make([]float64, phases), make([]float64, phases)
	for pair := 1; float64(pair+1)/float64(lines) <= barsHeight-margin; pair++ {
		for phase := range phases {
			across := (float64(pair) + float64(phase)/float64(phases)) / float64(lines)
			for i := range along {
				at := Point{origin.X + across, origin.Y + margin + 3*float64(i)/along}
				if lying {
					at = Point{origin.X + margin + 3*float64(i)/along, origin.Y + across}
				}
				if grey, inside := sample(m, p.at(at)); inside {
					sums[phase], n[phase] = sums[phase]+grey, n[phase]+1
				}
			}
		}
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i := range sums {
		if n[i] > 0 {
			low, high = min(low, sums[i]/n[i]), max(high, sums[i]/n[i])
		}
	}
	return max(0, high-low)
}

// steps is how many of the grey steps differ from the one before, the first from black paper counted in.
func (p pose) steps(m *image.Gray, contrast float64) (n int) {
	last := math.Inf(-1)
	for i := range steps {
		grey := p.patch(m, Point{stepsAt.X + stepSide*(float64(i)+0.5), stepsAt.Y + stepSide/2}, stepSide/4)
		if grey > last+0.04*contrast {
			n++
		}
		last = grey
	}
	return n
}
