package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// maxText bounds what is read as MRZ text, in bytes: a zone has at most 90 characters.
const maxText = 4096

type mrzParse struct {
	File string `arg:"" optional:"" default:"-" help:"The file with the lines; - is standard input."`
}

// mrzAnswer is the JSON of mrz parse.
type mrzAnswer struct {
	Format  mrz.Format  `json:"format"` // empty when the text is no zone
	Valid   bool        `json:"valid"`
	Fields  mrz.Fields  `json:"fields"`
	Results mrz.Results `json:"results"` // of the fields, one by one
	Checks  []mrz.Check `json:"checks"`
	Errors  []mrz.Fault `json:"errors"`
}

// Run implements kong's command.
func (m mrzParse) Run(c *call) error {
	lines, err := readLines(c.stdin, m.File)
	if err != nil {
		return err
	}
	zone, err := mrz.Parse(lines, c.day)
	if err != nil && !errors.Is(err, mrz.ErrFormat) {
		return err
	}
	a := mrzAnswer{zone.Format, err == nil && zone.Valid(), zone.Fields, zone.Results(), orEmpty(zone.Checks()), orEmpty(zone.Faults())}
	return c.answer(a, a.Valid, a.text)
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
	printFields(w, a.Fields)
	if a.Fields.NamesTruncated {
		row(w, "", "(the names fill their field and may be cut)")
	}
	fmt.Fprintln(w)
	printZoneChecks(w, a.Checks)
	for _, e := range a.Errors {
		fmt.Fprintf(w, "  line %d, column %d: %q stands there, %s is allowed\n", e.Line, e.Column, e.Found, e.Allowed)
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

// readLines reads a file's lines, or those of standard input for "-", without the white space around them.
func readLines(stdin io.Reader, file string) ([]string, error) {
	var text []byte
	var err error
	if file == "-" {
		text, err = readAll(stdin, "the text", maxText)
	} else {
		text, err = readBounded(file, maxText)
	}
	return strings.Fields(string(text)), err
}

// orEmpty keeps null out of the JSON.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
