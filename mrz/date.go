package mrz

import "time"

// A century chooses the full year of a two-digit one; month and day, 0 where unknown, decide where the year alone does not.
type century func(today date, yy, month, day int) int

// A date is a day of the calendar, taken apart once.
type date struct {
	year, month, day int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, int(m), d}
}

// bornBy puts a birth in the last hundred years up to day; an unknown month or day counts as the earliest.
func bornBy(today date, yy, month, day int) int {
	born := date{today.year - today.year%100 + yy, month, day}
	if born.after(today) {
		return born.year - 100
	}
	return born.year
}

func (d date) after(e date) bool {
	return d.year > e.year || d.year == e.year && (d.month > e.month || d.month == e.month && d.day > e.day)
}

// expiresAround puts an expiry between 79 years before and 20 years after day: documents are issued for at most 15 years
// (BSI TR-03135-1, 5.7.1), and long expired ones are still shown.
func expiresAround(today date, yy, _, _ int) int {
	year := today.year - today.year%100 + yy
	switch {
	case year > today.year+20:
		return year - 100
	case year <= today.year-80:
		return year + 100
	}
	return year
}

// appendDate turns YYMMDD into YYYY-MM-DD and unknown parts (fillers) into ??; it appends nothing where the field is no
// date.
func appendDate(b []byte, field string, today date, full century) []byte {
	if len(field) != len("YYMMDD") {
		return b
	}
	yy, knowsYear, isYear := part(field[0], field[1])
	month, knowsMonth, isMonth := part(field[2], field[3])
	day, knowsDay, isDay := part(field[4], field[5])
	if !isYear || !isMonth || !isDay {
		return b
	}
	out := [...]byte{'?', '?', '?', '?', '-', '?', '?', '-', '?', '?'}
	year, last := 4, 31 // a leap year, so that 29 February may stand where the year is unknown
	if knowsYear {
		year = full(today, yy, month, day)
		out[0], out[1], out[2], out[3] = byte('0'+year/1000%10), byte('0'+year/100%10), field[0], field[1]
	}
	if knowsMonth {
		if month < 1 || month > 12 {
			return b
		}
		last = daysIn(year, time.Month(month))
		out[5], out[6] = field[2], field[3]
	}
	if knowsDay {
		if day < 1 || day > last {
			return b
		}
		out[8], out[9] = field[4], field[5]
	}
	return append(b, out[:]...)
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
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
