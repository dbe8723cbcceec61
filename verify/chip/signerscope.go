package chip

import (
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// What a signer's certificate restricts its key to, beside what chain asks: a period, and types of documents. Neither is failed:
// both are what CSCAs get wrong, and who has the key writes the day that is compared.

// keyPeriod answers whether EF.SOD was signed in the period in which the signer's private key may sign, give or take a day
// (RFC 3280, 4.2.1.4; ICAO Doc 9303-12, 7.1.1): clocks that sign write their own zone's time.
//
// That the CSCA issued the signer's certificate outside of its own period is told and never weighed: of 163 link certificates in the
// German list whose issuer states a period, 18 begin more than a day outside of it.
func (x *examination) keyPeriod() answer {
	if a, missing := x.needSigner(); missing {
		return a
	}
	a := x.inKeyPeriod()
	if issuer, err := x.issuer(); err == nil && !signsOn(issuer, x.signer.NotBefore) {
		a.reasons = append(a.reasons, verify.Because(codeCSCAPeriod))
	}
	return a
}

func (x *examination) inKeyPeriod() answer {
	signed, stated := x.sod.SigningTime()
	period := func(r verify.Reason) verify.Reason {
		return r.With("from", endOf(x.signer.KeyNotBefore)).With("until", endOf(x.signer.KeyNotAfter))
	}
	switch {
	case x.signer.KeyNotBefore.IsZero() && x.signer.KeyNotAfter.IsZero():
		return notSupported(verify.Because(codeNoPeriod))
	case !stated && x.Day.Before(x.signer.KeyNotBefore.Add(-24*time.Hour)):
		return undetermined(period(verify.Because(codeNotBegun)))
	case !stated:
		return notSupported(period(verify.Because(codeUndated)))
	case !signsOn(x.signer, signed):
		return undetermined(period(verify.Because(codeOutsidePeriod).With("signed", isoDay(signed))))
	}
	return passed(period(verify.Because(codeInPeriod).With("signed", isoDay(signed))))
}

// endOf writes one end of a period; an ellipsis where it has none there.
func endOf(t time.Time) string {
	if t.IsZero() {
		return "..."
	}
	return isoDay(t)
}

// signsOn says whether a moment lies in the period of a certificate's private key, give or take a day; true where it has none.
func signsOn(c *pki.Certificate, moment time.Time) bool {
	const day = 24 * time.Hour
	return !moment.Before(c.KeyNotBefore.Add(-day)) && (c.KeyNotAfter.IsZero() || !moment.After(c.KeyNotAfter.Add(day)))
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
	listed := x.signer.ListedDocumentTypes()
	allowed, restricted := x.signer.AllowsDocumentType(code)
	switch {
	case len(x.signer.DocumentTypes) == 0:
		return notSupported(verify.Because(codeNoTypes))
	case !restricted:
		return notSupported(verify.Because(codeNoKnownType).With("types", listed...))
	case !allowed:
		return undetermined(verify.Because(codeOtherType).With("code", code).With("types", listed...))
	}
	return passed(verify.Because(codeType).With("code", code).With("types", listed...))
}
