package pki

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Object identifiers of public keys (RFC 3279, 2.3; RFC 4055, 1.2).
const (
	oidRSAKey = "1.2.840.113549.1.1.1"
	oidECKey  = "1.2.840.10045.2.1"
)

// publicKey is the key of a certificate.
type publicKey interface {
	// verifier takes a signature up: what is the same for whatever it may be over is done once.
	verifier(signature []byte) verifier
}

// verifier says whether a signature is its key's over digest, and with what deviations. The error is an [ErrSignature] for one
// that is not, or that the key does not make; an [ErrUnsupported] where it cannot be told.
type verifier func(how algorithm, digest []byte) ([]Deviation, error)

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
