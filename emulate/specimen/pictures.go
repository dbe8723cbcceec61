package specimen

import (
	"image"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// Sides are the sides that a reader has to see: the data page of a passport, both sides of a card.
func (s *Specimen) Sides() []verify.Side {
	if s.Person.Format == mrz.TD1 {
		return []verify.Side{verify.Front, verify.Back}
	}
	return []verify.Side{verify.Front}
}

// Page draws one side in one light, at [DPI], cropped to the document: 1476 x 1039 pixels for a passport, 1011 x 638
// for a card.
func (s *Specimen) Page(side verify.Side, light verify.Light) verify.Page {
	return verify.Page{Image: s.press.Print(s.document, side, light, DPI), DPI: DPI, Light: light, Side: side}
}

// Pages draws every side in every light, the front in visible light first.
func (s *Specimen) Pages() []verify.Page {
	var pages []verify.Page
	for _, side := range s.Sides() {
		for _, light := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
			pages = append(pages, s.Page(side, light))
		}
	}
	return pages
}

// Portrait is the person's own picture, as issued; the caller does not change it.
func (s *Specimen) Portrait() *image.RGBA { return s.portrait }

// Evidence is what a station that works would have of the specimen.
func (s *Specimen) Evidence() verify.Evidence {
	return verify.Evidence{MRZ: s.MRZ, Pages: s.Pages(), Chip: s.Chip, Files: s.Files, Day: s.day}
}

// Frames are n pictures of the person before the station's camera, who stands almost still and blinks once.
func (s *Specimen) Frames(n int) []*image.RGBA { return s.Person.Look.Scene(n) }
