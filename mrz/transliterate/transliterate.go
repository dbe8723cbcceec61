// Package transliterate writes names in national characters as a machine-readable zone does, and finds the names that a
// zone may stand for: Latin, Cyrillic and Arabic letters by ICAO Doc 9303 part 3, section 6 and appendix B.
//
// Where the standard recommends several forms of a letter (Ü is UE, UXX or U), the first one is the rule and the others
// are accepted. Some letters are written in another way in some languages; the language comes as a tag, language.Und where
// it is not known. The way back is ambiguous by nature, so it gives candidates.
package transliterate

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Zone writes a name with the letters A to Z, each letter in the form that the standard recommends first. Spaces and
// punctuation stay for mrz.Compose to treat, and so do characters that the standard has no form for.
func Zone(name string, lang language.Tag) string {
	var b strings.Builder
	for _, u := range unitsOf(name, lang) {
		b.WriteString(u[0])
	}
	return b.String()
}

// Forms gives every form of a name that the standard accepts, the first one as Zone does. There are as many as the
// product of its letters' forms, so take no more than are needed.
func Forms(name string, lang language.Tag) iter.Seq[string] {
	units := unitsOf(name, lang)
	return func(yield func(string) bool) { spread(units, "", yield) }
}

func spread(units []unit, before string, yield func(string) bool) bool {
	if len(units) == 0 {
		return yield(before)
	}
	for _, form := range units[0] {
		if !spread(units[1:], before+form, yield) {
			return false
		}
	}
	return true
}

// Matches reports whether the text of a zone, fillers or spaces between its words, is one of the forms of a name.
func Matches(zone, name string, lang language.Tag) bool {
	zone = strings.ReplaceAll(zone, "<", " ")
	reached := map[int]bool{0: true}
	for _, u := range unitsOf(name, lang) {
		next := map[int]bool{}
		for at := range reached {
			for _, form := range u {
				if strings.HasPrefix(zone[at:], form) {
					next[at+len(form)] = true
				}
			}
		}
		reached = next
	}
	return reached[len(zone)]
}

// longest bounds the text that Names restores, in characters: a line of a zone has no more.
const longest = 44

// Names gives names in a language's own script that the text of a zone may stand for, the most literal first; none where
// the text is longer than a zone's line. There may be very many: take no more than are needed.
func Names(zone string, lang language.Tag) iter.Seq[string] {
	zone = strings.ReplaceAll(zone, "<", " ")
	return func(yield func(string) bool) {
		if len(zone) > longest {
			return
		}
		r := restorer{zone: zone, letters: lettersOf(lang)}
		r.findEnds()
		if r.ends[0] {
			r.restore(0, "", yield)
		}
	}
}

// A restorer goes through every way of taking a text apart into letters.
type restorer struct {
	zone    string
	letters []letter
	ends    []bool // the rest of zone from here can be taken apart: without it, dead ends cost exponential time
}

func (r *restorer) findEnds() {
	r.ends = make([]bool, len(r.zone)+1)
	r.ends[len(r.zone)] = true
	for at := len(r.zone) - 1; at >= 0; at-- {
		r.ends[at] = r.isOther(at) && r.ends[at+1]
		for _, l := range r.letters {
			r.ends[at] = r.ends[at] || r.stands(l, at) && r.ends[at+len(l.form)]
		}
	}
}

// stands reports whether the zone has a letter's form there, with nothing behind it that the letter cannot have.
func (r *restorer) stands(l letter, at int) bool {
	rest, found := strings.CutPrefix(r.zone[at:], l.form)
	next, _ := utf8.DecodeRuneInString(rest)
	return found && (l.where != final || rest == "" || parts(next))
}

// isOther reports whether a character is none of the letters, so that it stays as it is.
func (r *restorer) isOther(at int) bool { return r.zone[at] < 'A' || r.zone[at] > 'Z' }

func (r *restorer) restore(at int, before string, yield func(string) bool) bool {
	if at == len(r.zone) {
		return yield(before)
	}
	for _, l := range r.letters {
		if !r.stands(l, at) || !r.ends[at+len(l.form)] || !l.canFollow(before) {
			continue
		}
		if !r.restore(at+len(l.form), before+l.national, yield) {
			return false
		}
	}
	if r.isOther(at) {
		return r.restore(at+1, before+r.zone[at:at+1], yield)
	}
	return true
}

// A unit is the forms that one character of a name may take, at least one.
type unit []string

// unitsOf takes a name apart into the forms of its characters.
func unitsOf(name string, lang language.Tag) []unit {
	runes := []rune(strings.ToUpper(norm.NFC.String(name)))
	var units []unit
	for i, r := range runes {
		if r == shadda && i > 0 {
			units = append(units, doubled(units[i-1]))
			continue
		}
		units = append(units, forms(r, placeOf(runes, i), lang))
	}
	return units
}

// place says where in a component of a name a letter stands.
type place struct{ first, last bool }

func placeOf(name []rune, i int) place {
	end := i + 1
	for end < len(name) && unicode.Is(unicode.Mn, name[end]) {
		end++
	}
	return place{first: i == 0 || parts(name[i-1]), last: end == len(name) || parts(name[end])}
}

// parts reports whether a character parts the components of a name (Doc 9303-3, 4.6).
func parts(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == ',' }

func forms(r rune, at place, lang language.Tag) unit {
	if u, ok := cyrillicForms(r, at, lang); ok {
		return u
	}
	if u, ok := arabicForms(r, at); ok {
		return u
	}
	return latinForms(r)
}

// A letter is one national letter, with its shadda if it has one, and one of its forms.
type letter struct {
	national string
	form     string
	where    position // in a component of a name, it has this form only there
}

type position int

const (
	anywhere position = iota
	initial
	within
	final
)

// canFollow reports whether the letter can stand behind what was restored before.
func (l letter) canFollow(before string) bool {
	previous, _ := utf8.DecodeLastRuneInString(before)
	begins := before == "" || parts(previous)
	return l.where == anywhere || l.where == final || begins == (l.where == initial)
}

// lettersOf are the letters of a language's script, those with longer forms first; in Latin script A to Z stand first.
func lettersOf(lang language.Tag) []letter {
	script, _ := lang.Script()
	var letters []letter
	switch script.String() {
	case "Cyrl":
		letters = cyrillicLetters(lang)
	case "Arab":
		letters = arabicLetters()
	default:
		return latinLetters()
	}
	slices.SortStableFunc(letters, func(a, b letter) int { return len(b.form) - len(a.form) })
	return letters
}
