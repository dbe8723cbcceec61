package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// maxText bounds what is read as MRZ text: a zone has at most 90 characters.
const maxText = 4096

type mrzParse struct {
	File string `arg:"" optional:"" default:"-" help:"The file with the lines; - is standard input."`
}

// mrzAnswer is the JSON of mrz parse.
type mrzAnswer struct {
	Format mrz.Format  `json:"format"`
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
	if errors.Is(err, mrz.ErrFormat) {
		zone = mrz.Zone{}
	}
	valid := err == nil && zone.Valid()
	a := mrzAnswer{zone.Format, valid, zone.Fields, orEmpty(zone.Checks), orEmpty(zone.Faults)}
	if err := c.answer(a, a.text); err != nil {
		return err
	}
	if !valid {
		return errNotGood
	}
	return nil
}

func (a mrzAnswer) text(w io.Writer) {
	if a.Format == "" {
		fmt.Fprintln(w, "no machine-readable zone: two lines of 44 characters (TD3) or three of 30 (TD1) are wanted")
		return
	}
	fmt.Fprintf(w, "%s, %s\n\n", a.Format, map[bool]string{true: "all check digits agree", false: "with faults"}[a.Valid])
	f := a.Fields
	for _, row := range [][2]string{
		{"document", f.DocumentCode + " of " + f.IssuingState}, {"number", f.DocumentNumber}, {"surname", f.Surname}, {"given names", f.GivenNames},
		{"nationality", f.Nationality}, {"birth date", f.BirthDate}, {"sex", f.Sex}, {"expiry date", f.ExpiryDate}, {"optional data", f.OptionalData},
	} {
		fmt.Fprintf(w, "  %-14s %s\n", row[0], row[1])
	}
	fmt.Fprintln(w)
	for _, k := range a.Checks {
		fmt.Fprintf(w, "  %-14s %-16s %s\n", k.Result, k.ID, k.Reason)
	}
	for _, e := range a.Errors {
		fmt.Fprintf(w, "  line %d, column %d: %q stands there, %s is allowed\n", e.Line, e.Column, e.Found, e.Allowed)
	}
}

// readLines reads non-empty lines, without the white space around them.
func readLines(stdin io.Reader, file string) ([]string, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("read the lines: %w", err)
	}
	if len(text) > maxText {
		return nil, usageError(fmt.Sprintf("more than %d bytes are no machine-readable zone", maxText))
	}
	return strings.Fields(string(text)), nil
}

// orEmpty keeps null out of the JSON.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
