package appointments

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"github.com/foyer-station/foyer/mrz/transliterate"
)

// Book holds the appointments of a day.
type Book []Appointment

// Person is a visitor by what the document says: names as in the MRZ, A to Z and spaces.
type Person struct {
	Surname, GivenNames string
	BirthDate           string // YYYY-MM-DD
}

// ByNumber finds the appointment with a number, as a QR code or a visitor has it: letters large or small, spaces and hyphens
// anywhere. It is false where none or more than one has it.
func (b Book) ByNumber(number string) (Appointment, bool) {
	wanted := plain(number)
	if wanted == "" {
		return Appointment{}, false
	}
	return only(b, func(a Appointment) bool { return plain(a.Number) == wanted })
}

// ByPerson finds the appointment of a person that is nearest to a moment. Every word of the appointment's name must be one of the
// person's, by the transliterations of Doc 9303-3, and the whole family name among them; the date of birth, where the appointment has
// one, must be the same. It is false where appointments without a date of birth could be of several persons: nobody is sent to
// another's.
func (b Book) ByPerson(p Person, at time.Time) (Appointment, bool) {
	family, given := words(p.Surname), words(p.GivenNames)
	var mine []Appointment
	for _, a := range b {
		if (a.BirthDate == "" || a.BirthDate == p.BirthDate) && sameName(words(a.Name), family, given) {
			mine = append(mine, a)
		}
	}
	unsure := slices.ContainsFunc(mine, func(a Appointment) bool {
		return a.BirthDate == "" && (plain(a.Number) != plain(mine[0].Number) || a.Name != mine[0].Name)
	})
	if len(mine) == 0 || unsure {
		return Appointment{}, false
	}
	return slices.MinFunc(mine, func(a, b Appointment) int { return cmp.Compare(a.Start.Sub(at).Abs(), b.Start.Sub(at).Abs()) }), true
}

// sameName says whether a name is a person's: the whole family name, some given name if there is any, and nothing else.
func sameName(name, family, given []string) bool {
	if len(family) == 0 || len(given) > 0 && len(name) <= len(family) {
		return false
	}
	own := slices.Concat(family, given)
	for _, w := range name {
		if !slices.ContainsFunc(own, func(zone string) bool { return spells(zone, w) }) {
			return false
		}
	}
	for _, zone := range family {
		if !slices.ContainsFunc(name, func(w string) bool { return spells(zone, w) }) {
			return false
		}
	}
	return true
}

// spells says whether a zone's word is one of the spellings of a name's.
func spells(zone, word string) bool {
	return slices.ContainsFunc(transliterate.Languages(), func(l language.Tag) bool { return transliterate.Matches(zone, word, l) })
}

func only(b Book, holds func(Appointment) bool) (Appointment, bool) {
	i := slices.IndexFunc(b, holds)
	if i < 0 || slices.ContainsFunc(b[i+1:], holds) {
		return Appointment{}, false
	}
	return b[i], true
}

func words(name string) []string {
	return strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

func plain(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
