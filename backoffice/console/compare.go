package console

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// comparison is what a document says in each of its places, field by field.
type comparison struct {
	Chip, Corrected bool // there is such a column
	Differs         bool // in any field, between the chip and what counts of the printed MRZ
	Fields          []compared
}

// compared is one field of a document.
type compared struct {
	Key                      string // of the text that names it, behind "field."
	Printed, Corrected, Chip string
	Code                     bool // as on the document, not a text
	Differs                  bool // the chip from the corrected, else from the printed one
}

// compare puts the fields of zones beside each other. A source without lines, or with lines that are no MRZ, has no column; nil where
// no more than one is left.
func compare(printed, corrected, chip []string, day time.Time) *comparison {
	c := &comparison{}
	var zones [3]mrz.Fields
	sources := 0
	for i, lines := range [][]string{printed, corrected, chip} {
		zone, err := mrz.Parse(lines, day)
		if err != nil {
			continue
		}
		zones[i] = zone.Fields
		sources++
		c.Corrected = c.Corrected || i == 1
		c.Chip = c.Chip || i == 2
	}
	if sources < 2 {
		return nil
	}
	for _, of := range fields() {
		f := compared{Key: of.key, Code: of.code, Printed: of.value(zones[0]), Corrected: of.value(zones[1]), Chip: of.value(zones[2])}
		counts := f.Printed
		if c.Corrected {
			counts = f.Corrected
		}
		f.Differs = c.Chip && counts != f.Chip
		c.Differs = c.Differs || f.Differs
		c.Fields = append(c.Fields, f)
	}
	return c
}

type field struct {
	key   string
	value func(mrz.Fields) string
	code  bool
}

// fields are those of a zone, in the order in which a caseworker compares them.
func fields() []field {
	return []field{
		{"surname", func(f mrz.Fields) string { return f.Surname }, false},
		{"given_names", func(f mrz.Fields) string { return f.GivenNames }, false},
		{"number", func(f mrz.Fields) string { return f.DocumentNumber }, true},
		{"nationality", func(f mrz.Fields) string { return f.Nationality }, true},
		{"birth", func(f mrz.Fields) string { return f.BirthDate }, true},
		{"sex", func(f mrz.Fields) string { return f.Sex }, true},
		{"expiry", func(f mrz.Fields) string { return f.ExpiryDate }, true},
		{"issuer", func(f mrz.Fields) string { return f.IssuingState }, true},
		{"optional", func(f mrz.Fields) string { return f.OptionalData }, true},
	}
}

// chipLines are the lines of DG1 of a document; none where no chip gave it, or the file is none. The file's opening is that of the
// visitor's file, which is kept already.
func (c *Console) chipLines(ctx context.Context, id string, r *stationv1.CheckInRecord, document int) ([]string, error) {
	n := slices.IndexFunc(r.GetFiles(), func(f *stationv1.File) bool {
		return f.Kind == stationv1.KindChip && f.ChipFile == "DG1" && int(f.Document) == document
	})
	if n < 0 || r.Files[n].Size > maxDG1 || len(r.Files[n].Sha256) != 32 {
		return nil, nil
	}
	content, err := c.vault.ReadFile(ctx, id, n, r.Files[n].Size, [32]byte(r.Files[n].Sha256))
	if err != nil {
		return nil, err
	}
	defer clear(content)
	return parseDG1(content), nil
}

// errLines says that a correction is no MRZ; the page says what an MRZ looks like.
var errLines = errors.New("these lines are no machine-readable zone")

// correctedLines are the lines that a caseworker typed: small letters are capital ones, and spaces are none of a zone.
func correctedLines(typed string, day time.Time) ([]string, error) {
	if len(typed) > maxTyped {
		return nil, errLines
	}
	var lines []string
	for line := range strings.Lines(typed) {
		if line = strings.ToUpper(strings.Join(strings.Fields(line), "")); line != "" {
			lines = append(lines, line)
		}
	}
	for _, line := range lines {
		if strings.ContainsFunc(line, func(r rune) bool { return !isMRZ(r) }) {
			return nil, errLines
		}
	}
	_, err := mrz.Parse(lines, day)
	if err != nil {
		return nil, errLines
	}
	return lines, nil
}

// maxTyped is longer than three lines of any zone with spaces between all characters.
const maxTyped = 512

// correction is an MRZ that somebody set right by hand.
type correction struct {
	By, When string
	Lines    []letters
	Checks   []*stationv1.Check // of the corrected lines, judged anew
}

// letters are a line, in runs that agree with the line as it was read and runs that do not.
type letters []run

type run struct {
	Text    string
	Changed bool
}

// changes parts a corrected line by what was read in its place.
func changes(read, now string) (line letters) {
	for i := range len(now) {
		changed := i >= len(read) || read[i] != now[i]
		if len(line) == 0 || line[len(line)-1].Changed != changed {
			line = append(line, run{Changed: changed})
		}
		line[len(line)-1].Text += now[i : i+1]
	}
	return line
}

// judgeAgain judges the check digits, and the date of expiry, of corrected lines.
func judgeAgain(lines []string, day time.Time) (checks []*stationv1.Check) {
	judged, _ := verify.ExamineMRZ(verify.Evidence{MRZ: lines, Day: day})
	for _, j := range judged {
		check := &stationv1.Check{Id: j.ID, Category: string(j.Category), Result: string(j.Result)}
		for _, r := range j.Reasons {
			reason := &stationv1.Reason{Code: string(r.Code)}
			for _, p := range r.Params {
				reason.Params = append(reason.Params, &stationv1.Param{Name: p.Name, Values: p.Values})
			}
			check.Reasons = append(check.Reasons, reason)
		}
		checks = append(checks, check)
	}
	return checks
}

func newCorrection(read, now []string, by, when string, day time.Time) *correction {
	c := &correction{By: by, When: when, Checks: judgeAgain(now, day)}
	for i, line := range now {
		before := ""
		if i < len(read) {
			before = read[i]
		}
		c.Lines = append(c.Lines, changes(before, line))
	}
	return c
}

// unsure says whether the station was not sure of a document's MRZ: it read none, or a check of it did not end well.
func unsure(d *stationv1.Document) bool {
	return len(d.GetMrz()) == 0 || slices.ContainsFunc(d.GetChecks(), func(c *stationv1.Check) bool {
		return c.Id == "mrz.check_digits" && verify.Result(c.Result) != verify.Passed && verify.Result(c.Result) != verify.NotSupported
	})
}

// Typed is what the form of a correction begins with: what counts of the MRZ, line by line.
func (d documentView) Typed() string {
	return strings.Join(cmpLines(d.NowMRZ, d.Mrz), "\n")
}

func cmpLines(now, read []string) []string {
	if len(now) > 0 {
		return now
	}
	return read
}

// Rows is how many lines the form of a correction shows.
func (d documentView) Rows() int { return cmp.Or(len(cmpLines(d.NowMRZ, d.Mrz)), 2) }
