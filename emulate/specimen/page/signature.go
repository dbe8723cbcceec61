package page

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/foyer-station/foyer/verify"
)

// Signature is what the holder of a document signs with as it goes into a chip: dark on white, without the page behind it, 34 x 12
// millimetres at 300 dots per inch.
func (p *Press) Signature(d Document) *image.RGBA {
	const width, height, dpi = 34, 12, 300
	s := p.sheet(newCanvas(width, height, verify.Visible, dpi))
	s.Document = d
	draw.Draw(s.img, s.img.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	s.signature(point{3, 8}, 28)
	return s.img
}

// signature writes an illegible name of the holder's own, width millimetres long.
func (s *sheet) signature(at point, width float64) {
	random := dice(s.Seed, s.Surname)
	letters := 5 + random.IntN(3)
	heights := make([]float64, letters+1)
	for k := range heights {
		heights[k] = 0.5 + random.Float64()*1.1
	}
	heights[0] = 2.6
	heights[letters/2] += 1.2
	slant := 0.25 + 0.2*random.Float64()
	var line []point
	for t := 0.0; t <= float64(letters); t += 0.02 {
		k := int(t)
		h := heights[k] + (heights[min(k+1, letters)]-heights[k])*(t-float64(k))
		y := -h * (0.5 - 0.5*math.Cos(2*math.Pi*t))
		x := width*t/float64(letters+1) - 0.9*math.Sin(2*math.Pi*t)*h*0.45 - slant*y
		line = append(line, point{at.x + x, at.y + y})
	}
	end := line[len(line)-1]
	for t := 0.0; t <= 1; t += 0.04 {
		line = append(line, point{end.x + 0.2*width*t, end.y + 1.1*math.Sin(3*t)})
	}
	var trace shape
	s.line(&trace, line, func(p point) float64 { return 0.22 + 0.10*math.Sin(p.x*1.9) })
	s.fill(&trace, carbon(0.88))
}
