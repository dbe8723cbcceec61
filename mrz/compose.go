package mrz

import (
	"fmt"
	"strings"
)

// Compose makes a zone of fields, check digits included. Names are cut to what fits, as Doc 9303-3, 4.6 allows; any
// other field that does not fit, or holds what its place does not allow, is an error that names the field.
func Compose(format Format, f Fields) ([]string, error) {
	l := oldTD3
	switch format {
	case TD3:
	case TD1:
		l = oldTD1
	default:
		return nil, fmt.Errorf("mrz: compose: format %q is not known", format)
	}
	c := composer{layout: l}
	for range l.lines {
		c.lines = append(c.lines, []byte(strings.Repeat("<", l.columns)))
	}
	c.put("document code", l.code, f.DocumentCode)
	c.put("issuing state", l.state, f.IssuingState)
	c.put("names", l.names, nameField(f.Surname, f.GivenNames, l.names.length))
	c.putNumber(f.DocumentNumber)
	c.put("nationality", l.nationality, f.Nationality)
	c.put("birth date", l.birth, shortDate(f.BirthDate))
	c.put("sex", l.sex, f.Sex)
	c.put("expiry date", l.expiry, shortDate(f.ExpiryDate))
	c.putOptional(f.OptionalData)
	return c.finish()
}

// A composer fills the lines of one zone and remembers the first field that does not fit.
type composer struct {
	layout oldLayout
	lines  [][]byte
	err    error
}

func (c *composer) put(name string, s oldSpan, text string) {
	text = strings.ReplaceAll(text, " ", "<")
	if len(text) > s.length {
		c.fail(name, fmt.Sprintf("longer than %d characters", s.length))
		return
	}
	for i := range len(text) {
		if !s.class.allows(text[i]) {
			c.fail(name, "only "+string(s.class)+" can stand there")
			return
		}
	}
	copy(c.lines[s.line][s.from:], text)
}

func (c *composer) fail(name, why string) {
	if c.err == nil {
		c.err = fmt.Errorf("mrz: compose: %s: %s", name, why)
	}
}

// putNumber fills the document number; what goes beyond nine characters stands in the optional data of a TD1 card, with
// its check digit behind it.
func (c *composer) putNumber(number string) {
	l := c.layout
	if l.format != TD1 || len(number) <= l.number.length {
		c.put("document number", l.number, number)
		return
	}
	rest, place := number[l.number.length:], l.optional[0]
	if strings.ContainsAny(rest, " <") {
		c.fail("document number", "a filler would end it")
		return
	}
	place.length -= len("0<")
	c.put("document number", l.number, number[:l.number.length])
	c.put("document number", place, rest)
	if c.err == nil {
		c.lines[place.line][place.from+len(rest)] = '0' // until finish computes it
		c.layout = l.withLongNumber(c.text())
	}
}

// putOptional fills the optional fields one after the other, a word to each where there are two.
func (c *composer) putOptional(data string) {
	if len(c.layout.optional) == 1 {
		c.put("optional data", c.layout.optional[0], data)
		return
	}
	first, second, _ := strings.Cut(data, " ")
	c.put("optional data", c.layout.optional[0], first)
	c.put("optional data", c.layout.optional[1], second)
}

func (c *composer) finish() ([]string, error) {
	if c.err != nil {
		return nil, c.err
	}
	for _, d := range c.layout.digits {
		var sum checkSum
		for _, s := range d.over {
			sum.add(string(c.lines[s.line][s.from : s.from+s.length]))
		}
		c.lines[d.at.line][d.at.from] = sum.digit()
	}
	return c.text(), nil
}

func (c *composer) text() []string {
	out := make([]string, len(c.lines))
	for i, l := range c.lines {
		out[i] = string(l)
	}
	return out
}

// nameField writes names as Doc 9303-3, 4.6 does: hyphens become fillers, apostrophes and full stops vanish.
func nameField(surname, given string, length int) string {
	clean := strings.NewReplacer("-", "<", " ", "<", "'", "", "’", "", ".", "", ",", "")
	text := clean.Replace(surname)
	if given != "" {
		text += "<<" + clean.Replace(given)
	}
	return text[:min(len(text), length)]
}

// shortDate turns YYYY-MM-DD into YYMMDD; what is no date is left as it is, and put refuses it.
func shortDate(date string) string {
	if len(date) != len("YYYY-MM-DD") || date[4] != '-' || date[7] != '-' {
		return date
	}
	return strings.ReplaceAll(date[2:4]+date[5:7]+date[8:10], "?", "<")
}
