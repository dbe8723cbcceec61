package ocr

import (
	"errors"
	"image"
	"math"
	"slices"

	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// Reason says why no zone was read, or none for sure.
type Reason string

// The reasons, from the furthest from a zone to the nearest.
const (
	NothingFound Reason = "nothing like a machine-readable zone is there"
	OtherText    Reason = "there is text, and it is not that of a machine-readable zone"
	Unclear      Reason = "there is a machine-readable zone, too small or too blurred to be read for sure"
	Hidden       Reason = "there are lines of a machine-readable zone, and a part of it is hidden"
	CutOff       Reason = "a line of the machine-readable zone is cut off by the edge of the picture"
)

var reasons = [...]Reason{NothingFound, OtherText, Unclear, Hidden, CutOff}

// rank orders the reasons by how near they are to a zone.
func (r Reason) rank() int { return slices.Index(reasons[:], r) }

// zone tells whether what was seen is a zone, though it could not be read.
func (r Reason) zone() bool { return r.rank() >= Unclear.rank() }

// An overview is what lines show at first sight: how many characters, fillers among them, and how clearly, from 0 to 1.
type overview struct {
	characters, fillers int
	parted              bool // a line of some length has two fillers in a row, as between names
	clarity             float64
}

// zone tells that the text is a zone's, or a part of one.
func (o overview) zone() bool {
	return o.fillers >= zoneFillers || o.parted && o.clarity >= clearText
}

// overview takes the likeliest path of every line.
func (t transcript) overview() overview {
	var o overview
	for _, l := range t.mean() {
		before, so := 0, o.characters
		parted := false
		for frame, class := range l.Path() {
			o.characters++
			o.clarity += softmax(&l.LogProb[frame])[class]
			if class == decode.Symbols {
				o.fillers++
				parted = parted || before == class
			}
			before = class
		}
		o.parted = o.parted || parted && o.characters-so >= zoneText
	}
	o.clarity /= max(1, float64(o.characters))
	return o
}

// What lines show of what they are. A zone has fillers, other text has none; OCR-B and whatever resembles it is seen clearly.
const (
	zoneFillers = 6
	zoneText    = 16   // characters
	zoneLine    = 24   // capital letters' heights: lines that lie below each other and are longer are those of a zone
	someText    = 8    // characters
	clearText   = 0.85 // mean probability of a character
	legibleText = 0.6
)

// reason tells why the lines of a picture of a size are none that could be read.
func (t transcript) reason(err error, size image.Rectangle) Reason {
	o := t.overview()
	first := t.strips[0].line
	small := first.tall(0) < smallLetters
	long := (first.to-first.from)*first.half > zoneLine*first.tall(0)
	lines := len(t.strips) > 1 && o.characters >= 2*someText && o.fillers > 1 && long
	switch {
	case o.zone() && t.beyond(size):
		return CutOff
	case errors.Is(err, decode.ErrUnclear),
		o.zone() && (small || o.clarity < clearText),
		lines && (small || o.clarity < legibleText):
		return Unclear
	case o.zone():
		return Hidden
	case o.characters >= someText && o.clarity >= legibleText:
		return OtherText
	}
	return NothingFound
}

// unsureBecause tells why a zone that was read is not sure: where parsing finds nothing wrong with it, its characters are not clear.
// Empty where nothing can be seen of the reason.
func (t transcript) unsureBecause(size image.Rectangle, sound bool) Reason {
	switch {
	case t.beside(size):
		return CutOff
	case sound, t.strips[0].line.tall(0) < smallLetters, t.overview().clarity < clearText:
		return Unclear
	}
	return ""
}

// beyond tells whether a zone goes on beyond the edge of a picture: at the ends of a line, or where the next line above or
// below would be.
func (t transcript) beyond(size image.Rectangle) bool {
	// Capital letters' heights: two lines want a third 4.23 mm away, one a second 6.35 mm away (Doc 9303-5 and -4, 4.2.1.3).
	nextLine := 1.8
	if len(t.strips) == 1 {
		nextLine = 2.7
	}
	first, last := t.strips[0].line, t.strips[len(t.strips)-1].line
	return t.beside(size) || !first.at(0, -nextLine).in(size) || !last.at(0, nextLine).in(size)
}

// beside tells whether a line begins or ends at the edge of a picture, or runs along it and is cut through.
func (t transcript) beside(size image.Rectangle) bool {
	return slices.ContainsFunc(t.strips, func(s strip) bool {
		more := 0.5 * s.line.tall(0) / s.line.half
		return !s.line.at(s.line.from-more, 0).in(size) || !s.line.at(s.line.to+more, 0).in(size) ||
			!s.line.at(0, -0.5).in(size) || !s.line.at(0, 0.5).in(size)
	})
}

// in tells whether the pixel of a point lies in a picture.
func (v vector) in(size image.Rectangle) bool {
	return image.Pt(int(math.Floor(v.x)), int(math.Floor(v.y))).In(size)
}

// outside tells whether a corner lies outside of a picture, further than one is ever misplaced: there only the picture's
// edge was read.
func outside(quad [4]image.Point, size image.Rectangle, tall float64) bool {
	around := size.Inset(-int(math.Ceil(tall)))
	return slices.ContainsFunc(quad[:], func(p image.Point) bool { return !p.In(around) })
}
