package ocr

import (
	"image"
	"math"
	"slices"

	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// What of a line is hidden: each of a zone's places has ink, fillers too, and OCR-B leaves no more than half of one between two
// characters. Where more is plain, something lies on it, and what is read there has been guessed so that check digits agree.
const (
	mostPlain = 1.1  // of the pitch; genuine pages, good and bad, have 0.85, and one character that is hidden leaves 1.25
	plainInk  = 0.25 // of the contrast of the line's columns
	leastInk  = 0.3  // of the line's median contrast, inside a character; genuine pages have 0.38, a slip's middle 0.1
)

// hidden tells whether something plain lies on a part of the lines of a zone, or a character was taken of which nothing is seen.
func (t transcript) hidden(d decode.Reading) bool {
	lines := t.mean()
	for row, characters := range d.Characters {
		s := t.strips[d.First+row]
		if s.plain(characters) > mostPlain || s.faintest(characters) < leastInk || unseen(lines[d.First+row], characters) {
			return true
		}
	}
	return false
}

// unseen tells whether a letter or digit was taken where the recogniser alone sees no character begin that is not its neighbour's:
// one that is hidden at the beginning of a line has been found in half of the next, for the check digits' sake.
func unseen(line decode.Line, characters []decode.Character) bool {
	const early = 1 // frames
	i := 0
	for frame := range line.Path() {
		at := float64(frame)
		for i < len(characters) && characters[i].To <= at { // nothing began in it
			if characters[i].Symbol != '<' {
				return true
			}
			i++
		}
		if i < len(characters) && at >= characters[i].From-early {
			i++
		}
	}
	return slices.ContainsFunc(characters[min(i, len(characters)):], func(c decode.Character) bool { return c.Symbol != '<' })
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

// faintest is the least contrast that a character has, of the line's median: inside, so that the edges of what lies on it are no ink.
func (s strip) faintest(characters []decode.Character) float64 {
	const top, bottom = stripHeight/2 - 6, stripHeight/2 + 6
	pitch := (characters[len(characters)-1].To - characters[0].From) * stripStep / float64(len(characters))
	var contrasts []float64
	for _, c := range characters {
		middle := (c.From + c.To) / 2 * stripStep
		contrasts = append(contrasts, s.deviation(image.Rect(int(middle-0.3*pitch), top, int(middle+0.3*pitch)+1, bottom)))
	}
	slices.Sort(contrasts)
	return contrasts[0] / max(contrasts[len(contrasts)/2], math.SmallestNonzeroFloat64)
}

// inkAt is the deviation of brightness in a column where capital letters stand.
func (s strip) inkAt(x int) float64 {
	const tall = 18 // of stripTall
	const top = (stripHeight - tall) / 2
	return s.deviation(image.Rect(x, top, x+1, top+tall))
}

// deviation is the standard deviation of brightness in a part of the strip, noise evened out; 0 outside it.
func (s strip) deviation(part image.Rectangle) float64 {
	part = part.Intersect(image.Rect(1, 1, s.width-1, stripHeight-1))
	var n, sum, squares float64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			v := s.evened(x, y)
			n, sum, squares = n+1, sum+v, squares+v*v
		}
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(max(0, squares/n-sum*sum/n/n))
}

// evened is the mean brightness of a pixel and those around it.
func (s strip) evened(x, y int) (mean float64) {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			mean += float64(s.values[(y+dy)*s.width+x+dx]) / 9
		}
	}
	return mean
}
