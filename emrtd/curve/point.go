package curve

import (
	"crypto/subtle"
	"fmt"
	"math/big"
)

// Point is a point of a curve, in projective coordinates: x = X/Z, y = Y/Z. It does not change.
type Point struct {
	curve *Curve
	projective
}

type projective struct{ x, y, z element }

// Generator is the group's generator.
func (c *Curve) Generator() *Point { return c.generator }

func (c *Curve) infinity() *Point { return &Point{c, projective{y: c.field.one}} }

// Point is the point with these coordinates. The error is ErrPoint.
func (c *Curve) Point(x, y *big.Int) (*Point, error) {
	if x.Sign() < 0 || y.Sign() < 0 || x.Cmp(c.parameters.P) >= 0 || y.Cmp(c.parameters.P) >= 0 {
		return nil, fmt.Errorf("%w: coordinates outside the field", ErrPoint)
	}
	p := &Point{c, projective{c.field.fromInt(x), c.field.fromInt(y), c.field.one}}
	if !c.onCurve(&p.x, &p.y) {
		return nil, ErrPoint
	}
	return p, nil
}

// Decode reads an encoded point: 04, X, Y, or compressed, 02 or 03 and X (BSI TR-03111, 3.2). The error is ErrPoint.
func (c *Curve) Decode(b []byte) (*Point, error) {
	size := c.field.size
	switch {
	case len(b) == 1+2*size && b[0] == 4:
		return c.Point(new(big.Int).SetBytes(b[1:1+size]), new(big.Int).SetBytes(b[1+size:]))
	case len(b) == 1+size && (b[0] == 2 || b[0] == 3):
		return c.decompress(b[1:], uint(b[0]&1))
	}
	return nil, fmt.Errorf("%w: an encoding of %d bytes", ErrPoint, len(b))
}

func (c *Curve) decompress(encoded []byte, odd uint) (*Point, error) {
	if !drawsRoots(c.parameters.P) {
		return nil, fmt.Errorf("%w: compressed, over a field in which no roots are drawn", ErrPoint)
	}
	x, ok := c.field.fromBytes(encoded)
	if !ok {
		return nil, fmt.Errorf("%w: a coordinate outside the field", ErrPoint)
	}
	right := c.right(&x)
	square := new(big.Int).SetBytes(c.field.bytes(&right))
	y := new(big.Int).ModSqrt(square, c.parameters.P)
	if y == nil {
		return nil, ErrPoint
	}
	if y.Bit(0) != odd {
		y.Sub(c.parameters.P, y)
	}
	return c.Point(new(big.Int).SetBytes(encoded), y)
}

// right is x³ + ax + b.
func (c *Curve) right(x *element) (r element) {
	f := c.field
	f.mul(&r, x, x)
	f.add(&r, &r, &c.a)
	f.mul(&r, &r, x)
	f.add(&r, &r, &c.b)
	return r
}

func (c *Curve) onCurve(x, y *element) bool {
	var square element
	c.field.mul(&square, y, y)
	return square == c.right(x)
}

// Encode gives 04, X, Y, each of [Curve.Size] bytes; nil for the point at infinity.
func (p *Point) Encode() []byte {
	if p.Infinity() {
		return nil
	}
	x, y := p.affine()
	return append(append([]byte{4}, p.curve.field.bytes(&x)...), p.curve.field.bytes(&y)...)
}

// X gives the first coordinate in [Curve.Size] bytes, leading zeros kept; nil for the point at infinity.
func (p *Point) X() []byte {
	if p.Infinity() {
		return nil
	}
	x, _ := p.affine()
	return p.curve.field.bytes(&x)
}

func (p *Point) affine() (x, y element) {
	f := p.curve.field
	z := f.invert(&p.z)
	f.mul(&x, &p.x, &z)
	f.mul(&y, &p.y, &z)
	return x, y
}

// Infinity says whether p is the point at infinity, the group's neutral element.
func (p *Point) Infinity() bool { return isZero(&p.z) == 1 }

// Equal compares two points of one curve in constant time.
func (p *Point) Equal(q *Point) bool {
	if p.Infinity() || q.Infinity() {
		return p.Infinity() && q.Infinity()
	}
	return subtle.ConstantTimeCompare(p.Encode(), q.Encode()) == 1
}

// Add is p + q, both of one curve.
func (p *Point) Add(q *Point) *Point {
	sum := &Point{curve: p.curve}
	p.curve.add(&sum.projective, &p.projective, &q.projective)
	return sum
}

// add makes out p + q, by formulas that hold for all points of a curve of odd order (Renes, Costello, Batina: Complete
// addition formulas for prime order elliptic curves, algorithm 1). out may be p or q.
func (c *Curve) add(out, p, q *projective) {
	f := c.field
	var xx, yy, zz, xy, xz, yz, t, first, second, less, more element
	f.mul(&xx, &p.x, &q.x)
	f.mul(&yy, &p.y, &q.y)
	f.mul(&zz, &p.z, &q.z)
	f.crossed(&xy, &p.x, &p.y, &q.x, &q.y, &xx, &yy)
	f.crossed(&xz, &p.x, &p.z, &q.x, &q.z, &xx, &zz)
	f.crossed(&yz, &p.y, &p.z, &q.y, &q.z, &yy, &zz)
	f.mul(&t, &c.b3, &zz)
	f.mul(&more, &c.a, &xz)
	f.add(&t, &t, &more) // aXZ + 3bZZ
	f.sub(&less, &yy, &t)
	f.add(&more, &yy, &t)
	f.mul(&zz, &c.a, &zz)
	f.add(&first, &xx, &xx)
	f.add(&first, &first, &xx)
	f.add(&first, &first, &zz) // 3XX + aZZ
	f.sub(&t, &xx, &zz)
	f.mul(&t, &c.a, &t)
	f.mul(&second, &c.b3, &xz)
	f.add(&second, &second, &t) // 3bXZ + a(XX - aZZ)
	f.sumOfProducts(&out.y, &less, &more, &first, &second)
	f.sumOfProducts(&out.z, &yz, &more, &xy, &first)
	f.mul(&t, &yz, &second)
	f.mul(&out.x, &xy, &less)
	f.sub(&out.x, &out.x, &t)
}

// crossed is a·d + b·c, from (a+b)(c+d) and the products ac and bd.
func (f *field) crossed(out, a, b, c, d, ac, bd *element) {
	var sum element
	f.add(&sum, a, b)
	f.add(out, c, d)
	f.mul(out, out, &sum)
	f.add(&sum, ac, bd)
	f.sub(out, out, &sum)
}

// sumOfProducts is a·b + c·d.
func (f *field) sumOfProducts(out, a, b, c, d *element) {
	var product element
	f.mul(&product, a, b)
	f.mul(out, c, d)
	f.add(out, out, &product)
}

// window is how many bits of a scalar are taken at a time.
const window = 4

// multiples are 0 to 15 times a point.
type multiples [1 << window]projective

func (p *Point) multiples() *multiples {
	m := &multiples{p.curve.infinity().projective}
	for i := 1; i < len(m); i++ {
		p.curve.add(&m[i], &m[i-1], &p.projective)
	}
	return m
}

// pick is a multiple, found by looking at all.
func (m *multiples) pick(digit byte) (out projective) {
	for i := range m {
		this := uint64(subtle.ConstantTimeByteEq(uint8(i), digit))
		choose(&out.x, this, &m[i].x)
		choose(&out.y, this, &m[i].y)
		choose(&out.z, this, &m[i].z)
	}
	return out
}

// Multiply is the scalar, big endian and of any length, times p. It takes the same time for all scalars of one length.
func (p *Point) Multiply(scalar []byte) *Point {
	return p.curve.sumOf(term{scalar, p.multiples()})
}

// A term is a scalar and the multiples of its point.
type term struct {
	scalar    []byte
	multiples *multiples
}

// sumOf is the sum of terms whose scalars are of one length: doubling is done once for all of them.
func (c *Curve) sumOf(terms ...term) *Point {
	sum := c.infinity()
	for i := range terms[0].scalar {
		for shift := 8 - window; shift >= 0; shift -= window {
			for range window {
				c.add(&sum.projective, &sum.projective, &sum.projective)
			}
			for _, t := range terms {
				this := t.multiples.pick(t.scalar[i] >> shift & (1<<window - 1))
				c.add(&sum.projective, &sum.projective, &this)
			}
		}
	}
	return sum
}

// Verify checks an ECDSA signature over a digest, which is cut to the order's length (FIPS 186-5, 6.4.2; BSI TR-03111,
// 4.2.1). Nothing in it is secret.
func (c *Curve) Verify(public *Point, digest []byte, r, s *big.Int) bool {
	n := c.parameters.N
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(n) >= 0 || s.Cmp(n) >= 0 || public.curve != c || public.Infinity() {
		return false
	}
	e := new(big.Int).SetBytes(digest)
	if surplus := 8*len(digest) - n.BitLen(); surplus > 0 {
		e.Rsh(e, uint(surplus))
	}
	w := new(big.Int).ModInverse(s, n)
	u1, u2 := e.Mul(e, w).Mod(e, n), w.Mul(w, r).Mod(w, n)
	fixed := func(v *big.Int) []byte { return v.FillBytes(make([]byte, c.orderSize)) }
	sum := c.sumOf(term{fixed(u1), c.generator.multiples()}, term{fixed(u2), public.multiples()})
	if sum.Infinity() {
		return false
	}
	x := new(big.Int).SetBytes(sum.X())
	return x.Mod(x, n).Cmp(r) == 0
}
