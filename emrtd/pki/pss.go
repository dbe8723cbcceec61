package pki

import (
	"bytes"
	"crypto"
	"encoding/binary"
)

// anySalt stands for a salt of any length, which what a signature opens to tells.
const anySalt = -1

// surePadding is how many zeros, in octets, before a delimiter no chance puts there.
const surePadding = 8

// trailer is the last octet of an encoded message (RFC 8017, 9.1.1).
const trailer = 0xBC

// verifyPSS is RSASSA-PSS-VERIFY (RFC 8017, 8.1.2) of what a signature opens to, of which so many bits may be used. It gives
// the length of the salt. It is here because crypto/rsa takes one hash function for the message and for the mask, and issuers
// declare two.
func (a algorithm) verifyPSS(opened []byte, bits int, digest []byte) (salt int, err error) {
	whole := (bits + 7) / 8
	if len(bytes.TrimLeft(opened, "\x00")) > whole {
		return 0, ErrSignature
	}
	return a.encodes(bytes.Clone(opened[len(opened)-whole:]), bits, digest)
}

// encodes says whether encoded, of so many bits, is digest's: EMSA-PSS-VERIFY (RFC 8017, 9.1.2). It overwrites encoded.
func (a algorithm) encodes(encoded []byte, bits int, digest []byte) (saltLength int, err error) {
	size := len(digest)
	if len(encoded) < size+2 || encoded[len(encoded)-1] != trailer {
		return 0, ErrSignature
	}
	block, stated := encoded[:len(encoded)-size-1], encoded[len(encoded)-size-1:len(encoded)-1]
	unused := byte(0xFF) << (8 - (8*len(encoded) - bits)) // of the first octet
	if block[0]&unused != 0 {
		return 0, ErrSignature
	}
	unmask(block, a.mask, stated)
	block[0] &^= unused
	padded := bytes.TrimLeft(block, "\x00")
	salt, delimited := bytes.CutPrefix(padded, []byte{1})
	if !delimited || a.salt != anySalt && a.salt != len(salt) {
		return 0, ErrSignature
	}
	hash := a.hash.New()
	hash.Write(make([]byte, 8))
	hash.Write(digest)
	hash.Write(salt)
	switch {
	case bytes.Equal(hash.Sum(nil), stated):
		return len(salt), nil
	case len(block)-len(padded) >= surePadding:
		return 0, ErrOtherContent
	}
	return 0, ErrSignature
}

// unmask takes the mask that seed makes off block: MGF1 (RFC 8017, B.2.1).
func unmask(block []byte, function crypto.Hash, seed []byte) {
	hash := function.New()
	for counter := uint32(0); len(block) > 0; counter++ {
		hash.Reset()
		hash.Write(seed)
		hash.Write(binary.BigEndian.AppendUint32(nil, counter))
		mask := hash.Sum(nil)
		for i := range min(len(mask), len(block)) {
			block[i] ^= mask[i]
		}
		block = block[min(len(mask), len(block)):]
	}
}
