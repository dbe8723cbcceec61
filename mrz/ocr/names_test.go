package ocr_test

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/degrade"
	"github.com/foyer-station/foyer/emulate/gallery"
	"github.com/foyer-station/foyer/mrz"
)

func TestShortNamesAndVisasWithoutASurnameAreReadForSure(t *testing.T) {
	g, r := newGallery(t), newReader(t)
	for _, c := range []struct {
		format         mrz.Format
		code           string
		surname, given string
	}{
		{mrz.TD1, "I", "O", "K"}, {mrz.TD1, "I", "O", ""}, {mrz.TD3, "P", "O", "K"},
		{mrz.MRVA, "V", "", "PRIYA"}, {mrz.MRVB, "V", "", "PRIYA"}, {mrz.MRVB, "V", "", "O"},
	} {
		f := holder
		f.DocumentCode, f.IssuingState, f.Nationality, f.Surname, f.GivenNames = c.code, "IND", "IND", c.surname, c.given
		for i, level := range degrade.Levels() {
			x := printedPage(t, g, level, c.format, f, i)
			reading, err := r.Read(t.Context(), x.Image, gallery.Day())
			if err != nil || !reading.Sure || !slices.Equal(reading.Lines, x.Lines) {
				t.Errorf("%s %q %q, %s: sure %v (%.3f), %q, %v", c.format, c.surname, c.given, level, reading.Sure, reading.Confidence, reading.Lines, err)
			}
		}
	}
}

// Doc 9303-3, section 5: Germany is D and two fillers behind it; parsing calls anything else a fault, and what is sure has none.
func TestALetterBehindAFillerInAStatesCodeIsNotSure(t *testing.T) {
	r := newReader(t)
	for code, sure := range map[string]bool{"D<<": true, "<D<": false, "<<D": false} {
		lines := []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478" + code + "6408125F2702283<<<<<<<<<<<<<<<4"}
		reading, err := r.Read(t.Context(), pageWith(t, mrz.TD3, lines...), gallery.Day())
		if err != nil || reading.Sure != sure {
			t.Errorf("%s: sure %v with %.3f, %q, %v", code, reading.Sure, reading.Confidence, reading.Lines, err)
		}
	}
}
