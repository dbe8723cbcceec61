package emrtd

import (
	"bytes"
	"fmt"
	"io"
	"math/big"

	"filippo.io/bigmod"
)

// residueGroup is the subgroup of prime order q of the residues modulo the odd prime p (ICAO Doc 9303-11, 9.5 and 9.6).
//
// What is computed with secrets takes as long whatever they are (bigmod). What is done with math/big everybody on the link
// knows.
type residueGroup struct {
	p, q, g   *big.Int
	modulus   *bigmod.Modulus // p
	published bool            // one of the standardized ones
}

// newResidueGroup makes the group of an odd prime p, the order q of a subgroup of it, and a generator g of that. An error
// when p is not odd, or g not below it.
func newResidueGroup(p, q, g *big.Int) (*residueGroup, error) {
	if p.Bit(0) == 0 || g.Cmp(p) >= 0 {
		return nil, errDomainParameters
	}
	modulus, err := bigmod.NewModulus(p.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDomainParameters, err)
	}
	return &residueGroup{p: p, q: q, g: g, modulus: modulus}, nil
}

// residue is an element of a residueGroup.
type residue struct {
	group *residueGroup
	y     *bigmod.Nat
}

// residue takes a number below p.
func (g *residueGroup) residue(v *big.Int) residue {
	y, err := bigmod.NewNat().SetBytes(v.FillBytes(make([]byte, g.modulus.Size())), g.modulus)
	if err != nil {
		panic("emrtd: a residue that is not below its modulus") // all that comes here was reduced or compared before
	}
	return residue{g, y}
}

func (g *residueGroup) generator() element   { return g.residue(g.g) }
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
	return g.residue(y), nil
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
	return g.residue(t).multiply(cofactor.Bytes()), nil
}

func (r residue) multiply(scalar []byte) element {
	return residue{r.group, bigmod.NewNat().Exp(r.y, scalar, r.group.modulus)}
}

func (r residue) combine(other element) element {
	m := r.group.modulus
	return residue{r.group, bigmod.NewNat().Mod(r.y, m).Mul(other.(residue).y, m)}
}

// neutral is also said of zero, which no product of the group's elements is.
func (r residue) neutral() bool            { return r.y.IsZero() == 1 || r.y.IsOne() == 1 }
func (r residue) equal(other element) bool { return r.y.Equal(other.(residue).y) == 1 }

// encode gives an unsigned integer of the least number of bytes (ICAO Doc 9303-11, 9.4.3).
func (r residue) encode() []byte { return bytes.TrimLeft(r.secret(), "\x00") }

// secret keeps leading zeros: it is as long as the prime (PKCS #3, 8.3; RFC 2631, 2.1.2).
func (r residue) secret() []byte { return r.y.Bytes(r.group.modulus) }
