package mrz_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWhatIsComposedParsesBack(t *testing.T) {
	today := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.SampledFrom(mrz.Formats()).Draw(t, "format")
		f := anyFields(t, format)
		lines, err := mrz.Compose(format, f)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := mrz.Parse(lines, today)
		if err != nil {
			t.Fatal(err)
		}
		if !zone.Valid() || zone.Format != format {
			t.Errorf("%s %v: %+v %+v", zone.Format, lines, zone.Checks(), zone.Faults())
		}
		f.NamesTruncated = zone.Fields.NamesTruncated
		if d := cmp.Diff(f, zone.Fields); d != "" {
			t.Errorf("%v: %s", lines, d)
		}
	})
}

// anyFields fit the format without being cut.
func anyFields(t *rapid.T, format mrz.Format) mrz.Fields {
	text := func(name, pattern string) string { return rapid.StringMatching(pattern).Draw(t, name) }
	f := mrz.Fields{
		DocumentCode: text("code", "I[A-Z]?"), IssuingState: text("state", "([A-Z]{3}|D)"),
		Surname: text("surname", "[A-Z]{1,8}( [A-Z]{1,4})?"), GivenNames: text("given", "([A-Z]{1,6}( [A-Z]{1,4}){0,2})?"),
		DocumentNumber: text("number", "[A-Z0-9]{1,9}"), Nationality: text("nationality", "([A-Z]{3}|D|XXA)"),
		BirthDate: anyDate(t, "birth", 1927, 2025), Sex: text("sex", "[FMX]?"), ExpiryDate: anyDate(t, "expiry", 1950, 2046),
		OptionalData: text("optional", "([A-Z0-9]{1,4}( [A-Z0-9]{1,2})?)?"),
	}
	if rapid.Bool().Draw(t, "birth is partly unknown") {
		f.BirthDate = f.BirthDate[:len("2006")] + "-??-??"
	}
	switch format {
	case mrz.TD3:
		f.DocumentCode = text("code", "P[A-Z]?")
	case mrz.MRVA, mrz.MRVB:
		f.DocumentCode = text("code", "V[A-Z]?")
	case mrz.TD1:
		f.DocumentNumber, f.ExpiryDate = text("number", "[A-Z0-9]{1,22}"), anyDate(t, "card's expiry", 1987, 2046)
	case mrz.TD2:
		f.DocumentNumber, f.ExpiryDate = text("number", "[A-Z0-9]{1,14}"), anyDate(t, "card's expiry", 1987, 2046)
	}
	if f.BirthDate[0] != '?' && f.ExpiryDate != "" && f.BirthDate[:4] > f.ExpiryDate[:4] {
		f.BirthDate = f.ExpiryDate // nobody is born after their document has expired
	}
	if f.ExpiryDate == "1999-01-01" {
		f.ExpiryDate = "2000-01-01" // on a card it means without end
	}
	if len(f.DocumentNumber) > 9 {
		f.OptionalData = "" // there may be too little room left for it
	}
	return national(t, format, f)
}

// national drops what a national shape does not have, and gives it what it asks for.
func national(t *rapid.T, format mrz.Format, f mrz.Fields) mrz.Fields {
	text := func(name, pattern string) string { return rapid.StringMatching(pattern).Draw(t, name) }
	switch format {
	case mrz.FRID:
		f.DocumentCode, f.IssuingState, f.Nationality, f.ExpiryDate = "ID", "FRA", "", ""
		f.GivenNames, f.DocumentNumber, f.OptionalData = text("given", "([A-Z]{1,6}( [A-Z]{1,6})?)?"), text("number", "[0-9]{4}[0-9A-Z]{3}[0-9]{5}"), text("office", "([0-9]{6})?")
	case mrz.CHDL:
		f.DocumentCode, f.IssuingState, f.Nationality, f.ExpiryDate, f.Sex = "FA", text("state", "CHE|LIE"), "", "", ""
		f.DocumentNumber, f.OptionalData, f.BirthDate = text("number", "[A-Z]{3}[0-9]{3}[DFIR]"), text("holder", "[0-9]{12}"), anyDate(t, "birth", 1927, 2025)
	case mrz.IDL:
		if rapid.Bool().Draw(t, "French") {
			return mrz.Fields{DocumentCode: "D1", IssuingState: "FRA", DocumentNumber: f.DocumentNumber, ExpiryDate: f.ExpiryDate, Surname: text("surname", "[A-Z]{1,8}")}
		}
		return mrz.Fields{DocumentCode: "D1", IssuingState: "UTO", OptionalData: text("data", "[A-Z0-9]{24}")}
	}
	return f
}

func anyDate(t *rapid.T, name string, first, last int) string {
	return fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(first, last).Draw(t, name+" year"), rapid.IntRange(1, 12).Draw(t, name+" month"), rapid.IntRange(1, 28).Draw(t, name+" day"))
}

func TestNamesAreCutSoThatTheirLastCharacterIsALetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := mrz.Fields{DocumentCode: "P", IssuingState: "UTO", DocumentNumber: "1", Nationality: "UTO", BirthDate: "1990-01-01", ExpiryDate: "2030-01-01"}
		words := rapid.StringMatching("[A-Z]{2,20}( [A-Z]{1,12}){0,5}")
		f.Surname, f.GivenNames = words.Draw(t, "surname"), words.Draw(t, "given names")
		lines, err := mrz.Compose(mrz.TD3, f)
		if err != nil {
			t.Fatal(err)
		}
		got := parse(t, lines).Fields
		fits := len(f.Surname)+len("<<")+len(f.GivenNames) <= 39
		switch {
		case fits && (got.Surname != f.Surname || got.GivenNames != f.GivenNames):
			t.Errorf("%s, %s became %s", f.Surname, f.GivenNames, lines[0])
		case !fits && !got.NamesTruncated:
			t.Errorf("%s does not tell that it was cut", lines[0])
		case !strings.HasPrefix(f.GivenNames, got.GivenNames[:1]):
			t.Errorf("%s lost its secondary identifier", lines[0])
		}
	})
}

func TestComposeRefusesAFieldThatTheFormatDoesNotHave(t *testing.T) {
	for _, c := range []struct {
		format mrz.Format
		fields mrz.Fields
		field  string
	}{
		{mrz.FRID, mrz.Fields{DocumentCode: "ID", IssuingState: "FRA", DocumentNumber: "940992310285", ExpiryDate: "2020-01-01"}, "expiry date"},
		{mrz.CHDL, mrz.Fields{DocumentCode: "FA", IssuingState: "CHE", DocumentNumber: "AAA001D", Nationality: "CHE"}, "nationality"},
		{mrz.IDL, mrz.Fields{DocumentCode: "D1", IssuingState: "UTO", Surname: "ERIKSSON"}, "names"},
	} {
		if _, err := mrz.Compose(c.format, c.fields); err == nil || !strings.Contains(err.Error(), c.field+": the format has no such field") {
			t.Errorf("%s: %v", c.format, err)
		}
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("TD1", "I", "UTO", "ERIKSSON", "ANNA", "D23145890734", "1974-08-12", "data")
	f.Add("FRID", "ID", "FRA", "BERTHIER", "CORINNE", "940992310285", "1965-12-06", "")
	f.Fuzz(func(t *testing.T, format, code, state, surname, given, number, birth, data string) {
		fields := mrz.Fields{
			DocumentCode: code, IssuingState: state, Surname: surname, GivenNames: given, DocumentNumber: number,
			Nationality: state, BirthDate: birth, ExpiryDate: birth, OptionalData: data,
		}
		lines, err := mrz.Compose(mrz.Format(format), fields)
		if err != nil {
			return
		}
		zone, err := mrz.Parse(lines, day)
		if err != nil || len(zone.Faults()) > 0 {
			t.Errorf("%q: %v %+v", lines, err, zone.Faults())
		}
	})
}
