package ocr_test

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/gallery"
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
	glass := image.NewRGBA(image.Rect(0, 0, 2480, 2200))
	draw.Draw(glass, glass.Rect, image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
	for _, d := range documents {
		page := pageWith(t, d.format, d.lines...)
		draw.Draw(glass, page.Rect.Add(d.at), page, image.Point{}, draw.Src)
	}
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
		glass := image.NewRGBA(image.Rect(0, 0, left.Rect.Dx()+right.Rect.Dx()+40, left.Rect.Dy()+40))
		draw.Draw(glass, glass.Rect, image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
		draw.Draw(glass, left.Rect.Add(image.Pt(20, 20)), left, image.Point{}, draw.Src)
		draw.Draw(glass, right.Rect.Add(image.Pt(20+left.Rect.Dx(), 20+foot)), right, image.Point{}, draw.Src)
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
