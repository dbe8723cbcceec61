package pki

import (
	"bytes"
	"crypto/rsa"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Lengths of an RSA modulus that is used, in bits. A shorter one can be factored; a longer one, which a stranger may hand
// in, would cost minutes, and no issuer comes near it.
const (
	minRSA = 1024
	maxRSA = 8192
)

// rsaKey is an RSA key.
type rsaKey struct {
	*rsa.PublicKey
	// only is what the key states that it signs with, by its scheme and, where it has a hash function, by that and the salt's
	// least length; the zero value states nothing (RFC 4055, 3.3).
	only algorithm
}

// readRSAKey reads an RSAPublicKey.
func readRSAKey(ber []byte, only algorithm) (publicKey, error) {
	var body cryptobyte.String
	if der := cryptobyte.String(wholeDER(ber)); !der.ReadASN1(&body, cbasn1.SEQUENCE) {
		return nil, malformed("RSA key")
	}
	modulus, hasModulus := readUnsigned(&body)
	exponent, hasExponent := readUnsigned(&body)
	if !hasModulus || !hasExponent {
		return nil, malformed("RSA key")
	}
	if bits := modulus.BitLen(); bits < minRSA || bits > maxRSA || modulus.Bit(0) == 0 {
		return nil, fmt.Errorf("%w: RSA key of %d bits", ErrUnsupported, bits)
	}
	if exponent.BitLen() > 31 || exponent.Int64() < 3 || exponent.Bit(0) == 0 {
		return nil, fmt.Errorf("%w: public exponent of an RSA key", ErrUnsupported)
	}
	return rsaKey{&rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, only}, nil
}

// states says whether the key states that it signs so, or nothing of how.
func (k rsaKey) states(how algorithm) bool {
	if k.only.hash == 0 {
		return k.only.scheme == 0 || k.only.scheme == how.scheme
	}
	salt := how.salt
	how.salt = k.only.salt
	return how == k.only && salt >= k.only.salt
}

func (k rsaKey) verifier(signature []byte) verifier {
	encoded, written := k.open(signature)
	return func(how algorithm, digest []byte) (deviations []Deviation, err error) {
		switch {
		case encoded == nil:
			return nil, ErrSignature
		case how.scheme == schemeRSA:
			deviations, err = how.verifyPKCS1(encoded, digest)
		case how.scheme == schemeRSAPSS:
			how.salt, err = how.verifyPSS(encoded, k.N.BitLen()-1, digest)
		default:
			err = ErrSignature
		}
		if err != nil {
			return nil, err
		}
		if !k.states(how) {
			deviations = append(deviations, DeviationKeyStates)
		}
		return append(written[:len(written):len(written)], deviations...), nil
	}
}

// open gives what the holder of the private key has encoded, as long as the modulus (RFC 8017, 8.1.2 and 8.2.2, step 2); nil
// for what is no signature of the key, as one of another length. Signers have dropped leading zeros, and written one too many:
// the number is the same.
func (k rsaKey) open(signature []byte) (encoded []byte, deviations []Deviation) {
	if len(signature) != k.Size() {
		deviations = []Deviation{DeviationSignatureLength}
	}
	digits := bytes.TrimLeft(signature, "\x00")
	if len(digits) > k.Size() || len(digits) < k.Size()-maxDropped {
		return nil, nil
	}
	opened := k.raise(new(big.Int).SetBytes(digits))
	if opened == nil {
		return nil, nil
	}
	return opened.FillBytes(make([]byte, k.Size())), deviations
}

// raise gives s to the power of the public exponent; nil for a number that is none of the key's.
func (k rsaKey) raise(s *big.Int) *big.Int {
	if s.Cmp(k.N) >= 0 {
		return nil
	}
	return new(big.Int).Exp(s, big.NewInt(int64(k.E)), k.N)
}
