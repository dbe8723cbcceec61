package pki

import (
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Identifiers are what a signer is named by, or may be: issuer and serial number, or key identifier. Issuers that are the same
// are equal strings, in whichever order, case and type of string they are written.
type Identifiers struct {
	Issuer  string   // canonical; empty where none is named
	Country string   // the issuer's, as of [CountryCode]; empty where it has none
	Serial  *big.Int // nil where a signer is named by KeyID
	KeyID   []byte   // nil where a certificate states none, or a signer is named by Issuer and Serial
}

// An IdentifierReader reads the [Identifiers] of certificates, and nothing else: it takes a hundredth of the time that
// [ParseCertificate] does, which an index of tens of thousands needs. The zero value is ready; it is not for several goroutines
// at once.
type IdentifierReader struct {
	issuers map[string]name // by DER: few states sign for many
}

// maxIssuers bounds how many issuers are remembered.
const maxIssuers = 4096

// Read gives what a certificate's signer may be named by, as [Certificate.SignerID] does; false for what has not the shape of
// one.
func (r *IdentifierReader) Read(der []byte) (Identifiers, bool) {
	if id, ok := r.read(der); ok {
		return id, true
	}
	return r.read(wholeDER(der))
}

func (r *IdentifierReader) read(der []byte) (Identifiers, bool) {
	p, ok := cut(der)
	if !ok {
		return Identifiers{}, false
	}
	serial, ok := readInteger(&p.serial)
	if !ok {
		return Identifiers{}, false
	}
	issuer, ok := r.issuer(p.issuer)
	return Identifiers{issuer.canonical, issuer.country, serial, readKeyID(p.extensions)}, ok
}

// issuer reads a Name.
func (r *IdentifierReader) issuer(der cryptobyte.String) (name, bool) {
	if known, ok := r.issuers[string(der)]; ok {
		return known, true
	}
	element := der
	issuer, ok := readName(&element)
	if r.issuers == nil || len(r.issuers) >= maxIssuers {
		r.issuers = map[string]name{}
	}
	if ok {
		r.issuers[string(der)] = issuer
	}
	return issuer, ok
}

// readKeyID gives the subject key identifier among extensions; nil where there is none.
func readKeyID(extensions cryptobyte.String) (keyID []byte) {
	for !extensions.Empty() {
		id, value, ok := readExtension(&extensions)
		if !ok {
			return nil
		}
		if id == oidSubjectKeyID {
			value.ReadASN1Bytes(&keyID, cbasn1.OCTET_STRING)
			return keyID
		}
	}
	return nil
}

// SplitCertificates parts certificates that stand one behind the other, without parsing them.
func SplitCertificates(der []byte) ([][]byte, error) {
	var certificates [][]byte
	for rest := walker(der); len(rest) > 0; {
		element, _ := rest.next(cbasn1.SEQUENCE)
		if element == nil {
			return nil, &CertificateError{Err: malformed("certificate")}
		}
		certificates = append(certificates, element)
	}
	return certificates, nil
}
