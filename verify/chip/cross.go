package chip

import (
	"fmt"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// unreadCharacter is what a reader of the printed zone gives for a character that it could not read.
const unreadCharacter = '?'

// zone answers whether the printed zone and DG1 say the same. Reasons say where they differ and never how: that would be
// personal data.
func (x *examination) zone() answer {
	if a, missing := x.needLines(); missing {
		return a
	}
	if len(x.MRZ) == 0 {
		return answer{verify.NotPerformed, "no machine-readable zone was read from the page"}
	}
	if len(x.MRZ) != len(x.lines) {
		return answer{verify.Failed, fmt.Sprintf("%d lines are printed, DG1 has %d", len(x.MRZ), len(x.lines))}
	}
	unread := false
	for i, printed := range x.MRZ {
		if len(printed) != len(x.lines[i]) {
			return answer{verify.Failed, fmt.Sprintf("line %d has %d characters, in DG1 %d",
				i+1, len(printed), len(x.lines[i]))}
		}
		for column, c := range []byte(printed) {
			switch {
			case c == unreadCharacter:
				unread = true
			case c != x.lines[i][column]:
				return answer{verify.Failed, fmt.Sprintf("line %d differs from DG1 at column %d", i+1, column+1)}
			}
		}
	}
	if unread {
		return answer{verify.Undetermined, "what could be read agrees, and some printed characters could not"}
	}
	return answer{verify.Passed, "the printed zone and DG1 say the same"}
}

// country answers whether the state that DG1 names is the signer's, and that of all certificates from its CSCA's up to the
// anchor: the authority of one state cannot make signers for another by writing that state's code into their certificates
// (ICAO Doc 9303-12, 7.1), and where a list of defects says that the State itself has got it wrong, that is left open. A signer that
// names none is of its CSCA's. The state stands in columns 3 to 5 of the first line in every format (ICAO Doc 9303-4, -5 and -6, 4.2).
func (x *examination) country() answer {
	if a, missing := x.needLines(); missing {
		return a
	}
	if a, missing := x.needSigner(); missing {
		return a
	}
	state := x.issuingState()
	authority, known := authorityOf(state)
	if standard := mrz.StandardState(state); standard != state && standard != "" {
		state = fmt.Sprintf("%s (%s in Doc 9303-3)", state, standard)
	}
	countries := pki.CountriesOf(x.signer, x.ancestors()...)
	if !known {
		return answer{verify.Undetermined, fmt.Sprintf("it is not known with which country's certificates issuing state %q signs", state)}
	}
	if len(countries) == 0 {
		return answer{verify.Undetermined, "neither the signer's certificate nor its CSCA's names a country"}
	}
	for _, country := range countries {
		if slices.Contains(authority.countries, country) {
			continue
		}
		other := fmt.Sprintf("DG1 names issuing state %s, the signer is of %q, by its CSCA or by itself", state, country)
		if authority.unseen {
			return answer{verify.Undetermined, other + "; no certificate of that state is known"}
		}
		return x.malformed(other, pki.DefectIssuingCountry)
	}
	a := answer{verify.Passed, fmt.Sprintf("issuing state %s, signer of %s", state, countries[0])}
	if authority.source != "" {
		a.reason += ", which signs for it (" + authority.source + ")"
	}
	a.reason = verify.WithDeviations(a.reason, x.countryDeviations()...)
	return a
}

// countryDeviations tell how the signer's certificate and those which it is signed down from write their country, each way once.
func (x *examination) countryDeviations() (deviations []pki.Deviation) {
	for _, c := range append([]*pki.Certificate{x.signer}, x.ancestors()...) {
		if d := c.CountryDeviation(); d != "" && !slices.Contains(deviations, d) {
			deviations = append(deviations, d)
		}
	}
	return deviations
}

// issuingState is the state that DG1 names, without fillers; empty where DG1 cannot be read.
func (x *examination) issuingState() string {
	if len(x.lines) == 0 {
		return ""
	}
	return strings.TrimRight(x.lines[0][2:5], "<")
}

// sameCountry says whether both name one country alone, and the same.
func sameCountry(a, b []string) bool { return len(a) == 1 && slices.Equal(a, b) }
