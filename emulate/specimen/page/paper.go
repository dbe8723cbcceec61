package page

import (
	"crypto/sha256"
	"encoding/binary"
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/foyer-station/foyer/verify"
)

// paper lays the ground: cream in white light, light in the infrared. Security paper is dull, a dark violet, under
// ultraviolet; office paper glows blue-white there, because its brighteners do.
func (c *canvas) paper(bright bool) {
	b := c.img.Rect
	for y := range b.Dy() {
		v := float64(y) / float64(b.Dy())
		row := c.img.Pix[y*c.img.Stride:]
		for x := range b.Dx() {
			u := float64(x) / float64(b.Dx())
			tone := c.tone(u, v, bright)
			grain := int(uint32(x*374761393+y*668265263)*2246822519>>28) - 8
			for k, t := range [3]uint8{tone.R, tone.G, tone.B} {
				row[4*x+k] = uint8(max(0, min(255, int(t)+grain/4)))
			}
			row[4*x+3] = 255
		}
	}
}

// tone is the paper's colour at a place, both coordinates from 0 to 1.
func (c *canvas) tone(u, v float64, bright bool) color.RGBA {
	switch {
	case c.light == verify.Infrared:
		return color.RGBA{222, 222, 222, 255}
	case c.light == verify.Ultraviolet && bright:
		return color.RGBA{150, 172, 246, 255}
	case c.light == verify.Ultraviolet:
		return color.RGBA{uint8(20 + 5*u), uint8(13 + 3*v), uint8(46 + 8*u), 255}
	}
	return color.RGBA{uint8(246 - 16*u), uint8(243 - 4*math.Abs(u-0.5)), uint8(232 + 12*u - 6*v), 255}
}

// guilloche prints the fine lines of the background: two families of waves, one waning where the other waxes, and two
// rosettes. One rosette has a twin in a fluorescent ink.
func (c *canvas) guilloche() {
	width, height := c.width, c.height
	var waning, waxing, roses, glow shape
	for k := -2.0; k < height/1.5+2; k++ {
		c.line(&waning, wave(width, k*1.5, 2.6, 31, 0.42*k), func(p point) float64 { return 0.05 + 0.15*(1-p.x/width) })
		c.line(&waxing, wave(width, k*1.5+0.7, 3.4, 43, 1.3-0.31*k), func(p point) float64 { return 0.05 + 0.15*p.x/width })
	}
	right, left := point{width * 0.80, height * 0.42}, point{width * 0.20, height * 0.46}
	thin := func(point) float64 { return 0.09 }
	for k := range 6 {
		phase := 2 * math.Pi * float64(k) / 6
		c.line(&roses, rosette(right, height*0.31, 0.70, 11, phase), thin)
		c.line(&roses, rosette(right, height*0.15, 0.62, 7, -phase), thin)
		c.line(&roses, rosette(left, height*0.36, 0.80, 16, phase), thin)
		if k%2 == 0 {
			c.line(&glow, rosette(right, height*0.31, 0.70, 11, phase), func(point) float64 { return 0.13 })
			c.line(&glow, rosette(right, height*0.15, 0.62, 7, -phase), func(point) float64 { return 0.13 })
		}
	}
	c.fill(&waning, dye(0x2E8C94, 0.34))
	c.fill(&waxing, dye(0xB4587A, 0.30))
	c.fill(&roses, dye(0xB08A3C, 0.42))
	c.fill(&glow, fluorescent(0xB6D84A, 0.62))
}

func wave(width, y, amplitude, length, phase float64) []point {
	var points []point
	for x := -1.0; x <= width+1; x += 0.8 {
		t := 2 * math.Pi * x / length
		points = append(points, point{x, y + amplitude*math.Sin(t+phase)*math.Cos(t*0.37) + 0.6*math.Sin(2.3*t-phase)})
	}
	return points
}

// rosette is a circle that swings between its radius and a part of it, the core, so many times a turn.
func rosette(centre point, radius, core float64, lobes int, phase float64) []point {
	const steps = 480
	points := make([]point, steps+1)
	for k := range points {
		t := 2 * math.Pi * float64(k) / steps
		r := radius * ((1+core)/2 + (1-core)/2*math.Cos(float64(lobes)*t+phase))
		points[k] = point{centre.x + r*math.Cos(t), centre.y + r*math.Sin(t)}
	}
	return points
}

// fibres are short threads in the paper, which only ultraviolet light shows.
func (c *canvas) fibres(seed uint64, side verify.Side) {
	random := dice(seed, string(side))
	inks := []ink{fluorescent(0xE85A4A, 0.9), fluorescent(0x5A8CF0, 0.9), fluorescent(0xE8D050, 0.85)}
	for k := range int(c.width * c.height / 260) {
		at := point{random.Float64() * c.width, random.Float64() * c.height}
		turn, bend := random.Float64()*2*math.Pi, (random.Float64()-0.5)*1.4
		var thread []point
		for range 9 {
			thread = append(thread, at)
			at = point{at.x + 0.42*math.Cos(turn), at.y + 0.42*math.Sin(turn)}
			turn += bend * 0.3
		}
		c.stroke(thread, 0.11, inks[k%len(inks)])
	}
}

// dice are random numbers for one purpose, the same for the same seed.
func dice(seed uint64, purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), purpose...))))
}
