package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"
)

// TestAnEncodedMessageIsExactlyWhatRFC8017Says forges nothing: the key's owner signs messages that are encoded wrongly.
func TestAnEncodedMessageIsExactlyWhatRFC8017Says(t *testing.T) {
	how := algorithm{scheme: schemeRSAPSS, hash: crypto.SHA256, mask: crypto.SHA1, salt: 16}
	for _, bits := range []int{1024, 1025, 1031, 1032} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			change func(block, encoded []byte) // before and after the mask
			want   bool
		}{
			"as it is":          {func(block, encoded []byte) {}, true},
			"another delimiter": {func(block, encoded []byte) { block[len(block)-17] = 2 }, false},
			"padding not zero":  {func(block, encoded []byte) { block[len(block)-18] = 1 }, false},
			"another salt":      {func(block, encoded []byte) { block[len(block)-1] ^= 1 }, false},
			"another trailer":   {func(block, encoded []byte) { encoded[len(encoded)-1] = 0xCC }, false},
			"another hash":      {func(block, encoded []byte) { encoded[len(encoded)-2] ^= 1 }, false},
		} {
			digest := bytes.Repeat([]byte{7}, 32)
			encoded := encodePSS(how, bits-1, digest, c.change)
			signature := new(big.Int).Exp(new(big.Int).SetBytes(encoded), key.D, key.N).FillBytes(make([]byte, key.Size()))
			if got := verifyPSS(&key.PublicKey, how, digest, signature); got != c.want {
				t.Errorf("%d bits, %s: %v", bits, name, got)
			}
			if verifyPSS(&key.PublicKey, how, digest, append([]byte{0}, signature...)) {
				t.Errorf("%d bits, %s: longer than the modulus", bits, name)
			}
		}
	}
}

// encodePSS is EMSA-PSS-ENCODE (RFC 8017, 9.1.1) with a salt of zeros, spoilt by change.
func encodePSS(how algorithm, bits int, digest []byte, change func(block, encoded []byte)) []byte {
	salt := make([]byte, how.salt)
	hash := how.hash.New()
	hash.Write(make([]byte, 8))
	hash.Write(digest)
	hash.Write(salt)
	stated := hash.Sum(nil)
	encoded := make([]byte, (bits+7)/8)
	block := encoded[:len(encoded)-len(stated)-1]
	block[len(block)-len(salt)-1] = 1
	change(block, encoded)
	unmask(block, how.mask, stated)
	block[0] &= 0xFF >> (8*len(encoded) - bits)
	copy(encoded[len(block):], stated)
	encoded[len(encoded)-1] = trailer
	change(make([]byte, len(block)), encoded)
	return encoded
}
