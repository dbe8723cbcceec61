package wedge

import "slices"

// Key codes of Linux (include/uapi/linux/input-event-codes.h).
const (
	keyMinus, keyTab, keyEnter     = 12, 15, 28
	keyLeftCtrl, keyRightCtrl      = 29, 97
	keyLeftShift, keyRightShift    = 42, 54
	keyLeftAlt, keyRightAlt        = 56, 100
	keyLeftMeta, keyRightMeta      = 125, 126
	keyCapsLock, keyNumLock        = 58, 69
	keySemicolon, keyM, keyComma   = 39, 50, 51
	key102nd, keyKeypadEnter       = 86, 96
	keyOne, keyZero                = 2, 11
	firstRow, secondRow, lowestRow = 16, 30, 44 // Q, A and Z of an American keyboard
)

// printed is what a key prints, without and with Shift; what a machine-readable zone cannot hold is '?'.
type printed struct{ plain, shifted byte }

// layout is what each key prints; keys that print nothing are not in it.
type layout map[uint16]printed

// Layouts are the keyboard layouts that a reader may be set to, by the names that X gives them.
func Layouts() []string { return []string{"us", "de", "fr"} }

// layoutOf gives the layout of that name.
func layoutOf(name string) (layout, bool) {
	l := layout{}
	switch name {
	case "us":
		l.letters("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
		l.digits(false)
		l[keyComma] = printed{'?', '<'}
	case "de":
		l.letters("QWERTZUIOP", "ASDFGHJKL", "YXCVBNM")
		l.digits(false)
		l[key102nd] = printed{'<', '?'}
	case "fr":
		l.letters("AZERTYUIOP", "QSDFGHJKL", "WXCVBN")
		l[keySemicolon] = printed{'M', 'M'}
		l.digits(true)
		l[key102nd] = printed{'<', '?'}
	default:
		return nil, false
	}
	l.keypad()
	l.others()
	return l, true
}

// letters are capital with Shift, with Caps Lock, and without either: a zone has no others.
func (l layout) letters(rows ...string) {
	for i, first := range []uint16{firstRow, secondRow, lowestRow} {
		for j, letter := range []byte(rows[i]) {
			l[first+uint16(j)] = printed{letter, letter}
		}
	}
}

// digits are printed with Shift by a French keyboard.
func (l layout) digits(withShift bool) {
	for code := uint16(keyOne); code <= keyZero; code++ {
		digit := byte('0' + (code-keyOne+1)%10)
		l[code] = printed{digit, '?'}
		if withShift {
			l[code] = printed{'?', digit}
		}
	}
}

// keypad is the digits of the keypad, as Linux numbers them: 7 8 9, 4 5 6, 1 2 3, 0.
func (l layout) keypad() {
	for i, code := range []uint16{82, 79, 80, 81, 75, 76, 77, 71, 72, 73} {
		digit := byte('0' + i)
		l[code] = printed{digit, digit}
	}
}

// others are the keys that print something else, and space.
func (l layout) others() {
	for _, code := range []uint16{keyMinus, 13, 26, 27, keySemicolon, 40, 41, 43, keyM, keyComma, 52, 53, 57, key102nd} {
		if _, ok := l[code]; !ok {
			l[code] = printed{'?', '?'}
		}
	}
}

// zoneCharacters is all that a machine-readable zone is printed with (ICAO Doc 9303-3, 4.3).
const zoneCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"

// missing is the first character of a zone that a keyboard with these keys cannot print; false where it can print all.
func (l layout) missing(has func(code uint16) bool) (byte, bool) {
	shift := has(keyLeftShift) || has(keyRightShift)
	for _, c := range []byte(zoneCharacters) {
		if !slices.ContainsFunc(l.keysOf(c, shift), has) {
			return c, true
		}
	}
	return 0, false
}

// keysOf are the keys that print a character.
func (l layout) keysOf(c byte, shift bool) []uint16 {
	var codes []uint16
	for code, p := range l {
		if p.plain == c || shift && p.shifted == c {
			codes = append(codes, code)
		}
	}
	return codes
}
