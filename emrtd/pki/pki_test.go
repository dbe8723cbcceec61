package pki_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// groups are the contents of data groups that the tests sign.
func groups() map[int][]byte {
	return map[int][]byte{1: []byte("one"), 2: []byte("two"), 14: []byte("keys")}
}

// newSigner makes a document signer under a CSCA of its own.
func newSigner(t testing.TB, key crypto.Signer) *pkitest.Party {
	t.Helper()
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true})
	return pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", Key: key})
}

// message is a good security object.
func message(t testing.TB, signer *pkitest.Party) pkitest.Message {
	return pkitest.Message{
		Type: pkitest.SecurityObjectType, Signer: signer,
		Content: pkitest.SecurityObject(t, crypto.SHA256, groups(), "0108"),
	}
}

func TestEveryAlgorithmThatPassportsUseVerifies(t *testing.T) {
	rsaKey := pkitest.NewRSAKey(t)
	keys := map[string]crypto.Signer{
		"RSA": rsaKey, "RSA-PSS": rsaKey,
		"P-224": pkitest.NewECKey(t, elliptic.P224()), "P-256": pkitest.NewECKey(t, elliptic.P256()),
		"P-384": pkitest.NewECKey(t, elliptic.P384()), "P-521": pkitest.NewECKey(t, elliptic.P521()),
	}
	for name, key := range keys {
		signer := newSigner(t, key)
		for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			m := message(t, signer)
			m.Hash, m.PSS = hash, name == "RSA-PSS"
			m.Content = pkitest.SecurityObject(t, hash, groups(), "")
			sod, err := pki.ParseSOD(pkitest.SOD(t, m))
			if err != nil {
				t.Fatalf("%s, %s: %v", name, hash, err)
			}
			if err := sod.Verify(); err != nil {
				t.Errorf("%s, %s: %v", name, hash, err)
			}
			if sod.Object.Hash != hash {
				t.Errorf("%s: hash function %s, want %s", name, sod.Object.Hash, hash)
			}
		}
	}
}

func TestSecurityObjectIsTakenApart(t *testing.T) {
	for ldsVersion, version := range map[string]int{"": 0, "0108": 1} {
		m := message(t, newSigner(t, nil))
		m.Content = pkitest.SecurityObject(t, crypto.SHA256, groups(), ldsVersion)
		m.SigningTime = time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC)
		sod, err := pki.ParseSOD(append(pkitest.SOD(t, m), "padding of the file system"...))
		if err != nil {
			t.Fatal(err)
		}
		if o := sod.Object; o.Version != version || o.LDSVersion != ldsVersion || len(o.Hashes) != 3 {
			t.Errorf("%+v", o)
		}
		for number, content := range groups() {
			hash := crypto.SHA256.New()
			hash.Write(content)
			if !bytes.Equal(sod.Object.Hashes[number], hash.Sum(nil)) {
				t.Errorf("hash of DG%d differs", number)
			}
		}
		if signed, stated := sod.SigningTime(); !stated || !signed.Equal(m.SigningTime) {
			t.Errorf("signed %v, %v", signed, stated)
		}
	}
}

// inBER writes DER as BER: every length that can be is indefinite, and octet strings are in two pieces.
func inBER(t testing.TB, der cryptobyte.String) []byte {
	t.Helper()
	var out []byte
	for !der.Empty() {
		var content, element cryptobyte.String
		var tag cbasn1.Tag
		if rest := der; !rest.ReadAnyASN1Element(&element, &tag) || !der.ReadAnyASN1(&content, &tag) {
			t.Fatalf("not DER: %X", der)
		}
		switch {
		case tag == cbasn1.OCTET_STRING && len(content) > 1:
			var pieces cryptobyte.Builder
			pieces.AddASN1OctetString(content[:1])
			pieces.AddASN1OctetString(content[1:])
			out = append(append(append(out, 0x24, 0x80), pieces.BytesOrPanic()...), 0, 0)
		case tag&0x20 != 0:
			out = append(out, byte(tag), 0x80)
			out = append(append(out, inBER(t, content)...), 0, 0)
		default:
			out = append(out, element...)
		}
	}
	return out
}

func TestASODInBERIsWhatItIsInDER(t *testing.T) {
	m := message(t, newSigner(t, nil))
	file := pkitest.SOD(t, m)
	ber := append(inBER(t, file), "padding of the file system"...)
	if bytes.Contains(ber, m.Content) {
		t.Fatal("the security object is in one piece")
	}
	sod, err := pki.ParseSOD(ber)
	if err != nil {
		t.Fatal(err)
	}
	if err := sod.Verify(); err != nil || !bytes.Equal(sod.Content, m.Content) {
		t.Errorf("content %X, %v", sod.Content, err)
	}
}

func TestASignerNamedByItsKeyIsFound(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.ByKeyID = true
	signed, err := pki.ParseSignedData(m.Encode(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := signed.Verify(); err != nil {
		t.Error(err)
	}
	if _, stated := signed.SigningTime(); stated {
		t.Error("a signing time out of nowhere")
	}
}

func TestAttributesAreSignedInTheOrderOfDEROrInTheirOwn(t *testing.T) {
	for _, sorted := range []bool{true, false} {
		m := message(t, newSigner(t, nil))
		m.SigningTime, m.SignSorted = pkitest.Day, sorted // the signing time is shorter, and stands last
		signed, err := pki.ParseSignedData(m.Encode(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := signed.Verify(); err != nil {
			t.Errorf("sorted %v: %v", sorted, err)
		}
	}
}

func TestForgeryIsToldFromWhatIsNotUnderstood(t *testing.T) {
	signer := newSigner(t, nil)
	other := newSigner(t, nil)
	for name, c := range map[string]struct {
		spoil func(*pkitest.Message)
		want  error
	}{
		"another's key": {func(m *pkitest.Message) {
			m.Signer = &pkitest.Party{Certificate: signer.Certificate, Key: other.Key}
		}, pki.ErrSignature},
		"broken signature":      {func(m *pkitest.Message) { m.BrokenSignature = true }, pki.ErrSignature},
		"other content":         {func(m *pkitest.Message) { m.DigestOf = []byte("other content") }, pki.ErrSignature},
		"other type":            {func(m *pkitest.Message) { m.SignedType = pkitest.MasterListType }, pki.ErrMalformed},
		"no certificate":        {func(m *pkitest.Message) { m.NoCertificate = true }, pki.ErrMalformed},
		"another's certificate": {func(m *pkitest.Message) { m.OtherCertificate = other.Certificate.Raw }, pki.ErrMalformed},
		"no attributes":         {func(m *pkitest.Message) { m.NoAttributes = true }, pki.ErrSignature},
		"two signers, neither verifies": {func(m *pkitest.Message) {
			m.SignerTwice, m.BrokenSignature = true, true
		}, pki.ErrSignature},
		"hash nobody should use": {func(m *pkitest.Message) {
			m.Hash = crypto.MD5
		}, pki.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, signer)
			c.spoil(&m)
			sod, err := pki.ParseSOD(pkitest.SOD(t, m))
			if err == nil {
				err = sod.Verify()
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestEveryCutOfASODIsAnError(t *testing.T) {
	file := pkitest.SOD(t, message(t, newSigner(t, nil)))
	for n := range file {
		if _, err := pki.ParseSOD(file[:n]); !errors.Is(err, pki.ErrMalformed) {
			t.Fatalf("%d of %d bytes: %v", n, len(file), err)
		}
	}
}

func TestNoFlippedBitOfASODStaysUnnoticed(t *testing.T) {
	rsaSigner, ecSigner := newSigner(t, pkitest.NewRSAKey(t)), newSigner(t, nil)
	for name, c := range map[string]struct {
		signer *pkitest.Party
		change func(*pkitest.Message)
	}{
		"as it should be":    {ecSigner, func(*pkitest.Message) {}},
		"another type":       {ecSigner, func(m *pkitest.Message) { m.Type = deviatingTypes()[0] }},
		"not named":          {ecSigner, func(m *pkitest.Message) { m.NamedBy = []byte{0x30, 0} }},
		"without attributes": {ecSigner, func(m *pkitest.Message) { m.Bare = true }},
		"r and s":            {ecSigner, func(m *pkitest.Message) { m.Respell = func(s []byte) []byte { return plain(s, 32) } }},
		"without NULL":       {rsaSigner, func(m *pkitest.Message) { m.NoNull = true }},
		"without parameters": {rsaSigner, func(m *pkitest.Message) {
			m.PSS, m.SignatureAlgorithm = true, unhex(t, "300B 0609 2A864886F70D01010A")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, c.signer)
			c.change(&m)
			for _, bit := range []byte{0x01, 0x04} {
				noFlipVerifies(t, pkitest.SOD(t, m), bit, m)
			}
		})
	}
}

// noFlipVerifies sees that no octet of file, the bit in it flipped, makes other content the signer's.
func noFlipVerifies(t *testing.T, file []byte, bit byte, m pkitest.Message) {
	t.Helper()
	for i := range file {
		file[i] ^= bit
		sod, err := pki.ParseSOD(file)
		if err == nil && sod.Verify() == nil {
			certificate, err := sod.SignerCertificate()
			sameSigner := err == nil && bytes.Equal(certificate.Raw, m.Signer.Certificate.Raw)
			if sameSigner && !bytes.Equal(sod.Content, m.Content) {
				t.Fatalf("byte %d: other content verifies under the same signer", i)
			}
		}
		file[i] ^= bit
	}
}

func TestCertificatesAreCheckedAgainstTheirIssuers(t *testing.T) {
	rsaKey := pkitest.NewRSAKey(t)
	for _, algorithm := range []x509.SignatureAlgorithm{
		x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
	} {
		t.Run(algorithm.String(), func(t *testing.T) {
			var key crypto.Signer
			if strings.Contains(algorithm.String(), "RSA") && !strings.Contains(algorithm.String(), "ECDSA") {
				key = rsaKey
			}
			csca := pkitest.Issue(t, nil, pkitest.Template{
				CommonName: "CSCA", Country: "ut", CA: true, Key: key, Algorithm: algorithm})
			namesake := pkitest.Issue(t, nil, pkitest.Template{CommonName: "csca ", Country: "UT", CA: true})
			dsc := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", Algorithm: algorithm})
			issuer, stranger, signer := parse(t, csca), parse(t, namesake), parse(t, dsc)
			if err := signer.CheckSignedBy(issuer); err != nil {
				t.Error(err)
			}
			if err := signer.CheckSignedBy(stranger); !errors.Is(err, pki.ErrSignature) {
				t.Errorf("a namesake's key: %v", err)
			}
			if !signer.IssuedInNameOf(issuer) || !signer.IssuedInNameOf(stranger) || signer.IssuedInNameOf(signer) {
				t.Error("names are compared wrongly")
			}
			if !signer.NamesKeyOf(issuer) || signer.NamesKeyOf(stranger) {
				t.Error("key identifiers are compared wrongly")
			}
			if !issuer.SelfSigned() || signer.SelfSigned() || !issuer.CA || signer.CA || issuer.Country != "UT" {
				t.Errorf("%+v", issuer)
			}
		})
	}
}

func parse(t testing.TB, p *pkitest.Party) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(p.Certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// unusable gives the certificate of a party with an algorithm in it that nobody knows.
func unusable(t testing.TB, p *pkitest.Party) []byte {
	t.Helper()
	p256 := []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}
	der := bytes.Clone(p.Certificate.Raw)
	at := bytes.Index(der, p256)
	if at < 0 {
		t.Fatal("no P-256 key")
	}
	der[at+len(p256)-1] = 0x7F
	return der
}

func TestACertificateThatCannotBeUsedStillHasAName(t *testing.T) {
	_, err := pki.ParseCertificate(unusable(t, newSigner(t, nil)))
	var failure *pki.CertificateError
	if !errors.As(err, &failure) || !errors.Is(err, pki.ErrUnsupported) || failure.Subject != "CN=DSC,C=UT" {
		t.Errorf("%+v", err)
	}
	_, err = pki.ParseCertificate([]byte("not a certificate"))
	if !errors.As(err, &failure) || failure.Subject != "" {
		t.Errorf("%+v", err)
	}
}

func TestASignerThatCannotBeUsedIsNoForgery(t *testing.T) {
	signer := newSigner(t, nil)
	m := message(t, signer)
	m.OtherCertificate = unusable(t, signer)
	sod, err := pki.ParseSOD(pkitest.SOD(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if err := sod.Verify(); !errors.Is(err, pki.ErrUnsupported) || errors.Is(err, pki.ErrSignature) {
		t.Error(err)
	}
}

// hugeKey is an RSA key so long that checking a signature with it would hold the station up.
type hugeKey struct{}

func (hugeKey) Public() crypto.PublicKey {
	modulus := new(big.Int).SetBit(big.NewInt(1), 100_000, 1)
	return &rsa.PublicKey{N: modulus, E: 65537}
}

func (hugeKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, 12_501), nil
}

func TestAKeyTooLongToCheckIsNotSupported(t *testing.T) {
	sod, err := pki.ParseSOD(pkitest.SOD(t, message(t, newSigner(t, hugeKey{}))))
	if err != nil {
		t.Fatal(err)
	}
	if err := sod.Verify(); !errors.Is(err, pki.ErrUnsupported) {
		t.Error(err)
	}
}

func TestTheSODOfBSIsTestPassportIsTakenApart(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "vectors", "bsi2008", "EF_SOD.bin"))
	if err != nil {
		t.Skipf("SKIPPED: BSI's file set of 2008 is not here: %v", err)
	}
	sod, err := pki.ParseSOD(file)
	if err != nil {
		t.Fatal(err)
	}
	if sod.Object.Hash != crypto.SHA1 || len(sod.Object.Hashes) != 4 || sod.Object.Version != 0 {
		t.Errorf("%+v", sod.Object)
	}
	if err := sod.Verify(); err != nil {
		t.Errorf("signed with explicit curve parameters: %v", err)
	}
}

func FuzzSOD(f *testing.F) {
	good := pkitest.SOD(f, message(f, newSigner(f, nil)))
	f.Add(good)
	f.Add(inBER(f, good))
	deviating := message(f, newSigner(f, nil))
	deviating.Type, deviating.NamedBy, deviating.Bare = deviatingTypes()[0], []byte{0x30, 0}, true
	f.Add(pkitest.SOD(f, deviating))
	f.Fuzz(func(t *testing.T, file []byte) {
		sod, err := pki.ParseSOD(file)
		if err != nil {
			return
		}
		_ = sod.Verify()
		for number, hash := range sod.Object.Hashes {
			if number < 1 || number > 16 || len(hash) != sod.Object.Hash.Size() {
				t.Errorf("DG%d: hash of %d bytes", number, len(hash))
			}
		}
	})
}

func FuzzCertificate(f *testing.F) {
	signer := newSigner(f, nil)
	f.Add(signer.Certificate.Raw)
	f.Add(unusable(f, signer))
	l := newLoose(f, signer)
	l.spki, l.validity = explicit(f, l.key, inFull), period("\x18", "202001020304.5Z", "\x17", "2001020304+0200")
	with("300C 020100 3107 130150 13024152", 2, 23, 136, 1, 1, 6, 2)(f, &l)
	f.Add(l.encode(f))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := pki.ParseCertificate(der)
		var failure *pki.CertificateError
		if (err == nil) == (c == nil) || (err != nil && !errors.As(err, &failure)) {
			t.Errorf("%v, %v", c, err)
		}
		if err == nil {
			_ = c.SelfSigned()
		}
	})
}

func FuzzMasterList(f *testing.F) {
	signer := newSigner(f, nil)
	for _, m := range []pkitest.Message{{}, {SignerTwice: true}, {Bare: true}, {NoCertificate: true}} {
		m.Signer = signer
		f.Add(pkitest.MasterList(f, m, signer.Certificate.Raw))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		list, err := pki.ParseMasterList(der)
		if err != nil {
			return
		}
		for _, s := range append([]*pki.SignedData{list.SignedData}, list.Cosigners...) {
			if s.Verify() != nil && len(s.Deviations()) > 0 {
				t.Errorf("not verified, and let pass: %q", s.Deviations())
			}
		}
	})
}

// What is no EF.SOD is no evidence of a forgery; see package verify/chip for one that is genuine.
func ExampleParseSOD() {
	_, err := pki.ParseSOD([]byte("not EF.SOD"))
	fmt.Println(errors.Is(err, pki.ErrMalformed), errors.Is(err, pki.ErrSignature))
	// Output: true false
}
