package mrz

import (
	"fmt"
	"time"
)

// A yearOf chooses the full year of a two-digit one; month and day, 0 where unknown, decide where the year alone does not.
type yearOf func(today date, yy, month, day int) int

// A date is a day of the calendar, taken apart once.
type date struct {
	year, month, day int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, int(m), d}
}

func (d date) after(e date) bool {
	return d.year > e.year || d.year == e.year && (d.month > e.month || d.month == e.month && d.day > e.day)
}

// bornBy puts a birth in the last hundred years up to day; an unknown month or day counts as the earliest.
func bornBy(today date, yy, month, day int) int {
	born := date{today.year - today.year%100 + yy, month, day}
	if born.after(today) {
		return born.year - 100
	}
	return born.year
}

// recently is for how many years after its expiry a document tells that its holder was born before it.
const recently = oldest - 99

// expiresAround puts an expiry between 79 years before and 20 years after day: documents are issued for at most 15 years
// (BSI TR-03135-1, 5.7.1), and long expired ones are still shown.
func expiresAround(today date, yy, _, _ int) int { return upTo(today.year+shortly, yy) }

// CenturyUnknown reports whether the expiry has a year of which the century cannot be told: the document is neither valid nor
// expired.
func (f Fields) CenturyUnknown() bool {
	return len(f.ExpiryDate) > len("??") && f.ExpiryDate[:2] == "??" && f.ExpiryDate[2] != '?'
}

// century is the first half of a year as it is written; ?? of an unknown one, 0.
func century(year int) string {
	if year == 0 {
		return "??"
	}
	return string([]byte{byte('0' + year/1000%10), byte('0' + year/100%10)})
}

// upTo is the last year that ends in yy, up to one.
func upTo(last, yy int) int {
	year := last - last%100 + yy
	if year > last {
		return year - 100
	}
	return year
}

// A wrongPart is why what stands in the place of a date is none: the first part that cannot stand there.
type wrongPart struct{ part, last uint8 }

// The parts of a date.
const (
	yearPart uint8 = iota
	monthPart
	dayPart // up to last

	partLength = len("YY")
)

// allowed is what may stand in the place of the part.
func (w wrongPart) allowed() string {
	switch w.part {
	case yearPart:
		return "00-99"
	case monthPart:
		return "01-12"
	}
	return fmt.Sprintf("01-%d", w.last)
}

// appendDate turns YYMMDD into YYYY-MM-DD and unknown parts into ??; where the field is no date it appends nothing and tells
// what is wrong. The year is 0 where it is not known. Fillers stand for what is not known (Doc 9303-3, 4.8), and zeros do,
// too, where zeros says so: for the day, for the month without a day, and for all of it.
func appendDate(b []byte, field string, today date, full yearOf, zeros bool) (text []byte, year int, wrong wrongPart) {
	if len(field) != len("YYMMDD") {
		return b, 0, wrongPart{}
	}
	yy, knowsYear, isYear := part(field[0], field[1])
	month, knowsMonth, isMonth := part(field[2], field[3])
	day, knowsDay, isDay := part(field[4], field[5])
	if zeros && day == 0 {
		knowsDay, knowsMonth, knowsYear = false, knowsMonth && month > 0, knowsYear && field != "000000"
	}
	out, last := [...]byte{'?', '?', '?', '?', '-', '?', '?', '-', '?', '?'}, 31
	if knowsYear {
		year = full(today, yy, month, day)
		out[0], out[1], out[2], out[3] = byte('0'+year/1000%10), byte('0'+year/100%10), field[0], field[1]
	}
	if knowsMonth {
		last = daysIn(year, time.Month(month))
		out[5], out[6] = field[2], field[3]
	}
	if knowsDay {
		out[8], out[9] = field[4], field[5]
	}
	switch {
	case !isYear:
		return b, year, wrongPart{part: yearPart}
	case !isMonth || knowsMonth && (month < 1 || month > 12):
		return b, year, wrongPart{part: monthPart}
	case !isDay || knowsDay && (day < 1 || day > last):
		return b, year, wrongPart{dayPart, uint8(last)}
	}
	return append(b, out[:]...), year, wrongPart{}
}

// part is the value of two digits; an unknown part, two fillers, counts 0.
func part(tens, ones byte) (value int, known, ok bool) {
	t, o := tens-'0', ones-'0'
	if t <= 9 && o <= 9 {
		return int(t)*10 + int(o), true, true
	}
	return 0, false, tens == '<' && ones == '<'
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February: // of an unknown year, too, it may be the 29th
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
