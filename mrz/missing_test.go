package mrz_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
)

// wholes are a zone of each format that has a name or a document number.
var wholes = map[mrz.Format][]string{
	mrz.TD3: specimenTD3, mrz.TD1: specimenTD1, mrz.TD2: specimenTD2,
	mrz.MRVA: {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
	mrz.MRVB: {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
	mrz.FRID: {"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"},
	mrz.CHDL: {"AAA001D<<", "FACHE305142128097<<800126<<<<<", "MARCHAND<<FABIENNE<<<<<<<<<<<<"},
	mrz.IDL:  {"D1FRA13AA000026181231MARTIN<<9"},
}

// nameAt is where the first name stands, from 1, and how much room it has; of FRID, the given names stand elsewhere.
var nameAt = map[mrz.Format]struct{ line, column, length int }{
	mrz.TD3: {1, 6, 39}, mrz.TD1: {3, 1, 30}, mrz.TD2: {1, 6, 31}, mrz.MRVA: {1, 6, 39}, mrz.MRVB: {1, 6, 31},
	mrz.FRID: {1, 6, 25}, mrz.CHDL: {3, 1, 30}, mrz.IDL: {1, 22, 8},
}

func TestAZoneWithoutAnyNameHasAFault(t *testing.T) {
	for format, whole := range wholes {
		at := nameAt[format]
		lines := put(t, whole, at.line, at.column, strings.Repeat("<", at.length))
		if format == mrz.FRID {
			lines = put(t, lines, 2, 14, strings.Repeat("<", 14))
		}
		zone := parse(t, lines)
		want := []mrz.Fault{{Line: at.line, Column: at.column, Found: strings.Repeat("<", at.length), Allowed: "A-Z", Missing: "name"}}
		if d := cmp.Diff(want, zone.Faults()); d != "" || zone.Valid() {
			t.Errorf("%s: valid %v, %s", format, zone.Valid(), d)
		}
		if r := zone.Results(); r.Surname != mrz.Failed || r.GivenNames != mrz.Failed {
			t.Errorf("%s: %+v", format, r)
		}
		agreeOnValidity(t, zone)
	}
}

func TestAZoneWithoutADocumentNumberHasAFault(t *testing.T) {
	for format, at := range map[mrz.Format]struct{ line, column int }{
		mrz.TD3: {2, 1}, mrz.TD1: {1, 6}, mrz.TD2: {2, 1}, mrz.MRVA: {2, 1}, mrz.MRVB: {2, 1},
	} {
		zone := parse(t, put(t, wholes[format], at.line, at.column, "<<<<<<<<<"))
		want := []mrz.Fault{{Line: at.line, Column: at.column, Found: "<<<<<<<<<", Allowed: "A-Z 0-9", Missing: "document number"}}
		if d := cmp.Diff(want, zone.Faults()); d != "" || zone.Valid() || zone.Results().DocumentNumber != mrz.Failed {
			t.Errorf("%s: valid %v, %s", format, zone.Valid(), d)
		}
	}
	long := parse(t, []string{"I<UTO<<<<<<<<<<7349<<<<<<<<<<<", specimenTD1[1], specimenTD1[2]})
	if faults := long.Faults(); len(faults) != 1 || faults[0].Missing != "document number" {
		t.Errorf("the rest of a long number is none by itself: %+v", faults)
	}
}

// Doc 9303-3, 4.6: who has but one name has a primary identifier; some issuers, as India, make it the secondary.
func TestOneNameAloneIsEnough(t *testing.T) {
	for format, whole := range wholes {
		at := nameAt[format]
		for _, name := range []string{"SUKARNO", "<<PRIYA", "O", "<<K", "O<<K"} {
			field := name + strings.Repeat("<", at.length-len(name))
			if zone := parse(t, put(t, whole, at.line, at.column, field)); !zone.Valid() {
				t.Errorf("%s, %s: %+v %+v", format, name, zone.Faults(), zone.Checks())
			}
		}
	}
	given := put(t, wholes[mrz.FRID], 1, 6, strings.Repeat("<", 25))
	if zone := parse(t, given); !zone.Valid() || zone.Fields.GivenNames != "CORINNE" {
		t.Errorf("%+v", zone.Faults())
	}
}

// Doc 9303-3, section 5: of all codes D alone is shorter than three letters, and two fillers follow it.
func TestAFillerBeforeALetterOfAStatesCodeIsAFault(t *testing.T) {
	for code, columns := range map[string][]int{
		"<D<": {1}, "<<D": {1, 2}, "D<D": {2}, "U<O": {2}, "<TO": {1}, "D<<": nil, "UTO": nil, "QQQ": nil,
	} {
		for format, at := range map[mrz.Format][2]struct{ line, column int }{
			mrz.TD3: {{1, 3}, {2, 11}}, mrz.TD1: {{1, 3}, {2, 16}}, mrz.TD2: {{1, 3}, {2, 11}}, mrz.MRVA: {{1, 3}, {2, 11}}, mrz.MRVB: {{1, 3}, {2, 11}},
		} {
			for _, field := range at {
				zone := parse(t, put(t, wholes[format], field.line, field.column, code))
				var want []mrz.Fault
				for _, c := range columns {
					want = append(want, mrz.Fault{Line: field.line, Column: field.column + c - 1, Found: "<", Allowed: "A-Z"})
				}
				if d := cmp.Diff(want, zone.Faults()); d != "" || zone.Valid() != (columns == nil) {
					t.Errorf("%s, %s in line %d: valid %v, %s", format, code, field.line, zone.Valid(), d)
				}
			}
		}
	}
}

func TestGermanyIsDAndTwoFillersAlone(t *testing.T) {
	for code, want := range map[string]string{"D<<": "D", "<D<": "<D", "<<D": "<<D", "D<D": "D<D"} {
		if f := parse(t, put(t, specimenTD3, 2, 11, code)).Fields; f.Nationality != want {
			t.Errorf("%s: %q", code, f.Nationality)
		}
	}
	f := parse(t, specimenTD3).Fields
	for _, code := range []string{"<D", "<<D", " D", "D<D"} {
		f.Nationality = code
		if lines, err := mrz.Compose(mrz.TD3, f); err == nil || !strings.Contains(err.Error(), "nationality") {
			t.Errorf("%q is composed: %q", code, lines)
		}
	}
}
