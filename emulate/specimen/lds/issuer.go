package lds

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
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
	cscaKey, err := ecKey(keyStream(seed, "csca"))
	if err != nil {
		return nil, fmt.Errorf("specimen csca key: %w", err)
	}
	dscKey, err := ecKey(keyStream(seed, "dsc"))
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
		dscRSA:  sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsaKey(keyStream(seed, "dsc rsa")) }),
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
	key, err := i.documentKey(a)
	if err != nil {
		return Signer{}, fmt.Errorf("specimen document signer: %w", err)
	}
	types, err := documentTypes(documentType)
	if err != nil {
		return Signer{}, fmt.Errorf("specimen document signer: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:    big.NewInt(issued.Unix()/86400 + 1),
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

// keyStream is an endless stream of bytes for one purpose.
func keyStream(seed uint64, purpose string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), purpose...)))
}

func ecKey(stream io.Reader) (*ecdsa.PrivateKey, error) {
	for {
		raw := make([]byte, 32)
		if _, err := io.ReadFull(stream, raw); err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw); err == nil {
			return key, nil
		}
	}
}

// rsaKey searches the stream for two primes, because crypto/rsa takes no seed.
func rsaKey(stream io.Reader) (*rsa.PrivateKey, error) {
	const exponent = 65537
	p, err := prime(stream, exponent)
	if err != nil {
		return nil, err
	}
	q, err := prime(stream, exponent)
	if err != nil {
		return nil, err
	}
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: exponent},
		D:         new(big.Int).ModInverse(big.NewInt(exponent), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	return key, key.Validate()
}

// prime is a prime of 1024 bits, the upper two set, one less than which has no divisor in common with the exponent.
func prime(stream io.Reader, exponent int64) (*big.Int, error) {
	raw := make([]byte, 128)
	for {
		if _, err := io.ReadFull(stream, raw); err != nil {
			return nil, err
		}
		raw[0] |= 0xC0
		raw[len(raw)-1] |= 1
		p := new(big.Int).SetBytes(raw)
		rest := new(big.Int).Mod(new(big.Int).Sub(p, big.NewInt(1)), big.NewInt(exponent))
		if rest.Sign() != 0 && p.ProbablyPrime(0) {
			return p, nil
		}
	}
}
