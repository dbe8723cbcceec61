// Package appointments reads the appointments of a day as other systems export them, and finds the one of a visitor who checks in.
//
// For most cases [Read] is the one to use: it finds out by itself whether a file is a table in text (CSV, in whatever encoding and
// with whatever separator), a workbook (XLSX, as Berlin's ZMS writes it) or a calendar (iCalendar, RFC 5545). Rows that are wrong are
// told with their line, and take nothing else with them. [Book.ByNumber] and [Book.ByPerson] find a visitor's.
//
// An appointment holds personal data. Of what an export has beside it, telephone numbers, addresses and remarks, nothing is read.
package appointments

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// The bounds of a file: an office has some hundred appointments a day.
const (
	MaxFile = 8 << 20 // bytes
	MaxRows = 20_000
	maxText = 200 // bytes of a name or a number
)

// Appointment is one visitor's.
type Appointment struct {
	Number    string // by which the other system knows it; empty where it has none
	Start     time.Time
	Service   string // as the other system calls it; empty where it does not say
	Name      string // family and given names, in whatever order they were exported
	BirthDate string // YYYY-MM-DD; empty where it was not exported
}

// Fault is a row that could not be read. It holds nothing of what stands there.
type Fault struct {
	Line int    // from 1; of a workbook the row, of a calendar the number of the event
	Code string // one of those below
}

// The codes of faults, which the console puts in words.
const (
	NoTime     = "no_time"     // no time of day, or no date, that can be read
	NoOne      = "no_one"      // neither a number nor a name
	TooLong    = "too_long"    // a text that is longer than any name, or not printable
	OddBirth   = "odd_birth"   // a date of birth that cannot be read
	OddZone    = "odd_zone"    // a time zone that nobody knows
	OddRepeats = "odd_repeats" // an event that repeats by a rule that is not read
)

// The faults of a whole file.
var (
	ErrTooLarge = errors.New("appointments: the file is too large, or has too many rows")
	ErrUnknown  = errors.New("appointments: neither a table, a workbook nor a calendar of appointments")
	// ErrNoColumns says that no column is headed as one of times, or none as one of names or numbers.
	ErrNoColumns = errors.New("appointments: no column of times, or none of names or numbers")
)

// Options are what a file does not say.
type Options struct {
	// Day is the day of appointments whose file has times alone: midnight at the office. Times without a zone are in its zone. Of
	// what repeats, and of calendars, only what lies within a year of it is read.
	Day time.Time
}

// Read reads the appointments of a file, in order of time. It is ErrTooLarge, ErrUnknown or ErrNoColumns when nothing of it can be
// read.
func Read(from io.Reader, o Options) (all []Appointment, faults []Fault, err error) {
	// The readers of calendars and workbooks index beyond the end of some broken files.
	defer func() {
		if recover() != nil {
			all, faults, err = nil, nil, ErrUnknown
		}
	}()
	data, err := io.ReadAll(io.LimitReader(from, MaxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("appointments: %w", err)
	}
	if len(data) > MaxFile {
		return nil, nil, ErrTooLarge
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return readWorkbook(data, o)
	}
	text, err := decoded(data)
	if err != nil {
		return nil, nil, err
	}
	if isCalendar(text) {
		return readCalendar(text, o)
	}
	return readText(text, o)
}

// found gathers what was read, and what could not be.
type found struct {
	all    []Appointment
	faults []Fault
}

// add takes an appointment of a line, or notes why it cannot be taken.
func (f *found) add(line int, a Appointment) {
	switch {
	case a.Number == "" && a.Name == "":
		f.fault(line, NoOne)
	case !proper(a.Number) || !proper(a.Name) || !proper(a.Service):
		f.fault(line, TooLong)
	default:
		f.all = append(f.all, a)
	}
}

func (f *found) fault(line int, code string) { f.faults = append(f.faults, Fault{line, code}) }
