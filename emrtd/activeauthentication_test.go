package emrtd_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emulate/chip"
)

func TestActiveAuthenticationAnswersAChallengeThatWasDrawn(t *testing.T) {
	for _, c := range signingKeys(t) {
		files := chipWith(map[int][]byte{15: c.key.DG15()})
		public, err := pki.ParseDG15(files["DG15"])
		if err != nil {
			t.Fatal(err)
		}
		card := passport(t, files, chip.Options{ActiveAuthentication: c.key})
		proof := readAll(t, card, files).ActiveAuthentication
		if proof == nil || proof.Err != nil || len(proof.Challenge) != 8 {
			t.Fatalf("%s: %+v", c.name, proof)
		}
		if _, err := public.Check(proof.Challenge, proof.Response, c.hash); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		card.Reset()
		again := readAll(t, card, files).ActiveAuthentication
		if bytes.Equal(again.Challenge, proof.Challenge) {
			t.Errorf("%s: the same challenge twice", c.name)
		}
		if _, err := public.Check(again.Challenge, proof.Response, c.hash); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s: an answer to another challenge: %v", c.name, err)
		}
	}
}

// signingKey is a key pair for active authentication; hash is that of DG14, for ECDSA.
type signingKey struct {
	name string
	key  chip.ActiveAuthenticationKey
	hash crypto.Hash
}

func signingKeys(t testing.TB) []signingKey {
	t.Helper()
	keys := []signingKey{rsaSigner(t, 1024, crypto.SHA1), rsaSigner(t, 1280, crypto.SHA224), rsaSigner(t, 2048, crypto.SHA256)}
	for id, hash := range map[int]crypto.Hash{12: crypto.SHA256, 13: crypto.SHA224, 17: crypto.SHA512} {
		private, err := chip.NewPrivateKey(id, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key := chip.ECDSAKey{Parameters: id, Private: private, Hash: hash}
		keys = append(keys, signingKey{fmt.Sprintf("ECDSA, parameters %d", id), key, hash})
	}
	return keys
}

func rsaSigner(t testing.TB, bits int, hash crypto.Hash) signingKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return signingKey{fmt.Sprintf("RSA-%d", bits), chip.RSAKey{Private: private, Hash: hash}, 0}
}

func TestACloneCannotAnswerTheChallenge(t *testing.T) {
	others := signingKeys(t)
	for i, c := range signingKeys(t) {
		files := chipWith(map[int][]byte{15: c.key.DG15()})
		public, err := pki.ParseDG15(files["DG15"])
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range others[i:] { // the same kind of key, or a longer one
			proof := readAll(t, passport(t, files, chip.Options{ActiveAuthentication: other.key}), files).ActiveAuthentication
			_, err := public.Check(proof.Challenge, proof.Response, c.hash)
			if proof.Err == nil && !errors.Is(err, pki.ErrSignature) && !errors.Is(err, pki.ErrMalformed) {
				t.Errorf("%s, answered by %s: %v", c.name, other.name, err)
			}
		}
		proof := readAll(t, passport(t, files, chip.Options{}), files).ActiveAuthentication
		var refusal *emrtd.StatusError
		if proof == nil || proof.Response != nil || !errors.As(proof.Err, &refusal) || refusal.Status != 0x6D00 {
			t.Errorf("%s, no key: %+v", c.name, proof)
		}
	}
}

func TestALongSignatureTakesExtendedLength(t *testing.T) {
	long := rsaSigner(t, 3072, crypto.SHA512)
	files := chipWith(map[int][]byte{15: long.key.DG15()})
	public, err := pki.ParseDG15(files["DG15"])
	if err != nil {
		t.Fatal(err)
	}
	o := chip.Options{ActiveAuthentication: long.key}
	for name, atrInfo := range map[string][]byte{"announced": nil, "not announced": {0x43, 1, 0xB8}} {
		if atrInfo != nil {
			files["EF.ATR/INFO"] = atrInfo
		}
		proof := readAll(t, passport(t, files, o), files).ActiveAuthentication
		if proof == nil || proof.Err != nil {
			t.Errorf("%s: %+v", name, proof)
		} else if _, err := public.Check(proof.Challenge, proof.Response); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.ShortOnly = true
	proof := readAll(t, passport(t, files, o), files).ActiveAuthentication
	var refusal *emrtd.StatusError
	if proof == nil || !errors.As(proof.Err, &refusal) || refusal.Status != 0x6700 {
		t.Errorf("short length only: %+v", proof)
	}
}
