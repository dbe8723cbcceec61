package ocr_test

import (
	"image"
	"image/draw"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/emulate/specimen"
	specimenpage "github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// pageWith is a page of a format with any lines at all.
func pageWith(t *testing.T, format mrz.Format, lines ...string) *image.RGBA {
	t.Helper()
	press, err := specimenpage.NewPress(specimenpage.OCRB)
	if err != nil {
		t.Fatal(err)
	}
	look := specimen.People(gallery.Day())[0].Look
	return press.Print(specimenpage.Document{
		Format: format, Lines: lines, Portrait: look.Portrait(), Surname: "MUSTER", GivenNames: "ANNA", BirthPlace: "UTOPIA", Seed: 7,
	}, specimenpage.ZoneSide(format), verify.Visible, 300)
}

// TestWhatIsSureParsesWithoutAFault shows clear print that is no zone.
func TestWhatIsSureParsesWithoutAFault(t *testing.T) {
	fillers := strings.Repeat("<", 44)
	r := newReader(t)
	for name, c := range map[string]struct {
		format mrz.Format
		lines  []string
	}{
		"fillers over numbers":        {mrz.TD3, []string{fillers, "ERE82721<9CAN8412070M2405252<<<<<<<<<<<<<<08"}},
		"names over fillers":          {mrz.TD3, []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", fillers}},
		"fillers over fillers":        {mrz.TD3, []string{fillers, fillers}},
		"a passport without any name": {mrz.TD3, []string{"P<UTO" + fillers[5:], "L898902C36UTO7408122F3404159ZE184226B<<<<<10"}},
		"a card without any name":     {mrz.TD1, []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F3404159UTO<<<<<<<<<<<6", fillers[:30]}},
		"a visa without its number":   {mrz.MRVB, []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "<<<<<<<<<0UTO7408122F3404159<<<<<<<<"}},
	} {
		reading, err := r.Read(t.Context(), pageWith(t, c.format, c.lines...), gallery.Day())
		if err != nil {
			t.Fatal(err)
		}
		if reading.Sure {
			t.Errorf("%s: %q is sure with %.3f", name, reading.Lines, reading.Confidence)
		}
	}
}

// TestAWrongDigitThatIsPrintedStaysASureReading is the other side of it.
func TestAWrongDigitThatIsPrintedStaysASureReading(t *testing.T) {
	lines := []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408123F3404159ZE184226B<<<<<10"}
	reading, err := newReader(t).Read(t.Context(), pageWith(t, mrz.TD3, lines...), gallery.Day())
	if err != nil || !reading.Sure || !slices.Equal(reading.Lines, lines) {
		t.Errorf("%q sure %v, %v", reading.Lines, reading.Sure, err)
	}
}

// TestAPageWhoseLastLineIsCutIsNotSure cuts it away, or through it, upright and turned by a quarter.
func TestAPageWhoseLastLineIsCutIsNotSure(t *testing.T) {
	x, r := document(t, newGallery(t), degrade.Light, 3000), newReader(t)
	whole := pageWith(t, x.Format, x.Lines...)
	last := specimenpage.Cell(x.Format, len(x.Lines)-1, 0, 300)
	for _, y := range []int{last.Min.Y - 4, (last.Min.Y + last.Max.Y) / 2} {
		cut := image.NewRGBA(image.Rect(0, 0, whole.Rect.Dx(), y))
		draw.Draw(cut, cut.Rect, whole, image.Point{}, draw.Src)
		for turn, picture := range []*image.RGBA{cut, quarterTurn(cut)} {
			reading, err := r.Read(t.Context(), picture, gallery.Day())
			if err != nil {
				t.Fatal(err)
			}
			if reading.Sure {
				t.Errorf("cut at %d, turned %d times: %q is sure with %.3f", y, turn, reading.Lines, reading.Confidence)
			}
		}
	}
}

// TestAPageTurnedByAQuarterIsReadAsItself turns a whole page.
func TestAPageTurnedByAQuarterIsReadAsItself(t *testing.T) {
	x, r := document(t, newGallery(t), degrade.Light, 3010), newReader(t)
	picture := x.Image
	for quarter := range 4 {
		reading, err := r.Read(t.Context(), picture, gallery.Day())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(reading.Lines, x.Lines) {
			t.Errorf("turned %d times: %q, sure %v", quarter, reading.Lines, reading.Sure)
		}
		picture = quarterTurn(picture)
	}
}

// quarterTurn turns a picture clockwise.
func quarterTurn(picture *image.RGBA) *image.RGBA {
	b := picture.Rect
	out := image.NewRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.SetRGBA(b.Dy()-1-y, x, picture.RGBAAt(x, y))
		}
	}
	return out
}
