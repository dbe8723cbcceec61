package pki

import (
	"crypto/rsa"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Lengths of an RSA modulus that is used, in bits. A shorter one can be factored; a longer one, which a stranger may hand
// in, would cost minutes, and no issuer comes near it.
const (
	minRSA = 1024
	maxRSA = 8192
)

// Object identifiers of public keys (RFC 3279, 2.3; RFC 4055, 1.2).
const (
	oidRSAKey = "1.2.840.113549.1.1.1"
	oidECKey  = "1.2.840.10045.2.1"
)

// publicKey is the key of a certificate.
type publicKey interface {
	// verify says whether signature is the key's over digest, and with what deviations. The error is an [ErrSignature] for
	// one that is not, or that the key does not make; an [ErrUnsupported] where it cannot be told.
	verify(how algorithm, digest, signature []byte) ([]Deviation, error)
}

// readKey reads a SubjectPublicKeyInfo. A key that this package cannot use gives an [ErrUnsupported].
func readKey(der cryptobyte.String) (publicKey, error) {
	var info cryptobyte.String
	if !der.ReadASN1(&info, cbasn1.SEQUENCE) {
		return nil, malformed("public key")
	}
	oid, parameters, err := readIdentifier(&info)
	if err != nil {
		return nil, err
	}
	var key []byte
	if !info.ReadASN1BitStringAsBytes(&key) || !info.Empty() {
		return nil, malformed("public key")
	}
	switch oid {
	case oidRSAKey: // NULL should follow, and does not always
		return readRSAKey(key, algorithm{})
	case oidRSAPSS:
		only := algorithm{scheme: schemeRSAPSS}
		if !absent(parameters) {
			if only, err = readPSS(parameters); err != nil {
				return nil, err
			}
		}
		return readRSAKey(key, only)
	case oidECKey:
		return readECKey(key, parameters)
	}
	return nil, fmt.Errorf("%w: public key %s", ErrUnsupported, boundedOID(oid))
}

// rsaKey is an RSA key.
type rsaKey struct {
	*rsa.PublicKey
	// only bounds what the key signs with, by its scheme and, where it has a hash function, by that and the salt's least
	// length; the zero value does not (RFC 4055, 3.3).
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

// signsWith says whether the key may sign so.
func (k rsaKey) signsWith(how algorithm) bool {
	if k.only.hash == 0 {
		return k.only.scheme == 0 || k.only.scheme == how.scheme
	}
	salt := how.salt
	how.salt = k.only.salt
	return how == k.only && salt >= k.only.salt
}

func (k rsaKey) verify(how algorithm, digest, signature []byte) ([]Deviation, error) {
	signature, deviations := k.fitted(signature)
	if signature == nil || !k.signsWith(how) {
		return nil, ErrSignature
	}
	switch how.scheme {
	case schemeRSA:
		more, err := k.verifyPKCS1(how.hash, digest, signature)
		return append(deviations, more...), err
	case schemeRSAPSS:
		if verifyPSS(k.PublicKey, how, digest, signature) {
			return deviations, nil
		}
	}
	return nil, ErrSignature
}
