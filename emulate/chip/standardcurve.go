package chip

import (
	"crypto/ecdh"
	"math/big"
)

// standardCurve is the curve of package crypto/ecdh that the base point lies on; nil where there is none.
func (c *curve) standardCurve() ecdh.Curve {
	for _, standard := range []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		if _, err := standard.NewPublicKey(c.base.encode()); err == nil {
			return standard
		}
	}
	return nil
}

// byStandardLibrary multiplies a point of a curve that package crypto/ecdh has, a hundred times faster than by doubling and
// adding; false where it has no such multiple. It gives x alone, of kP and of (k+1)P = kP + P, and the law of addition has one
// y that goes with both:
//
//	(y - yP)^2 = (x' + x + xP) (x - xP)^2  and  y^2 = x^3 + ax + b
func (p point) byStandardLibrary(k *big.Int) (point, bool) {
	c := p.curve
	if c.standard == nil || p.neutral() {
		return point{}, false
	}
	public, err := c.standard.NewPublicKey(p.encode())
	if err != nil {
		return point{}, false
	}
	x, is := c.abscissa(public, k)
	next, areBoth := c.abscissa(public, new(big.Int).Add(k, big.NewInt(1)))
	if !is || !areBoth {
		return point{}, false
	}
	px, py := p.coordinates()
	apart, sum := c.minus(x, px), new(big.Int).Add(new(big.Int).Add(next, x), px)
	numerator := c.minus(new(big.Int).Add(c.right(x), c.times(py, py)), c.times(sum, apart, apart)) // 2 y yP
	return c.affine(x, c.times(numerator, new(big.Int).ModInverse(new(big.Int).Lsh(py, 1), c.p))), true
}

// abscissa is the x of a multiple of a point; false where k is not from 1 to the order - 1.
func (c *curve) abscissa(public *ecdh.PublicKey, k *big.Int) (*big.Int, bool) {
	if k.Cmp(c.n) >= 0 {
		return nil, false
	}
	private, err := c.standard.NewPrivateKey(fixed(k, c.n))
	if err != nil {
		return nil, false
	}
	x, err := private.ECDH(public)
	return new(big.Int).SetBytes(x), err == nil
}
