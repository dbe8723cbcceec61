package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// The chip's challenges of these tests: the one that was sent, and one that was not.
var sent, replayed = []byte("8 octets"), []byte("another!")

// ecdsaPair signs a challenge by ECDSA.
func ecdsaPair(t testing.TB, key *ecdsa.PrivateKey, hash crypto.Hash, challenge []byte) (r, s *big.Int) {
	t.Helper()
	h := hash.New()
	h.Write(challenge)
	r, s, err := ecdsa.Sign(rand.Reader, key, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

// code is that of the deviation that must tell a form; of forms with the same, names have primes behind them.
func code(name string) string { return strings.TrimRight(name, "'") }

// pairForms are the ways in which chips write a pair, by the code of the deviation that must tell them.
func pairForms(t testing.TB, r, s *big.Int, size int) map[string][]byte {
	t.Helper()
	der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		t.Fatal(err)
	}
	fixed := func(v *big.Int, size int) []byte { return v.FillBytes(make([]byte, size)) }
	return map[string][]byte{
		"":            append(fixed(r, size), fixed(s, size)...),
		"sequence":    der,
		"sequence'":   append(bytes.Clone(der), 0, 0, 0),
		"extra_zeros": append(fixed(r, size+1), fixed(s, size+1)...),
		"sequence''":  unsigned(r, s),
	}
}

// unsigned is a sequence whose numbers have no sign, and whose length takes a byte more than it need.
func unsigned(r, s *big.Int) []byte {
	numbers := slices.Concat([]byte{2, byte(len(r.Bytes()))}, r.Bytes(), []byte{2, byte(len(s.Bytes()))}, s.Bytes())
	return slices.Concat([]byte{0x30, 0x82, 0, byte(len(numbers))}, numbers)
}

func TestAPairIsTakenInEveryFormThatTellsWhereItEnds(t *testing.T) {
	for _, c := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384()} {
		private, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, size := activeKey(t, &private.PublicKey), c.Params().BitSize/8
		r, s := ecdsaPair(t, private, crypto.SHA256, sent)
		wrongR, wrongS := ecdsaPair(t, private, crypto.SHA256, replayed)
		wrong := pairForms(t, wrongR, wrongS, size)
		for word, response := range pairForms(t, r, s, size) {
			told, err := key.Check(sent, response, crypto.SHA256)
			if err != nil || (word == "") != (len(told) == 0) || !strings.Contains(fmt.Sprint(told), code(word)) {
				t.Errorf("%s, %q: %v, %v", c.Params().Name, word, told, err)
			}
			if _, err := key.Check(sent, wrong[word], crypto.SHA256); !errors.Is(err, pki.ErrSignature) {
				t.Errorf("%s, %q over another challenge: %v", c.Params().Name, word, err)
			}
		}
	}
}

func TestANumberMayLackItsLeadingZero(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := activeKey(t, &private.PublicKey)
	for short := 0; short < 2; {
		r, s := ecdsaPair(t, private, crypto.SHA256, sent)
		if len(r.Bytes())+len(s.Bytes()) != 63 {
			continue
		}
		short++
		told, err := key.Check(sent, append(r.Bytes(), s.Bytes()...), crypto.SHA256)
		if err != nil || len(told) != 1 {
			t.Errorf("%v, %v", told, err)
		}
	}
}

// An answer of the plain form's length that begins as a sequence does is tested as what it is, and as both where it is both.
func TestAPlainAnswerThatBeginsAsASequenceDoesIsStillPlain(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := activeKey(t, &private.PublicKey)
	for begun := false; !begun; {
		r, s := ecdsaPair(t, private, crypto.SHA256, sent)
		plain := pairForms(t, r, s, 32)[""]
		if begun = plain[0] == 0x30; !begun {
			continue
		}
		if told, err := key.Check(sent, plain, crypto.SHA256); err != nil || len(told) > 0 {
			t.Errorf("%X: %v, %v", plain, told, err)
		}
	}
	number := append([]byte{0x02, 0x1D}, bytes.Repeat([]byte{7}, 29)...)
	both := slices.Concat([]byte{0x30, 0x3E}, number, number)
	if _, err := key.Check(sent, both, crypto.SHA256); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("a signature in neither reading: %v", err)
	}
}

func TestWithoutAStatedHashFunctionThatOfTheKeysSizeIsTriedFirst(t *testing.T) {
	for _, c := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		private, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, size := activeKey(t, &private.PublicKey), (c.Params().BitSize+7)/8
		for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			r, s := ecdsaPair(t, private, hash, sent)
			response := pairForms(t, r, s, size)[""]
			told, err := key.Check(sent, response)
			if err != nil || len(told) != 1 || told[0].Value() != hash.String() {
				t.Errorf("%s, %v: %v, %v", c.Params().Name, hash, told, err)
			}
			if _, err := key.Check(sent, response, hash); err != nil {
				t.Errorf("%s, %v stated: %v", c.Params().Name, hash, err)
			}
			if _, err := key.Check(replayed, response); !errors.Is(err, pki.ErrUnsupported) {
				t.Errorf("%s, %v, over another challenge, with nothing stated: %v", c.Params().Name, hash, err)
			}
		}
		r, s := ecdsaPair(t, private, crypto.SHA256, sent)
		response := pairForms(t, r, s, size)[""]
		told, err := key.Check(sent, response, crypto.SHA384)
		if err != nil || len(told) != 1 || told[0] != "hash_stated=SHA-256" {
			t.Errorf("%s: not the stated hash function: %q, %v", c.Params().Name, told, err)
		}
		if _, err := key.Check(replayed, response, crypto.SHA384); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s: over another challenge: %v", c.Params().Name, err)
		}
	}
}

func TestAnAnswerThatIsNoPairProvesNothingEitherWay(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := activeKey(t, &private.PublicKey)
	r, s := ecdsaPair(t, private, crypto.SHA256, sent)
	good := pairForms(t, r, s, 32)
	for _, response := range [][]byte{
		nil, {0}, {0x30}, {0x30, 0x80}, good[""][:62], append(bytes.Clone(good[""]), 1), append(bytes.Clone(good["sequence"]), 1),
		good["sequence"][:60], bytes.Repeat([]byte{1}, 66), bytes.Repeat([]byte{0x30}, 2000),
	} {
		if _, err := key.Check(sent, response, crypto.SHA256); !errors.Is(err, pki.ErrMalformed) {
			t.Errorf("%X: %v", response, err)
		}
	}
}

// opening is the message that a signature of a key opens to: header and padding, the chip's part, the hash, the trailer.
type opening struct {
	head, message []byte
	hashed        []byte
	hash          crypto.Hash
	trailer       []byte
}

// fill is a message with the chip's part of what is left of size bytes.
func (o opening) fill(size int) []byte {
	own := bytes.Repeat([]byte{0x5A}, size-len(o.head)-len(o.message)-o.hash.Size()-len(o.trailer))
	h := o.hash.New()
	h.Write(own)
	h.Write(o.hashed)
	return slices.Concat(o.head, own, o.message, h.Sum(nil), o.trailer)
}

var padding = append(append([]byte{0x6B}, bytes.Repeat([]byte{0xBB}, 6)...), 0xBA)

// openings are the forms of ISO/IEC 9796-2 that chips use, over a challenge.
func openings(challenge []byte) map[string]opening {
	whole := append([]byte{0x4B}, padding[1:]...)
	return map[string]opening{
		"":                {[]byte{0x6A}, nil, challenge, crypto.SHA256, []byte{0x34, 0xCC}},
		"header=4A":       {[]byte{0x4A}, challenge, challenge, crypto.SHA256, []byte{0x34, 0xCC}},
		"header=4A'":      {[]byte{0x4A}, nil, challenge, crypto.SHA1, []byte{0xBC}},
		"header=4B":       {whole, challenge, challenge, crypto.SHA512, []byte{0x35, 0xCC}},
		"header=6B":       {padding, nil, challenge, crypto.SHA384, []byte{0x36, 0xCC}},
		"header=6B'":      {[]byte{0x6B, 0xBA}, nil, challenge, crypto.SHA224, []byte{0x38, 0xCC}},
		"trailer=SHA-1":   {[]byte{0x6A}, nil, challenge, crypto.SHA1, []byte{0x33, 0xCC}},
		"trailer=SHA-256": {[]byte{0x6A}, nil, challenge, crypto.SHA256, []byte{0xBC}},
		"trailer=SHA-384": {[]byte{0x6A}, nil, challenge, crypto.SHA384, []byte{0x33, 0xCC}},
		"trailer=SHA-512": {[]byte{0x6A}, nil, challenge, crypto.SHA512, []byte{0x36, 0xCC}},
		"trailer=SHA-224": {[]byte{0x6A}, nil, challenge, crypto.SHA224, []byte{0x35, 0xCC}},
	}
}

func TestASignatureWithRecoveryIsTakenInEveryFormOfTheStandard(t *testing.T) {
	private := newRSA(t, 1024)
	key := activeKey(t, &private.PublicKey)
	for word, o := range openings(sent) {
		signature := raised(private, o.fill(128))
		for added, response := range map[string][]byte{
			"": signature, "negated": offModulus(private, signature),
			"extra_zeros": append([]byte{0, 0}, signature...),
		} {
			told, err := key.Check(sent, response)
			text := strings.Trim(fmt.Sprint(told), "[]")
			if err != nil || !strings.Contains(text, code(word)) || !strings.Contains(text, added) || (word+added == "") != (text == "") {
				t.Errorf("%q %q: %q, %v", word, added, text, err)
			}
			if _, err := key.Check(replayed, response); err == nil || errors.Is(err, pki.ErrUnsupported) {
				t.Errorf("%q %q, over another challenge: %v", word, added, err)
			}
		}
	}
}

func TestAnotherSignatureOverTheChallengeByTheSameKeyIsOne(t *testing.T) {
	private, other := newRSA(t, 2048), newRSA(t, 2048)
	key := activeKey(t, &private.PublicKey)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		for scheme, options := range map[string]crypto.SignerOpts{
			"PKCS #1 v1.5": hash, "RSASSA-PSS": &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash},
			"PSS": &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: hash}, // as much as fits
		} {
			sign := func(by *rsa.PrivateKey) []byte {
				digest := hash.New()
				digest.Write(sent)
				signature, err := by.Sign(rand.Reader, digest.Sum(nil), options)
				if err != nil {
					t.Fatal(err)
				}
				return signature
			}
			answer := sign(private)
			if told, err := key.Check(sent, answer); err != nil || !strings.Contains(fmt.Sprint(told), scheme) {
				t.Errorf("%s, %v: %q, %v", scheme, hash, told, err)
			}
			if _, err := key.Check(replayed, answer); !errors.Is(err, pki.ErrSignature) {
				t.Errorf("%s, %v, over another challenge: %v", scheme, hash, err)
			}
			if _, err := key.Check(sent, sign(other)); !errors.Is(err, pki.ErrSignature) {
				t.Errorf("%s, %v, by another key: %v", scheme, hash, err)
			}
		}
	}
}

func offModulus(key *rsa.PrivateKey, signature []byte) []byte {
	s := new(big.Int).Sub(key.N, new(big.Int).SetBytes(signature))
	return s.FillBytes(make([]byte, key.Size()))
}

func TestASignatureMayLackItsLeadingZero(t *testing.T) {
	private := newRSA(t, 1024)
	key := activeKey(t, &private.PublicKey)
	for own := 0; ; own++ {
		o := openings(sent)[""]
		message := o.fill(128)
		h := crypto.SHA256.New()
		message[1], message[2] = byte(own>>8), byte(own)
		h.Write(message[1 : 128-34])
		h.Write(sent)
		copy(message[128-34:], h.Sum(nil))
		signature := raised(private, message)
		if signature[0] != 0 {
			continue
		}
		if told, err := key.Check(sent, bytes.TrimLeft(signature, "\x00")); err != nil || len(told) != 1 {
			t.Errorf("%v, %v", told, err)
		}
		return
	}
}

// What is not fixed and not hashed is room for a forger who has only the public key: he fits a number to the rest.
func TestNothingInASignatureIsLeftToChance(t *testing.T) {
	private := newRSA(t, 1024)
	key := activeKey(t, &private.PublicKey)
	loose := func(change func([]byte)) []byte {
		message := openings(sent)["header=6B"].fill(128)
		change(message)
		return raised(private, message)
	}
	elsewhere := opening{[]byte{0x4A}, append(bytes.Clone(sent), 0), append(bytes.Clone(sent), 0), crypto.SHA256, []byte{0x34, 0xCC}}
	unbound := opening{[]byte{0x4A}, nil, nil, crypto.SHA256, []byte{0x34, 0xCC}}
	for what, response := range map[string][]byte{
		"another octet in the padding":                  loose(func(m []byte) { m[3] = 0xBC }),
		"a padding of other nibbles":                    loose(func(m []byte) { m[3] = 0x8A }),
		"an octet that is no character in a text":       loose(func(m []byte) { m[3] = 0xFF }),
		"a padding that does not end":                   loose(func(m []byte) { copy(m[1:], bytes.Repeat([]byte{0xBB}, 125)) }),
		"a header of another kind":                      loose(func(m []byte) { m[0] = 0x2B }),
		"a header whose padding ends where it does not": loose(func(m []byte) { m[0] = 0x6A }),
		"garbage between hash and trailer":              loose(func(m []byte) { copy(m[70:], m[80:120]) }),
		"the challenge not at the end of the whole":     raised(private, elsewhere.fill(128)),
		"a whole message without the challenge":         raised(private, unbound.fill(128)),
		"one":                                           append(make([]byte, 127), 1),
		"one off the modulus":                           offModulus(private, append(make([]byte, 127), 1)),
		"the modulus":                                   private.N.Bytes(),
		"another key's":                                 raised(newRSA(t, 1024), openings(sent)[""].fill(128)),
	} {
		if told, err := key.Check(sent, response); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s: %v, %v", what, told, err)
		}
	}
}

// With a low exponent a forger can take roots of what he wants, of its beginning or of its end. Between them is the hash of
// the message that he would have to hit.
func TestACubeRootIsNoSignature(t *testing.T) {
	var private *rsa.PrivateKey
	for private == nil {
		p, err := rand.Prime(rand.Reader, 512)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, 512)
		if err != nil {
			t.Fatal(err)
		}
		if n := new(big.Int).Mul(p, q); n.BitLen() == 1024 {
			private = &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 3}}
		}
	}
	key := activeKey(t, &private.PublicKey)
	for word, o := range openings(sent) {
		wanted := new(big.Int).SetBytes(o.fill(128))
		for _, target := range []*big.Int{wanted, new(big.Int).Sub(private.N, wanted)} {
			root := cubeRoot(target).FillBytes(make([]byte, 128))
			if told, err := key.Check(sent, root); err == nil {
				t.Errorf("%q: a cube root is taken: %v", word, told)
			}
			last := oddRoot(target, 300).FillBytes(make([]byte, 128))
			if told, err := key.Check(sent, last); err == nil {
				t.Errorf("%q: a root of the last bits is taken: %v", word, told)
			}
		}
	}
}

// cubeRoot is the largest number whose cube is not above v: it agrees with v in the first third.
func cubeRoot(v *big.Int) *big.Int {
	low, high := big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), 400)
	for new(big.Int).Sub(high, low).BitLen() > 1 {
		middle := new(big.Int).Rsh(new(big.Int).Add(low, high), 1)
		if new(big.Int).Exp(middle, big.NewInt(3), nil).Cmp(v) > 0 {
			high = middle
		} else {
			low = middle
		}
	}
	return low
}

// oddRoot is a number whose cube has the last bits of v, where v is odd: it agrees with v in the hash and the trailer.
func oddRoot(v *big.Int, bits uint) *big.Int {
	root := big.NewInt(1)
	for bit := uint(1); bit < bits; bit++ {
		cube := new(big.Int).Exp(root, big.NewInt(3), nil)
		if cube.Bit(int(bit)) != v.Bit(int(bit)) {
			root.SetBit(root, int(bit), 1)
		}
	}
	return root
}

func TestAHashFunctionThatIsNotKnownHereProvesNothing(t *testing.T) {
	private := newRSA(t, 1024)
	key := activeKey(t, &private.PublicKey)
	for _, identifier := range []byte{0x31, 0x32, 0x37, 0x39, 0x3A} {
		message := openings(sent)[""].fill(128)
		message[126] = identifier
		if told, err := key.Check(sent, raised(private, message)); err != nil || len(told) != 1 {
			t.Errorf("%02X, with SHA-256 all the same: %q, %v", identifier, told, err)
		}
		message[125] ^= 1
		if _, err := key.Check(sent, raised(private, message)); !errors.Is(err, pki.ErrUnsupported) {
			t.Errorf("%02X: %v", identifier, err)
		}
	}
	for _, response := range [][]byte{nil, {1}, make([]byte, 64), bytes.Repeat([]byte{1}, 129), bytes.Repeat([]byte{1}, 5000)} {
		if _, err := key.Check(sent, response); !errors.Is(err, pki.ErrMalformed) {
			t.Errorf("%d bytes: %v", len(response), err)
		}
	}
}

func TestDG15MayHaveLongerLengthsThanItNeeds(t *testing.T) {
	private := newRSA(t, 1024)
	good := pkitest.DG15(t, &private.PublicKey)
	info := cut(t, good)
	content := cut(t, info)
	long := func(tag byte, content []byte) []byte {
		return slices.Concat([]byte{tag, 0x83, 0, byte(len(content) >> 8), byte(len(content))}, content)
	}
	indefinite := func(tag byte, content []byte) []byte {
		return slices.Concat([]byte{tag, 0x80}, content, []byte{0, 0})
	}
	for what, file := range map[string][]byte{
		"long outside": long(0x6F, info), "long inside": long(0x6F, long(0x30, content)), "padded": append(bytes.Clone(good), 0, 0, 0),
		"indefinite": indefinite(0x6F, indefinite(0x30, content)),
	} {
		key, err := pki.ParseDG15(file)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if _, err := key.Check(sent, raised(private, recoverable(128, crypto.SHA256, sent))); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// cut takes an element's content out.
func cut(t testing.TB, element []byte) []byte {
	t.Helper()
	var raw asn1.RawValue
	element = bytes.Clone(element)
	element[0] = 0x30 // encoding/asn1 knows no tag of an application
	if _, err := asn1.Unmarshal(element, &raw); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes
}
