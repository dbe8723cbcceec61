package pki

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// CRL is a certificate revocation list of a CSCA (ICAO Doc 9303-12, 7.1; RFC 5280, 5). It is made by [ParseCRL] and shares
// the memory it was parsed from; several goroutines may use it at once.
type CRL struct {
	Raw        []byte // DER
	Issuer     string // as "CN=CSCA,O=Passports,C=UT"
	Country    string // of the issuer, upper case; empty when it names none
	ThisUpdate time.Time
	NextUpdate time.Time // zero when not stated
	Revoked    int       // how many certificates are revoked
	// Partial is that the list states that it leaves out who is revoked for some reasons, or all who are no CAs; or something that is not
	// known here, and must be heeded: that someone is not in it says nothing.
	Partial bool

	issuerName     name
	authorityKeyID []byte // nil when there is none
	revoked        map[string]Revocation
	signed         signed
}

// Revocation is what a list says of a certificate that it revokes.
type Revocation struct {
	When time.Time
	// Reason is in the words of RFC 5280, 5.3.1, as "key compromise"; empty when none is stated, which ICAO's profile
	// prefers.
	Reason string

	lifted bool // the entry takes the revocation back
}

// KeepsKey says whether the reason leaves the key as good as it was: the certificate was replaced, say. Where none is stated, it
// does not.
func (r Revocation) KeepsKey() bool {
	return r.Reason == "superseded" || r.Reason == "affiliation changed" || r.Reason == "cessation of operation"
}

// Object identifiers of extensions: of the reason of an entry (RFC 5280, 5.3.1), of two that make a list say less than its entries do
// (5.2.4 and 5.3.3), of one that has it leave out some (5.2.5), and of two that change nothing (5.2.3 and 5.3.2).
const (
	oidReasonCode        = "2.5.29.21"
	oidDeltaCRL          = "2.5.29.27"
	oidCertificateIssuer = "2.5.29.29"
	oidDistributionPoint = "2.5.29.28"
	oidCRLNumber         = "2.5.29.20"
	oidInvalidityDate    = "2.5.29.24"
)

// maxCRLAge is how often a CSCA issues a list at least (ICAO Doc 9303-12, 4.1.5).
const maxCRLAge = 90 * 24 * time.Hour

// ParseCRL parses a revocation list of version 1 or 2, leniently, and checks nothing. The error is an [ErrMalformed]; or an
// [ErrUnsupported] for a list of changes alone (delta CRL) or one that revokes for several issuers.
func ParseCRL(der []byte) (*CRL, error) {
	l := &CRL{Raw: der, revoked: map[string]Revocation{}}
	if err := l.parse(); err != nil {
		return nil, fmt.Errorf("CRL: %w", err)
	}
	return l, nil
}

func (l *CRL) parse() error {
	var ok bool
	var body, algorithm cryptobyte.String
	if l.signed, ok = readSigned(l.Raw); !ok {
		return malformed("not a revocation list")
	}
	tbs := l.signed.tbs
	if !tbs.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipOptionalASN1(cbasn1.INTEGER) ||
		!body.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) {
		return malformed("not a revocation list")
	}
	if !sameAlgorithm(algorithm, l.signed.algorithm) {
		return malformed("two signature algorithms")
	}
	issuer, ok := readName(&body)
	if !ok {
		return malformed("issuer")
	}
	l.Issuer, l.Country, l.issuerName = issuer.text, issuer.country, issuer
	if !readTime(&body, &l.ThisUpdate) {
		return malformed("time of this update")
	}
	if (body.PeekASN1Tag(cbasn1.UTCTime) || body.PeekASN1Tag(cbasn1.GeneralizedTime)) && !readTime(&body, &l.NextUpdate) {
		return malformed("time of the next update")
	}
	if err := l.readEntries(&body); err != nil {
		return err
	}
	return l.readExtensions(body)
}

// readEntries takes the optional list of revoked certificates off body.
func (l *CRL) readEntries(body *cryptobyte.String) error {
	var entries cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&entries, &present, cbasn1.SEQUENCE) {
		return malformed("revoked certificates")
	}
	for !entries.Empty() {
		meanings, revocation, err := l.readEntry(&entries)
		if err != nil {
			return err
		}
		if revocation.lifted {
			continue
		}
		if _, again := l.revoked[meanings[0]]; !again {
			l.Revoked++
		}
		for _, meaning := range meanings {
			l.revoked[meaning] = revocation
		}
	}
	return nil
}

// readEntry takes one revoked certificate off entries, by the meanings of its serial number.
func (l *CRL) readEntry(entries *cryptobyte.String) (serial []string, r Revocation, err error) {
	var entry, extensions cryptobyte.String
	var present bool
	if !entries.ReadASN1(&entry, cbasn1.SEQUENCE) {
		return nil, r, malformed("revoked certificate")
	}
	_, serial, hasSerial := readSerial(&entry)
	if !hasSerial || !readTime(&entry, &r.When) || !entry.ReadOptionalASN1(&extensions, &present, cbasn1.SEQUENCE) {
		return nil, r, malformed("revoked certificate")
	}
	for !extensions.Empty() {
		critical := isCritical(extensions)
		id, value, ok := readExtension(&extensions)
		switch {
		case !ok || id == oidCertificateIssuer:
			return nil, r, fmt.Errorf("%w: an entry with extension %q", ErrUnsupported, boundedOID(id))
		case id == oidReasonCode:
			r.Reason, r.lifted = readReason(value)
		case critical && id != oidInvalidityDate:
			l.Partial = true
		}
	}
	return serial, r, nil
}

// readReason reads a CRLReason: empty for one that says nothing, or that is not known; lifted for the one that says that the
// certificate is revoked no longer.
func readReason(value cryptobyte.String) (reason string, lifted bool) {
	const removeFromCRL = 8
	var code int
	if !value.ReadASN1Enum(&code) {
		return "", false
	}
	return reasonText(code), code == removeFromCRL
}

func reasonText(code int) string {
	switch code {
	case 1:
		return "key compromise"
	case 2:
		return "CA compromise"
	case 3:
		return "affiliation changed"
	case 4:
		return "superseded"
	case 5:
		return "cessation of operation"
	case 6:
		return "certificate hold"
	case 9:
		return "privilege withdrawn"
	case 10:
		return "AA compromise"
	}
	return ""
}

func (l *CRL) readExtensions(rest cryptobyte.String) error {
	var explicit, list cryptobyte.String
	var present bool
	if !rest.ReadOptionalASN1(&explicit, &present, contextTag(0)) || !rest.Empty() ||
		present && !explicit.ReadASN1(&list, cbasn1.SEQUENCE) {
		return malformed("extensions")
	}
	for !list.Empty() {
		critical := isCritical(list)
		id, value, ok := readExtension(&list)
		switch {
		case !ok:
			return malformed("extension")
		case id == oidDeltaCRL:
			return fmt.Errorf("%w: a list of changes alone", ErrUnsupported)
		case id == oidDistributionPoint:
			l.Partial = l.Partial || readPartial(value)
		case id == oidAuthorityKeyID:
			l.authorityKeyID = readAuthorityKeyID(value)
		case critical && id != oidCRLNumber:
			l.Partial = true
		}
	}
	return nil
}

// readPartial reads an IssuingDistributionPoint: whether it states that the list has CAs alone, some reasons alone or attribute
// certificates alone. One that cannot be read may.
func readPartial(point cryptobyte.String) bool {
	var body cryptobyte.String
	if !point.ReadASN1(&body, cbasn1.SEQUENCE) {
		return true
	}
	for !body.Empty() {
		var value cryptobyte.String
		var tag cbasn1.Tag
		if !body.ReadAnyASN1(&value, &tag) {
			return true
		}
		stated := slices.ContainsFunc(value, func(b byte) bool { return b != 0 })
		if tag == primitiveTag(3) || stated && (tag == primitiveTag(2) || tag == primitiveTag(5)) {
			return true
		}
	}
	return false
}

// IssuedInNameOf says whether the list names issuer's subject as its issuer, as [Certificate.IssuedInNameOf] does.
func (l *CRL) IssuedInNameOf(issuer *Certificate) bool { return l.issuerName.means(issuer.subjectName) }

// NamesKeyOf says whether the list's authority key identifier is issuer's subject key identifier; false too where either
// has none.
func (l *CRL) NamesKeyOf(issuer *Certificate) bool {
	return len(l.authorityKeyID) > 0 && bytes.Equal(l.authorityKeyID, issuer.extensions.keyID)
}

// CheckSignedBy checks the list's signature with issuer's key, and nothing else: not names, days or rights. The error is an
// [ErrSignature], or an [ErrUnsupported] where it cannot be told.
func (l *CRL) CheckSignedBy(issuer *Certificate) error { return l.signed.check(issuer.key) }

// Revokes says whether the list revokes c. A list speaks only of certificates that its own issuer issued, under whichever
// key: a CSCA that has renewed its key goes on revoking what it signed with the one before. Either may leave the issuer's
// country out, or the leading zero of the serial number: what is let pass where a certificate is issued hides none that is
// revoked.
func (l *CRL) Revokes(c *Certificate) (Revocation, bool) {
	if !c.issuerName.resembles(l.issuerName) {
		return Revocation{}, false
	}
	for _, meaning := range c.serialMeanings() {
		if r, revoked := l.revoked[meaning]; revoked {
			return r, true
		}
	}
	return Revocation{}, false
}

// SameIssuerAs says whether two lists are of one issuer and, as far as they name it, of one key: of these the newer one
// counts. Lists of two keys stand beside each other.
func (l *CRL) SameIssuerAs(other *CRL) bool {
	return l.issuerName.canonical == other.issuerName.canonical && bytes.Equal(l.authorityKeyID, other.authorityKeyID)
}

// CoversDay says whether the list was the newest to be had on day, as far as it can say: up to its next update or, where it
// states none, for the 90 days within which a CSCA must issue another (ICAO Doc 9303-12, 4.1.5). A day before the list is
// covered: what was revoked by then is in it.
func (l *CRL) CoversDay(day time.Time) bool {
	next := l.NextUpdate
	if next.IsZero() {
		next = l.ThisUpdate.Add(maxCRLAge)
	}
	return !day.After(next)
}
