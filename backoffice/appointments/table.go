package appointments

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// column is what a column holds.
type column int

const (
	ignored column = iota
	number
	date
	clock
	service
	name
	surname
	givenNames
	birthDate
)

// headings are how exports head their columns, in small letters and without anything but letters.
var headings = map[column][]string{
	number:     {"nr", "nummer", "terminnummer", "vorgangsnummer", "buchungsnummer", "code", "number", "no", "id", "reference", "bookingnumber"},
	date:       {"datum", "tag", "termindatum", "date", "day"},
	clock:      {"uhrzeit", "zeit", "terminzeit", "beginn", "start", "termin", "ankunftszeit", "time", "starttime", "begin", "from", "von"},
	service:    {"dienstleistung", "dienstleistungen", "anliegen", "leistung", "service", "services", "terminart", "kategorie", "category", "subject"},
	name:       {"name", "kunde", "person", "bürger", "customer", "fullname"},
	surname:    {"nachname", "familienname", "zuname", "surname", "lastname", "familyname"},
	givenNames: {"vorname", "vornamen", "givenname", "givennames", "firstname"},
	birthDate:  {"geburtsdatum", "geburtstag", "gebdatum", "geboren", "birthdate", "dateofbirth", "dob", "birthday"},
}

// headed is what a column holds: of two headings in one, as in "Uhrzeit/Ankunftszeit", the first that is known.
func headed(cell string) column {
	for one := range strings.SplitSeq(cell, "/") {
		if c := headedBy(one); c != ignored {
			return c
		}
	}
	return ignored
}

func headedBy(heading string) column {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	for c, known := range headings {
		if slices.Contains(known, letters) {
			return c
		}
	}
	return ignored
}

// maxHeading is how far down a file its columns are headed: exports have titles above.
const maxHeading = 20

// readTable reads rows of cells. The first row that heads a column of times, and one of names or numbers, heads the columns.
func readTable(rows [][]string, line func(row int) int, o Options) ([]Appointment, []Fault, error) {
	if len(rows) > MaxRows {
		return nil, nil, ErrTooLarge
	}
	for i, row := range rows[:min(len(rows), maxHeading)] {
		columns := make([]column, len(row))
		for j, cell := range row {
			if c := headed(cell); !slices.Contains(columns, c) {
				columns[j] = c
			}
		}
		names := slices.ContainsFunc(columns, func(c column) bool { return c == name || c == surname || c == number })
		if names && slices.Contains(columns, clock) {
			return readRows(rows, i+1, columns, line, o)
		}
	}
	return nil, nil, ErrNoColumns
}

func readRows(rows [][]string, from int, columns []column, line func(row int) int, o Options) ([]Appointment, []Fault, error) {
	var f found
	for i := from; i < len(rows); i++ {
		cells := map[column]string{}
		for j, cell := range rows[i][:min(len(rows[i]), len(columns))] {
			if columns[j] != ignored {
				cells[columns[j]] = strings.TrimSpace(cell)
			}
		}
		if strings.Join(rows[i], "") == "" {
			continue
		}
		f.row(line(i), cells, o)
	}
	inOrder(f.all)
	return f.all, f.faults, nil
}

func (f *found) row(line int, cells map[column]string, o Options) {
	start, ok := moment(cells[date], cells[clock], o.Day)
	if !ok {
		f.fault(line, NoTime)
		return
	}
	born, ok := day(cells[birthDate])
	if !ok && cells[birthDate] != "" {
		f.fault(line, OddBirth)
		return
	}
	a := Appointment{Number: cells[number], Start: start, Service: cells[service], Name: cells[name]}
	if ok {
		a.BirthDate = born.Format(time.DateOnly)
	}
	if a.Name == "" {
		a.Name = strings.TrimSpace(cells[surname] + " " + cells[givenNames])
	}
	f.add(line, a)
}

var (
	days   = []string{time.DateOnly, "02.01.2006", "2.1.2006", "02/01/2006", "20060102", "02.01.06", "2.1.06"}
	clocks = []string{"15:04:05", "15:04", "15.04", "1504", "15"}
)

// moment is a date and a time of day; the time alone is of a day that is given, and may have a date of its own before it.
func moment(date, clock string, usual time.Time) (time.Time, bool) {
	clock = strings.TrimSuffix(strings.TrimSuffix(clock, "Uhr"), "h")
	if date == "" {
		if before, after, ok := strings.Cut(strings.Replace(clock, "T", " ", 1), " "); ok && strings.TrimSpace(after) != "" {
			date, clock = before, after
		}
	}
	on := usual
	if date != "" {
		read, ok := day(date)
		if !ok {
			return time.Time{}, false
		}
		on = time.Date(read.Year(), read.Month(), read.Day(), 0, 0, 0, 0, usual.Location())
	}
	for _, layout := range clocks {
		if t, err := time.Parse(layout, strings.TrimSpace(clock)); err == nil {
			return time.Date(on.Year(), on.Month(), on.Day(), t.Hour(), t.Minute(), t.Second(), 0, on.Location()), true
		}
	}
	return time.Time{}, false
}

func day(text string) (time.Time, bool) {
	text, _, _ = strings.Cut(strings.TrimSuffix(text, " 00:00:00"), "T")
	for _, layout := range days {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// proper says whether a text could be a name or a number, and can be shown.
func proper(text string) bool {
	return len(text) <= maxText && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func inOrder(all []Appointment) {
	slices.SortStableFunc(all, func(a, b Appointment) int { return a.Start.Compare(b.Start) })
}
