package chip

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
)

// What a key is derived for (Doc 9303-11, 9.7.1).
const (
	keyForEncryption uint32 = 1
	keyForMAC        uint32 = 2
)

// deriveKey is the key derivation function for 112-bit 3DES keys (Doc 9303-11, 9.7.1.1). The parity bits are left as
// they come: DES ignores them.
func deriveKey(seed []byte, purpose uint32) []byte {
	sum := sha1.Sum(binary.BigEndian.AppendUint32(append([]byte{}, seed...), purpose))
	return sum[:16]
}

// tripleDES is two-key 3DES in CBC mode with a zero initialisation vector (Doc 9303-11, 9.8.6.1). Input is whole blocks.
type tripleDES struct{ block cipher.Block }

func newTripleDES(key []byte) tripleDES {
	block, err := des.NewTripleDESCipher(append(key[:16:16], key[:8]...))
	if err != nil {
		panic(err) // only a length can be wrong, and it is a constant
	}
	return tripleDES{block}
}

func (t tripleDES) encrypt(blocks []byte) []byte {
	out := make([]byte, len(blocks))
	cipher.NewCBCEncrypter(t.block, make([]byte, des.BlockSize)).CryptBlocks(out, blocks)
	return out
}

func (t tripleDES) decrypt(blocks []byte) []byte {
	out := make([]byte, len(blocks))
	cipher.NewCBCDecrypter(t.block, make([]byte, des.BlockSize)).CryptBlocks(out, blocks)
	return out
}

// macSize is the length of a retail MAC in bytes.
const macSize = des.BlockSize

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

// padded adds ISO/IEC 9797-1 padding method 2: a bit of one, then zeros to a whole block.
func padded(data []byte) []byte {
	out := append(make([]byte, 0, len(data)+des.BlockSize), data...)
	out = append(out, 0x80)
	for len(out)%des.BlockSize != 0 {
		out = append(out, 0)
	}
	return out
}

// unpadded takes the padding off, if it is one.
func unpadded(blocks []byte) ([]byte, bool) {
	for i := len(blocks) - 1; i >= max(0, len(blocks)-des.BlockSize); i-- {
		switch blocks[i] {
		case 0x00:
		case 0x80:
			return blocks[:i], true
		default:
			return nil, false
		}
	}
	return nil, false
}
