package pki

import (
	"bytes"
	"crypto"
	"fmt"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// tagDG15 is the tag of DG15 (ICAO Doc 9303-10, 4.7.15).
const tagDG15 cbasn1.Tag = 0x6F

// ActiveKey is the public key in DG15, whose private half a genuine chip cannot give away (ICAO Doc 9303-11, 6.1).
type ActiveKey struct{ key publicKey }

// ParseDG15 reads the key, in DER or with lengths as BER has them. The error is an [ErrMalformed], or an [ErrUnsupported]
// where it cannot be used here.
func ParseDG15(file []byte) (*ActiveKey, error) {
	input := cryptobyte.String(ToDER(file))
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

// ToDER gives the first element of ber with lengths as DER has them: chips write longer ones than need be, and indefinite
// ones. What cannot be put so comes back as it is. It is for taking a file apart; hashes are over the file's own bytes.
func ToDER(ber []byte) []byte {
	if der, err := normalise(ber); err == nil {
		return der
	}
	return ber
}

// SignatureSize is the length in bytes of the key's answer to INTERNAL AUTHENTICATE as the standard has it: that of the
// modulus with RSA, of two numbers below the order of the curve with ECDSA.
func (k *ActiveKey) SignatureSize() int {
	switch key := k.key.(type) {
	case rsaKey:
		return key.Size()
	case standardKey:
		return 2 * ((key.Curve.Params().N.BitLen() + 7) / 8)
	case ecKey:
		return 2 * key.curve.OrderSize()
	}
	return 0
}

// NamesHash says whether the key's signatures say themselves which hash function they are over, as those with RSA do.
func (k *ActiveKey) NamesHash() bool {
	_, isRSA := k.key.(rsaKey)
	return isRSA
}

// Fits says whether response can be one of the key's signatures by its length and structure; a chip may have cut it short.
func (k *ActiveKey) Fits(response []byte) bool {
	if rsa, isRSA := k.key.(rsaKey); isRSA {
		return len(response) >= rsa.Size()-maxDropped
	}
	return len(readPairs(response, k.SignatureSize()/2)) > 0
}

// Check says whether response, the chip's answer to INTERNAL AUTHENTICATE, is the key's signature over challenge: with RSA
// by ISO/IEC 9796-2, digital signature scheme 1, which names its hash function itself, or by PKCS #1; with ECDSA over one of
// the hash functions that DG14 states, or over any other that is in use (ICAO Doc 9303-11, 6.1.2).
//
// Chips answer in other forms than these, each of which is taken and told in deviations. None helps who lacks the private
// key: the whole answer is still bound to the challenge by one signature, of which there are a few more ways to be written.
//
// The error is an [ErrSignature] only where the answer can be read as one of this key and is none in any reading that is
// open. An answer of another length is an [ErrMalformed]. Where no hash function is stated, and it is none over any that is
// known here, it is an [ErrUnsupported]: Doc 9303-11, 6.1.2.3, bounds the length of the digest and names no closed set, and
// BSI TR-03111 has RIPEMD-160 besides, so that the key may have signed what is not tested here. A copy gains nothing by that.
func (k *ActiveKey) Check(challenge, response []byte, stated ...crypto.Hash) (deviations []Deviation, err error) {
	if rsa, isRSA := k.key.(rsaKey); isRSA {
		return rsa.checkActive(challenge, response)
	}
	return k.checkPair(challenge, response, stated)
}

// checkPair checks a signature by ECDSA, which is a pair of numbers.
func (k *ActiveKey) checkPair(challenge, response []byte, stated []crypto.Hash) (deviations []Deviation, err error) {
	pairs := readPairs(response, k.SignatureSize()/2)
	if len(pairs) == 0 {
		return nil, malformed(fmt.Sprintf("signature of %d bytes, not of %d", len(response), k.SignatureSize()))
	}
	functions := differing(slices.Concat(stated, activeHashes(k.SignatureSize()/2)))
	for _, hash := range functions {
		how := algorithm{scheme: schemeECDSA, hash: hash}
		for _, pair := range pairs {
			if written, err := how.verify(k.key, challenge, encodeECDSASignature(pair.r, pair.s)); err == nil {
				return slices.Concat(pair.deviations(), hashDeviation(hash, stated), written), nil
			}
		}
	}
	standard := slices.ContainsFunc(pairs, func(p pair) bool { return p.form != formShortened })
	switch {
	case !standard:
		return nil, malformed(fmt.Sprintf("signature of %d bytes, not of %d", len(response), k.SignatureSize()))
	case len(stated) == 0:
		return nil, fmt.Errorf("%w: DG14 states no hash function for active authentication, and it is none of %v", ErrUnsupported, functions)
	}
	return nil, ErrSignature
}

// activeHashes are the hash functions of active authentication by ECDSA where none is stated: the longest that is not longer
// than a number of the signature, which is so many bytes long, then shorter ones, as the standard allows, then the others
// (ICAO Doc 9303-11, 6.1.2.3).
func activeHashes(size int) (functions []crypto.Hash) {
	var longer []crypto.Hash
	for _, hash := range []crypto.Hash{crypto.SHA512, crypto.SHA384, crypto.SHA256, crypto.SHA224, crypto.SHA1} {
		if hash.Size() <= size {
			functions = append(functions, hash)
		} else {
			longer = append(longer, hash)
		}
	}
	slices.Reverse(longer)
	return append(functions, longer...)
}

// form is how a signature by ECDSA is written.
type form int

const (
	formPlain     form = iota // r and s side by side, of the order's length each (BSI TR-03111, 5.2.1)
	formSequence              // as certificates have it, ECDSA-Sig-Value (RFC 3279, 2.2.3)
	formPadded                // side by side, with more leading zeros than need be
	formShortened             // side by side, one without its leading zero
)

// pair is a reading of an answer.
type pair struct {
	r, s *big.Int
	form form
}

// readPairs are the readings that an answer has, by its length and structure alone. An answer of the plain form's length may
// happen to be a sequence too; then it is read as both, which gives who has no key a second chance in as many as the curve
// has points.
func readPairs(response []byte, size int) (pairs []pair) {
	add := func(f form, at int) {
		pairs = append(pairs, pair{new(big.Int).SetBytes(response[:at]), new(big.Int).SetBytes(response[at:]), f})
	}
	half := len(response) / 2
	switch n := len(response); {
	case n == 2*size:
		add(formPlain, half)
	case n == 2*size-1:
		add(formShortened, half)
		add(formShortened, half+1)
	case n > 2*size && n%2 == 0 && isZero(response[:half-size]) && isZero(response[half:n-size]):
		add(formPadded, half)
	}
	if p, ok := readSequence(response); ok {
		pairs = append(pairs, p)
	}
	return pairs
}

// readSequence reads an answer that is a sequence of two INTEGERs, in lengths of any form and with nothing but zeros behind.
func readSequence(response []byte) (pair, bool) {
	body, rest, ok := cutElement(response, cbasn1.SEQUENCE)
	if !ok || !isZero(rest) {
		return pair{}, false
	}
	r, body, hasR := cutElement(body, cbasn1.INTEGER)
	s, body, hasS := cutElement(body, cbasn1.INTEGER)
	return pair{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s), formSequence}, hasR && hasS && len(body) == 0
}

// cutElement takes an element of a definite length off b.
func cutElement(b []byte, want cbasn1.Tag) (content, rest []byte, ok bool) {
	tag, length, body, ok := readHeader(b)
	if !ok || tag != byte(want) || length == indefiniteLength {
		return nil, nil, false
	}
	return body[:length], body[length:], true
}

func isZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

// deviations tell what the standard has otherwise.
func (p pair) deviations() (deviations []Deviation) {
	switch p.form {
	case formSequence:
		deviations = append(deviations, DeviationSequence)
	case formPadded:
		deviations = append(deviations, DeviationExtraZeros)
	case formShortened:
		deviations = append(deviations, DeviationMissingZero)
	}
	return deviations
}

// hashDeviation tells where a signature is over another hash function than is stated. Whoever can make one has the key.
func hashDeviation(hash crypto.Hash, stated []crypto.Hash) []Deviation {
	switch {
	case len(stated) == 0:
		return []Deviation{DeviationHashOmitted.of(hash)}
	case !slices.Contains(stated, hash):
		return []Deviation{DeviationHashStated.of(hash)}
	}
	return nil
}
