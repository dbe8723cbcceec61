package pki

import (
	"fmt"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
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

// statesCurve says whether a SubjectPublicKeyInfo states the parameters of a curve that is none of those that are known.
func statesCurve(element cryptobyte.String) bool {
	var info cryptobyte.String
	if !element.ReadASN1(&info, cbasn1.SEQUENCE) {
		return false
	}
	oid, parameters, err := readIdentifier(&info)
	if err != nil || oid != oidECKey || !parameters.PeekASN1Tag(cbasn1.SEQUENCE) {
		return false
	}
	p, base, err := curve.ParseParameters(parameters)
	return err == nil && !slices.ContainsFunc(curve.All(), func(c *curve.Curve) bool { return isDomainOf(c, p, base) })
}

// isDomainOf says whether parameters, with their generator in whichever form, are a curve's.
func isDomainOf(c *curve.Curve, p curve.Parameters, base []byte) bool {
	q, size := c.Parameters(), c.Size()
	return len(base) > size && p.P.Cmp(q.P) == 0 && p.A.Cmp(q.A) == 0 && p.B.Cmp(q.B) == 0 && p.N.Cmp(q.N) == 0 &&
		q.Gx.Cmp(new(big.Int).SetBytes(base[1:1+size])) == 0
}
