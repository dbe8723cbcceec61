package chip

import "math/big"

// modularGroup is the subgroup of order q of the integers modulo a prime.
type modularGroup struct {
	p, q *big.Int
	base residue
}

func newModularGroup(numbers groupParameters) *modularGroup {
	g := &modularGroup{p: hexadecimal(numbers.p), q: hexadecimal(numbers.q)}
	g.base = residue{g, hexadecimal(numbers.g)}
	return g
}

// residue is a member of the group.
type residue struct {
	group  *modularGroup
	number *big.Int
}

func (g *modularGroup) generator() element { return g.base }

func (g *modularGroup) order() *big.Int { return g.q }

func (g *modularGroup) field() *big.Int { return g.p }

func (g *modularGroup) tag() byte { return 0x84 }

func (g *modularGroup) decode(key []byte) (element, bool) {
	r := residue{g, new(big.Int).SetBytes(key)}
	if len(key) > size(g.p) || r.number.Cmp(big.NewInt(1)) <= 0 || r.number.Cmp(g.p) >= 0 || !r.multiply(g.q).neutral() {
		return nil, false
	}
	return r, true
}

// fromField is the integrated mapping for DH (Doc 9303-11, 4.4.3.3.2): the cofactor takes any number into the group.
func (g *modularGroup) fromField(number *big.Int) (element, bool) {
	cofactor := new(big.Int).Sub(g.p, big.NewInt(1))
	cofactor.Div(cofactor, g.q)
	r := residue{g, new(big.Int).Exp(number, cofactor, g.p)}
	return r, r.number.Cmp(big.NewInt(1)) > 0
}

func (r residue) neutral() bool { return r.number.Cmp(big.NewInt(1)) == 0 }

func (r residue) add(other element) element {
	product := new(big.Int).Mul(r.number, other.(residue).number)
	return residue{r.group, product.Mod(product, r.group.p)}
}

func (r residue) multiply(scalar *big.Int) element {
	return residue{r.group, new(big.Int).Exp(r.number, scalar, r.group.p)}
}

// encode gives an unsigned integer without leading zeros (Doc 9303-11, 9.4.1 and 9.4.3); the shared secret keeps them.
func (r residue) encode() []byte { return r.number.Bytes() }

func (r residue) secret() []byte { return fixed(r.number, r.group.p) }
