package pki_test

import (
	"fmt"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

func ExampleCountryCode() {
	fmt.Println(pki.CountryCode("UTO"), pki.CountryCode(" ut"), pki.CountryCode("D"), pki.CountryCode("SE"))
	// Output: UT UT DE SE
}

// TestNoTwoCountriesHaveOneCode goes through everything that can be written in three capital letters.
func TestNoTwoCountriesHaveOneCode(t *testing.T) {
	alike := map[string]bool{ // one state's, by its own word or that of Doc 9303-3
		"RKS": true, "XXK": true, "XKX": true,
	}
	from, countries := map[string]string{}, 0
	for n := range 26 * 26 * 26 {
		written := string([]byte{byte('A' + n/676), byte('A' + n/26%26), byte('A' + n%26)})
		code := pki.CountryCode(written)
		if other, taken := from[code]; taken && !(alike[written] && alike[other]) {
			t.Errorf("%s and %s are both %s", other, written, code)
		}
		if from[code] = written; len(code) == 2 {
			countries++
		}
	}
	if countries < 249 { // ISO 3166-1 has so many
		t.Errorf("%d countries", countries)
	}
	for n := range 26 * 26 {
		written := string([]byte{byte('A' + n/26), byte('A' + n%26)})
		if code := pki.CountryCode(written); code != written && written != "UK" && written != "XO" && written != "XK" {
			t.Errorf("%s is %s", written, code)
		}
	}
	for written, want := range map[string]string{
		"DEU": "DE", "FRA": "FR", "CHE": "CH", "XOM": "XM", "EUE": "EU", "ut\x00": "UT", "UT ": "UT", "D<<": "DE", "276": "276", "": "",
		"Utopia": "UTOPIA", "Kingdom of Utopia": "KINGDOM OF UTOPIA",
	} {
		if code := pki.CountryCode(written); code != want {
			t.Errorf("%q is %q", written, code)
		}
	}
}

func TestACertificateTellsHowItWritesItsCountry(t *testing.T) {
	for written, want := range map[string]pki.Deviation{
		"UT": "", "": "", "UTO": "country=UTO", "ut": "country=ut",
		" UT": "country= UT", "Kingdom of Utopia": "country=Kingdom ...",
	} {
		c := parse(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: written, CA: true}))
		if got := c.CountryDeviation(); got != want {
			t.Errorf("%q: %q", written, got)
		}
	}
}
