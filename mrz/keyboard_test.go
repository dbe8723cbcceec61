package mrz_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

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
	"Hungarian":  strings.NewReplacer("<", "?", "Y", "Z", "Z", "Y", "0", "ö"),
	"Turkish Q":  strings.NewReplacer("<", "Ö"),
	"Turkish F":  keys("F G Ğ I O D R N H P U İ E A Ü T K M L J Ö V C Ç Z S B"),
	"Hebrew":     strings.NewReplacer("<", ">"),
	"Greek":      keys(": Σ Ε Ρ Τ Υ Θ Ι Ο Π Α Σ Δ Φ Γ Η Ξ Κ Λ Ζ Χ Ψ Ω Β Ν Μ <"),
	"Russian":    keys("Й Ц У К Е Н Г Ш Щ З Ф Ы В А П Р О Л Д Я Ч С М И Т Ь Б"),
	"Ukrainian":  keys("Й Ц У К Е Н Г Ш Щ З Ф І В А П Р О Л Д Я Ч С М И Т Ь Б"),
	"Belarusian": keys("Й Ц У К Е Н Г Ш Ў З Ф Ы В А П Р О Л Д Я Ч С М І Т Ь Б"),
	"Bulgarian":  keys("Ы У Е И Ш Щ К С Д З Ь Я А О Ж Г Т Н В Ю Й Ъ Э Ф Х П Р"),
	"Serbian":    keys("Љ Њ Е Р Т З У И О П А С Д Ф Г Х Ј К Л Ѕ Џ Ц В Б Н М ;"),
	"Macedonian": keys("Љ Њ Е Р Т Ѕ У И О П А С Д Ф Г Х Ј К Л З Џ Ц В Б Н М ;"),
	"English with Caps Lock": strings.NewReplacer(func() (pairs []string) {
		for c := 'A'; c <= 'Z'; c++ {
			pairs = append(pairs, string(c), strings.ToLower(string(c)))
		}
		return pairs
	}()...),
}

// keys are what stands, with Shift, on the keys from Q to M, row by row, and on that of the comma.
func keys(stands string) *strings.Replacer {
	var pairs []string
	for i, s := range strings.Fields(stands) {
		pairs = append(pairs, "QWERTYUIOPASDFGHJKLZXCVBNM<"[i:i+1], s)
	}
	return strings.NewReplacer(pairs...)
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
		or := map[string]string{"Greek": "Greek, with Σ for W"}[layout] // they have one capital letter
		if !ok || typed.Keyboard != layout || typed.Or != or || !typed.Valid() || !slices.Equal(typed.Lines(), want) {
			t.Errorf("%s: %q gave %v, %q, or %q: %q", layout, stands, ok, typed.Keyboard, typed.Or, typed.Lines())
		}
	}
}

// Caps Lock turns what Shift makes of a key with a letter around.
func TestCapsLockOnAnotherKeyboardIsUndoneToo(t *testing.T) {
	for layout, special := range map[string]unicode.SpecialCase{
		"German": nil, "Turkish Q": unicode.TurkishCase, "Turkish F": unicode.TurkishCase, "Russian": nil, "Ukrainian": nil, "Bulgarian": nil, "Serbian": nil,
	} {
		var stands []string
		for _, line := range put(t, czech, 1, 1, "P") {
			stands = append(stands, strings.ToLowerSpecial(special, layouts[layout].Replace(line)))
		}
		if typed, ok := mrz.FromKeyboard(stands, day); !ok || typed.Keyboard != layout {
			t.Errorf("%s: %q gave %v, %q: %q", layout, stands, ok, typed.Keyboard, typed.Lines())
		}
	}
}

func TestAZoneWithFaultsThatLooksTypedIsNotTakenAndTheKeyboardIsNamed(t *testing.T) {
	for _, layout := range []string{"German", "French", "Turkish Q", "Greek", "Russian", "Ukrainian", "Bulgarian", "Serbian"} {
		var stands []string
		for _, line := range []string{czech[0], strings.Replace(czech[1], "YZ1234567", "YZ1234568", 1)} {
			stands = append(stands, layouts[layout].Replace(line))
		}
		if typed, ok := mrz.FromKeyboard(stands, day); ok || typed.Keyboard != layout {
			t.Errorf("%s: %q gave %v, %q", layout, stands, ok, typed.Keyboard)
		}
	}
	wrong := []string{specimenTD3[0], strings.Replace(specimenTD3[1], "L898902C36", "L898902C37", 1)}
	if typed, ok := mrz.FromKeyboard(wrong, day); ok || typed.Keyboard != "" {
		t.Errorf("an ordinary zone with a wrong digit looks like none: %q", typed.Keyboard)
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

func ExampleFromKeyboard() {
	typed, ok := mrz.FromKeyboard([]string{"P;UTOERIKSSON;;ANNA;MARIA;;;;;;;;;;;;;;;;;;;", "L898902C36UTO7408122F1204159YE184226B;;;;;10"}, day)
	if !ok {
		return
	}
	fmt.Println(typed.Keyboard)
	fmt.Println(typed.Lines()[1])
	// Output:
	// German
	// L898902C36UTO7408122F1204159ZE184226B<<<<<10
}
