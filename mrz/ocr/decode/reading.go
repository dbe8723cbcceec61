package decode

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// reading tells the likeliest text, which several candidates may give.
func (d *decoder) reading(candidates []candidate) Reading {
	share(candidates)
	best, confidence := candidates[0], 0.0
	for _, c := range candidates {
		if p := c.probability(candidates); p > confidence {
			best, confidence = c, p
		}
	}
	zone := best.mixed(candidates)
	r := Reading{Format: best.format, First: best.first, Fit: best.fit, Confidence: min(1, confidence)}
	for row, text := range best.text {
		r.Lines = append(r.Lines, string(text))
		r.Characters = append(r.Characters, characters(text, zone[row]))
		r.Corrections = append(r.Corrections, best.corrections(row, d.scanner.plain(best.first+row, len(text)).places)...)
	}
	r.Sure = r.Confidence >= sureConfidence && r.Fit >= sureFit && !slices.ContainsFunc(r.Corrections, Correction.denied)
	return r
}

// alike are characters that OCR-B hardly tells apart: where one stands, the place tells which.
var alike = [...]string{"0O", "1I"}

// denied tells whether the picture is clear and shows something else than what was taken: that is then not what stands there.
func (c Correction) denied() bool {
	seen := c.Alternatives[0].Confidence
	if seen < clearlySeen || slices.ContainsFunc(alike[:], func(a string) bool { return strings.IndexByte(a, c.Seen) >= 0 && strings.IndexByte(a, c.Taken) >= 0 }) {
		return false
	}
	return !slices.ContainsFunc(c.Alternatives, func(a Alternative) bool { return a.Symbol == c.Taken })
}

// share sets how probable each candidate is among all.
func share(all []candidate) {
	var sum float64
	for i := range all {
		all[i].share = math.Exp(all[i].evidence - all[0].evidence)
		sum += all[i].share
	}
	for i := range all {
		all[i].share /= sum
	}
}

// alike tells whether two candidates are about the same lines and shape.
func (c *candidate) alike(o *candidate) bool { return c.format == o.format && c.first == o.first }

// probability is that of the candidate's text, by whichever candidate.
func (c *candidate) probability(all []candidate) float64 {
	var sum float64
	for i := range all {
		if o := &all[i]; c.alike(o) {
			sum += o.share * o.says(c.text)
		}
	}
	return sum
}

// says is the probability of a text by one candidate.
func (c *candidate) says(text [][]byte) float64 {
	p := 1.0
	for row, line := range text {
		for column, symbol := range line {
			p *= c.zone[row][column].p[strings.IndexByte(Alphabet, symbol)]
		}
	}
	return p
}

// mixed are the places as all candidates of the same lines and shape say them. The probabilities of a place sum to less
// than 1 where other candidates say something of the lines.
func (c *candidate) mixed(all []candidate) [][]place {
	var out [][]place
	for row, line := range c.zone {
		out = append(out, slices.Clone(line))
		for column := range line {
			p := &out[row][column].p
			clear(p[:])
			for i := range all {
				if o := &all[i]; c.alike(o) {
					for k := range p {
						p[k] += o.share * o.zone[row][column].p[k]
					}
				}
			}
		}
	}
	return out
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

func characters(text []byte, places []place) []Character {
	out := make([]Character, len(places))
	for i, symbol := range text {
		k := strings.IndexByte(Alphabet, symbol)
		out[i] = Character{Symbol: symbol, Confidence: min(1, places[i].p[k]), Alternatives: places[i].alternatives(symbol)}
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
