package degrade_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"github.com/foyer-station/foyer/emulate/degrade"
)

const dpi, mm = 300, 300 / 25.4

// card is a white card of 60 x 40 mm with a black bar for a zone.
func card() degrade.Sheet {
	s := degrade.Sheet{DPI: dpi, Image: image.NewRGBA(image.Rect(0, 0, 708, 472)), Zone: image.Rect(60, 280, 650, 430)}
	draw.Draw(s.Image, s.Image.Rect, image.NewUniform(color.Gray{232}), image.Point{}, draw.Src)
	draw.Draw(s.Image, s.Zone, image.NewUniform(color.Gray{30}), image.Point{}, draw.Src)
	return s
}

// stripes is a card whose whole face is printed in stripes of the width of OCR-B's strokes.
func stripes() degrade.Sheet {
	s := card()
	for x := 0; x < s.Image.Rect.Dx(); x += 8 {
		draw.Draw(s.Image, image.Rect(x, 0, x+4, s.Image.Rect.Dy()), image.NewUniform(color.Gray{30}), image.Point{}, draw.Src)
	}
	return s
}

func luminance(img *image.RGBA, x, y int) float64 {
	c := img.RGBAAt(x, y)
	return (299*float64(c.R) + 587*float64(c.G) + 114*float64(c.B)) / 1000
}

// patch is the mean luminance of a few pixels around a place.
func patch(img *image.RGBA, x, y float64) float64 {
	sum := 0.0
	for dy := -2; dy <= 2; dy++ {
		for dx := -2; dx <= 2; dx++ {
			sum += luminance(img, int(x)+dx, int(y)+dy)
		}
	}
	return sum / 25
}

// spread are mean and standard deviation of the luminance of a picture's middle.
func spread(img *image.RGBA) (mean, deviation float64) {
	r := image.Rect(0, 0, 64, 64).Add(img.Rect.Size().Div(2)).Sub(image.Pt(32, 32))
	sum, squares := 0.0, 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := luminance(img, x, y)
			sum, squares = sum+v, squares+v*v
		}
	}
	n := float64(r.Dx() * r.Dy())
	return sum / n, math.Sqrt(squares/n - sum*sum/n/n)
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	for _, level := range degrade.Levels() {
		first, again, other := level.Expose(card(), 7), level.Expose(card(), 7), level.Expose(card(), 8)
		if !bytes.Equal(first.Image.Pix, again.Image.Pix) || first.Recipe != again.Recipe || first.Zone != again.Zone {
			t.Errorf("%s: the same seed gave two pictures", level)
		}
		if bytes.Equal(first.Image.Pix, other.Image.Pix) {
			t.Errorf("%s: two seeds gave the same picture", level)
		}
	}
}

func TestAPlainPictureIsTheSheetItself(t *testing.T) {
	s := stripes()
	p := degrade.Plain(s).Expose(s, 1)
	if p.Image.Rect != s.Image.Rect {
		t.Fatalf("size %v, want %v", p.Image.Rect, s.Image.Rect)
	}
	for y := range s.Image.Rect.Dy() {
		for x := range s.Image.Rect.Dx() {
			if d := luminance(p.Image, x, y) - luminance(s.Image, x, y); math.Abs(d) > 2 {
				t.Fatalf("at %d, %d the luminance differs by %.0f", x, y, d)
			}
		}
	}
	if want := [4]image.Point{{60, 280}, {650, 280}, {650, 430}, {60, 430}}; p.Zone != want {
		t.Errorf("zone %v, want %v", p.Zone, want)
	}
}

// TestEveryRecipeKeepsToTheLimitsOfItsLevel holds the package's table against what is drawn, both that nothing goes
// beyond and that something comes near.
func TestEveryRecipeKeepsToTheLimitsOfItsLevel(t *testing.T) {
	type measure struct {
		name         string
		of           func(degrade.Recipe) float64
		light, heavy [2]float64
	}
	measures := []measure{
		{"resolution", func(r degrade.Recipe) float64 { return r.DPI }, [2]float64{300, 300}, [2]float64{150, 300}},
		{"angle from the quarter", func(r degrade.Recipe) float64 { return math.Abs(math.Mod(r.Turn+45, 90) - 45) }, [2]float64{0, 4}, [2]float64{0, 45}},
		{"tilt", func(r degrade.Recipe) float64 { return r.Tilt }, [2]float64{0, 0}, [2]float64{0, 15}},
		{"margin", func(r degrade.Recipe) float64 { return r.Margin }, [2]float64{0, 3}, [2]float64{3, 18}},
		{"contrast", func(r degrade.Recipe) float64 { return r.Contrast }, [2]float64{0.75, 1}, [2]float64{0.45, 1}},
		{"wear", func(r degrade.Recipe) float64 { return r.Wear }, [2]float64{0, 0.15}, [2]float64{0, 0.4}},
		{"gradient", func(r degrade.Recipe) float64 { return r.Gradient }, [2]float64{0, 0.15}, [2]float64{0, 0.5}},
		{"exposure", func(r degrade.Recipe) float64 { return r.Exposure }, [2]float64{0.85, 1}, [2]float64{0.55, 1}},
		{"shadow", func(r degrade.Recipe) float64 { return r.Shadow }, [2]float64{0, 0}, [2]float64{0, 0.55}},
		{"glare", func(r degrade.Recipe) float64 { return r.Glare }, [2]float64{0, 0}, [2]float64{0, 0.55}},
		{"blur", degrade.Recipe.Blur, [2]float64{0, 0.06}, [2]float64{0, degrade.LegibleBlur}},
		{"motion", func(r degrade.Recipe) float64 { return r.Motion }, [2]float64{0, 0}, [2]float64{0, 0.45}},
		{"noise", func(r degrade.Recipe) float64 { return r.Noise }, [2]float64{0, 4}, [2]float64{0, 16}},
		{"noise of the signal", func(r degrade.Recipe) float64 { return r.Noise / r.Signal() }, [2]float64{0, 0.04}, [2]float64{0, degrade.LegibleNoise}},
		{"too little signal", func(r degrade.Recipe) float64 { return max(0, degrade.LegibleSignal-r.Signal()) }, [2]float64{0, 0}, [2]float64{0, 0}},
		{"quality", func(r degrade.Recipe) float64 { return float64(max(r.Quality, 30)) }, [2]float64{30, 95}, [2]float64{30, 95}},
	}
	s := card()
	for _, level := range degrade.Levels() {
		for _, m := range measures {
			want := m.light
			if level == degrade.Heavy {
				want = m.heavy
			}
			low, high := math.Inf(1), math.Inf(-1)
			for seed := range uint64(4000) {
				v := m.of(level.Recipe(s, seed))
				low, high = min(low, v), max(high, v)
			}
			const rounding = 1e-9
			near := 0.1 * (want[1] - want[0])
			if low < want[0]-rounding || high > want[1]+rounding || low > want[0]+near || high < want[1]-near {
				t.Errorf("%s, %s: %.3f to %.3f, want %.3f to %.3f", level, m.name, low, high, want[0], want[1])
			}
		}
	}
}

func TestALightPictureHasTheResolutionOfItsSheet(t *testing.T) {
	s := card()
	for seed := range uint64(10) {
		p := degrade.Light.Expose(s, seed)
		along, down := distance(p.Zone[0], p.Zone[1]), distance(p.Zone[1], p.Zone[2])
		if math.Abs(along-float64(s.Zone.Dx())) > 2 || math.Abs(down-float64(s.Zone.Dy())) > 2 {
			t.Errorf("seed %d: the zone is %.0f x %.0f pixels, want %v", seed, along, down, s.Zone.Size())
		}
		long, short := max(p.Image.Rect.Dx(), p.Image.Rect.Dy()), min(p.Image.Rect.Dx(), p.Image.Rect.Dy())
		slack := 2*3*mm + 0.07*float64(s.Image.Rect.Dx()) + 4 // margins, and the sine of 4 degrees
		if long < 706 || short < 470 || float64(long) > 708+slack || float64(short) > 472+slack {
			t.Errorf("seed %d: the picture of a card of %v has %d x %d pixels", seed, s.Image.Rect.Size(), long, short)
		}
	}
}

func distance(a, b image.Point) float64 { return math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)) }

// TestTheZoneLiesWhereThePictureSays looks on both sides of the edges that are told: the ink is inside.
func TestTheZoneLiesWhereThePictureSays(t *testing.T) {
	for _, level := range degrade.Levels() {
		for seed := range uint64(12) {
			p := level.Expose(card(), seed)
			step := 1.2 * p.Recipe.DPI / 25.4
			for i, a := range p.Zone {
				if !a.In(p.Image.Rect) {
					t.Errorf("%s %d: corner %v is outside of the picture", level, seed, a)
				}
				b := p.Zone[(i+1)%4]
				n := distance(a, b)
				nx, ny := -float64(b.Y-a.Y)/n*step, float64(b.X-a.X)/n*step // inward, as the corners run clockwise
				x, y := float64(a.X+b.X)/2, float64(a.Y+b.Y)/2
				inside, outside := patch(p.Image, x+nx, y+ny), patch(p.Image, x-nx, y-ny)
				if outside-inside < 0.7*p.Recipe.Signal() {
					t.Errorf("%s %d, edge %d: %.0f inside, %.0f outside, want a difference near %.0f", level, seed, i, inside, outside, p.Recipe.Signal())
				}
			}
		}
	}
}

func TestASheetWithoutAZoneHasNoCorners(t *testing.T) {
	s := card()
	s.Zone = image.Rectangle{}
	if p := degrade.Heavy.Expose(s, 3); p.Zone != [4]image.Point{} {
		t.Errorf("got %v", p.Zone)
	}
}

func TestInfraredPicturesAreGrey(t *testing.T) {
	s := card()
	s.Infrared = true
	for seed := range uint64(4) {
		p := degrade.Heavy.Expose(s, seed)
		for i := 0; i < len(p.Image.Pix); i += 4 {
			if q := p.Image.Pix[i : i+3]; q[0] != q[1] || q[1] != q[2] {
				t.Fatalf("seed %d, table %s: colour %v", seed, p.Recipe.Table, q)
			}
		}
	}
}

// TestEveryDegradationDoesWhatItSays applies one at a time, at the limit of the heavy level.
func TestEveryDegradationDoesWhatItSays(t *testing.T) {
	flat, fine := blank(), stripes()
	_, crisp := spread(degrade.Plain(fine).Expose(fine, 1).Image)
	for _, c := range []struct {
		name  string
		sheet degrade.Sheet
		set   func(*degrade.Recipe)
		holds func(mean, deviation float64) bool
	}{
		{"contrast", fine, func(r *degrade.Recipe) { r.Contrast = 0.45 }, func(_, d float64) bool { return d > 0.4*crisp && d < 0.5*crisp }},
		{"wear", fine, func(r *degrade.Recipe) { r.Wear = 0.4 }, func(_, d float64) bool { return d > 0.55*crisp && d < 0.99*crisp }},
		{"exposure", flat, func(r *degrade.Recipe) { r.Exposure = 0.5 }, func(m, d float64) bool { return m > 110 && m < 120 && d < 1 }},
		{"gradient", flat, func(r *degrade.Recipe) { r.Gradient = 0.5 }, func(m, d float64) bool { return m > 160 && m < 190 && d > 1 }},
		{"defocus", fine, func(r *degrade.Recipe) { r.Defocus = 0.2 }, func(_, d float64) bool { return d > 0.05*crisp && d < 0.5*crisp }},
		{"motion across", fine, func(r *degrade.Recipe) { r.Motion = 0.45 }, func(_, d float64) bool { return d > 0.2*crisp && d < 0.7*crisp }},
		{"motion along", fine, func(r *degrade.Recipe) { r.Motion, r.Heading = 0.45, 90 }, func(_, d float64) bool { return d > 0.95*crisp }},
		{"noise", flat, func(r *degrade.Recipe) { r.Noise = 12 }, func(m, d float64) bool { return m > 225 && d > 9 && d < 13 }},
		{"JPEG", fine, func(r *degrade.Recipe) { r.Quality, r.Turn = 30, 30 }, func(_, d float64) bool { return d > 0.8*crisp }},
	} {
		r := degrade.Plain(c.sheet)
		plain := r.Expose(c.sheet, 1)
		c.set(&r)
		p := r.Expose(c.sheet, 1)
		mean, deviation := spread(p.Image)
		if !c.holds(mean, deviation) || bytes.Equal(plain.Image.Pix, p.Image.Pix) {
			t.Errorf("%s: mean %.0f, deviation %.1f (crisp %.1f)", c.name, mean, deviation, crisp)
		}
	}
}

// blank is white all over.
func blank() degrade.Sheet {
	s := card()
	draw.Draw(s.Image, s.Zone, image.NewUniform(color.Gray{232}), image.Point{}, draw.Src)
	return s
}

func TestShadowDarkensAndGlareWhitensAPartOfThePage(t *testing.T) {
	s := blank()
	for seed := range uint64(5) {
		r := degrade.Plain(s)
		r.Shadow = 0.5
		if low, high := extremes(r.Expose(s, seed).Image); low > 150 || high < 110 || high > 234 {
			t.Errorf("seed %d, shadow: %.0f to %.0f", seed, low, high)
		}
		r = degrade.Plain(s)
		r.Glare = 0.5
		if low, high := extremes(r.Expose(s, seed).Image); low < 230 || high < 240 {
			t.Errorf("seed %d, glare: %.0f to %.0f", seed, low, high)
		}
	}
}

func extremes(img *image.RGBA) (low, high float64) {
	low = 255
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			v := luminance(img, x, y)
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

func TestTiltMakesTheNearerEdgeLonger(t *testing.T) {
	s := card()
	s.Zone = s.Image.Rect
	r := degrade.Plain(s)
	r.Tilt, r.Distance, r.Margin = 15, 1.6, 3
	p := r.Expose(s, 1)
	far, near := distance(p.Zone[3], p.Zone[2]), distance(p.Zone[0], p.Zone[1])
	if ratio := near / far; ratio < 1.05 || ratio > 1.2 {
		t.Errorf("edges of %.0f and %.0f pixels", far, near)
	}
}

func TestEveryTableShowsAroundThePage(t *testing.T) {
	s := card()
	seen := map[string]degrade.Table{}
	for _, table := range []degrade.Table{degrade.Black, degrade.Grey, degrade.White, degrade.Wood, degrade.Cloth, degrade.Desk} {
		r := degrade.Plain(s)
		r.Table, r.Margin = table, 10
		p := r.Expose(s, 5)
		edge := fmt.Sprint(p.Image.Pix[:40*4])
		if other, ok := seen[edge]; ok {
			t.Errorf("%s looks like %s", table, other)
		}
		seen[edge] = table
		if v := patch(p.Image, float64(p.Image.Rect.Dx()/2), float64(p.Image.Rect.Dy()/2)-60); math.Abs(v-232) > 2 {
			t.Errorf("%s shines through the page: %.0f", table, v)
		}
	}
}

func BenchmarkExpose(b *testing.B) {
	s := degrade.Sheet{DPI: dpi, Image: image.NewRGBA(image.Rect(0, 0, 1476, 1039))}
	for _, level := range degrade.Levels() {
		b.Run(string(level), func(b *testing.B) {
			for i := range b.N {
				level.Expose(s, uint64(i))
			}
		})
	}
}
