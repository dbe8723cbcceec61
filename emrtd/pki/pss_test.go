package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
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
			other  bool // it is a signature, of another digest
		}{
			"as it is":          {func(block, encoded []byte) {}, true, false},
			"another delimiter": {func(block, encoded []byte) { block[len(block)-17] = 2 }, false, false},
			"padding not zero":  {func(block, encoded []byte) { block[len(block)-18] = 2 }, false, false},
			"another salt":      {func(block, encoded []byte) { block[len(block)-1] ^= 1 }, false, true},
			"another trailer":   {func(block, encoded []byte) { encoded[len(encoded)-1] = 0xCC }, false, false},
			"another hash":      {func(block, encoded []byte) { encoded[len(encoded)-2] ^= 1 }, false, false},
		} {
			digest := bytes.Repeat([]byte{7}, 32)
			encoded := encodePSS(how, bits-1, digest, c.change)
			signature := new(big.Int).Exp(new(big.Int).SetBytes(encoded), key.D, key.N).FillBytes(make([]byte, key.Size()))
			opened, _ := rsaKey{PublicKey: &key.PublicKey}.open(signature)
			for _, salt := range []int{how.salt, anySalt} {
				how.salt = salt
				got, err := how.verifyPSS(opened, bits-1, digest)
				if (err == nil) != c.want || c.want && got != 16 {
					t.Errorf("%d bits, %s: a salt of %d, %v", bits, name, got, err)
				}
				if known := errors.Is(err, ErrOtherContent); known != c.other {
					t.Errorf("%d bits, %s: of other content %v", bits, name, known)
				}
			}
			how.salt = 16
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
