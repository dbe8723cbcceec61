package curve_test

import (
	"errors"
	"math/big"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// specified encodes parameters with a generator, over a field of that type.
func specified(t testing.TB, p curve.Parameters, field string, generator []byte) []byte {
	t.Helper()
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(field)) })
			b.AddASN1BigInt(p.P)
		})
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1OctetString(p.A.Bytes())
			b.AddASN1OctetString(p.B.Bytes())
		})
		b.AddASN1OctetString(generator)
		b.AddASN1BigInt(p.N)
		if p.H != nil {
			b.AddASN1BigInt(p.H)
		}
	})
	der, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// The types of fields, 1.2.840.10045.1.1 and .2.
const (
	primeField    = "\x2A\x86\x48\xCE\x3D\x01\x01"
	characterTwo  = "\x2A\x86\x48\xCE\x3D\x01\x02"
	longFieldType = primeField + "\x01"
)

func TestExplicitParametersAreTakenApart(t *testing.T) {
	for _, name := range names {
		want := named(t, name)
		for _, cofactor := range []*big.Int{nil, big.NewInt(1)} {
			p := want.Parameters()
			p.H = cofactor
			file := specified(t, p, primeField, want.Generator().Encode())
			for _, behind := range []string{"", "\x05\x00"} {
				got, generator, err := curve.ParseParameters(append(file, behind...))
				if err != nil {
					t.Fatal(name, err)
				}
				if (got.H == nil) != (cofactor == nil) {
					t.Errorf("%s: cofactor %v", name, got.H)
				}
				if _, err := got.SetGenerator(generator); err != nil {
					t.Error(name, err)
				}
				if c, err := curve.New(got); err != nil || c != want {
					t.Errorf("%s is another: %v", name, err)
				}
			}
		}
	}
}

func TestWhatIsBuiltOtherwiseIsMalformedAndAnotherFieldIsNotTaken(t *testing.T) {
	c := named(t, "P-256")
	p := c.Parameters()
	p.H = big.NewInt(1)
	file := specified(t, p, primeField, c.Generator().Encode())
	for end := range file {
		if _, _, err := curve.ParseParameters(file[:end]); !errors.Is(err, curve.ErrMalformed) {
			t.Fatalf("%d of %d bytes: %v", end, len(file), err)
		}
	}
	for _, field := range []string{characterTwo, longFieldType, ""} {
		_, _, err := curve.ParseParameters(specified(t, p, field, c.Generator().Encode()))
		if !errors.Is(err, curve.ErrParameters) {
			t.Errorf("field %x: %v", field, err)
		}
	}
}

func FuzzParseParameters(f *testing.F) {
	c := named(f, "brainpoolP256r1")
	f.Add(specified(f, c.Parameters(), primeField, c.Generator().Encode()))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, _, err := curve.ParseParameters(data)
		if err == nil && (p.P == nil || p.A == nil || p.B == nil || p.N == nil || p.P.Sign() < 0 || p.N.Sign() < 0) {
			t.Errorf("%+v", p)
		}
	})
}
