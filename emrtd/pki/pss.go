package pki

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
)

// verifyPSS is RSASSA-PSS-VERIFY (RFC 8017, 8.1.2). It is here because crypto/rsa takes one hash function for the message
// and for the mask, and issuers declare two.
func verifyPSS(key *rsa.PublicKey, how algorithm, digest, signature []byte) bool {
	s := new(big.Int).SetBytes(signature)
	if len(signature) != key.Size() || s.Cmp(key.N) >= 0 {
		return false
	}
	bits := key.N.BitLen() - 1
	s.Exp(s, big.NewInt(int64(key.E)), key.N)
	if s.BitLen() > bits {
		return false
	}
	return how.encodes(s.FillBytes(make([]byte, (bits+7)/8)), bits, digest)
}

// trailer is the last octet of an encoded message (RFC 8017, 9.1.1).
const trailer = 0xBC

// encodes says whether encoded, of so many bits, is digest's: EMSA-PSS-VERIFY (RFC 8017, 9.1.2).
func (a algorithm) encodes(encoded []byte, bits int, digest []byte) bool {
	size := len(digest)
	padding := len(encoded) - size - a.salt - 2
	if padding < 0 || encoded[len(encoded)-1] != trailer {
		return false
	}
	block, stated := encoded[:len(encoded)-size-1], encoded[len(encoded)-size-1:len(encoded)-1]
	unused := byte(0xFF) << (8 - (8*len(encoded) - bits)) // of the first octet
	if block[0]&unused != 0 {
		return false
	}
	unmask(block, a.mask, stated)
	block[0] &^= unused
	for _, b := range block[:padding] {
		if b != 0 {
			return false
		}
	}
	if block[padding] != 1 {
		return false
	}
	hash := a.hash.New()
	hash.Write(make([]byte, 8))
	hash.Write(digest)
	hash.Write(block[padding+1:]) // the salt
	return bytes.Equal(hash.Sum(nil), stated)
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
