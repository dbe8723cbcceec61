package transliterate

import "golang.org/x/text/language"

// cyrillic is table B without its exceptions. The table prints two letters under the code of a look-alike: U+0492 for Ѓ
// (U+0403) and U+04BA for Ћ (U+040B); both are here. The soft sign is not in it and is not encoded.
var cyrillic = map[rune]string{
	'Ё': "E", 'Ђ': "D", 'Ѓ': "G", 'Є': "IE", 'Ѕ': "DZ", 'І': "I", 'Ї': "I", 'Ј': "J", 'Љ': "LJ", 'Њ': "NJ", 'Ћ': "C",
	'Ќ': "K", 'Ў': "U", 'Џ': "DZ",
	'А': "A", 'Б': "B", 'В': "V", 'Г': "G", 'Д': "D", 'Е': "E", 'Ж': "ZH", 'З': "Z", 'И': "I", 'Й': "I", 'К': "K",
	'Л': "L", 'М': "M", 'Н': "N", 'О': "O", 'П': "P", 'Р': "R", 'С': "S", 'Т': "T", 'У': "U", 'Ф': "F", 'Х': "KH",
	'Ц': "TS", 'Ч': "CH", 'Ш': "SH", 'Щ': "SHCH", 'Ъ': "IE", 'Ы': "Y", 'Ь': "", 'Э': "E", 'Ю': "IU", 'Я': "IA",
	'Ѫ': "U", 'Ѵ': "Y", 'Ґ': "G", 'Ғ': "G", 'Һ': "C",
}

// cyrillicExceptions are table B's, by language.
var cyrillicExceptions = map[string]map[rune]string{
	"be": {'Ё': "IO", 'Г': "H"},
	"bg": {'Щ': "SHT"},
	"mk": {'Ќ': "KJ", 'Џ': "DJ", 'Х': "H", 'Ц': "C", 'Ѓ': "GJ", 'Ғ': "GJ"},
	"sr": {'Г': "H", 'Ж': "Z", 'Х': "H", 'Ц': "C", 'Ч': "C", 'Ш': "S"},
	"uk": {'Г': "H", 'И': "Y"},
}

// ukrainianInitials are the forms that Ukrainian letters have at the beginning of a name.
var ukrainianInitials = map[rune]string{'Є': "YE", 'Ї': "YI", 'Й': "Y", 'Ю': "YU", 'Я': "YA"}

func cyrillicForms(r rune, at place, lang language.Tag) (unit, bool) {
	base, _ := lang.Base()
	if form, ok := ukrainianInitials[r]; ok && at.first && base.String() == "uk" {
		return unit{form}, true
	}
	if form, ok := cyrillicExceptions[base.String()][r]; ok {
		return unit{form}, true
	}
	form, ok := cyrillic[r]
	return unit{form}, ok
}
