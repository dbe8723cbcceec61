package mrz

import (
	"fmt"
	"strings"
)

// Compose makes a zone of fields, check digits included. Names lose their punctuation and are cut to what fits, as Doc
// 9303-3, 4.6 and 9303-4, 4.2.3 say; any other field that does not fit, that the format does not have, or that holds what
// its place does not allow, is an error that names the field. Letters other than A to Z are such: the package
// transliterate writes them with these. NamesTruncated is not looked at.
func Compose(format Format, f Fields) ([]string, error) {
	l := layoutFor(format)
	if l == nil {
		return nil, fmt.Errorf("mrz: compose: format %q is not known", format)
	}
	c := composer{layout: l.of(f.DocumentCode, f.IssuingState)}
	for _, n := range l.lengths {
		c.lines = append(c.lines, []byte(strings.Repeat("<", n)))
	}
	c.put("document code", c.layout.code.Range, f.DocumentCode)
	c.putState("issuing state", c.layout.state.Range, f.IssuingState)
	c.putNames(f.Surname, f.GivenNames)
	rest := c.putNumber(f.DocumentNumber)
	c.putState("nationality", c.layout.nationality.Range, f.Nationality)
	c.put("birth date", c.layout.birth.Range, shortDate(f.BirthDate))
	c.put("sex", c.layout.sex.Range, f.Sex)
	c.put("expiry date", c.layout.expiry.Range, shortDate(f.ExpiryDate))
	c.putOptional(f.OptionalData, rest)
	return c.finish(rest)
}

// A composer fills the lines of one zone and remembers the first field that does not fit.
type composer struct {
	layout *layout
	lines  [][]byte
	err    error
}

// put writes a field and looks whether the place allows it, fillers behind it included.
func (c *composer) put(name string, at Range, text string) {
	text = strings.ReplaceAll(text, " ", "<")
	switch {
	case at.Length == 0 && text != "":
		c.fail(name, "the format has no such field")
		return
	case len(text) > at.Length:
		c.fail(name, fmt.Sprintf("longer than %d characters", at.Length))
		return
	}
	copy(c.lines[at.Line][at.From:], text)
	for column := at.From; column < at.From+at.Length; column++ {
		if allowed := c.layout.allowed(at.Line, column); !allowed.has(c.lines[at.Line][column]) {
			c.fail(name, fmt.Sprintf("only %s can stand in line %d, column %d", allowed, at.Line+1, column+1))
			return
		}
	}
}

// putState writes the code of a State, of whose letters none stands behind a filler.
func (c *composer) putState(name string, at Range, code string) {
	if strings.ContainsAny(strings.TrimRight(code, " <"), " <") {
		c.fail(name, "a filler stands before a letter")
	}
	c.put(name, at, code)
}

func (c *composer) fail(name, why string) {
	if c.err == nil {
		c.err = fmt.Errorf("mrz: compose: %s: %s", name, why)
	}
}

func (c *composer) putNames(surname, given string) {
	names, apart := c.layout.names.Range, c.layout.given.Range
	switch {
	case names.Length == 0:
		c.put("names", names, surname+given)
	case apart.Length == 0:
		c.put("names", names, nameField(surname, given, names.Length))
	default:
		c.put("names", names, nameField(surname, "", names.Length))
		c.put("names", apart, nameField(given, "", apart.Length))
	}
}

// putNumber fills the document number; what goes beyond nine characters stands in the optional data where the format
// allows it, with its check digit behind it. It returns how many characters these are.
func (c *composer) putNumber(number string) (rest int) {
	l := c.layout
	if !l.card || len(number) <= l.number.Length {
		c.put("document number", l.number.Range, number)
		return 0
	}
	first, more := number[:l.number.Length], number[l.number.Length:]
	if strings.ContainsAny(more, " <") {
		c.fail("document number", "a filler would end it")
		return 0
	}
	place := l.optional[0].Range
	place.Length -= len("0<")
	c.put("document number", l.number.Range, first)
	c.put("document number", place, more)
	return len(more)
}

// putOptional fills the optional fields one after the other, a word to each where there are two.
func (c *composer) putOptional(data string, rest int) {
	places := (&Zone{layout: c.layout, rest: rest}).optionals()
	if c.err != nil {
		return
	}
	for len(places) > 1 {
		word, more, _ := strings.Cut(data, " ")
		c.put("optional data", places[0], word)
		data, places = more, places[1:]
	}
	if len(places) == 0 {
		places = []Range{{}}
	}
	c.put("optional data", places[0], data)
}

// finish sets the check digits, the composite one last.
func (c *composer) finish(rest int) ([]string, error) {
	if c.err != nil {
		return nil, c.err
	}
	for _, d := range c.layout.digits {
		var sum checkSum
		for _, r := range d.Over {
			sum.add(string(c.lines[r.Line][r.From : r.From+r.Length]))
		}
		at := d.At
		if rest > 0 && d.ID == "document_number" {
			more := c.layout.optional[0].Range
			sum.add(string(c.lines[more.Line][more.From : more.From+rest]))
			at = Place{more.Line, more.From + rest}
		}
		c.lines[at.Line][at.Column] = sum.digit()
	}
	out := make([]string, len(c.lines))
	for i, l := range c.lines {
		out[i] = string(l)
	}
	return out, nil
}

// shortDate turns YYYY-MM-DD into YYMMDD; what is no date is left as it is, and put refuses it.
func shortDate(date string) string {
	if len(date) != len("YYYY-MM-DD") || date[4] != '-' || date[7] != '-' {
		return date
	}
	return strings.ReplaceAll(date[2:4]+date[5:7]+date[8:10], "?", "<")
}
