package mrz_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/mrz"
	"pgregory.net/rapid"
)

// What stands on the machine where a reader has typed a zone by the keys of the United States.
var layouts = map[string]*strings.Replacer{
	"German": strings.NewReplacer("<", ";", "Y", "Z", "Z", "Y"),
	"French": strings.NewReplacer("<", ".", "A", "Q", "Q", "A", "Z", "W", "W", "Z", "M", "?",
		"1", "&", "2", "é", "3", "\"", "4", "'", "5", "(", "6", "-", "7", "è", "8", "_", "9", "ç", "0", "à"),
	"Belgian": strings.NewReplacer("<", ".", "A", "Q", "Q", "A", "Z", "W", "W", "Z", "M", "?",
		"1", "&", "2", "é", "3", "\"", "4", "'", "5", "(", "6", "§", "7", "è", "8", "!", "9", "ç", "0", "à"),
	"Czech": strings.NewReplacer("<", "?", "Y", "Z", "Z", "Y",
		"1", "+", "2", "ě", "3", "š", "4", "č", "5", "ř", "6", "ž", "7", "ý", "8", "á", "9", "í", "0", "é"),
	"Slovak": strings.NewReplacer("<", "?", "Y", "Z", "Z", "Y",
		"1", "+", "2", "ľ", "3", "š", "4", "č", "5", "ť", "6", "ž", "7", "ý", "8", "á", "9", "í", "0", "é"),
	"Hungarian": strings.NewReplacer("<", "?", "Y", "Z", "Z", "Y", "0", "ö"),
	"English with Caps Lock": strings.NewReplacer(func() (pairs []string) {
		for c := 'A'; c <= 'Z'; c++ {
			pairs = append(pairs, string(c), strings.ToLower(string(c)))
		}
		return pairs
	}()...),
}

// czech is a zone in which Y and Z stand where a check digit covers them, in a name, and in the codes of States.
var czech = []string{"P<CZESYKOROVA<<ZUZANA<<<<<<<<<<<<<<<<<<<<<<<", "YZ12345670CZE7408122F3204159<<<<<<<<<<<<<<<0"}

func TestAZoneTypedByAReaderForAnotherKeyboardIsRecognised(t *testing.T) {
	want := put(t, czech, 1, 1, "P")
	for layout, keys := range layouts {
		var stands []string
		for _, line := range want {
			stands = append(stands, keys.Replace(line))
		}
		typed, ok := mrz.FromKeyboard(stands, day)
		if !ok || typed.Keyboard != layout || typed.Or != "" || !typed.Valid() || !slices.Equal(typed.Lines(), want) {
			t.Errorf("%s: %q gave %v, %q, or %q: %q", layout, stands, ok, typed.Keyboard, typed.Or, typed.Lines())
		}
	}
}

func TestAZoneThatIsValidAsItStandsWasNotTypedThroughAnotherKeyboard(t *testing.T) {
	for _, lines := range [][]string{specimenTD1, specimenTD3, put(t, czech, 1, 1, "P")} {
		if typed, ok := mrz.FromKeyboard(lines, day); ok {
			t.Errorf("%q: %q", lines, typed.Keyboard)
		}
	}
}

// A letter that is wrong on the document, or forged, is no keyboard's: the fillers stand as they must.
func TestAWrongLetterIsNotMadeToAgreeByAKeyboard(t *testing.T) {
	for _, lines := range [][]string{
		{"P<POLSMITH<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "YE12345675POL7408122F3404159<<<<<<<<<<<<<<<6"},
		{strings.Replace(specimenTD3[0], "ERIKSSON", "ErIKSSON", 1), specimenTD3[1]},
		{strings.Replace(specimenTD3[0], "<<", ";<", 1), specimenTD3[1]},
	} {
		if typed, ok := mrz.FromKeyboard(lines, day); ok {
			t.Errorf("%q: %s, %q", lines, typed.Keyboard, typed.Lines())
		}
	}
}

func TestADigitThatDoesNotAgreeIsNotMadeToAgreeByAKeyboard(t *testing.T) {
	wrong := layouts["German"].Replace(strings.Replace(specimenTD3[1], "L898902C36", "L898902C37", 1))
	if typed, ok := mrz.FromKeyboard([]string{layouts["German"].Replace(specimenTD3[0]), wrong}, day); ok {
		t.Errorf("%q", typed.Lines())
	}
	if typed, ok := mrz.FromKeyboard([]string{"FACHE;;;;", "dear sir;", ""}, day); ok {
		t.Errorf("%q", typed.Lines())
	}
}

// Where nothing but a name holds a Y, no digit tells whether it was typed as one.
func TestTwoKeyboardsThatFitAlikeAreBothTold(t *testing.T) {
	second := put(t, specimenTD3, 2, 29, "<<<<<<<<<<<<<<")[1] // without a Z
	stands := []string{"P;UTOMEZER;;ANNA;;;;;;;;;;;;;;;;;;;;;;;;;;;;", layouts["German"].Replace(second)}
	typed, ok := mrz.FromKeyboard(stands, day)
	if !ok || typed.Keyboard != "German" || typed.Fields.Surname != "MEYER" || !strings.HasPrefix(typed.Or, "Spanish") {
		t.Errorf("%v, %q or %q: %q", ok, typed.Keyboard, typed.Or, typed.Lines())
	}
}

func TestAnyZoneComesBackThroughTheGermanKeyboard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		today := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		format := rapid.SampledFrom([]mrz.Format{mrz.TD1, mrz.TD2, mrz.TD3, mrz.MRVA, mrz.MRVB}).Draw(t, "format")
		f := anyFields(t, format)
		f.IssuingState, f.Nationality = "CZE", "CZE"
		lines, err := mrz.Compose(format, f)
		if err != nil {
			t.Fatal(err)
		}
		var stands []string
		for _, line := range lines {
			stands = append(stands, layouts["German"].Replace(line))
		}
		typed, ok := mrz.FromKeyboard(stands, today)
		if !ok || typed.Keyboard != "German" || !slices.Equal(typed.Lines(), lines) {
			t.Errorf("%q: %v, %q, %q", stands, ok, typed.Keyboard, typed.Lines())
		}
	})
}
