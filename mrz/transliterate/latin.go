package transliterate

import (
	"golang.org/x/text/unicode/norm"
)

// latin are the letters of table A that have more than one form, or one that is not their base letter. The first form is
// the rule.
var latin = []struct {
	national rune
	forms    unit
}{
	{'Ä', unit{"AE", "A"}},
	{'Å', unit{"AA", "A"}},
	{'Æ', unit{"AE"}},
	{'Ð', unit{"D"}},
	{'Ñ', unit{"N", "NXX"}},
	{'Ö', unit{"OE", "O"}},
	{'Ø', unit{"OE"}},
	{'Ü', unit{"UE", "UXX", "U"}},
	{'Þ', unit{"TH"}},
	{'Đ', unit{"D"}},
	{'Ħ', unit{"H"}},
	{'Ĳ', unit{"IJ"}},
	{'Ŀ', unit{"L"}},
	{'Ł', unit{"L"}},
	{'Ŋ', unit{"N"}},
	{'Œ', unit{"OE"}},
	{'Ŧ', unit{"T"}},
	{'ẞ', unit{"SS"}},
	{'ß', unit{"SS"}},
}

// latinForms are the forms of a Latin letter. Letters that table A does not have lose their marks as most of those do; a
// character that has no base letter stays.
func latinForms(r rune) unit {
	for _, l := range latin {
		if l.national == r {
			return l.forms
		}
	}
	if base := baseLetter(r); base != 0 {
		return unit{string(base)}
	}
	return unit{string(r)}
}

// baseLetter is the letter A to Z of which r is made with marks, 0 where there is none.
func baseLetter(r rune) rune {
	base := []rune(norm.NFD.String(string(r)))[0]
	if base < 'A' || base > 'Z' {
		return 0
	}
	return base
}
