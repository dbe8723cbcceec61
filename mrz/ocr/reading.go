package ocr

import (
	"image"
	"math"
	"slices"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// A Reading is what a picture says.
type Reading struct {
	// Found says that there is a zone and that it could be read. Where it is false, Reason says why, and all else but Letter
	// and Quad is empty. Beside a zone that is not sure it may be Unclear or CutOff.
	Found  bool
	Reason Reason

	Format      mrz.Format
	Lines       []string
	Characters  [][]decode.Character // of each line
	Corrections []decode.Correction  // against what the picture alone says
	// Confidence is the probability, from 0 to 1, that every character is right.
	Confidence float64
	// Sure says that the zone may be used unseen: every character is right, and parsing finds no fault in them but check
	// digits, which are as they are printed. Where it is false, a person compares it with the document.
	Sure bool
	// Letter is the height in pixels of a capital letter, also where lines were found that could not be read: [WellRead] or
	// more read well, fewer than [RarelyRead] rarely.
	Letter float64
	// Quad are the corners of the zone's characters in the picture, clockwise from the top left as a reader sees it, or of what
	// was seen of a zone that could not be read, whose corners may lie beyond the picture. They are all 0 where there is no zone.
	Quad [4]image.Point
}

// none tells that nothing was seen that may be a zone.
func (r Reading) none() bool { return !r.Found && !r.Reason.zone() }

// better gives the reading to be preferred.
func better(a, b Reading) Reading {
	if b.beats(a) {
		return b
	}
	return a
}

// beats tells whether a reading is nearer to a sure one than another.
func (r Reading) beats(other Reading) bool {
	switch {
	case r.Found != other.Found:
		return r.Found
	case !r.Found:
		return r.Reason.rank() > other.Reason.rank()
	case r.Sure != other.Sure:
		return r.Sure
	}
	return r.Confidence > other.Confidence
}

// gathered puts readings together, the best first: of one zone the best, also where it could not be read, and that nothing was
// seen only where that is all there is.
func gathered(readings, more []Reading) []Reading {
	for _, r := range more {
		same := func(o Reading) bool { return o.none() || r.none() || r.meets(o) }
		if slices.ContainsFunc(readings, func(o Reading) bool { return same(o) && !r.beats(o) }) {
			continue
		}
		readings = append(slices.DeleteFunc(readings, same), r)
	}
	slices.SortStableFunc(readings, func(a, b Reading) int {
		switch {
		case a.beats(b):
			return -1
		case b.beats(a):
			return 1
		}
		return 0
	})
	return readings
}

// meets tells whether two readings are of one zone. What could not be read may be a line of the zone that was, or one more below
// it; of what is hidden there may be two parts.
func (r Reading) meets(other Reading) bool {
	const hiddenBetween = 12 // capital letters' heights
	switch {
	case r.Found && other.Found:
		return overlap(r.Quad, other.Quad)
	case r.Found || other.Found:
		return overlap(r.widened(1, farthestLine), other.Quad)
	}
	return overlap(r.widened(hiddenBetween, farthestLine), other.Quad)
}

// widened are the corners of a zone with so many capital letters' heights around it, before and after its lines, and above and
// below them.
func (r Reading) widened(beside, below float64) [4]image.Point {
	from, to := vectorTo(r.Quad[0]), vectorTo(r.Quad[1])
	along := to.minus(from).unit().times(beside * r.Letter)
	down := to.minus(from).unit().down().times(below * r.Letter)
	out := r.Quad
	for i, sign := range [...][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		out[i] = vectorTo(r.Quad[i]).plus(along.times(sign[0])).plus(down.times(sign[1])).point()
	}
	return out
}

// sure tells whether all readings are.
func sure(readings []Reading) bool {
	return !slices.ContainsFunc(readings, func(r Reading) bool { return !r.Sure })
}

// corners are those of the characters, clockwise from the top left.
func corners(strips []strip, d decode.Reading) [4]image.Point {
	used := strips[d.First:][:len(d.Lines)]
	var lines []line
	for i, s := range used {
		characters := d.Characters[i]
		l := s.line
		l.from, l.to = s.u(characters[0].From), s.u(characters[len(characters)-1].To)
		lines = append(lines, l)
	}
	return quadOf(lines)
}

// quadOf are the corners of lines below each other, from where the first of them begins to where the last of them ends.
func quadOf(lines []line) [4]image.Point {
	first, last := lines[0], lines[len(lines)-1]
	least, most := math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		least, most = min(least, l.at(l.from, 0).dot(first.along)), max(most, l.at(l.to, 0).dot(first.along))
	}
	corner := func(l line, along, below float64) image.Point {
		return l.at((along-l.middle.dot(first.along))/l.half, below).point()
	}
	return [4]image.Point{corner(first, least, -0.5), corner(first, most, -0.5), corner(last, most, 0.5), corner(last, least, 0.5)}
}
