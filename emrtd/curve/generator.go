package curve

import (
	"fmt"
	"math/big"
)

// How a point is encoded, by its first octet (SEC 1, 2.3.3; ANSI X9.62, 4.3.6).
const (
	encodedCompressed = 2 // or 3, for an odd y
	encodedInFull     = 4
	encodedHybrid     = 6 // in full, or 7 for an odd y
)

// SetGenerator reads the generator in explicit parameters, of which P, A and B are set: in full, as it should be, or in one of
// the other forms, and says whether it is in one of these. The error is ErrParameters; what is read is checked by [New].
func (p *Parameters) SetGenerator(encoded []byte) (otherForm bool, err error) {
	if len(encoded) == 0 || len(encoded) > 1+2*((mostBits+7)/8) {
		return false, fmt.Errorf("%w: an encoded generator of %d bytes", ErrParameters, len(encoded))
	}
	form, odd, rest := encoded[0]&^1, uint(encoded[0]&1), encoded[1:]
	half := len(rest) / 2
	switch {
	case encoded[0] == encodedInFull && len(rest)%2 == 0:
		p.Gx, p.Gy = new(big.Int).SetBytes(rest[:half]), new(big.Int).SetBytes(rest[half:])
		return false, nil
	case form == encodedHybrid && len(rest)%2 == 0:
		p.Gx, p.Gy = new(big.Int).SetBytes(rest[:half]), new(big.Int).SetBytes(rest[half:])
		if p.Gy.Bit(0) != odd {
			return true, fmt.Errorf("%w: the generator contradicts itself", ErrParameters)
		}
		return true, nil
	case form == encodedCompressed:
		p.Gx = new(big.Int).SetBytes(rest)
		p.Gy, err = p.root(p.Gx, odd)
		return true, err
	}
	return false, fmt.Errorf("%w: a generator whose encoding begins with %02X", ErrParameters, encoded[0])
}

// mostRootsOfOne bounds how often two divides the order of the field's residues, where a root is drawn: what that takes grows with
// its square, and a stranger may choose the prime. Of the named curves P-224 has the most.
const mostRootsOfOne = 96

// root gives the y of a point by its x and whether it is odd. A stranger chose the modulus: that it is prime is checked before a
// root is drawn, which for another number need not end.
func (p *Parameters) root(x *big.Int, odd uint) (*big.Int, error) {
	bits := p.P.BitLen()
	if bits < leastBits || bits > mostBits || x.Cmp(p.P) >= 0 || p.A.Cmp(p.P) >= 0 || p.B.Cmp(p.P) >= 0 ||
		!drawsRoots(p.P) || !p.P.ProbablyPrime(20) {
		return nil, fmt.Errorf("%w: a compressed generator over no prime field in which roots are drawn", ErrParameters)
	}
	right := new(big.Int).Mul(x, x)
	right.Add(right, p.A).Mul(right, x).Add(right, p.B)
	y := new(big.Int).ModSqrt(right.Mod(right, p.P), p.P)
	if y == nil {
		return nil, fmt.Errorf("%w: the generator is not on the curve", ErrParameters)
	}
	if y.Bit(0) != odd {
		y.Sub(p.P, y)
	}
	return y, nil
}

// drawsRoots says whether roots are drawn modulo a prime.
func drawsRoots(p *big.Int) bool {
	return new(big.Int).Sub(p, big.NewInt(1)).TrailingZeroBits() <= mostRootsOfOne
}
