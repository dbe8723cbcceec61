// Package mrz parses, checks and composes the machine-readable zone of travel documents: ICAO Doc 9303 part 3 (what is
// common), part 4 (TD3 passports) and part 5 (TD1 cards).
//
// A zone with faults still gives every field that can be read; what is wrong stands beside, with line and column. Nothing
// is repaired: a check digit that is wrong on the document stays wrong. No clock is read inside: centuries are resolved
// against the day that the caller gives.
package mrz

import (
	"errors"
	"fmt"
	"time"
)

// Format is the shape of a zone.
type Format string

// The formats that can be parsed and composed.
const (
	TD1  Format = "TD1"  // official travel documents, three lines of 30 characters (Doc 9303-5, 4.2)
	TD2  Format = "TD2"  // official travel documents, two lines of 36 (Doc 9303-6, 4.2)
	TD3  Format = "TD3"  // passports, two lines of 44 (Doc 9303-4, 4.2)
	MRVA Format = "MRVA" // visas of format A, two lines of 44 (Doc 9303-7, 4.2)
	MRVB Format = "MRVB" // visas of format B, two lines of 36 (Doc 9303-7, 5.2)
	FRID Format = "FRID" // the French national identity card before 2021, two lines of 36
	CHDL Format = "CHDL" // the Swiss and Liechtenstein driving licence, lines of 9, 30 and 30
	IDL  Format = "IDL"  // driving licences with a chip, one line of 30 (ISO/IEC 18013-3)
)

// Result is how a check of the zone ended, in the words used all over Foyer.
type Result string

// The results that a check of a zone can have.
const (
	Passed       Result = "passed"
	Failed       Result = "failed"
	Undetermined Result = "undetermined"
	NotSupported Result = "not_supported" // the format or this document has no such check digit
)

// Fields are what a zone says, without fillers. A field that cannot be read is empty.
type Fields struct {
	DocumentCode   string `json:"document_code"`   // "P", "ID", "AC"
	IssuingState   string `json:"issuing_state"`   // ISO 3166-1 alpha-3 or a code of Doc 9303-3 section 5
	Surname        string `json:"surname"`         // primary identifier, words parted by a space
	GivenNames     string `json:"given_names"`     // secondary identifier, words parted by a space; may be empty
	DocumentNumber string `json:"document_number"` // without trailing fillers; all of it where TD1 carries more than nine
	Nationality    string `json:"nationality"`
	BirthDate      string `json:"birth_date"` // YYYY-MM-DD, unknown parts as ??
	Sex            string `json:"sex"`        // "F", "M", "X"; empty when unspecified
	ExpiryDate     string `json:"expiry_date"`
	OptionalData   string `json:"optional_data"` // TD1: both fields, parted by a space where both are used
}

// Check is one check of the zone in itself.
type Check struct {
	ID     string `json:"id"` // "document_number", "birth_date", "expiry_date", "optional_data", "composite"
	Result Result `json:"result"`
	Reason string `json:"reason,omitempty"`
}

// Fault says what stands in the zone that must not stand there.
type Fault struct {
	Line    int    `json:"line"`    // from 1
	Column  int    `json:"column"`  // from 1
	Found   string `json:"found"`   // one character
	Allowed string `json:"allowed"` // "A-Z <", "0-9", "F M X <"
}

// Zone is a parsed machine-readable zone.
type Zone struct {
	Format Format
	Lines  []string
	Fields Fields
	Checks []Check
	Faults []Fault
}

// ErrFormat says that the lines have the shape of no known zone.
var ErrFormat = errors.New("mrz: not a machine-readable zone")

// Valid reports whether every check digit agrees and nothing stands where it must not.
func (z Zone) Valid() bool {
	for _, c := range z.Checks {
		if c.Result == Failed || c.Result == Undetermined {
			return false
		}
	}
	return len(z.Faults) == 0
}

// Parse reads a zone. The day, taken in its own location, resolves two-digit years: a birth lies on or before it, an
// expiry at most 20 years after it and less than 80 before. The error is ErrFormat when the number or the length of the
// lines fits no format; anything else that is wrong is told in Checks and Faults.
func Parse(lines []string, day time.Time) (Zone, error) {
	l, ok := layoutOf(lines)
	if !ok {
		return Zone{}, fmt.Errorf("%w: %d lines", ErrFormat, len(lines))
	}
	l = l.withLongNumber(lines)
	z := Zone{Format: l.format, Lines: append([]string(nil), lines...)}
	for _, s := range l.spans {
		z.Faults = append(z.Faults, s.faults(lines)...)
	}
	z.Fields = l.fields(lines, day)
	z.Checks = l.checks(lines)
	return z, nil
}

func layoutOf(lines []string) (oldLayout, bool) {
	for _, l := range []oldLayout{oldTD3, oldTD1} {
		if len(lines) == l.lines && allOfLength(lines, l.columns) {
			return l, true
		}
	}
	return oldLayout{}, false
}

func allOfLength(lines []string, n int) bool {
	for _, l := range lines {
		if len(l) != n {
			return false
		}
	}
	return true
}
