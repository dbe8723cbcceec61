package external

import (
	"encoding/hex"
	"testing"
)

func TestOfACardItsKindIsKeptAndNotItsNumber(t *testing.T) {
	for atr, want := range map[string]string{
		"3b8f8001805a0a0103200311112233448290007f": "3b8f8001", // Calypso: its number is 11223344
		"3b8f8001804f0ca000000306030001000000006a": "3b8f8001804f0ca000000306030001000000006a",
		"3b80800101": "3b808001",
		"3b00":       "3b00",
		"3b1f96":     "3b1f96",
		"3bffffff":   "3bffffff",
		"3b":         "",
		"":           "",
	} {
		raw, err := hex.DecodeString(atr)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(kindOf(raw)); got != want {
			t.Errorf("of %q is kept %q, want %q", atr, got, want)
		}
	}
}
