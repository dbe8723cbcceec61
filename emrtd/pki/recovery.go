package pki

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
)

// Halves of the first octet of what a signature with message recovery opens to (ISO/IEC 9796-2, 8.1.2): the bits 01 and
// whether there is more of the message than can be recovered; and where the padding ends, or goes on in octets BB up to BA.
const (
	recoversAll   = 0x40
	recoversPart  = 0x60
	paddingEnds   = 0x0A
	paddingGoesOn = 0x0B
	paddingOctet  = 0xBB
	paddingLast   = 0xBA
)

// maxDropped is how many leading zeros a signature may lack: a signature has four once in four thousand million times.
const maxDropped = 4

// checkActive checks an answer as the standard has it or, where it is none, as another signature over the challenge by the
// same key. That helps nobody who lacks the key: each of these schemes leaves no octet free, and the challenge is fresh.
func (k rsaKey) checkActive(challenge, response []byte) (deviations []Deviation, err error) {
	deviations, err = k.checkRecovering(challenge, response)
	if err == nil {
		return deviations, nil
	}
	verify := k.verifier(response)
	for _, hash := range hashFunctions() {
		for _, how := range []algorithm{{scheme: schemeRSA, hash: hash}, {schemeRSAPSS, hash, hash, anySalt}} {
			if _, err := verify(how, hashed(hash, challenge)); err == nil {
				return []Deviation{DeviationNoRecovery.of(fmt.Sprintf("%v %v", how.scheme, hash))}, nil
			}
		}
	}
	return nil, err
}

// checkRecovering opens a signature with message recovery: header, the chip's own part of the message, the hash of that and
// the challenge, and a trailer that names the hash function. Every bit of what it opens to is fixed or hashed, so that there
// is no room to fit a number that was not made with the private key.
func (k rsaKey) checkRecovering(challenge, response []byte) (deviations []Deviation, err error) {
	if k.N.BitLen()%8 != 0 {
		return nil, fmt.Errorf("%w: RSA key of %d bits for active authentication", ErrUnsupported, k.N.BitLen())
	}
	size, s := k.Size(), new(big.Int).SetBytes(response)
	length := malformed(fmt.Sprintf("signature of %d bytes, not of %d", len(response), size))
	switch {
	case len(response) > size:
		if s.BitLen() > 8*size {
			return nil, length
		}
		deviations = append(deviations, DeviationExtraZeros)
	case len(response) < size-maxDropped:
		return nil, length
	case len(response) < size:
		deviations = append(deviations, DeviationMissingZero)
	}
	more, err := k.recover(s, challenge)
	if errors.Is(err, ErrSignature) && len(response) != size {
		return nil, length
	}
	return append(deviations, more...), err
}

// recover opens s, or n - s, of which the scheme gives the smaller (ISO/IEC 9796-2, annex B), and checks what comes out.
func (k rsaKey) recover(s *big.Int, challenge []byte) (deviations []Deviation, err error) {
	opened := k.raise(s)
	if opened == nil {
		return nil, ErrSignature
	}
	deviations, err = checkRecovered(opened.FillBytes(make([]byte, k.Size())), challenge)
	if err == nil || opened.Sign() == 0 {
		return deviations, err
	}
	opened.Sub(k.N, opened)
	turned, second := checkRecovered(opened.FillBytes(make([]byte, k.Size())), challenge)
	switch {
	case second == nil:
		return append(turned, DeviationNegated), nil
	case errors.Is(second, ErrUnsupported):
		return nil, second
	}
	return nil, err
}

// checkRecovered checks what a signature opens to. The error is an [ErrUnsupported] where all but the hash function is known.
func checkRecovered(opened, challenge []byte) (deviations []Deviation, err error) {
	header := opened[0]
	body, ok := cutPadding(opened)
	named, body, trails := cutTrailer(body)
	if !ok || !trails {
		return nil, ErrSignature
	}
	if header != recoversPart|paddingEnds {
		deviations = append(deviations, DeviationHeader.of(fmt.Sprintf("%02X", header)))
	}
	for _, hash := range once(append(named, hashFunctions()...)) {
		if !bound(hash, header&0xF0 == recoversAll, body, challenge) {
			continue
		}
		if !bytes.HasSuffix(opened, trailerOf(hash)) {
			deviations = append(deviations, DeviationTrailer.of(hash))
		}
		return deviations, nil
	}
	if len(named) == 0 {
		return nil, fmt.Errorf("%w: hash function of trailer %X", ErrUnsupported, opened[len(opened)-2:])
	}
	return nil, ErrSignature
}

// bound says whether body is the recovered part of a message and the hash of the whole, which ends with the challenge: that
// stands behind the recovered part, or, where all is recovered, at its end.
func bound(hash crypto.Hash, all bool, body, challenge []byte) bool {
	if len(body) < hash.Size() {
		return false
	}
	message, digest := body[:len(body)-hash.Size()], body[len(body)-hash.Size():]
	if all && bytes.HasSuffix(message, challenge) && subtle.ConstantTimeCompare(hashed(hash, message), digest) == 1 {
		return true
	}
	return subtle.ConstantTimeCompare(hashed(hash, message, challenge), digest) == 1
}

// cutPadding takes the header and the padding behind it off what a signature opens to.
func cutPadding(opened []byte) (body []byte, ok bool) {
	if kind := opened[0] & 0xF0; kind != recoversAll && kind != recoversPart {
		return nil, false
	}
	switch body = opened[1:]; opened[0] & 0x0F {
	case paddingEnds:
		return body, true
	case paddingGoesOn:
		for len(body) > 0 && body[0] == paddingOctet {
			body = body[1:]
		}
		return bytes.CutPrefix(body, []byte{paddingLast})
	}
	return nil, false
}

// cutTrailer takes the trailer off what a signature opens to: BC leaves the hash function to agreement, which is SHA-1 in
// passports (ICAO Doc 9303-11, 6.1.2.2) and with some chips another; two octets name it, and with some chips another than
// they use. None is named by a trailer that is not known here.
func cutTrailer(opened []byte) (named []crypto.Hash, body []byte, ok bool) {
	switch n := len(opened); {
	case n > 0 && opened[n-1] == 0xBC:
		return []crypto.Hash{crypto.SHA1}, opened[:n-1], true
	case n > 1 && opened[n-1] == 0xCC:
		if hash := namedHash(opened[n-2]); hash != 0 {
			named = []crypto.Hash{hash}
		}
		return named, opened[:n-2], true
	}
	return nil, nil, false
}

// namedHash is the hash function of an identifier in ISO/IEC 10118-3; 0 for one that is not used here, as 31, RIPEMD-160.
func namedHash(identifier byte) crypto.Hash {
	return hashThat(func(hash crypto.Hash) bool { return trailerNumber(hash) == identifier })
}

// trailerNumber is the identifier in ISO/IEC 10118-3 of one of the [hashFunctions].
func trailerNumber(hash crypto.Hash) byte {
	switch hash {
	case crypto.SHA224:
		return 0x38
	case crypto.SHA256:
		return 0x34
	case crypto.SHA384:
		return 0x36
	case crypto.SHA512:
		return 0x35
	}
	return 0x33
}

// trailerOf is the trailer that passports have for a hash function (ICAO Doc 9303-11, 6.1.2.2).
func trailerOf(hash crypto.Hash) []byte {
	if hash == crypto.SHA1 {
		return []byte{trailer}
	}
	return []byte{trailerNumber(hash), 0xCC}
}
