package curve_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"

	"github.com/foyer-station/foyer/emrtd/curve"
	"pgregory.net/rapid"
)

var names = []string{
	"P-192", "P-224", "P-256", "P-384", "P-521",
	"brainpoolP192r1", "brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1",
	"brainpoolP192t1", "brainpoolP224t1", "brainpoolP256t1", "brainpoolP320t1", "brainpoolP384t1", "brainpoolP512t1",
}

func named(t rapid.TB, name string) *curve.Curve {
	t.Helper()
	c, ok := curve.Named(name)
	if !ok {
		t.Fatalf("no curve is called %s", name)
	}
	return c
}

func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The keys and shared points of ICAO Doc 9303-11, G.1.
func TestTheKeysOfDoc9303AgreeOnItsPoint(t *testing.T) {
	c := named(t, "brainpoolP256r1")
	terminal := fromHex(t, "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99")
	chip := fromHex(t, "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560")
	for _, want := range []struct {
		point *curve.Point
		x     string
	}{
		{c.Generator().Multiply(terminal), "7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"},
		{c.Generator().Multiply(chip), "824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"},
		{c.Generator().Multiply(chip).Multiply(terminal), "60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5"},
	} {
		if got := want.point.X(); !bytes.Equal(got, fromHex(t, want.x)) {
			t.Errorf("x = %X, want %s", got, want.x)
		}
	}
	nonce := c.Generator().Multiply(fromHex(t, "3F00C4D39D153F2B2A214A078D899B22"))
	mapped := nonce.Add(c.Generator().Multiply(chip).Multiply(terminal))
	if got := mapped.X(); !bytes.Equal(got, fromHex(t, "8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2")) {
		t.Errorf("mapped generator's x = %X", got)
	}
}

func TestEveryNamedCurveIsAGroupOfItsOrder(t *testing.T) {
	for _, name := range names {
		c := named(t, name)
		n := c.Parameters().N
		g := c.Generator()
		if !g.Multiply(n.Bytes()).Infinity() {
			t.Errorf("%s: the order times the generator is not the point at infinity", name)
		}
		last := g.Multiply(new(big.Int).Sub(n, big.NewInt(1)).Bytes())
		if !last.Add(g).Infinity() || !last.Add(g).Add(g).Equal(g) || last.Equal(g) {
			t.Errorf("%s: the last multiple is not the generator's inverse", name)
		}
		if c.Name() != name {
			t.Errorf("%s calls itself %s", name, c.Name())
		}
	}
}

func TestTwoSidesAgreeWhateverTheirKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := named(t, rapid.SampledFrom(names).Draw(t, "curve"))
		a, err := c.Scalar(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		b := rapid.SliceOfN(rapid.Byte(), 1, c.OrderSize()).Draw(t, "b")
		g := c.Generator()
		ab, ba := g.Multiply(a).Multiply(b), g.Multiply(b).Multiply(a)
		if !ab.Equal(ba) || len(ab.X()) != c.Size() && !ab.Infinity() {
			t.Errorf("%s: %X and %X", c.Name(), ab.X(), ba.X())
		}
		sum := new(big.Int).Add(new(big.Int).SetBytes(a), new(big.Int).SetBytes(b))
		if !g.Multiply(a).Add(g.Multiply(b)).Equal(g.Multiply(sum.Bytes())) {
			t.Errorf("%s: aG + bG is not (a+b)G", c.Name())
		}
	})
}

func TestNISTsCurvesAgreeWithTheStandardLibrary(t *testing.T) {
	for name, peer := range map[string]ecdh.Curve{"P-256": ecdh.P256(), "P-384": ecdh.P384(), "P-521": ecdh.P521()} {
		c := named(t, name)
		for range 50 {
			key, err := peer.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			other, err := peer.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			public, err := c.Decode(other.PublicKey().Bytes())
			if err != nil {
				t.Fatal(err)
			}
			want, err := key.ECDH(other.PublicKey())
			if got := public.Multiply(key.Bytes()).X(); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %X, want %X", name, got, want)
			}
		}
	}
}

func TestAPointIsDecodedAsItWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := named(t, rapid.SampledFrom(names).Draw(t, "curve"))
		k := rapid.Uint64Min(1).Draw(t, "k")
		p := c.Generator().Multiply(new(big.Int).SetUint64(k).Bytes())
		whole := p.Encode()
		compressed := append([]byte{2 + whole[len(whole)-1]&1}, p.X()...)
		for _, encoded := range [][]byte{whole, compressed} {
			if got, err := c.Decode(encoded); err != nil || !got.Equal(p) {
				t.Errorf("%s: %X is decoded as something else, %v", c.Name(), encoded, err)
			}
		}
	})
}

func TestWhatIsNoPointIsRefused(t *testing.T) {
	for _, name := range names {
		c := named(t, name)
		good := c.Generator().Encode()
		off := bytes.Clone(good)
		off[len(off)-1] ^= 1
		large := append([]byte{4}, bytes.Repeat([]byte{0xFF}, 2*c.Size())...)
		other := append([]byte{5}, good[1:]...)
		for what, b := range map[string][]byte{
			"nothing": nil, "infinity": {0}, "off the curve": off, "outside the field": large, "too short": good[:len(good)-1],
			"too long": append(bytes.Clone(good), 0), "another form": other, "compressed, outside the field": large[:1+c.Size()],
		} {
			if _, err := c.Decode(b); !errors.Is(err, curve.ErrPoint) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

func TestExplicitParametersAreTheNamedCurveWhereAllAgree(t *testing.T) {
	for _, name := range names {
		p := named(t, name).Parameters()
		for _, h := range []*big.Int{nil, big.NewInt(1)} {
			p.H = h
			if c, err := curve.New(p); err != nil || c != named(t, name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// secp256k1 is no curve of any document, and a good one (SEC 2, 2.4.1).
func unknownCurve(t testing.TB) curve.Parameters {
	number := func(text string) *big.Int { return new(big.Int).SetBytes(fromHex(t, text)) }
	return curve.Parameters{
		P:  number("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F"),
		A:  big.NewInt(0),
		B:  big.NewInt(7),
		Gx: number("79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"),
		Gy: number("483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8"),
		N:  number("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"),
	}
}

func TestACurveThatNobodyNamedIsTakenWhenItIsSound(t *testing.T) {
	c, err := curve.New(unknownCurve(t))
	if err != nil || c.Name() != "" {
		t.Fatal(err)
	}
	if !c.Generator().Multiply(c.Parameters().N.Bytes()).Infinity() {
		t.Error("the order is another")
	}
}

func TestUnsoundParametersAreRefused(t *testing.T) {
	one := big.NewInt(1)
	for what, spoil := range map[string]func(p *curve.Parameters){
		"nothing at all":         func(p *curve.Parameters) { *p = curve.Parameters{} },
		"a negative coefficient": func(p *curve.Parameters) { p.A = big.NewInt(-3) },
		"a cofactor":             func(p *curve.Parameters) { p.H = big.NewInt(4) },
		"an even field":          func(p *curve.Parameters) { p.P = new(big.Int).Add(p.P, one) },
		"a field not prime":      func(p *curve.Parameters) { p.P = new(big.Int).Add(p.P, big.NewInt(2)) },
		"a tiny field":           func(p *curve.Parameters) { p.P, p.Gx, p.Gy = big.NewInt(23), one, one },
		"a huge field":           func(p *curve.Parameters) { p.P = new(big.Int).Lsh(p.P, 1<<20) },
		"an order not prime":     func(p *curve.Parameters) { p.N = new(big.Int).Sub(p.N, one) },
		"another order":          func(p *curve.Parameters) { p.N = named(t, "P-256").Parameters().N },
		"an order far too small": func(p *curve.Parameters) { p.N = big.NewInt(7) },
		"the field's own order":  func(p *curve.Parameters) { p.N = p.P },
		"another generator":      func(p *curve.Parameters) { p.Gy = new(big.Int).Add(p.Gy, one) },
		"a singular curve":       func(p *curve.Parameters) { p.A, p.B, p.Gx, p.Gy = new(big.Int), new(big.Int), one, one },
		"a coefficient too long": func(p *curve.Parameters) { p.B = new(big.Int).Add(p.B, p.P) },
	} {
		p := unknownCurve(t)
		spoil(&p)
		if _, err := curve.New(p); !errors.Is(err, curve.ErrParameters) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSignaturesOfTheStandardLibraryVerifyAndAlteredOnesDoNot(t *testing.T) {
	for name, peer := range map[string]elliptic.Curve{
		"P-224": elliptic.P224(), "P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
	} {
		c := named(t, name)
		key, err := ecdsa.GenerateKey(peer, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		public, err := c.Decode(encoded)
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(name))
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		if !c.Verify(public, digest[:], r, s) {
			t.Errorf("%s: a good signature does not verify", name)
		}
		n, zero := c.Parameters().N, new(big.Int)
		for _, bad := range [][2]*big.Int{{s, r}, {zero, s}, {r, zero}, {n, s}, {r, n}, {r, new(big.Int).Add(s, n)}, {new(big.Int).Neg(r), s}} {
			if c.Verify(public, digest[:], bad[0], bad[1]) {
				t.Errorf("%s: %v verifies", name, bad)
			}
		}
		digest[0] ^= 1
		if c.Verify(public, digest[:], r, s) || c.Verify(c.Generator(), digest[:], r, s) {
			t.Errorf("%s: a signature over something else verifies", name)
		}
	}
}

func TestAScalarLiesInTheGroup(t *testing.T) {
	c := named(t, "P-521")
	outside := append(bytes.Repeat([]byte{0xFF}, c.OrderSize()), make([]byte, c.OrderSize())...) // too large, then zero
	seven := append(make([]byte, c.OrderSize()-1), 7)
	k, err := c.Scalar(bytes.NewReader(append(outside, seven...)))
	if err != nil || !bytes.Equal(k, seven) {
		t.Errorf("%X, %v", k, err)
	}
	if _, err := c.Scalar(bytes.NewReader(outside)); err == nil {
		t.Error("no error when random numbers run out")
	}
}

func FuzzDecode(f *testing.F) {
	c := named(f, "brainpoolP256r1")
	f.Add(c.Generator().Encode())
	f.Add(append([]byte{2}, c.Generator().X()...))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := c.Decode(b)
		if err != nil {
			return
		}
		if again, err := c.Decode(p.Encode()); err != nil || !again.Equal(p) {
			t.Error("a point that is decoded is another when decoded again")
		}
	})
}

func BenchmarkMultiply(b *testing.B) {
	for _, name := range []string{"P-256", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "P-521"} {
		b.Run(name, func(b *testing.B) {
			c := named(b, name)
			k, err := c.Scalar(rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				c.Generator().Multiply(k)
			}
		})
	}
}
