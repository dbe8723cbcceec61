package mrz

import "slices"

// Place is one character of a zone; lines and columns count from 0.
type Place struct{ Line, Column int }

// Range is a run of characters in one line; lines and columns count from 0.
type Range struct{ Line, From, Length int }

// Digit is one check digit of a format.
type Digit struct {
	ID       string  // "document_number", "birth_date", "expiry_date", "optional_data" or "composite"
	At       Place   // where it stands
	Over     []Range // what it is computed over, in this order, as one run of characters
	Optional bool    // a filler may stand for it where Over holds nothing but fillers
}

// Formats lists every format that can be parsed and composed, the most frequent first.
func Formats() []Format { return []Format{TD3, TD1, TD2, MRVA, MRVB, FRID, CHDL, IDL} }

// Lengths gives the number of characters in each line: 44, 44 for TD3. It is nil for an unknown format.
func (f Format) Lengths() []int {
	l := layoutFor(f)
	if l == nil {
		return nil
	}
	return slices.Clone(l.lengths)
}

// Allowed gives the characters that the format allows at a place, in the order 0-9, A-Z, <; line and column count from 0.
// It is empty outside the zone. National peculiarities that only the text itself tells of are left out: in a TD3 zone that
// begins with PNRUS (the Russian internal passport), digits stand in the names too; IssuersOwn tells of document codes.
func (f Format) Allowed(line, column int) string {
	l := layoutFor(f)
	if l == nil || line < 0 || line >= len(l.lengths) || column < 0 || column >= l.lengths[line] {
		return ""
	}
	return l.allowed(line, column).characters()
}

// Digits lists the format's check digits; CHDL has none. Where a long document number goes on in the optional data of a
// TD1 or TD2 zone, its check digit stands behind it there, and a filler at At (Doc 9303-5, 4.2.4).
func (f Format) Digits() []Digit {
	l := layoutFor(f)
	if l == nil {
		return nil
	}
	out := slices.Clone(l.digits)
	for i := range out {
		out[i].Over = slices.Clone(out[i].Over)
	}
	return out
}
