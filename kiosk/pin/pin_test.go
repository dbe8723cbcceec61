package pin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/kiosk/pin"
)

const digits = "480293"

// made is the string of a PIN.
func made(t *testing.T, of string) string {
	t.Helper()
	s, err := pin.Make([]byte(of))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAPINIsKeptAsAStringThatDoesNotShowIt(t *testing.T) {
	s := made(t, digits)
	if !strings.HasPrefix(s, "$argon2id$v=19$m=65536,t=3,p=4$") || strings.Contains(s, digits) {
		t.Errorf("it is kept as %s", s)
	}
	if err := pin.Check(s); err != nil {
		t.Errorf("%s: %v", s, err)
	}
	if s == made(t, digits) {
		t.Error("two stations with the same PIN have the same string")
	}
}

func TestWhatEverybodyTriesFirstIsNoPIN(t *testing.T) {
	for name, c := range map[string]struct {
		digits string
		want   error
	}{
		"too short":              {"48029", pin.ErrDigits},
		"nothing":                {"", pin.ErrDigits},
		"too long":               {"4802934802934", pin.ErrDigits},
		"letters":                {"48029a", pin.ErrDigits},
		"another script's":       {"٤٨٠", pin.ErrDigits},
		"a blank":                {"480 293", pin.ErrDigits},
		"one digit":              {"000000", pin.ErrEasy},
		"one digit, often":       {"777777777777", pin.ErrEasy},
		"upwards":                {"123456", pin.ErrEasy},
		"upwards over the nine":  {"567890", pin.ErrEasy},
		"downwards":              {"987654", pin.ErrEasy},
		"downwards to the ten":   {"0987654321", pin.ErrEasy},
		"a date as in Germany":   {"140785", pin.ErrEasy},
		"with its century":       {"14071985", pin.ErrEasy},
		"as in the States":       {"071485", pin.ErrEasy},
		"as in ISO 8601":         {"19850714", pin.ErrEasy},
		"without its century":    {"850714", pin.ErrEasy},
		"no date":                {"480293", nil},
		"eight, and no date":     {"99887701", nil},
		"a day of another age":   {"01018742", nil},
		"seven, part of it even": {"1234569", nil},
	} {
		if _, err := pin.Make([]byte(c.digits)); !errors.Is(err, c.want) {
			t.Errorf("%s, %q: %v, want %v", name, c.digits, err, c.want)
		}
	}
}

// TestAForeignStringIsRefused before anybody works as hard as it says; and is not repeated: it may be the PIN itself.
func TestAForeignStringIsRefused(t *testing.T) {
	s := made(t, digits)
	for _, foreign := range []string{
		"", digits, s[:len(s)-4], s + "AAAA", strings.Replace(s, "m=65536", "m=4294967295", 1), strings.Replace(s, "t=3", "t=4000000000", 1),
		strings.Replace(s, "p=4", "p=0", 1), strings.Replace(s, "argon2id", "argon2i", 1), "$argon2id$v=19$m=65536,t=3,p=4$$",
	} {
		err := pin.Check(foreign)
		if !errors.Is(err, pin.ErrForeign) {
			t.Errorf("%q is taken: %v", foreign, err)
		} else if foreign != "" && strings.Contains(err.Error(), foreign) {
			t.Errorf("%q is repeated: %v", foreign, err)
		}
	}
}
