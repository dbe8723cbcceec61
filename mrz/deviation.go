package mrz

import (
	"cmp"
	"fmt"
	"strings"
)

// Deviation is something that the standard has otherwise and that issuers are known to print. It is no fault, and what it
// stands for is in the fields; but nobody overlooks it.
type Deviation struct {
	// ID is the field, "document_code", "issuing_state", "nationality", "birth_date", "sex" or "expiry_date", or "text" of what
	// FromText tells; line and column are then those of the text that it was given.
	ID       string `json:"id"`
	Line     int    `json:"line"`   // from 1
	Column   int    `json:"column"` // from 1
	Found    string `json:"found"`
	Taken    string `json:"taken"`    // what it is taken for, in English
	Standard string `json:"standard"` // what stands there by Doc 9303
}

// Deviations are what the zone has otherwise than Doc 9303 without its being a fault, from the first line to the last within a
// kind: codes, then dates, then the sex.
func (z Zone) Deviations() []Deviation {
	if z.layout == nil {
		return nil
	}
	l, f := z.layout, z.Fields
	out := z.codeDeviation(nil)
	out = z.stateDeviation(out, "issuing_state", l.state.Range, f.IssuingState)
	out = z.stateDeviation(out, "nationality", l.nationality.Range, f.Nationality)
	out = z.zeroDeviation(out)
	if strings.HasPrefix(f.ExpiryDate, fmt.Sprint(endless)) {
		out = append(out, z.deviation("expiry_date", l.expiry.Range, "validity without end", "the day of expiry"))
	}
	if f.Sex == "X" {
		out = append(out, z.deviation("sex", l.sex.Range, "unspecified", "<"))
	}
	return out
}

func (z *Zone) deviation(id string, at Range, taken, standard string) Deviation {
	return Deviation{id, at.Line + 1, at.From + 1, z.text(at), taken, standard}
}

// codeDeviation tells of a document code that only its issuer knows, or that has a letter that the standard keeps out.
func (z *Zone) codeDeviation(out []Deviation) []Deviation {
	at, code := z.layout.code.Range, z.Fields.DocumentCode
	name, ok := DocumentName(z.Format, code)
	if !ok || !z.layout.allowed(at.Line, at.From).has(code[0]) {
		return out // a fault, if anything
	}
	switch known := officers.has(code[0]); {
	case z.Format == TD3 && code[0] != 'P':
		return append(out, z.deviation("document_code", at, name.English, "P and a letter (part 4, 4.2.2)"))
	case z.layout.card && !known:
		return append(out, z.deviation("document_code", at, name.English, "A, C or I first (parts 5 and 6, 4.2.2)"))
	case z.layout.card && (code == "AI" || code[1:] == "V"):
		return append(out, z.deviation("document_code", at, name.English, "another letter behind "+code[:1]+" (parts 5 and 6, 4.2.2)"))
	}
	return out
}

// stateDeviation tells of a code of a State that Doc 9303-3, section 5 does not have.
func (z *Zone) stateDeviation(out []Deviation, id string, at Range, code string) []Deviation {
	d, ok := deviatingStates[code]
	if at.Length == 0 || !ok {
		return out
	}
	if d.instead == "" {
		d.instead = "no code of it any more"
	}
	return append(out, z.deviation(id, at, d.English, d.instead))
}

// zeroDeviation tells of zeros that stand for what is not known of the date of birth.
func (z *Zone) zeroDeviation(out []Deviation) []Deviation {
	at := z.layout.birth.Range
	read := strings.ReplaceAll(z.Fields.BirthDate, "-", "")
	if read == "" {
		return out
	}
	read = read[len("20"):]
	for i, c := range read {
		if c != '?' || z.text(at)[i] != '0' {
			continue
		}
		end := strings.LastIndex(z.text(at), "0") + 1
		taken := map[[2]int]string{{2, 4}: "an unknown month", {2, 6}: "an unknown month and day", {4, 6}: "an unknown day"}[[2]int{i, end}]
		at.From, at.Length = at.From+i, end-i
		return append(out, z.deviation("birth_date", at, cmp.Or(taken, "an unknown date"), strings.Repeat("<", end-i)+" (part 3, 4.8)"))
	}
	return out
}
