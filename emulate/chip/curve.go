package chip

import (
	"crypto/ecdh"
	"math/big"
	"slices"
)

// curve is an elliptic curve in short Weierstrass form over a prime field.
type curve struct {
	p, a, b, n *big.Int
	base       point
	standard   ecdh.Curve // nil where the standard library does not have it
}

func newCurve(numbers curveParameters) *curve {
	c := &curve{p: hexadecimal(numbers.p), a: hexadecimal(numbers.a), b: hexadecimal(numbers.b), n: hexadecimal(numbers.n)}
	c.base = c.affine(hexadecimal(numbers.x), hexadecimal(numbers.y))
	c.standard = c.standardCurve()
	return c
}

// point has Jacobian coordinates: (X/Z^2, Y/Z^3), and the point at infinity where Z is zero.
type point struct {
	curve   *curve
	x, y, z *big.Int
}

func (c *curve) affine(x, y *big.Int) point { return point{c, x, y, big.NewInt(1)} }

func (c *curve) infinity() point { return point{c, big.NewInt(1), big.NewInt(1), new(big.Int)} }

func (c *curve) generator() element { return c.base }

func (c *curve) order() *big.Int { return c.n }

func (c *curve) field() *big.Int { return c.p }

func (c *curve) tag() byte { return 0x86 }

// times multiplies in the field.
func (c *curve) times(first *big.Int, factors ...*big.Int) *big.Int {
	product := new(big.Int).Set(first)
	for _, f := range factors {
		product.Mul(product, f)
		product.Mod(product, c.p)
	}
	return product
}

// minus subtracts in the field.
func (c *curve) minus(from *big.Int, parts ...*big.Int) *big.Int {
	difference := new(big.Int).Set(from)
	for _, part := range parts {
		difference.Sub(difference, part)
	}
	return difference.Mod(difference, c.p)
}

// right is the curve equation's right side, x^3 + ax + b.
func (c *curve) right(x *big.Int) *big.Int {
	sum := c.times(x, x, x)
	sum.Add(sum, c.times(c.a, x))
	return sum.Mod(sum.Add(sum, c.b), c.p)
}

// decode reads an uncompressed point (TR-03111, 3.2.1).
func (c *curve) decode(key []byte) (element, bool) {
	length := size(c.p)
	if len(key) != 1+2*length || key[0] != 0x04 {
		return nil, false
	}
	x, y := new(big.Int).SetBytes(key[1:1+length]), new(big.Int).SetBytes(key[1+length:])
	if x.Cmp(c.p) >= 0 || y.Cmp(c.p) >= 0 || c.times(y, y).Cmp(c.right(x)) != 0 {
		return nil, false
	}
	return c.affine(x, y), true
}

func (p point) neutral() bool { return p.z.Sign() == 0 }

func (p point) add(other element) element { return p.plus(other.(point)) }

func (p point) plus(q point) point {
	switch {
	case p.neutral():
		return q
	case q.neutral():
		return p
	}
	c := p.curve
	pp, qq := c.times(p.z, p.z), c.times(q.z, q.z)
	u, s := c.times(p.x, qq), c.times(p.y, qq, q.z)
	h, r := c.minus(c.times(q.x, pp), u), c.minus(c.times(q.y, pp, p.z), s)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return p.double()
		}
		return c.infinity()
	}
	hh := c.times(h, h)
	hhh, v := c.times(hh, h), c.times(u, hh)
	x := c.minus(c.times(r, r), hhh, v, v)
	y := c.minus(c.times(r, c.minus(v, x)), c.times(s, hhh))
	return point{c, x, y, c.times(p.z, q.z, h)}
}

func (p point) double() point {
	c := p.curve
	if p.neutral() || p.y.Sign() == 0 {
		return c.infinity()
	}
	yy, zz, xx := c.times(p.y, p.y), c.times(p.z, p.z), c.times(p.x, p.x)
	s := c.times(p.x, yy)
	s.Lsh(s, 2)
	m := c.times(c.a, zz, zz)
	m.Add(m, xx).Add(m, xx).Add(m, xx)
	x := c.minus(c.times(m, m), s, s)
	yyyy, z := c.times(yy, yy), c.times(p.y, p.z)
	y := c.minus(c.times(m, c.minus(s, x)), yyyy.Lsh(yyyy, 3))
	return point{c, x, y, z.Lsh(z, 1)}
}

func (p point) multiply(scalar *big.Int) element {
	if product, done := p.byStandardLibrary(scalar); done {
		return product
	}
	return p.byDoubling(scalar)
}

// byDoubling goes through the scalar by four bits at a time.
func (p point) byDoubling(scalar *big.Int) point {
	multiples := [16]point{p.curve.infinity(), p}
	for i := 2; i < len(multiples); i++ {
		multiples[i] = multiples[i-1].plus(p)
	}
	product := p.curve.infinity()
	for i := (scalar.BitLen() + 3) / 4 * 4; i > 0; i -= 4 {
		var digit uint
		for bit := i - 1; bit >= i-4; bit-- {
			product, digit = product.double(), digit<<1|scalar.Bit(bit)
		}
		product = product.plus(multiples[digit])
	}
	return product
}

// coordinates are the affine ones; not for the point at infinity.
func (p point) coordinates() (x, y *big.Int) {
	c := p.curve
	inverse := new(big.Int).ModInverse(p.z, c.p)
	return c.times(p.x, inverse, inverse), c.times(p.y, inverse, inverse, inverse)
}

func (p point) encode() []byte {
	x, y := p.coordinates()
	return slices.Concat([]byte{0x04}, fixed(x, p.curve.p), fixed(y, p.curve.p))
}

func (p point) secret() []byte {
	x, _ := p.coordinates()
	return fixed(x, p.curve.p)
}

// fromField is the point encoding for the integrated mapping in affine coordinates (Doc 9303-11, B.2), which needs a
// prime of 3 modulo 4.
func (c *curve) fromField(t *big.Int) (element, bool) {
	if c.p.Bit(1) == 0 {
		return nil, false
	}
	one := big.NewInt(1)
	alpha := c.minus(new(big.Int), c.times(t, t))
	denominator := c.times(c.a, new(big.Int).Add(alpha, c.times(alpha, alpha)))
	if denominator.Sign() == 0 {
		return nil, false
	}
	numerator := new(big.Int).Add(one, alpha)
	numerator.Add(numerator, c.times(alpha, alpha))
	x2 := c.minus(new(big.Int), c.times(c.b, numerator, new(big.Int).ModInverse(denominator, c.p)))
	h2 := c.right(x2)
	exponent := new(big.Int).Rsh(new(big.Int).Add(c.p, one), 2) // p - 1 - (p+1)/4
	exponent.Sub(new(big.Int).Sub(c.p, one), exponent)
	root := new(big.Int).Exp(h2, exponent, c.p) // of 1/h2, if there is one
	if c.times(root, root, h2).Cmp(one) == 0 {
		return c.affine(x2, c.times(root, h2)), true
	}
	return c.affine(c.times(alpha, x2), c.times(root, t, t, t, h2)), true
}
