package face

import "math"

// face is the skin of the face with everything on it.
func (s *sitter) face(x, y float64) (rgb, float64) {
	_, d := s.skull(x, y, 1)
	cover := step(s.soft, -s.soft, d)
	if cover <= 0 {
		return rgb{}, 0
	}
	nx, ny, nz := s.relief.normal(int(math.Floor(x*s.scale+s.x)), int(math.Floor(y*s.scale+s.y)), s.scale)
	c := s.complexion(x, y)
	c = s.lips(c, x, y)
	c = lit(c, nx, ny, nz)
	c = c.times(s.occlusion(x, y))
	sheen := 0.045 * gloss(nx, ny, nz) * (0.6 + 0.8*noise(x*60, y*60, s.Seed))
	c = rgb{c[0] + sheen, c[1] + sheen, c[2] + sheen}
	c = s.beard(c, x, y)
	c = s.brows(c, x, y)
	c = s.eye(c, x, y)
	return c, cover
}

// complexion is the colour of the skin: warmer on cheeks, nose and chin, never quite even.
func (s *sitter) complexion(x, y float64) rgb {
	ax := math.Abs(x)
	warm := 0.55*bump(ax, y, 0.40, 0.30, 0.20, 0.17) + 0.7*bump(x, y, 0, 0.37, 0.13, 0.10) + 0.35*bump(x, y, 0, 0.86, 0.18, 0.10)
	c := s.skin.toward(s.skin.tint(rgb{1.06, 0.84, 0.80}), clamp(warm))
	mottle := 0.5*noise(x*7, y*7, s.Seed+1) + 0.3*noise(x*24, y*24, s.Seed+2) + 0.2*noise(x*75, y*75, s.Seed+3)
	c = c.times(0.94 + 0.12*mottle)
	lid := bump(ax, y, 0.285, -0.035, 0.17, 0.07) + (0.5+0.8*s.Age)*bump(ax, y, 0.27, 0.105, 0.13, 0.035)
	return c.toward(c.tint(rgb{0.80, 0.70, 0.72}), clamp(0.75*lid))
}

// occlusion darkens where little light comes in: sockets, under nose, lip and brow, along the hair and the jaw.
func (s *sitter) occlusion(x, y float64) float64 {
	ax := math.Abs(x)
	nose := 1 + 0.2*s.Nose
	k := 1 - 0.20*bump(ax, y, 0.16, -0.03, 0.07, 0.09)
	k *= 1 - 0.20*bump(x, y, 0, 0.465, 0.15, 0.030)
	k *= 1 - 0.55*bump(ax, y, 0.062*nose, 0.432, 0.034, 0.016)
	k *= 1 - 0.22*bump(ax, y, 0.158*nose, 0.40, 0.016, 0.045)
	k *= 1 - 0.16*bump(x, y, 0, 0.728, 0.13, 0.022)
	k *= 1 - (0.05+0.14*s.Age)*s.fold(ax, y)
	k *= 1 - 0.10*s.Age*bump(ax, y, 0.27, 0.125, 0.12, 0.012)
	if y < -0.25 && s.Age > 0.35 {
		wave := math.Sin(y*46 + 0.7*math.Sin(x*3))
		k *= 1 - 0.06*s.Age*max(0, wave)*bump(x, y, 0, -0.42, 0.32, 0.14)
	}
	return k
}

// lips colours the mouth, closed and at rest.
func (s *sitter) lips(c rgb, x, y float64) rgb {
	const half = 0.225
	u := x / half
	if math.Abs(u) > 1.15 || y < 0.48 || y > 0.76 {
		return c
	}
	v := clamp(1 - u*u)
	full := 1 + 0.25*s.Lips
	line := 0.607 - 0.014*u*u + 0.006*math.Exp(-u*u*30)
	upper := line - 0.054*full*power(v, 0.9)*(1-0.22*math.Exp(-u*u*40))
	lower := line + 0.068*full*power(v, 0.75)
	soft := 0.012
	inLips := step(upper-soft, upper+soft, y) * step(lower+soft, lower-soft, y) * step(1.0, 0.88, math.Abs(u))
	tone := rgb{0.92, 0.55, 0.57}
	if y < line {
		tone = rgb{0.80, 0.46, 0.48}
	}
	c = c.toward(c.tint(tone), 0.85*inLips)
	gap := gauss((y-line)/0.0085) * step(1.08, 0.8, math.Abs(u))
	corner := bump(math.Abs(x), y, half*0.99, 0.595, 0.022, 0.018)
	return c.toward(c.tint(rgb{0.28, 0.17, 0.17}), clamp(0.85*gap+0.45*corner))
}

// brows are two arcs of short hairs.
func (s *sitter) brows(c rgb, x, y float64) rgb {
	ax := math.Abs(x)
	t := (ax - 0.105) / 0.40
	if t < -0.1 || t > 1.1 {
		return c
	}
	u := clamp(t)
	arc := -0.145 - 0.058*math.Sin(math.Pi*power(u, 0.85)*0.88) + 0.03*u*u
	thick := (0.035 + 0.013*s.Brows) * power(1-0.86*u, 0.7)
	d := (y - arc) / thick
	strand := noise(ax*38+y*60, y*14-ax*5, s.Seed+11)
	density := math.Exp(-d*d*1.1) * step(-0.07, 0.10, t) * step(1.06, 0.85, t) * (0.70 + 0.5*strand)
	return c.toward(s.brow.toward(s.skin.times(0.12), 0.25), clamp(0.92*density))
}

// beard grows on jaw, chin and upper lip.
func (s *sitter) beard(c rgb, x, y float64) rgb {
	if s.Beard <= 0 || y < 0.1 {
		return c
	}
	ax := math.Abs(x)
	jaw := step(0.50, 0.80, math.Hypot(ax/0.62, max(0, y-0.12)/0.80)) * step(0.16, 0.40, y)
	lip := bump(ax, y, 0.10, 0.525, 0.17, 0.042)
	mouth := bump(x, y, 0, 0.615, 0.20, 0.062)
	cheek := 1 - bump(ax, y, 0.30, 0.36, 0.20, 0.16)
	hairs := 0.62 + 0.34*noise(x*75+y*9, y*40-ax*16, s.Seed+21) + 0.16*noise(x*21, y*13, s.Seed+22)
	amount := clamp(max(jaw*cheek, lip)-1.3*mouth) * hairs
	tone := s.hair.times(0.75+0.5*noise(x*70, y*22, s.Seed+23)).toward(s.skin.times(0.2), 0.2)
	return c.toward(tone, clamp(amount*s.Beard))
}

// ears stand at the sides of the head.
func (s *sitter) ears(x, y float64) (rgb, float64) {
	ax := math.Abs(x)
	if ax < s.half*0.8 || ax > s.half+0.2 {
		return rgb{}, 0
	}
	lean := s.half + 0.025 - 0.10*(y-0.10)
	cover := inside(ax, y, lean, 0.10, 0.072, 0.175, s.soft)
	if cover <= 0 {
		return rgb{}, 0
	}
	c := s.skin.tint(rgb{0.80, 0.62, 0.58})
	rim := math.Hypot((ax-lean)/0.072, (y-0.10)/0.175)
	light := 0.62 + 0.26*step(0.55, 0.9, rim) - 0.30*step(0.60, 0.1, math.Hypot((ax-lean+0.01)/0.045, (y-0.07)/0.10))
	if x > 0 {
		light *= 0.90
	}
	return c.times(light), cover
}

// neck is a column in the shadow of the chin.
func (s *sitter) neck(x, y float64) (rgb, float64) {
	if y < 0.4 || y > 2.2 {
		return rgb{}, 0
	}
	half := 0.60*s.half + 0.03*s.Jaw + 0.25*power(max(0, y-0.98), 1.7)
	cover := step(half+s.soft, half-s.soft, math.Abs(x))
	if cover <= 0 {
		return rgb{}, 0
	}
	u := clamp(math.Abs(x) / half)
	nx := math.Copysign(u*0.9, x)
	c := lit(s.skin.tint(rgb{0.94, 0.86, 0.84}), nx, 0.15, math.Sqrt(1-0.81*u*u))
	_, d := s.skull(x+0.03, y-0.06, 1)
	shadow := mix(0.46, 1, step(-0.04, 0.30, d))
	tendon := 1 - 0.06*gauss((math.Abs(x)-0.30+0.22*(y-0.8))/0.05)
	return c.times(shadow * tendon * (0.97 + 0.06*noise(x*30, y*30, s.Seed+31))), cover
}
