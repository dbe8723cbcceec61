package emrtd

import (
	"errors"
	"fmt"
	"math/big"
)

// The constants c0 and c1 of the pseudo-random function, for 3DES and AES-128, and for AES-192 and AES-256 (ICAO
// Doc 9303-11, 4.4.3.3.2).
const (
	shortC0 = "\xA6\x68\x89\x2A\x7C\x41\xE3\xCA\x73\x9F\x40\xB0\x57\xD8\x59\x04"
	shortC1 = "\xA4\xE1\x36\xAC\x72\x5F\x73\x8B\x01\xC1\xF6\x02\x17\xC1\x88\xAD"
	longC0  = "\xD4\x63\xD6\x52\x34\x12\x4E\xF7\x89\x70\x54\x98\x6D\xCA\x0A\x17" +
		"\x4E\x28\xDF\x75\x8C\xBA\xA0\x3F\x24\x06\x16\x41\x4D\x5A\x16\x76"
	longC1 = "\x54\xBD\x72\x55\xF0\xAA\xF8\x31\xBE\xC3\x42\x3F\xCF\x39\xD6\x9B" +
		"\x6C\xBF\x06\x66\x77\xD0\xFA\xAE\x5A\xAD\xD9\x9D\xF8\xE5\x35\x17"
)

// errMapping says that a nonce could not be mapped to a generator.
var errMapping = errors.New("nonce cannot be mapped")

// genericMapping gives the generator s·G + H, where H was agreed on (ICAO Doc 9303-11, 4.4.3.3.1).
func genericMapping(g group, nonce []byte, agreed element) (element, error) {
	mapped := g.generator().multiply(nonce).combine(agreed)
	if mapped.neutral() {
		return nil, errMapping
	}
	return mapped, nil
}

// integratedMapping gives the generator that the chip's nonce s and the terminal's nonce t stand for (ICAO Doc 9303-11,
// 4.4.3.3.2).
func integratedMapping(g group, c cipherID, s, t []byte) (element, error) {
	if want := len(c.mappingConstant(0)); len(s) != want {
		return nil, fmt.Errorf("%w: %d bytes, not %d", errMapping, len(s), want)
	}
	mapped, err := g.fromField(c.pseudoRandom(s, t, g.fieldPrime()))
	if err != nil {
		return nil, err
	}
	if mapped.neutral() {
		return nil, errMapping
	}
	return mapped, nil
}

// mappingConstant gives c0 or c1; it is as long as the nonce s.
func (c cipherID) mappingConstant(i int) []byte {
	if c.keySize() > 16 {
		return []byte([...]string{longC0, longC1}[i])
	}
	return []byte([...]string{shortC0, shortC1}[i])
}

// pseudoRandom is the function Rp(s, t): a chain of keys, the first s enciphered under t, each of which gives the next
// and a part of the number (ICAO Doc 9303-11, figure 2). All is enciphered in CBC mode with a zero initialisation vector.
func (c cipherID) pseudoRandom(s, t []byte, p *big.Int) *big.Int {
	encipher := func(key, data []byte) []byte {
		block := c.block(key)
		return encryptCBC(block, make([]byte, block.BlockSize()), data)
	}
	var number []byte
	defer func() { clear(number) }()
	for key := encipher(t, s); len(number)*8 < p.BitLen()+64; {
		truncated := key[:c.keySize()]
		number = append(number, encipher(truncated, c.mappingConstant(1))...)
		key = encipher(truncated, c.mappingConstant(0))
	}
	v := new(big.Int).SetBytes(number)
	return v.Mod(v, p)
}
