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
	// is empty. Beside a zone that is not sure it may be Unclear or CutOff.
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
	// Letter is the height in pixels of a capital letter, also where lines were found that could not be read: 20 or more read
	// well, fewer than 7 rarely.
	Letter float64
	// Quad are the corners of the zone's characters in the picture, clockwise from the top left as a reader sees it.
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

// gathered puts readings together, the best first: of one place the best, and no reason why nothing was found but where that is
// all there is.
func gathered(readings, more []Reading) []Reading {
	for _, r := range more {
		i := slices.IndexFunc(readings, func(o Reading) bool { return !r.Found || !o.Found || r.overlaps(o) })
		switch {
		case i < 0:
			readings = append(readings, r)
		case r.beats(readings[i]):
			readings[i] = r
		}
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

// overlaps tells whether two zones stand in one place.
func (r Reading) overlaps(other Reading) bool { return box(r.Quad).Overlaps(box(other.Quad)) }

func box(quad [4]image.Point) image.Rectangle {
	b := image.Rectangle{Min: quad[0], Max: quad[0].Add(image.Pt(1, 1))}
	for _, p := range quad[1:] {
		b = b.Union(image.Rectangle{Min: p, Max: p.Add(image.Pt(1, 1))})
	}
	return b
}

// sure tells whether all readings are.
func sure(readings []Reading) bool {
	return !slices.ContainsFunc(readings, func(r Reading) bool { return !r.Sure })
}

// corners are those of the characters, clockwise from the top left.
func corners(strips []strip, d decode.Reading) [4]image.Point {
	used := strips[d.First:][:len(d.Lines)]
	along := used[0].line.along
	least, most := math.Inf(1), math.Inf(-1)
	for i, s := range used {
		characters := d.Characters[i]
		from := s.line.at(s.u(characters[0].From), 0).dot(along)
		to := s.line.at(s.u(characters[len(characters)-1].To), 0).dot(along)
		least, most = min(least, from), max(most, to)
	}
	first, last := used[0].line, used[len(used)-1].line
	corner := func(l line, along, below float64) image.Point {
		p := l.at((along-l.middle.dot(used[0].line.along))/l.half, below)
		return image.Pt(int(math.Round(p.x)), int(math.Round(p.y)))
	}
	return [4]image.Point{corner(first, least, -0.5), corner(first, most, -0.5), corner(last, most, 0.5), corner(last, least, 0.5)}
}
