package code_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/verify/code"
)

func TestEveryKindOfCodeIsReadInEveryDirection(t *testing.T) {
	for _, c := range samples(t) {
		for degrees := 0; degrees < 360; degrees += 30 {
			p := newLetter(300, 80, 90)
			p.place(c, 40, 38, float64(degrees))
			got, err := code.Read(t.Context(), p.picture, p.dpi)
			if err != nil || len(got) != 1 || got[0].Kind != c.kind || got[0].Text != c.text {
				t.Errorf("%s turned by %d degrees: %+v, %v", c.name, degrees, got, err)
				continue
			}
			if centre := p.pixel(40, 38); !centre.In(got[0].Area) {
				t.Errorf("%s turned by %d degrees is said to be at %v", c.name, degrees, got[0].Area)
			}
		}
	}
}

func TestSeveralCodesOnOnePageAreAllRead(t *testing.T) {
	p := newLetter(300, 180, 150)
	all := samples(t)
	var want []string
	for i, c := range all {
		p.place(c, 35+float64(i%4)*38, 35+float64(i/4)*60, float64(17*i))
		want = append(want, c.text)
	}
	codes, err := code.Read(t.Context(), p.picture, p.dpi)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range codes {
		got = append(got, c.Text)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestAPageWithoutACodeHasNone(t *testing.T) {
	if codes, err := code.Read(t.Context(), newLetter(300, 120, 90).picture, 300); len(codes) != 0 || err != nil {
		t.Errorf("%+v, %v", codes, err)
	}
}

// TestHowManyAreRead is the figure in docs/architecture.md: of each kind, by resolution and blur, in three directions.
func TestHowManyAreRead(t *testing.T) {
	const directions = 3
	for _, c := range samples(t) {
		for _, dpi := range []int{200, 300, 400} {
			line := fmt.Sprintf("%-14s %d dpi, %.1f pixels a module:", c.name, dpi, c.module*float64(dpi)/25.4)
			for blur := range 2 { // pixels on either side
				read := 0
				for turn := range directions {
					p := newLetter(dpi, 70, 82)
					p.place(c, 35, 34, float64(turn)*37)
					p.blur(blur)
					p.noise(6)
					if got, _ := code.Read(t.Context(), p.picture, dpi); len(got) == 1 && got[0].Text == c.text {
						read++
					}
				}
				line += fmt.Sprintf("  %d of %d", read, directions)
				if least := c.least(dpi, blur); 100*read < least*directions {
					t.Errorf("%s, %d dpi, blurred by %d pixels: %d of %d are read", c.name, dpi, blur, read, directions)
				}
			}
			t.Log(line)
		}
	}
}

func TestWhatIsNoPictureOfAPageIsRefused(t *testing.T) {
	good := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for name, test := range map[string]struct {
		picture *image.RGBA
		dpi     int
	}{
		"none":             {nil, 300},
		"empty":            {image.NewRGBA(image.Rectangle{}), 300},
		"a part":           {good.SubImage(image.Rect(10, 10, 20, 20)).(*image.RGBA), 300},
		"of no resolution": {good, 0},
		"too fine":         {good, 5000},
		"a lie":            {&image.RGBA{Pix: make([]byte, 4), Stride: 4 << 20, Rect: image.Rect(0, 0, 1<<20, 1<<20)}, 300},
	} {
		if _, err := code.Read(t.Context(), test.picture, test.dpi); !errors.Is(err, code.ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p := newLetter(300, 70, 80)
	p.place(samples(t)[0], 35, 35, 0)
	if codes, err := code.Read(ctx, p.picture, 300); len(codes) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", codes, err)
	}
}

// TestAHostilePageTakesNoLongerThanIsSaid: each of these has made decoders slow, or would.
func TestAHostilePageTakesNoLongerThanIsSaid(t *testing.T) {
	const w, h = 1969, 1385 // a passport's page at 400 dpi
	of := func(w, h int, bright func(x, y int) bool) *image.RGBA {
		p := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				v := byte(0)
				if bright(x, y) {
					v = 0xff
				}
				p.SetRGBA(x, y, rgba(v))
			}
		}
		return p
	}
	at := func(bright func(x, y int) bool) *image.RGBA { return of(w, h, bright) }
	finder := func(x, y, size int) bool { // one finder pattern beside the other
		u, v := x*9/size%9, y*9/size%9
		ring := max(abs(u-4), abs(v-4))
		return ring == 4 || ring == 2
	}
	seed := uint32(1)
	for name, p := range map[string]*image.RGBA{
		"noise":                       at(func(int, int) bool { seed = seed*1664525 + 1013904223; return seed>>31 == 0 }),
		"a chessboard":                at(func(x, y int) bool { return (x/3+y/3)%2 == 0 }),
		"bars":                        at(func(x, _ int) bool { return x/3%2 == 0 }),
		"the tiniest finder patterns": of(740, 740, func(x, y int) bool { return finder(x, y, 9) }),
		"tiny finder patterns":        at(func(x, y int) bool { return finder(x, y, 27) }),
		"small finder patterns":       at(func(x, y int) bool { return finder(x, y, 63) }),
		"large finder patterns":       at(func(x, y int) bool { return finder(x, y, 180) }),
		"rings":                       at(func(x, y int) bool { return int(math.Hypot(float64(x-w/2), float64(y-h/2)))/6%2 == 0 }),
		"hundreds of small places":    at(func(x, y int) bool { return x%60 > 30 || y%60 > 30 || (x/3+y/3)%2 == 0 }),
	} {
		begin := time.Now()
		codes, err := code.Read(t.Context(), p, 400)
		took := time.Since(begin)
		t.Logf("%-28s %4d ms", name, took.Milliseconds())
		if err != nil || len(codes) > 0 {
			t.Errorf("%s: %+v, %v", name, codes, err)
		}
		if took > 20*time.Second { // ten times what is said, for a busy machine and the race detector
			t.Errorf("%s took %v", name, took)
		}
	}
}

func abs(v int) int { return max(v, -v) }

func FuzzRead(f *testing.F) {
	for _, c := range samples(f) {
		p := newLetter(100, 70, 80)
		p.place(c, 35, 35, 30)
		crop := p.picture.SubImage(p.around(35, 35, 24)).(*image.RGBA)
		var pixels []byte
		for y := crop.Rect.Min.Y; y < crop.Rect.Max.Y; y++ {
			for x := crop.Rect.Min.X; x < crop.Rect.Max.X; x++ {
				pixels = append(pixels, crop.RGBAAt(x, y).R)
			}
		}
		f.Add(pixels, uint16(crop.Rect.Dx()), uint16(100))
	}
	f.Fuzz(func(t *testing.T, pixels []byte, width, dpi uint16) {
		w := int(width)%400 + 1
		h := min(len(pixels)/w, 400)
		if h == 0 {
			return
		}
		p := image.NewRGBA(image.Rect(0, 0, w, h))
		for i, v := range pixels[:w*h] {
			p.Pix[4*i], p.Pix[4*i+1], p.Pix[4*i+2], p.Pix[4*i+3] = v, v, v, 0xff
		}
		codes, err := code.Read(t.Context(), p, int(dpi))
		for _, c := range codes {
			if err != nil || c.Text == "" || len(c.Text) > 4096 || !c.Area.In(p.Rect) {
				t.Fatalf("%+v, %v", c, err)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	p := newLetter(400, 125, 88)
	p.place(samples(b)[0], 60, 40, 12)
	for b.Loop() {
		if codes, err := code.Read(b.Context(), p.picture, 400); len(codes) != 1 || err != nil {
			b.Fatal(codes, err)
		}
	}
}
