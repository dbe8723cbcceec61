package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

func activeKey(t testing.TB, public any) *pki.ActiveKey {
	t.Helper()
	key, err := pki.ParseDG15(pkitest.DG15(t, public))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newRSA(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// raised is what the key makes of a whole message, without any padding of its own.
func raised(key *rsa.PrivateKey, message []byte) []byte {
	s := new(big.Int).Exp(new(big.Int).SetBytes(message), key.D, key.N)
	return s.FillBytes(make([]byte, key.Size()))
}

// The message of ICAO Doc 9303-11, appendix F, signed with a key made here: the appendix keeps its own to itself.
func TestTheMessageOfAppendixFIsASignatureOverItsChallenge(t *testing.T) {
	message, _ := hex.DecodeString("6A9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C" +
		"98599F40B79F377B5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD" +
		"4E7292E2DCDA3024B47DA8C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127BC")
	challenge, _ := hex.DecodeString("F173589974BF40C6")
	private := newRSA(t, 1024)
	key := activeKey(t, &private.PublicKey)
	if _, err := key.Check(challenge, raised(private, message)); err != nil {
		t.Error(err)
	}
	challenge[0] ^= 1
	if _, err := key.Check(challenge, raised(private, message)); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("over another challenge: %v", err)
	}
}

var trailers = map[crypto.Hash][]byte{
	crypto.SHA1: {0xBC}, crypto.SHA224: {0x38, 0xCC}, crypto.SHA256: {0x34, 0xCC}, crypto.SHA384: {0x36, 0xCC}, crypto.SHA512: {0x35, 0xCC},
}

// recoverable is a whole message of an RSA key's length: header, the chip's own part, hash, trailer.
func recoverable(size int, hash crypto.Hash, challenge []byte) []byte {
	own := bytes.Repeat([]byte{0x5A}, size-1-hash.Size()-len(trailers[hash]))
	h := hash.New()
	h.Write(own)
	h.Write(challenge)
	return slices.Concat([]byte{0x6A}, own, h.Sum(nil), trailers[hash])
}

func TestARSAKeyAnswersWithTheHashFunctionThatItsTrailerNames(t *testing.T) {
	private, challenge := newRSA(t, 2048), []byte("8 octets")
	key := activeKey(t, &private.PublicKey)
	for hash := range trailers {
		if _, err := key.Check(challenge, raised(private, recoverable(256, hash, challenge))); err != nil {
			t.Errorf("%v: %v", hash, err)
		}
	}
}

func TestAnswersThatAreNoSignatureAreRefused(t *testing.T) {
	private, challenge := newRSA(t, 1024), []byte("8 octets")
	key := activeKey(t, &private.PublicKey)
	good := recoverable(128, crypto.SHA256, challenge)
	changed := func(at int, b byte) []byte {
		message := bytes.Clone(good)
		message[at] = b
		return raised(private, message)
	}
	for what, response := range map[string][]byte{
		"above the modulus": bytes.Repeat([]byte{0xFF}, 128), "zero": make([]byte, 128), "another key's": raised(newRSA(t, 1024), good),
		"another header": changed(0, 0x5A), "another message": changed(1, 0), "another hash": changed(100, good[100]^1),
		"no trailer": changed(127, 0),
	} {
		if _, err := key.Check(challenge, response); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnECDSAKeyAnswersWithTwoNumbersSideBySide(t *testing.T) {
	challenge := []byte("8 octets")
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P521()} {
		private, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		h := crypto.SHA256.New()
		h.Write(challenge)
		r, s, err := ecdsa.Sign(rand.Reader, private, h.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		size := (c.Params().BitSize + 7) / 8
		response := append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		key := activeKey(t, &private.PublicKey)
		if _, err := key.Check(challenge, response, crypto.SHA256); err != nil {
			t.Errorf("%s: %v", c.Params().Name, err)
		}
		for _, bad := range [][]byte{make([]byte, 2*size), append(bytes.Clone(response[size:]), response[:size]...)} {
			if _, err := key.Check(challenge, bad, crypto.SHA256); !errors.Is(err, pki.ErrSignature) {
				t.Errorf("%s: %X: %v", c.Params().Name, bad, err)
			}
		}
	}
}

func TestADG15WithoutAKeyIsAnError(t *testing.T) {
	private := newRSA(t, 1024)
	good := pkitest.DG15(t, &private.PublicKey)
	for _, file := range [][]byte{nil, good[:20], append([]byte{0x6E}, good[1:]...), {0x6F, 0x00}, {0x6F, 0x02, 0x30, 0x00}} {
		if _, err := pki.ParseDG15(file); err == nil {
			t.Errorf("%X is taken", file)
		}
	}
}

func FuzzDG15(f *testing.F) {
	private := newRSA(f, 1024)
	f.Add(pkitest.DG15(f, &private.PublicKey), raised(private, recoverable(128, crypto.SHA1, []byte("8 octets"))))
	f.Fuzz(func(t *testing.T, file, response []byte) {
		if key, err := pki.ParseDG15(file); err == nil {
			_, _ = key.Check([]byte("another!"), response, crypto.SHA256)
			_, _ = key.Check([]byte("another!"), response)
		}
	})
}
