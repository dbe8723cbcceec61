package pki

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// fitted gives an RSA signature in the length of the key (RFC 8017, 8.2.2 step 1): signers have dropped leading zeros, and
// written one too many. The integer is the same; nil for one that the key does not make.
func (k rsaKey) fitted(signature []byte) ([]byte, []Deviation) {
	if len(signature) == k.Size() {
		return signature, nil
	}
	digits := bytes.TrimLeft(signature, "\x00")
	if len(digits) > k.Size() {
		return nil, nil
	}
	return append(make([]byte, k.Size()-len(digits)), digits...), []Deviation{DeviationSignatureLength}
}

// verifyPKCS1 is RSASSA-PKCS1-V1_5-VERIFY (RFC 8017, 8.2.2), with the encoded message as the standard has it, or with that of
// signers who left the NULL out of the hash function's identifier, as it is left out everywhere but here (RFC 8017, B.1).
// Each is made in full and compared as a whole: nothing that comes out of the signature is parsed, so that no octet is left
// in which a forger could hide what the cube of his number ends in.
func (k rsaKey) verifyPKCS1(hash crypto.Hash, digest, signature []byte) ([]Deviation, error) {
	err := rsa.VerifyPKCS1v15(k.PublicKey, hash, digest, signature)
	if err == nil {
		return nil, nil
	}
	if !errors.Is(err, rsa.ErrVerification) {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	s := new(big.Int).SetBytes(signature)
	want := encodeWithoutNull(hash, digest, k.Size())
	if want == nil || s.Cmp(k.N) >= 0 {
		return nil, ErrSignature
	}
	opened := s.Exp(s, big.NewInt(int64(k.E)), k.N).FillBytes(make([]byte, k.Size()))
	if subtle.ConstantTimeCompare(opened, want) != 1 {
		return nil, ErrSignature
	}
	return []Deviation{DeviationNoNull}, nil
}

// minPadding is how many octets FF stand in an encoded message at least (RFC 8017, 9.2).
const minPadding = 8

// encodeWithoutNull is EMSA-PKCS1-v1_5 (RFC 8017, 9.2) of length octets, where DigestInfo's AlgorithmIdentifier has no
// parameters; nil where it does not fit.
func encodeWithoutNull(hash crypto.Hash, digest []byte, length int) []byte {
	info := digestInfoWithoutNull(hash, digest)
	padding := length - len(info) - 3
	if info == nil || padding < minPadding {
		return nil
	}
	encoded := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, padding)...)
	return append(append(encoded, 0), info...)
}

// digestInfoWithoutNull is a DigestInfo without parameters; nil for a hash function that is not known.
func digestInfoWithoutNull(hash crypto.Hash, digest []byte) []byte {
	id := hashIdentifier(hash)
	if id == nil || len(digest) != hash.Size() {
		return nil
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(id) })
		b.AddASN1OctetString(digest)
	})
	return b.BytesOrPanic()
}

// hashIdentifier gives the object identifier of a hash function that [hashFunction] gives; nil for any other.
func hashIdentifier(hash crypto.Hash) asn1.ObjectIdentifier {
	switch hash {
	case crypto.SHA1:
		return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	case crypto.SHA224:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}
	case crypto.SHA256:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	case crypto.SHA384:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	case crypto.SHA512:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	}
	return nil
}
