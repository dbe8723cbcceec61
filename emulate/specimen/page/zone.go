package page

import (
	"image"
	"math"

	"github.com/go-text/typesetting/font"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// Geometry of the machine-readable zone in millimetres: OCR-B size 1 at 10 characters an inch (Doc 9303-3, 4.4).
const (
	pitch   = 2.54
	capital = 2.46 // height of a capital letter
)

// place is the left edge of the first character of every line and, from the bottom edge of the document, the centre
// lines of the lines of print.
type place struct {
	left  float64
	lines []float64
}

// placeOf is where a format has its MRZ: Doc 9303-4, 4.2.1.3 and figure 3; Doc 9303-5, 4.2.1.3 and figure 6: 4.23 mm
// apart. Documents of the size of TD2, and visas, have the lines of TD3 nearer to the left edge (Doc 9303-6 and -7).
// Driving licences have the lines of TD1, a single line the lowest of them.
func placeOf(f mrz.Format) place {
	switch f {
	case mrz.TD1, mrz.CHDL:
		return place{5, []float64{16.80, 12.57, 8.34}}
	case mrz.IDL:
		return place{5, []float64{8.34}}
	case mrz.TD2, mrz.FRID, mrz.MRVA, mrz.MRVB:
		return place{4, []float64{15.75, 9.40}}
	}
	return place{6, []float64{15.75, 9.40}}
}

// ZoneSide is the side of a document that bears the zone.
func ZoneSide(f mrz.Format) verify.Side {
	if w, _ := Size(f); w == cardWidth {
		return verify.Back
	}
	return verify.Front
}

// Zone is where the MRZ stands in a picture of its side at a resolution in dots per inch: all cells together.
func Zone(f mrz.Format, dpi int) image.Rectangle {
	var zone image.Rectangle
	for line, length := range f.Lengths() {
		zone = zone.Union(Cell(f, line, 0, dpi)).Union(Cell(f, line, length-1, dpi))
	}
	return zone
}

// Cell is where one character of the MRZ stands in a picture of the document at a resolution in dots per inch: the
// whole pitch wide and a little higher than a capital letter. Line and column count from 0.
func Cell(f mrz.Format, line, column, dpi int) image.Rectangle {
	left, centre := cell(f, line, column)
	scale := float64(dpi) / 25.4
	at := func(v float64) int { return int(math.Round(v * scale)) }
	return image.Rect(at(left), at(centre-1.5), at(left+pitch), at(centre+1.5))
}

// cell is the left edge of a character's cell and the height of its centre line from the top, in millimetres. The cell
// begins half a gap before the character itself.
func cell(f mrz.Format, line, column int) (left, centre float64) {
	_, height := Size(f)
	p := placeOf(f)
	return p.left + (float64(column)-0.14)*pitch, height - p.lines[line]
}

// zone prints the machine-readable zone, each character in the middle of its cell.
func (s *sheet) zone() {
	i := carbon(0.97)
	if s.DyeInk {
		i = dye(0x201C24, 0.97)
	}
	l := lettering{face: s.ocrB, size: sizeFor(s.ocrB, capital)}
	for line, text := range s.Lines {
		for column, r := range text {
			left, centre := cell(s.Format, line, column)
			glyph, _ := s.ocrB.NominalGlyph(r)
			advance := float64(s.ocrB.HorizontalAdvance(glyph)) / float64(s.ocrB.Upem()) * l.size
			s.text(point{left + (pitch-advance)/2, centre + capital/2}, string(r), l, i)
		}
	}
}

// sizeFor is the size, in millimetres an em, at which a capital letter of the typeface is so many millimetres high.
func sizeFor(face *font.Face, height float64) float64 {
	return height * float64(face.Upem()) / float64(face.LineMetric(font.CapHeight))
}
