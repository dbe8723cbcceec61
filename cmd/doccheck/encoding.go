package main

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decodeText reads a text file as editors write them: UTF-8 or UTF-16 with a byte order mark, which is left out, UTF-8
// without, or, where it is none, Windows-1252.
func decodeText(text []byte) string {
	otherwise := unicode.UTF8.NewDecoder()
	if !utf8.Valid(text) {
		otherwise = charmap.Windows1252.NewDecoder()
	}
	out, _, err := transform.Bytes(unicode.BOMOverride(otherwise), text)
	if err != nil {
		return string(text)
	}
	return string(out)
}

// latin1 writes every character in one byte, so that columns are those that people count: a zone holds none beyond ASCII, and
// one that stands there nevertheless is a fault in its place.
func latin1(lines []string) []string {
	var out []string
	for _, line := range lines {
		var b strings.Builder
		for _, r := range line {
			if r > 0xFF {
				r = '?'
			}
			b.WriteByte(byte(r))
		}
		out = append(out, b.String())
	}
	return out
}

// fromLatin1 turns what latin1 wrote back, in all that the answer repeats of the text.
func (a *mrzAnswer) fromLatin1() {
	f := &a.Fields
	repeated := []*string{
		&f.DocumentCode, &f.IssuingState, &f.Surname, &f.GivenNames, &f.DocumentNumber, &f.Nationality, &f.Sex, &f.OptionalData,
	}
	for i := range a.Errors {
		repeated = append(repeated, &a.Errors[i].Found)
	}
	for _, s := range repeated {
		runes := make([]rune, len(*s))
		for i := range len(*s) {
			runes[i] = rune((*s)[i])
		}
		*s = string(runes)
	}
}
