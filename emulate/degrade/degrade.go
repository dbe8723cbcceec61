// Package degrade makes of the clean picture of a document what a device would have delivered of it: turned, out of
// focus, badly lit, noisy, squeezed into a JPEG. Readers of the machine-readable zone are tested and measured on such
// pictures.
//
// There are two levels. [Light] is what a flat page imager delivers on an ordinary day; [Heavy] is a bad photograph
// taken by hand, at which a person would frown, but which a person can still read. Everything follows from a seed: the
// same sheet and seed give the same bytes, on one processor architecture and release of Go. Each [Picture] says what
// was done to it and where the MRZ lies.
//
// The limits, lengths measured on the document:
//
//	                                   light            heavy
//	resolution                         as the sheet     150 to 300 dpi
//	turned by                          quarters +- 4°   any angle
//	tilted by, seen from               -                15°, 1.6 to 3 diagonals
//	around the page                    0 to 3 mm, plain 3 to 18 mm, textured, other papers
//	contrast of the ink left           0.75             0.45, in worn places 0.6 of that
//	light lost across the picture      0.15             0.5
//	brightness of the whole            0.85             0.55
//	shadow takes, glare covers         -                0.55, 0.55
//	defocus                            0.06 mm          0.18 mm, and half a pixel
//	motion                             -                0.45 mm
//	noise                              4 grey levels    16, a fifth of the contrast that is left
//	JPEG quality                       70               30, and 500 by the contrast that is left
//
// OCR-B's capitals are 2.46 mm high, their strokes 0.35 mm wide, and one stands every 2.54 mm. A person who knows that
// there are only 37 characters reads them while the blur (defocus and the equal of motion, as a standard deviation) stays
// under 0.22 mm, paper and ink differ by 12 grey levels in the worst place, and the noise is under a fifth of that; all
// three hold for every picture made here. The figures were found by looking at the worst of 240 pictures.
package degrade

import (
	"image"
	"math/rand/v2"
)

// Sheet is the clean picture of one side of a document or of some other paper, cropped to it, upright.
type Sheet struct {
	Image    *image.RGBA
	DPI      int             // dots per inch, at least 150
	Zone     image.Rectangle // of the machine-readable zone; empty where there is none
	Infrared bool            // seen in the near infrared: everything around it is grey, too
}

// Picture is a sheet as a device has seen it.
type Picture struct {
	Image *image.RGBA
	// Zone are the corners of the machine-readable zone in the picture, clockwise from the zone's own top left; all
	// zero where the sheet has none.
	Zone   [4]image.Point
	Recipe Recipe
}

// Level is how bad a picture is.
type Level string

// The levels.
const (
	Light Level = "light"
	Heavy Level = "heavy"
)

// Levels lists the levels.
func Levels() []Level { return []Level{Light, Heavy} }

// Expose takes a picture of a sheet as the level's devices do.
func (l Level) Expose(s Sheet, seed uint64) Picture { return l.Recipe(s, seed).Expose(s, seed) }

// Expose takes a picture by a recipe. It goes the way of the light: table, page, lamps, lens, sensor, file. The seed is
// of what the recipe leaves open: where a shadow falls, what lies about on the table, the noise itself.
func (r Recipe) Expose(s Sheet, seed uint64) Picture {
	random := rand.New(rand.NewPCG(seed, 'p'))
	page, shrink := develop(s.Image), 1.0
	for ; r.DPI < 0.75*shrink*float64(s.DPI); shrink /= 2 {
		page = page.halved()
	}
	page.wear(r, shrink*float64(s.DPI)/25.4, random)
	view := r.view(s)
	size := view.frame(s.Image.Rect, r.Margin*r.DPI/25.4)
	view = shift(float64(-size.Min.X), float64(-size.Min.Y)).times(view)
	picture := newFrame(size.Dx(), size.Dy())
	picture.table(r, random)
	picture.lay(page, view.times(scaling(1/shrink)))
	picture.illuminate(r, view.quad(s.Image.Rect), random)
	picture.blur(r)
	picture.noise(r, random)
	if s.Infrared {
		picture.grey()
	}
	out := Picture{Image: picture.file(r.Quality), Recipe: r}
	if !s.Zone.Empty() {
		out.Zone = view.corners(s.Zone)
	}
	return out
}
