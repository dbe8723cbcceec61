package ocr_test

import (
	"context"
	"errors"
	"image"
	"image/draw"
	"slices"
	"sync"
	"testing"

	"gocv.io/x/gocv"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/mrz/ocr/scan"
)

func newGallery(t testing.TB) *gallery.Gallery {
	t.Helper()
	g, err := gallery.New()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func document(t testing.TB, g *gallery.Gallery, level degrade.Level, i int) gallery.Exhibit {
	t.Helper()
	x, err := g.Document(level, i)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestASampleOfThePublishedSetIsRead reads so much of it as a test has time for; make bench reads it whole.
func TestASampleOfThePublishedSetIsRead(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	for _, c := range []struct {
		level           degrade.Level
		pictures, least int
	}{{degrade.Light, 6, 6}, {degrade.Heavy, 6, 5}} {
		exact := 0
		for i := range c.pictures {
			x := document(t, g, c.level, i)
			reading, err := r.Read(t.Context(), x.Image, gallery.Day())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(reading.Lines, x.Lines) {
				t.Logf("%s %d is read as %q, %s", c.level, i, reading.Lines, reading.Reason)
				if reading.Sure {
					t.Errorf("%s %d: a wrong zone is presented as sure", c.level, i)
				}
				continue
			}
			exact++
			if far := farthest(reading.Quad, x.Zone); far > x.Recipe.DPI/10 {
				t.Errorf("%s %d: a corner of %v is %.0f pixels from %v", c.level, i, reading.Quad, far, x.Zone)
			}
		}
		if exact < c.least {
			t.Errorf("%s: %d of %d are exact, want %d", c.level, exact, c.pictures, c.least)
		}
	}
}

func TestWhereThereIsNoZoneNoneIsTold(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	for i := range 4 {
		reading, err := r.Read(t.Context(), g.Paper(degrade.Light, i).Image, gallery.Day())
		if err != nil {
			t.Fatal(err)
		}
		if reading.Found || reading.Lines != nil || reading.Reason == "" {
			t.Errorf("paper %d: %+v", i, reading)
		}
	}
}

func TestAPictureReadsTheSameInEveryForm(t *testing.T) {
	x := document(t, newGallery(t), degrade.Light, 0)
	b := x.Image.Bounds()
	moved := image.NewRGBA(b.Add(image.Pt(40, 30)))
	draw.Draw(moved, moved.Rect, x.Image, b.Min, draw.Src)
	around := image.NewRGBA(b.Inset(-16))
	draw.Draw(around, b, x.Image, b.Min, draw.Src)
	grey := image.NewGray(b)
	draw.Draw(grey, b, x.Image, b.Min, draw.Src)
	deep := image.NewNRGBA64(b)
	draw.Draw(deep, b, x.Image, b.Min, draw.Src)
	r := newReader(t)
	for name, picture := range map[string]image.Image{
		"RGBA": x.Image, "not at the origin": moved, "part of a larger one": around.SubImage(b), "grey": grey, "16 bits, not premultiplied": deep,
	} {
		reading, err := r.Read(t.Context(), picture, gallery.Day())
		if err != nil || !slices.Equal(reading.Lines, x.Lines) {
			t.Errorf("%s: %q, %v", name, reading.Lines, err)
		}
	}
}

// TestALineThatIsFoundInPartIsReadAsAWhole reads a driving licence's only line, the first third of which is hidden from
// the locator by a shadow: no other line says where it begins.
func TestALineThatIsFoundInPartIsReadAsAWhole(t *testing.T) {
	x := document(t, newGallery(t), degrade.Light, 375)
	reading, err := newReader(t).Read(t.Context(), x.Image, gallery.Day())
	if err != nil || x.Format != mrz.IDL || !slices.Equal(reading.Lines, x.Lines) {
		t.Errorf("%s %q, %v; want %q", x.Format, reading.Lines, err, x.Lines)
	}
}

func TestPicturesOfOddSizesAreReadOrRefused(t *testing.T) {
	r := newReader(t)
	for size, want := range map[image.Point]error{
		{24, 24}:         nil,
		{100_000, 24}:    nil,
		{24, 100_000}:    nil,
		{23, 1000}:       scan.ErrSize,
		{0, 0}:           scan.ErrSize,
		{20_000, 20_000}: scan.ErrSize,
	} {
		picture := &image.Uniform{C: image.White.C}
		reading, err := r.Read(t.Context(), framed{picture, size}, gallery.Day())
		if !errors.Is(err, want) || reading.Found {
			t.Errorf("%v: found %v, %v; want %v", size, reading.Found, err, want)
		}
	}
}

// framed is a part of a picture without end.
type framed struct {
	image.Image
	size image.Point
}

func (f framed) Bounds() image.Rectangle { return image.Rectangle{Max: f.size} }

func TestReadingStopsWhenNobodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newReader(t).Read(ctx, image.NewGray(image.Rect(0, 0, 600, 400)), gallery.Day()); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v", err)
	}
}

func TestSeveralMayReadAtOnceAndNothingIsLeftBehind(t *testing.T) {
	before := gocv.MatProfile.Count()
	g := newGallery(t)
	r, err := ocr.New()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 3 {
		x := document(t, g, degrade.Light, i)
		all.Go(func() {
			if _, err := r.Read(t.Context(), x.Image, gallery.Day()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if after := gocv.MatProfile.Count(); after != before {
		t.Errorf("%d Mats before, %d after", before, after)
	}
}
