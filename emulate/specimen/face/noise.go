package face

import "math"

// hash is a repeatable value from 0 to 1 for a point of the integer lattice.
func hash(x, y int, seed uint64) float64 {
	h := seed ^ uint64(uint32(x))*0x9E3779B97F4A7C15 ^ uint64(uint32(y))*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	return float64(h>>40) / (1 << 24)
}

// noise is smooth value noise from 0 to 1 with features of size 1.
func noise(x, y float64, seed uint64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	u, v := smooth(x-fx), smooth(y-fy)
	top := mix(hash(ix, iy, seed), hash(ix+1, iy, seed), u)
	bottom := mix(hash(ix, iy+1, seed), hash(ix+1, iy+1, seed), u)
	return mix(top, bottom, v)
}

func smooth(t float64) float64 { return t * t * (3 - 2*t) }

func mix(a, b, t float64) float64 { return a + (b-a)*t }

func clamp(t float64) float64 { return min(max(t, 0), 1) }

// step rises smoothly from 0 at a to 1 at b; a may lie above b.
func step(a, b, x float64) float64 { return smooth(clamp((x - a) / (b - a))) }

// bump is a Gaussian hill of height 1 around (cx, cy).
func bump(x, y, cx, cy, sx, sy float64) float64 {
	dx, dy := (x-cx)/sx, (y-cy)/sy
	return fall(dx*dx + dy*dy)
}

// gauss is a Gaussian line of height 1 around 0.
func gauss(d float64) float64 { return fall(d * d) }

func fall(square float64) float64 {
	if square > 12 {
		return 0 // no eye would see the rest
	}
	return math.Exp(-square)
}

// power is x to the p, for x from 0 and p above it. Faces are full of powers, and math.Pow takes each apart bit by bit,
// which the race detector makes slow.
func power(x, p float64) float64 {
	if x <= 0 {
		return 0
	}
	return math.Exp(p * math.Log(x))
}

// inside is how much of a pixel of size px lies inside an ellipse, softened at its rim.
func inside(x, y, cx, cy, rx, ry, soft float64) float64 {
	d := (math.Hypot((x-cx)/rx, (y-cy)/ry) - 1) * min(rx, ry)
	return step(soft, -soft, d)
}
