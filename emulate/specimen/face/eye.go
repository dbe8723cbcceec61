package face

import "math"

// Geometry of the eyes: half the distance of the pupils, half the length of a lid, radius of the iris.
const (
	eyeX, eyeY = 0.285, 0.012
	lidHalf    = 0.152
	irisRadius = 0.064
)

// eye paints the eye on whose side the point lies.
func (s *sitter) eye(c rgb, x, y float64) rgb {
	ax := math.Abs(x)
	if math.Abs(ax-eyeX) > 0.24 || math.Abs(y-eyeY) > 0.16 {
		return c
	}
	u := (ax - eyeX) / lidHalf
	v := clamp(1 - u*u)
	open := (1 + 0.14*s.Eyes - 0.10*s.Age) * (1 - s.blink)
	axis := eyeY - 0.014*u + 0.034*s.blink*v
	upper := axis - 0.068*open*power(v, 0.62)*(1-0.10*u)
	lower := axis + 0.042*power(v, 0.80)*(1-0.8*s.blink)

	c = s.lids(c, u, v, y, upper, lower)
	cover := step(upper-s.soft, upper+s.soft, y) * step(lower+s.soft, lower-s.soft, y) * step(1.02, 0.96, math.Abs(u))
	if cover > 0 {
		c = c.toward(s.eyeball(x, y, ax, upper), cover)
	}
	return s.lashes(c, u, y, upper, lower)
}

// lids are the crease above the eye and the soft rim below it.
func (s *sitter) lids(c rgb, u, v, y, upper, lower float64) rgb {
	crease := upper - 0.030*math.Sqrt(v) - 0.006
	dark := 0.50 * gauss((y-crease)/0.0085) * step(1.15, 0.75, math.Abs(u))
	under := (0.10 + 0.20*s.Age) * gauss((y-lower-0.038)/0.014) * step(1.0, 0.6, math.Abs(u))
	return c.toward(c.tint(rgb{0.32, 0.22, 0.20}), clamp(dark+under))
}

// eyeball is sclera, iris and pupil in the shadow of the upper lid.
func (s *sitter) eyeball(x, y, ax, upper float64) rgb {
	dx, dy := ax-eyeX+0.004, y-eyeY+0.010
	r := math.Hypot(dx, dy)
	white := rgb{0.62, 0.59, 0.56}.times(1 - 0.42*step(0.05, 0.16, math.Abs(dx)))
	white = white.toward(white.tint(rgb{1, 0.72, 0.66}), step(0.10, 0.16, math.Abs(dx)))

	ray := noise(math.Atan2(dy, dx)*9, r*40, s.Seed+41)
	iris := s.iris.times(0.65 + 0.7*ray + 0.9*step(0, irisRadius, r)*step(-0.02, 0.05, dy))
	iris = iris.times(1 - 0.75*step(irisRadius*0.80, irisRadius, r))
	c := white.toward(iris, step(irisRadius+0.007, irisRadius-0.005, r))
	c = c.toward(rgb{0.006, 0.005, 0.005}, step(0.029, 0.023, r))

	c = c.times(mix(0.34, 1, step(0, 0.050, y-upper)))
	side := x
	if ax != x {
		side = -ax
	}
	glint := bump(side, y, math.Copysign(eyeX, x)-0.022, eyeY-0.034, 0.0125, 0.0125)
	return c.toward(rgb{1, 1, 1}, clamp(0.95*glint))
}

// lashes close the lids with a dark line, heavier above.
func (s *sitter) lashes(c rgb, u, y, upper, lower float64) rgb {
	line := s.hair.times(0.35).toward(rgb{0.01, 0.008, 0.008}, 0.5)
	reach := step(1.13, 0.95, math.Abs(u))
	thick := 0.011 + 0.004*step(-0.5, 1, u)
	above := gauss((y-upper+0.002)/thick) * reach
	below := 0.42 * gauss((y-lower-0.003)/0.008) * step(1.05, 0.7, math.Abs(u))
	return c.toward(line, clamp(0.9*above+below))
}

// glasses are a thin frame with a bridge and the beginning of its temples.
func (s *sitter) glasses(x, y float64) (rgb, float64) {
	if !s.Glasses || math.Abs(y-0.03) > 0.25 {
		return rgb{}, 0
	}
	ax := math.Abs(x)
	const cx, cy, rx, ry, wire = 0.292, 0.040, 0.205, 0.165, 0.0125
	p := power(power(math.Abs(ax-cx)/rx, 3)+power(math.Abs(y-cy)/ry, 3), 1.0/3)
	d := math.Abs((p-1)*ry) - wire
	bridge := math.Abs(y+0.005+0.5*ax*ax*4) - wire
	if ax > cx-rx {
		bridge = 1
	}
	temple := math.Abs(y+0.03) - wire
	if ax < cx+rx-0.01 || ax > s.half {
		temple = 1
	}
	d = min(d, bridge, temple)
	cover := step(s.soft, -s.soft, d)
	c := rgb{0.030, 0.026, 0.026}.times(1 + 1.6*noise(x*6, y*6, s.Seed+51)*step(0.06, -0.1, y))
	return c, 0.93 * cover
}
