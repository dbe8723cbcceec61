package mrz_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/mrz"
)

// Doc 9303-3, section 5, parts A to H.
func TestEveryCodeOfDoc9303HasANameInGermanAndEnglish(t *testing.T) {
	codes := "D GBD GBN GBO GBP GBS RKS EUE UNO UNA UNK XBA XIM XCC XCE XCO XEC XPO XES XMP XOM XDC XXA XXB XXC XXX ANT NTZ UTO IAO"
	for _, code := range strings.Fields(codes) {
		if name, ok := mrz.StateName(code); !ok || name.German == "" || name.English == "" {
			t.Errorf("%s: %+v", code, name)
		}
	}
}

func TestTheCodesOfISO3166HaveNames(t *testing.T) {
	for code, want := range map[string]mrz.Name{
		"CHE": {German: "Schweiz", English: "Switzerland"},
		"MKD": {German: "Nordmazedonien", English: "North Macedonia"},
		"SSD": {German: "Südsudan", English: "South Sudan"},
		"DEU": {German: "Deutschland", English: "Germany"},
	} {
		if got, ok := mrz.StateName(code); !ok || got != want {
			t.Errorf("%s: %+v", code, got)
		}
	}
	count := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				if _, ok := mrz.StateName(string([]rune{a, b, c})); ok {
					count++
				}
			}
		}
	}
	if want := 249 + 29 + 11; count != want { // ISO 3166-1, the codes of Doc 9303 with three letters, and what issuers print
		t.Errorf("%d codes are known, want %d", count, want)
	}
	for _, code := range []string{"", "D<<", "DE", "XKK", "ASC", "ZZZ", "Deu"} {
		if name, ok := mrz.StateName(code); ok {
			t.Errorf("%s is %+v", code, name)
		}
	}
}

func TestDocumentCodesHaveAMeaning(t *testing.T) {
	for _, c := range []struct {
		format        mrz.Format
		code, english string
	}{
		{mrz.TD3, "P", "Passport"}, {mrz.TD3, "PD", "Diplomatic passport"}, {mrz.TD3, "PN", "Passport"}, {mrz.TD1, "AC", "Crew member certificate"},
		{mrz.TD1, "ID", "Identity card"}, {mrz.TD2, "I", "Official travel document"}, {mrz.MRVB, "VC", "Visa"}, {mrz.CHDL, "FA", "Driving licence"},
		{mrz.IDL, "D1", "Driving licence"}, {mrz.FRID, "ID", "Identity card"}, {mrz.TD1, "P", ""}, {mrz.TD3, "", ""}, {"TD9", "P", ""},
	} {
		name, ok := mrz.DocumentName(c.format, c.code)
		if name.English != c.english || ok != (c.english != "") || ok != (name.German != "") {
			t.Errorf("%s %s: %+v, %v", c.format, c.code, name, ok)
		}
	}
}
