package emrtd

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
)

// cipherID is a block cipher and its key length, numbered as in the last arc of the object identifiers for PACE and chip
// authentication (ICAO Doc 9303-11, 9.2.3 and 9.2.7).
type cipherID int

const (
	cipher3DES cipherID = iota + 1
	cipherAES128
	cipherAES192
	cipherAES256
)

// What the key derivation function counts by (ICAO Doc 9303-11, 9.7.3 and 9.7.4).
const (
	counterEncryption     = 1
	counterAuthentication = 2
	counterPassword       = 3
)

// macSize is the length of every checksum and authentication token in bytes.
const macSize = 8

// errPadding says that a deciphered text does not end as ISO/IEC 9797-1, padding method 2, has it.
var errPadding = errors.New("wrong padding")

// sessionKeys are a pair of keys for one cipher, one for enciphering, one for authentication. They are what secure
// messaging works by (ICAO Doc 9303-11, 9.8.6 and 9.8.7).
type sessionKeys interface {
	// blockSize is the cipher's, and so the length of the send sequence counter, in bytes.
	blockSize() int
	// encrypt enciphers whole blocks. A cipher whose initialisation vector comes from the counter takes it from there.
	encrypt(counter, plain []byte) []byte
	// decrypt is the inverse of encrypt; a text that is not whole blocks is an error.
	decrypt(counter, text []byte) ([]byte, error)
	// checksum authenticates whole blocks in macSize bytes.
	checksum(blocks []byte) []byte
	// authenticate does so for data of any length, padded as the algorithm itself has it.
	authenticate(data []byte) []byte
	// clear overwrites the keys.
	clear()
}

// keySize is the length of a key in bytes. Two-key Triple-DES counts its parity bits.
func (c cipherID) keySize() int {
	switch c {
	case cipherAES192:
		return 24
	case cipherAES256:
		return 32
	}
	return 16
}

// block gives the cipher with a key of keySize bytes.
func (c cipherID) block(key []byte) cipher.Block {
	if c == cipher3DES {
		full := append(key[:16:16], key[:8]...)
		defer clear(full)
		return mustBlock(des.NewTripleDESCipher(full))
	}
	return mustBlock(aes.NewCipher(key))
}

// derive is the key derivation function KDF(secret, counter) (ICAO Doc 9303-11, 9.7.1). The parity bits of DES are left
// as they fall: DES does not look at them.
func (c cipherID) derive(secret []byte, counter byte) []byte {
	hash := sha1.New()
	if c.keySize() > 16 {
		hash = sha256.New()
	}
	hash.Write(secret)
	hash.Write([]byte{0, 0, 0, counter})
	sum := hash.Sum(nil)
	clear(sum[c.keySize():])
	return sum[:c.keySize():c.keySize()]
}

// sessionKeys derives both keys from a shared secret (ICAO Doc 9303-11, 9.7.4).
func (c cipherID) sessionKeys(secret []byte) sessionKeys {
	enc, mac := c.derive(secret, counterEncryption), c.derive(secret, counterAuthentication)
	if c == cipher3DES {
		return &tripleDES{enc: enc, mac: mac}
	}
	return &aesKeys{enc: enc, mac: mac}
}

// verified compares a checksum in constant time.
func verified(own, theirs []byte) bool { return subtle.ConstantTimeCompare(own, theirs) == 1 }

// encryptCBC enciphers whole blocks.
func encryptCBC(block cipher.Block, iv, plain []byte) []byte {
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
	return out
}

// decryptCBC is the inverse of encryptCBC; a text that is not whole blocks is an error.
func decryptCBC(block cipher.Block, iv, text []byte) ([]byte, error) {
	if len(text)%block.BlockSize() != 0 {
		return nil, fmt.Errorf("cryptogram of %d bytes is not whole blocks", len(text))
	}
	out := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, text)
	return out, nil
}

// mustBlock unwraps a cipher: its constructors fail only for keys of a length that nothing here makes.
func mustBlock(block cipher.Block, err error) cipher.Block {
	if err != nil {
		panic(err)
	}
	return block
}

// pad appends 80 and zeros up to whole blocks (ISO/IEC 9797-1, padding method 2), in new memory.
func pad(b []byte, blockSize int) []byte {
	padded := make([]byte, (len(b)/blockSize+1)*blockSize)
	copy(padded, b)
	padded[len(b)] = 0x80
	return padded
}

// unpad is the inverse of pad; it needs at least one byte of padding and no more than a block.
func unpad(b []byte, blockSize int) ([]byte, error) {
	for i := len(b) - 1; i >= 0 && i >= len(b)-blockSize; i-- {
		switch b[i] {
		case 0x80:
			return b[:i], nil
		case 0x00:
		default:
			return nil, errPadding
		}
	}
	return nil, errPadding
}
