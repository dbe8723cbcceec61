package chip

import (
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// unreadCharacter is what a reader of the printed MRZ gives for a character that it could not read.
const unreadCharacter = '?'

// zone answers whether the printed MRZ and DG1 say the same, and tells where they do not what both say.
func (x *examination) zone() answer {
	if a, missing := x.needLines(); missing {
		return a
	}
	if len(x.MRZ) == 0 {
		return notPerformed(verify.Because(verify.CodeNoMRZ))
	}
	if len(x.MRZ) != len(x.lines) {
		return failed(verify.Because(codeLineCount).WithNumber("printed", len(x.MRZ)).WithNumber("chip", len(x.lines)))
	}
	unread := false
	printed := make([]string, len(x.MRZ)) // with DG1's characters where one could not be read
	for i, line := range x.MRZ {
		if len(line) != len(x.lines[i]) {
			return failed(verify.Because(codeLineLength).WithNumber("line", i+1).WithNumber("printed", len(line)).WithNumber("chip", len(x.lines[i])))
		}
		readable := []byte(line)
		for column, c := range readable {
			if c == unreadCharacter {
				unread, readable[column] = true, x.lines[i][column]
			}
		}
		printed[i] = string(readable)
	}
	switch differ := x.differences(printed); {
	case len(differ) > 0:
		return failed(differ[0], differ[1:]...)
	case unread:
		return undetermined(verify.Because(codePartlyRead))
	}
	return passed(verify.Because(codeSame))
}

// differences tell which fields of the printed lines differ from DG1's and how; or, where it is none of the fields, which line from
// which column on.
func (x *examination) differences(printed []string) (differ []verify.Reason) {
	onPage, errPage := mrz.Parse(printed, x.Day)
	inChip, errChip := mrz.Parse(x.lines, x.Day)
	if errPage == nil && errChip == nil {
		both := fieldsOf(inChip.Fields)
		for i, field := range fieldsOf(onPage.Fields) {
			if field.value != both[i].value {
				differ = append(differ, verify.Because(codeFieldDiffers).With("field", field.name).With("printed", field.value).With("chip", both[i].value))
			}
		}
	}
	if differ != nil {
		return differ
	}
	for i, line := range printed {
		for column := range len(line) {
			if line[column] != x.lines[i][column] {
				return []verify.Reason{verify.Because(codeLineDiffers).WithNumber("line", i+1).WithNumber("column", column+1).
					With("printed", line).With("chip", x.lines[i])}
			}
		}
	}
	return nil
}

// mrzField is a field of an MRZ, by the name that catalogues have words for.
type mrzField struct{ name, value string }

// fieldsOf are the fields of an MRZ, those that say most of whose document it is first.
func fieldsOf(f mrz.Fields) []mrzField {
	return []mrzField{
		{"surname", f.Surname}, {"given_names", f.GivenNames}, {"document_number", f.DocumentNumber}, {"birth_date", f.BirthDate},
		{"nationality", f.Nationality}, {"sex", f.Sex}, {"expiry_date", f.ExpiryDate}, {"document_code", f.DocumentCode},
		{"issuing_state", f.IssuingState}, {"optional_data", f.OptionalData},
	}
}

// country answers whether the state that DG1 names is the signer's, and that of all certificates from its CSCA's up to the
// anchor: the authority of one state cannot make signers for another by writing that state's code into their certificates
// (ICAO Doc 9303-12, 7.1), and where a list of defects says that the State itself has got it wrong, that is left open. A signer that
// names none is of its CSCA's. The state stands in columns 3 to 5 of the first line in every format (ICAO Doc 9303-4, -5 and -6, 4.2).
func (x *examination) country() answer {
	if a, missing := x.needLines(); missing {
		return a
	}
	if a, missing := x.needSigner(); missing {
		return a
	}
	state := x.issuingState()
	authority, known := authorityOf(state)
	countries := pki.CountriesOf(x.signer, x.ancestors()...)
	var besides []verify.Reason
	if standard := mrz.StandardState(state); standard != state && standard != "" {
		besides = append(besides, verify.Because(codeStateSpelt).With("state", state).With("standard", standard))
	}
	if !known {
		return undetermined(verify.Because(codeNoAuthority).With("state", state), besides...)
	}
	if len(countries) == 0 {
		return undetermined(verify.Because(codeNoCountry), besides...)
	}
	for _, country := range countries {
		if slices.Contains(authority.countries, country) {
			continue
		}
		other := verify.Because(codeOtherCountry).With("state", state).With("country", country)
		if authority.unseen {
			return undetermined(other, append(besides, verify.Because(codeUnseen))...)
		}
		a := x.malformed(other, pki.DefectIssuingCountry)
		a.reasons = append(a.reasons, besides...)
		return a
	}
	if authority.source != "" {
		besides = append(besides, verify.Because(codeCountrySigns).With("source", authority.source))
	}
	return passed(verify.Because(codeCountry).With("state", state).With("country", countries[0]), append(besides, verify.Deviations(x.countryDeviations())...)...)
}

// countryDeviations tell how the signer's certificate and those which it is signed down from write their country, each way once.
func (x *examination) countryDeviations() (deviations []pki.Deviation) {
	for _, c := range append([]*pki.Certificate{x.signer}, x.ancestors()...) {
		if d := c.CountryDeviation(); d != "" && !slices.Contains(deviations, d) {
			deviations = append(deviations, d)
		}
	}
	return deviations
}

// issuingState is the state that DG1 names, without fillers; empty where DG1 cannot be read.
func (x *examination) issuingState() string {
	if len(x.lines) == 0 {
		return ""
	}
	return strings.TrimRight(x.lines[0][2:5], "<")
}

// sameCountry says whether both name one country alone, and the same.
func sameCountry(a, b []string) bool { return len(a) == 1 && slices.Equal(a, b) }
