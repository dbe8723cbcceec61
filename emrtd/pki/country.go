package pki

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxCountry is how many characters a country is written with at most: three letters, and what stands around them.
const maxCountry = 8

// CountryCode gives the two capital letters by which certificates name a country (ICAO Doc 9303-12, 7.1), of one that is
// written in small letters, with spaces or fillers around it, or by the code of three letters or one that stands in
// machine-readable zones (ICAO Doc 9303-3, section 5). What is not known comes back in capitals. By it countries are
// compared: no two countries have one code. Who signs the documents of others stands in verify/chip.
//
// Kosovo's certificates have KS (five in the German list of 2026-05-28, with RKS as the code of their documents), and the European
// Commission and Unicode's CLDR write XK, which ISO 3166-1 leaves to its users: both are the one state.
func CountryCode(written string) string {
	upper := strings.ToUpper(strings.Trim(written, " \t\x00<"))
	if len(written) > maxCountry {
		return upper
	}
	switch upper {
	case "D":
		return "DE"
	case "UK":
		return "GB"
	case "EUE":
		return "EU"
	case "UNO":
		return "UN"
	case "RKS", "XXK", "XKX", "XK":
		return "KS"
	case "XOM", "XO": // sources differ
		return "XM"
	case "XPO":
		return "XP"
	case "UTO": // Utopia is UT in specimen certificates
		return "UT"
	}
	if code, known := fromThreeLetters(upper); known {
		return code
	}
	return upper
}

// fromThreeLetters gives the code of two letters for one of three that ISO 3166-1 has; none for one that was replaced.
func fromThreeLetters(code string) (two string, known bool) {
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", false
	}
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() || region.Canonicalize() != region || region.ISO3() != code {
		return "", false
	}
	return region.String(), true
}

// CountryDeviation tells how the certificate writes its own country otherwise than in the two capital letters of
// [CountryCode]; empty where it does not.
func (c *Certificate) CountryDeviation() Deviation {
	for _, n := range []name{c.subjectName, c.issuerName} {
		if n.countryWritten != n.country {
			return DeviationCountry.of(boundedText(n.countryWritten, maxCountry))
		}
	}
	return ""
}

// CountriesOf are the countries, each once and in order, that a signer's certificate and those which it is signed down from, its
// certification path, name for themselves and their issuers.
func CountriesOf(signer *Certificate, path ...*Certificate) []string {
	var countries []string
	for _, c := range append([]*Certificate{signer}, path...) {
		for _, country := range []string{c.Country, c.IssuerCountry} {
			if country != "" && !slices.Contains(countries, country) {
				countries = append(countries, country)
			}
		}
	}
	return countries
}
