package chip

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"

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

// country answers whether the state that DG1 names is the signer's and its CSCA's: the authority of one state cannot make
// signers for another by writing that state's code into their certificates (ICAO Doc 9303-12, 7.1). The state stands in columns 3 to 5 of the first line
// in every format (ICAO Doc 9303-4, -5 and -6, 4.2).
func (x *examination) country() answer {
	if a, missing := x.needLines(); missing {
		return a
	}
	if a, missing := x.needSigner(); missing {
		return a
	}
	state := strings.TrimRight(x.lines[0][2:5], "<")
	want := stateCountry(state)
	if standard := mrz.StandardState(state); standard != state && standard != "" {
		state = fmt.Sprintf("%s (%s in Doc 9303-3)", state, standard)
	}
	switch {
	case want == "":
		return answer{verify.Undetermined, fmt.Sprintf("no two-letter code is known for issuing state %q", state)}
	case x.signer.Country == "":
		return answer{verify.Undetermined, "the signer's certificate names no country"}
	case x.signer.Country != want:
		return answer{verify.Failed, fmt.Sprintf("DG1 names issuing state %s, the signer is of %q", state, x.signer.Country)}
	case x.signer.IssuerCountry != want:
		return answer{verify.Failed, fmt.Sprintf("DG1 names issuing state %s, the signer was issued by %q", state, x.signer.IssuerCountry)}
	}
	return answer{verify.Passed, fmt.Sprintf("issuing state %s, signer of %s", state, want)}
}

// stateCountry gives the two-letter code that certificates use for an issuing state (ICAO Doc 9303-12, 7.1): that of
// ISO 3166-1, or of Doc 9303-3, section 5; empty when there is none. A code that issuers print although Doc 9303-3 does not
// have it is that of the same State there; a State that is no more has none. UT is Utopia's in specimen certificates.
func stateCountry(state string) string {
	state = mrz.StandardState(state)
	switch state {
	case "D":
		return "DE"
	case "GBD", "GBN", "GBO", "GBP", "GBS":
		return "GB"
	case "EUE":
		return "EU"
	case "UNO", "UNA", "UNK":
		return "UN"
	case "RKS":
		return "KS"
	case "XOM":
		return "XM"
	case "XPO":
		return "XP"
	case "UTO":
		return "UT"
	}
	region, err := language.ParseRegion(state)
	if err != nil || len(state) != 3 || !region.IsCountry() {
		return ""
	}
	return region.String()
}
