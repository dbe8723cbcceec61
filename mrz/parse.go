package mrz

import (
	"fmt"
	"strings"
	"time"
)

// Parse reads a zone. The day, taken in its own location, resolves two-digit years: a birth lies on or before it, an
// expiry at most 20 years after it and less than 80 before. A card (TD1, TD2) may be issued to the old for longer, and expires
// at most 60 years after the day, or in 9999 where it is valid without end; where even the century cannot be told, its year is
// ??99. The error is ErrFormat when the number or the length of the lines fits no format; anything else that is wrong is told
// by Checks, Faults and Results.
func Parse(lines []string, day time.Time) (z Zone, err error) {
	l := layoutOf(lines)
	if l == nil {
		return z, fmt.Errorf("%w: %s", ErrFormat, shape(lines))
	}
	z.Format, z.layout = l.format, l
	copy(z.lines[:], lines)
	z.rest = z.longNumber()
	z.read(day)
	z.valid = z.sound()
	return z, nil
}

// shape tells the lengths of lines, not what stands in them.
func shape(lines []string) string {
	if len(lines) == 0 || len(lines) > maxLines {
		return fmt.Sprintf("%d lines", len(lines))
	}
	lengths := make([]string, len(lines))
	for i, l := range lines {
		lengths[i] = fmt.Sprint(len(l))
	}
	return "lines of " + strings.Join(lengths, ", ") + " characters"
}

// layoutOf tells a zone's layout by its lines' lengths and by the leading characters where two formats are equally long.
func layoutOf(lines []string) *layout {
	for _, l := range layouts {
		if !l.fits(lines) {
			continue
		}
		switch visa := lines[0][0] == 'V'; {
		case l == td3 && visa:
			return mrva
		case l == td2 && visa:
			return mrvb
		case l == td2 && strings.HasPrefix(lines[0], "IDFRA"):
			return frid
		case l == idl && lines[0][0] != 'D':
			return nil
		}
		return l.of(lines[0][:2], lines[0][2:5])
	}
	return nil
}

// of is the layout as a State fills it that deviates from the plain one.
func (l *layout) of(code, state string) *layout {
	switch {
	case l == td3 && code == "PN" && state == "RUS":
		return pnrus
	case l == idl && state == "FRA":
		return idlFrance
	case l == idl && state == "NLD":
		return idlNetherlands
	case code != "" && !l.allowed(l.code.Line, l.code.From).has(code[0]):
		if own := ownLayouts[[3]string{string(l.format), trimRight(code), trimRight(state)}]; own != nil {
			return own
		}
	}
	return l
}

func (l *layout) fits(lines []string) bool {
	if len(lines) != len(l.lengths) {
		return false
	}
	for i, n := range l.lengths {
		if len(lines[i]) != n {
			return false
		}
	}
	return true
}

func (z *Zone) text(r Range) string { return z.lines[r.Line][r.From : r.From+r.Length] }

// longNumber counts the characters of the document number that stand in the optional data: a filler in the place of its
// check digit says that there are some, and its check digit and another filler follow them (Doc 9303-5 and -6, 4.2.2,
// note j).
func (z *Zone) longNumber() int {
	if !z.layout.card {
		return 0
	}
	own := z.layout.digits[0].At
	end := strings.IndexByte(z.text(z.layout.optional[0].Range), '<')
	if z.lines[own.Line][own.Column] != '<' || end < len("00") {
		return 0
	}
	return end - len("0")
}

// names are the ranges of the surname and the given names: primary and secondary identifiers part at the first double
// filler (Doc 9303-3, 4.6), and further double fillers part words of the secondary one.
func (z *Zone) names() (surname, given Range) {
	l := z.layout
	if l.given.Length > 0 {
		return l.names.Range, l.given.Range
	}
	surname = l.names.Range
	if i := strings.Index(z.text(surname), "<<"); i >= 0 {
		given = Range{surname.Line, surname.From + i, surname.Length - i}
		surname.Length = i
	}
	return surname, given
}

// optional is one of the optional fields, without what of the document number stands in it.
func (z *Zone) optional(i int) Range {
	r := z.layout.optional[i].Range
	if i == 0 && z.rest > 0 {
		used := z.rest + len("0<")
		r.From, r.Length = r.From+used, r.Length-used
	}
	return r
}

// read fills the fields. What does not stand in the lines as a field shows it is written into one buffer, of which the
// fields are parts: this is the only allocation.
func (z *Zone) read(day time.Time) {
	l := z.layout
	var room [maxText]byte
	b, expiry := z.appendDates(room[:0], dateOf(day))
	dates := len(b)
	names, given := z.names()
	b = appendWords(b, dates, z.text(names))
	surname := len(b)
	b = appendWords(b, surname, z.text(given))
	forenames := len(b)
	for i := range l.optional {
		b = appendWords(b, forenames, z.text(z.optional(i)))
	}
	optional := len(b)
	if z.rest > 0 {
		b = append(append(b, z.text(l.number.Range)...), z.text(l.optional[0].Range)[:z.rest]...)
	}
	text := string(b)
	z.Fields = Fields{
		DocumentCode:   trimRight(z.text(l.code.Range)),
		IssuingState:   trimRight(z.text(l.state.Range)),
		Surname:        text[dates:surname],
		GivenNames:     text[surname:forenames],
		DocumentNumber: text[optional:],
		Nationality:    trimRight(z.text(l.nationality.Range)),
		BirthDate:      text[expiry:dates],
		Sex:            trimRight(z.text(l.sex.Range)),
		ExpiryDate:     text[:expiry],
		OptionalData:   text[forenames:optional],
		NamesTruncated: full(z.text(l.names.Range)) || full(z.text(l.given.Range)),
	}
	if z.rest == 0 {
		z.Fields.DocumentNumber = trimRight(z.text(l.number.Range))
	}
}

// appendDates writes the expiry and then the birth, and tells where the first ends: on a card it may say that the holder is
// old. What keeps one of them from being a date is noted.
func (z *Zone) appendDates(b []byte, today date) (text []byte, expiry int) {
	b, year := z.appendExpiry(b, today)
	expiry, born := len(b), bornBy
	switch {
	case year > today.year+shortly:
		born = bornLongAgo
	case year > today.year-recently && year < today.year: // nobody is born after their document has expired
		today = date{year, 12, 31}
	}
	b, _, z.wrong[0] = appendDate(b, z.text(z.layout.birth.Range), today, born, true)
	return b, expiry
}

// appendExpiry writes the expiry; the year is 0 where it, or its century, is not known.
func (z *Zone) appendExpiry(b []byte, today date) (text []byte, year int) {
	field, expires := z.text(z.layout.expiry.Range), expiresAround
	nines := z.layout.card && field == allNines
	switch {
	case nines:
		field, expires = "991231", never
	case z.layout.card:
		expires = cardExpires
	}
	start := len(b)
	b, year, z.wrong[1] = appendDate(b, field, today, expires, false)
	if !z.layout.card || nines || year <= today.year+shortly || len(b) == start {
		return b, year
	}
	year = z.cardExpired(today, year)
	copy(b[start:], century(year))
	return b, year
}

// sound reports whether there are no faults and no check digit failed. A digit that does not agree at first glance may
// still be unused, or belong to a long document number.
func (z *Zone) sound() bool {
	sums, faults := z.weigh()
	if faults != 0 || z.misfilled() {
		return false
	}
	for i := range z.layout.digits {
		d := &z.layout.digits[i]
		if sums.digit(i) == z.lines[d.At.Line][d.At.Column] {
			continue
		}
		if v := z.judge(d); v == disagrees || v == unreadable {
			return false
		}
	}
	return true
}

// weigh sums up every check digit and collects what stands where it must not, both in one pass.
func (z *Zone) weigh() (total sums, faults set) {
	for line, text := range &z.lines {
		forbidden, weights := z.layout.forbidden[line][:len(text)], z.layout.weights[line][:len(text)]
		for column := range len(text) {
			c := text[column]
			faults |= singles[c] & forbidden[column]
			total += values[c] * weights[column]
		}
	}
	return total, faults
}
