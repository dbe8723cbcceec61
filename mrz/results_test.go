package mrz_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
)

// passed are the results of a passport without fault.
var passed = mrz.Results{
	DocumentCode: mrz.Passed, IssuingState: mrz.Passed, Surname: mrz.Passed, GivenNames: mrz.Passed, DocumentNumber: mrz.Passed,
	Nationality: mrz.Passed, BirthDate: mrz.Passed, Sex: mrz.Passed, ExpiryDate: mrz.Passed, OptionalData: mrz.Passed,
}

func TestEveryFieldHasItsResult(t *testing.T) {
	for name, c := range map[string]struct {
		line, column int // from 1
		put          string
		change       func(*mrz.Results)
	}{
		"nothing wrong":            {1, 1, "P", func(*mrz.Results) {}},
		"another document code":    {1, 1, "Q", func(r *mrz.Results) { r.DocumentCode = mrz.Failed }},
		"an unknown State":         {1, 3, "QQQ", func(r *mrz.Results) { r.IssuingState = mrz.Undetermined }},
		"a digit in the surname":   {1, 8, "1", func(r *mrz.Results) { r.Surname = mrz.Failed }},
		"an unread given name":     {1, 17, "?", func(r *mrz.Results) { r.GivenNames = mrz.Undetermined }},
		"another number":           {2, 1, "M", func(r *mrz.Results) { r.DocumentNumber = mrz.Failed }},
		"an unread number":         {2, 1, "?", func(r *mrz.Results) { r.DocumentNumber = mrz.Undetermined }},
		"a lower-case nationality": {2, 11, "uto", func(r *mrz.Results) { r.Nationality = mrz.Undetermined }},
		"a birth on 31 February":   {2, 14, "7402316", func(r *mrz.Results) { r.BirthDate = mrz.Failed }},
		"an unknown birth":         {2, 14, "<<<<<<0", func(*mrz.Results) {}},
		"a letter for the sex":     {2, 21, "Q", func(r *mrz.Results) { r.Sex = mrz.Failed }},
		"another expiry":           {2, 22, "2", func(r *mrz.Results) { r.ExpiryDate = mrz.Failed }},
		"an unread optional digit": {2, 43, "?", func(r *mrz.Results) { r.OptionalData = mrz.Undetermined }},
		"optional data not used":   {2, 29, "<<<<<<<<<<<<<<<", func(*mrz.Results) {}},
	} {
		lines := append([]string(nil), specimenTD3...)
		l := lines[c.line-1]
		lines[c.line-1] = l[:c.column-1] + c.put + l[c.column-1+len(c.put):]
		want := passed
		c.change(&want)
		if d := cmp.Diff(want, parse(t, lines).Results()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestAFieldThatTheFormatDoesNotHaveIsNotSupported(t *testing.T) {
	r := parse(t, []string{"AAA001D<<", "FACHE305142128097<<800126<<<<<", "MARCHAND<<FABIENNE<<<<<<<<<<<<"}).Results()
	if r.ExpiryDate != mrz.NotSupported || r.Sex != mrz.NotSupported || r.Nationality != mrz.NotSupported || r.BirthDate != mrz.Passed {
		t.Errorf("%+v", r)
	}
}

// A Czech specimen gives 29 February 2011 as its holder's birth.
func TestADateThatDoesNotExistFailsThoughItsCheckDigitAgrees(t *testing.T) {
	zone := parse(t, []string{"P<CZESPECIMEN<<VZOR<<<<<<<<<<<<<<<<<<<<<<<<<", "99006000<8CZE1102299F16090641152291111<<<<24"})
	if zone.Valid() || zone.Fields.BirthDate != "" || zone.Results().BirthDate != mrz.Failed {
		t.Errorf("%+v %+v", zone.Fields, zone.Results())
	}
}

func TestTheErrorTellsTheShapeAndNothingElse(t *testing.T) {
	_, err := mrz.Parse([]string{specimenTD3[0], specimenTD3[1][1:]}, day)
	if err == nil || !strings.Contains(err.Error(), "lines of 44, 43 characters") || strings.Contains(err.Error(), "ERIKSSON") {
		t.Error(err)
	}
}

func TestAZoneThatWasNotParsedSaysNothing(t *testing.T) {
	var z mrz.Zone
	if z.Valid() || z.Lines() != nil || z.Checks() != nil || z.Faults() != nil || z.Results() != (mrz.Results{}) {
		t.Errorf("%+v", z)
	}
}

func TestALineThatIsNoDrivingLicenceIsNoZone(t *testing.T) {
	if _, err := mrz.Parse([]string{specimenTD1[0]}, day); !errors.Is(err, mrz.ErrFormat) {
		t.Error(err)
	}
}

func TestAFaultInTheRestOfALongNumberIsTheNumbers(t *testing.T) {
	zone := parse(t, []string{"I<UTOD23145890<7?49<<<<<<<<<<<", specimenTD1[1], specimenTD1[2]})
	if r := zone.Results(); r.DocumentNumber != mrz.Undetermined || r.OptionalData != mrz.Passed {
		t.Errorf("%+v", r)
	}
}
