package curve

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// ErrMalformed: what should be explicit domain parameters is not built as such.
var ErrMalformed = errors.New("malformed elliptic curve parameters")

// primeField is the object identifier of the fields that are taken, 1.2.840.10045.1.1 (ANSI X9.62, 6.1), as it is encoded.
var primeField = []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01}

// ParseParameters takes explicit domain parameters apart: a SpecifiedECDomain (BSI TR-03111, D.1.1; SEC 1, C.2), with whatever stands
// behind it. It checks no numbers, which [New] does, and leaves the generator encoded, for [Parameters.SetGenerator]. Numbers that
// should not be negative are not: some encoders leave out the leading zero. The error is [ErrMalformed], or [ErrParameters] for a
// curve over another field than a prime one.
func ParseParameters(encoded []byte) (p Parameters, generator []byte, err error) {
	var domain, field, fieldType, coefficients, a, b cryptobyte.String
	in := cryptobyte.String(encoded)
	if !in.ReadASN1(&domain, asn1.SEQUENCE) || !domain.SkipASN1(asn1.INTEGER) || // version
		!domain.ReadASN1(&field, asn1.SEQUENCE) || !field.ReadASN1(&fieldType, asn1.OBJECT_IDENTIFIER) ||
		!domain.ReadASN1(&coefficients, asn1.SEQUENCE) || !domain.ReadASN1Bytes(&generator, asn1.OCTET_STRING) ||
		!coefficients.ReadASN1(&a, asn1.OCTET_STRING) || !coefficients.ReadASN1(&b, asn1.OCTET_STRING) {
		return p, nil, ErrMalformed
	}
	if !bytes.Equal(fieldType, primeField) {
		return p, nil, fmt.Errorf("%w: a curve over a field that is not prime", ErrParameters)
	}
	p.A, p.B = new(big.Int).SetBytes(a), new(big.Int).SetBytes(b)
	hasCofactor := func() bool { return domain.PeekASN1Tag(asn1.INTEGER) }
	if !readUnsigned(&field, &p.P) || !readUnsigned(&domain, &p.N) || hasCofactor() && !readUnsigned(&domain, &p.H) {
		return p, nil, ErrMalformed
	}
	return p, generator, nil
}

// readUnsigned reads an INTEGER as what it means where none can be negative.
func readUnsigned(in *cryptobyte.String, v **big.Int) bool {
	var digits cryptobyte.String
	if !in.ReadASN1(&digits, asn1.INTEGER) || digits.Empty() {
		return false
	}
	*v = new(big.Int).SetBytes(digits)
	return true
}
