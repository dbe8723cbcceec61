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

func on(t rapid.TB, day string, lines ...string) mrz.Zone {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := mrz.Parse(lines, at)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// put writes text into the lines of a zone, at a line and column from 1, and sets the check digits anew.
func put(t rapid.TB, lines []string, line, column int, text string) []string {
	t.Helper()
	out := append([]string(nil), lines...)
	out[line-1] = out[line-1][:column-1] + text + out[line-1][column-1+len(text):]
	for _, d := range parse(t, out).Format.Digits() {
		over := ""
		for _, r := range d.Over {
			over += out[r.Line][r.From : r.From+r.Length]
		}
		digit, _ := mrz.CheckDigit(over)
		l := out[d.At.Line]
		out[d.At.Line] = l[:d.At.Column] + string(digit) + l[d.At.Column+1:]
	}
	return out
}

// The card of somebody of 86 years, as Belgium issues them for 30 years from the age of 75.
var cardOfTheOld = []string{"IDBEL000590448<3012<<<<<<<<<<<", "4001016F5401015BEL<<<<<<<<<<<4", "SPECIMEN<<ANNA<<<<<<<<<<<<<<<<"}

func TestTheCardOfAnOldPersonIsValidForMoreThanTenYears(t *testing.T) {
	zone := on(t, "2026-11-29", cardOfTheOld...)
	if f := zone.Fields; !zone.Valid() || f.BirthDate != "1940-01-01" || f.ExpiryDate != "2054-01-01" || zone.Deviations() != nil {
		t.Errorf("%+v %+v %+v", f, zone.Faults(), zone.Deviations())
	}
}

func TestTheCenturyOfACardsExpiryIsOneInWhichThereAreSuchCards(t *testing.T) {
	for _, c := range []struct{ day, birth, expiry, wantBirth, wantExpiry string }{
		{"2026-11-29", "500101", "860101", "1950-01-01", "2086-01-01"}, // Hungary: 1 January of the 60th year
		{"2026-11-29", "500101", "870101", "1950-01-01", "1987-01-01"}, // the first machine-readable cards
		{"2026-11-29", "500101", "961231", "1950-01-01", "1996-12-31"},
		{"2026-11-29", "500101", "361128", "1950-01-01", "2036-11-28"},
		{"2026-11-29", "250615", "550615", "1925-06-15", "2055-06-15"}, // of 101 years, not of one
		{"2026-11-29", "200615", "300615", "2020-06-15", "2030-06-15"}, // a child's, for five years
		{"2026-11-29", "700101", "660101", "1970-01-01", "2066-01-01"}, // Romania, from 55
		{"1995-06-01", "600101", "990101", "1960-01-01", "1999-01-01"},
		{"2012-03-01", "600101", "941101", "1960-01-01", "1994-11-01"},
		{"2012-03-01", "600101", "991231", "1960-01-01", "1999-12-31"}, // thirteen years ago
		{"2085-03-01", "600101", "990101", "2060-01-01", "2099-01-01"},
	} {
		for format, lines := range map[mrz.Format][]string{
			mrz.TD1: put(t, put(t, specimenTD1, 2, 1, c.birth), 2, 9, c.expiry),
			mrz.TD2: put(t, put(t, specimenTD2, 2, 14, c.birth), 2, 22, c.expiry),
		} {
			f := on(t, c.day, lines...).Fields
			if f.BirthDate != c.wantBirth || f.ExpiryDate != c.wantExpiry {
				t.Errorf("%s, %s to %s on %s: %s to %s", format, c.birth, c.expiry, c.day, f.BirthDate, f.ExpiryDate)
			}
		}
	}
}

func TestNobodyIsBornAfterTheirDocumentHasExpired(t *testing.T) {
	f := on(t, "2026-11-29", put(t, put(t, specimenTD3, 2, 14, "200101"), 2, 22, "150501")...).Fields
	if f.BirthDate != "1920-01-01" || f.ExpiryDate != "2015-05-01" {
		t.Error(f.BirthDate, f.ExpiryDate)
	}
}

// Passports are issued for ten years at most: what would expire beyond twenty has expired.
func TestAPassportIsNotIssuedForLonger(t *testing.T) {
	if f := on(t, "2026-11-29", put(t, specimenTD3, 2, 22, "540101")...).Fields; f.ExpiryDate != "1954-01-01" {
		t.Error(f.ExpiryDate)
	}
	zone := on(t, "2026-11-29", put(t, specimenTD3, 2, 22, "990101")...)
	if zone.Fields.ExpiryDate != "1999-01-01" || zone.Deviations() != nil {
		t.Errorf("%s %+v", zone.Fields.ExpiryDate, zone.Deviations())
	}
}

func TestAMonth13IsAFault(t *testing.T) {
	zone := on(t, "2026-11-29", "PPUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7413128F3404159ZE184226B<<<<<16")
	want := []mrz.Fault{{Line: 2, Column: 16, Found: "13", Allowed: "01-12 <<"}}
	if d := cmp.Diff(want, zone.Faults()); d != "" || zone.Valid() {
		t.Errorf("valid %v, %s", zone.Valid(), d)
	}
	for _, c := range zone.Checks() {
		if c.Result != mrz.Passed {
			t.Errorf("%+v: the digits agree, for all that", c)
		}
	}
}

func TestADateThatDoesNotExistIsAFaultWhereItStands(t *testing.T) {
	const birth, expiry = 14, 22
	for _, c := range []struct {
		field   int
		printed string
		part    int
		allowed string
	}{
		{birth, "740230", 4, "01-28 <<"}, {birth, "760230", 4, "01-29 <<"}, {birth, "740431", 4, "01-30 <<"}, {birth, "740832", 4, "01-31 <<"},
		{birth, "740015", 2, "01-12 <<"}, {birth, "749912", 2, "01-12 <<"}, {birth, "7<0812", 0, "00-99 <<"}, {birth, "741<12", 2, "01-12 <<"},
		{birth, "74081<", 4, "01-31 <<"}, {birth, "<<0230", 4, "01-29 <<"}, {birth, "740229", 4, "01-28 <<"},
		{expiry, "121301", 2, "01-12 <<"}, {expiry, "120431", 4, "01-30 <<"}, {expiry, "120400", 4, "01-30 <<"}, {expiry, "000000", 2, "01-12 <<"},
		{expiry, "999999", 2, "01-12 <<"},
	} {
		zone := parse(t, put(t, specimenTD3, 2, c.field, c.printed))
		want := []mrz.Fault{{Line: 2, Column: c.field + c.part, Found: c.printed[c.part : c.part+2], Allowed: c.allowed}}
		if d := cmp.Diff(want, zone.Faults()); d != "" || zone.Valid() {
			t.Errorf("%s: valid %v, %s", c.printed, zone.Valid(), d)
		}
		agreeOnValidity(t, zone)
	}
}

func TestTheDatesOfEveryFormatAreHeldToTheCalendar(t *testing.T) {
	for name, lines := range map[string][]string{
		"visa":                   put(t, []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"}, 2, 22, "961310"),
		"French identity card":   put(t, []string{"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"}, 2, 28, "651306"),
		"Swiss driving licence":  {"AAA001D<<", "FACHE305142128097<<801326<<<<<", "MARCHAND<<FABIENNE<<<<<<<<<<<<"},
		"French driving licence": put(t, []string{"D1FRA13AA000026181231MARTIN<<9"}, 1, 16, "181331"),
	} {
		if zone := parse(t, lines); zone.Valid() || len(zone.Faults()) != 1 || zone.Faults()[0].Found != "13" {
			t.Errorf("%s: %+v", name, zone.Faults())
		}
	}
}

func TestZerosForWhatIsNotKnownOfABirthKeepTheYear(t *testing.T) {
	zone := on(t, "2026-11-29", "PMCHEMUSTER<<VERENA<<<<<<<<<<<<<<<<<<<<<<<<<", "X000000001CHE6800006F3404159<<<<<<<<<<<<<<<8")
	want := []mrz.Deviation{{ID: "birth_date", Line: 2, Column: 16, Found: "0000", Taken: "an unknown month and day", Standard: "<<<< (part 3, 4.8)"}}
	if d := cmp.Diff(want, zone.Deviations()); d != "" || !zone.Valid() || zone.Fields.BirthDate != "1968-??-??" || zone.Results().BirthDate != mrz.Passed {
		t.Errorf("valid %v, %s, %+v, %s", zone.Valid(), zone.Fields.BirthDate, zone.Faults(), d)
	}
	for printed, want := range map[string]struct {
		date, found string
		column      int
	}{
		"681100": {"1968-11-??", "00", 18}, "000000": {"????-??-??", "000000", 14}, "6800<<": {"1968-??-??", "00", 16},
		"00<<<<": {"2000-??-??", "", 0}, "68<<00": {"1968-??-??", "00", 18}, "000100": {"2000-01-??", "00", 18},
	} {
		zone := on(t, "2026-11-29", put(t, specimenTD3, 2, 14, printed)...)
		told := zone.Deviations()
		if !zone.Valid() || zone.Fields.BirthDate != want.date || (want.found == "") != (told == nil) {
			t.Errorf("%s: %s, %+v, %+v", printed, zone.Fields.BirthDate, zone.Faults(), told)
			continue
		}
		if want.found != "" && (told[0].Found != want.found || told[0].Column != want.column) {
			t.Errorf("%s: %+v", printed, told)
		}
	}
}

func TestTheKeyOfAChipIsMadeOfTheDateAsItIsPrinted(t *testing.T) {
	birth, expiry := on(t, "2026-11-29", put(t, specimenTD3, 2, 14, "680000")...).PrintedDates()
	if birth != "680000" || expiry != "120415" {
		t.Error(birth, expiry)
	}
}

// arrival is a German proof of arrival.
var arrival = []string{"MED<<MANNSENS<<MANNY<<<<<<<<<<<<<<<<", "6525845096USA7008038M2201018<<<<<<06"}

func TestADocumentCodeThatDoc9303DoesNotKnowIsNoFaultOfItsIssuers(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		taken string
	}{
		"German proof of arrival":  {arrival, "Proof of arrival"},
		"the same, with DEU":       {put(t, arrival, 1, 3, "DEU"), "Proof of arrival"},
		"Estonian permit":          {put(t, specimenTD1, 1, 1, "RPEST"), "Residence permit"},
		"Georgian permit":          {put(t, specimenTD1, 1, 1, "TRGEO"), "Residence permit"},
		"Norwegian card":           {put(t, specimenTD1, 1, 1, "XANOR"), "Identity card that is no travel document"},
		"American border crossing": {put(t, specimenTD1, 1, 1, "VBUSA"), "Border crossing card"},
		"Spanish travel document":  {put(t, specimenTD3, 1, 1, "DVESP"), "Travel document"},
		"Swedish seaman's book":    {put(t, specimenTD3, 1, 1, "S<SWE"), "Seaman's book"},
	} {
		zone := parse(t, c.lines)
		told := zone.Deviations()
		if !zone.Valid() || zone.Results().DocumentCode != mrz.Passed || len(told) < 1 {
			t.Errorf("%s: %+v %+v %+v", name, zone.Faults(), zone.Checks(), told)
			continue
		}
		if d := told[0]; d.ID != "document_code" || d.Line != 1 || d.Column != 1 || d.Found != c.lines[0][:2] || d.Taken != c.taken || d.Standard == "" {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestADocumentCodeThatDoc9303DoesNotKnowIsAFaultElsewhere(t *testing.T) {
	for _, code := range []string{"MEUTO", "MEEST", "RPD<<", "MFD<<", "QQUTO", "ME<<<"} {
		zone := parse(t, put(t, specimenTD1, 1, 1, code))
		if faults := zone.Faults(); zone.Valid() || faults[0].Column != 1 || faults[0].Found != code[:1] || faults[0].Allowed != "A C I" {
			t.Errorf("%s: %+v", code, faults)
		}
		if told := zone.Deviations(); told != nil && told[0].ID == "document_code" {
			t.Errorf("%s: %+v", code, told)
		}
	}
}

func TestADocumentWithSuchACodeIsComposedToo(t *testing.T) {
	f := parse(t, arrival).Fields
	lines, err := mrz.Compose(mrz.TD2, f)
	if err != nil {
		t.Fatal(err)
	}
	if zone := parse(t, lines); !zone.Valid() || !cmp.Equal(zone.Fields, f) {
		t.Errorf("%q: %+v", lines, zone.Fields)
	}
	f.IssuingState = "UTO"
	if _, err := mrz.Compose(mrz.TD2, f); err == nil {
		t.Error("Utopia has no such document")
	}
}

func TestALetterThatTheStandardKeepsOutIsTold(t *testing.T) {
	for code, lines := range map[string][]string{
		"IV": put(t, specimenTD1, 1, 1, "IV"), "AI": put(t, specimenTD1, 1, 1, "AI"), "I<": put(t, specimenTD3, 1, 1, "I<"),
	} {
		zone := parse(t, lines)
		if told := zone.Deviations(); !zone.Valid() || len(told) != 1 || told[0].ID != "document_code" || told[0].Found != code {
			t.Errorf("%s: %+v", code, told)
		}
	}
}

func TestCodesOfStatesThatDoc9303DoesNotHaveAreNamedAndTold(t *testing.T) {
	for code, want := range map[string][2]string{
		"XXK": {"Kosovo", "RKS"}, "XKX": {"Kosovo", "RKS"}, "DEU": {"Germany", "D"}, "ROM": {"Romania", "ROU"},
		"YUG": {"Yugoslavia", "no code of it any more"},
	} {
		for field, c := range map[string]struct{ line, column int }{"issuing_state": {1, 3}, "nationality": {2, 11}} {
			zone := parse(t, put(t, specimenTD3, c.line, c.column, code))
			want := []mrz.Deviation{{ID: field, Line: c.line, Column: c.column, Found: code, Taken: want[0], Standard: want[1]}}
			if d := cmp.Diff(want, zone.Deviations()); d != "" || !zone.Valid() {
				t.Errorf("%s: valid %v, %s", code, zone.Valid(), d)
			}
			if r := zone.Results(); r.IssuingState != mrz.Passed || r.Nationality != mrz.Passed {
				t.Errorf("%s: %+v", code, r)
			}
		}
	}
}

func TestTheStandardsCodesAreNothingToTell(t *testing.T) {
	for _, code := range []string{"D<<", "RKS", "UNK", "GBD", "XXA", "ROU", "UTO", "QQQ"} {
		if told := parse(t, put(t, specimenTD3, 2, 11, code)).Deviations(); told != nil {
			t.Errorf("%s: %+v", code, told)
		}
	}
}

func TestXForTheSexIsTold(t *testing.T) {
	zone := parse(t, put(t, specimenTD3, 2, 21, "X"))
	want := []mrz.Deviation{{ID: "sex", Line: 2, Column: 21, Found: "X", Taken: "unspecified", Standard: "<"}}
	if d := cmp.Diff(want, zone.Deviations()); d != "" || !zone.Valid() || zone.Fields.Sex != "X" {
		t.Errorf("valid %v, %q, %s", zone.Valid(), zone.Fields.Sex, d)
	}
	if told := parse(t, put(t, specimenTD3, 2, 21, "<")).Deviations(); told != nil {
		t.Errorf("%+v", told)
	}
}

func TestStandardStateIsTheStandardsCodeOfTheSameState(t *testing.T) {
	for code, want := range map[string]string{"XXK": "RKS", "DEU": "D", "CHE": "CHE", "YUG": "", "QQQ": "", "": ""} {
		if got := mrz.StandardState(code); got != want {
			t.Errorf("%s: %q", code, got)
		}
	}
}

// What is told is there: a deviation's text stands where it says, and a zone without fault stays so.
func TestADeviationPointsAtWhatStandsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := append([]string(nil), rapid.SampledFrom([][]string{specimenTD1, specimenTD2, specimenTD3, arrival}).Draw(t, "zone")...)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			line := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
			text := rapid.SampledFrom([]string{"00", "0000", "X", "DEU", "XXK", "ME", "999999", "990101", "<<", "?"}).Draw(t, "text")
			column := rapid.IntRange(0, len(lines[line])-len(text)).Draw(t, "column")
			lines[line] = lines[line][:column] + text + lines[line][column+len(text):]
		}
		zone := on(t, "2026-11-29", lines...)
		for _, d := range zone.Deviations() {
			if at := lines[d.Line-1][d.Column-1:]; !strings.HasPrefix(at, d.Found) || d.Taken == "" || d.Standard == "" {
				t.Errorf("%q: %+v", lines, d)
			}
		}
		agreeOnValidity(t, zone)
	})
}

func ExampleZone_Deviations() {
	zone, err := mrz.Parse(arrival, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range zone.Deviations() {
		fmt.Printf("line %d, column %d: %s for %s, by the standard %s\n", d.Line, d.Column, d.Found, d.Taken, d.Standard)
	}
	// Output: line 1, column 1: ME for Proof of arrival, by the standard A, C or I first (parts 5 and 6, 4.2.2)
}

func ExampleStandardState() {
	for _, code := range []string{"XXK", "DEU", "YUG", "CHE"} {
		name, _ := mrz.StateName(code)
		fmt.Printf("%s, %s: %q\n", code, name.English, mrz.StandardState(code))
	}
	// Output:
	// XXK, Kosovo: "RKS"
	// DEU, Germany: "D"
	// YUG, Yugoslavia: ""
	// CHE, Switzerland: "CHE"
}
