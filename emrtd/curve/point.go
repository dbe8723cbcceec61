package curve

import (
	"crypto/subtle"
	"fmt"
	"math/big"
)

// Point is a point of a curve, in projective coordinates: x = X/Z, y = Y/Z. It does not change.
type Point struct {
	curve   *Curve
	x, y, z element
}

// Generator is the group's generator.
func (c *Curve) Generator() *Point { return c.generator }

func (c *Curve) infinity() *Point { return &Point{curve: c, y: c.field.one} }

// Point is the point with these coordinates. The error is ErrPoint.
func (c *Curve) Point(x, y *big.Int) (*Point, error) {
	if x.Sign() < 0 || y.Sign() < 0 || x.Cmp(c.parameters.P) >= 0 || y.Cmp(c.parameters.P) >= 0 {
		return nil, fmt.Errorf("%w: coordinates outside the field", ErrPoint)
	}
	p := &Point{c, c.field.fromInt(x), c.field.fromInt(y), c.field.one}
	if !c.onCurve(p.x, p.y) {
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
	x, ok := c.field.fromBytes(encoded)
	if !ok {
		return nil, fmt.Errorf("%w: a coordinate outside the field", ErrPoint)
	}
	square := new(big.Int).SetBytes(c.field.bytes(c.right(x)))
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
func (c *Curve) right(x element) element {
	f := c.field
	return f.add(f.mul(f.add(f.mul(x, x), c.a), x), c.b)
}

func (c *Curve) onCurve(x, y element) bool { return c.field.mul(y, y) == c.right(x) }

// Encode gives 04, X, Y, each of [Curve.Size] bytes; nil for the point at infinity.
func (p *Point) Encode() []byte {
	if p.Infinity() {
		return nil
	}
	x, y := p.affine()
	return append(append([]byte{4}, p.curve.field.bytes(x)...), p.curve.field.bytes(y)...)
}

// X gives the first coordinate in [Curve.Size] bytes, leading zeros kept; nil for the point at infinity.
func (p *Point) X() []byte {
	if p.Infinity() {
		return nil
	}
	x, _ := p.affine()
	return p.curve.field.bytes(x)
}

func (p *Point) affine() (x, y element) {
	f := p.curve.field
	z := f.invert(p.z)
	return f.mul(p.x, z), f.mul(p.y, z)
}

// Infinity says whether p is the point at infinity, the group's neutral element.
func (p *Point) Infinity() bool { return isZero(p.z) == 1 }

// Equal compares two points of one curve in constant time.
func (p *Point) Equal(q *Point) bool {
	if p.Infinity() || q.Infinity() {
		return p.Infinity() && q.Infinity()
	}
	return subtle.ConstantTimeCompare(p.Encode(), q.Encode()) == 1
}

// Add is p + q, both of one curve, by formulas that hold for all points of a curve of odd order (Renes, Costello, Batina:
// Complete addition formulas for prime order elliptic curves, algorithm 1).
func (p *Point) Add(q *Point) *Point {
	c, f := p.curve, p.curve.field
	xx, yy, zz := f.mul(p.x, q.x), f.mul(p.y, q.y), f.mul(p.z, q.z)
	xy := f.sub(f.mul(f.add(p.x, p.y), f.add(q.x, q.y)), f.add(xx, yy)) // X1Y2 + X2Y1
	xz := f.sub(f.mul(f.add(p.x, p.z), f.add(q.x, q.z)), f.add(xx, zz))
	yz := f.sub(f.mul(f.add(p.y, p.z), f.add(q.y, q.z)), f.add(yy, zz))
	azz := f.mul(c.a, zz)
	middle := f.add(f.mul(c.a, xz), f.mul(c.b3, zz))
	less, more := f.sub(yy, middle), f.add(yy, middle)
	first := f.add(f.add(f.add(xx, xx), xx), azz)                // 3X1X2 + aZ1Z2
	second := f.add(f.mul(c.b3, xz), f.mul(c.a, f.sub(xx, azz))) // 3b(xz) + a(X1X2 - aZ1Z2)
	return &Point{c,
		f.sub(f.mul(xy, less), f.mul(yz, second)),
		f.add(f.mul(less, more), f.mul(first, second)),
		f.add(f.mul(yz, more), f.mul(xy, first)),
	}
}

// window is how many bits of a scalar are taken at a time.
const window = 4

// Multiply is the scalar, big endian and of any length, times p. It takes the same time for all scalars of one length.
func (p *Point) Multiply(scalar []byte) *Point {
	var table [1 << window]*Point
	table[0] = p.curve.infinity()
	for i := 1; i < len(table); i++ {
		table[i] = table[i-1].Add(p)
	}
	sum := p.curve.infinity()
	for _, b := range scalar {
		for _, digit := range [...]byte{b >> window, b & (1<<window - 1)} {
			for range window {
				sum = sum.Add(sum)
			}
			sum = sum.Add(pick(&table, digit))
		}
	}
	return sum
}

// pick is table[digit], found by looking at every entry.
func pick(table *[1 << window]*Point, digit byte) *Point {
	out := &Point{curve: table[0].curve}
	for i, p := range table {
		this := uint64(subtle.ConstantTimeByteEq(uint8(i), digit))
		out.x, out.y, out.z = choose(this, p.x, out.x), choose(this, p.y, out.y), choose(this, p.z, out.z)
	}
	return out
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
	sum := c.generator.Multiply(u1.FillBytes(make([]byte, c.orderSize))).Add(public.Multiply(u2.FillBytes(make([]byte, c.orderSize))))
	if sum.Infinity() {
		return false
	}
	x := new(big.Int).SetBytes(sum.X())
	return x.Mod(x, n).Cmp(r) == 0
}
