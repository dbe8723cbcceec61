package mrz_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"github.com/google/go-cmp/cmp"
)

// anna is the holder of all of Doc 9303's specimens.
var anna = mrz.Fields{
	IssuingState: "UTO", Surname: "ERIKSSON", GivenNames: "ANNA MARIA", Nationality: "UTO", BirthDate: "1974-08-12", Sex: "F", ExpiryDate: "2012-04-15",
}

// The specimens of Doc 9303 part 4, appendix B; part 5, appendix B; part 6, appendices A and B; part 7, appendix A.
func TestTheSpecimensOfDoc9303(t *testing.T) {
	visa := anna
	visa.DocumentCode, visa.Nationality, visa.DocumentNumber, visa.BirthDate, visa.ExpiryDate = "V", "XXX", "L8988901C", "1940-09-07", "1996-12-10"
	for _, c := range []struct {
		format mrz.Format
		lines  []string
		want   mrz.Fields
		change func(*mrz.Fields)
	}{
		{mrz.TD3, specimenTD3, anna, func(f *mrz.Fields) { f.DocumentCode, f.DocumentNumber, f.OptionalData = "P", "L898902C3", "ZE184226B" }},
		{mrz.TD1, specimenTD1, anna, func(f *mrz.Fields) { f.DocumentCode, f.DocumentNumber = "I", "D23145890" }},
		{mrz.TD2, []string{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"}, anna,
			func(f *mrz.Fields) { f.DocumentCode, f.DocumentNumber = "I", "D23145890" }},
		{mrz.MRVA, []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"}, visa,
			func(f *mrz.Fields) { f.OptionalData = "6ZE184226B" }},
		{mrz.MRVB, []string{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"}, visa, func(*mrz.Fields) {}},
	} {
		c.change(&c.want)
		zone := parse(t, c.lines)
		if zone.Format != c.format || !zone.Valid() {
			t.Errorf("%s: format %s, %+v %+v", c.format, zone.Format, zone.Checks(), zone.Faults())
		}
		if d := cmp.Diff(c.want, zone.Fields); d != "" {
			t.Errorf("%s: %s", c.format, d)
		}
		if composed, err := mrz.Compose(c.format, c.want); err != nil || !cmp.Equal(composed, c.lines) {
			t.Errorf("%s: composed %q, %v", c.format, composed, err)
		}
		if d := cmp.Diff(c.lines, zone.Lines()); d != "" {
			t.Errorf("%s: %s", c.format, d)
		}
	}
}

// Examples 3 to 5 of Doc 9303-3, appendix A; Utopia's code there is a former one.
func TestTheCompositeDigitsOfDoc9303(t *testing.T) {
	for _, lines := range [][]string{
		{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "HA672242<6YTO5802254M9601086<<<<<<<<<<<<<<08"},
		{"I<YTOD231458907<<<<<<<<<<<<<<<", "3407127M9507122YTO<<<<<<<<<<<2", "STEVENSON<<PETER<<<<<<<<<<<<<<"},
		{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "HA672242<6YTO5802254M9601086<<<<<<<8"},
	} {
		zone := parse(t, lines)
		checks := zone.Checks()
		if last := checks[len(checks)-1]; last.ID != "composite" || last.Result != mrz.Passed || !zone.Valid() {
			t.Errorf("%s: %+v %+v", zone.Format, checks, zone.Faults())
		}
	}
}

// named is an example of a name: how it stands in the visual zone, and in the machine-readable one.
type named struct {
	surname, given, field  string
	readSurname, readGiven string // where they differ
}

// Doc 9303-4, 4.2.3.1; 9303-5, 4.2.3.4 and 4.2.3.5; 9303-6, 4.2.3.4 and 4.2.3.5; 9303-7, 4.2.3 and 7.2.3.
var wholeNames = []named{
	{"ERIKSSON", "ANNA MARIA", "ERIKSSON<<ANNA<MARIA", "", ""},
	{"HENG", "DEBORAH MING LO", "HENG<<DEBORAH<MING<LO", "", ""},
	{"SMITH-JONES", "SUSIE MARGARET", "SMITH<JONES<<SUSIE<MARGARET", "SMITH JONES", ""},
	{"O'CONNOR", "ENYA SIOBHAN", "OCONNOR<<ENYA<SIOBHAN", "OCONNOR", ""},
	{"VAN DER MUELLEN", "MARTIN", "VAN<DER<MUELLEN<<MARTIN", "", ""},
	{"AL-BASRI", "HUDA MUHAMMAD JAWAD", "AL<BASRI<<HUDA<MUHAMMAD<JAWAD", "AL BASRI", ""},
	{"ARKFREITH", "", "ARKFREITH", "", ""},
	{"SATRIYA SUDARPA", "", "SATRIYA<SUDARPA", "", ""},
	{"D'ARTAGNAN", "MARIE-ELISE", "DARTAGNAN<<MARIE<ELISE", "DARTAGNAN", "MARIE ELISE"}, // Doc 9303-3, 4.6
	{"ERIKSSON", "ANNA, MARIA", "ERIKSSON<<ANNA<MARIA", "", "ANNA MARIA"},
}

func TestNamesAreWrittenAndReadAsInDoc9303(t *testing.T) {
	for _, format := range []mrz.Format{mrz.TD3, mrz.TD2, mrz.TD1, mrz.MRVA, mrz.MRVB} {
		for _, n := range wholeNames {
			f := anna
			f.DocumentCode, f.DocumentNumber = map[mrz.Format]string{mrz.TD3: "PP", mrz.MRVA: "V", mrz.MRVB: "V"}[format], "1"
			if f.DocumentCode == "" {
				f.DocumentCode = "I"
			}
			f.Surname, f.GivenNames = n.surname, n.given
			lines, err := mrz.Compose(format, f)
			if err != nil {
				t.Fatal(err)
			}
			if line := nameLine(lines); strings.TrimRight(line, "<") != n.field {
				t.Errorf("%s: %s, want %s", format, line, n.field)
			}
			got := parse(t, lines).Fields
			if got.Surname != or(n.readSurname, n.surname) || got.GivenNames != or(n.readGiven, n.given) || got.NamesTruncated {
				t.Errorf("%s: %+v", format, got)
			}
		}
	}
}

// nameLine is what stands in the field of the names.
func nameLine(lines []string) string {
	if len(lines) == 3 {
		return lines[2]
	}
	return lines[0][5:]
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Doc 9303-4, 4.2.3.2 to 4.2.3.4; 9303-5 and 9303-6, 4.2.3.1 to 4.2.3.3; 9303-7, 4.2.3.1 to 4.2.3.3 and 7.2.3.1 to 7.2.3.3.
// The parts print a few of these lines a character too long or too short; they stand here with the format's length.
func TestACutNameIsReadAndToldAsCut(t *testing.T) {
	for field, want := range map[string][2]string{
		"PPUTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K": {"NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K"},
		"PPUTONILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU": {"NILAVADHANANANDA", "ARNPOL PETCH CHARONGU"},
		"PPUTOBENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI": {"BENNELONG WOOLOOMOOLOO WARRANDYTE W", "DI"},
		"PPUTOBENNELONG<WOOLOOM<WARRAND<WARNAM<<DINGO": {"BENNELONG WOOLOOM WARRAND WARNAM", "DINGO"},
		"PPUTOBENNEL<WOOLOO<WARRAN<WARNAM<<DINGO<POTO": {"BENNEL WOOLOO WARRAN WARNAM", "DINGO POTO"},
		"PPUTOPAPANDROPOULOUS<<JONATHON<WARREN<TREVOR": {"PAPANDROPOULOUS", "JONATHON WARREN TREVOR"},
		"NILAVADHANANANDA<<CHAYAPA<DE<K":               {"NILAVADHANANANDA", "CHAYAPA DE K"},
		"NILAVADHANANANDA<<ARNPOL<PE<CH":               {"NILAVADHANANANDA", "ARNPOL PE CH"},
		"BENNELONG<WOOLOOMOOLOO<W<W<<DI":               {"BENNELONG WOOLOOMOOLOO W W", "DI"},
		"BENNELONG<WOOLOOM<WA<WARN<<D<P":               {"BENNELONG WOOLOOM WA WARN", "D P"},
		"BENNE<WOOLO<WARRA<WARNA<<DIN<P":               {"BENNE WOOLO WARRA WARNA", "DIN P"},
		"PAPANDROPOULOUS<<JONATHON<ALEC":               {"PAPANDROPOULOUS", "JONATHON ALEC"},
		"VILARCHAO<FERNANDEZ<<JOSE<RAMO":               {"VILARCHAO FERNANDEZ", "JOSE RAMO"},
		"I<UTONILAVADHANANANDA<<CHAYAPA<DEJ<K":         {"NILAVADHANANANDA", "CHAYAPA DEJ K"},
		"I<UTONILAVADHANANANDA<<ARN<PET<CHARO":         {"NILAVADHANANANDA", "ARN PET CHARO"},
		"I<UTOBENNELONG<WOOLOOMOOLOO<W<W<<D<P":         {"BENNELONG WOOLOOMOOLOO W W", "D P"},
		"I<UTOBENNELONG<WOOLOOM<WAR<WARN<<D<P":         {"BENNELONG WOOLOOM WAR WARN", "D P"},
		"I<UTOBENNEL<WOOLO<WARRA<WARNA<<DIN<P":         {"BENNEL WOOLO WARRA WARNA", "DIN P"},
		"I<UTOPAPANDROPOULOUS<<JONATHOON<ALEC":         {"PAPANDROPOULOUS", "JONATHOON ALEC"},
		"I<UTOVILARCHAO<FERNANDEZ<<JOSE<RAMON":         {"VILARCHAO FERNANDEZ", "JOSE RAMON"},
		"V<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K": {"NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K"},
		"V<UTOBENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI": {"BENNELONG WOOLOOMOOLOO WARRANDYTE W", "DI"},
		"V<UTOBENNEL<WOOLOO<WARRAN<WARNAM<<DINGO<POTO": {"BENNEL WOOLOO WARRAN WARNAM", "DINGO POTO"},
		"V<UTONILAVADHANANANDA<<ARNP<PE<CHARO":         {"NILAVADHANANANDA", "ARNP PE CHARO"},
		"V<UTOBENNELONG<WOOLOOMOOLOO<WAR<W<<D":         {"BENNELONG WOOLOOMOOLOO WAR W", "D"},
		"V<UTOBENNELONG<WOOLOOM<WAR<WA<<DINGO":         {"BENNELONG WOOLOOM WAR WA", "DINGO"},
		"V<UTOBENN<WOOL<WARR<WARN<<DINGO<POTO":         {"BENN WOOL WARR WARN", "DINGO POTO"},
		"V<UTOPAPANDROPOULOUS<<STEPHEN<TREVOR":         {"PAPANDROPOULOUS", "STEPHEN TREVOR"},
	} {
		second := map[int]string{44: specimenTD3[1], 36: "D231458907UTO7408122F1204159<<<<<<<6"}
		lines := []string{field, second[len(field)]}
		if len(field) == 30 {
			lines = []string{specimenTD1[0], specimenTD1[1], field}
		}
		got := parse(t, lines).Fields
		if got.Surname != want[0] || got.GivenNames != want[1] || !got.NamesTruncated {
			t.Errorf("%s: %q, %q, truncated %v", field, got.Surname, got.GivenNames, got.NamesTruncated)
		}
	}
}

// The two examples of Doc 9303-4, 4.2.3.2 whose way of cutting is the one that Compose takes.
func TestALongNameIsCutAsInDoc9303(t *testing.T) {
	for given, want := range map[string]string{
		"CHAYAPA DEJTHAMRONG KRASUANG": "PPUTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
		"ARNPOL PETCH CHARONGUANG":     "PPUTONILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU",
	} {
		f := anna
		f.DocumentCode, f.DocumentNumber, f.Surname, f.GivenNames = "PP", "1", "NILAVADHANANANDA", given
		if lines, err := mrz.Compose(mrz.TD3, f); err != nil || lines[0] != want {
			t.Errorf("%q, %v, want %s", lines, err, want)
		}
	}
}
