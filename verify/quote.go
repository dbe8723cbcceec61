package verify

import (
	"strings"
	"unicode"
)

// Quote is text of which a stranger wrote a part (a name, an object identifier, an error that repeats one), for people to
// read: one line of at most that many characters. Dots stand for what is cut off, and what is not printable (bytes that are
// not UTF-8, control characters, marks that turn the direction of writing) by U+FFFD. It takes no longer for a longer text,
// and changes nothing where it is applied again.
func Quote(text string, most int) string {
	var b strings.Builder
	n := 0
	write := func(r rune) bool {
		if n++; n > most {
			b.WriteString("...")
			return false
		}
		b.WriteRune(r)
		return true
	}
	for _, r := range text {
		if r == '\n' { // between errors that are joined
			if !write(';') {
				break
			}
			r = ' '
		}
		if !write(printable(r)) {
			break
		}
	}
	return b.String()
}

// printable is a character as it may stand in a line.
func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case !unicode.IsPrint(r):
		return unicode.ReplacementChar
	}
	return r
}
