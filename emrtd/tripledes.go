package emrtd

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
)

// desBlock is the block size of DES in bytes.
const desBlock = des.BlockSize

// macSize is the length of a retail MAC in bytes.
const macSize = 8

// errPadding says that a deciphered text does not end as ISO/IEC 9797-1, padding method 2, has it.
var errPadding = errors.New("wrong padding")

// tripleDES is a pair of two-key Triple-DES keys (ICAO Doc 9303-11, 9.8.6). Parity bits are left as they fall: DES
// does not look at them.
type tripleDES struct {
	enc, mac [16]byte
}

// deriveTripleDES derives both keys from a shared secret (ICAO Doc 9303-11, 9.7.1): counter 1 for enciphering, 2 for
// authentication.
func deriveTripleDES(secret []byte) tripleDES {
	var keys tripleDES
	for counter, key := range []*[16]byte{&keys.enc, &keys.mac} {
		hash := sha1.New()
		hash.Write(secret)
		hash.Write([]byte{0, 0, 0, byte(counter + 1)})
		sum := hash.Sum(nil)
		copy(key[:], sum)
		clear(sum)
	}
	return keys
}

// clear overwrites the keys.
func (k *tripleDES) clear() {
	clear(k.enc[:])
	clear(k.mac[:])
}

// encrypt enciphers whole blocks in CBC mode with a zero initialisation vector.
func (k *tripleDES) encrypt(plain []byte) []byte {
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(k.cipher(), make([]byte, desBlock)).CryptBlocks(out, plain)
	return out
}

// decrypt is the inverse of encrypt.
func (k *tripleDES) decrypt(text []byte) ([]byte, error) {
	if len(text)%desBlock != 0 {
		return nil, fmt.Errorf("cryptogram of %d bytes is not whole blocks", len(text))
	}
	out := make([]byte, len(text))
	cipher.NewCBCDecrypter(k.cipher(), make([]byte, desBlock)).CryptBlocks(out, text)
	return out, nil
}

func (k *tripleDES) cipher() cipher.Block {
	full := append(k.enc[:16:16], k.enc[:8]...)
	defer clear(full)
	block, err := des.NewTripleDESCipher(full)
	if err != nil {
		panic(err) // only for a key that is not 24 bytes long
	}
	return block
}

// authenticate gives the retail MAC of data, which it pads (ISO/IEC 9797-1, MAC algorithm 3 with DES, zero
// initialisation vector, padding method 2).
func (k *tripleDES) authenticate(data []byte) []byte {
	first, second := desCipher(k.mac[:8]), desCipher(k.mac[8:])
	mac := make([]byte, desBlock)
	for block := range slices.Chunk(pad(data), desBlock) {
		subtle.XORBytes(mac, mac, block)
		first.Encrypt(mac, mac)
	}
	second.Decrypt(mac, mac)
	first.Encrypt(mac, mac)
	return mac
}

// verify compares the retail MAC of data in constant time.
func (k *tripleDES) verify(data, mac []byte) bool {
	return subtle.ConstantTimeCompare(k.authenticate(data), mac) == 1
}

func desCipher(key []byte) cipher.Block {
	block, err := des.NewCipher(key)
	if err != nil {
		panic(err) // only for a key that is not 8 bytes long
	}
	return block
}

// pad appends 80 and zeros up to whole blocks (ISO/IEC 9797-1, padding method 2), in new memory.
func pad(b []byte) []byte {
	padded := make([]byte, (len(b)/desBlock+1)*desBlock)
	copy(padded, b)
	padded[len(b)] = 0x80
	return padded
}

// unpad is the inverse of pad; it needs at least one byte of padding and no more than a block.
func unpad(b []byte) ([]byte, error) {
	for i := len(b) - 1; i >= 0 && i >= len(b)-desBlock; i-- {
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
