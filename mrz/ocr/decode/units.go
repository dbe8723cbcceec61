package decode

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// A unit is a run of places that are weighed as a whole: a single character, a date, the code of a state.
type unit struct {
	mrz.Range
	options []option
}

// An option is one text that may stand in a unit, as indexes in Alphabet.
type option struct {
	text [longestUnit]uint8
	p    float64
}

const (
	longestUnit  = 6    // a date
	mostOptions  = 128  // that a unit keeps
	leastOptions = 1e-7 // the share of the likeliest option's probability below which the others are left out
)

// A rule is what is known of the text of a unit: how much likelier it is than arbitrary characters that are allowed there.
type rule struct {
	mrz.Range
	weigh func(text string) float64
	most  float64 // that weigh gives
}

// rules are those of a format's dates and states.
func rules(format mrz.Format, day time.Time) []rule {
	var out []rule
	if format != mrz.CHDL && format != mrz.IDL { // whose codes stand elsewhere, or are half digits
		out = append(out, rule{mrz.Range{Length: 2}, weighCode, 1})
	}
	for _, field := range []string{"issuing_state", "nationality"} {
		for _, r := range format.Ranges(field) {
			out = append(out, rule{r, weighState, realState})
		}
	}
	for _, d := range format.Digits() {
		switch {
		case len(d.Over) != 1 || d.Over[0].Length != longestUnit:
		case d.ID == "birth_date":
			out = append(out, rule{d.Over[0], weighBirth, realDate})
		case d.ID == "expiry_date":
			out = append(out, rule{d.Over[0], func(text string) float64 { return weighDate(text) * weighExpiry(text, format, day) }, realDate})
		}
	}
	return out
}

// units cuts a zone into units, in reading order.
func units(zone [][]place, rules []rule) []unit {
	var out []unit
	for line := range zone {
		for column := 0; column < len(zone[line]); {
			at := mrz.Range{Line: line, From: column, Length: 1}
			var weigh func(string) float64
			for _, r := range rules {
				if r.Line == line && r.From == column {
					at, weigh = r.Range, r.weigh
				}
			}
			out = append(out, unit{at, combine(zone[line][column:column+at.Length], weigh)})
			column += at.Length
		}
	}
	return out
}

// combine gives the likeliest texts of adjoining places, weighed if there is something to weigh them by.
func combine(places []place, weigh func(string) float64) []option {
	options, best := []option{{p: 1}}, 1.0
	for i := range places {
		best *= slices.Max(places[i].p[:])
		longer := make([]option, 0, Symbols)
		for _, o := range options {
			for k, p := range places[i].p {
				if o.p*p < leastOptions*best {
					continue
				}
				next := o
				next.text[i] = uint8(k)
				next.p *= p
				longer = append(longer, next)
			}
		}
		options = likeliest(longer)
	}
	if weigh == nil {
		return options
	}
	var text [longestUnit]byte
	for i := range options {
		for j := range places {
			text[j] = Alphabet[options[i].text[j]]
		}
		options[i].p *= weigh(string(text[:len(places)]))
	}
	return options
}

func likeliest(options []option) []option {
	if len(options) <= mostOptions {
		return options
	}
	slices.SortFunc(options, func(a, b option) int { return cmp.Compare(b.p, a.p) })
	return slices.Clone(options[:mostOptions])
}

// What real texts weigh: there are about 270 codes of states, of 27 x 27 x 27 that could be (Doc 9303-3, section 5), and
// 36525 days of a million numbers.
const (
	realState = (1 - wrongState) * 27 * 27 * 27 / 270
	realDate  = (1 - wrongDate) * 1e6 / 36525
)

// weighCode prefers letters in the document code, although some States print digits.
func weighCode(code string) float64 {
	if strings.ContainsAny(code, digits) {
		return digitInCode
	}
	return 1
}

// weighState prefers the codes of states that there are.
func weighState(code string) float64 {
	if _, ok := mrz.StateName(strings.TrimRight(code, "<")); !ok {
		return wrongState
	}
	return realState
}

// weighBirth is weighDate for a birth, of which some issuers print what is not known as zeros.
func weighBirth(text string) float64 {
	if strings.HasSuffix(text, "00") && strings.Trim(text, digits) == "" && text[2:4] <= "12" {
		return 1
	}
	return weighDate(text)
}

// weighDate prefers the days that there are; unknown parts are fillers (Doc 9303-3, 4.8).
func weighDate(text string) float64 {
	for _, part := range []string{text[0:2], text[2:4], text[4:6]} {
		if part == "<<" {
			return 1
		}
	}
	// The century is not known: time takes years for those in which the 29th of February is possible.
	if _, err := time.Parse("060102", text); err != nil {
		return wrongDate
	}
	return realDate
}

// weighExpiry makes an expiry far from the day less likely; cards are issued to the old for up to sixty years, and without
// end (Zone.Deviations in package mrz).
func weighExpiry(text string, format mrz.Format, day time.Time) float64 {
	expiry, err := time.Parse("060102", text)
	if err != nil {
		return 1
	}
	longest := 20
	if format == mrz.TD1 || format == mrz.TD2 {
		longest = 60
	}
	ahead := ((expiry.Year()-day.Year())%100 + 100) % 100
	if ahead > longest && ahead < 70 {
		return oldDate
	}
	return 1
}
