package pki_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
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

// judged gives what is let pass in a message that is EF.SOD, or why it does not verify.
func judged(t testing.TB, m pkitest.Message) ([]pki.Deviation, error) {
	t.Helper()
	sod, err := pki.ParseSOD(pkitest.SOD(t, m))
	if err != nil {
		return nil, err
	}
	return sod.Deviations(), sod.Verify()
}

// mustBeLetPass sees that m verifies and tells the deviation; that it fails with a broken signature and with other content,
// each in the same writing; and that a good message tells no deviation.
func mustBeLetPass(t *testing.T, m pkitest.Message, want pki.Deviation) {
	t.Helper()
	deviations, err := judged(t, m)
	if err != nil || !slices.Equal(deviations, []pki.Deviation{want}) {
		t.Errorf("%q, %v, want %q", deviations, err, want)
	}
	forged := m
	if m.Respell != nil {
		forged.Respell = func(signature []byte) []byte { return m.Respell(altered(signature)) }
	} else {
		forged.BrokenSignature = true
	}
	if deviations, err := judged(t, forged); !errors.Is(err, pki.ErrSignature) || len(deviations) > 0 {
		t.Errorf("broken signature: %q, %v", deviations, err)
	}
	if !m.Bare {
		forged = m
		forged.DigestOf = []byte("other content")
		if _, err := judged(t, forged); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("other content: %v", err)
		}
	}
}

// altered changes a signature in its middle, where no encoding is.
func altered(signature []byte) []byte {
	signature = bytes.Clone(signature)
	signature[len(signature)/2+4] ^= 1
	return signature
}

func TestAGoodSecurityObjectHasNoDeviations(t *testing.T) {
	for _, key := range []crypto.Signer{pkitest.NewRSAKey(t), pkitest.NewECKey(t, elliptic.P256())} {
		m := message(t, newSigner(t, key))
		m.SignSorted = true
		if deviations, err := judged(t, m); err != nil || len(deviations) > 0 {
			t.Errorf("%q, %v", deviations, err)
		}
	}
}

// Types of EF.SOD in the field: China; old documents of Belgium, France and the Netherlands.
func deviatingTypes() []asn1.ObjectIdentifier {
	return []asn1.ObjectIdentifier{
		{1, 2, 840, 113549, 1, 7, 1}, {1, 3, 27, 1, 1, 1}, {1, 2, 528, 1, 1006, 1, 20, 1}, {2, 23, 136, 1, 1}, {1, 2, 3},
	}
}

func TestASecurityObjectOfAnotherTypeIsJudged(t *testing.T) {
	for _, deviating := range deviatingTypes() {
		m := message(t, newSigner(t, nil))
		m.Type, m.SignSorted = deviating, true
		mustBeLetPass(t, m, pki.DeviationContentType+"="+pki.Deviation(deviating.String()))
	}
}

func TestTheTypeThatIsSignedMayDifferFromTheOneThatIsNot(t *testing.T) {
	security, data := pkitest.SecurityObjectType, deviatingTypes()[0]
	for name, c := range map[string]struct {
		stated, signed asn1.ObjectIdentifier
		want           []string
	}{
		"signed as plain data":  {security, data, []string{"signed_type=1.2.840.113549.1.7.1"}},
		"stated as plain data":  {data, security, []string{"content_type=1.2.840.113549.1.7.1", "signed_type=2.23.136.1.1.1"}},
		"two types of no state": {data, deviatingTypes()[1], []string{"content_type=1.2.840.113549.1.7.1", "signed_type=1.3.27.1.1.1"}},
	} {
		m := message(t, newSigner(t, nil))
		m.Type, m.SignedType, m.SignSorted = c.stated, c.signed, true
		deviations, err := judged(t, m)
		if err != nil || len(deviations) != len(c.want) {
			t.Errorf("%s: %q, %v", name, deviations, err)
			continue
		}
		for i, deviation := range deviations {
			if !strings.Contains(string(deviation), c.want[i]) {
				t.Errorf("%s: %q, want %q", name, deviation, c.want[i])
			}
		}
	}
}

// TestNothingElseThatASignerSignsPassesForASecurityObject has genuine messages of a signer passed off as EF.SOD: as they
// are, and with the type, which nobody signs, exchanged.
func TestNothingElseThatASignerSignsPassesForASecurityObject(t *testing.T) {
	signer := newSigner(t, nil)
	securityInfos := asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 2, 1}
	object := message(t, signer).Content
	contents := map[string][]byte{
		"a security object": object,
		"a master list":     unhex(t, "3005 020100 3100"),
		"SecurityInfos":     unhex(t, "310F 300D 0608 04007F0007020202 020101"),
		"attributes":        unhex(t, "310D 300B 0609 2A864886F70D010903"),
		"nothing":           {},
		"more than one":     append(bytes.Clone(object), object...),
		"something behind":  append(bytes.Clone(object), 0),
	}
	types := []asn1.ObjectIdentifier{pkitest.MasterListType, pkitest.DeviationListType, pkitest.DefectListType, securityInfos}
	for name, content := range contents {
		for _, signedAs := range append(types, deviatingTypes()[0]) {
			for _, stated := range slices.Concat(types, deviatingTypes(), []asn1.ObjectIdentifier{pkitest.SecurityObjectType}) {
				if name == "a security object" && !slices.ContainsFunc(types, signedAs.Equal) && !slices.ContainsFunc(types, stated.Equal) {
					continue // judged
				}
				m := pkitest.Message{Type: stated, SignedType: signedAs, Content: content, Signer: signer}
				if _, err := judged(t, m); !errors.Is(err, pki.ErrMalformed) {
					t.Fatalf("%s signed as %s, stated as %s: %v", name, signedAs, stated, err)
				}
			}
		}
	}
}

func TestATypeOfAnyLengthIsToldInAFew(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.Type = slices.Concat(asn1.ObjectIdentifier{1, 2}, make(asn1.ObjectIdentifier, 10_000))
	deviations, err := judged(t, m)
	if err != nil || len(deviations) == 0 || len(deviations[0]) > 120 {
		t.Errorf("%.200q, %v", deviations, err)
	}
}

func TestAnRSASignatureWithoutNullIsTold(t *testing.T) {
	signer := newSigner(t, pkitest.NewRSAKey(t))
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		m := message(t, signer)
		m.Hash, m.NoNull, m.SignSorted = hash, true, true
		mustBeLetPass(t, m, pki.DeviationNoNull)
	}
}

func TestAnRSASignatureMayHaveLostOrGainedAZero(t *testing.T) {
	m := message(t, newSigner(t, pkitest.NewRSAKey(t)))
	m.SignSorted = true
	m.Respell = func(signature []byte) []byte { return append([]byte{0}, signature...) }
	mustBeLetPass(t, m, pki.DeviationSignatureLength)
	lost := func() (short bool) {
		m.Respell = func(signature []byte) []byte {
			short = signature[0] == 0
			return bytes.TrimLeft(signature, "\x00")
		}
		if deviations, err := judged(t, m); err != nil || short != slices.Equal(deviations, []pki.Deviation{pki.DeviationSignatureLength}) {
			t.Fatalf("short %v: %q, %v", short, deviations, err)
		}
		return short
	}
	for n := 0; !lost(); n++ { // one in 256 begins with a zero
		m.SigningTime = pkitest.Day.Add(time.Duration(n) * time.Second)
	}
}

// rsaWith is the identifier of an algorithm of PKCS #1, by its last octet.
func rsaWith(t testing.TB, hash string) []byte {
	return unhex(t, "300D 0609 2A864886F70D0101"+hash+" 0500")
}

func TestRelativesAlgorithmsThatDoNotAgreeAreTried(t *testing.T) {
	rsaKey, ecKey := newSigner(t, pkitest.NewRSAKey(t)), newSigner(t, nil)
	for name, c := range map[string]struct {
		signer *pkitest.Party
		change func(*pkitest.Message)
		want   []pki.Deviation
	}{
		"SHA-1 digest, sha256WithRSA": {rsaKey, func(m *pkitest.Message) {
			m.Hash, m.SignatureHash, m.SignatureAlgorithm = crypto.SHA1, crypto.SHA256, rsaWith(t, "0B")
		}, []pki.Deviation{pki.DeviationTwoHashes}},
		"sha1WithRSA stated, signed as digested": {rsaKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = rsaWith(t, "05")
		}, []pki.Deviation{pki.DeviationTwoHashes}},
		"ecdsa-with-SHA384, digest SHA-256": {ecKey, func(m *pkitest.Message) {
			m.SignatureHash = crypto.SHA384
		}, []pki.Deviation{pki.DeviationTwoHashes}},
		"ecdsa-with-SHA1 stated, signed as digested": {ecKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = unhex(t, "3009 0607 2A8648CE3D0401")
		}, []pki.Deviation{pki.DeviationTwoHashes}},
		"digest algorithm another": {ecKey, func(m *pkitest.Message) {
			m.DigestAlgorithm = unhex(t, "3009 0605 2B0E03021A 0500")
		}, []pki.Deviation{pki.DeviationDigestAlgorithm, pki.DeviationTwoHashes}},
		"digest algorithm one of signatures": {rsaKey, func(m *pkitest.Message) {
			m.DigestAlgorithm = rsaWith(t, "0B")
		}, []pki.Deviation{pki.DeviationDigestAlgorithm}},
		"rsaEncryption by an EC key": {ecKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = rsaWith(t, "01")
		}, []pki.Deviation{pki.DeviationOtherKind}},
		"ecdsa-with-SHA256 by an RSA key": {rsaKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = unhex(t, "300A 0608 2A8648CE3D040302")
		}, []pki.Deviation{pki.DeviationOtherKind}},
		"rsaEncryption without NULL": {rsaKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = unhex(t, "300B 0609 2A864886F70D010101")
		}, nil},
		"ecdsa-with-SHA256 with NULL": {ecKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = unhex(t, "300C 0608 2A8648CE3D040302 0500")
		}, nil},
		"digest algorithm with NULL": {ecKey, func(m *pkitest.Message) {
			m.DigestAlgorithm = unhex(t, "300D 0609 608648016503040201 0500")
		}, nil},
	} {
		m := message(t, c.signer)
		m.SignSorted = true
		c.change(&m)
		deviations, err := judged(t, m)
		if err != nil || !slices.Equal(deviations, c.want) {
			t.Errorf("%s: %q, %v", name, deviations, err)
		}
		m.BrokenSignature = true
		if _, err := judged(t, m); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, broken: %v", name, err)
		}
	}
}

func TestRelativesAnECDSASignatureIsReadInEitherEncoding(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P224(), elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		m := message(t, newSigner(t, pkitest.NewECKey(t, curve)))
		m.SignSorted = true
		size := (curve.Params().N.BitLen() + 7) / 8
		m.Respell = func(signature []byte) []byte { return plain(signature, size) }
		mustBeLetPass(t, m, pki.DeviationPlainECDSA)
		m.SignatureAlgorithm = unhex(t, "300C 060A 04007F00070101040103") // ecdsa-plain-SHA256
		mustBeLetPass(t, m, pki.DeviationPlainECDSA)
		m.SignatureAlgorithm = nil
		m.Respell = func(signature []byte) []byte { // a length in more octets than it needs
			content := signature[2:]
			if curve == elliptic.P521() {
				content = signature[3:]
			}
			return append([]byte{0x30, 0x82, 0, byte(len(content))}, content...)
		}
		mustBeLetPass(t, m, pki.DeviationECDSAEncoding)
	}
}

// plain writes a signature in DER as r and s side by side.
func plain(der []byte, size int) []byte {
	var in struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &in); err != nil || len(in.R.Bytes()) > size || len(in.S.Bytes()) > size {
		return make([]byte, 2*size) // it was altered beyond what can be written so
	}
	return append(in.R.FillBytes(make([]byte, size)), in.S.FillBytes(make([]byte, size))...)
}

func TestRSAPSSWithoutParametersHasThoseOfTheStandard(t *testing.T) {
	signer := newSigner(t, pkitest.NewRSAKey(t))
	for name, parameters := range map[string]string{"none": "300B 0609 2A864886F70D01010A", "NULL": "300D 0609 2A864886F70D01010A 0500"} {
		for _, c := range []struct {
			content, signature crypto.Hash
			want               pki.Deviation
		}{
			{crypto.SHA1, crypto.SHA1, pki.DeviationPSSDefaults},
			{crypto.SHA256, crypto.SHA1, pki.DeviationPSSDefaults},
			{crypto.SHA256, crypto.SHA256, pki.DeviationPSSOmission},
			{crypto.SHA384, crypto.SHA384, pki.DeviationPSSOmission},
			{crypto.SHA512, crypto.SHA512, pki.DeviationPSSOmission},
		} {
			t.Run(fmt.Sprint(name, c.content, c.signature), func(t *testing.T) {
				m := message(t, signer)
				m.PSS, m.SignSorted, m.Hash, m.SignatureHash = true, true, c.content, c.signature
				m.SignatureAlgorithm = unhex(t, parameters)
				mustBeLetPass(t, m, c.want)
			})
		}
	}
}

// TestRSAPSSThatLeavesOutWhatIsNoDefaultIsJudged has parameters that state some of what was used.
func TestRSAPSSThatLeavesOutWhatIsNoDefaultIsJudged(t *testing.T) {
	const sha256 = "300D 0609 608648016503040201 0500"
	signer := newSigner(t, pkitest.NewRSAKey(t))
	for name, parameters := range map[string]string{
		"nothing stated":   "3000",
		"the hash alone":   "3011 A00F" + sha256,
		"all but the salt": "302F A00F" + sha256 + "A11C 301A 0609 2A864886F70D010108" + sha256,
		"all but the mask": "3016 A00F" + sha256 + "A203 020120",
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, signer)
			m.PSS, m.SignSorted = true, true
			m.SignatureAlgorithm = pssIdentifier(unhex(t, parameters))
			mustBeLetPass(t, m, pki.DeviationPSSOmission)
		})
	}
}

// pssIdentifier is the identifier of RSASSA-PSS with those parameters.
func pssIdentifier(parameters []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10})
		b.AddBytes(parameters)
	})
	return b.BytesOrPanic()
}

func TestASecurityObjectWithoutSignedAttributesIsJudged(t *testing.T) {
	for _, key := range []crypto.Signer{pkitest.NewRSAKey(t), pkitest.NewECKey(t, elliptic.P256())} {
		m := message(t, newSigner(t, key))
		m.Bare = true
		mustBeLetPass(t, m, pki.DeviationNoAttributes)
		m = message(t, newSigner(t, key))
		m.NoSignedType, m.SignSorted = true, true
		mustBeLetPass(t, m, pki.DeviationNoSignedType)
	}
}

// TestAttributesDoNotPassForContent takes a genuine message's attributes for the content of one without attributes: they
// have the same signature, whatever type is stated.
func TestAttributesDoNotPassForContent(t *testing.T) {
	signer := newSigner(t, nil)
	for _, stated := range append(deviatingTypes(), pkitest.SecurityObjectType) {
		for _, set := range []string{"31", "30"} {
			m := message(t, signer)
			m.Content = append(unhex(t, set+"0D"), unhex(t, "300B 0609 2A864886F70D010903")...)
			m.Type, m.Bare = stated, true
			if _, err := judged(t, m); !errors.Is(err, pki.ErrMalformed) {
				t.Errorf("%s: %v", stated, err)
			}
		}
	}
}

// TestOnlyWhatNothingElseCanBeMayLackSignedAttributes: a security object and a master list are known by their content.
func TestOnlyWhatNothingElseCanBeMayLackSignedAttributes(t *testing.T) {
	for _, change := range []func(*pkitest.Message){
		func(m *pkitest.Message) { m.Bare = true }, func(m *pkitest.Message) { m.NoSignedType = true },
	} {
		m := pkitest.Message{Signer: newSigner(t, nil)}
		change(&m)
		if _, err := pki.ParseDefectList(pkitest.DefectList(t, m, 1)); !errors.Is(err, pki.ErrMalformed) {
			t.Errorf("a defect list: %v", err)
		}
		if _, err := pki.ParseDeviationList(pkitest.DeviationList(t, m)); !errors.Is(err, pki.ErrMalformed) {
			t.Errorf("a deviation list: %v", err)
		}
		list, err := pki.ParseMasterList(pkitest.MasterList(t, m))
		if err != nil || list.Verify() != nil || len(list.Deviations()) != 1 {
			t.Errorf("a master list: %v", err)
		}
		// What a signer signs of another message are its attributes, as a set: they are no list.
		attributes := pkitest.Message{Signer: m.Signer, Type: pkitest.MasterListType, Bare: true, Content: []byte("\x31\x03\x02\x01\x00")}
		if _, err := pki.ParseMasterList(attributes.Encode(t)); !errors.Is(err, pki.ErrMalformed) {
			t.Errorf("attributes: %v", err)
		}
	}
}

func TestASecurityObjectInsideMayBeInBER(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.SignSorted, m.Content = true, inBER(t, m.Content)
	if deviations, err := judged(t, m); err != nil || len(deviations) > 0 {
		t.Errorf("%q, %v", deviations, err)
	}
}

func TestDeviationsInCertificatesAreTold(t *testing.T) {
	pss := map[string]string{"none": "300B 0609 2A864886F70D01010A", "NULL": "300D 0609 2A864886F70D01010A 0500"}
	rsaKey := pkitest.NewRSAKey(t)
	signWith := func(options *rsa.PSSOptions, identifier string) func(*loose) {
		return func(l *loose) {
			l.options, l.inner, l.outer = options, unhex(t, identifier), unhex(t, identifier)
		}
	}
	for name, c := range map[string]struct {
		key    crypto.Signer
		change func(*loose)
		want   pki.Deviation
	}{
		"no NULL in DigestInfo": {rsaKey, func(l *loose) {
			l.inner, l.outer, l.noNull = rsaWith(t, "0B"), rsaWith(t, "0B"), true
		}, pki.DeviationNoNull},
		"a zero too many": {rsaKey, func(l *loose) {
			l.inner, l.outer = rsaWith(t, "0B"), rsaWith(t, "0B")
			l.respell = func(signature []byte) []byte { return append([]byte{0}, signature...) }
		}, pki.DeviationSignatureLength},
		"RSASSA-PSS without parameters": {rsaKey, signWith(&rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}, pss["none"]), pki.DeviationPSSOmission},
		"RSASSA-PSS with NULL":          {rsaKey, signWith(&rsa.PSSOptions{SaltLength: 32, Hash: crypto.SHA256}, pss["NULL"]), pki.DeviationPSSOmission},
		"r and s side by side": {pkitest.NewECKey(t, elliptic.P256()), func(l *loose) {
			l.respell = func(signature []byte) []byte { return plain(signature, 32) }
		}, pki.DeviationPlainECDSA},
	} {
		l := newLoose(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Key: c.key}))
		c.change(&l)
		certificate := parseLoose(t, l)
		if deviations := certificate.DeviationsUnder(certificate); !slices.Equal(deviations, []pki.Deviation{c.want}) {
			t.Errorf("%s: %q, want %q", name, deviations, c.want)
		}
		respell := l.respell
		l.respell = func(signature []byte) []byte {
			if signature = altered(signature); respell != nil {
				return respell(signature)
			}
			return signature
		}
		forged, err := pki.ParseCertificate(l.encode(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := forged.CheckSignedBy(certificate); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, altered: %v", name, err)
		}
	}
}

func TestAListThatIsSignedWithoutNullIsTakenAndThatIsTold(t *testing.T) {
	m := pkitest.Message{Signer: newSigner(t, pkitest.NewRSAKey(t)), NoNull: true, SignSorted: true}
	list, err := pki.ParseMasterList(pkitest.MasterList(t, m, m.Signer.Certificate.Raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.Verify(); err != nil || !slices.Equal(list.Deviations(), []pki.Deviation{pki.DeviationNoNull}) {
		t.Errorf("%q, %v", list.Deviations(), err)
	}
}

func TestASigningTimeThatCannotBeReadIsNotStated(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.SigningTime, m.SignSorted = pkitest.Day, true
	m.UnreadableTime = true
	mustBeLetPass(t, m, pki.DeviationSigningTime)
	sod, err := pki.ParseSOD(pkitest.SOD(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if signed, stated := sod.SigningTime(); stated {
		t.Errorf("signed %v", signed)
	}
}
