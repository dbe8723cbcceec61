package main

import (
	"slices"
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

// An alphabet writes every character in one byte, so that columns are those that people count: an MRZ holds none beyond ASCII, and
// one that stands there nevertheless is a fault in its place.
type alphabet struct{ beyond []rune }

// firstBeyond is the first of the bytes for characters beyond ASCII. There are more characters than bytes; the rest are question
// marks.
const firstBeyond = 0x80

func (a *alphabet) encode(lines []string) []string {
	var out []string
	for _, line := range lines {
		var b strings.Builder
		for _, r := range line {
			b.WriteByte(a.letter(r))
		}
		out = append(out, b.String())
	}
	return out
}

func (a *alphabet) letter(r rune) byte {
	if r < firstBeyond {
		return byte(r)
	}
	i := slices.Index(a.beyond, r)
	if i < 0 {
		if len(a.beyond) > 0xFF-firstBeyond {
			return '?'
		}
		i, a.beyond = len(a.beyond), append(a.beyond, r)
	}
	return byte(firstBeyond + i)
}

func (a *alphabet) decode(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < firstBeyond || int(c)-firstBeyond >= len(a.beyond) {
			b.WriteByte(c)
		} else {
			b.WriteRune(a.beyond[c-firstBeyond])
		}
	}
	return b.String()
}

// restore turns what the alphabet wrote back, in all that the answer repeats of the text.
func (a *mrzAnswer) restore(by alphabet) {
	f := &a.Fields
	repeated := []*string{
		&f.DocumentCode, &f.IssuingState, &f.Surname, &f.GivenNames, &f.DocumentNumber, &f.Nationality, &f.Sex, &f.OptionalData,
	}
	for i := range a.Errors {
		repeated = append(repeated, &a.Errors[i].Found)
	}
	for _, s := range repeated {
		*s = by.decode(*s)
	}
}
