// Package chart is a printed test chart for cameras, and what a picture of it tells about the one that took it: sharpness,
// resolution, evenness, distortion.
//
// [ForGlass] is laid on a document reader's glass, [ForCamera] held before the camera that sees visitors. [WritePDF] prints both at
// their true size; [Measure] finds one in a picture, however it is turned, by its five rings, and measures it. Sharpness is
// measured by slanted edges as in ISO 12233 (Resolution and spatial frequency responses, e-SFR), without a correction for the
// camera's tone curve: a camera that sharpens its pictures looks better than its lens is.
//
// It knows nothing of devices, and takes pictures as *image.Gray.
package chart

import "math"

// Point is a place: on a chart in millimetres from its upper left corner, in a picture in pixels, of which the first has its
// middle at 0.5.
type Point struct{ X, Y float64 }

// Chart is one of the charts. All have the same design in different sizes.
type Chart struct {
	Name  string  // "glass", "camera"
	scale float64 // of the design
}

// ForGlass is as large as a passport's data page (ICAO Doc 9303 part 4, 2.1: 125 x 88 mm).
func ForGlass() Chart { return Chart{Name: "glass", scale: 1} }

// ForCamera fills a sheet of A4.
func ForCamera() Chart { return Chart{Name: "camera", scale: 2.1} }

// Size is the chart's width and height in millimetres.
func (c Chart) Size() (width, height float64) { return designWidth * c.scale, designHeight * c.scale }

// Shape is a part of a chart, painted over those before it.
type Shape struct {
	Outline []Point // in millimetres
	Grey    uint8   // 0 black to 255 white
}

// The design, in millimetres at scale 1.
const (
	designWidth, designHeight = 125, 88

	ringModule = 1.0 // a ring is a disc of 1.5 modules, a white ring to 2.5, and a black one to 3.5
	markRadius = 1.0
	squareSide = 12.0
	barsWidth  = 6.0
	barsHeight = 5.0
	stepSide   = 6.0
	steps      = 6
)

// rings are where the chart is found by: the corners clockwise from the upper left, and a fifth that tells which is which.
var rings = [...]Point{{7, 7}, {118, 7}, {118, 81}, {7, 81}, {40, 7}}

// marks are small discs, by which distortion is told.
var marks = [...]Point{
	{62.5, 7}, {90, 7}, {7, 25.5}, {7, 44}, {7, 62.5}, {118, 25.5}, {118, 44}, {118, 62.5}, {35, 81}, {62.5, 81}, {90, 81},
	{35, 35}, {90, 35}, {35, 55}, {90, 55},
}

// square is a black square with slanted edges.
type square struct {
	zone   string
	middle Point
	slant  float64 // degrees
}

// squares have two slants, so that never all of them have edges along the rows and columns of a picture.
var squares = [...]square{
	{"middle", Point{62.5, 44}, 9}, {"upper_left", Point{24, 22}, 6}, {"upper_right", Point{101, 22}, 13},
	{"lower_right", Point{101, 66}, 6}, {"lower_left", Point{24, 66}, 13},
}

// whites are places that are white for 1.5 mm around.
var whites = [...]Point{
	{14, 12.5}, {50, 13}, {75, 13}, {111, 12.5}, {14, 44}, {45, 44}, {80, 44}, {111, 44}, {14, 76}, {40, 75}, {85, 75}, {111, 76},
}

// barsAt is where the first group of bars begins, finest is how many line pairs a millimetre the last has, at scale 1; the others have
// 1, 2, and so on.
var barsAt = Point{41.5, 18}

const finest = 6

// stepsAt is where the grey steps begin, black first.
var stepsAt = Point{44.5, 57}

// Shapes are all parts of the chart but the writing, on white paper.
func (c Chart) Shapes() (all []Shape) {
	for _, middle := range rings {
		all = append(all, disc(middle, 3.5*ringModule, 0), disc(middle, 2.5*ringModule, 255), disc(middle, 1.5*ringModule, 0))
	}
	for _, middle := range marks {
		all = append(all, disc(middle, markRadius, 0))
	}
	for _, s := range squares {
		corners := s.corners()
		all = append(all, Shape{corners[:], 0})
	}
	for lines := 1; lines <= finest; lines++ {
		all = append(all, bars(lines)...)
	}
	for i := range steps {
		left := stepsAt.X + stepSide*float64(i)
		all = append(all, box(left, stepsAt.Y, left+stepSide, stepsAt.Y+stepSide, stepGrey(i)))
	}
	for i := range all {
		for j, p := range all[i].Outline {
			all[i].Outline[j] = Point{p.X * c.scale, p.Y * c.scale}
		}
	}
	return all
}

// stepGrey is how light a grey step is.
func stepGrey(i int) uint8 { return uint8(255 * i / steps) }

// corners are those of the square, clockwise.
func (s square) corners() (corners [4]Point) {
	for i := range corners {
		angle := s.slant*math.Pi/180 + math.Pi/4 + math.Pi/2*float64(i) + math.Pi
		corners[i] = s.middle.polar(squareSide/math.Sqrt2, angle)
	}
	return corners
}

// polar is the point that far away in a direction, clockwise from the right as y points down.
func (p Point) polar(far, angle float64) Point {
	sin, cos := math.Sincos(angle)
	return Point{p.X + far*cos, p.Y + far*sin}
}

func (p Point) minus(q Point) Point        { return Point{p.X - q.X, p.Y - q.Y} }
func (p Point) distance(q Point) float64   { return math.Hypot(p.X-q.X, p.Y-q.Y) }
func (p Point) times(factor float64) Point { return Point{p.X * factor, p.Y * factor} }

func disc(middle Point, radius float64, grey uint8) Shape {
	const corners = 90
	s := Shape{Grey: grey}
	for i := range corners {
		s.Outline = append(s.Outline, middle.polar(radius, 2*math.Pi*float64(i)/corners))
	}
	return s
}

func box(left, top, right, bottom float64, grey uint8) Shape {
	return Shape{[]Point{{left, top}, {right, top}, {right, bottom}, {left, bottom}}, grey}
}

// barsOrigin is where the group of so many line pairs begins, of upright bars or of lying ones below them.
func barsOrigin(lines int, lying bool) Point {
	p := Point{barsAt.X + (barsWidth+1)*float64(lines-1), barsAt.Y}
	if lying {
		p.Y += barsHeight + 2
	}
	return p
}

// bars are the two groups of so many line pairs a millimetre.
func bars(lines int) (all []Shape) {
	pair := 1 / float64(lines)
	upright, lying := barsOrigin(lines, false), barsOrigin(lines, true)
	for at := 0.0; at+pair/2 < barsWidth; at += pair {
		all = append(all, box(upright.X+at, upright.Y, upright.X+at+pair/2, upright.Y+barsHeight, 0))
	}
	for at := 0.0; at+pair/2 < barsHeight; at += pair {
		all = append(all, box(lying.X, lying.Y+at, lying.X+barsWidth, lying.Y+at+pair/2, 0))
	}
	return all
}
