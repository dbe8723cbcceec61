package chart_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/hwtest/chart"
	"github.com/foyer-station/foyer/hwtest/chart/charttest"
)

// glass is a document reader's whole picture at 300 dpi, with the chart on it.
func glass() charttest.Shot { return charttest.Shot{Size: image.Pt(1476, 1039), DPI: 300} }

// hall is what a camera sees of the chart that is held before it.
func hall() charttest.Shot { return charttest.Shot{Size: image.Pt(1280, 720), DPI: 75, Beside: 120} }

func measure(t *testing.T, c chart.Chart, s charttest.Shot) chart.Reading {
	t.Helper()
	r, err := c.Measure(s.Take(c))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(got, want, by float64) bool { return math.Abs(got-want) <= by }

func TestAChartIsFoundHoweverItIsTurned(t *testing.T) {
	for _, mirror := range []bool{false, true} {
		for turned := 0.0; turned < 360; turned += 40 {
			s := charttest.Shot{Size: image.Pt(760, 760), DPI: 120, Turned: turned, Mirror: mirror, Beside: 90}
			r := measure(t, chart.ForGlass(), s)
			if r.Mirrored != mirror || !near(r.DPI, 120, 0.3) || r.Skew > 0.05 || r.MTF50 < 0.35 || r.Steps != 6 {
				t.Errorf("turned by %g, mirrored %v: %+v", turned, mirror, r)
			}
			angle := math.Atan2(r.Corners[1].Y-r.Corners[0].Y, r.Corners[1].X-r.Corners[0].X) * 180 / math.Pi
			if mirror {
				angle += 180
			}
			if off := math.Mod(angle-turned+720+180, 360) - 180; math.Abs(off) > 0.1 {
				t.Errorf("turned by %g, it is seen at %g", turned, angle)
			}
		}
	}
}

// TestSharpnessIsThatOfTheLens: a lens that blurs as a Gaussian of deviation s, and pixels that are square, have a contrast of
// exp(-2 (pi s f)^2) sinc(f) at f cycles a pixel.
func TestSharpnessIsThatOfTheLens(t *testing.T) {
	for _, blur := range []float64{0.7, 1, 1.5, 2, 3} {
		want := 0.0
		for f := 0.0005; f < 1; f += 0.0005 {
			if math.Exp(-2*math.Pow(math.Pi*blur*f, 2))*math.Sin(math.Pi*f)/(math.Pi*f) < 0.5 {
				want = f
				break
			}
		}
		for name, c := range map[string]struct {
			chart chart.Chart
			shot  charttest.Shot
		}{"glass": {chart.ForGlass(), glass()}, "hall": {chart.ForCamera(), hall()}} {
			c.shot.Blur = blur
			r := measure(t, c.chart, c.shot)
			edge := math.Hypot(2.563*blur, 0.8) // of a Gaussian, and of a pixel
			if !near(r.MTF50, want, 0.06*want) || !near(r.EdgeWidth, edge, 0.06*edge) || len(r.Zones) != 5 {
				t.Errorf("%s, blurred by %g: MTF50 %.4f, want %.4f; edges %.2f, want %.2f; %d zones", name, blur, r.MTF50, want, r.EdgeWidth, edge, len(r.Zones))
			}
		}
	}
}

func TestBarsGoGreyFromTheFinestOn(t *testing.T) {
	last := 7.0
	for _, blur := range []float64{0, 1, 2, 4} {
		s := glass()
		s.Blur = blur
		r := measure(t, chart.ForGlass(), s)
		if blur == 0 && r.Finest != 6 || blur > 0 && r.Finest >= last {
			t.Errorf("blurred by %g: %g line pairs a millimetre, after %g", blur, r.Finest, last)
		}
		last = r.Finest
	}
}

func TestTheResolutionIsWhatTheChartsSizeTells(t *testing.T) {
	for _, dpi := range []float64{150, 212, 297, 400} {
		s := charttest.Shot{Size: image.Pt(int(dpi*5.2), int(dpi*3.8)), DPI: dpi, Turned: 1.5}
		if r := measure(t, chart.ForGlass(), s); !near(r.DPI, dpi, dpi/1000) {
			t.Errorf("at %g dpi it measured %g", dpi, r.DPI)
		}
	}
}

func TestUnevenLightAndABentPictureAreMeasured(t *testing.T) {
	s := glass()
	if r := measure(t, chart.ForGlass(), s); r.Evenness < 0.99 || r.Skew > 0.02 || r.White < 250 || r.Black > 5 {
		t.Errorf("%+v", r)
	}
	s.Vignette = 0.5
	if r := measure(t, chart.ForGlass(), s); r.Evenness < 0.55 || r.Evenness > 0.75 || r.Skew > 0.1 {
		t.Errorf("with half of the light in the corners: %+v", r)
	}
	s = glass()
	s.Barrel = 0.05
	if r := measure(t, chart.ForGlass(), s); r.Bend < 0.2 || r.Skew < 0.2 {
		t.Errorf("bent: %+v", r)
	}
}

func TestWithoutAChartNothingIsMeasured(t *testing.T) {
	noise := image.NewGray(image.Rect(0, 0, 640, 480))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.IntN(256))
	}
	cut := glass()
	cut.Middle = chart.Point{X: 300, Y: 500} // a corner ring is outside
	for name, m := range map[string]*image.Gray{
		"noise": noise, "black": image.NewGray(image.Rect(0, 0, 640, 480)), "one pixel": image.NewGray(image.Rect(0, 0, 1, 1)),
		"none": image.NewGray(image.Rectangle{}), "cut off": cut.Take(chart.ForGlass()),
	} {
		if r, err := chart.ForGlass().Measure(m); !errors.Is(err, chart.ErrNotFound) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestNoiseAndRingsWithoutEndAreLookedThroughInTime of a camera of twelve megapixels: each ring used to be held against each disc.
func TestNoiseAndRingsWithoutEndAreLookedThroughInTime(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	for name, grey := range map[string]func(x, y int) byte{
		"noise": func(int, int) byte { return byte(255 * noise.IntN(2)) },
		"rings": func(x, y int) byte {
			u, v := x%26-12, y%26-12
			if d := u*u + v*v; d < 25 || d > 81 && d < 144 {
				return 0
			}
			return 255
		},
	} {
		m := image.NewGray(image.Rect(0, 0, 4000, 3000))
		for i := range m.Pix {
			m.Pix[i] = grey(i%4000, i/4000)
		}
		began := time.Now()
		if _, err := chart.ForGlass().Measure(m); !errors.Is(err, chart.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > 10*time.Second { // on a busy machine
			t.Errorf("%s took %s", name, took)
		}
	}
}

func TestDeadAndHotPixelsAreFoundAndNothingElseIs(t *testing.T) {
	s := glass()
	s.Blur = 0.6
	m := s.Take(chart.ForGlass())
	random := rand.New(rand.NewPCG(3, 4))
	for i := range m.Pix { // a sensor's noise
		m.Pix[i] = uint8(min(255, max(0, int(m.Pix[i])+random.IntN(9)-4)))
	}
	if odd := chart.Odd(m, 100); len(odd) > 0 {
		t.Fatalf("%v on a sound sensor", odd)
	}
	inSquare, onPaper := image.Pt(738, 519), image.Pt(480, 700)
	m.SetGray(inSquare.X, inSquare.Y, colour(230))
	for dy := -1; dy <= 1; dy++ { // as a decoder of colours spreads it
		for dx := -1; dx <= 1; dx++ {
			m.SetGray(onPaper.X+dx, onPaper.Y+dy, colour(170))
		}
	}
	m.SetGray(onPaper.X, onPaper.Y, colour(60))
	if odd := chart.Odd(m, 100); !slices.Equal(odd, []image.Point{inSquare, onPaper}) {
		t.Errorf("%v", odd)
	}
	if odd := chart.Odd(m, 1); len(odd) != 1 {
		t.Errorf("%v, though one is enough", odd)
	}
}

func TestTheSameChartsAreTheSameFile(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		if err := chart.WritePDF(&files[i], chart.ForGlass(), chart.ForCamera()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two files differ")
	}
	text := files[0].Bytes()
	if !bytes.HasPrefix(text, []byte("%PDF-1.")) || !bytes.Contains(text, []byte("/Count 2")) || !bytes.Contains(text, []byte("[0 0 841.89 595.28]")) {
		t.Errorf("not two lying sheets of A4: %.60q", text)
	}
}

func colour(grey uint8) color.Gray { return color.Gray{Y: grey} }

// FuzzAnyPictureIsMeasuredOrHasNoChart: whatever a camera sends.
func FuzzAnyPictureIsMeasuredOrHasNoChart(f *testing.F) {
	s := charttest.Shot{Size: image.Pt(300, 220), DPI: 55}
	f.Add(300, s.Take(chart.ForGlass()).Pix)
	s.Mirror, s.Turned, s.Barrel = true, 100, 0.3
	f.Add(300, s.Take(chart.ForGlass()).Pix)
	f.Add(1, []byte{0})
	f.Fuzz(func(t *testing.T, width int, pixels []byte) {
		if width < 1 || width > 1000 {
			return
		}
		m := image.NewGray(image.Rect(0, 0, width, len(pixels)/width))
		copy(m.Pix, pixels)
		chart.Odd(m, 10)
		r, err := chart.ForGlass().Measure(m)
		if err != nil {
			if !errors.Is(err, chart.ErrNotFound) {
				t.Error(err)
			}
			return
		}
		for _, v := range []float64{r.DPI, r.MTF50, r.EdgeWidth, r.Evenness, r.Skew, r.Bend, r.Finest, r.White, r.Black} {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				t.Errorf("%+v", r)
			}
		}
	})
}
