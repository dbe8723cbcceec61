package face

import "math"

// clothing covers shoulders and chest: a plain top, or a jacket over a shirt.
func (s *sitter) clothing(x, y float64) (rgb, float64) {
	if y < 0.95 {
		return rgb{}, 0
	}
	ax := math.Abs(x)
	cover := step(s.soft, -s.soft, s.shoulder(ax)-y)
	if cover <= 0 {
		return rgb{}, 0
	}
	if s.Jacket {
		return s.jacket(x, y, cover)
	}
	neckline := math.Hypot(ax/0.52, (y-1.06)/0.36) - 1
	cover *= step(-s.soft*3, s.soft*3, neckline)
	seam := 1 - 0.30*gauss((neckline-0.10)/0.018) - 0.18*gauss(neckline/0.03)
	return s.cloth(s.clothes, x, y).times(seam), cover
}

// shoulder is the height of the shoulder line.
func (s *sitter) shoulder(ax float64) float64 {
	slope := 1.15 + 0.32*power(clamp((ax-0.34)/1.25), 0.85)
	const round, end = 1.12, 1.66 // of the upper arm
	t := clamp((ax - round) / (end - round))
	if ax >= end {
		return math.Inf(1)
	}
	return slope + 0.75*(1-math.Sqrt(1-t*t))
}

func (s *sitter) jacket(x, y, cover float64) (rgb, float64) {
	ax := math.Abs(x)
	collar := 0.36 - 0.52*(y-1.16) // inner edge of the shirt's collar
	skin := step(collar+s.soft, collar-s.soft, ax) * step(1.80, 1.78, y)
	lapel := 0.52 - 0.30*(y-1.16)
	edge := ax - lapel
	c := s.cloth(s.shirt, x, y).times(1 - 0.35*gauss((ax-collar-0.16)/0.02)*step(1.62, 1.50, y))
	c = c.times(mix(0.72, 1, step(0, -0.07, edge)))
	jacket := s.cloth(s.clothes, x, y)
	fold := math.Abs(ax - 0.86 + 0.55*(y-1.3))
	jacket = jacket.times(1 - 0.35*gauss(fold/0.012)*step(1.25, 1.35, y))
	jacket = jacket.times(1 + 0.5*gauss((edge-0.01)/0.012))
	c = c.toward(jacket, step(-s.soft, s.soft, edge))
	return c, cover * (1 - skin)
}

// cloth is woven stuff with wide folds, lighter on the shoulders.
func (s *sitter) cloth(c rgb, x, y float64) rgb {
	folds := 0.6*noise(x*2.2+y*1.1, y*1.3, s.Seed+91) + 0.4*noise(x*5+y*3, y*2.5-x, s.Seed+92)
	weave := noise(x*90, y*90, s.Seed+93)
	ax := math.Abs(x)
	depth := y - s.shoulder(ax)
	arm := gauss((ax-1.20+0.05*(y-2))/0.022) * step(1.75, 2.15, y)
	light := 0.52 + 0.26*folds + 0.05*weave + 0.20*math.Exp(-depth*2.2) - 0.07*x
	light *= mix(0.66, 1, step(0.30, 0.85, math.Hypot(x, (y-0.95)*1.3)))
	light *= (1 - 0.45*arm) * mix(0.72, 1, step(1.66, 1.40, ax))
	return c.times(light)
}
