package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// newRSA makes a key with a chosen public exponent.
func newRSA(t *testing.T, bits int, exponent int64) *rsa.PrivateKey {
	t.Helper()
	e := big.NewInt(exponent)
	for {
		p, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, bits-bits/2)
		if err != nil {
			t.Fatal(err)
		}
		one := big.NewInt(1)
		order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		n := new(big.Int).Mul(p, q)
		if d := new(big.Int).ModInverse(e, order); d != nil && n.BitLen() == bits {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(exponent)}, D: d}
		}
	}
}

// infos are DigestInfos of SHA-256 up to the digest, with the NULL and without.
var infos = map[string]string{
	"with NULL":    "3031300D060960864801650304020105000420",
	"without NULL": "302F300B06096086480165030402010420",
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// block gives an encoded message of length octets: 00, the block's type, padding, 00 and info.
func block(length int, kind, padding byte, info []byte) []byte {
	encoded := bytes.Repeat([]byte{padding}, length)
	encoded[0], encoded[1] = 0, kind
	copy(encoded[length-len(info):], info)
	encoded[length-len(info)-1] = 0
	return encoded
}

// opens gives the signature that opens to encoded: its owner signs what is encoded wrongly.
func opens(key *rsa.PrivateKey, encoded []byte) []byte {
	return new(big.Int).Exp(new(big.Int).SetBytes(encoded), key.D, key.N).FillBytes(make([]byte, key.Size()))
}

// judge says what becomes of a signature that opens to encoded.
func judge(t *testing.T, key *rsa.PrivateKey, digest, encoded []byte) ([]Deviation, error) {
	t.Helper()
	how := algorithm{scheme: schemeRSA, hash: crypto.SHA256}
	return rsaKey{PublicKey: &key.PublicKey}.verifier(opens(key, encoded))(how, digest)
}

func TestADigestInfoIsTakenWithAndWithoutNullAndNoOtherwise(t *testing.T) {
	digest := bytes.Repeat([]byte{0xA5}, 32)
	for _, bits := range []int{1024, 1031, 2048} {
		key := newRSA(t, bits, 65537)
		length := key.Size()
		for name, info := range infos {
			deviations, err := judge(t, key, digest, block(length, 1, 0xFF, append(decode(t, info), digest...)))
			if want := name == "without NULL"; err != nil || want != slices.Equal(deviations, []Deviation{DeviationNoNull}) {
				t.Errorf("%d bits, %s: %q, %v", bits, name, deviations, err)
			}
		}
		good := append(decode(t, infos["without NULL"]), digest...)
		for name, encoded := range wrongBlocks(t, length, digest, good) {
			if _, err := judge(t, key, digest, encoded); !errors.Is(err, ErrSignature) {
				t.Errorf("%d bits, %s: %v", bits, name, err)
			}
		}
	}
}

// wrongBlocks are encoded messages that are not quite what they should be. Good is the DigestInfo without NULL.
func wrongBlocks(t *testing.T, length int, digest, good []byte) map[string][]byte {
	full := func(info ...[]byte) []byte { return block(length, 1, 0xFF, bytes.Join(info, nil)) }
	wrong := map[string][]byte{
		"the digest alone":               full(digest),
		"another digest":                 full(good[:len(good)-1], []byte{0}),
		"a digest cut short":             full(decode(t, "302E300B0609608648016503040201041F"), digest[:31]),
		"another hash function":          full(decode(t, "302F300B06096086480165030402030420"), digest),
		"another identifier":             full(decode(t, "302F300B06096086480165030402070420"), digest),
		"type 2":                         block(length, 2, 0xFF, good),
		"type 0":                         block(length, 0, 0, good),
		"padding that is not FF":         block(length, 1, 0xFE, good),
		"one octet of padding another":   func() []byte { b := full(good); b[length/4] = 0xFE; return b }(),
		"a zero in the padding":          func() []byte { b := full(good); b[9] = 0; return b }(),
		"no zero before DigestInfo":      func() []byte { b := full(good); b[length-len(good)-1] = 0xFF; return b }(),
		"garbage in the parameters":      full(decode(t, "3039 3015 0609608648016503040201 0408DEADBEEFDEADBEEF 0420"), digest),
		"garbage in NULL":                full(decode(t, "3035 3011 0609608648016503040201 0504DEADBEEF 0420"), digest),
		"an empty sequence for NULL":     full(decode(t, "3031 300D 0609608648016503040201 3000 0420"), digest),
		"garbage behind the digest":      full(decode(t, "3033 300B 0609608648016503040201 0420"), digest, decode(t, "DEADBEEF")),
		"garbage behind DigestInfo":      full(good, decode(t, "DEADBEEF")),
		"a zero behind DigestInfo":       full(good, []byte{0}),
		"a constructed octet string":     full(decode(t, "3031 300B 0609608648016503040201 2422 0420"), digest),
		"a bit string":                   full(decode(t, "3030 300B 0609608648016503040201 0321 00"), digest),
		"a set for the sequence":         full(decode(t, "312F 300B 0609608648016503040201 0420"), digest),
		"a length longer than needed":    full(decode(t, "3030 300B 0609608648016503040201 048120"), digest),
		"the sequence's likewise":        full(decode(t, "30812F 300B 0609608648016503040201 0420"), digest),
		"indefinite length":              full(decode(t, "3080 300B 0609608648016503040201 0420"), digest, []byte{0, 0}),
		"no identifier's own sequence":   full(decode(t, "302D 0609608648016503040201 0420"), digest),
		"DigestInfo twice":               full(good, good),
		"padding of eight, then zeros":   append(block(3+8+len(good), 1, 0xFF, good), make([]byte, length-3-8-len(good))...),
		"padding of eight, then noise":   append(block(3+8+len(good), 1, 0xFF, good), bytes.Repeat([]byte{0x5A}, length-3-8-len(good))...),
		"everything one octet too early": append(block(length-1, 1, 0xFF, good), 0),
	}
	for name, info := range infos { // with the NULL, the same
		early := append(decode(t, info), digest...)
		wrong["trailing octets "+name] = append(block(length-16, 1, 0xFF, early), bytes.Repeat([]byte{7}, 16)...)
	}
	return wrong
}

// TestNoCubeRootIsASignature forges as Bleichenbacher showed in 2006: without the private key, where the public exponent
// is 3, what is wanted stands before octets that are let be, or the other way round.
func TestNoCubeRootIsASignature(t *testing.T) {
	digest := bytes.Repeat([]byte{0xA5}, 32)
	for _, bits := range []int{1024, 2048, 3072} {
		key := newRSA(t, bits, 3)
		length := key.Size()
		public := rsaKey{PublicKey: &key.PublicKey}
		for name, info := range infos {
			wanted := append(decode(t, info), digest...)
			start := block(3+8+len(wanted), 1, 0xFF, wanted)
			forged := rootOf(append(bytes.Clone(start), make([]byte, length-len(start))...))
			opened := new(big.Int).Exp(forged, big.NewInt(3), key.N).FillBytes(make([]byte, length))
			if bits >= 2048 && !bytes.HasPrefix(opened, start) {
				t.Fatalf("%d bits, %s: the forgery does not open to what is wanted: %X", bits, name, opened)
			}
			tail := tailRoot(wanted)
			if tail != nil && !bytes.HasSuffix(new(big.Int).Exp(tail, big.NewInt(3), nil).Bytes(), wanted) {
				t.Fatalf("%s: the forgery does not end in what is wanted", name)
			}
			for _, signature := range []*big.Int{forged, tail, big.NewInt(0), big.NewInt(1), new(big.Int).Sub(key.N, big.NewInt(1))} {
				if signature == nil {
					continue
				}
				for _, written := range [][]byte{signature.FillBytes(make([]byte, length)), signature.Bytes(), append([]byte{0, 0}, signature.Bytes()...)} {
					for _, how := range []algorithm{{scheme: schemeRSA, hash: crypto.SHA256}, pssWith(crypto.SHA256), pssWith(crypto.SHA1)} {
						if _, err := public.verifier(written)(how, digest); !errors.Is(err, ErrSignature) {
							t.Errorf("%d bits, %s: %v", bits, name, err)
						}
					}
				}
			}
		}
	}
}

// rootOf gives the least number whose cube is not less than b.
func rootOf(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	low, high := big.NewInt(0), new(big.Int).Lsh(big.NewInt(1), uint(n.BitLen()/3+2))
	for low.Cmp(high) < 0 {
		middle := new(big.Int).Rsh(new(big.Int).Add(low, high), 1)
		if new(big.Int).Exp(middle, big.NewInt(3), nil).Cmp(n) < 0 {
			low = middle.Add(middle, big.NewInt(1))
		} else {
			high = middle
		}
	}
	return low
}

// tailRoot gives a number whose cube ends in tail; nil where that is even, which no cube of this kind ends in.
func tailRoot(tail []byte) *big.Int {
	want := new(big.Int).SetBytes(tail)
	if want.Bit(0) == 0 {
		return nil
	}
	root := big.NewInt(1)
	for bit := 1; bit < 8*len(tail); bit++ {
		cube := new(big.Int).Exp(root, big.NewInt(3), nil)
		if cube.Bit(bit) != want.Bit(bit) {
			root.SetBit(root, bit, 1)
		}
	}
	return root
}

func TestASignatureTooLargeForItsKeyIsNone(t *testing.T) {
	key := newRSA(t, 1024, 65537)
	digest := bytes.Repeat([]byte{0xA5}, 32)
	good := opens(key, block(key.Size(), 1, 0xFF, append(decode(t, infos["without NULL"]), digest...)))
	more := new(big.Int).Add(new(big.Int).SetBytes(good), key.N) // the same, modulo the modulus
	for _, signature := range [][]byte{more.Bytes(), append(make([]byte, 2), more.Bytes()...), nil, {0}, append(good, 0)} {
		_, err := rsaKey{PublicKey: &key.PublicKey}.verifier(signature)(algorithm{scheme: schemeRSA, hash: crypto.SHA256}, digest)
		if !errors.Is(err, ErrSignature) {
			t.Errorf("%d octets: %v", len(signature), err)
		}
	}
}
