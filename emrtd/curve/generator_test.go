package curve_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/curve"
)

func TestAGeneratorIsReadInEveryFormOfAPoint(t *testing.T) {
	for _, name := range names {
		want := named(t, name).Parameters()
		size := named(t, name).Size()
		x, y := want.Gx.FillBytes(make([]byte, size)), want.Gy.FillBytes(make([]byte, size))
		odd := byte(want.Gy.Bit(0))
		for form, c := range map[string]struct {
			encoded   []byte
			otherForm bool
			ok        bool
		}{
			"in full":                    {slices.Concat([]byte{4}, x, y), false, true},
			"compressed":                 {slices.Concat([]byte{2 | odd}, x), true, true},
			"hybrid":                     {slices.Concat([]byte{6 | odd}, x, y), true, true},
			"hybrid that contradicts":    {slices.Concat([]byte{7 ^ odd}, x, y), true, false},
			"half a point more than one": {slices.Concat([]byte{4}, x, y, x), false, false},
			"nothing":                    {nil, false, false},
			"the point at infinity":      {[]byte{0}, false, false},
			"too large an x":             {slices.Concat([]byte{2}, want.P.FillBytes(make([]byte, size))), true, false},
		} {
			p := curve.Parameters{P: want.P, A: want.A, B: want.B, N: want.N}
			otherForm, err := p.SetGenerator(c.encoded)
			var got *curve.Curve
			if err == nil {
				got, err = curve.New(p)
			}
			if (err == nil) != c.ok || err != nil && !errors.Is(err, curve.ErrParameters) || err == nil && (otherForm != c.otherForm || got.Name() != name) {
				t.Errorf("%s, %s: %v, %v", name, form, otherForm, err)
			}
		}
	}
}

// A root modulo a number that is not prime need not end, and a prime may be chosen for which it takes long.
func TestACompressedGeneratorOverAHostileFieldTakesNoTime(t *testing.T) {
	hostile := map[string]*big.Int{
		"a square": new(big.Int).Exp(new(big.Int).SetBit(big.NewInt(1), 200, 1), big.NewInt(2), nil),
		"even":     new(big.Int).Lsh(big.NewInt(1), 300),
		"zero":     big.NewInt(0),
	}
	for k := int64(3); hostile["a prime with many roots of one"] == nil; k += 2 {
		if p := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(k), 505), big.NewInt(1)); p.ProbablyPrime(20) {
			hostile["a prime with many roots of one"] = p
		}
	}
	for name, p := range hostile {
		begin := time.Now()
		parameters := curve.Parameters{P: p, A: big.NewInt(1), B: big.NewInt(7), N: p}
		for x := range byte(8) {
			if _, err := parameters.SetGenerator([]byte{2, x}); err == nil {
				_, err = curve.New(parameters)
				if err == nil {
					t.Errorf("%s: taken", name)
				}
			}
		}
		if took := time.Since(begin); took > time.Second/2 {
			t.Errorf("%s: %v", name, took)
		}
	}
}

// A document brings its curve along, with the generator in whichever form of a point.
func ExampleParameters_SetGenerator() {
	p256, _ := curve.Named("P-256")
	known := p256.Parameters()
	p := curve.Parameters{P: known.P, A: known.A, B: known.B, N: known.N}
	otherForm, err := p.SetGenerator(append([]byte{3}, known.Gx.Bytes()...))
	c, newErr := curve.New(p)
	fmt.Println(otherForm, err, c.Name(), newErr)
	// Output: true <nil> P-256 <nil>
}
