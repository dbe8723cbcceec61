package pki

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Certificate is an X.509 certificate of the passport world: CSCA, document signer or master list signer. It is
// made by [ParseCertificate] and shares the memory it was parsed from; several goroutines may use it at once.
type Certificate struct {
	Raw     []byte // as it stands
	Subject string // as "CN=CSCA,O=Passports,C=UT"
	Issuer  string
	// Country is the subject's country or, where it names none, the issuer's, by its [CountryCode]; empty when neither names
	// one. IssuerCountry is likewise the issuer's, or else the subject's.
	Country, IssuerCountry string
	// SerialNumber is unique under one issuer. It should be positive, and is not always.
	SerialNumber *big.Int

	NotBefore, NotAfter time.Time
	// KeyNotBefore and KeyNotAfter bound the days on which the key signs (private key usage period); zero when not stated.
	KeyNotBefore, KeyNotAfter time.Time
	// CA says whether the certificate may sign certificates by its basic constraints.
	CA bool
	// DocumentTypes are the document codes, as "P", that a document signer is restricted to (ICAO Doc 9303-12, 7.1.1.6), as they
	// stand; empty when it states none. [Certificate.AllowsDocumentType] compares them.
	DocumentTypes []string

	subjectName, issuerName name
	signed                  signed
	key                     publicKey
	extensions              extensions
	selfSigned              func() bool
	issuance                atomic.Pointer[issuance] // the last that was found out
	digests                 *digests
}

// CertificateError is a certificate that could not be parsed. It unwraps to [ErrUnsupported].
type CertificateError struct {
	Subject string // empty when not even that could be read
	Err     error  // why
}

// Error implements error.
func (e *CertificateError) Error() string { return fmt.Sprintf("certificate: %v", e.Err) }

// Unwrap gives ErrUnsupported and the cause.
func (e *CertificateError) Unwrap() []error { return []error{ErrUnsupported, e.Err} }

// ParseCertificate parses one certificate, leniently: what issuers get wrong and does no harm is let pass. A key that this
// package cannot use is an error. The error is a [*CertificateError].
func ParseCertificate(der []byte) (*Certificate, error) {
	c, err := parseCertificate(der)
	if err != nil {
		return nil, &CertificateError{Subject: c.Subject, Err: err}
	}
	return c, nil
}

// ParseCertificates parses certificates that stand one behind the other, as [ParseCertificate] does; one that cannot be
// parsed is an error.
func ParseCertificates(der []byte) ([]*Certificate, error) {
	elements, err := SplitCertificates(der)
	if err != nil {
		return nil, err
	}
	certificates := make([]*Certificate, len(elements))
	for i, element := range elements {
		if certificates[i], err = ParseCertificate(element); err != nil {
			return nil, err
		}
	}
	return certificates, nil
}

// parseCertificate gives with an error as much of the certificate as could be read before it; the key is read last.
func parseCertificate(der []byte) (*Certificate, error) {
	c, key, err := parseButKey(der)
	if err != nil {
		return c, err
	}
	c.key, err = readKey(key)
	return c, err
}

// parseButKey leaves the key unread, which with explicit parameters takes long to check, and gives it beside the rest.
func parseButKey(der []byte) (c *Certificate, key cryptobyte.String, err error) {
	c = &Certificate{Raw: der, digests: &digests{}}
	p, ok := cutCertificate(der)
	if !ok {
		return c, nil, malformed("certificate")
	}
	c.signed = p.signed
	if c.SerialNumber, ok = readInteger(&p.serial); !ok {
		return c, nil, malformed("serial number")
	}
	issuer, issuerOK := readName(&p.issuer)
	subject, subjectOK := readName(&p.subject)
	c.setNames(issuer, subject)
	if !issuerOK || !subjectOK {
		return c, nil, malformed("name")
	}
	if err := c.extensions.read(p.extensions); err != nil {
		return c, nil, err
	}
	c.CA, c.DocumentTypes = c.extensions.ca, c.extensions.documentTypes
	c.KeyNotBefore, c.KeyNotAfter = c.extensions.keyNotBefore, c.extensions.keyNotAfter
	if !c.readValidity(p.validity) {
		return c, nil, malformed("validity")
	}
	// The algorithm outside is not signed; were it another, a forger could choose it (RFC 5280, 4.1.1.2).
	if !sameAlgorithm(p.algorithm, p.signedAlgorithm) {
		return c, nil, malformed("two signature algorithms")
	}
	c.selfSigned = sync.OnceValue(func() bool { return c.IssuedInNameOf(c) && c.CheckSignedBy(c) == nil })
	return c, p.key, nil
}

// serialMeanings are what the serial number may be meant for, as of readSerial.
func (c *Certificate) serialMeanings() []string {
	p, _ := cutCertificate(c.Raw)
	_, meanings, _ := readSerial(&p.serial)
	return meanings
}

func (c *Certificate) setNames(issuer, subject name) {
	c.Subject, c.subjectName = subject.text, subject
	c.Issuer, c.issuerName = issuer.text, issuer
	c.Country = cmp.Or(subject.country, issuer.country)
	c.IssuerCountry = cmp.Or(issuer.country, subject.country)
}

func (c *Certificate) readValidity(validity cryptobyte.String) bool {
	var body cryptobyte.String
	return validity.ReadASN1(&body, cbasn1.SEQUENCE) && readTime(&body, &c.NotBefore) && readTime(&body, &c.NotAfter)
}

// parts is a certificate cut up.
type parts struct {
	signed
	signedAlgorithm                        cryptobyte.String // DER of the AlgorithmIdentifier
	serial, issuer, validity, subject, key cryptobyte.String // each a whole element
	extensions                             cryptobyte.String // content; empty when there are none
}

// cut takes a certificate apart (RFC 5280, 4.1); false for what has not its shape, or anything behind it.
func cut(der []byte) (p parts, ok bool) {
	if p.signed, ok = cutSigned(der); !ok {
		return p, false
	}
	var tbs cryptobyte.String
	element := p.tbs
	if !element.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(contextTag(0)) || !tbs.ReadASN1Element(&p.serial, cbasn1.INTEGER) ||
		!tbs.ReadASN1Element(&p.signedAlgorithm, cbasn1.SEQUENCE) ||
		!tbs.ReadASN1Element(&p.issuer, cbasn1.SEQUENCE) || !tbs.ReadASN1Element(&p.validity, cbasn1.SEQUENCE) ||
		!tbs.ReadASN1Element(&p.subject, cbasn1.SEQUENCE) || !tbs.ReadASN1Element(&p.key, cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(primitiveTag(1)) || !tbs.SkipOptionalASN1(primitiveTag(2)) {
		return p, false
	}
	var explicit cryptobyte.String
	var present bool
	if !tbs.ReadOptionalASN1(&explicit, &present, contextTag(3)) ||
		present && !explicit.ReadASN1(&p.extensions, cbasn1.SEQUENCE) {
		return p, false
	}
	return p, tbs.Empty()
}

// cutCertificate takes apart what may be in BER, as cut does: lengths and strings in pieces that are not in DER change
// nothing of what a certificate says, and its issuer signed it as it stands, which openssl takes.
func cutCertificate(ber []byte) (p parts, ok bool) {
	der := wholeDER(ber)
	if p, ok = cut(der); ok && !bytes.Equal(der, ber) {
		p.standing = standingTBS(ber)
	}
	return p, ok
}

// IsCertificate says whether der has the outer shape of a certificate, whether or not it can be parsed.
func IsCertificate(der []byte) bool {
	_, ok := cutCertificate(der)
	return ok
}

// SelfSigned says whether the certificate is signed with its own key. Of two CSCA certificates of one name, one that is
// not is a link between two keys. It is found out once.
func (c *Certificate) SelfSigned() bool { return c.selfSigned() }

// IssuedInNameOf says whether c names issuer's subject as its issuer. Case, spacing and the kind of string are passed over:
// issuers spell their own name in more than one way (RFC 5280, 7.1). So is a country that c's issuer leaves out, unless c's
// subject states another.
func (c *Certificate) IssuedInNameOf(issuer *Certificate) bool {
	return c.issuerName.means(issuer.subjectName) &&
		(c.issuerName.country != "" || c.Country == "" || c.Country == issuer.Country)
}

// NamesKeyOf says whether c's authority key identifier is issuer's subject key identifier; false too where either has
// none.
func (c *Certificate) NamesKeyOf(issuer *Certificate) bool {
	id := c.extensions.authorityKeyID
	return len(id) > 0 && bytes.Equal(id, issuer.extensions.keyID)
}

// CheckSignedBy checks c's signature with issuer's key, and nothing else: not names, days or rights. The error is an
// [ErrSignature], which is an [ErrOtherContent] where the key is known to be the one that signed; or an [ErrUnsupported] where
// it cannot be told.
func (c *Certificate) CheckSignedBy(issuer *Certificate) error {
	_, err := c.issuedBy(issuer)
	return err
}

// issuance is who is known to have signed a certificate, and what is let pass in the signature.
type issuance struct {
	issuer     *Certificate
	deviations []Deviation
}

// issuedBy is CheckSignedBy with what it finds, which is asked for more than once of who did sign.
func (c *Certificate) issuedBy(issuer *Certificate) (*issuance, error) {
	if known := c.issuance.Load(); known != nil && known.issuer == issuer {
		return known, nil
	}
	deviations, err := c.signed.verify(issuer.key)
	if err != nil {
		return nil, err
	}
	found := &issuance{issuer, deviations}
	c.issuance.Store(found)
	return found, nil
}

// SignsDocuments says whether the certificate has the profile of a document signer: no CA, a key for signatures where it
// states a usage, and no extended key usage, which the other certificates that a CSCA issues have, such as those of master
// list signers and of servers (ICAO Doc 9303-12, 7.1). The usage should be that of digital signatures; a key that is for
// non-repudiation alone signs all the same, and [Certificate.DeviationsUnder] tells.
func (c *Certificate) SignsDocuments() bool {
	e := c.extensions
	return !e.ca && (!e.statesUsage || e.usage&(usageDigitalSignature|usageNonRepudiation) != 0) && !c.StatesPurpose()
}

// SignsCertificates says whether the certificate states that its key signs others: by its key usage or, where it states
// none, by its basic constraints. That both do is the profile of a CSCA; [Certificate.IssuerDeviation] tells where they do
// not, and only where somebody vouches for such a certificate is it one.
func (c *Certificate) SignsCertificates() bool {
	e := c.extensions
	return e.usage&usageCertSign != 0 || !e.statesUsage && e.ca
}

// IssuerDeviation says how a certificate that signs others contradicts itself, or leaves out what ICAO Doc 9303-12, 7.1,
// has a CSCA state: several states' CSCAs and links have keyCertSign, and CA:FALSE or no basic constraints beside it. Empty
// for one that does not.
func (c *Certificate) IssuerDeviation() Deviation {
	switch {
	case c.CA || !c.SignsCertificates():
		return ""
	case c.extensions.constrained:
		return DeviationConstraints
	}
	return DeviationNoConstraints
}

// SignsDefectLists says whether the certificate states that it signs defect lists (BSI TR-03129-2, 7.2): it should, and
// does not always. SignsDeviationLists is likewise for deviation lists, where it must (ICAO Doc 9303-12, 7.1).
func (c *Certificate) SignsDefectLists() bool {
	return slices.Contains(c.extensions.purposes, oidDefectListSigner)
}

// SignsDeviationLists says whether the certificate states that it signs deviation lists.
func (c *Certificate) SignsDeviationLists() bool {
	return slices.Contains(c.extensions.purposes, oidDeviationListSigner)
}

// SignsMasterLists says whether the certificate states that it signs master lists, and nothing that forbids it: it has that
// extended key usage, is no CA, and its key is one for signatures (ICAO Doc 9303-12, 7.1).
func (c *Certificate) SignsMasterLists() bool {
	e := c.extensions
	return slices.Contains(e.purposes, oidMasterListSigner) && !e.ca && (!e.statesUsage || e.usage&usageDigitalSignature != 0)
}

// StatesPurpose says whether the certificate has an extended key usage that names a purpose, and so signs nothing else. That
// the purpose may be any bounds nothing (RFC 5280, 4.2.1.12).
func (c *Certificate) StatesPurpose() bool {
	return slices.ContainsFunc(c.extensions.purposes, func(oid string) bool { return oid != oidAnyPurpose })
}

// ValidOnDayOf says whether the certificate is valid at any hour of the day of a moment: a CSCA and its first signers are made on one
// day, of which the signers state the beginning, and clocks that sign write their own zone's time.
func (c *Certificate) ValidOnDayOf(moment time.Time) bool {
	const day = 24 * time.Hour
	return !moment.Before(c.NotBefore.Truncate(day)) && moment.Before(c.NotAfter.Truncate(day).Add(day))
}

// ValidOn says whether day lies in the validity period.
func (c *Certificate) ValidOn(day time.Time) bool {
	return !day.Before(c.NotBefore) && !day.After(c.NotAfter)
}
