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
	{regexp.MustCompile(`[！-～]`), width.Narrow.String, "the ordinary character"},                  // an input method of East Asia, set to wide letters
	{regexp.MustCompile(`(?i)&(?:amp;)*(?:lt;?|#0*60;|#x0*3c;)|\\u003c|%3c|‹`), always("<"), "<"}, // HTML, JSON, addresses, print
	{regexp.MustCompile(`«`), always("<<"), "<<"},                                                 // two fillers as a word processor corrects them
	{regexp.MustCompile(`\\[rn]|<br/?>`), always("\n"), "a new line"},                             // JSON and HTML
}

func always(text string) func(string) string { return func(string) string { return text } }

// FromText undoes what programs do to the lines of a zone that is passed on as text, and tells it: fillers that are written as
// in HTML (&lt;), JSON (\u003c), addresses (%3C) or print, wide letters, and lines that stand in one or are broken elsewhere,
// where the number of characters leaves no doubt. It does not look whether the zone is valid. Lines in which there is nothing
// of it come back as they are.
func FromText(lines []string) (out []string, deviations []Deviation) {
	out = lines
	for _, s := range spellings {
		for i, line := range out {
			at := s.written.FindStringIndex(line)
			if at == nil {
				continue
			}
			deviations = append(deviations, Deviation{
				ID: "text", Line: i + 1, Column: utf8.RuneCountInString(line[:at[0]]) + 1, Found: line[at[0]:at[1]],
				Taken: s.standard, Standard: s.standard,
			})
			out = strings.Fields(s.written.ReplaceAllStringFunc(strings.Join(out, "\n"), s.undo))
			break
		}
	}
	if divided := divide(out); divided != nil {
		deviations = append(deviations, Deviation{ID: "text", Line: 1, Column: 1, Found: count(out), Taken: count(divided), Standard: count(divided)})
		out = divided
	}
	return out, deviations
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
		case total == len(text) && len(l.lengths) > 1:
			shape = l.lengths
		}
	}
	for _, n := range shape {
		out, text = append(out, string(text[:n])), text[n:]
	}
	return out
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
