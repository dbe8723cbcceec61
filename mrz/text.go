package mrz

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// A spelling is another way in which programs write what stands in a zone: what they write cannot stand there itself.
type spelling struct {
	written  *regexp.Regexp
	undo     func(string) string
	standard string // what is meant
}

// spellings are undone in this order.
var spellings = []spelling{
	{regexp.MustCompile(`[\p{Cf}\x{34F}\x{FE00}-\x{FE0F}]+`), always(""), "nothing"},                            // what is not seen: marks of direction, joiners, soft hyphens
	{regexp.MustCompile(`</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>|<!\[CDATA\[|\]\]>`), always("\n"), "a new line"},   // HTML, XML
	{regexp.MustCompile(`[！-～]`), width.Narrow.String, "the ordinary character"},                                // an input method of East Asia, set to wide letters
	{regexp.MustCompile(`(?i)&(?:amp;)*(?:lt;?|#0*60;|#x0*3c;)|\\u003c|\\x3c|%3c|[‹˂ᐸ〈⟨〈﹤]`), always("<"), "<"}, // HTML, programs, addresses, print
	{regexp.MustCompile(`[«≪《⟪]`), always("<<"), "<<"},                                                          // two fillers as a word processor corrects them
	{regexp.MustCompile(`(?:\\[rn])+|(?i:%0[ad])+`), always("\n"), "a new line"},                                // programs, addresses
}

func always(text string) func(string) string { return func(string) string { return text } }

// FromText undoes what programs do to the lines of a zone that is passed on as text, and tells it: fillers that are written as
// in HTML (&lt;), JSON (\u003c), addresses (%3C) or print, wide letters, characters that are not seen, tags, lines that stand in
// one or are broken elsewhere, where the number of characters leaves no doubt, and other text around the only lines that can be a
// zone: names of fields, quotation marks, brackets. It does not look whether the zone is valid. Lines in which there is nothing of
// it come back as they are.
func FromText(lines []string) (out []string, deviations []Deviation) {
	out = lines
	for _, s := range spellings {
		text := strings.Join(out, "\n")
		at := s.written.FindStringIndex(text)
		if at == nil {
			continue
		}
		deviations = append(deviations, textDeviation(text[:at[0]], brief(text[at[0]:at[1]]), s.standard))
		out = strings.Fields(s.written.ReplaceAllStringFunc(text, s.undo))
	}
	if divided := divide(out); divided != nil {
		return divided, append(deviations, textDeviation("", count(out), count(divided)))
	}
	if zone, before := among(out); zone != nil {
		return zone, append(deviations, textDeviation(before, count(out), count(zone)))
	}
	return out, deviations
}

// textDeviation tells what stands in a text behind another.
func textDeviation(before, found, standard string) Deviation {
	line := before[strings.LastIndex(before, "\n")+1:]
	return Deviation{
		ID: "text", Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(line) + 1, Found: found,
		Taken: standard, Standard: standard,
	}
}

// brief is the beginning of a text, in one line.
func brief(text string) string {
	const most = 20
	text = strings.ReplaceAll(text, "\n", " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// zoneText is what consists of a zone's characters.
var zoneText = regexp.MustCompile(`[A-Z0-9<]+`)

// among finds the lines of a zone amid other text, and what stands before them: the only ones of the lengths of official documents
// and visas, one below the other or run together.
func among(lines []string) (zone []string, before string) {
	text, start := strings.Join(lines, "\n"), 0
	for _, at := range zoneText.FindAllStringIndex(text, -1) {
		switch at[1] - at[0] {
		case 30, 36, 44, 72, 88, 90:
			if zone == nil {
				start = at[0]
			}
			zone = append(zone, text[at[0]:at[1]])
		}
	}
	if divided := divide(zone); divided != nil {
		zone = divided
	}
	if len(zone) < 2 || slices.Equal(zone, lines) || !strings.Contains(strings.Join(zone, ""), "<<") || !slices.ContainsFunc(layouts, func(l *layout) bool { return l.fits(zone) }) {
		return nil, ""
	}
	return zone, text[:start]
}

// divide gives the lines of the only shape that has as many characters as all lines together; nil where they have a shape
// already, or there is none. Of several lines, which may be the words of other text, it wants that nothing stands there but
// what a zone has.
func divide(lines []string) (out []string) {
	text, has := []rune(strings.Join(lines, "")), lengths(lines)
	if joined := string(text); len(lines) > 1 && (!strings.Contains(joined, "<<") || of(joined)&^alphanumeric != 0) {
		return nil
	}
	var shape []int
	for _, l := range layouts {
		total := 0
		for _, n := range l.lengths {
			total += n
		}
		switch {
		case slices.Equal(l.lengths, has):
			return nil
		case total == len(text) && len(l.lengths) > 1 && !slices.ContainsFunc(has, func(n int) bool { return !l.mayBe(n) }):
			shape = l.lengths
		}
	}
	for _, n := range shape {
		out, text = append(out, string(text[:n])), text[n:]
	}
	return out
}

// mayBe tells whether so many characters may be a line, or a piece of one, of this shape rather than one of another: where there
// are check digits they will tell.
func (l *layout) mayBe(length int) bool {
	return len(l.digits) > 0 || slices.Contains(l.lengths, length) ||
		!slices.ContainsFunc(layouts, func(o *layout) bool { return len(o.lengths) > 1 && slices.Contains(o.lengths, length) })
}

// lengths are the numbers of characters in lines.
func lengths(lines []string) (out []int) {
	for _, l := range lines {
		out = append(out, utf8.RuneCountInString(l))
	}
	return out
}

// count tells how many characters lines have: "44, 44 characters".
func count(lines []string) string {
	const most = 6
	all, more := lengths(lines), ""
	if len(all) > most {
		all, more = all[:most], ", …"
	}
	return "lines of " + strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ", "), "[]") + more + " characters"
}
