package emrtd

import (
	"crypto/des"
	"crypto/subtle"
	"slices"
)

// tripleDES is a pair of two-key Triple-DES keys of 16 bytes each (ICAO Doc 9303-11, 9.8.6).
type tripleDES struct{ enc, mac []byte }

func (k *tripleDES) blockSize() int { return des.BlockSize }

func (k *tripleDES) clear() {
	clear(k.enc)
	clear(k.mac)
}

// encrypt enciphers in CBC mode with a zero initialisation vector, whatever the counter.
func (k *tripleDES) encrypt(_, plain []byte) []byte {
	return encryptCBC(cipher3DES.block(k.enc), make([]byte, des.BlockSize), plain)
}

func (k *tripleDES) decrypt(_, text []byte) ([]byte, error) {
	return decryptCBC(cipher3DES.block(k.enc), make([]byte, des.BlockSize), text)
}

// checksum gives the retail MAC (ISO/IEC 9797-1, MAC algorithm 3 with DES, zero initialisation vector).
func (k *tripleDES) checksum(blocks []byte) []byte {
	first, second := mustBlock(des.NewCipher(k.mac[:8])), mustBlock(des.NewCipher(k.mac[8:]))
	mac := make([]byte, des.BlockSize)
	for block := range slices.Chunk(blocks, des.BlockSize) {
		subtle.XORBytes(mac, mac, block)
		first.Encrypt(mac, mac)
	}
	second.Decrypt(mac, mac)
	first.Encrypt(mac, mac)
	return mac
}

// authenticate gives the retail MAC with padding method 2.
func (k *tripleDES) authenticate(data []byte) []byte { return k.checksum(pad(data, des.BlockSize)) }
