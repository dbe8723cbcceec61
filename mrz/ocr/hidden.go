package ocr

import (
	"math"
	"slices"

	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// What of a line is hidden: each of a zone's places has ink, fillers too, and OCR-B leaves no more than half of one between two
// characters. Where more is plain, something lies on it, and what is read there has been guessed so that check digits agree.
const (
	mostPlain = 1.1  // of the pitch; genuine pages, good and bad, have 0.85, and one character that is hidden leaves 1.25
	plainInk  = 0.25 // of the contrast of the line's columns
)

// hidden tells whether something plain lies on a part of the lines of a zone.
func (t transcript) hidden(d decode.Reading) bool {
	for row, characters := range d.Characters {
		if s := t.strips[d.First+row]; s.plain(characters) > mostPlain {
			return true
		}
	}
	return false
}

// plain is the longest part of a line without ink, in its pitch.
func (s strip) plain(characters []decode.Character) float64 {
	from, to := characters[0].From*stripStep, characters[len(characters)-1].To*stripStep
	pitch := (to - from) / float64(len(characters))
	first, last := max(1, int(from)), min(s.width-2, int(to))
	if pitch <= 0 || last-first < int(pitch) {
		return 0
	}
	var contrasts []float64
	for x := first; x <= last; x++ {
		contrasts = append(contrasts, s.inkAt(x))
	}
	sorted := slices.Sorted(slices.Values(contrasts))
	least := plainInk * sorted[len(sorted)*3/4]
	longest, run := 0, 0
	for _, c := range contrasts {
		if run++; c >= least {
			run = 0
		}
		longest = max(longest, run)
	}
	return float64(longest) / pitch
}

// inkAt is the deviation of brightness along a column where capital letters stand, noise evened out.
func (s strip) inkAt(x int) float64 {
	const tall = 18 // of stripTall
	const top = (stripHeight - tall) / 2
	var n, sum, squares float64
	for y := top; y < top+tall; y++ {
		var v float64
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				v += float64(s.values[(y+dy)*s.width+x+dx]) / 9
			}
		}
		n, sum, squares = n+1, sum+v, squares+v*v
	}
	return math.Sqrt(max(0, squares/n-sum*sum/n/n))
}
