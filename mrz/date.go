package mrz

import "time"

// A century chooses the full year of a two-digit one; what follows the year ("0812") decides where the year alone does
// not.
type century func(today date, yy int, monthDay string) int

// A date is a day of the calendar, taken apart once.
type date struct {
	year, month, day int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, int(m), d}
}

// bornBy puts a birth in the last hundred years up to day; an unknown month or day counts as the earliest.
func bornBy(today date, yy int, monthDay string) int {
	born := date{today.year - today.year%100 + yy, number(monthDay[:2]), number(monthDay[2:])}
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
func expiresAround(today date, yy int, _ string) int {
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
	yy, month, day := field[:2], field[2:4], field[4:]
	if !isPart(yy) || !isPart(month) || !isPart(day) {
		return b
	}
	year := 4 // a leap year, so that 29 February may stand where the year is unknown
	if known(yy) {
		year = full(today, number(yy), field[2:])
	}
	if !inCalendar(year, month, day) {
		return b
	}
	if known(yy) {
		b = append(b, byte('0'+year/1000%10), byte('0'+year/100%10), yy[0], yy[1])
	} else {
		b = append(b, "????"...)
	}
	return appendPart(appendPart(b, month), day)
}

// inCalendar reports whether a day exists in the Gregorian calendar; unknown parts may be any.
func inCalendar(year int, month, day string) bool {
	last := 31
	if known(month) {
		m := time.Month(number(month))
		if m < time.January || m > time.December {
			return false
		}
		last = daysIn(year, m)
	}
	return !known(day) || number(day) >= 1 && number(day) <= last
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

func known(part string) bool {
	return part[0] >= '0' && part[0] <= '9' && part[1] >= '0' && part[1] <= '9'
}

func isPart(part string) bool { return known(part) || part == "<<" }

// number is the value of a part; an unknown one counts 0.
func number(part string) int {
	if !known(part) {
		return 0
	}
	return int(part[0]-'0')*10 + int(part[1]-'0')
}

func appendPart(b []byte, part string) []byte {
	if !known(part) {
		part = "??"
	}
	return append(b, '-', part[0], part[1])
}
