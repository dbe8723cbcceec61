package emrtd

import (
	"fmt"
	"io"
	"math/big"
)

// residueGroup is the subgroup of prime order q of the residues modulo the prime p (ICAO Doc 9303-11, 9.5 and 9.6).
//
// math/big is not constant in time. Every private key here serves one agreement and is thrown away.
type residueGroup struct {
	p, q, g   *big.Int
	published bool // one of the standardized ones
}

// residue is an element of a residueGroup.
type residue struct {
	group *residueGroup
	y     *big.Int
}

func (g *residueGroup) generator() element   { return residue{g, g.g} }
func (g *residueGroup) fieldPrime() *big.Int { return g.p }
func (g *residueGroup) publicTag() byte      { return 0x84 }

// decode validates as RFC 2631, 2.1.5, has it: 1 < y < p-1, and y in the subgroup.
func (g *residueGroup) decode(public []byte) (element, error) {
	y := new(big.Int).SetBytes(public)
	one := big.NewInt(1)
	last := new(big.Int).Sub(g.p, one)
	if y.Cmp(one) <= 0 || y.Cmp(last) >= 0 {
		return nil, fmt.Errorf("%w: outside the field", errPublicKey)
	}
	if new(big.Int).Exp(y, g.q, g.p).Cmp(one) != 0 {
		return nil, fmt.Errorf("%w: outside the subgroup", errPublicKey)
	}
	return residue{g, y}, nil
}

// scalar draws from 1 to q-1, and again what lies outside.
func (g *residueGroup) scalar(random io.Reader) ([]byte, error) {
	k := make([]byte, (g.q.BitLen()+7)/8)
	for {
		if _, err := io.ReadFull(random, k); err != nil {
			return nil, fmt.Errorf("draw scalar: %w", err)
		}
		k[0] &= 0xFF >> (8*len(k) - g.q.BitLen())
		if v := new(big.Int).SetBytes(k); v.Sign() > 0 && v.Cmp(g.q) < 0 {
			return k, nil
		}
	}
}

// fromField raises to the cofactor (ICAO Doc 9303-11, 4.4.3.3.2).
func (g *residueGroup) fromField(t *big.Int) (element, error) {
	cofactor := new(big.Int).Div(g.p, g.q) // (p-1)/q
	return residue{g, new(big.Int).Exp(t, cofactor, g.p)}, nil
}

func (r residue) multiply(scalar []byte) element {
	return residue{r.group, new(big.Int).Exp(r.y, new(big.Int).SetBytes(scalar), r.group.p)}
}

func (r residue) combine(other element) element {
	y := new(big.Int).Mul(r.y, other.(residue).y)
	return residue{r.group, y.Mod(y, r.group.p)}
}

// neutral is also said of zero, which no product of the group's elements is.
func (r residue) neutral() bool            { return r.y.BitLen() <= 1 }
func (r residue) equal(other element) bool { return r.y.Cmp(other.(residue).y) == 0 }

// encode gives an unsigned integer of the least number of bytes (ICAO Doc 9303-11, 9.4.3).
func (r residue) encode() []byte { return r.y.Bytes() }

// secret keeps leading zeros: it is as long as the prime (PKCS #3, 8.3; RFC 2631, 2.1.2).
func (r residue) secret() []byte { return r.y.FillBytes(make([]byte, (r.group.p.BitLen()+7)/8)) }
