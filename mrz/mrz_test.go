package mrz_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var day = time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC)

// The specimens of Doc 9303-4 appendix A, Doc 9303-5 appendix A and Doc 9303-6 appendix A.
var (
	specimenTD3 = []string{
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
		"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
	}
	specimenTD1 = []string{
		"I<UTOD231458907<<<<<<<<<<<<<<<",
		"7408122F1204159UTO<<<<<<<<<<<6",
		"ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
	}
	specimenTD2 = []string{
		"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
		"D231458907UTO7408122F1204159<<<<<<<6",
	}
)

func ExampleParse() {
	zone, err := mrz.Parse(specimenTD3, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(zone.Format, zone.Fields.GivenNames, zone.Fields.Surname, zone.Fields.BirthDate, zone.Valid())
	// Output: TD3 ANNA MARIA ERIKSSON 1974-08-12 true
}

// The worked examples of Doc 9303-3, 4.9.
func TestCheckDigitsAreThoseOfDoc9303(t *testing.T) {
	for field, want := range map[string]byte{"520727": '3', "AB2134<<<": '5', "HA672242<658022549601086<<<<<<<<<<<<<<0": '8'} {
		if got, ok := mrz.CheckDigit(field); !ok {
			t.Errorf("%s has no check digit", field)
		} else if got != want {
			t.Errorf("%s: %c, want %c", field, got, want)
		}
	}
	if _, ok := mrz.CheckDigit("52O727?"); ok {
		t.Error("a question mark has no value")
	}
}

func TestTheSpecimensOfDoc9303AreReadInFull(t *testing.T) {
	person := mrz.Fields{
		DocumentCode: "P", IssuingState: "UTO", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", DocumentNumber: "L898902C3",
		Nationality: "UTO", BirthDate: "1974-08-12", Sex: "F", ExpiryDate: "2012-04-15", OptionalData: "ZE184226B",
	}
	card := person
	card.DocumentCode, card.DocumentNumber, card.OptionalData = "I", "D23145890", ""
	for _, c := range []struct {
		lines  []string
		format mrz.Format
		want   mrz.Fields
	}{{specimenTD3, mrz.TD3, person}, {specimenTD1, mrz.TD1, card}} {
		zone := parse(t, c.lines)
		if zone.Format != c.format || !zone.Valid() {
			t.Errorf("%s: format %s, valid %v: %+v %+v", c.format, zone.Format, zone.Valid(), zone.Checks(), zone.Faults())
		}
		if d := cmp.Diff(c.want, zone.Fields); d != "" {
			t.Errorf("%s: %s", c.format, d)
		}
	}
}

// The zone is the worked example of Doc 9303-11, appendix D.2.
func TestALongDocumentNumberGoesOnInTheOptionalDataOfACard(t *testing.T) {
	lines := []string{"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"}
	zone := parse(t, lines)
	if !zone.Valid() || zone.Fields.DocumentNumber != "D23145890734" || zone.Fields.OptionalData != "" {
		t.Errorf("%+v", zone)
	}
	for _, wrong := range []string{"I<UTOD23145890<7348<<<<<<<<<<<", "I<UTOD23145890<7359<<<<<<<<<<<", "I<UTOD23145890<<<<<<<<<<<<<<<<"} {
		zone := parse(t, []string{wrong, lines[1], lines[2]})
		if c := zone.Checks()[0]; c.ID != "document_number" || c.Result != mrz.Failed {
			t.Errorf("%s: %+v", wrong, c)
		}
	}
}

func TestAFillerInsideADocumentNumberBelongsToIt(t *testing.T) {
	f := parse(t, specimenTD3).Fields
	f.DocumentNumber = "AB<1234"
	lines, err := mrz.Compose(mrz.TD3, f)
	if err != nil {
		t.Fatal(err)
	}
	if got := parse(t, lines).Fields.DocumentNumber; got != "AB<1234" {
		t.Errorf("got %q: a chip's key made from it would be another's", got)
	}
}

func TestAnAlteredFieldFailsItsOwnCheckDigitAndTheComposite(t *testing.T) {
	lines := []string{specimenTD3[0], strings.Replace(specimenTD3[1], "740812", "840812", 1)}
	zone := parse(t, lines)
	want := map[string]mrz.Result{
		"document_number": mrz.Passed, "birth_date": mrz.Failed, "expiry_date": mrz.Passed, "optional_data": mrz.Passed, "composite": mrz.Failed,
	}
	got := map[string]mrz.Result{}
	for _, c := range zone.Checks() {
		got[c.ID] = c.Result
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if zone.Fields.Surname != "ERIKSSON" {
		t.Error("the other fields must still be given")
	}
}

func TestAWrongCharacterIsNamedWithItsPlace(t *testing.T) {
	lines := []string{specimenTD3[0], strings.Replace(specimenTD3[1], "740812", "74O812", 1)}
	zone := parse(t, lines)
	want := []mrz.Fault{{Line: 2, Column: 16, Found: "O", Allowed: "0-9 <"}}
	if d := cmp.Diff(want, zone.Faults()); d != "" {
		t.Error(d)
	}
	if zone.Fields.BirthDate != "" {
		t.Errorf("a date that cannot be read must be empty, not %q", zone.Fields.BirthDate)
	}
}

func TestACharacterTheReaderMissedMakesTheCheckUndetermined(t *testing.T) {
	zone := parse(t, []string{specimenTD3[0], "?" + specimenTD3[1][1:]})
	if zone.Checks()[0].Result != mrz.Undetermined || zone.Valid() {
		t.Errorf("got %+v", zone.Checks()[0])
	}
}

func TestLinesOfNoFormatAreRefused(t *testing.T) {
	for _, lines := range [][]string{nil, {""}, {specimenTD3[0]}, {specimenTD3[0], specimenTD3[1][1:]}, append([]string{""}, specimenTD3...)} {
		if _, err := mrz.Parse(lines, day); !errors.Is(err, mrz.ErrFormat) {
			t.Errorf("%d lines: %v", len(lines), err)
		}
	}
}

func TestCenturiesFollowTheGivenDay(t *testing.T) {
	on := func(y int) time.Time { return time.Date(y, 6, 15, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		day                    time.Time
		birth, expiry          string
		wantBirth, wantExpires string
	}{
		{on(2026), "260615", "360615", "2026-06-15", "2036-06-15"},
		{on(2026), "260616", "461231", "1926-06-16", "2046-12-31"},
		{on(2026), "270101", "471231", "1927-01-01", "1947-12-31"},
		{on(1999), "990101", "010101", "1999-01-01", "2001-01-01"},
		{on(2026), "85<<<<", "<<<<<<", "1985-??-??", "????-??-??"},
		{on(2026), "26<<<<", "270101", "2026-??-??", "2027-01-01"},
		{on(2026), "850230", "261301", "", ""},
	} {
		line := specimenTD3[1][:13] + c.birth + "0F" + c.expiry + specimenTD3[1][27:]
		zone, err := mrz.Parse([]string{specimenTD3[0], line}, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if zone.Fields.BirthDate != c.wantBirth || zone.Fields.ExpiryDate != c.wantExpires {
			t.Errorf("%s %s on %s: got %q %q", c.birth, c.expiry, c.day.Format(time.DateOnly), zone.Fields.BirthDate, zone.Fields.ExpiryDate)
		}
	}
}

func TestComposeNamesTheFieldThatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		change func(*mrz.Fields)
		field  string
	}{
		{func(f *mrz.Fields) { f.DocumentNumber = "1234567890" }, "document number"},
		{func(f *mrz.Fields) { f.BirthDate = "12 August 1974" }, "birth date"},
		{func(f *mrz.Fields) { f.Surname = "Müller" }, "names"},
		{func(f *mrz.Fields) { f.Sex = "Q" }, "sex"},
	} {
		f := parse(t, specimenTD3).Fields
		c.change(&f)
		if _, err := mrz.Compose(mrz.TD3, f); err == nil || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	for _, number := range []string{"ABCDEFGHI<1", "ABCDEFGHI12345678901234"} {
		if _, err := mrz.Compose(mrz.TD1, mrz.Fields{DocumentCode: "I", IssuingState: "UTO", DocumentNumber: number}); err == nil || !strings.Contains(err.Error(), "document number") {
			t.Errorf("%s: %v", number, err)
		}
	}
	if _, err := mrz.Compose("TD9", mrz.Fields{}); err == nil {
		t.Error("an unknown format must be refused")
	}
}

func TestNamesThatAreTooLongAreCut(t *testing.T) {
	f := parse(t, specimenTD1).Fields
	f.GivenNames = "ANNA MARIA MAGDALENA-SOPHIE O'HARA"
	lines, err := mrz.Compose(mrz.TD1, f)
	if err != nil || lines[2] != "ERIKSSON<<ANNA<MARIA<MAGDALENA" {
		t.Errorf("%q, %v", lines, err)
	}
}

func TestAZoneIsValidExactlyWhenNothingIsFoundWrongInIt(t *testing.T) {
	today := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.SampledFrom(mrz.Formats()).Draw(t, "format")
		lines, err := mrz.Compose(format, anyFields(t, format))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			line := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
			column := rapid.IntRange(0, len(lines[line])-1).Draw(t, "column")
			c := rapid.StringMatching("[0-9A-Z<?]").Draw(t, "character")
			lines[line] = lines[line][:column] + c + lines[line][column+1:]
		}
		if zone, err := mrz.Parse(lines, today); err == nil {
			agreeOnValidity(t, zone)
		}
	})
}

func agreeOnValidity(t rapid.TB, zone mrz.Zone) {
	t.Helper()
	wrong := len(zone.Faults()) > 0
	for _, c := range zone.Checks() {
		wrong = wrong || c.Result == mrz.Failed || c.Result == mrz.Undetermined
	}
	if zone.Valid() == wrong {
		t.Errorf("valid %v, but %+v and %+v", zone.Valid(), zone.Faults(), zone.Checks())
	}
}

func parse(t rapid.TB, lines []string) mrz.Zone {
	t.Helper()
	zone, err := mrz.Parse(lines, day)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func FuzzParse(f *testing.F) {
	f.Add(strings.Join(specimenTD3, "\n"))
	f.Add(strings.Join(specimenTD1, "\n"))
	f.Add(strings.Join(arrival, "\n"))
	f.Add(strings.Join(cardOfTheOld, "\n"))
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		zone, err := mrz.Parse(lines, day)
		if err != nil {
			return
		}
		for _, fault := range zone.Faults() {
			if at := lines[fault.Line-1][fault.Column-1:]; !strings.HasPrefix(at, fault.Found) {
				t.Errorf("fault %+v points at %q", fault, at)
			}
		}
		for _, d := range zone.Deviations() {
			if at := lines[d.Line-1][d.Column-1:]; !strings.HasPrefix(at, d.Found) {
				t.Errorf("deviation %+v points at %q", d, at)
			}
		}
		agreeOnValidity(t, zone)
	})
}
