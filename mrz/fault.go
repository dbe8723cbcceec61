package mrz

import (
	"cmp"
	"slices"
	"strings"
)

// Faults are what must not stand where it does, from the first line to the last: characters, parts of dates that cannot be,
// fillers before the letters of a State's code, and fillers alone where a name or the document number must stand.
func (z Zone) Faults() []Fault {
	var out []Fault
	for line, text := range z.Lines() {
		for column := range len(text) {
			if allowed := z.layout.allowed(line, column); !allowed.has(text[column]) {
				out = append(out, Fault{Line: line + 1, Column: column + 1, Found: text[column : column+1], Allowed: allowed.String()})
			}
		}
	}
	if z.layout == nil || !z.misfilled() {
		return out
	}
	out = append(out, z.misdated(z.layout.birth, z.Fields.BirthDate, z.wrong[0])...)
	out = append(out, z.misdated(z.layout.expiry, z.Fields.ExpiryDate, z.wrong[1])...)
	out = append(out, z.miscoded(z.layout.state)...)
	out = append(out, z.miscoded(z.layout.nationality)...)
	if z.nameless() {
		out = append(out, z.missing(z.layout.names, "name"))
	}
	if z.numberless() {
		out = append(out, z.missing(z.layout.number, "document number"))
	}
	slices.SortStableFunc(out, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return out
}

// misfilled reports whether there is a fault of which no single character tells.
func (z *Zone) misfilled() bool {
	return z.undated() || z.nameless() || z.numberless() || gapped(z.Fields.IssuingState) || gapped(z.Fields.Nationality)
}

// undated reports whether a date that the format has is none.
func (z *Zone) undated() bool {
	return z.layout.birth.Length > 0 && z.Fields.BirthDate == "" || z.layout.expiry.Length > 0 && z.Fields.ExpiryDate == ""
}

// nameless reports whether there is no name at all. One alone is enough: who has but one name has a primary identifier and no
// secondary (Doc 9303-3, 4.6), and some issuers make it the secondary.
func (z *Zone) nameless() bool {
	return z.Fields.Surname == "" && z.Fields.GivenNames == "" && z.layout.names.Length > 0
}

// numberless reports whether there is no document number, which is mandatory (Doc 9303-4, -5, -6 and -7, 4.2.2). One of more
// than nine characters begins in its own place.
func (z *Zone) numberless() bool {
	return z.layout.number.Length > 0 && (z.Fields.DocumentNumber == "" || z.rest > 0 && onlyFillers(z.text(z.layout.number.Range)))
}

// gapped reports whether a filler stands before a letter of a State's code: of all, only D is shorter than three letters, and
// fillers follow it (Doc 9303-3, section 5).
func gapped(code string) bool { return strings.IndexByte(code, '<') >= 0 }

// miscoded are the fillers before the last letter of a State's code, where they are without fault by themselves.
func (z *Zone) miscoded(field span) []Fault {
	var out []Fault
	code := trimRight(z.text(field.Range))
	for i := range len(code) {
		column := field.From + i
		if allowed := z.layout.allowed(field.Line, column); code[i] == '<' && allowed.has('<') {
			out = append(out, Fault{Line: field.Line + 1, Column: column + 1, Found: "<", Allowed: (allowed &^ fillers).String()})
		}
	}
	return out
}

// missing tells of a field that holds nothing.
func (z *Zone) missing(field span, what string) Fault {
	return Fault{
		Line: field.Line + 1, Column: field.From + 1, Found: z.text(field.Range), Allowed: (field.set &^ fillers).String(), Missing: what,
	}
}

// misdated is the part that makes a date none, where its characters alone are without fault.
func (z *Zone) misdated(field span, read string, w wrongPart) []Fault {
	if field.Length == 0 || read != "" {
		return nil
	}
	allowed := w.allowed()
	for column := field.From; column < field.From+field.Length; column++ {
		if !field.set.has(z.lines[field.Line][column]) {
			return nil
		}
	}
	if field.set.has('<') {
		allowed += " <<"
	}
	at := int(w.part) * partLength
	return []Fault{{Line: field.Line + 1, Column: field.From + at + 1, Found: z.text(field.Range)[at : at+partLength], Allowed: allowed}}
}
