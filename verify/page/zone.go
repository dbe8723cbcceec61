package page

import (
	"image"

	"github.com/foyer-station/foyer/verify"
)

// Geometry of the machine-readable zone in millimetres (ICAO Doc 9303-3, 4.2 and 4.3; parts 4 to 6).
const (
	zoneHeight   = 23.2 // above the document's lower edge
	pitch        = 2.54 // from character to character: ten to the inch
	leastHeight  = 1.4  // of a line of OCR-B characters, whose nominal height is 2.4, worn
	mostHeight   = 4.6  // the same, skewed
	leastOfWidth = 0.6  // of the document's width is covered by a line, fillers included
	edge         = 1    // that is cut casts a shadow
	aroundSeen   = 2    // less than from a line to other print
)

// inkOfPaper is how dark, relative to the paper, a pixel is that counts as ink in visible light.
const inkOfPaper = 0.5

// zone is the machine-readable zone as seen in visible light.
type zone struct {
	area  image.Rectangle   // of all lines
	lines []image.Rectangle // from top to bottom
	paper int               // the grey value of the paper between them
}

// ink tells whether a pixel of the visible picture is ink.
func (z zone) ink(grey uint8) bool { return float64(grey) < inkOfPaper*float64(z.paper) }

// findZone looks for the lines of the MRZ on one side: where it was seen when it was read, or else, and where the document was moved since,
// across the bottom of the document.
func (s shots) findZone(visible *image.Gray, document image.Rectangle, dpi int, side verify.Side) (zone, bool) {
	if s.seen != nil && s.seen.Side == side {
		around := image.Rectangle{}
		for _, corner := range s.seen.Quad {
			around = around.Union(image.Rectangle{corner, corner.Add(image.Pt(1, 1))})
		}
		search := around.Inset(-millimetres(aroundSeen, dpi)).Intersect(visible.Rect)
		if z, found := findLines(visible, search, around.Dx(), dpi, s.lines); found {
			return z, true
		}
	}
	search := document
	search.Min.Y = max(document.Min.Y, document.Max.Y-millimetres(zoneHeight, dpi))
	return findLines(visible, search.Inset(millimetres(edge, dpi)), document.Dx(), dpi, s.lines)
}

// findLines looks for lines of print, two or three of them, across an area of which width is to be covered. want is their number, or 0
// where it is not known.
func findLines(visible *image.Gray, search image.Rectangle, width, dpi, want int) (zone, bool) {
	if search.Empty() {
		return zone{}, false
	}
	var h histogram
	h.add(visible, search)
	z := zone{paper: h.quantile(0.75)}
	for _, band := range z.bands(visible, search) {
		height := band.Dy()
		if height < millimetres(leastHeight, dpi) || height > millimetres(mostHeight, dpi) {
			continue
		}
		if float64(band.Dx()) < leastOfWidth*float64(width) {
			continue
		}
		z.lines = append(z.lines, band)
		z.area = z.area.Union(band)
	}
	n := len(z.lines)
	return z, n == want || want == 0 && (n == 2 || n == 3)
}

// bands are the runs of rows that hold ink, as wide as their ink.
func (z zone) bands(visible *image.Gray, search image.Rectangle) []image.Rectangle {
	var bands []image.Rectangle
	var band image.Rectangle
	for y := search.Min.Y; y <= search.Max.Y; y++ {
		row := z.inkRow(visible, search, y)
		if !row.Empty() {
			band = band.Union(row)
			continue
		}
		if !band.Empty() {
			bands = append(bands, band)
		}
		band = image.Rectangle{}
	}
	return bands
}

// inkRow is the extent of ink in one row; empty where it has less than a character's worth, and below the search area.
func (z zone) inkRow(visible *image.Gray, search image.Rectangle, y int) image.Rectangle {
	if y >= search.Max.Y {
		return image.Rectangle{}
	}
	first, last, count := -1, 0, 0
	for x := search.Min.X; x < search.Max.X; x++ {
		if z.ink(visible.Pix[visible.PixOffset(x, y)]) {
			if first < 0 {
				first = x
			}
			last, count = x, count+1
		}
	}
	if count < search.Dx()/100 {
		return image.Rectangle{}
	}
	return image.Rect(first, y, last+1, y+1)
}

// cells cuts a line into character cells.
func cells(line image.Rectangle, dpi int) []image.Rectangle {
	n := max(1, int(float64(line.Dx())*25.4/float64(dpi)/pitch+0.5))
	out := make([]image.Rectangle, n)
	for i := range out {
		out[i] = image.Rect(line.Min.X+line.Dx()*i/n, line.Min.Y, line.Min.X+line.Dx()*(i+1)/n, line.Max.Y)
	}
	return out
}
