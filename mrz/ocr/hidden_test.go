package ocr_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/foyer-station/foyer/emulate/gallery"
	specimenpage "github.com/foyer-station/foyer/emulate/specimen/page"
	"github.com/foyer-station/foyer/mrz"
)

// TestCharactersUnderASlipOfPaperAreNotGuessedForSure covers one to three characters: check digits then agree with several.
func TestCharactersUnderASlipOfPaperAreNotGuessedForSure(t *testing.T) {
	card := []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F3404159UTO<<<<<<<<<<<2", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	r := newReader(t)
	for _, c := range []struct {
		format        mrz.Format
		lines         []string
		line, from, n int
		grey          uint8
	}{
		{mrz.TD3, utopian, 1, 15, 3, 250}, {mrz.TD3, utopian, 1, 24, 1, 250}, {mrz.TD3, utopian, 1, 27, 1, 250}, {mrz.TD3, utopian, 1, 12, 1, 20},
		{mrz.TD1, card, 1, 15, 3, 250}, {mrz.TD1, card, 1, 15, 1, 250}, {mrz.TD1, card, 1, 9, 3, 120},
		{mrz.TD1, card, 1, 0, 1, 250}, {mrz.TD1, card, 1, 0, 1, 20}, {mrz.TD1, card, 1, 0, 1, 120}, {mrz.TD3, utopian, 1, 16, 2, 20},
	} {
		page := pageWith(t, c.format, c.lines...)
		slip := specimenpage.Cell(c.format, c.line, c.from, 300).Union(specimenpage.Cell(c.format, c.line, c.from+c.n-1, 300))
		draw.Draw(page, slip, image.NewUniform(color.Gray{Y: c.grey}), image.Point{}, draw.Src)
		reading, err := r.Read(t.Context(), page, gallery.Day())
		if err != nil || reading.Sure {
			t.Errorf("%s: %q is sure with %.4f, %v", fmt.Sprint(c.format, c.line, c.from, c.n), reading.Lines, reading.Confidence, err)
		}
	}
}

// TestALetterThatIsClearlyPrintedWhereADigitMustStandIsNotReadAsOneForSure prints it with the check digits of the digit.
func TestALetterThatIsClearlyPrintedWhereADigitMustStandIsNotReadAsOneForSure(t *testing.T) {
	r := newReader(t)
	for _, second := range []string{"T408122F3404159UTO<<<<<<<<<<<2", "74D8122F3404159UTO<<<<<<<<<<<2", "7408122F34041S9UTO<<<<<<<<<<<2"} {
		page := pageWith(t, mrz.TD1, "I<UTOD231458907<<<<<<<<<<<<<<<", second, "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
		reading, err := r.Read(t.Context(), page, gallery.Day())
		if err != nil || reading.Sure {
			t.Errorf("%q is sure with %.4f, %v", reading.Lines, reading.Confidence, err)
		}
	}
}
