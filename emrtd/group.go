package emrtd

import (
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// errPublicKey says that the other side's public key is no element of the group, or is its own owner's secret given
// away: the neutral element, or the key that was sent to it.
var errPublicKey = errors.New("unacceptable public key")

// group is a cyclic group of prime order in which keys are agreed on: the points of an elliptic curve (ECDH), or a
// subgroup of the residues modulo a prime (DH) (ICAO Doc 9303-11, 9.5).
type group interface {
	generator() element
	// decode reads a public key of the other side and validates it: it is in the group and not neutral.
	decode(public []byte) (element, error)
	// scalar draws a private key.
	scalar(random io.Reader) ([]byte, error)
	// fieldPrime is the p of GF(p), to which the pseudo-random function of the integrated mapping maps.
	fieldPrime() *big.Int
	// fromField maps an element of GF(p) into the group, as the integrated mapping does.
	fromField(t *big.Int) (element, error)
	// publicTag is the data object of a public value or point in a public key (ICAO Doc 9303-11, tables 10 and 11).
	publicTag() byte
}

// element is an element of a group. It does not change. Two that meet are of the same group.
type element interface {
	multiply(scalar []byte) element
	combine(other element) element
	neutral() bool
	equal(other element) bool
	// encode gives the public key as it goes over the link (ICAO Doc 9303-11, 9.4.5).
	encode() []byte
	// secret gives the octet string that keys are derived from, always of the same length in one group.
	secret() []byte
}

// ellipticGroup is the group of an elliptic curve.
type ellipticGroup struct{ *curve.Curve }

// point is a point of an elliptic curve.
type point struct{ *curve.Point }

func (g ellipticGroup) generator() element                      { return point{g.Generator()} }
func (g ellipticGroup) scalar(random io.Reader) ([]byte, error) { return g.Scalar(random) }
func (g ellipticGroup) fieldPrime() *big.Int                    { return g.Parameters().P }
func (g ellipticGroup) publicTag() byte                         { return 0x86 }

func (g ellipticGroup) decode(public []byte) (element, error) {
	p, err := g.Decode(public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPublicKey, err)
	}
	return point{p}, nil
}

func (p point) multiply(scalar []byte) element { return point{p.Multiply(scalar)} }
func (p point) combine(other element) element  { return point{p.Add(other.(point).Point)} }
func (p point) neutral() bool                  { return p.Infinity() }
func (p point) equal(other element) bool       { return p.Equal(other.(point).Point) }
func (p point) encode() []byte                 { return p.Encode() }
func (p point) secret() []byte                 { return p.X() }

// fromField is the point encoding for affine coordinates (ICAO Doc 9303-11, B.2). It needs p = 3 mod 4; see
// hasIntegratedMapping. t comes from the chip's nonce, so the steps are the same for every t, as far as math/big goes.
func (g ellipticGroup) fromField(t *big.Int) (element, error) {
	k := g.Parameters()
	f := modulus{k.P}
	alpha := f.negated(f.product(t, t))
	sum := f.product(alpha, f.sum(alpha, big.NewInt(1))) // α + α²
	inverse := f.power(f.product(k.A, sum), f.less(2))
	x2 := f.product(f.negated(k.B), f.sum(sum, big.NewInt(1)), inverse)
	x3 := f.product(alpha, x2)
	h2 := f.sum(f.product(x2, x2, x2), f.product(k.A, x2), k.B)
	u := f.product(t, t, t, h2)
	quarter := new(big.Int).Rsh(f.less(-1), 2)
	root := f.power(h2, new(big.Int).Sub(f.less(1), quarter)) // h2^(p-1-(p+1)/4)
	x, y, y3 := x2, f.product(root, h2), f.product(root, u)
	if f.product(root, root, h2).Cmp(big.NewInt(1)) != 0 { // h2 is no square, h3 is one
		x, y = x3, y3
	}
	p, err := g.Point(x, y)
	if err != nil {
		return nil, fmt.Errorf("integrated mapping: %w", err)
	}
	return point{p}, nil
}

// modulus is arithmetic modulo an odd prime.
type modulus struct{ p *big.Int }

func (m modulus) product(factors ...*big.Int) *big.Int {
	out := big.NewInt(1)
	for _, f := range factors {
		out.Mod(out.Mul(out, f), m.p)
	}
	return out
}

func (m modulus) sum(terms ...*big.Int) *big.Int {
	out := new(big.Int)
	for _, t := range terms {
		out.Add(out, t)
	}
	return out.Mod(out, m.p)
}

func (m modulus) negated(v *big.Int) *big.Int { return new(big.Int).Mod(new(big.Int).Neg(v), m.p) }
func (m modulus) power(base, exponent *big.Int) *big.Int {
	return new(big.Int).Exp(base, exponent, m.p)
}
func (m modulus) less(n int64) *big.Int { return new(big.Int).Sub(m.p, big.NewInt(n)) }
