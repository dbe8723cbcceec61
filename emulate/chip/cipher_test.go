package chip

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCMACGivesTheExamplesOfRFC4493(t *testing.T) {
	m := newCMAC(AES128.block(bytesOf(t, "2b7e151628aed2a6abf7158809cf4f3c")))
	message := bytesOf(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef"+
		"f69f2445df4f9b17ad2b417be66c3710")
	for size, want := range map[int]string{
		0: "bb1d6929e9593728", 16: "070a16b46b4d4144", 40: "dfa66747de9ae630", 64: "51f0bebf7e3b9d92",
	} {
		if got := m.sum(message[:size]); hex.EncodeToString(got) != want {
			t.Errorf("%d bytes: %x, want %s", size, got, want)
		}
	}
}

func TestKeysAreDerivedAsPublished(t *testing.T) {
	secret := bytesOf(t, "28768d20701247dae81804c9e780ede582a9996db4a315020b2733197db84925") // Doc 9303-11, G.1
	for purpose, want := range map[uint32]string{
		keyForEncryption: "f5f0e35c0d7161ee6724ee513a0d9a7f", keyForMAC: "fe251c7858b356b24514b3bd5f4297d1",
	} {
		if got := AES128.deriveKey(secret, purpose); hex.EncodeToString(got) != want {
			t.Errorf("purpose %d: %x, want %s", purpose, got, want)
		}
	}
}

// The vector of the second block differs from that of the first, so a session in step decrypts what one out of step does
// not.
func TestTheCounterOfAESIsItsVector(t *testing.T) {
	for _, c := range []Cipher{AES128, AES192, AES256} {
		s := newSession(c.protection([]byte("a shared secret")))
		blocks := make([]byte, 2*s.blockSize())
		s.count()
		first := s.encrypt(s.counter, blocks)
		if !bytes.Equal(s.decrypt(s.counter, first), blocks) {
			t.Errorf("cipher %d: the same counter does not decrypt", c)
		}
		s.count()
		if bytes.Equal(s.encrypt(s.counter, blocks), first) {
			t.Errorf("cipher %d: the counter makes no difference", c)
		}
	}
}
