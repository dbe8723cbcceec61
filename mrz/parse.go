package mrz

import (
	"strings"
	"time"
)

// A class is the set of characters that a field allows (Doc 9303-3, 4.3).
type class string

const (
	oldLetters      class = "A-Z <"
	oldDigits       class = "0-9"
	dateDigits      class = "0-9 <" // unknown parts of a birth date are fillers (Doc 9303-3, 4.8)
	oldAlphanumeric class = "A-Z 0-9 <"
	oldSexes        class = "F M X <"
	digitFiller     class = "0-9 <"
)

func (c class) allows(r byte) bool {
	letter, digit := r >= 'A' && r <= 'Z', r >= '0' && r <= '9'
	switch c {
	case oldLetters:
		return letter || r == '<'
	case oldDigits:
		return digit
	case dateDigits:
		return digit || r == '<'
	case oldSexes:
		return r == 'F' || r == 'M' || r == 'X' || r == '<'
	default:
		return letter || digit || r == '<'
	}
}

// A oldSpan is one field's place in the zone: line and first column from 0, and its length.
type oldSpan struct {
	line, from, length int
	class              class
}

func (s oldSpan) of(lines []string) string { return lines[s.line][s.from : s.from+s.length] }

func (s oldSpan) faults(lines []string) []Fault {
	var found []Fault
	text := s.of(lines)
	for i := range len(text) {
		if !s.class.allows(text[i]) {
			found = append(found, Fault{Line: s.line + 1, Column: s.from + i + 1, Found: text[i : i+1], Allowed: string(s.class)})
		}
	}
	return found
}

// A digit is one check digit: its place, and the spans that it is computed over.
type oldDigit struct {
	id       string
	at       oldSpan
	over     []oldSpan
	optional bool // a filler may stand for it where the spans are all fillers (Doc 9303-4, 4.2.2)
}

// A oldLayout is the geometry of a format.
type oldLayout struct {
	format         Format
	lines, columns int

	code, state, names, number, nationality, birth, sex, expiry oldSpan
	numberRest                                                  oldSpan // what a long document number has beyond number
	optional                                                    []oldSpan
	spans                                                       []oldSpan
	digits                                                      []oldDigit
}

// oldTD3 is the zone of a passport, Doc 9303-4, 4.2.
var oldTD3 = func() oldLayout {
	l := oldLayout{
		format: TD3, lines: 2, columns: 44,
		code: oldSpan{0, 0, 2, oldLetters}, state: oldSpan{0, 2, 3, oldLetters}, names: oldSpan{0, 5, 39, oldLetters},
		number: oldSpan{1, 0, 9, oldAlphanumeric}, nationality: oldSpan{1, 10, 3, oldLetters}, birth: oldSpan{1, 13, 6, dateDigits},
		sex: oldSpan{1, 20, 1, oldSexes}, expiry: oldSpan{1, 21, 6, dateDigits}, optional: []oldSpan{{1, 28, 14, oldAlphanumeric}},
	}
	l.digits = []oldDigit{
		{id: "document_number", at: oldSpan{1, 9, 1, oldDigits}, over: []oldSpan{l.number}},
		{id: "birth_date", at: oldSpan{1, 19, 1, oldDigits}, over: []oldSpan{l.birth}},
		{id: "expiry_date", at: oldSpan{1, 27, 1, oldDigits}, over: []oldSpan{l.expiry}},
		{id: "optional_data", at: oldSpan{1, 42, 1, digitFiller}, over: l.optional, optional: true},
		{id: "composite", at: oldSpan{1, 43, 1, oldDigits}, over: []oldSpan{{1, 0, 10, oldAlphanumeric}, {1, 13, 7, oldAlphanumeric}, {1, 21, 22, oldAlphanumeric}}},
	}
	return l.withSpans()
}()

// oldTD1 is the zone of a card, Doc 9303-5, 4.2.
var oldTD1 = func() oldLayout {
	l := oldLayout{
		format: TD1, lines: 3, columns: 30,
		code: oldSpan{0, 0, 2, oldLetters}, state: oldSpan{0, 2, 3, oldLetters}, number: oldSpan{0, 5, 9, oldAlphanumeric},
		birth: oldSpan{1, 0, 6, dateDigits}, sex: oldSpan{1, 7, 1, oldSexes}, expiry: oldSpan{1, 8, 6, dateDigits},
		nationality: oldSpan{1, 15, 3, oldLetters}, names: oldSpan{2, 0, 30, oldLetters},
		optional: []oldSpan{{0, 15, 15, oldAlphanumeric}, {1, 18, 11, oldAlphanumeric}},
	}
	l.digits = []oldDigit{
		{id: "document_number", at: oldSpan{0, 14, 1, oldDigits}, over: []oldSpan{l.number}},
		{id: "birth_date", at: oldSpan{1, 6, 1, oldDigits}, over: []oldSpan{l.birth}},
		{id: "expiry_date", at: oldSpan{1, 14, 1, oldDigits}, over: []oldSpan{l.expiry}},
		{id: "composite", at: oldSpan{1, 29, 1, oldDigits}, over: []oldSpan{{0, 5, 25, oldAlphanumeric}, {1, 0, 7, oldAlphanumeric}, {1, 8, 7, oldAlphanumeric}, {1, 18, 11, oldAlphanumeric}}},
	}
	return l.withSpans()
}()

func (l oldLayout) withSpans() oldLayout {
	l.spans = append([]oldSpan{l.code, l.state, l.names, l.number, l.numberRest, l.nationality, l.birth, l.sex, l.expiry}, l.optional...)
	for _, d := range l.digits {
		l.spans = append(l.spans, d.at)
	}
	return l
}

// withLongNumber is the oldLayout that the lines themselves ask for: on a TD1 card with a filler for the document number's
// check digit, the number goes on in the optional data, and its check digit and another filler follow there (Doc 9303-5,
// 4.2.2).
func (l oldLayout) withLongNumber(lines []string) oldLayout {
	first, own := l.optional[0], l.digits[0]
	text, _, ended := strings.Cut(first.of(lines), "<")
	n := len(text)
	if l.format != TD1 || own.at.of(lines) != "<" || !ended || n < 2 {
		return l
	}
	l.numberRest = oldSpan{first.line, first.from, n - 1, oldAlphanumeric}
	own.at = oldSpan{first.line, first.from + n - 1, 1, oldDigits}
	own.over = []oldSpan{l.number, l.numberRest}
	l.digits = append([]oldDigit{own}, l.digits[1:]...)
	l.optional = append([]oldSpan{{first.line, first.from + n + 1, first.length - n - 1, oldAlphanumeric}}, l.optional[1:]...)
	return l.withSpans()
}

func (l oldLayout) fields(lines []string, day time.Time) Fields {
	surname, given := splitNames(l.names.of(lines))
	var optional []string
	for _, s := range l.optional {
		if t := spaced(s.of(lines)); t != "" {
			optional = append(optional, t)
		}
	}
	return Fields{
		DocumentCode:   spaced(l.code.of(lines)),
		IssuingState:   spaced(l.state.of(lines)),
		Surname:        surname,
		GivenNames:     given,
		DocumentNumber: strings.TrimRight(l.number.of(lines)+l.numberRest.of(lines), "<"),
		Nationality:    spaced(l.nationality.of(lines)),
		BirthDate:      expandDate(l.birth.of(lines), bornBy(day)),
		Sex:            spaced(l.sex.of(lines)),
		ExpiryDate:     expandDate(l.expiry.of(lines), expiresAround(day)),
		OptionalData:   strings.Join(optional, " "),
	}
}

func (l oldLayout) checks(lines []string) []Check {
	out := make([]Check, 0, len(l.digits))
	for _, d := range l.digits {
		out = append(out, d.check(lines))
	}
	return out
}

func (d oldDigit) check(lines []string) Check {
	var sum checkSum
	filled := false
	for _, s := range d.over {
		text := s.of(lines)
		filled = filled || strings.Trim(text, "<") != ""
		if !sum.add(text) {
			return Check{d.id, Undetermined, "a character in it has no value"}
		}
	}
	found := d.at.of(lines)[0]
	switch {
	case found == '<' && d.optional && !filled:
		return Check{d.id, NotSupported, "the field is not used"}
	case found != sum.digit():
		return Check{d.id, Failed, "the check digit does not agree"}
	}
	return Check{d.id, Passed, ""}
}

// splitNames parts primary and secondary identifiers at the first double filler (Doc 9303-3, 4.6).
func splitNames(field string) (surname, given string) {
	primary, secondary, _ := strings.Cut(strings.TrimRight(field, "<"), "<<")
	return spaced(primary), spaced(secondary)
}

// spaced turns fillers into single spaces between words.
func spaced(field string) string {
	return strings.Join(strings.FieldsFunc(field, func(r rune) bool { return r == '<' }), " ")
}
