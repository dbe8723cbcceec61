package mrz

import "strings"

// alphabet is every character that a zone may hold (Doc 9303-3, 4.3, figure 4), in the order of their values; the filler
// counts as 0 in check digits but has a place of its own in sets.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"

const (
	filler = 36 // the filler's index in alphabet
	none   = 63 // the index of characters that are not in alphabet: no set holds it
)

// indexes gives every byte's index in alphabet.
var indexes = func() (t [256]uint8) {
	for c := range t {
		t[c] = none
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = uint8(i)
	}
	return t
}()

// A set is the characters that a place allows, one bit for each index in alphabet.
type set uint64

const (
	digits        set = 1<<10 - 1
	letters       set = 1<<36 - 1 - digits
	fillers       set = 1 << filler
	digitsFiller      = digits | fillers
	lettersFiller     = letters | fillers
	alphanumeric      = letters | digits | fillers
)

// singles gives every byte's set: itself alone, or what no set holds.
var singles = func() (t [256]set) {
	for c, i := range indexes {
		t[c] = 1 << i
	}
	return t
}()

// of is the set of the characters of text.
func of(text string) (s set) {
	for i := range len(text) {
		s |= singles[text[i]]
	}
	return s
}

func (s set) has(c byte) bool { return s>>indexes[c]&1 == 1 }

// characters lists the set in the order of alphabet: "0123456789<".
func (s set) characters() string {
	var b strings.Builder
	for i := range len(alphabet) {
		if s.has(alphabet[i]) {
			b.WriteByte(alphabet[i])
		}
	}
	return b.String()
}

// String is the set as people are told it: "A-Z 0-9 <", "F M X <".
func (s set) String() string {
	var parts []string
	for _, run := range []struct {
		all  set
		name string
	}{{letters, "A-Z"}, {digits, "0-9"}, {fillers, "<"}} {
		if s&run.all == run.all {
			parts = append(parts, run.name)
			continue
		}
		parts = append(parts, strings.Split((s&run.all).characters(), "")...)
	}
	return strings.Join(parts, " ")
}
