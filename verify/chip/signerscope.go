package chip

import (
	"fmt"
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// What a signer's certificate restricts its key to, beside what chain asks: a period, and types of documents. Neither is failed:
// both are what CSCAs get wrong, and who has the key writes the day that is compared.

// deviationCSCAPeriod is told and never weighed: of 163 link certificates in the German list whose issuer states a period, 18 begin
// more than a day outside of it.
const deviationCSCAPeriod pki.Deviation = "the CSCA issued the signer's certificate outside of the period that its own states for its key"

// keyPeriod answers whether EF.SOD was signed in the period in which the signer's private key may sign, give or take a day
// (RFC 3280, 4.2.1.4; ICAO Doc 9303-12, 7.1.1): clocks that sign write their own zone's time.
func (x *examination) keyPeriod() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	a := x.inKeyPeriod()
	if issuer, err := x.issuer(); err == nil && !signsOn(issuer, x.signer.NotBefore) {
		a.reason = verify.WithDeviations(a.reason, deviationCSCAPeriod)
	}
	return a
}

func (x *examination) inKeyPeriod() answer {
	period := periodText(x.signer)
	signed, stated := x.sod.SigningTime()
	switch {
	case period == "":
		return answer{verify.NotSupported, "the signer's certificate states no period for its private key"}
	case !stated && x.Day.Before(x.signer.KeyNotBefore.Add(-24*time.Hour)):
		return answer{verify.Undetermined, "the signer's private key signs " + period + ", which has not begun"}
	case !stated:
		return answer{verify.NotSupported, "it is not stated when the signer signed; its private key signs " + period}
	case !signsOn(x.signer, signed):
		return answer{verify.Undetermined, "signed on " + signed.Format(time.DateOnly) + "; the signer's private key signs " + period}
	}
	return answer{verify.Passed, "signed on " + signed.Format(time.DateOnly) + "; the signer's private key signs " + period}
}

// signsOn says whether a moment lies in the period of a certificate's private key, give or take a day; true where it has none.
func signsOn(c *pki.Certificate, moment time.Time) bool {
	const day = 24 * time.Hour
	return !moment.Before(c.KeyNotBefore.Add(-day)) && (c.KeyNotAfter.IsZero() || !moment.After(c.KeyNotAfter.Add(day)))
}

// periodText writes the period of a certificate's private key; empty where it states none.
func periodText(c *pki.Certificate) string {
	var parts []string
	if !c.KeyNotBefore.IsZero() {
		parts = append(parts, "from "+c.KeyNotBefore.Format(time.DateOnly))
	}
	if !c.KeyNotAfter.IsZero() {
		parts = append(parts, "until "+c.KeyNotAfter.Format(time.DateOnly))
	}
	return strings.Join(parts, " ")
}

// documentType answers whether the signer may sign documents of DG1's type (ICAO Doc 9303-12, 7.1.1.6). The document code stands in
// columns 1 and 2 of the first line in every format (ICAO Doc 9303-4 to -7, 4.2).
func (x *examination) documentType() answer {
	if a, missing := x.needLines(); missing {
		return a
	}
	if a, missing := x.needSigner(); missing {
		return a
	}
	code := strings.TrimRight(x.lines[0][:2], "<")
	listed := strings.Trim(fmt.Sprintf("%q", x.signer.ListedDocumentTypes()), "[]")
	allowed, restricted := x.signer.AllowsDocumentType(code)
	switch {
	case len(x.signer.DocumentTypes) == 0:
		return answer{verify.NotSupported, "the signer's certificate lists no types of documents"}
	case !restricted:
		return answer{verify.NotSupported, "the signer's certificate lists " + listed + ", of which none is a type of document"}
	case !allowed:
		return answer{verify.Undetermined, fmt.Sprintf("DG1 is of type %q, and the signer's certificate is for %s alone", code, listed)}
	}
	return answer{verify.Passed, fmt.Sprintf("DG1 is of type %q, the signer's certificate is for %s", code, listed)}
}
