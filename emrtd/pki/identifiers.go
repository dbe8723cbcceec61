package pki

import (
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// An IdentifierReader reads of certificates what signers are named by, and nothing else: it takes a hundredth of the time
// that [ParseCertificate] does, which an index of tens of thousands needs. The zero value is ready; it is not for several
// goroutines at once.
type IdentifierReader struct {
	issuers map[string]string // canonical, by DER: few states sign for many
}

// maxIssuers bounds how many issuers are remembered.
const maxIssuers = 4096

// Read gives issuer, serial number and key identifier of a certificate as [Certificate.SignerID] does; false for what has
// not the shape of one.
func (r *IdentifierReader) Read(der []byte) (issuer string, serial *big.Int, keyID []byte, ok bool) {
	if issuer, serial, keyID, ok = r.read(der); !ok {
		return r.read(wholeDER(der))
	}
	return issuer, serial, keyID, true
}

func (r *IdentifierReader) read(der []byte) (issuer string, serial *big.Int, keyID []byte, ok bool) {
	p, ok := cut(der)
	if !ok {
		return "", nil, nil, false
	}
	if serial, ok = readInteger(&p.serial); !ok {
		return "", nil, nil, false
	}
	issuer, ok = r.canonical(p.issuer)
	return issuer, serial, readKeyID(p.extensions), ok
}

// canonical gives the canonical writing of a Name.
func (r *IdentifierReader) canonical(der cryptobyte.String) (string, bool) {
	if known, ok := r.issuers[string(der)]; ok {
		return known, true
	}
	element := der
	issuer, ok := readName(&element)
	if r.issuers == nil || len(r.issuers) >= maxIssuers {
		r.issuers = map[string]string{}
	}
	if ok {
		r.issuers[string(der)] = issuer.canonical
	}
	return issuer.canonical, ok
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
