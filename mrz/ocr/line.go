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
	lean    float64    // how far along the line, in heights, its characters reach to their feet, seen askew
	pace    float64    // from its beginning to its end the pitch grows to (1+pace)² times itself
	wider   float64    // so many times as wide as they are its characters are cut out; 0 for 1
	support float64    // sum of the certainties of the places that it was found at
	vote    float64    // of these, how many more say that it reads this way than that it is upside down
}

// at gives the place at u, below the text's middle by a multiple of the capital letters' height.
func (l line) at(u, below float64) vector {
	return l.middle.plus(l.along.times(u*l.half + l.lean*below*l.tall(u))).plus(l.along.down().times(l.offset(u) + below*l.tall(u)))
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
	var reading vector
	for _, c := range cells {
		reading = reading.plus(c.along.times(c.certain))
		l.middle = l.middle.plus(c.place.times(c.certain))
		l.support += c.certain
	}
	l.middle = l.middle.times(1 / l.support)
	l.along = axis(cells, l.middle)
	if l.vote = reading.dot(l.along); l.vote < 0 {
		l.along, l.vote = l.along.times(-1), -l.vote
	}
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

// axis is the line's direction but for its sense, of which the locator is the least certain: that in which the cells
// spread, or, where they are a short blot that spreads any way, that which the locator says.
func axis(cells []cell, middle vector) vector {
	const longBlot = 4 // times as long as high, as deviations
	var said, spread tensor2
	for _, c := range cells {
		said.add(c.along, c.certain)
		spread.add(c.place.minus(middle), c.certain)
	}
	if long, across := spread.deviations(); long < longBlot*across {
		return said.axis()
	}
	return spread.axis()
}

// A tensor2 is a sum of directions whose sense does not count.
type tensor2 struct{ xx, xy, yy float64 }

func (t *tensor2) add(v vector, weight float64) {
	t.xx += weight * v.x * v.x
	t.xy += weight * v.x * v.y
	t.yy += weight * v.y * v.y
}

func (t tensor2) axis() vector {
	angle := math.Atan2(2*t.xy, t.xx-t.yy) / 2
	return vector{math.Cos(angle), math.Sin(angle)}
}

// deviations are those along the axis and across it, but for their common unit.
func (t tensor2) deviations() (long, across float64) {
	mean, half := (t.xx+t.yy)/2, math.Hypot((t.xx-t.yy)/2, t.xy)
	return math.Sqrt(mean + half), math.Sqrt(max(0, mean-half))
}

// turned is the line as it is where the picture is upside down.
func (l line) turned() line {
	l.along = l.along.times(-1)
	l.from, l.to = -l.to, -l.from
	l.bend, l.height = l.bend.mirrored(-1), l.height.mirrored(1)
	l.vote, l.pace = -l.vote, 1/(1+l.pace)-1
	return l
}

// continues tells whether m is text of l's own line: of the same direction and height, neither above nor below, the gap no
// wider than what glare or a fold hides, and both together no longer than a line of a zone: beside it may lie another
// document.
func (l line) continues(m line) bool {
	const (
		widestGap = 9  // capital letters' heights
		longest   = 52 // likewise; 44 characters take 45 (Doc 9303-4, 4.2.2)
	)
	tall := l.tall(0)
	if math.Abs(l.along.dot(m.along)) < math.Cos(math.Pi/15) || ratio(tall, m.tall(0)) > 1.4 {
		return false
	}
	apart := math.Abs(m.middle.minus(l.middle).dot(l.along))
	if apart-l.half-m.half > widestGap*tall || apart+l.half+m.half > longest*min(tall, m.tall(0)) {
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
