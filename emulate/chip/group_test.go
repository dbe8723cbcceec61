package chip_test

import (
	"crypto/rand"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

// group is the terminal's side of a key agreement, in affine coordinates and with no code of the chip's. The group's
// numbers come out of the chip's explicit parameters; TestTheDomainParametersAreThoseOfTheirStandards checks them.
type group struct {
	p, a, b, order *big.Int // a and b nil: integers modulo p
	base           member
}

// member is a point, nil for infinity, or a number in x alone.
type member *struct{ x, y *big.Int }

func memberOf(x, y *big.Int) member { return &struct{ x, y *big.Int }{x, y} }

func groupOf(t testing.TB, parameters int) *group {
	t.Helper()
	key := chip.ChipAuthenticationKey{Parameters: parameters, Encoding: chip.ExplicitParameters, Private: []byte{1}}
	if parameters < 8 {
		key.Encoding = chip.X942Parameters
	}
	infos, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Protocol asn1.ObjectIdentifier
		Key      publicKeyInfo
	}
	decode(t, infos[0], &info)
	return explicitGroup(t, info.Key)
}

type publicKeyInfo struct {
	Algorithm struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	Key asn1.BitString
}

func explicitGroup(t testing.TB, info publicKeyInfo) *group {
	t.Helper()
	if info.Algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}) {
		var p struct{ P, G, Q *big.Int }
		decode(t, info.Algorithm.Parameters.FullBytes, &p)
		return &group{p: p.P, order: p.Q, base: memberOf(p.G, nil)}
	}
	if info.Algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}) {
		var p struct{ P, G *big.Int }
		decode(t, info.Algorithm.Parameters.FullBytes, &p)
		return &group{p: p.P, base: memberOf(p.G, nil)}
	}
	var p struct {
		Version int
		Field   struct {
			Kind  asn1.ObjectIdentifier
			Prime *big.Int
		}
		Curve    struct{ A, B []byte }
		Base     []byte
		Order    *big.Int
		Cofactor int
	}
	decode(t, info.Algorithm.Parameters.FullBytes, &p)
	if p.Version != 1 || p.Cofactor != 1 || !p.Field.Kind.Equal(asn1.ObjectIdentifier{1, 2, 840, 10045, 1, 1}) {
		t.Fatalf("explicit parameters %+v", p)
	}
	g := &group{p: p.Field.Prime, a: new(big.Int).SetBytes(p.Curve.A), b: new(big.Int).SetBytes(p.Curve.B), order: p.Order}
	g.base = g.decode(p.Base)
	return g
}

func decode(t testing.TB, der []byte, into any) {
	t.Helper()
	if rest, err := asn1.Unmarshal(der, into); err != nil || len(rest) != 0 {
		t.Fatalf("%x: %v, %d bytes left", der, err, len(rest))
	}
}

func (g *group) elliptic() bool { return g.a != nil }

func (g *group) mod(n *big.Int) *big.Int { return new(big.Int).Mod(n, g.p) }

func (g *group) divide(a, b *big.Int) *big.Int {
	return g.mod(new(big.Int).Mul(a, new(big.Int).ModInverse(g.mod(b), g.p)))
}

func (g *group) add(a, b member) member {
	switch {
	case !g.elliptic():
		return memberOf(g.mod(new(big.Int).Mul(a.x, b.x)), nil)
	case a == nil:
		return b
	case b == nil:
		return a
	}
	var slope *big.Int
	if a.x.Cmp(b.x) == 0 {
		if g.mod(new(big.Int).Add(a.y, b.y)).Sign() == 0 {
			return nil
		}
		rise := new(big.Int).Mul(big.NewInt(3), new(big.Int).Mul(a.x, a.x))
		slope = g.divide(rise.Add(rise, g.a), new(big.Int).Lsh(a.y, 1))
	} else {
		slope = g.divide(new(big.Int).Sub(b.y, a.y), new(big.Int).Sub(b.x, a.x))
	}
	x := new(big.Int).Mul(slope, slope)
	x = g.mod(x.Sub(x.Sub(x, a.x), b.x))
	y := new(big.Int).Sub(a.x, x)
	return memberOf(x, g.mod(y.Sub(y.Mul(y, slope), a.y)))
}

func (g *group) times(m member, n *big.Int) member {
	if !g.elliptic() {
		return memberOf(new(big.Int).Exp(m.x, n, g.p), nil)
	}
	var sum member
	for i := n.BitLen() - 1; i >= 0; i-- {
		if sum = g.add(sum, sum); n.Bit(i) == 1 {
			sum = g.add(sum, m)
		}
	}
	return sum
}

func (g *group) width() int { return (g.p.BitLen() + 7) / 8 }

func (g *group) encode(m member) []byte {
	if !g.elliptic() {
		return m.x.Bytes()
	}
	out := append([]byte{4}, m.x.FillBytes(make([]byte, g.width()))...)
	return append(out, m.y.FillBytes(make([]byte, g.width()))...)
}

func (g *group) decode(key []byte) member {
	if !g.elliptic() {
		return memberOf(new(big.Int).SetBytes(key), nil)
	}
	return memberOf(new(big.Int).SetBytes(key[1:1+g.width()]), new(big.Int).SetBytes(key[1+g.width():]))
}

// shared is the shared secret: the whole field element, leading zeros included.
func (g *group) shared(m member) []byte { return m.x.FillBytes(make([]byte, g.width())) }

func (g *group) scalar(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Sub(g.order, big.NewInt(1)))
	if err != nil {
		t.Fatal(err)
	}
	return n.Add(n, big.NewInt(1))
}

// right is x^3 + ax + b.
func (g *group) right(x *big.Int) *big.Int {
	sum := new(big.Int).Exp(x, big.NewInt(3), g.p)
	return g.mod(sum.Add(sum.Add(sum, new(big.Int).Mul(g.a, x)), g.b))
}

// encodeNumber is the integrated mapping of a number (Doc 9303-11, 4.4.3.3.2 and B.1), by Go's square root.
func (g *group) encodeNumber(n *big.Int) member {
	one := big.NewInt(1)
	if !g.elliptic() {
		cofactor := new(big.Int).Div(new(big.Int).Sub(g.p, one), g.order)
		return memberOf(new(big.Int).Exp(n, cofactor, g.p), nil)
	}
	alpha := g.mod(new(big.Int).Neg(new(big.Int).Mul(n, n)))
	square := new(big.Int).Add(alpha, new(big.Int).Mul(alpha, alpha))
	x2 := g.mod(new(big.Int).Neg(new(big.Int).Mul(g.divide(g.b, g.a), new(big.Int).Add(one, g.divide(one, square)))))
	if y := new(big.Int).ModSqrt(g.right(x2), g.p); y != nil {
		return memberOf(x2, y)
	}
	x3 := g.mod(new(big.Int).Mul(alpha, x2))
	quarter := new(big.Int).Rsh(new(big.Int).Add(g.p, one), 2)
	root := new(big.Int).Exp(g.right(x2), quarter, g.p)
	y := g.divide(new(big.Int).Mul(new(big.Int).Exp(n, big.NewInt(3), g.p), g.right(x2)), root)
	return memberOf(x3, y)
}

// scalarOfLeadingZero is the least scalar whose public key has a field element with a first byte of zero.
func (g *group) scalarOfLeadingZero() *big.Int {
	n, public := big.NewInt(1), g.base
	for public.x.BitLen() > 8*(g.width()-1) {
		n.Add(n, big.NewInt(1))
		public = g.add(public, g.base)
	}
	return n
}
