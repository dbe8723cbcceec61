package pkitest

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// ExplicitKey encodes a public key with its curve's parameters in full, but for the cofactor, which may be left out (SEC 1, C.2).
func ExplicitKey(p curve.Parameters, generator, public []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1})
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 1, 1})
					b.AddASN1BigInt(p.P)
				})
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1OctetString(p.A.Bytes())
					b.AddASN1OctetString(p.B.Bytes())
				})
				b.AddASN1OctetString(generator)
				b.AddASN1BigInt(p.N)
			})
		})
		b.AddASN1BitString(public)
	})
	return b.BytesOrPanic()
}
