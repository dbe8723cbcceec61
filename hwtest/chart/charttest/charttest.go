// Package charttest takes pictures of charts without a camera or a printer.
package charttest

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"

	"github.com/foyer-station/foyer/hwtest/chart"
)

// Shot is how a picture is taken. Sizes are in pixels.
type Shot struct {
	Size image.Point
	DPI  float64 // dots to an inch of the chart
	// Middle is where the chart's middle is; the picture's where it is zero.
	Middle chart.Point
	Turned float64 // degrees, clockwise
	Mirror bool
	Barrel float64 // how much nearer to the middle the picture's corner is, in parts
	Blur   float64 // standard deviation
	// Vignette is the light that is lost in the picture's corners, in parts.
	Vignette float64
	// Beside is the grey of what is not paper; paper reaches as far as the chart does.
	Beside uint8
}

// Take takes a picture of a chart.
func (s Shot) Take(c chart.Chart) *image.Gray {
	m := image.NewGray(image.Rectangle{Max: s.Size})
	draw.Draw(m, m.Rect, image.NewUniform(color.Gray{s.Beside}), image.Point{}, draw.Src)
	width, height := c.Size()
	s.fill(m, c, chart.Shape{Outline: []chart.Point{{X: 0, Y: 0}, {X: width, Y: 0}, {X: width, Y: height}, {X: 0, Y: height}}, Grey: 255})
	for _, shape := range c.Shapes() {
		s.fill(m, c, shape)
	}
	blur(m, s.Blur)
	s.shade(m)
	return m
}

// fill paints a shape, whose long edges may come out bent.
func (s Shot) fill(m *image.Gray, c chart.Chart, shape chart.Shape) {
	var outline []chart.Point
	for i, from := range shape.Outline {
		to := shape.Outline[(i+1)%len(shape.Outline)]
		n := 1
		if s.Barrel != 0 {
			n = 1 + int(math.Hypot(to.X-from.X, to.Y-from.Y))
		}
		for k := range n {
			part := float64(k) / float64(n)
			outline = append(outline, s.place(c, chart.Point{X: from.X + part*(to.X-from.X), Y: from.Y + part*(to.Y-from.Y)}))
		}
	}
	area := image.Rect(int(outline[0].X), int(outline[0].Y), int(outline[0].X)+1, int(outline[0].Y)+1)
	for _, p := range outline {
		area = area.Union(image.Rect(int(p.X)-1, int(p.Y)-1, int(p.X)+2, int(p.Y)+2))
	}
	area = area.Intersect(m.Rect)
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	for i, p := range outline {
		x, y := float32(p.X-float64(area.Min.X)), float32(p.Y-float64(area.Min.Y))
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	r.Draw(m, area, image.NewUniform(color.Gray{shape.Grey}), image.Point{})
}

// place is where a place of the chart is in the picture.
func (s Shot) place(c chart.Chart, p chart.Point) chart.Point {
	width, height := c.Size()
	x, y := (p.X-width/2)*s.DPI/25.4, (p.Y-height/2)*s.DPI/25.4
	if s.Mirror {
		x = -x
	}
	sin, cos := math.Sincos(s.Turned * math.Pi / 180)
	x, y = x*cos-y*sin, x*sin+y*cos
	middle := s.Middle
	if middle == (chart.Point{}) {
		middle = chart.Point{X: float64(s.Size.X) / 2, Y: float64(s.Size.Y) / 2}
	}
	x, y = x+middle.X-float64(s.Size.X)/2, y+middle.Y-float64(s.Size.Y)/2
	corner := math.Hypot(float64(s.Size.X), float64(s.Size.Y)) / 2
	far := math.Hypot(x, y) / corner
	nearer := 1 - s.Barrel*far*far
	return chart.Point{X: x*nearer + float64(s.Size.X)/2, Y: y*nearer + float64(s.Size.Y)/2}
}

// shade takes light away towards the corners.
func (s Shot) shade(m *image.Gray) {
	if s.Vignette == 0 {
		return
	}
	for y := range s.Size.Y {
		for x := range s.Size.X {
			dx, dy := float64(2*x)/float64(s.Size.X)-1, float64(2*y)/float64(s.Size.Y)-1
			at := y*m.Stride + x
			m.Pix[at] = uint8(float64(m.Pix[at]) * max(0, 1-s.Vignette*(dx*dx+dy*dy)/2))
		}
	}
}

// blur smears a picture, first along its rows and then along its columns.
func blur(m *image.Gray, deviation float64) {
	if deviation == 0 {
		return
	}
	reach := int(3*deviation) + 1
	weights, sum := make([]float64, 2*reach+1), 0.0
	for i := range weights {
		weights[i] = math.Exp(-math.Pow(float64(i-reach)/deviation, 2) / 2)
		sum += weights[i]
	}
	width, height := m.Rect.Dx(), m.Rect.Dy()
	along := func(n, step, at int) {
		line := make([]float64, n)
		for i := range line {
			for k, w := range weights {
				line[i] += w / sum * float64(m.Pix[at+min(max(i+k-reach, 0), n-1)*step])
			}
		}
		for i, v := range line {
			m.Pix[at+i*step] = uint8(v + 0.5)
		}
	}
	for y := range height {
		along(width, 1, y*m.Stride)
	}
	for x := range width {
		along(height, m.Stride, x)
	}
}
