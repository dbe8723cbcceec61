package decode

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// reading tells the likeliest candidate.
func (d *decoder) reading(candidates []candidate) Reading {
	best := candidates[0]
	share := best.share(candidates)
	r := Reading{Format: best.format, First: best.first, Fit: best.fit, Confidence: share}
	for row, text := range best.text {
		r.Lines = append(r.Lines, string(text))
		characters := best.characters(row, share)
		r.Characters = append(r.Characters, characters)
		for _, c := range characters {
			r.Confidence *= c.Confidence / share // which counts once, not for each character
		}
		r.Corrections = append(r.Corrections, best.corrections(row, d.scanner.plain(best.first+row, len(text)).places)...)
	}
	r.Sure = r.Confidence >= sureConfidence && r.Fit >= sureFit
	return r
}

// unclear tells whether too many of the characters are guesses.
func (r *Reading) unclear() bool {
	guessed, all := 0, 0
	for _, line := range r.Characters {
		for _, c := range line {
			all++
			if c.Confidence < guess {
				guessed++
			}
		}
	}
	return float64(guessed) > mostGuessed*float64(all)
}

// share is the probability of a candidate's text among those of all candidates.
func (c *candidate) share(all []candidate) float64 {
	var same, sum float64
	for _, o := range all {
		p := math.Exp(o.evidence - c.evidence)
		sum += p
		if slices.EqualFunc(o.text, c.text, slices.Equal[[]byte]) {
			same += p
		}
	}
	return same / sum
}

func (c *candidate) characters(row int, share float64) []Character {
	places := c.zone[row]
	out := make([]Character, len(places))
	for i, symbol := range c.text[row] {
		k := strings.IndexByte(Alphabet, symbol)
		out[i] = Character{Symbol: symbol, Confidence: share * places[i].p[k], Alternatives: places[i].alternatives(symbol)}
		out[i].From, out[i].To = places[i].from, places[i].to
	}
	return out
}

// Alternatives are told from this probability on, so many.
const (
	leastAlternative = 1e-3
	mostAlternatives = 3
)

// alternatives are the likeliest symbols of a place, but for one.
func (p *place) alternatives(without byte) []Alternative {
	var out []Alternative
	for k, confidence := range p.p {
		if confidence >= leastAlternative && Alphabet[k] != without {
			out = append(out, Alternative{Alphabet[k], confidence})
		}
	}
	slices.SortStableFunc(out, func(a, b Alternative) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return out[:min(len(out), mostAlternatives)]
}

// corrections are the characters of a line that the picture alone gives otherwise.
func (c *candidate) corrections(row int, seen []place) []Correction {
	var out []Correction
	for column, taken := range c.text[row] {
		says := seen[column].alternatives(0)
		if len(says) == 0 || says[0].Symbol == taken {
			continue
		}
		out = append(out, Correction{row, column, says[0].Symbol, taken, c.reason(row, column, says[0].Symbol), says})
	}
	return out
}

// reason tells what speaks against a symbol.
func (c *candidate) reason(row, column int, seen byte) Reason {
	switch {
	case strings.IndexByte(c.format.Allowed(row, column), seen) < 0:
		return ReasonAlphabet
	case c.covered(row, column) && value(seen)%10 != value(c.text[row][column])%10:
		return ReasonCheckDigit
	}
	return ReasonText
}

// covered tells whether a check digit covers a place, or stands there.
func (c *candidate) covered(row, column int) bool {
	for _, d := range c.digits {
		if d.At == (mrz.Place{Line: row, Column: column}) {
			return true
		}
		for _, r := range d.Over {
			if r.Line == row && column >= r.From && column < r.From+r.Length {
				return true
			}
		}
	}
	return false
}

// value is what a symbol counts in check digits (Doc 9303-3, 4.9).
func value(symbol byte) int {
	if symbol == filler {
		return 0
	}
	return strings.IndexByte(Alphabet, symbol)
}
