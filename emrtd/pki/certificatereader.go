package pki

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A CertificateReader parses certificates for which nobody vouches, as [ParseCertificate] does, and bounds what it takes: a key may
// state a curve of its own, and to check that takes some 30 ms, for each of as many as somebody cares to write. When as many were
// checked as take two seconds, others are an error; keys on curves that are known go on being read. The zero value is ready.
type CertificateReader struct{ spent int }

// Parse parses one certificate. The error is a [*CertificateError].
func (r *CertificateReader) Parse(der []byte) (*Certificate, error) {
	c, key, err := parseButKey(der)
	if err == nil {
		c.key, err = r.readKey(key)
	}
	if err != nil {
		return nil, &CertificateError{Subject: c.Subject, Err: err}
	}
	return c, nil
}

func (r *CertificateReader) readKey(element cryptobyte.String) (publicKey, error) {
	stated := statesCurve(element)
	if stated && r.spent >= maxEffort {
		return nil, fmt.Errorf("%w: its key states a curve of its own, and of those as many came before it as are checked", ErrUnsupported)
	}
	key, err := readKey(element)
	if stated {
		r.spent += keyEffort(key, err)
	}
	return key, err
}

// statesCurve says whether a SubjectPublicKeyInfo states the parameters of its curve, and not its name.
func statesCurve(element cryptobyte.String) bool {
	var info cryptobyte.String
	if !element.ReadASN1(&info, cbasn1.SEQUENCE) {
		return false
	}
	oid, parameters, err := readIdentifier(&info)
	return err == nil && oid == oidECKey && parameters.PeekASN1Tag(cbasn1.SEQUENCE)
}
