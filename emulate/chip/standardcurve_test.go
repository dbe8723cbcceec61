package chip

import (
	"crypto/rand"
	"math/big"
	"testing"
)

// Both ways to multiply a point come to the same, at the ends of the group's order too.
func TestTheStandardLibraryMultipliesAsDoublingDoes(t *testing.T) {
	byLibrary := 0
	for id := range curves {
		c := newCurve(curves[id])
		less := func(n int64) *big.Int { return new(big.Int).Sub(c.n, big.NewInt(n)) }
		scalars := []*big.Int{new(big.Int), big.NewInt(1), big.NewInt(2), big.NewInt(3), less(3), less(2), less(1), c.n, less(-1)}
		for range 4 {
			k, err := rand.Int(rand.Reader, c.n)
			if err != nil {
				t.Fatal(err)
			}
			scalars = append(scalars, k)
		}
		for _, p := range []point{c.base, c.base.byDoubling(scalars[len(scalars)-1])} {
			for _, k := range scalars {
				product, want := p.multiply(k), p.byDoubling(k)
				if product.neutral() != want.neutral() || !want.neutral() && string(product.encode()) != string(want.encode()) {
					t.Errorf("domain parameters %d: %v times differs", id, k)
				}
			}
		}
		if c.standard != nil {
			byLibrary++
		}
	}
	if byLibrary != 3 {
		t.Errorf("%d curves are the standard library's, not 3", byLibrary)
	}
}
