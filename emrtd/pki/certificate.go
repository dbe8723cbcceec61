package pki

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Certificate is an X.509 certificate of the passport world: CSCA, document signer or master list signer.
type Certificate struct {
	Raw     []byte // DER
	Subject string // as "CN=CSCA,O=Passports,C=UT"
	Issuer  string
	// Country is the subject's country or, where it names none, the issuer's: upper case, two letters as ICAO Doc
	// 9303-12, 7.1 has it, or whatever stands there; empty when neither names one. IssuerCountry is likewise the issuer's,
	// or else the subject's.
	Country, IssuerCountry string

	NotBefore, NotAfter time.Time
	// CA says whether the certificate may sign certificates by its basic constraints.
	CA bool

	parsed                  *x509.Certificate
	subjectName, issuerName string // canonical
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

// ParseCertificate parses one DER certificate. The error is a [*CertificateError].
func ParseCertificate(der []byte) (*Certificate, error) {
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		failure := &CertificateError{Err: err}
		if o, err := readOutline(der); err == nil {
			failure.Subject = o.subjectText()
		}
		return nil, failure
	}
	c := &Certificate{
		Raw: parsed.Raw, Subject: parsed.Subject.String(), Issuer: parsed.Issuer.String(),
		NotBefore: parsed.NotBefore, NotAfter: parsed.NotAfter,
		CA: parsed.IsCA, parsed: parsed,
		subjectName: canonical(parsed.Subject), issuerName: canonical(parsed.Issuer),
	}
	subject, issuer := country(parsed.Subject), country(parsed.Issuer)
	c.Country, c.IssuerCountry = cmp.Or(subject, issuer), cmp.Or(issuer, subject)
	return c, nil
}

func country(name pkix.Name) string {
	if len(name.Country) == 0 {
		return ""
	}
	return strings.ToUpper(name.Country[0])
}

// SelfSigned says whether the certificate is signed with its own key. Of two CSCA certificates of one name, one that is
// not is a link between two keys.
func (c *Certificate) SelfSigned() bool { return c.IssuedInNameOf(c) && c.CheckSignedBy(c) == nil }

// IssuedInNameOf says whether c names issuer's subject as its issuer. Case, spacing and the kind of string are passed
// over: issuers spell their own name in more than one way (RFC 5280, 7.1).
func (c *Certificate) IssuedInNameOf(issuer *Certificate) bool {
	return c.issuerName == issuer.subjectName
}

// NamesKeyOf says whether c's authority key identifier is issuer's subject key identifier; false too where either has
// none.
func (c *Certificate) NamesKeyOf(issuer *Certificate) bool {
	id := c.parsed.AuthorityKeyId
	return len(id) > 0 && bytes.Equal(id, issuer.parsed.SubjectKeyId)
}

// CheckSignedBy checks c's signature with issuer's key, and nothing else: not names, days or rights. The error is an
// [ErrSignature], or an [ErrUnsupported] where it cannot be told.
func (c *Certificate) CheckSignedBy(issuer *Certificate) error {
	input := cryptobyte.String(c.Raw)
	var body cryptobyte.String
	if !input.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipASN1(cbasn1.SEQUENCE) {
		return malformed("certificate")
	}
	how, err := readAlgorithm(&body)
	if err != nil {
		return err
	}
	if how.hash == 0 {
		return fmt.Errorf("%w: certificate signature without a hash function", ErrUnsupported)
	}
	return how.check(issuer.parsed.PublicKey, c.parsed.RawTBSCertificate, c.parsed.Signature)
}

// SignsDocuments says whether the certificate has the profile of a document signer: no CA, a key for digital signatures
// where it states a usage, and no extended key usage, which the other certificates that a CSCA issues have, such as those
// of master list signers and of servers (ICAO Doc 9303-12, 7.1).
func (c *Certificate) SignsDocuments() bool {
	usage := c.parsed.KeyUsage
	return !c.CA && (usage == 0 || usage&x509.KeyUsageDigitalSignature != 0) &&
		len(c.parsed.ExtKeyUsage)+len(c.parsed.UnknownExtKeyUsage) == 0
}

// ValidOn says whether day lies in the validity period.
func (c *Certificate) ValidOn(day time.Time) bool {
	return !day.Before(c.NotBefore) && !day.After(c.NotAfter)
}

// canonical writes a name such that names that are the same are equal.
func canonical(name pkix.Name) string {
	var b strings.Builder
	for _, attribute := range name.Names {
		value := strings.ToLower(strings.Join(strings.Fields(fmt.Sprint(attribute.Value)), " "))
		fmt.Fprintf(&b, "%s=%q;", attribute.Type, value)
	}
	return b.String()
}

// outline is as much of a certificate as can be read where crypto/x509 gives up: who it is.
type outline struct {
	serial, issuer, subject []byte // DER
	keyID                   []byte // subject key identifier; nil when there is none
}

// readOutline reads a certificate's outline.
func readOutline(der []byte) (outline, error) {
	input := cryptobyte.String(der)
	var certificate, tbs, serial, issuer, subject cryptobyte.String
	if !input.ReadASN1(&certificate, cbasn1.SEQUENCE) || !certificate.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(contextTag(0)) || !tbs.ReadASN1Element(&serial, cbasn1.INTEGER) ||
		!tbs.SkipASN1(cbasn1.SEQUENCE) || !tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) ||
		!tbs.SkipASN1(cbasn1.SEQUENCE) || !tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE) ||
		!tbs.SkipASN1(cbasn1.SEQUENCE) {
		return outline{}, malformed("certificate")
	}
	return outline{serial: serial, issuer: issuer, subject: subject, keyID: readKeyID(tbs)}, nil
}

// readKeyID finds the subject key identifier in what follows the public key; nil when it does not.
func readKeyID(rest cryptobyte.String) []byte {
	var explicit, extensions cryptobyte.String
	if !rest.SkipOptionalASN1(cbasn1.Tag(1).ContextSpecific()) ||
		!rest.SkipOptionalASN1(cbasn1.Tag(2).ContextSpecific()) ||
		!rest.ReadASN1(&explicit, contextTag(3)) || !explicit.ReadASN1(&extensions, cbasn1.SEQUENCE) {
		return nil
	}
	for !extensions.Empty() {
		var extension, value cryptobyte.String
		var id asn1.ObjectIdentifier
		var keyID []byte
		if !extensions.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&id) ||
			!extension.SkipOptionalASN1(cbasn1.BOOLEAN) || !extension.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return nil
		}
		if id.String() == "2.5.29.14" && value.ReadASN1Bytes(&keyID, cbasn1.OCTET_STRING) {
			return keyID
		}
	}
	return nil
}

// IsCertificate says whether der has the outer shape of a certificate, whether or not it can be parsed.
func IsCertificate(der []byte) bool {
	_, err := readOutline(der)
	return err == nil
}

// subjectText writes the subject for people; empty when it cannot be read.
func (o outline) subjectText() string {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(o.subject, &sequence); err != nil || len(rest) > 0 {
		return ""
	}
	return sequence.String()
}
