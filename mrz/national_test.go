package mrz_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
)

// Specimens that States have published.
func TestNationalShapesAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		format mrz.Format
		lines  []string
		want   mrz.Fields
	}{
		"French identity card": {mrz.FRID, []string{"IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"},
			mrz.Fields{DocumentCode: "ID", IssuingState: "FRA", Surname: "BERTHIER", GivenNames: "CORINNE", DocumentNumber: "940992310285", BirthDate: "1965-12-06", Sex: "F"}},
		"Swiss driving licence": {mrz.CHDL, []string{"AAA001D<<", "FACHE305142128097<<800126<<<<<", "MARCHAND<<FABIENNE<<<<<<<<<<<<"},
			mrz.Fields{DocumentCode: "FA", IssuingState: "CHE", Surname: "MARCHAND", GivenNames: "FABIENNE", DocumentNumber: "AAA001D", BirthDate: "1980-01-26", OptionalData: "305142128097"}},
		"French driving licence": {mrz.IDL, []string{"D1FRA13AA000026181231MARTIN<<9"},
			mrz.Fields{DocumentCode: "D1", IssuingState: "FRA", Surname: "MARTIN", DocumentNumber: "13AA00002", ExpiryDate: "2018-12-31"}},
		"Dutch driving licence": {mrz.IDL, []string{"D1NLD11234567890ABCDEFGHIJKLM5"},
			mrz.Fields{DocumentCode: "D1", IssuingState: "NLD", DocumentNumber: "1234567890", OptionalData: "1 ABCDEFGHIJKLM"}},
		"Russian internal passport": {mrz.TD3, []string{"PNRUSZDRIL7K<<SERGEQ<ANATOL9EVI3<<<<<<<<<<<<", "3919353498RUS7207233M<<<<<<<4151218910003<50"},
			mrz.Fields{DocumentCode: "PN", IssuingState: "RUS", Surname: "ZDRIL7K", GivenNames: "SERGEQ ANATOL9EVI3", DocumentNumber: "391935349", Nationality: "RUS",
				BirthDate: "1972-07-23", Sex: "M", ExpiryDate: "????-??-??", OptionalData: "4151218910003"}},
	} {
		zone := parse(t, c.lines)
		if zone.Format != c.format || !zone.Valid() {
			t.Errorf("%s: %s %+v %+v", name, zone.Format, zone.Checks(), zone.Faults())
		}
		if d := cmp.Diff(c.want, zone.Fields); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestDigitsStandInTheNamesOfARussianInternalPassportOnly(t *testing.T) {
	zone := parse(t, []string{"P<RUSZDRIL7K<<SERGEQ<ANATOL9EVI3<<<<<<<<<<<<", "3919353498RUS7207233M<<<<<<<4151218910003<50"})
	if faults := zone.Faults(); len(faults) != 3 || faults[0] != (mrz.Fault{Line: 1, Column: 11, Found: "7", Allowed: "A-Z <"}) {
		t.Errorf("%+v", faults)
	}
}

// Doc 9303-11, appendix D.2 for TD1; note j of Doc 9303-6, 4.2.2 for TD2; a Belgian card whose digit counts the filler.
func TestALongDocumentNumberIsReadToItsEnd(t *testing.T) {
	for number, lines := range map[string][]string{
		"D23145890734": {"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"},
		"D2314589073":  {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D23145890<UTO7408122F1204159735<<<<0"},
	} {
		zone := parse(t, lines)
		if c := zone.Checks()[0]; zone.Fields.DocumentNumber != number || c.Result != mrz.Passed || zone.Fields.OptionalData != "" {
			t.Errorf("%+v %+v", zone.Fields, zone.Checks())
		}
	}
}

func TestTheDigitOfALongNumberMayCountTheFiller(t *testing.T) {
	number, more := "000590448", "101"
	for _, over := range []string{number + more, number + "<" + more} {
		digit, _ := mrz.CheckDigit(over)
		line := "IDBEL" + number + "<" + more + string(digit) + "<<<<<<<<<<<"
		zone := parse(t, []string{line, specimenTD1[1], specimenTD1[2]})
		if c := zone.Checks()[0]; c.Result != mrz.Passed || zone.Fields.DocumentNumber != number+more {
			t.Errorf("%s: %+v", line, c)
		}
	}
}

func TestGermanyIsASingleLetter(t *testing.T) {
	f := parse(t, []string{"P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"}).Fields
	if f.IssuingState != "D" || f.Nationality != "D" {
		t.Errorf("%+v", f)
	}
}

func TestALineWithoutFillersIsRead(t *testing.T) {
	line := "E12345678" + "0" + "CHN" + "900101" + "0" + "M" + "300101" + "0" + "A1B2C3D4E5F6G7" + "0" + "0"
	f := parse(t, []string{"POCHNZHENGJIAN<<YANGBEN<<<<<<<<<<<<<<<<<<<<<", line}).Fields
	if f.DocumentNumber != "E12345678" || f.OptionalData != "A1B2C3D4E5F6G7" {
		t.Errorf("%+v", f)
	}
}

func TestAThirdGroupOfNamesBelongsToTheGivenNames(t *testing.T) {
	f := parse(t, []string{"P<UTOERIKSSON<<ANNA<<MARIA<<LOUISE<<<<<<<<<<", specimenTD3[1]}).Fields
	if f.Surname != "ERIKSSON" || f.GivenNames != "ANNA MARIA LOUISE" {
		t.Errorf("%+v", f)
	}
}

// Real and specimen pages, which are no part of the project. Those whose own digits are wrong must be told as such.
func TestTheZonesOfRealPages(t *testing.T) {
	file, err := os.Open("../../shared/pages/truth.tsv")
	if err != nil {
		t.Skip("no ../shared/pages beside the repository: ", err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		column := strings.Split(lines.Text(), "\t")
		if len(column) != 4 || column[1] == "format" || column[1] == "NONE" {
			continue
		}
		zone, err := mrz.Parse(strings.Split(column[2], "|"), day)
		if err != nil {
			t.Errorf("%s: %v", column[0], err)
		} else if agree := !slices.ContainsFunc(zone.Checks(), disagrees); string(zone.Format) != column[1] || agree != (column[3] == "ok") {
			t.Errorf("%s: %s, digits agree: %v, want %s: %+v %+v", column[0], zone.Format, agree, column[3], zone.Checks(), zone.Faults())
		}
	}
}

func disagrees(c mrz.Check) bool { return c.Result == mrz.Failed || c.Result == mrz.Undetermined }
