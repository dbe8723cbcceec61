package curve

import (
	"math/big"
	"math/bits"
)

// limbs is how many words of 64 bits the longest field element has.
const limbs = (mostBits + 63) / 64

// An element of a field, in Montgomery's representation (its value times 2^(64·n) modulo p), the least word first; words
// beyond the field's n are zero.
type element [limbs]uint64

// A field is the integers modulo an odd p. Its operations take the same time for all elements.
type field struct {
	n       int // words
	size    int // bytes
	p       element
	inverse uint64  // -1/p modulo 2^64
	square  element // 2^(128·n) modulo p, which takes values into the representation
	one     element
	minus2  []byte // p-2, big endian: the exponent that inverts
}

func newField(p *big.Int) *field {
	f := &field{n: (p.BitLen() + 63) / 64, size: (p.BitLen() + 7) / 8, p: words(p)}
	f.inverse = 1
	for range 6 { // each step doubles the bits that are right, from one on
		f.inverse *= 2 + f.p[0]*f.inverse
	}
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*f.n))
	f.one = words(new(big.Int).Mod(r, p))
	f.square = words(r.Mul(r, r).Mod(r, p))
	f.minus2 = new(big.Int).Sub(p, big.NewInt(2)).Bytes()
	return f
}

func words(v *big.Int) (e element) {
	b := v.FillBytes(make([]byte, 8*limbs))
	for i := range e {
		for _, c := range b[8*(limbs-1-i):][:8] {
			e[i] = e[i]<<8 | uint64(c)
		}
	}
	return e
}

// fromInt takes a value from 0 to p-1 into the field.
func (f *field) fromInt(v *big.Int) (e element) {
	e = words(v)
	f.mul(&e, &e, &f.square)
	return e
}

// fromBytes is fromInt of big-endian bytes; ok is false where they are not size bytes or not less than p.
func (f *field) fromBytes(b []byte) (e element, ok bool) {
	if len(b) != f.size {
		return e, false
	}
	v := new(big.Int).SetBytes(b)
	if v.Cmp(new(big.Int).SetBytes(f.bytesOf(f.p))) >= 0 {
		return e, false
	}
	return f.fromInt(v), true
}

// bytes is the value, big endian, size bytes long.
func (f *field) bytes(e *element) []byte {
	var value element
	f.mul(&value, e, &element{1})
	return f.bytesOf(value)
}

func (f *field) bytesOf(e element) []byte {
	out := make([]byte, f.size)
	for i := range out {
		out[f.size-1-i] = byte(e[i/8] >> (8 * (i % 8)))
	}
	return out
}

// mul is Montgomery's product, a·b/2^(64·n), word by word (Koç, Acar, Kaliski: coarsely integrated operand scanning). Like
// those of add and sub, its result may take an operand's place.
func (f *field) mul(out, a, b *element) {
	var t [limbs + 2]uint64
	n := f.n
	for i := range n {
		var carry uint64
		for j := range n {
			t[j], carry = addProduct(t[j], a[j], b[i], carry)
		}
		t[n], t[n+1] = bits.Add64(t[n], carry, 0)
		m := t[0] * f.inverse
		_, carry = addProduct(t[0], m, f.p[0], 0)
		for j := 1; j < n; j++ {
			t[j-1], carry = addProduct(t[j], m, f.p[j], carry)
		}
		t[n-1], carry = bits.Add64(t[n], carry, 0)
		t[n] = t[n+1] + carry
	}
	f.reduce(out, (*element)(t[:limbs]), t[n])
}

// addProduct is sum + x·y + carry, in two words.
func addProduct(sum, x, y, carry uint64) (low, high uint64) {
	high, low = bits.Mul64(x, y)
	var c uint64
	low, c = bits.Add64(low, sum, 0)
	high += c
	low, c = bits.Add64(low, carry, 0)
	return low, high + c
}

// reduce subtracts p from a value below 2p, whose bit above the words is high, where it is not below p.
func (f *field) reduce(out, e *element, high uint64) {
	var less element
	var borrow uint64
	for i := range f.n {
		less[i], borrow = bits.Sub64(e[i], f.p[i], borrow)
	}
	_, below := bits.Sub64(high, 0, borrow)
	mask := -below
	for i := range f.n {
		out[i] = less[i] ^ mask&(e[i]^less[i])
	}
}

// choose makes out a where which is 1, and leaves it where it is 0.
func choose(out *element, which uint64, a *element) {
	mask := -which
	for i := range a {
		out[i] ^= mask & (a[i] ^ out[i])
	}
}

func (f *field) add(out, a, b *element) {
	var sum element
	var carry uint64
	for i := range f.n {
		sum[i], carry = bits.Add64(a[i], b[i], carry)
	}
	f.reduce(out, &sum, carry)
}

func (f *field) sub(out, a, b *element) {
	var borrow, carry uint64
	for i := range f.n {
		out[i], borrow = bits.Sub64(a[i], b[i], borrow)
	}
	mask := -borrow
	for i := range f.n {
		out[i], carry = bits.Add64(out[i], f.p[i]&mask, carry)
	}
}

// invert gives 1/e, and 0 for 0, by Fermat's theorem; the exponent is no secret.
func (f *field) invert(e *element) element {
	out := f.one
	for _, b := range f.minus2 {
		for bit := 7; bit >= 0; bit-- {
			f.mul(&out, &out, &out)
			if b>>bit&1 == 1 {
				f.mul(&out, &out, e)
			}
		}
	}
	return out
}

// isZero is 1 for zero, else 0.
func isZero(e *element) uint64 {
	var any uint64
	for _, w := range e {
		any |= w
	}
	return 1 ^ (any|-any)>>63
}
