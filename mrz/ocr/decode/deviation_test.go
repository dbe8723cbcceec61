package decode_test

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr/decode"
)

// compose makes a zone of fields that fit.
func compose(t *testing.T, format mrz.Format, f mrz.Fields) []string {
	t.Helper()
	f.DocumentNumber, f.BirthDate, f.Sex, f.ExpiryDate = "652584509", "1974-08-12", "F", "2018-02-20"
	lines, err := mrz.Compose(format, f)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// sureness is how a reading of clear lines ends in which a filler looks a little like a K at a place of the name.
func sureness(t *testing.T, zone []string, doubtful ...int) decode.Reading {
	t.Helper()
	lines := newPrinter(31).lines(zone...)
	for _, column := range doubtful {
		mistake(lines[0], column, '<', 'K', -6)
	}
	r := read(t, lines)
	if !slices.Equal(r.Lines, zone) {
		t.Errorf("%q is read as %s", zone, show(r))
	}
	return r
}

func TestCodesThatOnlyTheirIssuersKnowAreAsSureAsTheStandards(t *testing.T) {
	for _, c := range []struct {
		format      mrz.Format
		code, state string
	}{
		{mrz.TD2, "AR", "D"}, {mrz.TD2, "ME", "D"}, {mrz.TD2, "RP", "EST"}, {mrz.TD2, "TR", "GEO"}, {mrz.TD2, "XA", "NOR"},
		{mrz.TD1, "ME", "D"}, {mrz.TD1, "RP", "EST"}, {mrz.TD1, "VB", "USA"}, {mrz.TD3, "DV", "ESP"}, {mrz.TD3, "S", "SWE"},
	} {
		zone := compose(t, c.format, mrz.Fields{DocumentCode: c.code, IssuingState: c.state, Nationality: "SYR", Surname: "MANNSENS", GivenNames: "MANNY"})
		if r := sureness(t, zone); !r.Sure || r.Confidence < 0.99 || r.Format != c.format {
			t.Errorf("%s of %s: %s", c.code, c.state, show(r))
		}
	}
}

// Reading goes by parsing's table: what is a fault there is not sure here.
func TestSuchACodeOfAnybodyElseIsNotSure(t *testing.T) {
	zone := compose(t, mrz.TD2, mrz.Fields{DocumentCode: "AR", IssuingState: "UTO", Nationality: "SYR", Surname: "MANNSENS", GivenNames: "MANNY"})
	zone[0] = "ME" + zone[0][2:]
	if r := sureness(t, zone); r.Sure {
		t.Error(show(r))
	}
}

// settles looks whether a zone is read as it stands although the recogniser would rather see another symbol at a place of its
// first line.
func settles(t *testing.T, zone []string, column int, wrong byte, more float32) {
	t.Helper()
	lines := newPrinter(32).lines(zone...)
	mistake(lines[0], column, zone[0][column], wrong, more)
	if r := read(t, lines); !slices.Equal(r.Lines, zone) {
		t.Error(show(r))
	}
}

func TestAnUnclearLetterOfSuchACodeIsSettledByItsIssuer(t *testing.T) {
	f := mrz.Fields{DocumentCode: "ME", IssuingState: "D", Nationality: "SYR", Surname: "MANNSENS", GivenNames: "MANNY"}
	settles(t, compose(t, mrz.TD2, f), 0, 'N', 1)
}

func TestANameWithoutASurnameIsAsSureAsOneWithIt(t *testing.T) {
	for _, format := range []mrz.Format{mrz.TD3, mrz.TD2, mrz.MRVA, mrz.MRVB} {
		code := map[mrz.Format]string{mrz.TD3: "P", mrz.TD2: "I", mrz.MRVA: "V", mrz.MRVB: "V"}[format]
		f := mrz.Fields{DocumentCode: code, IssuingState: "IND", Nationality: "IND"}
		f.Surname, f.GivenNames = "SHARMA", "PRIYA"
		with := sureness(t, compose(t, format, f), 11, 12)
		for _, names := range [][2]string{{"", "PRIYA"}, {"", "PRIYA KUMARI"}, {"", "X"}, {"PRIYA", ""}, {"X", ""}, {"PRIYA KUMARI", ""}} {
			f.Surname, f.GivenNames = names[0], names[1]
			var at []int
			if names[0] == "" {
				at = []int{5, 6}
			}
			without := sureness(t, compose(t, format, f), at...)
			if without.Sure != with.Sure || without.Confidence < with.Confidence-0.02 {
				t.Errorf("%s: %q is %.4f, with both %.4f", format, names, without.Confidence, with.Confidence)
			}
		}
	}
}

func TestOneFillerBeforeASurnameIsStillUnusual(t *testing.T) {
	f := mrz.Fields{DocumentCode: "P", IssuingState: "IND", Nationality: "IND", Surname: "ASHARMA", GivenNames: "PRIYA"}
	settles(t, compose(t, mrz.TD3, f), 5, '<', 2)
}

func TestZerosForWhatIsNotKnownOfABirthAreReadAsSurely(t *testing.T) {
	zone := []string{"PMCHEMUSTER<<VERENA<<<<<<<<<<<<<<<<<<<<<<<<<", "X000000001CHE6800006F3404159<<<<<<<<<<<<<<<8"}
	if r := sureness(t, zone); !r.Sure || len(r.Corrections) > 0 {
		t.Error(show(r))
	}
}

// A line of a card is nearly all fillers then, each of which the recogniser shows in three frames and more.
func TestANameOfTwoLettersIsSureBeforeALineOfFillers(t *testing.T) {
	for _, names := range [][2]string{{"O", "K"}, {"O", ""}, {"", "K"}, {"LI", "A"}, {"E", "WU"}} {
		zone := compose(t, mrz.TD1, mrz.Fields{DocumentCode: "I", IssuingState: "IND", Nationality: "IND", Surname: names[0], GivenNames: names[1]})
		lines := newPrinter(34).lines(zone...)
		for column := range zone[2] {
			if zone[2][column] == '<' {
				see(lines[2], margin+pitch*column+3, '<')
			}
		}
		fade(lines[2], 0) // of the first letter little is seen
		if r := read(t, lines); !r.Sure || !slices.Equal(r.Lines, zone) {
			t.Errorf("%q: %s", names, show(r))
		}
	}
}
