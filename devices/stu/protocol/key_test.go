package protocol_test

import (
	"bytes"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

func TestTheKeyIsWhatStandsLastInWhatThePadEncrypted(t *testing.T) {
	own, err := rsa.GenerateKey(rand.Reader, protocol.RSABits)
	if err != nil {
		t.Fatal(err)
	}
	key := bytes.Repeat([]byte{7}, 32)
	for name, c := range map[string]struct {
		plain []byte
		want  error
	}{
		"the key":                       {key, nil},
		"something in front of the key": {append([]byte{1, 2, 3}, key...), nil},
		"too little":                    {key[:31], devices.ErrProtocol},
	} {
		encrypted, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, &own.PublicKey, c.plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := protocol.UnwrapKey(own, encrypted)
		if !errors.Is(err, c.want) || c.want == nil && !bytes.Equal(got, key) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
	if _, err := protocol.UnwrapKey(own, make([]byte, 256)); !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("what nobody encrypted: %v, want ErrProtocol", err)
	}
}

func TestThePadSaysHowFarItIsWithAKey(t *testing.T) {
	ready := []byte{2, 0x82, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	with := func(at int, v byte) []byte {
		b := bytes.Clone(ready)
		b[at] = v
		return b
	}
	for name, c := range map[string]struct {
		status []byte
		busy   bool
		want   error
	}{
		"done":                    {ready, false, nil},
		"at it":                   {with(5, 0xfa), true, nil},
		"no key":                  {with(5, 1), false, devices.ErrProtocol},
		"a modulus that is bad":   {with(4, 1), false, devices.ErrProtocol},
		"an exponent that is":     {with(3, 1), false, devices.ErrProtocol},
		"refused":                 {with(6, 1), false, devices.ErrProtocol},
		"a shorter key than ours": {with(0, 0), false, devices.ErrProtocol},
		"cut short":               {ready[:15], false, devices.ErrProtocol},
	} {
		if busy, err := protocol.KeyProgress(c.status); busy != c.busy || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, busy, err)
		}
	}
}

// prime is the largest prime of 128 bits.
func prime() []byte {
	p := bytes.Repeat([]byte{0xff}, 16)
	p[15] = 0x61
	return p
}

func TestBothEndsOfAnExchangeHaveTheSameKey(t *testing.T) {
	one, err := protocol.NewExchange(prime(), []byte{0, 5}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, p := big.NewInt(123456789), new(big.Int).SetBytes(prime())
	peer := new(big.Int).Exp(big.NewInt(5), secret, p).FillBytes(make([]byte, 16))
	want := new(big.Int).Exp(new(big.Int).SetBytes(one.Public()), secret, p).FillBytes(make([]byte, 16))
	if got, err := one.Key(peer); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, %v, want %x", got, err, want)
	}
}

func TestAGroupOrANumberThatKeepsNoSecretIsRefused(t *testing.T) {
	if _, err := protocol.NewExchange(make([]byte, 16), []byte{0, 5}, rand.Reader); !errors.Is(err, protocol.ErrNoKeys) {
		t.Errorf("a prime of zero: %v, want ErrNoKeys", err)
	}
	even := prime()
	even[15] = 0x60
	for name, group := range map[string][2][]byte{
		"even": {even, {0, 5}}, "short": {prime()[:8], {0, 5}}, "small": {append(make([]byte, 15), 7), {0, 5}},
		"a base of one": {prime(), {0, 1}}, "no base": {prime(), nil},
	} {
		if _, err := protocol.NewExchange(group[0], group[1], rand.Reader); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
	minusOne := prime()
	minusOne[15]--
	for name, peer := range map[string][]byte{
		"zero": make([]byte, 16), "one": append(make([]byte, 15), 1), "minus one": minusOne, "the prime": prime(), "short": {1, 2},
	} {
		e, err := protocol.NewExchange(prime(), []byte{0, 5}, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Key(peer); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
}

// sealed is a block under a key of 32 zeros.
func sealed(t *testing.T, plain []byte) []byte {
	t.Helper()
	c, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 16)
	c.Encrypt(b, plain)
	return b
}

func TestEncryptedSamplesAreReadInTheirOwnSessionAlone(t *testing.T) {
	const id = 0x01020304
	pen := []byte{0x91, 0xf4, 0x15, 0x18, 0x0c, 0xa8}
	want := protocol.Pen{Ready: true, Down: true, Pressure: 500, X: 5400, Y: 3240}
	timed := append(append(append([]byte{}, pen...), 0x12, 0x34, 0, 7, 0, 0), 1, 2, 3, 4)
	two := append(append(binary.BigEndian.AppendUint32(nil, id), pen...), pen...)
	numbered, second := want, want
	numbered.Numbered, numbered.Number = true, 7
	second.Numbered, second.Number = true, 8
	withTime := numbered
	withTime.Timed, withTime.Time = true, 0x1234
	for name, c := range map[string]struct {
		message protocol.Message
		want    []protocol.Pen
	}{
		"with time and number": {protocol.Message{Report: protocol.PenDataTimedEncrypted, Content: sealed(t, timed)}, []protocol.Pen{withTime}},
		"two":                  {protocol.Message{Report: protocol.PenDataEncrypted, Content: sealed(t, two)}, []protocol.Pen{want, want}},
		"two with numbers": {protocol.Message{Report: protocol.PenDataEncryptedOption, Content: append(sealed(t, two), 0, 7, 0, 8)},
			[]protocol.Pen{numbered, second}},
	} {
		for session, ours := range map[uint32]bool{id: true, id + 1: false} {
			key := make([]byte, 32)
			s, err := protocol.NewSession(key, session)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := s.Open(c.message, size530)
			if ok != ours || ours && !cmp.Equal(got, c.want) {
				t.Errorf("%s, in its own session %v: %+v, %v", name, ours, got, ok)
			}
		}
	}
}

func TestAKeyIsClearedWhereItIsTaken(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 16)
	if _, err := protocol.NewSession(key, 1); err != nil || !bytes.Equal(key, make([]byte, 16)) {
		t.Errorf("%v, the key is %x", err, key)
	}
}
