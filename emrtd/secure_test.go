package emrtd

import (
	"bytes"
	"context"
	"crypto/aes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var allCiphers = []cipherID{cipher3DES, cipherAES128, cipherAES192, cipherAES256}

// The examples of NIST SP 800-38B, D.1 to D.3, and RFC 4493.
func TestCMACsAreThoseOfTheStandard(t *testing.T) {
	message := unhex(t, "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51"+
		"30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710")
	for _, c := range []struct {
		key    string
		length int
		want   string
	}{
		{"2B7E151628AED2A6ABF7158809CF4F3C", 0, "BB1D6929E95937287FA37D129B756746"},
		{"2B7E151628AED2A6ABF7158809CF4F3C", 16, "070A16B46B4D4144F79BDD9DD04A287C"},
		{"2B7E151628AED2A6ABF7158809CF4F3C", 40, "DFA66747DE9AE63030CA32611497C827"},
		{"2B7E151628AED2A6ABF7158809CF4F3C", 64, "51F0BEBF7E3B9D92FC49741779363CFE"},
		{"8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B", 0, "D17DDF46ADAACDE531CAC483DE7A9367"},
		{"8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B", 40, "8A1DE5BE2EB31AAD089A82E6EE908B0E"},
		{"603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4", 16, "28A7023F452E8F82BD4BF28D8C37C35C"},
		{"603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4", 64, "E1992190549F6ED5696A2C056C315410"},
	} {
		got := cmac(mustBlock(aes.NewCipher(unhex(t, c.key))), message[:c.length])
		if !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("%d-bit key, %d bytes: %X, want %s", len(c.key)*4, c.length, got, c.want)
		}
	}
}

func TestKeysAreDerivedAsInTheWorkedExamples(t *testing.T) {
	for name, c := range map[string]struct {
		cipher  cipherID
		secret  string
		counter byte
		want    string
	}{
		"G.1 password": {cipherAES128, "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD", 3, "89DED1B26624EC1E634C1989302849DD"},
		"G.1 encryption": {cipherAES128, "28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925", 1,
			"F5F0E35C0D7161EE6724EE513A0D9A7F"},
		"G.1 authentication": {cipherAES128, "28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925", 2,
			"FE251C7858B356B24514B3BD5F4297D1"},
	} {
		if got := c.cipher.derive(unhex(t, c.secret), c.counter); !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("%s: %X", name, got)
		}
	}
	for i, size := range []int{16, 16, 24, 32} {
		if got := allCiphers[i].derive([]byte("secret"), 1); len(got) != size {
			t.Errorf("cipher %d: key of %d bytes", allCiphers[i], len(got))
		}
	}
}

// The commands are of a card that was opened by PACE with AES-128, its session keys published with them.
func TestACommandUnderAESIsProtectedAsAChipInTheFieldTookIt(t *testing.T) {
	s := newSecureMessaging(&aesKeys{
		enc: unhex(t, "A8E85E938514EC67AE33CDA3D43D3C48"), mac: unhex(t, "27F1ADEB705A049A305B0C619B14B9B3")})
	got := s.protect(command{ins: insSelect, p1: 0x02, p2: 0x0C, data: []byte{0x01, 0x1D}})
	want := unhex(t, "0CA4020C1D87110147EE2E3BD440FB596167F2BB6CD6395E8E08A105747484314BCF00")
	if !bytes.Equal(got, want) {
		t.Errorf("%X, the chip took %X", got, want)
	}
	if _, status, err := s.unprotect(unhex(t, "990290008E085F570BADDD1002D29000")); err != nil || status != statusOK {
		t.Errorf("%04X, %v", status, err)
	}
}

func TestWhatTheChipProtectsTheReaderOpensByEveryCipher(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cipher := rapid.SampledFrom(allCiphers).Draw(rt, "cipher")
		reader := newSecureMessaging(cipher.sessionKeys([]byte("shared secret")))
		chip := &testChip{session: newSecureMessaging(cipher.sessionKeys([]byte("shared secret")))}
		for range rapid.IntRange(1, 300).Draw(rt, "commands before") {
			reader.count()
			chip.session.count()
		}
		data := rapid.SliceOfN(rapid.Byte(), 0, reader.maxData(256)).Draw(rt, "data")
		answer := chip.protect(data, statusOK)
		if len(answer) > maxShortAnswer {
			rt.Fatalf("%d bytes make an answer of %d", len(data), len(answer))
		}
		got, status, err := reader.unprotect(answer)
		if err != nil || status != statusOK || !bytes.Equal(got, data) {
			rt.Fatalf("%X, %04X, %v", got, status, err)
		}
	})
}

func TestAnAnswerThatIsPlayedAgainIsNotTaken(t *testing.T) {
	for _, cipher := range allCiphers {
		chip := &testChip{session: newSecureMessaging(cipher.sessionKeys([]byte("shared secret")))}
		reader := newSecureMessaging(cipher.sessionKeys([]byte("shared secret")))
		answer := chip.protect([]byte("data"), statusOK)
		if _, _, err := reader.unprotect(answer); err != nil {
			t.Fatal(err)
		}
		if _, _, err := reader.unprotect(answer); !errors.Is(err, ErrSecureMessaging) {
			t.Errorf("cipher %d: %v", cipher, err)
		}
	}
}

func TestTheCounterCarriesOverAllItsBytes(t *testing.T) {
	s := &secureMessaging{ssc: unhex(t, "00FFFFFFFFFFFFFF")}
	s.count()
	if want := unhex(t, "0100000000000000"); !bytes.Equal(s.ssc, want) {
		t.Errorf("%X, want %X", s.ssc, want)
	}
}

func TestOneAnswerCarriesAsMuchAsFits(t *testing.T) {
	for cipher, want := range map[cipherID]int{cipher3DES: 231, cipherAES128: 223, cipherAES256: 223} {
		chip := &testChip{session: newSecureMessaging(cipher.sessionKeys(nil))}
		if got := chip.session.maxData(256); got != want {
			t.Errorf("cipher %d: %d bytes, want %d", cipher, got, want)
		}
		if answer := chip.protect(make([]byte, want+1), statusOK); len(answer) <= maxShortAnswer {
			t.Errorf("cipher %d: a byte more still fits", cipher)
		}
	}
}

func TestKeysAreClearedAtTheEnd(t *testing.T) {
	for _, cipher := range allCiphers {
		c := &channel{sm: newSecureMessaging(cipher.sessionKeys([]byte("secret")))}
		c.close()
		left := fmt.Sprint(c.sm.keys)
		if slices.ContainsFunc([]byte(left), func(b byte) bool { return b >= '1' && b <= '9' }) {
			t.Errorf("cipher %d: session keys are still there: %s", cipher, left)
		}
	}
}

// Somebody on the link may keep an answer back, refuse in clear in the chip's name, and give the answer to what the
// terminal asks next under the same counter.
func TestAnAnswerThatWasKeptBackIsBelievedForNoOtherCommand(t *testing.T) {
	first := command{op: "first", ins: insReadBinary, p1: 0x81, expectedLength: 100}
	for name, c := range map[string]struct {
		next command
		want bool
	}{
		"the same":       {first, true},
		"less of it":     {command{op: "less", ins: insReadBinary, p1: 0x81, expectedLength: 50}, true},
		"another file":   {command{op: "other", ins: insReadBinary, p1: 0x82, expectedLength: 100}, false},
		"another offset": {command{op: "offset", ins: insReadBinary, p1: 0x01, expectedLength: 100}, false},
		"other data":     {command{op: "data", ins: insReadBinary, p1: 0x81, data: []byte{1}, expectedLength: 100}, false},
		"a selection":    {command{op: "select", ins: insSelect, p1: 0x02, data: []byte{1, 1}}, false},
	} {
		chip := &testChip{session: newSecureMessaging(cipherAES128.sessionKeys(make([]byte, 16)))}
		chip.session.count() // the first command
		kept := chip.protect([]byte("what the chip gave"), statusOK)
		terminal := &channel{reading: &Reading{}, sm: newSecureMessaging(cipherAES128.sessionKeys(make([]byte, 16)))}
		answers := [][]byte{{0x67, 0x00}, kept}
		terminal.card = cardFunc(func([]byte) []byte {
			answer := answers[0]
			answers = answers[1:]
			return answer
		})
		if _, _, err := terminal.exchange(context.Background(), first); !errors.Is(err, ErrSecureMessaging) {
			t.Fatal(err)
		}
		data, _, err := terminal.exchange(context.Background(), c.next)
		if believed := err == nil; believed != c.want || !believed && !errors.Is(err, ErrSecureMessaging) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

// cardFunc is a card that answers by a function.
type cardFunc func(command []byte) []byte

func (f cardFunc) Transmit(_ context.Context, command []byte) ([]byte, error) { return f(command), nil }
