// Package mrz parses, checks and composes the machine-readable zone of travel documents: ICAO Doc 9303 part 3 (what is
// common), part 4 (TD3 passports), part 5 (TD1 cards), part 6 (TD2 cards) and part 7 (visas), and some national shapes
// beside it.
//
// A zone with faults still gives every field that can be read; what is wrong stands beside, with line and column. Nothing
// is repaired: a check digit that is wrong on the document stays wrong. No clock is read inside: centuries are resolved
// against the day that the caller gives. What a program or a keyboard has made of the lines on the way is undone by FromText
// and FromKeyboard, which say so; Parse does nothing of it.
//
// For most uses: [Parse] for lines that were read, [Compose] for those to be printed, [StateName] and [DocumentName] for what their
// codes mean to people. The package transliterate writes national names as a zone does.
package mrz

import "errors"

// Format is the shape of a zone.
type Format string

// The formats that can be parsed and composed.
const (
	TD1  Format = "TD1"  // official travel documents, three lines of 30 characters (Doc 9303-5, 4.2)
	TD2  Format = "TD2"  // official travel documents, two lines of 36 (Doc 9303-6, 4.2)
	TD3  Format = "TD3"  // passports, two lines of 44 (Doc 9303-4, 4.2)
	MRVA Format = "MRVA" // visas of format A, two lines of 44 (Doc 9303-7, 4.2)
	MRVB Format = "MRVB" // visas of format B, two lines of 36 (Doc 9303-7, 7.2)
	FRID Format = "FRID" // the French national identity card before 2021, two lines of 36
	CHDL Format = "CHDL" // the Swiss and Liechtenstein driving licence, lines of 9, 30 and 30
	IDL  Format = "IDL"  // driving licences with a chip, one line of 30 (ISO/IEC 18013-3)
)

// Result is how an examination ended, in the words used all over Foyer.
type Result string

// The results that a field or a check of a zone can have.
const (
	Passed       Result = "passed"
	Failed       Result = "failed"
	Undetermined Result = "undetermined"
	NotSupported Result = "not_supported" // the format or this document has no such field or check digit
)

// Fields are what a zone says, without fillers. A field that cannot be read, or that the format does not have, is empty.
type Fields struct {
	DocumentCode   string `json:"document_code"`   // "P", "ID", "AC"; DocumentName tells what it means
	IssuingState   string `json:"issuing_state"`   // a code of Doc 9303-3 section 5; StateName tells its name
	Surname        string `json:"surname"`         // primary identifier, words parted by a space
	GivenNames     string `json:"given_names"`     // secondary identifier, words parted by a space; may be empty
	DocumentNumber string `json:"document_number"` // without trailing fillers; all of it where there are more than nine characters
	Nationality    string `json:"nationality"`
	BirthDate      string `json:"birth_date"`    // YYYY-MM-DD, unknown parts as ??
	Sex            string `json:"sex"`           // "F", "M", "X"; empty when unspecified
	ExpiryDate     string `json:"expiry_date"`   // likewise; in 9999 for validity without end, ??99-12-31 where the century cannot be told
	OptionalData   string `json:"optional_data"` // where there are two fields, parted by a space

	// NamesTruncated says that the names fill their field to its end, so that they must be taken for cut (Doc 9303-4, 4.2.3).
	NamesTruncated bool `json:"names_truncated,omitempty"`
}

// Results say of every field how its examination ended: passed where only what may stand there does, dates are in the
// calendar and the field's own check digit agrees; failed where one of these is wrong, or where nothing stands that must;
// undetermined where a character could not be read, a code of a State is not known or the century of an expiry cannot be told;
// not_supported where the format has no such field.
type Results struct {
	DocumentCode   Result `json:"document_code"`
	IssuingState   Result `json:"issuing_state"`
	Surname        Result `json:"surname"`
	GivenNames     Result `json:"given_names"`
	DocumentNumber Result `json:"document_number"`
	Nationality    Result `json:"nationality"`
	BirthDate      Result `json:"birth_date"`
	Sex            Result `json:"sex"`
	ExpiryDate     Result `json:"expiry_date"`
	OptionalData   Result `json:"optional_data"`
}

// Check is one check digit's verdict.
type Check struct {
	ID     string `json:"id"` // as in Digit
	Result Result `json:"result"`
	Reason string `json:"reason,omitempty"`
}

// Fault says what stands in the zone that must not stand there.
type Fault struct {
	Line    int    `json:"line"`              // from 1
	Column  int    `json:"column"`            // from 1
	Found   string `json:"found"`             // one character; two of a date that does not exist; all of a field that is missing
	Allowed string `json:"allowed"`           // "A-Z <", "0-9", "F M X <"; "01-12" of a month
	Missing string `json:"missing,omitempty"` // "name" or "document number": there are but fillers where one must stand
}

// ErrFormat says that the lines have the shape of no known MRZ.
var ErrFormat = errors.New("mrz: not a machine-readable zone")

// Zone is a parsed machine-readable zone.
type Zone struct {
	Format Format
	Fields Fields

	layout *layout
	lines  [maxLines]string
	rest   int          // characters of a long document number that stand in the optional data
	wrong  [2]wrongPart // of the dates of birth and expiry, where they are none
	valid  bool
}

// Lines are the zone's lines as they were given.
func (z Zone) Lines() []string {
	if z.layout == nil {
		return nil
	}
	return append([]string(nil), z.lines[:len(z.layout.lengths)]...)
}

// PrintedDates are the dates of birth and expiry as they stand in the zone, YYMMDD, which the key of a chip is made of. A
// date that the format does not have is empty.
func (z Zone) PrintedDates() (birth, expiry string) {
	if z.layout == nil {
		return "", ""
	}
	return z.text(z.layout.birth.Range), z.text(z.layout.expiry.Range)
}

// Valid reports whether every check digit agrees and Faults finds nothing: no character where it must not stand, no date that
// does not exist, a name and a document number.
// What Deviations tells does no harm to it.
func (z Zone) Valid() bool { return z.valid }

// Checks are the verdicts on the format's check digits, in its order.
func (z Zone) Checks() []Check {
	if z.layout == nil {
		return nil
	}
	out := make([]Check, 0, len(z.layout.digits))
	for i := range z.layout.digits {
		d := &z.layout.digits[i]
		out = append(out, z.judge(d).check(d.ID))
	}
	return out
}
