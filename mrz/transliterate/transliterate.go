// Package transliterate writes names in national characters as an MRZ does: Latin, Cyrillic and Arabic letters by ICAO Doc 9303
// part 3, section 6 and appendix B.
//
// To compare a name with an MRZ use [Matches], in each of [Languages] where the language is not known; [Zone] gives the spelling to
// show or to compose. That a name does not match proves nothing: many States spell Arabic, and some Cyrillic, by tables of their own.
//
// Where the standard recommends several forms of a letter (Ü is UE, UXX or U), the first one is the rule and the others
// are accepted. Some letters are written in another way in some languages; the language comes as a tag, language.Und where
// it is not known.
package transliterate

import (
	"maps"
	"slices"
	"strings"
	"unicode"

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

// Matches reports whether the text of a zone, fillers or spaces between its words, is one of the forms of a name. Where words part
// is not compared, nor is punctuation, which a zone leaves out or writes as a filler (Doc 9303-3, 4.6).
func Matches(zone, name string, lang language.Tag) bool {
	zone = strings.NewReplacer("<", "", " ", "").Replace(zone)
	reached := map[int]bool{0: true}
	for _, u := range unitsOf(name, lang) {
		next := map[int]bool{}
		for at := range reached {
			for _, form := range u {
				if form = letters(form); strings.HasPrefix(zone[at:], form) {
					next[at+len(form)] = true
				}
			}
		}
		reached = next
	}
	return reached[len(zone)]
}

// letters is a form without what is no letter; of a character that has no form, it is the character.
func letters(form string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || r == '\u00B4' || r == '`' { // two marks that stand for an apostrophe
			return -1
		}
		return r
	}, form)
}

// Languages are those in which the same letters are written differently, the one first that stands for all others.
func Languages() []language.Tag {
	tags := []language.Tag{language.Und}
	for _, base := range slices.Sorted(maps.Keys(cyrillicExceptions)) {
		tags = append(tags, language.Make(base))
	}
	return tags
}

// LanguageOf is the language most likely in the State of an ISO 3166-1 alpha-3 code (by the Unicode CLDR); language.Und where the code is
// none.
func LanguageOf(state string) language.Tag {
	region, err := language.ParseRegion(state)
	if err != nil {
		return language.Und
	}
	tag, err := language.Compose(region)
	if err != nil {
		return language.Und
	}
	base, _ := tag.Base()
	return language.Make(base.String())
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
