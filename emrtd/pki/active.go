package pki

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// tagDG15 is the tag of DG15 (ICAO Doc 9303-10, 4.7.15).
const tagDG15 cbasn1.Tag = 0x6F

// ActiveKey is the public key in DG15, whose private half a genuine chip cannot give away (ICAO Doc 9303-11, 6.1).
type ActiveKey struct{ key publicKey }

// ParseDG15 reads the key. The error is an [ErrMalformed], or an [ErrUnsupported] where it cannot be used here.
func ParseDG15(file []byte) (*ActiveKey, error) {
	input := cryptobyte.String(file)
	var info cryptobyte.String
	if !input.ReadASN1(&info, tagDG15) {
		return nil, malformed("DG15")
	}
	key, err := readKey(info)
	if err != nil {
		return nil, fmt.Errorf("DG15: %w", err)
	}
	return &ActiveKey{key}, nil
}

// Check says whether response, the chip's answer to INTERNAL AUTHENTICATE, is the key's signature over challenge: with RSA
// by ISO/IEC 9796-2, digital signature scheme 1, which names its hash function itself; with ECDSA as r and s side by side
// (BSI TR-03111, 5.2.1), over the hash function that DG14 names. The error is an [ErrSignature], or an [ErrUnsupported].
func (k *ActiveKey) Check(challenge, response []byte, ecdsaHash crypto.Hash) error {
	if rsa, isRSA := k.key.(rsaKey); isRSA {
		return rsa.checkRecovering(challenge, response)
	}
	if !ecdsaHash.Available() {
		return fmt.Errorf("%w: active authentication by ECDSA without a hash function", ErrUnsupported)
	}
	if len(response) == 0 || len(response)%2 != 0 {
		return ErrSignature
	}
	half := len(response) / 2
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(response[:half]))
		b.AddASN1BigInt(new(big.Int).SetBytes(response[half:]))
	})
	return algorithm{scheme: schemeECDSA, hash: ecdsaHash}.check(k.key, challenge, b.BytesOrPanic())
}

// recoveryHeader begins what a signature with partial message recovery opens to: the bits 01, 1 for "there is more of the
// message than is here", and the padding's end (ISO/IEC 9796-2, 8.1.2).
const recoveryHeader = 0x6A

// checkRecovering opens a signature with message recovery: header, the chip's own part of the message, the hash of that and
// the challenge, and a trailer that names the hash function.
func (k rsaKey) checkRecovering(challenge, signature []byte) error {
	s := new(big.Int).SetBytes(signature)
	if k.N.BitLen()%8 != 0 {
		return fmt.Errorf("%w: RSA key of %d bits for active authentication", ErrUnsupported, k.N.BitLen())
	}
	if len(signature) != k.Size() || s.Cmp(k.N) >= 0 {
		return ErrSignature
	}
	opened := s.Exp(s, big.NewInt(int64(k.E)), k.N).FillBytes(make([]byte, k.Size()))
	hash, body := cutTrailer(opened)
	if hash == 0 || body[0] != recoveryHeader || len(body) < 1+hash.Size() {
		return ErrSignature
	}
	message, digest := body[1:len(body)-hash.Size()], body[len(body)-hash.Size():]
	if subtle.ConstantTimeCompare(hashed(hash, message, challenge), digest) != 1 {
		return ErrSignature
	}
	return nil
}

// cutTrailer takes the trailer off what a signature opens to: BC is SHA-1, two bytes name another function (ISO/IEC 10118-3).
// The hash function is 0 for any other.
func cutTrailer(opened []byte) (crypto.Hash, []byte) {
	if body, ok := bytes.CutSuffix(opened, []byte{0xBC}); ok {
		return crypto.SHA1, body
	}
	for last, hash := range map[byte]crypto.Hash{0x33: crypto.SHA1, 0x34: crypto.SHA256, 0x35: crypto.SHA512, 0x36: crypto.SHA384, 0x38: crypto.SHA224} {
		if body, ok := bytes.CutSuffix(opened, []byte{last, 0xCC}); ok {
			return hash, body
		}
	}
	return 0, nil
}
