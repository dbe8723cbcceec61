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
	wider, line, loose := 1.095, -0.58, 0.050
	switch s.Style {
	case Receding:
		wider, line, loose = 1.045, -0.74, 0.015
	case Tied:
		wider, line, loose = 1.055, -0.64, 0.010
	}
	_, outer := s.skull(x, y+0.015, wider)
	outer += 0.5 * loose * (noise(x*5, y*5, s.Seed+61) - 0.5) * step(-0.2, -0.7, y)
	outer += 0.010 * (noise(x*80, y*80, s.Seed+66) - 0.5)
	ax := math.Abs(x)
	corner := 5.0 // how square the hairline is at the temples
	if s.Style == Tied {
		corner = 3.4
	}
	hairline := line + 0.50*power(ax/(s.half*0.95), corner)
	if s.Style == Receding {
		hairline -= 0.16 * bump(ax, 0, 0.36, 0, 0.16, 1)
	}
	hairline += loose * (noise(x*6+3, 1, s.Seed+62) + 0.6*noise(x*26+y*9, y*5, s.Seed+67) - 0.8)
	hairline += 0.012 * (noise(x*70, y*9, s.Seed+68) - 0.5)
	above := step(0.030, -0.030, y-hairline)
	return step(0.010, -0.010, outer) * above * max(step(0.13, 0.02, y), step(-0.2, -0.3, y))
}

// curtain is parted hair that falls beside the face and over the ears.
func (s *sitter) curtain(x, y float64) float64 {
	if math.Abs(x) > s.half*1.4 || y > s.hairEnd()+0.2 {
		return 0
	}
	ax := math.Abs(x)
	_, outer := s.skull(x, y+0.03, 1.13)
	fall := s.half*1.128 + 0.05*math.Sin(y*2.2) + 0.03*(noise(y*4, 5, s.Seed+63)-0.5)*step(0, 0.4, y)
	outer = mix(outer, ax-fall, step(-0.15, 0.10, y))

	part := math.Copysign(0.14, float64(s.Seed%2)-0.5)
	arch := clamp((y + 0.76) / 0.84)
	inner := (s.half-0.030)*math.Sqrt(1-(1-arch)*(1-arch)) - 0.04*step(-0.66, -0.80, y)
	if y > 0.35 {
		inner += 0.05 * math.Sin((y-0.35)*2.4)
	}
	edge := inner - math.Abs(x-part*step(-0.05, -0.75, y))
	ragged := 0.012 * (noise(x*60, y*8, s.Seed+64) - 0.5)
	tip := step(0.05, -0.05, y-s.hairEnd()-0.10*(noise(x*9, 2, s.Seed+65)-0.5)-0.12*(ax-s.half))
	return step(0.010, -0.010, outer+ragged) * step(0.014, -0.014, edge+ragged) * tip
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

// strands is the colour of hair: fine streaks that run from the parting and fall beside the face, with a band of sheen.
func (s *sitter) strands(x, y float64) rgb {
	across, along := math.Atan2(x, 1.35+y)*1.25, math.Sqrt(x*x+(y+1.35)*(y+1.35))
	f, _ := s.skull(x, y, 1.14)
	light := 0.34 + 0.60*math.Sqrt(clamp(1.15-min(f, 1.1))) - 0.14*x
	if s.Style == Long || s.Style == Bob {
		t := step(-0.35, 0.25, y)
		across = mix(across, x*0.9+0.03*math.Sin(y*4), t)
		along = mix(along, 1.4+y, t)
		light = mix(light, 0.66-0.16*x-0.10*step(0.3, 1.4, y), t)
	}
	streak := 0.55*noise(across*46, along*2.2, s.Seed+71) + 0.30*noise(across*120, along*4, s.Seed+72) + 0.15*noise(across*14, along*1.5, s.Seed+73)
	sheen := gauss((along-0.66)/0.10) * streak * 0.55 * (0.035 + 0.35*s.hair[1])
	c := s.hair.times(light * (0.42 + 1.05*streak))
	return rgb{c[0] + sheen, c[1] + sheen*0.95, c[2] + sheen*0.9}
}

// scarf covers hair, ears and neck and lies on the shoulders.
func (s *sitter) scarf(x, y float64) (rgb, float64) {
	ax := math.Abs(x)
	_, outer := s.skull(x, y+0.02, 1.15)
	drape := s.half*1.142 + 0.10*power(max(0, y-0.2), 1.5) + 0.45*power(max(0, y-0.95), 1.6)
	outer = mix(outer, ax-drape, step(-0.15, 0.10, y))
	_, cheek := s.skull(x, y, 1)
	opening := power(power(ax/(s.half*0.955), 2.3)+power(math.Abs(y-0.165)/0.80, 2.3), 1/2.3) - 1
	opening = max(0.7*opening, cheek+0.012)
	end := 1.62 + 0.10*ax + 0.04*math.Sin(ax*9)
	cover := step(s.soft, -s.soft, max(outer, y-end)) * step(-s.soft, s.soft, opening)
	if cover <= 0 {
		return rgb{}, 0
	}
	radius := math.Hypot(x, y-0.2)
	folds := 0.5*noise(radius*10+y*1.5, x*2.2+1, s.Seed+81) + 0.5*noise(radius*5-x*1.4, y*2.4, s.Seed+82)
	f, _ := s.skull(x, y, 1.2)
	light := 0.40 + 0.42*math.Sqrt(clamp(1.2-min(f, 1.15))) + 0.34*folds - 0.12*x
	light = mix(light, 0.52+0.40*folds-0.10*x, step(0.4, 0.9, y))
	light *= mix(0.60, 1, step(0, 0.09, opening))
	weave := 0.97 + 0.06*noise(x*110, y*110, s.Seed+83)
	return s.hair.times(light * weave), cover
}
