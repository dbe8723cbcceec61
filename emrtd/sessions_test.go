package emrtd_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emulate/chip"
)

// sessionsEach is how many random sessions are tried for each way to open a chip: what FOYER_CHIP_SESSIONS says, or 8.
func sessionsEach(t *testing.T) int {
	t.Helper()
	text := os.Getenv("FOYER_CHIP_SESSIONS")
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("FOYER_CHIP_SESSIONS=%q is not a number of sessions", text)
	}
	return n
}

func TestRandomSessionsAreReadAndProvedWhole(t *testing.T) {
	signers := signingKeys(t)
	for i, name := range []string{"BAC", "PACE-GM", "PACE-IM", "PACE-CAM"} {
		t.Run(name, func(t *testing.T) {
			for n := range sessionsEach(t) {
				s := newSession(byte(i), n)
				var o chip.Options
				if i > 0 {
					o.PACE = []chip.PACEInfo{s.pace(mappings[i-1])}
				}
				if err := s.prove(t, o, signers[s.choice.IntN(len(signers))]); err != nil {
					t.Fatalf("session %d, %+v: %v", n, o.PACE, err)
				}
			}
		})
	}
}

// session is a chip and a reading that are drawn from its number, the same every time.
type session struct {
	random *rand.ChaCha8
	choice *rand.Rand
}

func newSession(kind byte, n int) session {
	seed := [32]byte{kind}
	binary.BigEndian.PutUint64(seed[1:], uint64(n))
	random := rand.NewChaCha8(seed)
	return session{random, rand.New(random)}
}

func (s session) cipher() chip.Cipher { return chip.TripleDES + chip.Cipher(s.choice.IntN(4)) }

// group is one of standardized domain parameters.
func (s session) group() int {
	if n := s.choice.IntN(14); n > 2 {
		return n + 5
	}
	return s.choice.IntN(3)
}

// pace is a variant of PACE with the mapping, such as the standard has.
func (s session) pace(mapping chip.Mapping) chip.PACEInfo {
	for {
		info := chip.PACEInfo{Mapping: mapping, Cipher: s.cipher(), Parameters: s.group()}
		if _, err := emulated(chip.Options{PACE: []chip.PACEInfo{info}}); err == nil {
			return info
		}
	}
}

// key draws a static key pair.
func (s session) key(t *testing.T, id, parameters int) chip.ChipAuthenticationKey {
	t.Helper()
	private, err := chip.NewPrivateKey(parameters, s.random)
	if err != nil {
		t.Fatal(err)
	}
	ciphers := []chip.Cipher{s.cipher()}
	return chip.ChipAuthenticationKey{ID: id, Parameters: parameters, Ciphers: ciphers, Private: private}
}

// prove reads a chip that can prove itself in every way; the error is what the reading or a proof failed by.
func (s session) prove(t *testing.T, o chip.Options, signer signingKey) error {
	t.Helper()
	key := s.key(t, 99, s.group())
	files := chipWith(map[int][]byte{14: dg14(t, key), 15: signer.key.DG15()})
	o.NoSetKAT, o.Random, o.ActiveAuthentication = s.choice.IntN(2) == 0, s.random, signer.key
	o.ChipAuthentication = []chip.ChipAuthenticationKey{key}
	var mapped chip.ChipAuthenticationKey
	if len(o.PACE) > 0 && o.PACE[0].Mapping == chip.ChipAuthenticationMapping {
		mapped = s.key(t, o.PACE[0].Parameters, o.PACE[0].Parameters)
		o.ChipAuthentication = append(o.ChipAuthentication, mapped)
	}
	reading, err := emrtd.Read(context.Background(), passport(t, files, o), printedKey, emrtd.Options{Rand: s.random})
	if err != nil {
		return err
	}
	if err := reading.ChipAuthentication.Err; err != nil {
		return err
	}
	if mapped.ID != 0 {
		if err := reading.Mapping.Verify(publicKey(t, mapped)); err != nil {
			return err
		}
	}
	public, err := pki.ParseDG15(files["DG15"])
	if err != nil {
		return err
	}
	_, err = public.Check(reading.ActiveAuthentication.Challenge, reading.ActiveAuthentication.Response, signer.hash)
	return err
}
