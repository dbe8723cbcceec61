package lds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// Algorithm is what a document signer signs with.
type Algorithm string

// The algorithms of the specimen document signers; the CSCA is always P-256.
const (
	ECDSA Algorithm = "ecdsa-p256-sha256"
	RSA   Algorithm = "rsa-2048-sha256" // PKCS #1 v1.5
)

// Issuer is a specimen state: its CSCA, and the keys of its document signers. It may be used from several goroutines.
type Issuer struct {
	csca    *x509.Certificate
	cscaKey *ecdsa.PrivateKey
	dscEC   *ecdsa.PrivateKey
	dscRSA  func() (*rsa.PrivateKey, error) // made when first asked for: it takes a third of a second
}

// NewIssuer makes the CSCA of that common name; its keys follow from the seed. It is valid from 16 years before the day to
// 16 years after it, so that a document that expired long ago still has a chain.
func NewIssuer(seed uint64, commonName string, day time.Time) (*Issuer, error) {
	cscaKey, err := ecKey(KeyStream(seed, "csca"))
	if err != nil {
		return nil, fmt.Errorf("specimen csca key: %w", err)
	}
	dscKey, err := ecKey(KeyStream(seed, "dsc"))
	if err != nil {
		return nil, fmt.Errorf("specimen dsc key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               utopia(commonName),
		NotBefore:             day.AddDate(-16, 0, 0),
		NotAfter:              day.AddDate(16, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	csca, err := certify(template, template, cscaKey.Public(), cscaKey)
	if err != nil {
		return nil, fmt.Errorf("specimen csca: %w", err)
	}
	return &Issuer{
		csca:    csca,
		cscaKey: cscaKey,
		dscEC:   dscKey,
		dscRSA:  sync.OnceValues(func() (*rsa.PrivateKey, error) { return RSAKey(KeyStream(seed, "dsc rsa"), 2048) }),
	}, nil
}

// CSCA is the certificate that a trust store needs, DER.
func (i *Issuer) CSCA() []byte { return i.csca.Raw }

// Signer is a document signer: its certificate, and the key that it signs with. In a forgery they do not belong
// together.
type Signer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// Signer gives the document signer for documents of one type ("P", "ID") issued on one day and valid to another.
func (i *Issuer) Signer(a Algorithm, documentType string, issued, expiry time.Time) (Signer, error) {
	return i.signer(serial(issued), a, documentType, issued, expiry)
}

// Compromised is a document signer as Signer gives one, with a certificate of its own, which [Issuer.CRL] revokes.
func (i *Issuer) Compromised(a Algorithm, documentType string, issued, expiry time.Time) (Signer, error) {
	return i.signer(compromisedSerial(issued), a, documentType, issued, expiry)
}

// serial numbers the signers by their documents' day of issue.
func serial(issued time.Time) *big.Int { return big.NewInt(issued.Unix()/86400 + 1) }

func compromisedSerial(issued time.Time) *big.Int {
	const beyondAllDays = 1 << 20
	return new(big.Int).Add(serial(issued), big.NewInt(beyondAllDays))
}

// CRL is the CSCA's revocation list of a day, DER: a month before, it revoked the compromised signers of documents that
// were issued on these days. The next list comes when it must, after 90 days (Doc 9303-12, 4.1.5).
func (i *Issuer) CRL(day time.Time, issued ...time.Time) ([]byte, error) {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: day, NextUpdate: day.AddDate(0, 0, 90)}
	for _, documents := range issued {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: compromisedSerial(documents), RevocationTime: day.AddDate(0, -1, 0),
		})
	}
	der, err := x509.CreateRevocationList(nil, list, i.csca, i.cscaKey)
	if err != nil {
		return nil, fmt.Errorf("specimen crl: %w", err)
	}
	return der, nil
}

func (i *Issuer) signer(serial *big.Int, a Algorithm, documentType string, issued, expiry time.Time) (Signer, error) {
	key, err := i.documentKey(a)
	if err != nil {
		return Signer{}, fmt.Errorf("specimen document signer: %w", err)
	}
	types, err := documentTypes(documentType)
	if err != nil {
		return Signer{}, fmt.Errorf("specimen document signer: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:    serial,
		Subject:         utopia("Document Signer Specimen"),
		NotBefore:       issued.AddDate(0, -1, 0),
		NotAfter:        expiry.AddDate(0, 3, 0),
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{types},
	}
	cert, err := certify(template, i.csca, key.Public(), i.cscaKey)
	if err != nil {
		return Signer{}, fmt.Errorf("specimen document signer: %w", err)
	}
	return Signer{Certificate: cert, Key: key}, nil
}

func (i *Issuer) documentKey(a Algorithm) (crypto.Signer, error) {
	switch a {
	case ECDSA:
		return i.dscEC, nil
	case RSA:
		return i.dscRSA()
	}
	return nil, fmt.Errorf("algorithm %q is not known", a)
}

// utopia names someone in Utopia: UT stands for the specimen state UTO as a two-letter code does for any other.
func utopia(commonName string) pkix.Name {
	return pkix.Name{Country: []string{"UT"}, Organization: []string{"Utopia"}, CommonName: commonName}
}

// documentTypes is the extension of Doc 9303-12, 7.1.1.6: what the signer may sign.
func documentTypes(documentType string) (pkix.Extension, error) {
	value, err := asn1.Marshal(struct {
		Version int
		Types   []asn1.RawValue `asn1:"set"`
	}{0, []asn1.RawValue{{Tag: asn1.TagPrintableString, Bytes: []byte(documentType)}}})
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 23, 136, 1, 1, 6, 2}, Value: value}, err
}

// certify passes no random source: ECDSA then signs as RFC 6979 does, the same each time.
func certify(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(nil, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
