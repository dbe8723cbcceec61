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
	Format mrz.Format  `json:"format"` // empty when the text is no zone
	Valid  bool        `json:"valid"`
	Fields mrz.Fields  `json:"fields"`
	Checks []mrz.Check `json:"checks"`
	Errors []mrz.Fault `json:"errors"`
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
	a := mrzAnswer{zone.Format, err == nil && zone.Valid(), zone.Fields, orEmpty(zone.Checks), orEmpty(zone.Faults)}
	return c.answer(a, a.Valid, a.text)
}

func (a mrzAnswer) text(w io.Writer) {
	switch {
	case a.Format == "":
		fmt.Fprintln(w, "no machine-readable zone: two lines of 44 characters (TD3) or three of 30 (TD1) are wanted")
		return
	case a.Valid:
		fmt.Fprintf(w, "%s, all check digits agree\n\n", a.Format)
	default:
		fmt.Fprintf(w, "%s, with faults\n\n", a.Format)
	}
	printFields(w, a.Fields)
	fmt.Fprintln(w)
	for _, k := range a.Checks {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-14s %-16s %s", k.Result, k.ID, k.Reason), " "))
	}
	for _, e := range a.Errors {
		fmt.Fprintf(w, "  line %d, column %d: %q stands there, %s is allowed\n", e.Line, e.Column, e.Found, e.Allowed)
	}
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
