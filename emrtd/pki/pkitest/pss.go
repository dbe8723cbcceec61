package pkitest

import (
	"crypto"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
	"slices"
)

// PSS is how a signature by RSASSA-PSS is made: crypto/rsa knows no other function for the mask than for the message.
type PSS struct {
	Hash, Mask crypto.Hash
	Salt       int
}

// Sign signs content (RFC 8017, 8.1.1 and 9.1.1), with a salt of zeros.
func (p PSS) Sign(key crypto.Signer, content []byte) []byte {
	private := key.(*rsa.PrivateKey)
	bits := private.N.BitLen() - 1
	salt := make([]byte, p.Salt)
	stated := digest(p.Hash, slices.Concat(make([]byte, 8), digest(p.Hash, content), salt))
	block := make([]byte, (bits+7)/8-len(stated)-1)
	block[len(block)-p.Salt-1] = 1
	for i, b := range p.maskOf(stated, len(block)) {
		block[i] ^= b
	}
	block[0] &= 0xFF >> (8*((bits+7)/8) - bits)
	encoded := new(big.Int).SetBytes(slices.Concat(block, stated, []byte{0xBC}))
	return encoded.Exp(encoded, private.D, private.N).FillBytes(make([]byte, private.Size()))
}

// maskOf is MGF1 (RFC 8017, B.2.1).
func (p PSS) maskOf(seed []byte, length int) (mask []byte) {
	for counter := uint32(0); len(mask) < length; counter++ {
		mask = append(mask, digest(p.Mask, binary.BigEndian.AppendUint32(slices.Clone(seed), counter))...)
	}
	return mask[:length]
}
