package chip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// aesCBC is secure messaging with AES in CBC mode, the encrypted send sequence counter being the initialisation vector,
// and CMAC (Doc 9303-11, 9.8.7).
type aesCBC struct {
	cipher cipher.Block // KS.Enc
	mac    cmac         // KS.MAC
}

func (a aesCBC) blockSize() int { return aes.BlockSize }

func (a aesCBC) encrypt(counter, blocks []byte) []byte {
	return encryptCBC(a.cipher, a.vector(counter), blocks)
}

func (a aesCBC) decrypt(counter, blocks []byte) []byte {
	return decryptCBC(a.cipher, a.vector(counter), blocks)
}

func (a aesCBC) vector(counter []byte) []byte {
	vector := make([]byte, aes.BlockSize)
	a.cipher.Encrypt(vector, counter)
	return vector
}

func (a aesCBC) sum(blocks []byte) []byte { return a.mac.sum(blocks) }

// token authenticates a message; CMAC pads for itself.
func (a aesCBC) token(message []byte) []byte { return a.mac.sum(message) }

// cmac is CMAC with AES (NIST SP 800-38B), truncated to macSize bytes (Doc 9303-11, 9.8.7.2).
type cmac struct {
	block         cipher.Block
	whole, partly [aes.BlockSize]byte // subkeys K1 and K2 for a last block that is whole or padded
}

func newCMAC(block cipher.Block) cmac {
	m := cmac{block: block}
	block.Encrypt(m.whole[:], m.whole[:])
	m.whole = doubled(m.whole)
	m.partly = doubled(m.whole)
	return m
}

// doubled multiplies by x in GF(2^128) (NIST SP 800-38B, 6.1).
func doubled(b [aes.BlockSize]byte) [aes.BlockSize]byte {
	const reduction = 0x87 // R128: x^128 = x^7 + x^2 + x + 1
	carry := b[0] >> 7
	for i := range aes.BlockSize - 1 {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[aes.BlockSize-1] = b[aes.BlockSize-1]<<1 ^ reduction*carry
	return b
}

func (m cmac) sum(message []byte) []byte {
	state := make([]byte, aes.BlockSize)
	for ; len(message) > aes.BlockSize; message = message[aes.BlockSize:] {
		subtle.XORBytes(state, state, message[:aes.BlockSize])
		m.block.Encrypt(state, state)
	}
	last, subkey := message, m.whole
	if len(message) < aes.BlockSize {
		last, subkey = padded(message, aes.BlockSize), m.partly
	}
	subtle.XORBytes(state, state, last)
	subtle.XORBytes(state, state, subkey[:])
	m.block.Encrypt(state, state)
	return state[:macSize]
}
