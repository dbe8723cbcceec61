package emrtd

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// aesKeys is a pair of AES keys of 16, 24 or 32 bytes each (ICAO Doc 9303-11, 9.8.7).
type aesKeys struct{ enc, mac []byte }

func (k *aesKeys) blockSize() int { return aes.BlockSize }

func (k *aesKeys) clear() {
	clear(k.enc)
	clear(k.mac)
}

// encrypt enciphers in CBC mode; the initialisation vector is the counter enciphered.
func (k *aesKeys) encrypt(counter, plain []byte) []byte {
	block := mustBlock(aes.NewCipher(k.enc))
	return encryptCBC(block, enciphered(block, counter), plain)
}

func (k *aesKeys) decrypt(counter, text []byte) ([]byte, error) {
	block := mustBlock(aes.NewCipher(k.enc))
	return decryptCBC(block, enciphered(block, counter), text)
}

func (k *aesKeys) checksum(blocks []byte) []byte { return k.authenticate(blocks) }

// authenticate gives the first macSize bytes of the CMAC.
func (k *aesKeys) authenticate(data []byte) []byte {
	return cmac(mustBlock(aes.NewCipher(k.mac)), data)[:macSize]
}

// enciphered gives one block enciphered.
func enciphered(block cipher.Block, plain []byte) []byte {
	out := make([]byte, block.BlockSize())
	block.Encrypt(out, plain)
	return out
}

// cmac gives the whole CMAC of data by a cipher with blocks of 16 bytes (NIST SP 800-38B, 6.2).
func cmac(block cipher.Block, data []byte) []byte {
	const size = aes.BlockSize
	subkey := doubled(enciphered(block, make([]byte, size))) // K1
	mac := make([]byte, size)
	for len(data) > size {
		subtle.XORBytes(mac, mac, data[:size])
		block.Encrypt(mac, mac)
		data = data[size:]
	}
	last := data
	if len(data) < size {
		subkey = doubled(subkey) // K2
		last = pad(data, size)
	}
	subtle.XORBytes(mac, mac, last)
	subtle.XORBytes(mac, mac, subkey)
	block.Encrypt(mac, mac)
	return mac
}

// doubled multiplies by two in GF(2^128), the step from one subkey to the next (NIST SP 800-38B, 6.1), without a branch
// on the secret.
func doubled(b []byte) []byte {
	const reduction = 0x87
	out := make([]byte, len(b))
	for i := range b {
		out[i] = b[i] << 1
		if i+1 < len(b) {
			out[i] |= b[i+1] >> 7
		}
	}
	out[len(out)-1] ^= reduction & -(b[0] >> 7)
	return out
}
