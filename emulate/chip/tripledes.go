package chip

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"
)

// tripleDES is secure messaging with two-key 3DES in CBC mode with a zero initialisation vector and the retail MAC
// (Doc 9303-11, 9.8.6).
type tripleDES struct {
	cipher cipher.Block // KS.Enc
	mac    retailMAC    // KS.MAC
}

func (t tripleDES) blockSize() int { return des.BlockSize }

func (t tripleDES) encrypt(_, blocks []byte) []byte { return encryptCBC(t.cipher, nil, blocks) }

func (t tripleDES) decrypt(_, blocks []byte) []byte { return decryptCBC(t.cipher, nil, blocks) }

func (t tripleDES) sum(blocks []byte) []byte { return t.mac.sum(blocks) }

// token authenticates a message that is not yet padded.
func (t tripleDES) token(message []byte) []byte { return t.mac.sum(padded(message, des.BlockSize)) }

// retailMAC is ISO/IEC 9797-1 MAC algorithm 3 with DES (Doc 9303-11, 9.8.6.2): single DES in CBC mode with the key's
// first half, the last block decrypted with the second and encrypted with the first again.
type retailMAC struct{ first, second cipher.Block }

func newRetailMAC(key []byte) retailMAC {
	first, err := des.NewCipher(key[:8])
	if err != nil {
		panic(err) // only a length can be wrong, and it is a constant
	}
	second, err := des.NewCipher(key[8:16])
	if err != nil {
		panic(err)
	}
	return retailMAC{first, second}
}

func (m retailMAC) sum(blocks []byte) []byte {
	state := make([]byte, des.BlockSize)
	for ; len(blocks) >= des.BlockSize; blocks = blocks[des.BlockSize:] {
		subtle.XORBytes(state, state, blocks[:des.BlockSize])
		m.first.Encrypt(state, state)
	}
	m.second.Decrypt(state, state)
	m.first.Encrypt(state, state)
	return state
}
