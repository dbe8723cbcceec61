package chip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
)

// Cipher is a block cipher with the MAC that goes with it (Doc 9303-11, 9.8.6 and 9.8.7). Its number is the last arc of
// the object identifiers of PACE and chip authentication (9.2.3, 9.2.7).
type Cipher byte

// The ciphers of Doc 9303-11.
const (
	TripleDES Cipher = iota + 1 // 3DES with two keys in CBC mode, retail MAC
	AES128                      // AES in CBC mode, CMAC truncated to 8 bytes
	AES192
	AES256
)

func (c Cipher) valid() bool { return c >= TripleDES && c <= AES256 }

// keySize is the length of a key in bytes.
func (c Cipher) keySize() int { return [...]int{TripleDES: 16, AES128: 16, AES192: 24, AES256: 32}[c] }

// What a key is derived for (Doc 9303-11, 9.7.1).
const (
	keyForEncryption uint32 = 1
	keyForMAC        uint32 = 2
	keyForPassword   uint32 = 3
)

// deriveKey is the key derivation function (Doc 9303-11, 9.7.1.1 and 9.7.1.2): SHA-1 for keys of up to 128 bits, SHA-256
// beyond. The parity bits of DES are left as they come: DES ignores them.
func (c Cipher) deriveKey(secret []byte, purpose uint32) []byte {
	input := binary.BigEndian.AppendUint32(append([]byte{}, secret...), purpose)
	if c.keySize() <= 16 {
		sum := sha1.Sum(input)
		return sum[:c.keySize()]
	}
	sum := sha256.Sum256(input)
	return sum[:c.keySize()]
}

// block is the cipher itself with a key of keySize bytes.
func (c Cipher) block(key []byte) cipher.Block {
	var block cipher.Block
	var err error
	if c == TripleDES {
		block, err = des.NewTripleDESCipher(append(key[:16:16], key[:8]...))
	} else {
		block, err = aes.NewCipher(key)
	}
	if err != nil {
		panic(err) // only a length can be wrong, and it is the cipher's own
	}
	return block
}

// protection is the secure messaging of this cipher with keys derived from a shared secret.
func (c Cipher) protection(secret []byte) protection {
	encryption, mac := c.deriveKey(secret, keyForEncryption), c.deriveKey(secret, keyForMAC)
	if c == TripleDES {
		return tripleDES{c.block(encryption), newRetailMAC(mac)}
	}
	return aesCBC{c.block(encryption), newCMAC(c.block(mac))}
}

// encryptCBC encrypts whole blocks; a nil vector is one of zeros.
func encryptCBC(block cipher.Block, vector, blocks []byte) []byte {
	if vector == nil {
		vector = make([]byte, block.BlockSize())
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(out, blocks)
	return out
}

// decryptCBC decrypts whole blocks; a nil vector is one of zeros.
func decryptCBC(block cipher.Block, vector, blocks []byte) []byte {
	if vector == nil {
		vector = make([]byte, block.BlockSize())
	}
	out := make([]byte, len(blocks))
	cipher.NewCBCDecrypter(block, vector).CryptBlocks(out, blocks)
	return out
}

// padded adds ISO/IEC 9797-1 padding method 2: a bit of one, then zeros to a whole block of size bytes.
func padded(data []byte, size int) []byte {
	out := append(make([]byte, 0, len(data)+size), data...)
	out = append(out, 0x80)
	for len(out)%size != 0 {
		out = append(out, 0)
	}
	return out
}

// unpadded takes the padding off, if it is one.
func unpadded(blocks []byte, size int) ([]byte, bool) {
	for i := len(blocks) - 1; i >= max(0, len(blocks)-size); i-- {
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
