package lds

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/big"
	"math/rand/v2"
)

// KeyStream is an endless stream of bytes that follows from a seed, another one for each purpose: keys are drawn from it.
func KeyStream(seed uint64, purpose string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, seed), purpose...)))
}

func ecKey(stream io.Reader) (*ecdsa.PrivateKey, error) {
	for {
		raw := make([]byte, 32)
		if _, err := io.ReadFull(stream, raw); err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw); err == nil {
			return key, nil
		}
	}
}

// RSAKey searches the stream for two primes that make a modulus of that many bits, a multiple of 16 from 1024 on, because
// crypto/rsa takes no seed.
func RSAKey(stream io.Reader, bits int) (*rsa.PrivateKey, error) {
	const exponent = 65537
	p, err := prime(stream, bits/2, exponent)
	if err != nil {
		return nil, err
	}
	q, err := prime(stream, bits/2, exponent)
	if err != nil {
		return nil, err
	}
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: exponent},
		D:         new(big.Int).ModInverse(big.NewInt(exponent), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	return key, key.Validate()
}

// prime is a prime of that many bits, the upper two set, one less than which has no divisor in common with the exponent.
func prime(stream io.Reader, bits int, exponent int64) (*big.Int, error) {
	raw := make([]byte, bits/8)
	for {
		if _, err := io.ReadFull(stream, raw); err != nil {
			return nil, err
		}
		raw[0] |= 0xC0
		raw[len(raw)-1] |= 1
		p := new(big.Int).SetBytes(raw)
		rest := new(big.Int).Mod(new(big.Int).Sub(p, big.NewInt(1)), big.NewInt(exponent))
		if rest.Sign() != 0 && p.ProbablyPrime(0) {
			return p, nil
		}
	}
}
