package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// keyOf is what chip read makes of an MRZ's text on standard input.
func keyOf(t *testing.T, text string) (number string, given givenZone, err error) {
	t.Helper()
	c := &call{ctx: t.Context(), stdin: strings.NewReader(text), day: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}
	key, given, err := chipRead{MRZ: "-"}.key(c)
	return key.DocumentNumber + key.BirthDate + key.ExpiryDate, given, err
}

func TestAChipIsOpenedByAZoneHoweverItWasPassedOn(t *testing.T) {
	want, plain, err := keyOf(t, passportText)
	if err != nil || len(plain.printed()) != 2 || plain.Lines != nil {
		t.Fatalf("%+v, %v", plain, err)
	}
	for name, text := range map[string]string{
		"HTML":              strings.ReplaceAll(passportText, "<", "&lt;"),
		"lines in one":      strings.ReplaceAll(passportText, "\n", ""),
		"control codes":     "\x02" + passportText + "\x03",
		"a letter it lacks": strings.Replace(passportText, "ERIKSSON", "ÉRIKSSON", 1),
	} {
		key, given, err := keyOf(t, text)
		if printed := given.printed(); err != nil || key != want || len(printed) != 2 || printed[1] != plain.printed()[1] {
			t.Errorf("%s: %+v, %v", name, given, err)
		}
	}
}

func TestACharacterThatNoZoneHasIsNotHeldAgainstTheChip(t *testing.T) {
	_, given, err := keyOf(t, strings.Replace(passportText, "ERIKSSON", "ÉRIKSSON", 1))
	if err != nil || given.printed()[0] != "P<UTO?RIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<" {
		t.Errorf("%q, %v", given.printed(), err)
	}
}

// Names have no check digit: what a keyboard makes of them must not be held against the chip.
func TestAKeyboardThatIsGuessedOpensAChipAndAccusesNobody(t *testing.T) {
	want, _, err := keyOf(t, passportText)
	if err != nil {
		t.Fatal(err)
	}
	key, given, err := keyOf(t, strings.NewReplacer("<", ";", "Y", "Z", "Z", "Y").Replace(passportText))
	if err != nil || key != want || given.Keyboard != "German" || given.printed() != nil || !slices.Equal(given.Lines, strings.Fields(passportText)) {
		t.Errorf("%+v, %v", given, err)
	}
}

func TestNoChipIsAskedByAKeyThatTheWrongKeyboardTyped(t *testing.T) {
	text := strings.NewReplacer("<", ";", "Z", "Y", "L898902C36", "L898902C37").Replace(passportText)
	if _, given, err := keyOf(t, text); err == nil || !strings.Contains(err.Error(), "set to German") {
		t.Errorf("%+v, %v", given, err)
	}
}
