package ocr

import "math"

// A line is where a line of a zone lies in a picture. Along it u runs from -1 to +1 where it was found; past that it goes
// on straight.
type line struct {
	middle  vector // where u is 0, before bending
	along   vector // the reading direction, of length 1
	half    float64
	from    float64    // u where its text begins, as far as is known
	to      float64    // and ends
	bend    polynomial // of u: how far below (to the next line's side) of the straight one the text's middle runs
	height  polynomial // of u: of the capital letters
	support float64    // sum of the certainties of the places that it was found at
}

// at gives the place at u, below the text's middle by a multiple of the capital letters' height.
func (l line) at(u, below float64) vector {
	return l.middle.plus(l.along.times(u * l.half)).plus(l.along.down().times(l.offset(u) + below*l.tall(u)))
}

// offset goes on straight past the ends: a parabola would run away there.
func (l line) offset(u float64) float64 {
	end := max(-1, min(1, u))
	if u == end {
		return l.bend.at(u)
	}
	const chord = 0.1
	slope := (l.bend.at(end) - l.bend.at(end*(1-chord))) / (chord * end)
	return l.bend.at(end) + (u-end)*slope
}

func (l line) tall(u float64) float64 { return max(1, l.height.at(max(-1, min(1, u)))) }

// A cell is one place of the locator's answer: where it is in the picture, and what the network says of it.
type cell struct {
	place   vector
	along   vector
	height  float64 // in pixels of the picture
	certain float64 // 0 to 1
}

// lineThrough fits a line to cells.
func lineThrough(cells []cell) line {
	l := line{from: -1, to: 1}
	var sum vector
	for _, c := range cells {
		sum = sum.plus(c.along.times(c.certain))
		l.middle = l.middle.plus(c.place.times(c.certain))
		l.support += c.certain
	}
	l.middle = l.middle.times(1 / l.support)
	l.along = principal(cells, l.middle, sum.unit())
	least, most := math.Inf(1), math.Inf(-1)
	for _, c := range cells {
		s := c.place.minus(l.middle).dot(l.along)
		least, most = min(least, s), max(most, s)
	}
	l.middle = l.middle.plus(l.along.times((least + most) / 2))
	l.half = max((most-least)/2, 1)
	var bend, height []sample
	for _, c := range cells {
		from := c.place.minus(l.middle)
		u := from.dot(l.along) / l.half
		bend = append(bend, sample{u, from.dot(l.along.down()), c.certain})
		height = append(height, sample{u, c.height, c.certain})
	}
	l.bend, l.height = fit(bend, 2), fit(height, 1)
	return l
}

// principal is the direction in which the cells spread most, pointing the way they read.
func principal(cells []cell, middle, reading vector) vector {
	var xx, xy, yy float64
	for _, c := range cells {
		d := c.place.minus(middle)
		xx += c.certain * d.x * d.x
		xy += c.certain * d.x * d.y
		yy += c.certain * d.y * d.y
	}
	angle := math.Atan2(2*xy, xx-yy) / 2
	axis := vector{math.Cos(angle), math.Sin(angle)}
	if axis.dot(reading) < 0 {
		axis = axis.times(-1)
	}
	if axis.dot(reading) < math.Cos(math.Pi/6) { // a short blot spreads any way
		return reading
	}
	return axis
}

// continues tells whether m is text of l's own line: of the same direction and height, neither above nor below, and the
// gap no wider than what glare or a fold hides.
func (l line) continues(m line) bool {
	const widestGap = 9 // capital letters' heights
	tall := l.tall(0)
	if l.along.dot(m.along) < math.Cos(math.Pi/15) || ratio(tall, m.tall(0)) > 1.4 {
		return false
	}
	if gap := math.Abs(m.middle.minus(l.middle).dot(l.along)) - l.half - m.half; gap > widestGap*tall {
		return false
	}
	if l.half < m.half {
		l, m = m, l
	}
	return l.passes(m.at(-1, 0)) && l.passes(m.at(0, 0)) && l.passes(m.at(1, 0))
}

// passes tells whether the line, gone on, runs through a place.
func (l line) passes(place vector) bool {
	from := place.minus(l.middle)
	u := from.dot(l.along) / l.half
	return math.Abs(from.dot(l.along.down())-l.offset(u)) < 0.6*l.tall(u)
}

// ratio is how many times the larger is the smaller.
func ratio(a, b float64) float64 { return max(a, b) / max(min(a, b), 1e-9) }
