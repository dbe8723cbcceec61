package ocr_test

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	specimenpage "github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
)

// TestEachDocumentOnAPageIsReadByItself lays a passport and two cards on one glass.
func TestEachDocumentOnAPageIsReadByItself(t *testing.T) {
	documents := []struct {
		format mrz.Format
		at     image.Point
		lines  []string
	}{
		{mrz.TD3, image.Pt(100, 80), utopian},
		{mrz.TD1, image.Pt(60, 1250), []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}},
		{mrz.TD1, image.Pt(1290, 1300), []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "STEVENSON<<PETER<JOHN<<<<<<<<<"}},
	}
	var pages []laid
	for _, d := range documents {
		pages = append(pages, laid{pageWith(t, d.format, d.lines...), d.at})
	}
	glass := glassWith(image.Pt(2480, 2200), pages...)
	readings, err := newReader(t).ReadAll(t.Context(), glass, gallery.Day())
	if err != nil || len(readings) != len(documents) {
		t.Fatalf("%d readings, %v; want %d", len(readings), err, len(documents))
	}
	for _, d := range documents {
		if !slices.ContainsFunc(readings, func(r ocr.Reading) bool {
			return r.Sure && slices.Equal(r.Lines, d.lines) && r.Quad[0].In(pageWith(t, d.format, d.lines...).Rect.Add(d.at))
		}) {
			t.Errorf("%q is not among %+v", d.lines, readings)
		}
	}
}

// TestAnotherDocumentWhoseZoneCannotBeReadIsTold lays a card beside a passport: off the glass, under a thumb, or far too blurred.
func TestAnotherDocumentWhoseZoneCannotBeReadIsTold(t *testing.T) {
	card := pageWith(t, mrz.TD1, "I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
	zone := specimenpage.Zone(mrz.TD1, 300)
	thumb := specimenpage.Cell(mrz.TD1, 0, 12, 300).Union(specimenpage.Cell(mrz.TD1, 2, 18, 300)).Inset(-8)
	r := newReader(t)
	for name, c := range map[string]struct {
		card image.Image
		at   image.Point
		want ocr.Reason
	}{
		"off the right edge":    {card, image.Pt(2000-zone.Max.X*3/4, 1200), ocr.CutOff},
		"off the left edge":     {card, image.Pt(-zone.Max.X/3, 1200), ocr.CutOff},
		"off the foot":          {card, image.Pt(300, 2000-specimenpage.Cell(mrz.TD1, 2, 0, 300).Min.Y), ocr.CutOff},
		"off the foot, by half": {card, image.Pt(300, 2000-zone.Max.Y+20), ocr.CutOff},
		"under a thumb":         {covered(card, thumb), image.Pt(300, 1250), ocr.Hidden},
		"without contours":      {scaled(scaled(card, 0.14), 6), image.Pt(300, 1250), ocr.Unclear},
	} {
		glass := glassWith(image.Pt(2000, 2000), laid{pageWith(t, mrz.TD3, utopian...), image.Pt(100, 80)}, laid{c.card, c.at})
		readings, err := r.ReadAll(t.Context(), glass, gallery.Day())
		if err != nil || len(readings) != 2 {
			t.Errorf("%s: %d readings, %v; want 2", name, len(readings), err)
			continue
		}
		if first, other := readings[0], readings[1]; !first.Sure || !slices.Equal(first.Lines, utopian) || other.Sure || other.Reason != c.want {
			t.Errorf("%s: %q sure %v, and %q: %s; want %s", name, first.Lines, first.Sure, other.Lines, other.Reason, c.want)
		}
	}
}

// TestNoOtherZoneIsToldWhereThereIsOne looks at pages with a single zone, their patterns and their print.
func TestNoOtherZoneIsToldWhereThereIsOne(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	for _, level := range degrade.Levels() {
		for i := range 6 {
			x := document(t, g, level, 700+i)
			readings, err := r.ReadAll(t.Context(), x.Image, gallery.Day())
			if err != nil || len(readings) != 1 {
				t.Errorf("%s %d: %d readings, %v; want 1", level, i, len(readings), err)
			}
		}
	}
}

// A laid picture lies somewhere on the glass.
type laid struct {
	picture image.Image
	at      image.Point
}

// glassWith is the picture of a dark glass on which documents lie.
func glassWith(size image.Point, documents ...laid) *image.RGBA {
	glass := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(glass, glass.Rect, image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
	for _, d := range documents {
		b := d.picture.Bounds()
		draw.Draw(glass, image.Rectangle{Max: b.Size()}.Add(d.at), d.picture, b.Min, draw.Src)
	}
	return glass
}

// TestDocumentsThatTouchAreNotReadAsOne lays a passport beside another, and a card beside a passport, at one height: their
// lines go on in each other.
func TestDocumentsThatTouchAreNotReadAsOne(t *testing.T) {
	r := newReader(t)
	other := []string{"P<UTOSTEVENSON<<PETER<<<<<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3404159ZE184226B<<<<<10"}
	card := []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	left := pageWith(t, mrz.TD3, utopian...)
	for name, c := range map[string]struct {
		format mrz.Format
		lines  []string
	}{"passport": {mrz.TD3, other}, "card": {mrz.TD1, card}} {
		right := pageWith(t, c.format, c.lines...)
		foot := left.Rect.Dy() - right.Rect.Dy()
		size := image.Pt(left.Rect.Dx()+right.Rect.Dx()+40, left.Rect.Dy()+40)
		glass := glassWith(size, laid{left, image.Pt(20, 20)}, laid{right, image.Pt(20+left.Rect.Dx(), 20+foot)})
		readings, err := r.ReadAll(t.Context(), glass, gallery.Day())
		if err != nil || len(readings) != 2 {
			t.Fatalf("%s: %d readings, %v", name, len(readings), err)
		}
		for _, want := range [][]string{utopian, c.lines} {
			if !slices.ContainsFunc(readings, func(r ocr.Reading) bool { return r.Sure && slices.Equal(r.Lines, want) }) {
				t.Errorf("%s: %q is not among %+v", name, want, readings)
			}
		}
	}
}
