package pki_test

import (
	"bytes"
	"encoding/asn1"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// element is a data object of any length.
func element(t testing.TB, tag int, content []byte) []byte {
	t.Helper()
	der, err := asn1.Marshal(asn1.RawValue{Tag: tag, IsCompound: tag >= asn1.TagSequence && tag <= asn1.TagSet, Bytes: content})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// manyParts is a name of so many attributes, each of them empty.
func manyParts(t testing.TB, parts int) []byte {
	return element(t, asn1.TagSequence, bytes.Repeat([]byte{0x31, 7, 0x30, 5, 6, 1, 0x2A, 0x13, 0}, parts))
}

// longIdentifier is an algorithm of so many arcs.
func longIdentifier(t testing.TB, arcs int) []byte {
	return element(t, asn1.TagSequence, element(t, asn1.TagOID, bytes.Repeat([]byte{0x2A}, arcs)))
}

// strangers are files with n parts of something that a stranger writes as long as he likes.
func strangers(t testing.TB) map[string]func(n int) pkitest.Message {
	t.Helper()
	signer := newSigner(t, nil)
	changed := func(change func(m *pkitest.Message, n int)) func(int) pkitest.Message {
		return func(n int) pkitest.Message {
			m := message(t, signer)
			change(&m, n)
			return m
		}
	}
	own := signer.Certificate.Raw
	return map[string]func(n int) pkitest.Message{
		"the signer's name": changed(func(m *pkitest.Message, n int) {
			m.NamedBy = element(t, asn1.TagSequence, append(manyParts(t, n), 2, 1, 1))
		}),
		"the signer's serial number": changed(func(m *pkitest.Message, n int) {
			m.NamedBy = element(t, asn1.TagSequence, append(manyParts(t, 1), element(t, asn1.TagInteger, bytes.Repeat([]byte{0x5A}, 9*n))...))
		}),
		"the names of a certificate": changed(func(m *pkitest.Message, n int) {
			named := bytes.Replace(own, signer.Certificate.RawSubject, manyParts(t, n), 1)
			m.Certificates = [][]byte{respan(t, named), own}
		}),
		"certificates": changed(func(m *pkitest.Message, n int) {
			m.Certificates = [][]byte{bytes.Repeat([]byte{0x30, 0}, 4*n), own}
		}),
		"the digest's algorithm":    changed(func(m *pkitest.Message, n int) { m.DigestAlgorithm = longIdentifier(t, 9*n) }),
		"the signature's algorithm": changed(func(m *pkitest.Message, n int) { m.SignatureAlgorithm = longIdentifier(t, 9*n) }),
		"the type": changed(func(m *pkitest.Message, n int) {
			m.Type = append(asn1.ObjectIdentifier{1, 2}, make(asn1.ObjectIdentifier, 9*n)...)
		}),
		"the signature": changed(func(m *pkitest.Message, n int) {
			m.Respell = func(s []byte) []byte { return append(s, make([]byte, 9*n)...) }
		}),
	}
}

// respan is a certificate whose content has changed its length: the lengths around it are written anew.
func respan(t testing.TB, der []byte) []byte {
	t.Helper()
	body := der[4:]
	inner := body[4:]
	signature := bytes.LastIndex(inner, []byte{0x30, 0x0A, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2}) // ecdsa-with-SHA256, outside
	if signature < 0 {
		t.Fatal("no algorithm")
	}
	return element(t, asn1.TagSequence, append(element(t, asn1.TagSequence, inner[:signature]), inner[signature:]...))
}

// allocatedBy is how many bytes do allocates.
func allocatedBy(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAFileOfTwiceTheLengthCostsTwiceAsMuchAtMost(t *testing.T) {
	for name, made := range strangers(t) {
		cost := func(n int) uint64 {
			file := pkitest.SOD(t, made(n))
			return allocatedBy(func() {
				if s, err := pki.ParseSOD(file); err == nil {
					_, _ = s.SignerCertificate()
					_ = s.Deviations()
				}
			})
		}
		once, twice := cost(8000), cost(16000)
		if twice > 3*once || twice > 64<<20 {
			t.Errorf("%s: %d bytes, of twice the length %d", name, once, twice)
		}
	}
}

// TestANameOfThousandsOfPartsSaysNothingAndHidesNoSigner: nobody signs how a message calls its signer, whose key tells who
// it is.
func TestANameOfThousandsOfPartsSaysNothingAndHidesNoSigner(t *testing.T) {
	m := strangers(t)["the signer's name"](5000)
	deviations, err := judged(t, m)
	if err != nil || len(deviations) == 0 || deviations[0] != pki.DeviationNameless {
		t.Errorf("%.300q, %v", deviations, err)
	}
	m.DigestOf = []byte("other content")
	if _, err := judged(t, m); err == nil {
		t.Error("a forgery verifies")
	}
}

func TestWhatAStrangerWritesIsRepeatedInAFewWords(t *testing.T) {
	for name, made := range strangers(t) {
		s, err := pki.ParseSOD(pkitest.SOD(t, made(8000)))
		if err == nil {
			err = s.Verify()
			for _, deviation := range s.Deviations() {
				if len(deviation) > 200 {
					t.Errorf("%s: %d characters: %.200s", name, len(deviation), deviation)
				}
			}
		}
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("%s: %d characters: %.200v", name, len(err.Error()), err)
		}
	}
}

func TestANameForPeopleEndsAfterAFewWords(t *testing.T) {
	c := parse(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: strings.Repeat("Ü", 1500), Country: "UT"}))
	if n := utf8.RuneCountInString(c.Subject); n > 203 || !utf8.ValidString(c.Subject) || !strings.HasSuffix(c.Subject, "...") {
		t.Errorf("%d characters: %s", n, c.Subject)
	}
	other := parse(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: strings.Repeat("Ü", 1500) + "!", Country: "UT"}))
	if c.IssuedInNameOf(other) || !c.IssuedInNameOf(c) {
		t.Error("names are compared by their beginnings alone")
	}
}

// TestAMessageOfManyCertificatesAndSignersTakesNoTime: each of its signers is looked for among all, which was a hundred seconds and a
// gigabyte. A message that is not taken accuses nobody.
func TestAMessageOfManyCertificatesAndSignersTakesNoTime(t *testing.T) {
	signer := newSigner(t, nil)
	for name, certificates := range map[string][]byte{
		"many": bytes.Repeat([]byte{0x30, 6, 4, 4, 1, 2, 3, 4}, 300_000),
		"long": manyExtensions(t, signer, 200_000),
	} {
		m := message(t, signer)
		m.BrokenSignature = true
		for range 15 {
			m.Also = append(m.Also, m.SignerInfo(t))
		}
		m.Certificates = [][]byte{certificates}
		file := pkitest.SOD(t, m)
		begin := time.Now()
		used := allocatedBy(func() {
			s, err := pki.ParseSOD(file)
			if err == nil {
				err = s.With([][]byte{signer.Certificate.Raw}).Verify()
			}
			if err == nil {
				t.Errorf("%s: verified", name)
			}
		})
		if took := time.Since(begin); took > 10*time.Second || used > 512<<20 {
			t.Errorf("%s: %v, %d bytes of memory for %d", name, took, used, len(file))
		}
	}
}

// manyExtensions is a certificate with so many extensions that nobody knows, which nobody signed.
func manyExtensions(t testing.TB, p *pkitest.Party, howMany int) []byte {
	t.Helper()
	l := newLoose(t, p)
	var list []byte
	for n := range howMany {
		list = append(list, 0x30, 9, 6, 5, 0x2A, 1, byte(n>>14)|0x80, byte(n>>7)|0x80, byte(n)&0x7F, 4, 0)
	}
	l.extensions = list
	return l.encode(t)
}
