package emrtd

import (
	"errors"
	"math/big"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

func TestACurveWhoseGeneratorIsCompressedIsUnderstood(t *testing.T) {
	c, _ := curve.Named("brainpoolP256r1")
	k := c.Parameters()
	odd := byte(k.Gy.Bit(0))
	for name, d := range map[string]struct {
		first byte
		x     *big.Int
		want  error
	}{
		"compressed":        {2 | odd, k.Gx, nil},
		"the other root":    {3 ^ odd, k.Gx, nil}, // a generator as good, of a curve without a name
		"outside the field": {2, k.P, errDomainParameters},
	} {
		var b cryptobyte.Builder
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(objectID("1.2.840.10045.1.1"))
				b.AddASN1BigInt(k.P)
			})
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1OctetString(k.A.FillBytes(make([]byte, 32)))
				b.AddASN1OctetString(k.B.FillBytes(make([]byte, 32)))
			})
			b.AddASN1OctetString(append([]byte{d.first}, d.x.FillBytes(make([]byte, 32))...))
			b.AddASN1BigInt(k.N)
		})
		got, err := parseCurve(b.BytesOrPanic())
		if !errors.Is(err, d.want) || err == nil && isStandardized(got) != (name == "compressed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
