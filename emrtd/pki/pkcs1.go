package pki

import (
	"bytes"
	"crypto"
	"crypto/subtle"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// verifyPKCS1 is RSASSA-PKCS1-V1_5-VERIFY (RFC 8017, 8.2.2) of what a signature opens to, with the encoded message as the
// standard has it, or with that of signers who left the NULL out of the hash function's identifier, as it is left out
// everywhere but here (RFC 8017, B.1). Each is made in full and compared as a whole: nothing that comes out of the signature is
// parsed, so that no octet is left in which a forger could hide what the cube of his number ends in.
func (a algorithm) verifyPKCS1(encoded, digest []byte) ([]Deviation, error) {
	switch {
	case a.isPKCS1(encoded, digest, true):
		return nil, nil
	case a.isPKCS1(encoded, digest, false):
		return []Deviation{DeviationNoNull}, nil
	case isAnyPKCS1(encoded):
		return nil, ErrOtherContent
	}
	return nil, ErrSignature
}

// isPKCS1 says whether encoded is that of digest.
func (a algorithm) isPKCS1(encoded, digest []byte, null bool) bool {
	want := encodePKCS1(a.hash, digest, len(encoded), null)
	return want != nil && subtle.ConstantTimeCompare(encoded, want) == 1
}

// isAnyPKCS1 says whether encoded is that of some digest.
func isAnyPKCS1(encoded []byte) bool {
	for _, hash := range hashFunctions() {
		digest := encoded[len(encoded)-hash.Size():]
		how := algorithm{scheme: schemeRSA, hash: hash}
		if how.isPKCS1(encoded, digest, true) || how.isPKCS1(encoded, digest, false) {
			return true
		}
	}
	return false
}

// minPadding is how many octets FF stand in an encoded message at least (RFC 8017, 9.2).
const minPadding = 8

// encodePKCS1 is EMSA-PKCS1-v1_5 (RFC 8017, 9.2) of length octets, where DigestInfo's AlgorithmIdentifier has NULL as its
// parameters, or none; nil where it does not fit.
func encodePKCS1(hash crypto.Hash, digest []byte, length int, null bool) []byte {
	info := digestInfo(hash, digest, null)
	padding := length - len(info) - 3
	if info == nil || padding < minPadding {
		return nil
	}
	encoded := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, padding)...)
	return append(append(encoded, 0), info...)
}

// digestInfo is a DigestInfo; nil for a hash function that is not known.
func digestInfo(hash crypto.Hash, digest []byte, null bool) []byte {
	id := hashIdentifier(hash)
	if id == nil || len(digest) != hash.Size() {
		return nil
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			if null {
				b.AddASN1NULL()
			}
		})
		b.AddASN1OctetString(digest)
	})
	return b.BytesOrPanic()
}
