package pki_test

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/curve"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// explicit encodes a P-256 key with the curve's parameters in full, and the generator as form does it.
func explicit(t testing.TB, key crypto.Signer, form func(x, y []byte) []byte) []byte {
	t.Helper()
	public := key.Public().(*ecdsa.PublicKey)
	encoded, err := public.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	p := public.Params()
	parameters := curve.Parameters{P: p.P, A: new(big.Int).Sub(p.P, big.NewInt(3)), B: p.B, N: p.N}
	generator := form(p.Gx.FillBytes(make([]byte, 32)), p.Gy.FillBytes(make([]byte, 32)))
	return pkitest.ExplicitKey(parameters, generator, encoded)
}

// inFull is a point as it should be encoded.
func inFull(x, y []byte) []byte { return slices.Concat([]byte{4}, x, y) }

func TestACofactorMayBeLeftOutOfExplicitParameters(t *testing.T) {
	l := newLoose(t, newCSCA(t, "CSCA"))
	l.spki = explicit(t, l.key, inFull)
	parseLoose(t, l)
}

func TestAGeneratorThatIsNotEncodedInFullIsTakenAndTold(t *testing.T) {
	l := newLoose(t, newCSCA(t, "CSCA"))
	for name, form := range map[string]func(x, y []byte) []byte{
		"compressed": func(x, y []byte) []byte { return append([]byte{2 | y[31]&1}, x...) },
		"hybrid":     func(x, y []byte) []byte { return slices.Concat([]byte{6 | y[31]&1}, x, y) },
	} {
		l.spki = explicit(t, l.key, form)
		c := parseLoose(t, l)
		if got := c.DeviationsUnder(c); !slices.Equal(got, []pki.Deviation{pki.DeviationGenerator}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, form := range map[string]func(x, y []byte) []byte{
		"the other root":           func(x, y []byte) []byte { return append([]byte{3 &^ (y[31] & 1)}, x...) },
		"no point":                 func(x, y []byte) []byte { return append([]byte{2}, make([]byte, 31)...) },
		"a form that contradicts":  func(x, y []byte) []byte { return slices.Concat([]byte{7 &^ (y[31] & 1)}, x, y) },
		"nothing":                  func(x, y []byte) []byte { return nil },
		"a form that nobody knows": func(x, y []byte) []byte { return slices.Concat([]byte{8}, x, y) },
	} {
		l.spki = explicit(t, l.key, form)
		if c, err := pki.ParseCertificate(l.encode(t)); !errors.Is(err, pki.ErrUnsupported) && (err != nil || c.CheckSignedBy(c) == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
