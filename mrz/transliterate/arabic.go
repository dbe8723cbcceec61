package transliterate

import "strings"

// shadda doubles the letter before it (table C, note 3).
const shadda = '\u0651'

// doubled is what a shadda adds behind the forms of a letter: they come again without their escape, as in note 3, or with
// it, as in the program of B.7.1.
func doubled(letter unit) unit {
	var again unit
	for _, form := range letter {
		if short, escaped := strings.CutPrefix(form, "X"); escaped {
			again = append(again, short)
		}
		again = append(again, form)
	}
	return again
}

// arabic is table C with the two letters for foreign names of B.5.4. What is written "" is not encoded.
var arabic = map[rune]string{
	'ء': "XE", 'آ': "XAA", 'أ': "XAE", 'ؤ': "U", 'إ': "I", 'ئ': "XI", 'ا': "A", 'ب': "B", 'ة': "XTA", 'ت': "T",
	'ث': "XTH", 'ج': "J", 'ح': "XH", 'خ': "XKH", 'د': "D", 'ذ': "XDH", 'ر': "R", 'ز': "Z", 'س': "S", 'ش': "XSH",
	'ص': "XSS", 'ض': "XDZ", 'ط': "XTT", 'ظ': "XZZ", 'ع': "E", 'غ': "G", 'ف': "F", 'ق': "Q", 'ك': "K", 'ل': "L",
	'م': "M", 'ن': "N", 'ه': "H", 'و': "W", 'ى': "XAY", 'ي': "Y", 'ٱ': "XXA",
	'ڤ': "V", 'ڥ': "XF",
	'ٹ': "XXT", 'ټ': "XRT", 'پ': "P", 'ځ': "XKE", 'څ': "XXH", 'چ': "XC", 'ڈ': "XXD", 'ډ': "XDR", 'ڑ': "XXR",
	'ړ': "XRR", 'ږ': "XRX", 'ژ': "XJ", 'ښ': "XXS", 'ک': "XKK", 'ګ': "XXK", 'ڭ': "XNG", 'گ': "XGG", 'ں': "XNN",
	'ڼ': "XXN", 'ھ': "XDO", 'ۀ': "XYH", 'ہ': "XXG", 'ۂ': "XGE", 'ۃ': "XTG", 'ی': "XYA", 'ۍ': "XXY", 'ې': "Y",
	'ے': "XYB", 'ۓ': "XBE",
	'ـ': "", '\u064B': "", '\u064C': "", '\u064D': "", '\u064E': "", '\u064F': "", '\u0650': "", '\u0652': "",
	'\u0670': "", 'ڜ': "", 'ڢ': "", 'ڧ': "", 'ڨ': "",
}

const (
	tehMarbuta      = 'ة'
	tehMarbutaFinal = "XAH" // at the end of a component (B.5.5.6)
)

func arabicForms(r rune, at place) (unit, bool) {
	if r == tehMarbuta && at.last {
		return unit{tehMarbutaFinal, "XTA"}, true
	}
	form, ok := arabic[r]
	return unit{form}, ok
}
