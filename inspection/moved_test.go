package inspection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
)

// shifted is a picture of a page that lies elsewhere on a glass of a passport's size.
func shifted(p *image.RGBA, dx, dy int) *image.RGBA {
	o := image.NewRGBA(image.Rect(0, 0, 1476, 1039))
	for y := range o.Rect.Dy() {
		for x := range o.Rect.Dx() {
			if from := image.Pt(x-dx, y-dy); from.In(p.Rect) {
				copy(o.Pix[o.PixOffset(x, y):][:4], p.Pix[p.PixOffset(from.X, from.Y):][:4])
			}
		}
	}
	return o
}

// specimens are passports and cards, as many as there are kinds of page.
func specimens(t *testing.T, n int) (all []*specimen.Specimen) {
	t.Helper()
	maker, err := specimen.NewMaker(1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range maker.People()[:n] {
		s, err := maker.Make(person, specimen.Genuine)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestThatAPageWasMovedIsSeenBetweenTwoLights(t *testing.T) {
	const mm = specimen.DPI * 10 / 254
	for n, s := range specimens(t, 6) {
		if n != 0 && n != 5 { // a passport and a card
			continue
		}
		for _, side := range s.Sides() {
			first := edgesOf(shifted(s.Page(side, verify.Visible).Image, 0, 0), specimen.DPI)
			for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
				page := s.Page(side, light).Image
				if !first.match(edgesOf(shifted(page, 0, 0), specimen.DPI)) {
					t.Errorf("document %d, %s in %s: not seen to lie still", n, side, light)
				}
				for _, by := range []image.Point{{mm, 0}, {0, mm}, {5 * mm, -3 * mm}, {0, 12 * mm}} {
					if first.match(edgesOf(shifted(page, by.X, by.Y), specimen.DPI)) {
						t.Errorf("document %d, %s in %s: not seen to be moved by %v pixels", n, side, light, by)
					}
				}
			}
		}
	}
}

// clumsy is an imager below a document that is moved before some of its pictures, counted from 0, and that is dark in some.
type clumsy struct {
	device
	page  func(devices.Light) *image.RGBA
	moves []int
	dark  func(devices.Light, int) bool

	mu     sync.Mutex
	taken  int
	at     int
	lights []devices.Light
	given  []*image.RGBA
}

func (c *clumsy) Page(_ context.Context, light devices.Light) (*image.RGBA, int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	number := c.taken
	c.taken++
	c.lights = append(c.lights, light)
	if slices.Contains(c.moves, number) {
		c.at += 40
	}
	if c.dark != nil && c.dark(light, number) {
		return nil, 0, &devices.Error{Kind: devices.KindPageImager, Op: "take", Err: devices.NoLightError{Light: light}}
	}
	picture := shifted(c.page(light), c.at, c.at)
	c.given = append(c.given, picture)
	return picture, specimen.DPI, nil
}

// look inspects a document that the imager sees.
func (c *clumsy) look(t *testing.T) (*Inspector, *Document, string) {
	t.Helper()
	var log bytes.Buffer
	chip := &field{answers: []chipAnswer{openedWith(passport), openedWith(passport)}, chip: paperChip{}}
	i := table{lines: passport, chip: chip, imager: c}.inspector(t)
	i.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	document, err := i.Open().Try(t.Context(), &scripted{}, false)
	if err != nil {
		t.Fatal(err)
	}
	return i, document, log.String()
}

func TestPicturesBetweenWhichADocumentWasMovedAreNeverOneSet(t *testing.T) {
	s := specimens(t, 1)[0]
	for name, test := range map[string]struct {
		moves       []int // before these pictures
		taken, kept int
	}{
		"it lies still":                         {nil, 3, 3},
		"moved before infrared":                 {[]int{1}, 7, 3},
		"moved before ultraviolet":              {[]int{2}, 7, 3},
		"moved twice":                           {[]int{1, 6}, 11, 3},
		"moved between the sets":                {[]int{1, 4}, 7, 3},
		"never still: one picture is as it was": {[]int{1, 5, 9}, 12, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clumsy{page: func(l devices.Light) *image.RGBA { return s.Page(verify.Front, verify.Light(l)).Image }, moves: test.moves}
			_, document, _ := c.look(t)
			pages := document.Evidence.Pages
			if c.taken != test.taken || len(pages) != test.kept {
				t.Errorf("%d pictures taken and %d kept, want %d and %d", c.taken, len(pages), test.taken, test.kept)
			}
			last := test.taken - 3 // of three pictures, and one that tells that they are not of one place
			if test.kept == 1 {
				last--
			}
			for n, p := range pages {
				if p.Image != c.given[last+n] {
					t.Errorf("picture %d is not of the last set", n)
				}
			}
			if lacks := 3 - test.kept; len(document.Undone) != lacks {
				t.Errorf("undone: %v", document.Undone)
			}
			for n, p := range c.given {
				if kept := slices.ContainsFunc(pages, func(k verify.Page) bool { return k.Image == p }); kept == wiped(p) {
					t.Errorf("picture %d: kept %t, wiped %t", n, kept, wiped(p))
				}
			}
		})
	}
}

// fibres glow on paper that is dark otherwise.
func fibres(r image.Rectangle) *image.RGBA {
	page, random := image.NewRGBA(r), rand.New(rand.NewPCG(1, 2))
	for range 300 {
		x, y := random.IntN(r.Dx()-40), random.IntN(r.Dy())
		for i := range 40 {
			page.Pix[page.PixOffset(x+i, y)+2] = 0xff
		}
	}
	return page
}

func wiped(p *image.RGBA) bool {
	return !slices.ContainsFunc(p.Pix, func(b byte) bool { return b != 0 })
}

// TestWhereTwoLightsHaveNothingInCommonTheFirstIsTakenAgain: only the same light tells then.
func TestWhereTwoLightsHaveNothingInCommonTheFirstIsTakenAgain(t *testing.T) {
	s := specimens(t, 1)[0]
	c := &clumsy{page: func(l devices.Light) *image.RGBA {
		page := s.Page(verify.Front, verify.Light(l)).Image
		if l == devices.LightUltraviolet {
			return fibres(page.Rect)
		}
		return page
	}}
	_, document, _ := c.look(t)
	want := []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet, devices.LightVisible}
	if !slices.Equal(c.lights, want) || len(document.Evidence.Pages) != 3 {
		t.Errorf("taken in %v, %d kept; want %v and 3", c.lights, len(document.Evidence.Pages), want)
	}
}

func TestALightThatShowsNothingIsTakenAgainAndThenItsLampIsIll(t *testing.T) {
	s := specimens(t, 1)[0]
	everything := func(devices.Light, int) bool { return true }
	only := func(light devices.Light) func(devices.Light, int) bool {
		return func(l devices.Light, _ int) bool { return l == light }
	}
	for name, test := range map[string]struct {
		dark        func(devices.Light, int) bool
		taken, kept int
		ill         string // what the second document in a row comes to; nothing where all is well
	}{
		"a hand passes by once": {func(_ devices.Light, n int) bool { return n == 1 }, 4, 3, ""},
		"no ultraviolet":        {only(devices.LightUltraviolet), 4, 2, "device.no_light.ultraviolet"},
		"no visible light":      {only(devices.LightVisible), 4, 2, "device.no_light.visible"},
		"nothing at all":        {everything, 6, 0, "device.no_light; "},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clumsy{page: func(l devices.Light) *image.RGBA { return s.Page(verify.Front, verify.Light(l)).Image }, dark: test.dark}
			i, document, _ := c.look(t)
			if c.taken != test.taken || len(document.Evidence.Pages) != test.kept {
				t.Errorf("%d pictures taken and %d kept, want %d and %d", c.taken, len(document.Evidence.Pages), test.taken, test.kept)
			}
			place := i.config.Devices.PageImager
			if h := place.Health(t.Context()); h.State != devices.StateOnline {
				t.Errorf("after one document: %+v", h)
			}
			c.taken = 0
			if _, err := i.Open().Try(t.Context(), &scripted{}, false); err != nil {
				t.Fatal(err)
			}
			h := place.Health(t.Context())
			if well := test.ill == ""; well != (h.State == devices.StateOnline) || !well && !strings.Contains(h.Reason.String(), test.ill) {
				t.Errorf("after two: %+v, want %q", h, test.ill)
			}
			if test.ill != "" && !h.Remedy.Is(devices.LookAtLamps) {
				t.Errorf("the remedy is %v", h.Remedy)
			}
		})
	}
}

// TestABlackPictureIsNoEvidence, whoever's driver gave it.
func TestABlackPictureIsNoEvidence(t *testing.T) {
	s := specimens(t, 1)[0]
	c := &clumsy{page: func(l devices.Light) *image.RGBA {
		if l == devices.LightInfrared {
			return image.NewRGBA(s.Page(verify.Front, verify.Visible).Image.Rect)
		}
		return s.Page(verify.Front, verify.Light(l)).Image
	}}
	_, document, log := c.look(t)
	want := Undone{NoLight, verify.Front, verify.Infrared, verify.Aborted}
	if len(document.Evidence.Pages) != 2 || !slices.Equal(document.Undone, []Undone{want}) || !strings.Contains(log, devices.ErrNoLight.Error()) {
		t.Errorf("%d pages, undone %v, logged %q", len(document.Evidence.Pages), document.Undone, log)
	}
	if err := error(devices.NoLightError{Light: devices.LightInfrared}); !errors.Is(err, devices.ErrNoLight) {
		t.Error(fmt.Sprint(err))
	}
}

func BenchmarkLyingStill(b *testing.B) {
	maker, err := specimen.NewMaker(1, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	s, err := maker.Make(maker.People()[0], specimen.Genuine)
	if err != nil {
		b.Fatal(err)
	}
	visible, infrared := s.Page(verify.Front, verify.Visible).Image, s.Page(verify.Front, verify.Infrared).Image
	for b.Loop() {
		edgesOf(visible, specimen.DPI).match(edgesOf(infrared, specimen.DPI))
	}
}
