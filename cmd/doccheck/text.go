package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/foyer-station/foyer/mrz"
)

// The columns of a table of checks; the reason takes the rest of a terminal of 100.
const (
	resultWidth = 14 // len("not_performed") + 1
	idWidth     = 23
	levelWidth  = 12
	reasonWidth = 100 - 2 - resultWidth - idWidth - levelWidth
)

// row is one line of a table: a name, and what belongs to it.
func row(w io.Writer, name, value string) {
	fmt.Fprintf(w, "  %-14s %s\n", name, cmp.Or(value, "-"))
}

func printFields(w io.Writer, f mrz.Fields) {
	row(w, "document", cmp.Or(f.DocumentCode, "-")+" of "+cmp.Or(f.IssuingState, "-"))
	row(w, "number", f.DocumentNumber)
	row(w, "surname", f.Surname)
	row(w, "given names", f.GivenNames)
	row(w, "nationality", f.Nationality)
	row(w, "birth date", f.BirthDate)
	row(w, "sex", f.Sex)
	row(w, "expiry date", f.ExpiryDate)
	row(w, "optional data", f.OptionalData)
}

func printChecks(w io.Writer, checks []checkAnswer) {
	for _, k := range checks {
		reason := wrap(k.Reason, reasonWidth)
		printCheck(w, string(k.Result), k.ID, string(k.Level), reason[0])
		for _, more := range reason[1:] {
			printCheck(w, "", "", "", more)
		}
	}
}

func printCheck(w io.Writer, result, id, level, reason string) {
	line := fmt.Sprintf("  %-*s%-*s%-*s%s", resultWidth, result, idWidth, id, levelWidth, level, reason)
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

// wrap breaks text between words; it gives at least one line. A word longer than width stays whole.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
