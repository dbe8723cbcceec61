// Package curve computes on the elliptic curves of travel documents: short Weierstrass curves y² = x³ + ax + b over prime
// fields of at most 521 bits, the named ones of NIST and Brainpool (BSI TR-03111, 4.1.3; RFC 5639) and any that a document
// brings along as explicit parameters.
//
// The contract. What is secret, a scalar and all that comes of it, decides neither branches nor places in memory. Field
// elements have a fixed length wherever they leave the package: a shared secret keeps its leading zeros. A point that was
// not made here is on its curve, or there is an error. Only curves of prime order with cofactor 1 are taken, so a point on
// the curve is in the group.
//
// crypto/elliptic and crypto/ecdh know neither Brainpool's curves nor explicit parameters.
package curve

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// Bounds of a field's modulus, in bits: 521 is the largest of any document (ICAO Doc 9303-11, 9.5.1), and less than 160 has
// never been allowed.
const (
	mostBits  = 521
	leastBits = 160
)

// Errors of this package.
var (
	// ErrParameters: the domain parameters are no curve that is taken here.
	ErrParameters = errors.New("unusable elliptic curve parameters")
	// ErrPoint: the bytes are no point of the curve, or the point at infinity.
	ErrPoint = errors.New("not a point of the elliptic curve")
)

// Parameters are the domain parameters of a curve (BSI TR-03111, 4.1.1). H may be nil for 1.
type Parameters struct{ P, A, B, Gx, Gy, N, H *big.Int }

// Curve is a group of points. Its methods may be called from several goroutines.
type Curve struct {
	name       string
	parameters Parameters
	field      *field
	a, b, b3   element // b3 is 3b
	generator  *Point
	orderSize  int
}

// New gives the curve with these parameters: one of the named where all agree, any other after a check that it is a curve
// of prime order and the generator of its group. The error is ErrParameters.
func New(p Parameters) (*Curve, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	for _, c := range named() {
		if c.parameters.equal(p) {
			return c, nil
		}
	}
	if err := p.checkPrimes(); err != nil {
		return nil, err
	}
	c := assemble("", p)
	if !c.onCurve(&c.generator.x, &c.generator.y) {
		return nil, fmt.Errorf("%w: the generator is not on the curve", ErrParameters)
	}
	if !c.generator.Multiply(p.N.Bytes()).Infinity() {
		return nil, fmt.Errorf("%w: the generator's order is another", ErrParameters)
	}
	return c, nil
}

// assemble makes a curve of parameters that were checked.
func assemble(name string, p Parameters) *Curve {
	f := newField(p.P)
	c := &Curve{name: name, parameters: p, field: f, a: f.fromInt(p.A), b: f.fromInt(p.B), orderSize: (p.N.BitLen() + 7) / 8}
	f.add(&c.b3, &c.b, &c.b)
	f.add(&c.b3, &c.b3, &c.b)
	c.generator = &Point{c, projective{f.fromInt(p.Gx), f.fromInt(p.Gy), f.one}}
	return c
}

// check looks at what can be told without much work.
func (p Parameters) check() error {
	for _, v := range []*big.Int{p.P, p.A, p.B, p.Gx, p.Gy, p.N} {
		if v == nil || v.Sign() < 0 || v.BitLen() > mostBits+1 {
			return fmt.Errorf("%w: a parameter is missing, negative or too long", ErrParameters)
		}
	}
	if p.H != nil && p.H.Cmp(big.NewInt(1)) != 0 {
		return fmt.Errorf("%w: cofactor is not 1", ErrParameters)
	}
	if bits := p.P.BitLen(); bits < leastBits || bits > mostBits || p.P.Bit(0) == 0 {
		return fmt.Errorf("%w: a field of %d bits", ErrParameters, bits)
	}
	for _, v := range []*big.Int{p.A, p.B, p.Gx, p.Gy} {
		if v.Cmp(p.P) >= 0 {
			return fmt.Errorf("%w: a field element is too large", ErrParameters)
		}
	}
	return nil
}

// checkPrimes checks that field and order are prime, that the order fits the field (Hasse), is not the field's own (such
// curves are broken), and that the curve is not singular.
func (p Parameters) checkPrimes() error {
	const rounds = 20
	if !p.P.ProbablyPrime(rounds) || !p.N.ProbablyPrime(rounds) || p.N.Cmp(p.P) == 0 {
		return fmt.Errorf("%w: field or order is not prime, or both are the same", ErrParameters)
	}
	trace := new(big.Int).Sub(p.N, p.P)
	trace.Sub(trace, big.NewInt(1))
	if bound := new(big.Int).Lsh(p.P, 2); trace.Mul(trace, trace).Cmp(bound) > 0 {
		return fmt.Errorf("%w: the order does not fit the field", ErrParameters)
	}
	cubed := new(big.Int).Exp(p.A, big.NewInt(3), p.P)
	squared := new(big.Int).Mul(p.B, p.B)
	discriminant := cubed.Mul(cubed, big.NewInt(4)).Add(cubed, squared.Mul(squared, big.NewInt(27)))
	if discriminant.Mod(discriminant, p.P).Sign() == 0 {
		return fmt.Errorf("%w: the curve is singular", ErrParameters)
	}
	return nil
}

func (p Parameters) equal(q Parameters) bool {
	return p.P.Cmp(q.P) == 0 && p.A.Cmp(q.A) == 0 && p.B.Cmp(q.B) == 0 &&
		p.Gx.Cmp(q.Gx) == 0 && p.Gy.Cmp(q.Gy) == 0 && p.N.Cmp(q.N) == 0
}

// Name is the curve's name, as in Named; empty for one that is none of them.
func (c *Curve) Name() string { return c.name }

// Parameters are the domain parameters; they must not be changed.
func (c *Curve) Parameters() Parameters { return c.parameters }

// Size is the length of a field element in bytes.
func (c *Curve) Size() int { return c.field.size }

// OrderSize is the length of a scalar in bytes.
func (c *Curve) OrderSize() int { return c.orderSize }

// Scalar draws a scalar from 1 to the order less 1, OrderSize bytes long; nil is crypto/rand. It draws again what lies
// outside (FIPS 186-5, A.2.2). The error is random's.
func (c *Curve) Scalar(random io.Reader) ([]byte, error) {
	if random == nil {
		random = rand.Reader
	}
	k := make([]byte, c.orderSize)
	for {
		if _, err := io.ReadFull(random, k); err != nil {
			return nil, fmt.Errorf("draw scalar: %w", err)
		}
		k[0] &= 0xFF >> (8*c.orderSize - c.parameters.N.BitLen())
		v := new(big.Int).SetBytes(k)
		inside := v.Sign() > 0 && v.Cmp(c.parameters.N) < 0
		clear(v.Bits())
		if inside {
			return k, nil
		}
	}
}
