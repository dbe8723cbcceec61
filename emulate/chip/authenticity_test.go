package chip_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

// opened is a terminal that PACE has let in.
func opened(t testing.TB, o chip.Options) *terminal {
	t.Helper()
	fast := chip.PACEInfo{Mapping: chip.GenericMapping, Cipher: chip.AES128}
	o.PACE = []chip.PACEInfo{fast}
	r := newTerminal(t, newChip(t, com, o))
	if status, _, _ := r.pace(fast, 1, mrzPassword()); status != 0x9000 {
		t.Fatalf("PACE: %04X", status)
	}
	return r
}

func staticKey(t testing.TB, parameters int, ciphers ...chip.Cipher) chip.ChipAuthenticationKey {
	t.Helper()
	private, err := chip.NewPrivateKey(parameters, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return chip.ChipAuthenticationKey{Parameters: parameters, Ciphers: ciphers, Private: private}
}

// chipAuthentication runs the protocol with a key known by its DG14, in one command or two, and gives the last status.
func (r *terminal) chipAuthentication(key chip.ChipAuthenticationKey, c chip.Cipher, oneCommand bool) uint16 {
	r.t.Helper()
	g, public := publicKeyOf(r.t, key)
	private := r.scalar(g)
	own := g.encode(g.times(g.base, private))
	var reference []byte
	if key.ID != 0 {
		reference = tlv(0x84, []byte{byte(key.ID)})
	}
	var sw uint16
	if oneCommand {
		_, sw = r.send("002241A6", slices.Concat(tlv(0x91, own), reference))
	} else {
		agreement := byte(1)
		if g.elliptic() {
			agreement = 2
		}
		mechanism := []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03, agreement, byte(c)}
		if _, sw = r.send("002241A4", slices.Concat(tlv(0x80, mechanism), reference)); sw != 0x9000 {
			return sw
		}
		var answer []byte
		if answer, sw = r.send("00860000", tlv(0x7C, tlv(0x80, own))); sw == 0x9000 && !bytes.Equal(answer, tlv(0x7C)) {
			r.t.Errorf("GENERAL AUTHENTICATE answers %x", answer)
		}
	}
	if sw == 0x9000 {
		r.restart(c, g.shared(g.times(public, private)))
	}
	return sw
}

// publicKeyOf reads the ChipAuthenticationPublicKeyInfo, which comes last.
func publicKeyOf(t testing.TB, key chip.ChipAuthenticationKey) (*group, member) {
	t.Helper()
	infos, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Protocol asn1.ObjectIdentifier
		Key      publicKeyInfo
		ID       int `asn1:"optional"`
	}
	decode(t, infos[len(infos)-1], &info)
	if info.ID != key.ID {
		t.Errorf("key identifier %d, want %d", info.ID, key.ID)
	}
	g := groupOf(t, key.Parameters)
	if key.Encoding != chip.StandardizedParameters {
		order := g.order
		g = explicitGroup(t, info.Key)
		g.order = order // which PKCS #3 does not tell
	} else {
		var id int
		decode(t, info.Key.Algorithm.Parameters.FullBytes, &id)
		standardized := asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 2}
		if id != key.Parameters || !info.Key.Algorithm.Algorithm.Equal(standardized) {
			t.Errorf("algorithm %v, parameters %d", info.Key.Algorithm.Algorithm, id)
		}
	}
	if g.elliptic() {
		return g, g.decode(info.Key.Key.Bytes)
	}
	var number *big.Int
	decode(t, info.Key.Key.Bytes, &number)
	return g, memberOf(number, nil)
}

func TestChipAuthenticationRestartsSecureMessaging(t *testing.T) {
	for _, parameters := range []int{0, 1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18} {
		for c := chip.TripleDES; c <= chip.AES256; c++ {
			for _, oneCommand := range []bool{false, true} {
				if oneCommand && c != chip.TripleDES {
					continue
				}
				t.Run(fmt.Sprintf("parameters %d cipher %d one command %v", parameters, c, oneCommand), func(t *testing.T) {
					t.Parallel()
					key := staticKey(t, parameters, c)
					key.Encoding = chip.KeyEncoding(parameters % 2)
					r := opened(t, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}})
					if sw := r.chipAuthentication(key, c, oneCommand); sw != 0x9000 {
						t.Fatalf("chip authentication: %04X", sw)
					}
					if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
						t.Errorf("EF.COM is %x", got)
					}
				})
			}
		}
	}
}

// The shared secret goes into the key derivation whole. Here its first byte is zero: the static key is 1, so that the
// secret is the terminal's public key, for which one is searched.
func TestASharedSecretKeepsItsLeadingZeros(t *testing.T) {
	for _, parameters := range []int{0, 13} {
		key := chip.ChipAuthenticationKey{Parameters: parameters, Ciphers: []chip.Cipher{chip.AES128}, Private: []byte{1}}
		r := opened(t, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}})
		r.scalars = []*big.Int{groupOf(t, parameters).scalarOfLeadingZero()}
		if sw := r.chipAuthentication(key, chip.AES128, false); sw != 0x9000 {
			t.Fatalf("domain parameters %d: %04X", parameters, sw)
		}
		if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
			t.Errorf("EF.COM is %x", got)
		}
	}
}

func TestTheStaticKeyIsChosenByItsIdentifier(t *testing.T) {
	first, second := staticKey(t, 13, chip.AES128, chip.TripleDES), staticKey(t, 12, chip.AES128, chip.TripleDES)
	first.ID, second.ID = 1, 200
	keys := []chip.ChipAuthenticationKey{first, second}
	for _, key := range keys {
		for _, oneCommand := range []bool{false, true} {
			r := opened(t, chip.Options{ChipAuthentication: keys})
			c := chip.AES128
			if oneCommand {
				c = chip.TripleDES
			}
			if sw := r.chipAuthentication(key, c, oneCommand); sw != 0x9000 {
				t.Fatalf("key %d: %04X", key.ID, sw)
			}
			r.read(0x1E)
		}
		mechanism := unhex(t, "800A04007F00070202030202")
		if _, sw := opened(t, chip.Options{ChipAuthentication: keys}).send("002241A4", mechanism); sw != 0x6A88 {
			t.Errorf("a key that is not named: %04X", sw)
		}
	}
}

func TestChipAuthenticationThatFailsLeavesTheSession(t *testing.T) {
	key := staticKey(t, 13, chip.AES256, chip.TripleDES)
	r := opened(t, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}})
	for name, c := range map[string]struct {
		header, data string
		want         uint16
	}{
		"no key":            {"002241A6", "", 0x6A80},
		"not on the curve":  {"002241A6", "9141" + generator[:128] + "98", 0x6A80},
		"unknown cipher":    {"002241A4", "800A04007F00070202030202", 0x6A80},
		"no mechanism":      {"002241A4", "840101", 0x6A80},
		"other identifier":  {"002241A4", "800A04007F00070202030204 840105", 0x6A88},
		"nothing initiated": {"00860000", "7C438041" + generator, 0x6985},
	} {
		if _, sw := r.send(c.header, unhex(t, c.data)); sw != c.want {
			t.Errorf("%s: %04X, want %04X", name, sw, c.want)
		}
	}
	for data, want := range map[string]uint16{"7C00": 0x6A80, "7C438141" + generator: 0x6A80} {
		if _, sw := r.send("002241A4", unhex(t, "800A04007F00070202030204")); sw != 0x9000 {
			t.Fatalf("MSE:Set AT: %04X", sw)
		}
		if _, sw := r.send("00860000", unhex(t, data)); sw != want {
			t.Errorf("%s: %04X, want %04X", data, sw, want)
		}
	}
	if got := r.read(0x1E); !bytes.Equal(got, com["EF.COM"]) {
		t.Errorf("EF.COM is %x", got)
	}
	converse(t, r.card, [2]string{"002241A6 43 9141" + generator, "6982"}) // in clear
}

func TestSomeChipsDo3DESWithoutMSESetKAT(t *testing.T) {
	key := staticKey(t, 13, chip.TripleDES)
	r := opened(t, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}, NoSetKAT: true})
	if sw := r.chipAuthentication(key, chip.TripleDES, true); sw != 0x6A86 {
		t.Errorf("MSE:Set KAT: %04X, want 6A86", sw)
	}
	if sw := r.chipAuthentication(key, chip.TripleDES, false); sw != 0x9000 {
		t.Fatalf("MSE:Set AT: %04X", sw)
	}
	r.read(0x1E)
}

func TestADHKeyMayBeEncodedAsX942Does(t *testing.T) {
	key := staticKey(t, 2, chip.AES256)
	key.Encoding = chip.X942Parameters
	r := opened(t, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{key}})
	if sw := r.chipAuthentication(key, chip.AES256, false); sw != 0x9000 {
		t.Fatalf("chip authentication: %04X", sw)
	}
	r.read(0x1E)
}

func TestACloneWithoutKeysFailsEveryProof(t *testing.T) {
	key := staticKey(t, 13, chip.AES128)
	r := opened(t, chip.Options{})
	if sw := r.chipAuthentication(key, chip.AES128, false); sw != 0x6A88 {
		t.Errorf("chip authentication: %04X, want 6A88", sw)
	}
	if _, sw := r.send("00880000", make([]byte, 8)); sw != 0x6D00 {
		t.Errorf("active authentication: %04X, want 6D00", sw)
	}
	cam := chip.PACEInfo{Mapping: chip.ChipAuthenticationMapping, Cipher: chip.AES128, Parameters: 13}
	r = newTerminal(t, newChip(t, com, chip.Options{PACE: []chip.PACEInfo{cam}}))
	if status, data, _ := r.pace(cam, 1, mrzPassword()); status != 0x9000 || data != nil {
		t.Errorf("PACE with chip authentication mapping: %04X, data %x", status, data)
	}
}

func TestACloneWithOtherKeysIsFoundOutByItsFirstAnswer(t *testing.T) {
	genuine, clone := staticKey(t, 13, chip.AES128), staticKey(t, 13, chip.AES128)
	r := opened(t, chip.Options{ChipAuthentication: []chip.ChipAuthenticationKey{clone}})
	if sw := r.chipAuthentication(genuine, chip.AES128, false); sw != 0x9000 {
		t.Fatalf("chip authentication: %04X", sw)
	}
	size := 16
	counter, header := r.count(size), unhex(t, "0CB09E00")
	body := []byte{0x97, 1, 0}
	mac := checksum(t, r.cipher, r.mac, slices.Concat(counter, fill(header, size), fill(body, size)), true)
	response := r.card.Transmit(context.Background(), command("0CB09E00", append(body, tlv(0x8E, mac)...)))
	if _, sw := split(t, response); sw != 0x6988 {
		t.Errorf("a command under the genuine key's session: %04X, want 6988", sw)
	}
}

func TestDG14HoldsItsSecurityInfos(t *testing.T) {
	key := chip.ChipAuthenticationKey{ID: 2, Parameters: 12, Private: []byte{1},
		Ciphers: []chip.Cipher{chip.TripleDES, chip.AES256}}
	infos, err := key.SecurityInfos()
	if err != nil {
		t.Fatal(err)
	}
	signer := chip.ECDSAKey{Parameters: 13, Private: []byte{1}, Hash: crypto.SHA256}
	dg14 := chip.EncodeDG14(append(infos, signer.SecurityInfo(), gm.SecurityInfo())...)
	var members []asn1.RawValue
	if _, err := asn1.UnmarshalWithParams(find(dg14, 0x6E), &members, "set"); err != nil {
		t.Fatal(err)
	}
	for _, info := range []string{
		"3012 060A04007F00070202030201 020101 020102",           // id-CA-ECDH-3DES-CBC-CBC, version 1, key 2
		"3012 060A04007F00070202030204 020101 020102",           // id-CA-ECDH-AES-CBC-CMAC-256
		"3012 060A04007F00070202040202 020102 02010D",           // id-PACE-ECDH-GM-AES-CBC-CMAC-128, version 2, brainpoolP256r1
		"3017 0606678108010105 020101 060A04007F00070101040103", // ecdsa-plain-SHA256
	} {
		want := unhex(t, info)
		if !slices.ContainsFunc(members, func(m asn1.RawValue) bool { return bytes.Equal(m.FullBytes, want) }) {
			t.Errorf("DG14 lacks %s", info)
		}
	}
	if len(members) != 5 {
		t.Errorf("DG14 has %d members, want 5", len(members))
	}
}

var rsaExponent = big.NewInt(65537)

// The appendix does not publish the private key, so the signature is opened by the public exponent instead of compared.
func TestTheWorkedExampleOfAppendixFRunsAsPublished(t *testing.T) {
	message := unhex(t, "6A9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C"+
		"98599F40B79F377B5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD"+
		"4E7292E2DCDA3024B47DA8C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127BC")
	private := rsaKey(t, 1024)
	random := slices.Concat(unhex(t, "4608F91988702212 0B4F80323EB3191CB04970CB4052790B"), message[1:107])
	card := newChip(t, com, chip.Options{Random: bytes.NewReader(random),
		ActiveAuthentication: chip.RSAKey{Private: private, Hash: crypto.SHA1}})
	converse(t, card, appendixD[:3]...)
	r := newTerminal(t, card)
	r.restart(chip.TripleDES, unhex(t, "0036D272F5C350ACAC50C3F572D23600")) // Doc 9303-11, D.3
	r.counter.SetBytes(unhex(t, "887022120C06C226"))
	signature, sw := r.send("00880000", unhex(t, "F173589974BF40C6"))
	if sw != 0x9000 {
		t.Fatalf("INTERNAL AUTHENTICATE: %04X", sw)
	}
	if got := new(big.Int).Exp(new(big.Int).SetBytes(signature), rsaExponent, private.N).Bytes(); !bytes.Equal(got, message) {
		t.Errorf("signature opens to\n     %x\nwant %x", got, message)
	}
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestRSASignaturesHaveTheTrailerOfTheirHash(t *testing.T) {
	private, challenge := rsaKey(t, 2048), unhex(t, "0102030405060708")
	for hash, trailer := range map[crypto.Hash]string{
		crypto.SHA1: "BC", crypto.SHA224: "38CC", crypto.SHA256: "34CC", crypto.SHA384: "36CC", crypto.SHA512: "35CC",
	} {
		key := chip.RSAKey{Private: private, Hash: hash}
		signature, sw := opened(t, chip.Options{ActiveAuthentication: key}).sendExtended("00880000", challenge)
		if sw != 0x9000 || len(signature) != 256 {
			t.Fatalf("%v: %04X, %d bytes", hash, sw, len(signature))
		}
		public, err := x509.ParsePKIXPublicKey(find(key.DG15(), 0x6F))
		if err != nil || !private.PublicKey.Equal(public) {
			t.Fatalf("DG15: %v", err)
		}
		message := new(big.Int).Exp(new(big.Int).SetBytes(signature), rsaExponent, private.N).FillBytes(make([]byte, 256))
		end := 256 - len(trailer)/2
		digest := hash.New()
		digest.Write(message[1 : end-hash.Size()])
		digest.Write(challenge)
		if message[0] != 0x6A || !bytes.Equal(message[end:], unhex(t, trailer)) ||
			!bytes.Equal(message[end-hash.Size():end], digest.Sum(nil)) {
			t.Errorf("%v: signature opens to %x", hash, message)
		}
	}
}

func TestECDSASignaturesArePlain(t *testing.T) {
	for parameters, hash := range map[int]crypto.Hash{10: crypto.SHA224, 11: crypto.SHA224, 12: crypto.SHA224,
		13: crypto.SHA256, 14: crypto.SHA256, 15: crypto.SHA256, 16: crypto.SHA384, 17: crypto.SHA512, 18: crypto.SHA512} {
		private, err := chip.NewPrivateKey(parameters, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key := chip.ECDSAKey{Parameters: parameters, Private: private, Hash: hash}
		challenge := unhex(t, "0102030405060708")
		signature, sw := opened(t, chip.Options{ActiveAuthentication: key}).send("00880000", challenge)
		if sw != 0x9000 {
			t.Fatalf("domain parameters %d: %04X", parameters, sw)
		}
		var info publicKeyInfo
		decode(t, find(key.DG15(), 0x6F), &info)
		g := explicitGroup(t, info)
		if !g.verify(g.decode(info.Key.Bytes), hash, challenge, signature) {
			t.Errorf("domain parameters %d: wrong signature", parameters)
		}
	}
}

// verify is ECDSA (TR-03111, 4.2.1.2) over a plain signature.
func (g *group) verify(public member, hash crypto.Hash, message, signature []byte) bool {
	width := (g.order.BitLen() + 7) / 8
	if len(signature) != 2*width {
		return false
	}
	digest := hash.New()
	digest.Write(message)
	e := new(big.Int).SetBytes(digest.Sum(nil))
	if excess := 8*hash.Size() - g.order.BitLen(); excess > 0 {
		e.Rsh(e, uint(excess))
	}
	r, s := new(big.Int).SetBytes(signature[:width]), new(big.Int).SetBytes(signature[width:])
	w := new(big.Int).ModInverse(s, g.order)
	u1, u2 := new(big.Int).Mul(e, w), new(big.Int).Mul(r, w)
	sum := g.add(g.times(g.base, u1.Mod(u1, g.order)), g.times(public, u2.Mod(u2, g.order)))
	return sum != nil && new(big.Int).Mod(sum.x, g.order).Cmp(r) == 0
}

func TestActiveAuthenticationCommandsAreChecked(t *testing.T) {
	key := chip.ECDSAKey{Parameters: 13, Private: []byte{1}, Hash: crypto.SHA256}
	r := opened(t, chip.Options{ActiveAuthentication: key})
	for name, c := range map[string]struct {
		header string
		size   int
		want   uint16
	}{
		"short challenge": {"00880000", 7, 0x6700},
		"long challenge":  {"00880000", 9, 0x6700},
		"parameters":      {"00880001", 8, 0x6A86},
	} {
		if _, sw := r.send(c.header, make([]byte, c.size)); sw != c.want {
			t.Errorf("%s: %04X, want %04X", name, sw, c.want)
		}
	}
	converse(t, r.card, [2]string{"00880000 08 0102030405060708 00", "6982"})
	long := opened(t, chip.Options{ActiveAuthentication: chip.RSAKey{Private: rsaKey(t, 2048), Hash: crypto.SHA256}})
	if _, sw := long.send("00880000", make([]byte, 8)); sw != 0x6700 {
		t.Errorf("a signature too long for the response: %04X, want 6700", sw)
	}
}
