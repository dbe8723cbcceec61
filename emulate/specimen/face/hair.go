package face

import "math"

// hairFront is what lies over the face: fringe, sides, or the edge of a scarf.
func (s *sitter) hairFront(x, y float64) (rgb, float64) {
	var cover float64
	switch s.Style {
	case Scarf:
		return s.scarf(x, y)
	case Bob, Long:
		cover = s.curtain(x, y)
	default:
		cover = s.cap(x, y)
	}
	if cover <= 0 {
		return rgb{}, 0
	}
	return s.strands(x, y), cover
}

// cap is short hair: what lies above the hairline, on a skull that the hair makes a little larger.
func (s *sitter) cap(x, y float64) float64 {
	if y > 0.2 {
		return 0
	}
	wider, line := 1.075, -0.60
	switch s.Style {
	case Receding:
		wider, line = 1.045, -0.74
	case Tied:
		wider, line = 1.055, -0.64
	}
	ragged := 0.020 * (noise(x*22, y*22, s.Seed+61) - 0.5)
	_, outer := s.skull(x, y+0.015, wider)
	ax := math.Abs(x)
	hairline := line + 0.50*math.Pow(ax/(s.half*0.95), 3.4)
	if s.Style == Receding {
		hairline -= 0.16 * bump(ax, 0, 0.36, 0, 0.16, 1)
	}
	wave := 0.045 * (noise(x*6+3, 1, s.Seed+62) - 0.5)
	side := step(0.13, 0.02, y)
	above := step(0.035, -0.035, y-hairline-wave-ragged)
	return step(0.012, -0.012, outer+ragged) * above * max(side, step(-0.2, -0.3, y))
}

// curtain is parted hair that falls beside the face and over the ears.
func (s *sitter) curtain(x, y float64) float64 {
	end := s.hairEnd()
	_, outer := s.skull(x, y+0.03, 1.13)
	if y > 0 {
		fall := s.half*1.15 + 0.05*math.Sin(y*2.2) + 0.02*noise(y*5, x, s.Seed+63)
		outer = math.Abs(x) - fall
	}
	part := math.Copysign(0.14, float64(s.Seed%2)-0.5)
	ax := math.Abs(x)
	inner := (s.half - 0.035) * math.Pow(step(-0.78, 0.10, y), 0.55)
	swing := part * step(-0.15, -0.80, y)
	edge := inner - math.Abs(x-swing)
	if y > 0.35 {
		edge = inner + 0.05*math.Sin((y-0.35)*2.4) - ax
	}
	ragged := 0.014 * (noise(x*30, y*8, s.Seed+64) - 0.5)
	tip := step(0.05, -0.05, y-end-0.10*(noise(x*9, 2, s.Seed+65)-0.5)-0.12*(ax-s.half))
	return step(0.010, -0.010, outer+ragged) * step(0.016, -0.016, edge+ragged) * tip
}

func (s *sitter) hairEnd() float64 {
	if s.Style == Long {
		return 1.62
	}
	return 0.80
}

// hairBack is what is seen of the hair behind neck and ears.
func (s *sitter) hairBack(x, y float64) (rgb, float64) {
	var cover float64
	switch s.Style {
	case Bob, Long:
		end := s.hairEnd() - 0.06
		width := s.half*1.10 + 0.04*math.Sin(y*2.2)
		cover = step(s.soft, -s.soft, math.Abs(x)-width) * step(0.04, -0.04, y-end) * step(-0.6, -0.4, y)
	case Tied:
		cover = inside(x, y, 0.05, -1.08, 0.24, 0.17, 0.012)
	}
	if cover <= 0 {
		return rgb{}, 0
	}
	return s.strands(x, y).times(mix(1, 0.42, step(-0.9, 0, y))), cover
}

// strands is the colour of hair: fine streaks that run from the parting, with a band of sheen.
func (s *sitter) strands(x, y float64) rgb {
	across, along := math.Atan2(x, 1.35+y)*1.25, math.Hypot(x, y+1.35)
	if y > 0 && (s.Style == Long || s.Style == Bob) {
		across, along = x*0.9+0.03*math.Sin(y*4), 1.4+y
	}
	streak := 0.55*noise(across*46, along*2.2, s.Seed+71) + 0.30*noise(across*120, along*4, s.Seed+72) + 0.15*noise(across*14, along*1.5, s.Seed+73)
	f, _ := s.skull(x, y, 1.14)
	round := math.Sqrt(clamp(1.15 - min(f, 1.1)))
	light := 0.34 + 0.60*round - 0.14*x
	if y > 0 {
		light = 0.66 - 0.16*x - 0.10*step(0.3, 1.4, y)
	}
	sheen := math.Exp(-math.Pow((along-0.66)/0.10, 2)) * streak * 0.55
	c := s.hair.times(light * (0.42 + 1.05*streak))
	gain := 0.035 + 0.35*s.hair[1]
	return rgb{c[0] + sheen*gain, c[1] + sheen*gain*0.95, c[2] + sheen*gain*0.9}
}

// scarf covers hair, ears and neck and lies on the shoulders.
func (s *sitter) scarf(x, y float64) (rgb, float64) {
	ax := math.Abs(x)
	_, outer := s.skull(x, y+0.02, 1.15)
	if y > 0.1 {
		drape := s.half*1.15 + 0.10*math.Pow(max(0, y-0.2), 1.5) + 0.45*math.Pow(max(0, y-0.95), 1.6)
		outer = ax - drape
	}
	opening := math.Pow(math.Pow(ax/(s.half*0.955), 2.3)+math.Pow(math.Abs(y-0.165)/0.80, 2.3), 1/2.3) - 1
	cover := step(s.soft, -s.soft, outer) * step(-s.soft, s.soft, opening*0.7)
	end := 1.62 + 0.10*ax + 0.04*math.Sin(ax*9)
	cover *= step(s.soft, -s.soft, y-end)
	if cover <= 0 {
		return rgb{}, 0
	}
	angle := math.Atan2(x, -(y - 0.2))
	radius := math.Hypot(x, y-0.2)
	folds := 0.5*noise(radius*11+angle*0.8, angle*2.0, s.Seed+81) + 0.5*noise(radius*5-angle, angle*3, s.Seed+82)
	f, _ := s.skull(x, y, 1.2)
	light := 0.40 + 0.42*math.Sqrt(clamp(1.2-min(f, 1.15))) + 0.34*folds - 0.12*x
	if y > 0.5 {
		light = mix(light, 0.55+0.40*folds-0.10*x, step(0.5, 0.9, y))
	}
	light *= mix(0.62, 1, step(0, 0.10, opening))
	return s.hair.times(light), cover
}
