package mrz

import "strings"

// maxText bounds what read writes: two dates, and no more than a zone's characters with a space more between fields.
const maxText = 2*len("2006-01-02") + maxLines*maxColumns

// appendWords appends the words of a field, that is what fillers part, with one space before each but a first one at
// start.
func appendWords(b []byte, start int, field string) []byte {
	for rest := trimRight(field); rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, "<")
		if word != "" && len(b) > start {
			b = append(b, ' ')
		}
		b = append(b, word...)
	}
	return b
}

// trimRight takes eight fillers at a time while there are as many: half of a usual zone.
func trimRight(field string) string {
	const eight = "<<<<<<<<"
	for len(field) >= len(eight) && field[len(field)-len(eight):] == eight {
		field = field[:len(field)-len(eight)]
	}
	for field != "" && field[len(field)-1] == '<' {
		field = field[:len(field)-1]
	}
	return field
}

func onlyFillers(field string) bool { return trimRight(field) == "" }

// full reports whether the last character of a field is used.
func full(field string) bool { return field != "" && field[len(field)-1] != '<' }

// nameField writes names as Doc 9303-3, 4.6 does and cuts them to length as Doc 9303-4, 4.2.3 does.
func nameField(surname, given string, length int) string {
	primary, secondary := nameWords(surname, "<"), nameWords(given, "<")
	if secondary == "" {
		return truncate(primary, length)
	}
	if most := length - len("<<A"); len(primary) > most {
		primary = strings.TrimRight(primary[:most], "<")
	}
	return truncate(primary+"<<"+secondary, length)
}

// nameWords joins the components of a name: a hyphen, a comma or a space parts them, other punctuation vanishes.
func nameWords(name, separator string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' || r == ',' || r == '‐' || r == '‑' })
	for i, w := range words {
		words[i] = strings.Map(withoutPunctuation, w)
	}
	return strings.Join(words, separator)
}

func withoutPunctuation(r rune) rune {
	if strings.ContainsRune(".'’‘ʼ´`\"();:/", r) {
		return -1
	}
	return r
}

// truncate cuts text so that its last character is a letter, the sign that it was cut: where a filler would come to stand
// there, a letter of the last component that has two is left out.
func truncate(text string, length int) string {
	if len(text) <= length {
		return text
	}
	if text[length-1] != '<' {
		return text[:length]
	}
	for i := length - 2; i > 0; i-- {
		if text[i] != '<' && text[i-1] != '<' {
			text = text[:i] + text[i+1:]
			break
		}
	}
	return text[:length]
}
