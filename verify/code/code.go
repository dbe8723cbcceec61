// Package code reads the matrix codes and bar codes on a page that was pictured: of an appointment letter, an enrolment, a stamp.
//
// [Read] is all of it. It finds the places that may be codes, lays each upright, and has gozxing decode it: QR (ISO/IEC 18004), Data
// Matrix ECC 200 (ISO/IEC 16022), Aztec (ISO/IEC 24778) and Code 128 (ISO/IEC 15417). Codes may lie in any direction, and there may be
// several. PDF417 is not read: the library has none.
//
// What a code says is a stranger's word, and may be personal: it is bounded, valid UTF-8, never logged, and believed by nobody until
// whoever knows the appointment has looked it up.
package code

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
)

// Kind is the symbology of a code.
type Kind string

// The kinds of code that are read.
const (
	QR         Kind = "qr"
	DataMatrix Kind = "data_matrix"
	Aztec      Kind = "aztec"
	Code128    Kind = "code_128"
)

// Code is one code on a page.
type Code struct {
	Kind Kind
	Text string          // 1 to 4,096 bytes of UTF-8
	Area image.Rectangle // of the picture, about where it is
}

// Bounds of what is looked at, and of what is given.
const (
	maxPixels = 64 << 20
	minDPI    = 100
	maxDPI    = 1200
	// maxPlaces is how many places of a page are looked at: a page of print has some that look like codes.
	maxPlaces = 24
	maxCodes  = 16
	maxText   = 4096
)

// ErrPicture says that a picture cannot be looked at: empty, not tightly packed, too large, or of no resolution that pages have.
var ErrPicture = errors.New("no picture of a page")

// Read reads the codes on a page, of which the resolution is known in dots per inch, the larger ones first; none where there are none.
// A page of 400 dpi takes about 0.1 s, a hostile one 2 s at most. When ctx ends it returns soon, with the codes that it has
// read and ctx's error. It keeps nothing of the picture.
func Read(ctx context.Context, picture *image.RGBA, dpi int) ([]Code, error) {
	if picture == nil || picture.Rect.Empty() || picture.Stride != 4*picture.Rect.Dx() || len(picture.Pix) != picture.Stride*picture.Rect.Dy() ||
		picture.Rect.Dx() > maxPixels/picture.Rect.Dy() {
		return nil, ErrPicture
	}
	if dpi < minDPI || dpi > maxDPI {
		return nil, fmt.Errorf("%w: %d dpi", ErrPicture, dpi)
	}
	page := greyOf(picture)
	defer clear(page.Pix)
	var codes []Code
	for _, place := range placesOf(page, dpi) {
		if err := ctx.Err(); err != nil {
			return codes, err
		}
		c, found := readPlace(ctx, page, place, dpi)
		if !found || slices.ContainsFunc(codes, func(o Code) bool { return o.Kind == c.Kind && o.Text == c.Text && o.Area.Overlaps(c.Area) }) {
			continue
		}
		c.Area = c.Area.Add(picture.Rect.Min)
		if codes = append(codes, c); len(codes) == maxCodes {
			break
		}
	}
	return codes, ctx.Err()
}

// greyOf is a picture's brightness, from its origin.
func greyOf(picture *image.RGBA) *image.Gray {
	g := image.NewGray(image.Rectangle{Max: picture.Rect.Size()})
	for i := range g.Pix {
		p := picture.Pix[4*i : 4*i+3 : 4*i+3]
		g.Pix[i] = byte((int(p[0]) + 2*int(p[1]) + int(p[2])) / 4)
	}
	return g
}
