package pkitest

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"maps"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// SecurityObject gives an LDS security object over the data groups. With an LDS version it is of LDS 1.8.
func SecurityObject(t testing.TB, hash crypto.Hash, groups map[int][]byte, ldsVersion string) []byte {
	t.Helper()
	return build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			version := int64(0)
			if ldsVersion != "" {
				version = 1
			}
			b.AddASN1Int64(version)
			b.AddBytes(hashIdentifier(hash))
			sequence(b, func(b *cryptobyte.Builder) {
				for _, number := range slices.Sorted(maps.Keys(groups)) {
					sequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1Int64(int64(number))
						b.AddASN1OctetString(digest(hash, groups[number]))
					})
				}
			})
			if ldsVersion != "" {
				sequence(b, func(b *cryptobyte.Builder) {
					for _, text := range []string{ldsVersion, "040000"} {
						b.AddASN1(cbasn1.PrintableString, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
					}
				})
			}
		})
	})
}

// SOD gives EF.SOD: the message in tag 77, of the type that it should have where it states none.
func SOD(t testing.TB, m Message) []byte {
	t.Helper()
	if m.Type == nil {
		m.Type = SecurityObjectType
	}
	return build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(0x77, func(b *cryptobyte.Builder) { b.AddBytes(m.Encode(t)) })
	})
}

// DG15 gives DG15 with a public key, of a kind that the standard library knows.
func DG15(t testing.TB, public any) []byte {
	t.Helper()
	info, err := x509.MarshalPKIXPublicKey(public)
	check(t, err)
	return build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(0x6F, func(b *cryptobyte.Builder) { b.AddBytes(info) })
	})
}

// MasterList gives a master list of the certificates, which are DER or what stands in their place.
func MasterList(t testing.TB, m Message, certificates ...[]byte) []byte {
	t.Helper()
	m.Type = MasterListType
	m.Content = build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(0)
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, certificate := range certificates {
					b.AddBytes(certificate)
				}
			})
		})
	})
	return m.Encode(t)
}

// hashIdentifier gives the AlgorithmIdentifier of a hash function.
func hashIdentifier(hash crypto.Hash) []byte { return identifier(hashOID(hash)) }

func hashOID(hash crypto.Hash) asn1.ObjectIdentifier {
	return map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.MD5:    {1, 2, 840, 113549, 2, 5},
		crypto.SHA1:   {1, 3, 14, 3, 2, 26},
		crypto.SHA224: {2, 16, 840, 1, 101, 3, 4, 2, 4},
		crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
		crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
		crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
	}[hash]
}

// identifier gives an AlgorithmIdentifier with encoded parameters.
func identifier(id asn1.ObjectIdentifier, parameters ...byte) []byte {
	var b cryptobyte.Builder
	sequence(&b, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		b.AddBytes(parameters)
	})
	return b.BytesOrPanic()
}

// signatureIdentifier gives the AlgorithmIdentifier that fits key, hash function and scheme.
func (m Message) signatureIdentifier() []byte {
	if _, isRSA := m.Signer.Key.Public().(interface{ Size() int }); isRSA {
		if m.PSS {
			return m.pssIdentifier()
		}
		return identifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, 0x05, 0x00)
	}
	if m.Hash == crypto.SHA1 {
		return identifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1})
	}
	if m.SignatureHash != 0 {
		m.Hash = m.SignatureHash
	}
	last := map[crypto.Hash]int{crypto.SHA224: 1, crypto.SHA256: 2, crypto.SHA384: 3, crypto.SHA512: 4}[m.Hash]
	return identifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, last})
}

func (m Message) pssIdentifier() []byte {
	mask := identifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}, hashIdentifier(m.Hash)...)
	var b cryptobyte.Builder
	sequence(&b, func(b *cryptobyte.Builder) {
		b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(hashIdentifier(m.Hash)) })
		b.AddASN1(context(1), func(b *cryptobyte.Builder) { b.AddBytes(mask) })
		b.AddASN1(context(2), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(m.Hash.Size())) })
	})
	return identifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, b.BytesOrPanic()...)
}
