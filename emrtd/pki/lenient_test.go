package pki_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// loose is a certificate put together from encoded parts, so that any of them can be wrong. It signs itself.
type loose struct {
	options crypto.SignerOpts // SHA-256 when nil
	// respell changes how the signature is written; nil leaves it as it is.
	respell func(signature []byte) []byte
	noNull  bool // PKCS #1 v1.5 without the NULL in DigestInfo

	key                                                   crypto.Signer
	serial, inner, issuer, validity, subject, spki, outer []byte
	extensions                                            []byte // content; left out when nil
}

// newLoose gives the parts of a good certificate.
func newLoose(t testing.TB, p *pkitest.Party) loose {
	t.Helper()
	algorithm := unhex(t, "300A 0608 2A8648CE3D040302") // ecdsa-with-SHA256
	c := p.Certificate
	return loose{
		key: p.Key, serial: unhex(t, "020101"), inner: algorithm, outer: algorithm, issuer: c.RawSubject, subject: c.RawSubject,
		validity: period("\x17", "200101000000Z", "\x17", "300101000000Z"), spki: c.RawSubjectPublicKeyInfo,
	}
}

// period encodes a validity: each end with the tag of its type.
func period(parts ...string) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for i := 0; i < len(parts); i += 2 {
			b.AddASN1(cbasn1.Tag(parts[i][0]), func(b *cryptobyte.Builder) { b.AddBytes([]byte(parts[i+1])) })
		}
	})
	return b.BytesOrPanic()
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// encode signs the certificate and puts it together.
func (l loose) encode(t testing.TB) []byte {
	t.Helper()
	var tbs, certificate cryptobyte.Builder
	tbs.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
		for _, part := range [][]byte{l.serial, l.inner, l.issuer, l.validity, l.subject, l.spki} {
			b.AddBytes(part)
		}
		if l.extensions != nil {
			b.AddASN1(cbasn1.Tag(3).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(l.extensions) })
			})
		}
	})
	signed := tbs.BytesOrPanic()
	sum := sha256.Sum256(signed)
	digest := sum[:]
	switch {
	case l.noNull:
		digest, l.options = pkitest.DigestInfo(t, crypto.SHA256, digest), crypto.Hash(0)
	case l.options == nil:
		l.options = crypto.SHA256
	}
	signature, err := l.key.Sign(rand.Reader, digest, l.options)
	if err != nil {
		t.Fatal(err)
	}
	if l.respell != nil {
		signature = l.respell(signature)
	}
	certificate.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(signed)
		b.AddBytes(l.outer)
		b.AddASN1BitString(signature)
	})
	return certificate.BytesOrPanic()
}

// extension encodes an Extension.
func extension(value []byte, id ...int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier(id))
		b.AddASN1OctetString(value)
	})
	return b.BytesOrPanic()
}

// with gives a certificate an extension of that value, in hexadecimal digits.
func with(value string, id ...int) func(testing.TB, *loose) {
	return func(t testing.TB, l *loose) { l.extensions = extension(unhex(t, value), id...) }
}

// parseLoose parses what must be parsed, and sees that it verifies.
func parseLoose(t *testing.T, l loose) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(l.encode(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckSignedBy(c); err != nil {
		t.Error(err)
	}
	return c
}

func TestDeviationsThatDoNoHarmAreLetPass(t *testing.T) {
	party := newCSCA(t, "CSCA")
	for name, change := range map[string]func(testing.TB, *loose){
		"parameters of the algorithm outside alone": func(t testing.TB, l *loose) {
			l.outer = unhex(t, "300C 0608 2A8648CE3D040302 0500")
		},
		"negative serial number":                  func(t testing.TB, l *loose) { l.serial = unhex(t, "0201B2") },
		"serial number with a zero too many":      func(t testing.TB, l *loose) { l.serial = unhex(t, "0203000001") },
		"true that is not FF":                     with("3003 010101", 2, 5, 29, 19),
		"basic constraints that are empty":        with("3000", 2, 5, 29, 19),
		"a description that cannot be read":       with("0500", 2, 5, 29, 14),
		"an extension that nobody knows":          with("FF", 1, 2, 3),
		"bits that the key usage says are unused": with("03020506", 2, 5, 29, 15),
	} {
		t.Run(name, func(t *testing.T) {
			l := newLoose(t, party)
			change(t, &l)
			parseLoose(t, l)
		})
	}
}

func TestAnRSAKeyWithoutNullIsUsed(t *testing.T) {
	party := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	l := newLoose(t, party)
	l.inner = unhex(t, "300D 0609 2A864886F70D01010B 0500") // sha256WithRSAEncryption
	l.outer = l.inner
	with, without := unhex(t, "300D 0609 2A864886F70D010101 0500"), unhex(t, "300B 0609 2A864886F70D010101")
	at := bytes.Index(l.spki, with)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(without)
		b.AddBytes(l.spki[at+len(with):])
	})
	l.spki = b.BytesOrPanic()
	parseLoose(t, l)
}

// keyInfo encodes a SubjectPublicKeyInfo.
func keyInfo(key []byte, algorithm cryptobyte.BuilderContinuation) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, algorithm)
		b.AddASN1BitString(key)
	})
	return b.BytesOrPanic()
}

// TestWhatAKeyForRSAPSSHasSignedOtherwiseIsTakenAndTold: who signs a certificate writes its algorithm too, so that a signature
// which is made otherwise than the algorithm or the key states is the key's all the same.
func TestWhatAKeyForRSAPSSHasSignedOtherwiseIsTakenAndTold(t *testing.T) {
	party := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	pss := func(salt string) []byte { // SHA-256 for message and mask
		return unhex(t, "303D 0609 2A864886F70D01010A 3030 A00D 300B 0609 608648016503040201"+
			"A11A 3018 0609 2A864886F70D010108 300B 0609 608648016503040201 A203 0201"+salt)
	}
	v15 := unhex(t, "300D 0609 2A864886F70D01010B 0500")
	for name, c := range map[string]struct {
		bounded   bool
		algorithm []byte
		options   crypto.SignerOpts
		want      []pki.Deviation
	}{
		"PKCS #1 v1.5":                {false, v15, crypto.SHA256, []pki.Deviation{pki.DeviationKeyStates}},
		"PKCS #1 v1.5 where bounded":  {true, v15, crypto.SHA256, []pki.Deviation{pki.DeviationKeyStates}},
		"any salt where not bounded":  {false, pss("14"), &rsa.PSSOptions{SaltLength: 20, Hash: crypto.SHA256}, nil},
		"the salt of the key":         {true, pss("20"), &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}, nil},
		"a longer salt":               {true, pss("28"), &rsa.PSSOptions{SaltLength: 40, Hash: crypto.SHA256}, nil},
		"a shorter salt":              {true, pss("14"), &rsa.PSSOptions{SaltLength: 20, Hash: crypto.SHA256}, []pki.Deviation{pki.DeviationKeyStates}},
		"another salt than it states": {true, pss("28"), &rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}, []pki.Deviation{pki.DeviationPSSParameters}},
	} {
		l := newLoose(t, party)
		l.inner, l.outer, l.options = c.algorithm, c.algorithm, c.options
		l.spki = keyInfo(x509.MarshalPKCS1PublicKey(party.Key.Public().(*rsa.PublicKey)), func(b *cryptobyte.Builder) {
			identifier := cryptobyte.String(pss("20"))
			identifier.ReadASN1(&identifier, cbasn1.SEQUENCE)
			if !c.bounded {
				identifier = identifier[:11] // the object identifier alone
			}
			b.AddBytes(identifier)
		})
		certificate, err := pki.ParseCertificate(l.encode(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := certificate.CheckSignedBy(certificate); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if deviations := certificate.DeviationsUnder(certificate); !slices.Equal(deviations, c.want) {
			t.Errorf("%s: %q, want %q", name, deviations, c.want)
		}
	}
}

func TestASignatureWhoseIntegersAreSpeltWronglyVerifies(t *testing.T) {
	for name, zeros := range map[string]int{"no leading zero": 0, "zeros too many": 3} {
		t.Run(name, func(t *testing.T) {
			l := newLoose(t, newCSCA(t, "CSCA"))
			l.respell = func(signature []byte) []byte {
				var in struct{ R, S *big.Int }
				if _, err := asn1.Unmarshal(signature, &in); err != nil {
					t.Fatal(err)
				}
				var b cryptobyte.Builder
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, n := range []*big.Int{in.R, in.S} {
						b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(append(make([]byte, zeros), n.Bytes()...)) })
					}
				})
				return b.BytesOrPanic()
			}
			for range 8 { // each time with other integers
				parseLoose(t, l)
			}
		})
	}
}

func TestWhatCouldChangeTheMeaningIsNotLetPass(t *testing.T) {
	party := newCSCA(t, "CSCA")
	for name, change := range map[string]func(testing.TB, *loose){
		"another algorithm than that which was signed": func(t testing.TB, l *loose) {
			l.outer = unhex(t, "300A 0608 2A8648CE3D040303") // ecdsa-with-SHA384
		},
		"basic constraints unreadable":  with("0500", 2, 5, 29, 19),
		"key usage unreadable":          with("0300", 2, 5, 29, 15),
		"extended key usage unreadable": with("3002 0500", 2, 5, 29, 37),
		"basic constraints twice": func(t testing.TB, l *loose) {
			l.extensions = slices.Concat(extension(unhex(t, "3003 0101FF"), 2, 5, 29, 19), extension(unhex(t, "3000"), 2, 5, 29, 19))
		},
		"a day that is none": func(t testing.TB, l *loose) {
			l.validity = period("\x17", "200230000000Z", "\x17", "300101000000Z")
		},
		"no end of its validity":     func(t testing.TB, l *loose) { l.validity = period("\x17", "200101000000Z") },
		"a serial number of no byte": func(t testing.TB, l *loose) { l.serial = unhex(t, "0200") },
		"a name that is none":        func(t testing.TB, l *loose) { l.subject = unhex(t, "3002 0500") },
		"a key off its curve": func(t testing.TB, l *loose) {
			l.spki = bytes.Clone(l.spki)
			l.spki[len(l.spki)-1] ^= 1
		},
	} {
		l := newLoose(t, party)
		change(t, &l)
		var failure *pki.CertificateError
		if _, err := pki.ParseCertificate(l.encode(t)); !errors.As(err, &failure) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTimesAreReadInEveryWayThatIssuersWriteThem(t *testing.T) {
	party := newCSCA(t, "CSCA")
	for text, want := range map[string]string{
		"\x17200102030405Z":       "2020-01-02T03:04:05Z",
		"\x172001020304Z":         "2020-01-02T03:04:00Z",
		"\x17200102030405+0200":   "2020-01-02T01:04:05Z",
		"\x17200102030405":        "2020-01-02T03:04:05Z",
		"\x17490101000000Z":       "2049-01-01T00:00:00Z",
		"\x17500101000000Z":       "1950-01-01T00:00:00Z",
		"\x17990101000000Z":       "1999-01-01T00:00:00Z",
		"\x1820200102030405Z":     "2020-01-02T03:04:05Z",
		"\x1820510102030405.5Z":   "2051-01-02T03:04:05.5Z",
		"\x18202001020304Z":       "2020-01-02T03:04:00Z",
		"\x1820200102030405-0130": "2020-01-02T04:34:05Z",
	} {
		l := newLoose(t, party)
		l.validity = period(text[:1], text[1:], "\x18", "99991231235959Z")
		c := parseLoose(t, l)
		if got := c.NotBefore.Format(time.RFC3339Nano); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if c.NotAfter.Year() != 9999 {
			t.Errorf("%q: to %v", text, c.NotAfter)
		}
	}
}

// commonName encodes a name of one attribute.
func commonName(tag cbasn1.Tag, text string) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{2, 5, 4, 3})
				b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
			})
		})
	})
	return b.BytesOrPanic()
}

func TestANameIsTheSameInEveryTypeOfString(t *testing.T) {
	party := newCSCA(t, "CSCA")
	for name, encoded := range map[string][]byte{
		"UTF8String":      commonName(cbasn1.UTF8String, "Pass Ä"),
		"T61String":       commonName(cbasn1.T61String, "Pass \xC4"),
		"PrintableString": commonName(cbasn1.PrintableString, "Pass \xC4"),
		"BMPString":       commonName(30, "\x00P\x00a\x00s\x00s\x00 \x00\xC4"),
		"UniversalString": commonName(28, "\x00\x00\x00P\x00\x00\x00a\x00\x00\x00s\x00\x00\x00s"+
			"\x00\x00\x00 \x00\x00\x00\xC4"),
		"spaces and other cases": commonName(cbasn1.UTF8String, " PASS   ä "),
	} {
		l := newLoose(t, party)
		l.issuer, l.subject = encoded, commonName(cbasn1.UTF8String, "Pass Ä")
		c := parseLoose(t, l)
		if !c.IssuedInNameOf(c) || !c.SelfSigned() {
			t.Errorf("%s: issuer %q, subject %q", name, c.Issuer, c.Subject)
		}
	}
}

func TestT61StringIsLatin1EvenWhereItCouldBeUTF8(t *testing.T) {
	l := newLoose(t, newCSCA(t, "CSCA"))
	l.subject = commonName(cbasn1.T61String, "\xC3\xA4")
	l.issuer = l.subject
	der := l.encode(t)
	theirs, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := pki.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if want := "CN=Ã¤"; ours.Subject != want || theirs.Subject.String() != want {
		t.Errorf("%q, and crypto/x509 %q, want %q", ours.Subject, theirs.Subject, want)
	}
}

func TestWhatACertificateSaysOfItsUseIsRead(t *testing.T) {
	l := newLoose(t, newCSCA(t, "CSCA"))
	l.extensions = slices.Concat(
		extension(unhex(t, "3022 800F 32303230303130313030303030305A 810F 32303233303130313030303030305A"), 2, 5, 29, 16),
		extension(unhex(t, "300C 020100 3107 130150 13024152"), 2, 23, 136, 1, 1, 6, 2),
		extension(unhex(t, "0302 0780"), 2, 5, 29, 15),
	)
	c := parseLoose(t, l)
	from, to := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	if !c.KeyNotBefore.Equal(from) || !c.KeyNotAfter.Equal(to) || !slices.Equal(c.DocumentTypes, []string{"P", "AR"}) {
		t.Errorf("%v to %v, for %q", c.KeyNotBefore, c.KeyNotAfter, c.DocumentTypes)
	}
	if !c.SignsDocuments() || c.CA {
		t.Error("it is a document signer's")
	}
}

// oddObjects are security objects over the groups of the tests, with what is told of each.
func oddObjects(t testing.TB) map[string]struct {
	content []byte
	told    pki.Deviation
} {
	long, short := pkitest.SecurityObject(t, crypto.SHA256, groups(), "0108"), pkitest.SecurityObject(t, crypto.SHA1, groups(), "")
	version, sha256, sha1 := []byte("\x13\x040108\x13\x06040000"), unhex(t, "0609608648016503040201"), unhex(t, "06052B0E03021A")
	replaced := func(content, old, by []byte) []byte { return relength(t, content, old, by) }
	objects := map[string]struct {
		content []byte
		told    pki.Deviation
	}{
		"as it should be":       {long, ""},
		"sha256WithRSA":         {replaced(long, sha256, unhex(t, "06092A864886F70D01010B")), pki.DeviationHashName},
		"ecdsa-with-SHA256":     {replaced(long, sha256, unhex(t, "06082A8648CE3D040302")), pki.DeviationHashName},
		"SHA-1 over 32 octets":  {replaced(long, sha256, sha1), pki.DeviationHashLength},
		"SHA-256 over 20":       {replaced(short, sha1, sha256), pki.DeviationHashLength},
		"an INTEGER as version": {replaced(long, version, unhex(t, "020108 020104")), pki.DeviationLDSVersion},
	}
	for name, tag := range map[string]string{"UTF8String": "\x0C", "IA5String": "\x16", "VisibleString": "\x1A", "OCTET STRING": "\x04"} {
		object := objects["as it should be"]
		object.content, object.told = replaced(long, version, []byte(tag+"\x040108"+tag+"\x06040000")), pki.DeviationLDSVersion
		objects[name] = object
	}
	return objects
}

// relength gives an LDS security object with a part replaced, in the first or in the last of its elements, and lengths that
// fit again.
func relength(t testing.TB, object, old, by []byte) []byte {
	t.Helper()
	var parts []asn1.RawValue
	if _, err := asn1.Unmarshal(object, &parts); err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		if part.Tag == asn1.TagSequence && bytes.Contains(part.Bytes, old) {
			parts[i] = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: bytes.Replace(part.Bytes, old, by, 1)}
		}
	}
	der, err := asn1.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestASecurityObjectIsUnderstoodByItsHashesWhateverItCallsThem(t *testing.T) {
	for name, c := range oddObjects(t) {
		m := message(t, newSigner(t, nil))
		m.Content = c.content
		sod, err := pki.ParseSOD(pkitest.SOD(t, m))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := sod.Verify(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if deviations := sod.Deviations(); (c.told == "") != (len(deviations) == 0) || c.told != "" && !slices.Contains(deviations, c.told) {
			t.Errorf("%s: told %q", name, deviations)
		}
		for number, group := range groups() {
			digest := sod.Object.Hash.New()
			digest.Write(group)
			if !bytes.Equal(digest.Sum(nil), sod.Object.Hashes[number]) {
				t.Errorf("%s: by %v data group %d has another hash", name, sod.Object.Hash, number)
			}
		}
	}
}
