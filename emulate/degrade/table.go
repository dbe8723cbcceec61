package degrade

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// Table is what a document lies on.
type Table string

// The tables. An imager has a plain lid.
const (
	Black Table = "black"
	Grey  Table = "grey"
	White Table = "white"
	Wood  Table = "wood"  // stripes
	Cloth Table = "cloth" // a weave, of any colour
	Desk  Table = "desk"  // other papers, cards and pens on any colour
)

// table fills the picture with what the document will lie on.
func (f frame) table(r Recipe, random *rand.Rand) {
	tone := r.Table.tone(random)
	mm := r.DPI / 25.4
	switch r.Table {
	case Wood:
		f.weave(tone, random, 40*mm, 1.2*mm)
	case Cloth:
		f.weave(tone, random, 0.9*mm, 0.9*mm)
	default:
		f.fill(whole(f.y.Rect), tone)
	}
	if r.Table == Desk {
		for range 3 + random.IntN(5) {
			f.litter(random, mm)
		}
	}
}

// tone is the colour of a table.
func (t Table) tone(random *rand.Rand) color.YCbCr {
	around := func(v, spread int) uint8 { return uint8(v + random.IntN(2*spread+1) - spread) }
	switch t {
	case Black:
		return color.YCbCr{Y: around(18, 12), Cb: 128, Cr: 128}
	case Grey:
		return color.YCbCr{Y: around(110, 50), Cb: 128, Cr: 128}
	case White:
		return color.YCbCr{Y: around(240, 12), Cb: 128, Cr: 128}
	case Wood:
		return color.YCbCr{Y: around(105, 45), Cb: around(104, 8), Cr: around(146, 8)}
	}
	return color.YCbCr{Y: around(110, 75), Cb: around(128, 36), Cr: around(128, 36)}
}

// weave fills the picture with two crossed waves of random strength, so many pixels long.
func (f frame) weave(tone color.YCbCr, random *rand.Rand, along, across float64) {
	f.fill(whole(f.y.Rect), tone)
	strength := 6 + 14*random.Float64()
	bend := 30 * random.Float64()
	columns := make([]float64, f.y.Rect.Dx())
	for x := range columns {
		columns[x] = strength * math.Sin(2*math.Pi*float64(x)/along)
	}
	for y := range f.y.Rect.Dy() {
		swing := strength * math.Sin(2*math.Pi*float64(y)/across+bend*math.Sin(float64(y)/across/40))
		row := f.y.Pix[y*f.y.Stride:]
		for x, v := range columns {
			row[x] = uint8(min(255, max(0, float64(tone.Y)+v+swing)))
		}
	}
}

// litter is a paper with rows of print, a card or a pen, somewhere.
func (f frame) litter(random *rand.Rand, mm float64) {
	sizes := []point{{148, 105}, {148, 105}, {86, 54}, {140, 9}}
	size := sizes[random.IntN(len(sizes))]
	at := point{random.Float64() * float64(f.y.Rect.Dx()), random.Float64() * float64(f.y.Rect.Dy())}
	lies := shift(at.x, at.y).times(turning(360 * random.Float64())).times(scaling(mm))
	tone := Cloth.tone(random)
	if size.y > 54 {
		tone = White.tone(random)
	}
	box := func(x0, y0, x1, y1 float64) quad {
		return quad{lies.at(point{x0, y0}), lies.at(point{x1, y0}), lies.at(point{x1, y1}), lies.at(point{x0, y1})}
	}
	f.fill(box(0, 0, size.x, size.y), tone)
	if size.y < 54 {
		return
	}
	print := color.YCbCr{Y: 50, Cb: 128, Cr: 128}
	for y := 8.0; y < size.y-8; y += 5 {
		for x := 8.0; x < size.x-10; {
			length := 2 + 9*random.Float64()
			f.fill(box(x, y, min(x+length, size.x-8), y+1.7), print)
			x += length + 1.6
		}
	}
}

func whole(r image.Rectangle) quad { return scaling(1).quad(r) }

// fill paints a convex quad in one colour.
func (f frame) fill(q quad, tone color.YCbCr) {
	fill(f.y, q, tone.Y)
	for i := range q {
		q[i] = point{q[i].x / 2, q[i].y / 2}
	}
	fill(f.cb, q, tone.Cb)
	fill(f.cr, q, tone.Cr)
}

func fill(plane *image.Gray, q quad, value uint8) {
	low, high := q.box()
	for y := max(0, int(low.y)); y < min(plane.Rect.Dy(), int(high.y)+1); y++ {
		first, end := q.span(y)
		first, end = max(first, 0), min(end, plane.Rect.Dx())
		if first >= end {
			continue
		}
		row := plane.Pix[y*plane.Stride:][first:end]
		for x := range row {
			row[x] = value
		}
	}
}
