package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// ecKey is a key on any elliptic curve.
type ecKey struct {
	curve      *curve.Curve
	point      *curve.Point
	deviations []Deviation // of how it is written
}

// standardKey is a key on a curve that crypto/ecdsa knows, which is ten times faster.
type standardKey struct {
	*ecdsa.PublicKey
	deviations []Deviation // of how it is written
}

// uncompressed is the first octet of a point that is encoded in full (BSI TR-03111, 3.2.1).
const uncompressed = 4

// readECKey reads an ECPoint on the curve of the parameters. ICAO Doc 9303-12, 4.4, has points in full; in other forms they are
// the same.
func readECKey(encoded []byte, parameters cryptobyte.String) (publicKey, error) {
	c, deviations, err := readCurve(parameters)
	if err != nil {
		return nil, err
	}
	standard := standardCurve(c.Name())
	if standard == nil || len(encoded) == 0 || encoded[0] != uncompressed {
		point, err := c.Decode(fromHybrid(encoded))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if encoded[0] != uncompressed {
			deviations = append(deviations, DeviationKeyForm)
		}
		if standard == nil {
			return ecKey{c, point, deviations}, nil
		}
		encoded = point.Encode()
	}
	key, err := ecdsa.ParseUncompressedPublicKey(standard, encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return standardKey{key, deviations}, nil
}

// fromHybrid gives a point in full that says besides whether its y is odd (ANSI X9.62, 4.3.6), if it says so rightly.
func fromHybrid(encoded []byte) []byte {
	const hybrid = 6 // or 7, for an odd y
	if n := len(encoded); n == 0 || encoded[0] != hybrid|encoded[n-1]&1 {
		return encoded
	}
	return append([]byte{uncompressed}, encoded[1:]...)
}

// standardCurve gives the curve of crypto/ecdsa of that name; nil when there is none.
func standardCurve(name string) elliptic.Curve {
	switch name {
	case "P-224":
		return elliptic.P224()
	case "P-256":
		return elliptic.P256()
	case "P-384":
		return elliptic.P384()
	case "P-521":
		return elliptic.P521()
	}
	return nil
}

// readCurve reads ECParameters: a curve's name, or its domain parameters, which ICAO Doc 9303-12, 4.4 demands.
func readCurve(parameters cryptobyte.String) (*curve.Curve, []Deviation, error) {
	if parameters.PeekASN1Tag(cbasn1.SEQUENCE) {
		return readExplicitCurve(parameters)
	}
	id, ok := readOID(&parameters)
	if !ok {
		return nil, nil, fmt.Errorf("%w: elliptic curve without parameters", ErrUnsupported)
	}
	c, known := curve.ByOID(id)
	if !known {
		return nil, nil, fmt.Errorf("%w: elliptic curve %s", ErrUnsupported, boundedOID(id))
	}
	return c, nil, nil
}

// readExplicitCurve reads a curve that is stated in numbers.
func readExplicitCurve(parameters cryptobyte.String) (*curve.Curve, []Deviation, error) {
	p, generator, err := curve.ParseParameters(parameters)
	switch {
	case errors.Is(err, curve.ErrMalformed):
		return nil, nil, malformed("elliptic curve parameters")
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return newCurve(p, generator)
}

// newCurve makes a curve of its numbers and its encoded generator.
func newCurve(parameters curve.Parameters, generator []byte) (*curve.Curve, []Deviation, error) {
	otherForm, err := parameters.SetGenerator(generator)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	c, err := curve.New(parameters)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if otherForm {
		return c, []Deviation{DeviationGenerator}, nil
	}
	return c, nil, nil
}

func (k ecKey) verifier(signature []byte) verifier {
	return func(how algorithm, digest []byte) ([]Deviation, error) {
		deviations, err := verifyECDSA(how, signature, k.curve.Parameters().N, func(r, s *big.Int) bool {
			return k.curve.Verify(k.point, digest, r, s)
		})
		return slices.Concat(deviations, k.deviations), err
	}
}

func (k standardKey) verifier(signature []byte) verifier {
	return func(how algorithm, digest []byte) ([]Deviation, error) {
		deviations, err := verifyECDSA(how, signature, k.Params().N, func(r, s *big.Int) bool {
			return ecdsa.Verify(k.PublicKey, digest, r, s)
		})
		return slices.Concat(deviations, k.deviations), err
	}
}

// verifyECDSA reads a signature under a curve of that order in each of its encodings, which fits decides: as the sequence
// that it should be, and as r and s side by side, each as long as the order. Whoever can make a pair that fits has the key,
// in whichever way he writes it down.
func verifyECDSA(how algorithm, signature []byte, order *big.Int, fits func(r, s *big.Int) bool) ([]Deviation, error) {
	if how.scheme != schemeECDSA {
		return nil, ErrSignature
	}
	if r, s, ok := readECDSASignature(signature); ok && fits(r, s) {
		return ecdsaDeviations(signature), nil
	}
	size := (order.BitLen() + 7) / 8
	if len(signature) != 2*size {
		return nil, ErrSignature
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	if !fits(r, s) {
		return nil, ErrSignature
	}
	return []Deviation{DeviationPlainECDSA}, nil
}

// ecdsaDeviations gives what is let pass in how a signature that fits is written.
func ecdsaDeviations(signature []byte) []Deviation {
	r, s, ok := readECDSASignature(signature)
	switch {
	case !ok:
		return []Deviation{DeviationPlainECDSA}
	case !bytes.Equal(encodeECDSASignature(r, s), signature):
		return []Deviation{DeviationECDSAEncoding}
	}
	return nil
}

// readECDSASignature reads an ECDSA-Sig-Value (RFC 3279, 2.2.3), in BER too.
func readECDSASignature(ber []byte) (r, s *big.Int, ok bool) {
	element, rest, ok := appendDER(nil, ber, 2)
	if !ok || len(rest) > 0 {
		return nil, nil, false
	}
	der := cryptobyte.String(element)
	var body cryptobyte.String
	if !der.ReadASN1(&body, cbasn1.SEQUENCE) {
		return nil, nil, false
	}
	r, hasR := readUnsigned(&body)
	s, hasS := readUnsigned(&body)
	return r, s, hasR && hasS && body.Empty()
}

// encodeECDSASignature writes an ECDSA-Sig-Value in DER.
func encodeECDSASignature(r, s *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r)
		b.AddASN1BigInt(s)
	})
	return b.BytesOrPanic()
}
