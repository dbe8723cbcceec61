package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/foyer-station/foyer/mrz"
)

// maxText bounds what is read as MRZ text, in bytes: an MRZ has at most 90 characters.
const maxText = 4096

type mrzParse struct {
	File string `arg:"" optional:"" default:"-" help:"The file with the lines, in any encoding of text; - is standard input."`
}

// mrzAnswer is the JSON of mrz parse.
type mrzAnswer struct {
	Format  mrz.Format  `json:"format"` // empty when the text is no MRZ
	Valid   bool        `json:"valid"`
	Fields  mrz.Fields  `json:"fields"`
	Results mrz.Results `json:"results"` // of the fields, one by one
	Checks  []mrz.Check `json:"checks"`
	Errors  []mrz.Fault `json:"errors"`

	Deviations []mrz.Deviation `json:"deviations,omitempty"` // of the text, then of the MRZ; left out where there are none
	taken
	LooksLike string `json:"looks_like,omitempty"` // what may be behind the faults
}

// taken says how an MRZ was taken where that is not as it was given; nothing where it is.
type taken struct {
	Keyboard string   `json:"keyboard,omitempty"`    // the layout under which a reader's typing became what was given
	Or       string   `json:"keyboard_or,omitempty"` // another that fits as well, with other letters in the names
	Lines    []string `json:"lines,omitempty"`       // as they were taken
}

// A givenZone is what somebody hands in as an MRZ's text.
type givenZone struct {
	zone    mrz.Zone
	letters alphabet // in which the MRZ is written
	taken
	deviations []mrz.Deviation // of the text
	looksLike  string
}

// Run implements kong's command.
func (m mrzParse) Run(c *call) error {
	lines, err := readLines(c.stdin, m.File)
	if err != nil {
		return err
	}
	a, err := parseZone(lines, c.day)
	if err != nil {
		return err
	}
	return c.answer(a, a.Valid, a.text)
}

// parseZone answers to lines; those of no MRZ are an answer too.
func parseZone(given []string, day time.Time) (a mrzAnswer, err error) {
	z, err := takeZone(given, day)
	if errors.Is(err, mrz.ErrFormat) {
		return mrzAnswer{Checks: []mrz.Check{}, Errors: []mrz.Fault{}}, nil
	}
	if err != nil {
		return a, err
	}
	a = mrzAnswer{
		Format: z.zone.Format, Valid: z.zone.Valid(), Fields: z.zone.Fields, Results: z.zone.Results(),
		Checks: orEmpty(z.zone.Checks()), Errors: orEmpty(z.zone.Faults()), Deviations: append(z.deviations, z.zone.Deviations()...),
		taken: z.taken, LooksLike: z.looksLike,
	}
	a.restore(z.letters)
	return a, nil
}

// takeZone reads lines as they are and, where they are no valid MRZ, as typed on the wrong keyboard; what programs have done
// to them is undone before that. The error is [mrz.ErrFormat] where that gives no zone.
func takeZone(given []string, day time.Time) (z givenZone, err error) {
	lines, deviations := mrz.FromText(given)
	z.deviations = deviations
	if z.zone, err = mrz.Parse(z.letters.encode(lines), day); err != nil {
		return z, err
	}
	switch typed, ok := mrz.FromKeyboard(lines, day); {
	case ok:
		z.zone, z.Keyboard, z.Or, lines = typed.Zone, typed.Keyboard, typed.Or, typed.Lines()
	case typed.Keyboard != "":
		z.looksLike = fmt.Sprintf("an MRZ typed on a keyboard that is set to %s, with faults of its own", typed.Keyboard)
	}
	if len(deviations) > 0 || z.Keyboard != "" {
		z.Lines = lines
	}
	return z, nil
}

func (a mrzAnswer) text(w io.Writer) {
	switch {
	case a.Format == "":
		fmt.Fprintf(w, "no machine-readable zone: wanted are %s\n", shapes())
		return
	case a.Valid && len(a.Checks) == 0:
		fmt.Fprintf(w, "%s, which has no check digits\n\n", a.Format)
	case a.Valid:
		fmt.Fprintf(w, "%s, all check digits agree\n\n", a.Format)
	default:
		fmt.Fprintf(w, "%s, with faults\n\n", a.Format)
	}
	a.taken.text(w)
	printFields(w, a.Fields)
	if a.Fields.NamesTruncated {
		row(w, "", "(the names fill their field and may be cut)")
	}
	fmt.Fprintln(w)
	printFieldResults(w, a.Results, a.Fields)
	printZoneChecks(w, a.Checks)
	printZoneFaults(w, a.Errors, a.Deviations)
	if a.LooksLike != "" {
		fmt.Fprintln(w, "  it looks like", a.LooksLike)
	}
}

// text tells what lines were taken instead of those that were given, and why, where that is a keyboard.
func (a taken) text(w io.Writer) {
	switch {
	case a.Keyboard != "":
		fmt.Fprintf(w, "  typed by a reader for the keyboard of the United States on one that is set to %s;\n", a.Keyboard)
		fmt.Fprintln(w, "  set both to the same, with Caps Lock off. It typed:")
	case len(a.Lines) > 0:
		fmt.Fprintln(w, "  taken as:")
	default:
		return
	}
	for _, line := range a.Lines {
		fmt.Fprintln(w, "   ", line)
	}
	if a.Or != "" {
		fmt.Fprintf(w, "  or, if that was %s, the same with other letters in the names: compare them with the document\n", a.Or)
	}
	fmt.Fprintln(w)
}

func printZoneFaults(w io.Writer, faults []mrz.Fault, deviations []mrz.Deviation) {
	for _, e := range faults {
		if e.Missing != "" {
			fmt.Fprintf(w, "  line %d, column %d: the %s is missing\n", e.Line, e.Column, e.Missing)
			continue
		}
		fmt.Fprintf(w, "  line %d, column %d: %q stands there, %s is allowed\n", e.Line, e.Column, e.Found, e.Allowed)
	}
	for _, d := range deviations {
		if d.ID == "text" {
			fmt.Fprintf(w, "  deviation: %q taken for %s, from line %d, column %d of the text on\n", d.Found, d.Taken, d.Line, d.Column)
			continue
		}
		fmt.Fprintf(w, "  deviation: line %d, column %d: %q stands there for %s; Doc 9303 has: %s\n", d.Line, d.Column, d.Found, d.Taken, d.Standard)
	}
}

func printZoneChecks(w io.Writer, checks []mrz.Check) {
	for _, k := range checks {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-14s %-16s %s", k.Result, k.ID, k.Reason), " "))
	}
}

// shapes tells people what lines each format has.
func shapes() string {
	var all []string
	for _, f := range mrz.Formats() {
		lengths := strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Lengths()), " ", ", "), "[]")
		all = append(all, fmt.Sprintf("%s (%s)", lengths, f))
	}
	return "lines of so many characters: " + strings.Join(all, "; ")
}

// readLines reads a file's lines, or those of standard input for "-", without the white space around them, and without the
// control characters that readers send before and behind an MRZ (STX, ETX).
func readLines(stdin io.Reader, file string) ([]string, error) {
	var text []byte
	var err error
	if file == "-" {
		text, err = readAll(stdin, "the text", maxText)
	} else {
		text, err = readBounded(file, maxText)
	}
	return textLines(decodeText(text)), err
}

// textLines are the lines of an MRZ's text.
func textLines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// orEmpty keeps null out of the JSON.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
