package emrtd

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The same numbers by math/big: the library in use computes in constant time, and so otherwise.
func TestResiduesAreComputedAsArithmeticHasIt(t *testing.T) {
	for id := range 3 {
		known, _ := standardized(id)
		g := known.(*residueGroup)
		rapid.Check(t, func(t *rapid.T) {
			below := func(name string) *big.Int {
				v := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 1, 256).Draw(t, name))
				return v.Mod(v, g.p)
			}
			a, b, exponent := below("a"), below("b"), rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "exponent")
			power := new(big.Int).Exp(a, new(big.Int).SetBytes(exponent), g.p)
			if got := g.residue(a).multiply(exponent); new(big.Int).SetBytes(got.secret()).Cmp(power) != 0 || len(got.secret()) != (g.p.BitLen()+7)/8 {
				t.Fatalf("group %d: %X raised to %X gives %X", id, a, exponent, got.secret())
			}
			product := new(big.Int).Mul(a, b)
			product.Mod(product, g.p)
			x, y := g.residue(a), g.residue(b)
			if got := x.combine(y); new(big.Int).SetBytes(got.encode()).Cmp(product) != 0 {
				t.Fatalf("group %d: %X times %X gives %X", id, a, b, got.encode())
			}
			if !x.equal(g.residue(a)) || x.equal(y) != (a.Cmp(b) == 0) {
				t.Fatalf("group %d: %X and %X: two that met are not what they were", id, a, b)
			}
		})
	}
}

func TestAGroupWithoutAnOddPrimeOrAGeneratorBelowItIsNone(t *testing.T) {
	seven := big.NewInt(7)
	for _, p := range []int64{0, 1, 8, 7} {
		if _, err := newResidueGroup(big.NewInt(p), big.NewInt(3), seven); !errors.Is(err, errDomainParameters) {
			t.Errorf("modulo %d: %v", p, err)
		}
	}
}

// BenchmarkAgreement is one agreement in each standardized residue group, by the library in use and by math/big.
func BenchmarkAgreement(b *testing.B) {
	for id, name := range []string{"1024-160", "2048-224", "2048-256"} {
		known, _ := standardized(id)
		g := known.(*residueGroup)
		scalar, err := g.scalar(newSeeded())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/bigmod", func(b *testing.B) {
			for b.Loop() {
				g.generator().multiply(scalar)
			}
		})
		b.Run(name+"/big", func(b *testing.B) {
			for b.Loop() {
				new(big.Int).Exp(g.g, new(big.Int).SetBytes(scalar), g.p)
			}
		})
	}
}
