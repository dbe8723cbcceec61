package ocr_test

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/mrz"
)

// holder is of all documents here.
var holder = mrz.Fields{
	Surname: "MANNSENS", GivenNames: "MANNY", DocumentNumber: "652584509", BirthDate: "1990-08-03", Sex: "M", ExpiryDate: "2027-01-01",
}

// printedPage is a picture of a document with these fields.
func printedPage(t *testing.T, g *gallery.Gallery, level degrade.Level, format mrz.Format, f mrz.Fields, i int) gallery.Exhibit {
	t.Helper()
	lines, err := mrz.Compose(format, f)
	if err != nil {
		t.Fatal(err)
	}
	return g.Page(level, format, f, lines, i)
}

func TestAProofOfArrivalIsReadForSure(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	f := holder
	f.DocumentCode, f.IssuingState, f.Nationality = "ME", "D", "SYR"
	for i, level := range degrade.Levels() {
		x := printedPage(t, g, level, mrz.TD2, f, i)
		reading, err := r.Read(t.Context(), x.Image, gallery.Day())
		if err != nil || !reading.Sure || !slices.Equal(reading.Lines, x.Lines) {
			t.Errorf("%s: sure %v (%.3f), %q, %v", level, reading.Sure, reading.Confidence, reading.Lines, err)
		}
	}
}

func TestAPassportWithoutASurnameIsReadAsSurelyAsOneWithIt(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	f := holder
	f.DocumentCode, f.IssuingState, f.Nationality = "P", "IND", "IND"
	for i, level := range degrade.Levels() {
		confidence := map[string]float64{}
		for _, surname := range []string{"SHARMA", ""} {
			f.Surname, f.GivenNames = surname, "PRIYA"
			x := printedPage(t, g, level, mrz.TD3, f, i)
			reading, err := r.Read(t.Context(), x.Image, gallery.Day())
			if err != nil || !reading.Sure || !slices.Equal(reading.Lines, x.Lines) {
				t.Errorf("%s: sure %v (%.3f), %q, %v", level, reading.Sure, reading.Confidence, reading.Lines, err)
			}
			confidence[surname] = reading.Confidence
		}
		if confidence[""] < confidence["SHARMA"]-0.003 {
			t.Errorf("%s: %.4f, with a surname %.4f", level, confidence[""], confidence["SHARMA"])
		}
	}
}
