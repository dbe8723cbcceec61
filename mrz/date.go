package mrz

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A century chooses the full year of a two-digit one; monthDay ("0812") decides where the year alone does not.
type century func(yy int, monthDay string) int

// bornBy puts a birth in the last hundred years up to day; an unknown month or day counts as the earliest.
func bornBy(day time.Time) century {
	return func(yy int, monthDay string) int {
		monthDay = strings.ReplaceAll(monthDay, "<", "0")
		year := day.Year() - day.Year()%100 + yy
		if year > day.Year() || year == day.Year() && monthDay > day.Format("0102") {
			year -= 100
		}
		return year
	}
}

// expiresAround puts an expiry between 79 years before and 20 years after day: documents are issued for at most 15 years
// (BSI TR-03135-1, 5.7.1), and long expired ones are still shown.
func expiresAround(day time.Time) century {
	return func(yy int, _ string) int {
		year := day.Year() - day.Year()%100 + yy
		switch {
		case year > day.Year()+20:
			return year - 100
		case year <= day.Year()-80:
			return year + 100
		}
		return year
	}
}

// expandDate turns YYMMDD into YYYY-MM-DD, unknown parts (fillers) into ??, and anything else into "".
func expandDate(field string, full century) string {
	year, month, day := field[0:2], field[2:4], field[4:6]
	if !known(year) && year != "<<" || !known(month) && month != "<<" || !known(day) && day != "<<" {
		return ""
	}
	out := "????"
	if known(year) {
		yy, _ := strconv.Atoi(year)
		out = fmt.Sprintf("%04d", full(yy, field[2:]))
	}
	out += "-" + part(month) + "-" + part(day)
	if known(year) && known(month) && known(day) {
		if _, err := time.Parse(time.DateOnly, out); err != nil {
			return ""
		}
	}
	return out
}

func known(part string) bool {
	return part[0] >= '0' && part[0] <= '9' && part[1] >= '0' && part[1] <= '9'
}

func part(text string) string {
	if known(text) {
		return text
	}
	return "??"
}
