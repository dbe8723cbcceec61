package pki_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

func TestASignerIsNamedAsItsCertificateIs(t *testing.T) {
	for _, byKeyID := range []bool{false, true} {
		m := message(t, newSigner(t, nil))
		m.ByKeyID = byKeyID
		signed, err := pki.ParseSignedData(m.Encode(t))
		if err != nil {
			t.Fatal(err)
		}
		got, want := signed.SignerID(), parse(t, m.Signer).SignerID()
		if byKeyID {
			want = pki.Identifiers{KeyID: want.KeyID}
		} else {
			want.KeyID = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("by key identifier %v: %+v, want %+v", byKeyID, got, want)
		}
	}
}

// issuerAndSerial encodes an IssuerAndSerialNumber.
func issuerAndSerial(issuer []byte, serial *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(issuer)
		b.AddASN1BigInt(serial)
	})
	return b.BytesOrPanic()
}

// distinguished encodes a name of country and common name in a type of string, from the common name up where reversed.
func distinguished(tag cbasn1.Tag, country, commonName string, reversed bool) []byte {
	rdn := func(last int, text string) []byte {
		var b cryptobyte.Builder
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{2, 5, 4, last})
				b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
			})
		})
		return b.BytesOrPanic()
	}
	parts := [][]byte{rdn(6, country), rdn(3, commonName)}
	if reversed {
		slices.Reverse(parts)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(parts, nil)) })
	return b.BytesOrPanic()
}

// oddNames are the ways in which signers are named by other than what their certificate says.
func oddNames(t testing.TB, signer *pkitest.Party) map[string]struct {
	name []byte
	want pki.Deviation
} {
	t.Helper()
	issuer, serial := signer.Certificate.RawIssuer, signer.Certificate.SerialNumber
	other := new(big.Int).Add(serial, big.NewInt(1))
	return map[string]struct {
		name []byte
		want pki.Deviation
	}{
		"other order":          {issuerAndSerial(distinguished(cbasn1.PrintableString, "UT", "CSCA", true), serial), pki.DeviationSpelling},
		"other type of string": {issuerAndSerial(distinguished(cbasn1.UTF8String, "UT", "CSCA", false), serial), pki.DeviationSpelling},
		"other case":           {issuerAndSerial(distinguished(cbasn1.PrintableString, "ut", "csca", false), serial), pki.DeviationSpelling},
		"other issuer":         {issuerAndSerial(distinguished(cbasn1.PrintableString, "XX", "Other", false), serial), pki.DeviationIssuer},
		"empty issuer":         {issuerAndSerial([]byte{0x30, 0}, serial), pki.DeviationIssuer},
		"other serial":         {issuerAndSerial(issuer, other), pki.DeviationSerial},
		"other issuer, serial": {issuerAndSerial([]byte{0x30, 0}, other), pki.DeviationStranger},
		"other key identifier": {unhex(t, "8004 01020304"), pki.DeviationKeyID},
		"empty key identifier": {unhex(t, "8000"), pki.DeviationKeyID},
		"explicit key id":      {unhex(t, "A006 0404 01020304"), pki.DeviationKeyID},
		"nothing":              {unhex(t, "3000"), pki.DeviationNameless},
		"a name that is none":  {unhex(t, "3007 3002 0500 020101"), pki.DeviationNameless},
	}
}

func TestASignerThatIsMisnamedIsFoundByItsKey(t *testing.T) {
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true})
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT"})
	stranger := newSigner(t, nil)
	for name, c := range oddNames(t, signer) {
		for set, certificates := range map[string][][]byte{
			"alone":             {signer.Certificate.Raw},
			"behind others":     {csca.Certificate.Raw, stranger.Certificate.Raw, signer.Certificate.Raw},
			"behind no other's": {unhex(t, "3000"), signer.Certificate.Raw},
		} {
			m := message(t, signer)
			m.NamedBy, m.Certificates, m.SignSorted = c.name, certificates, true
			sod, err := pki.ParseSOD(pkitest.SOD(t, m))
			if err != nil {
				t.Fatalf("%s, %s: %v", name, set, err)
			}
			found, err := sod.SignerCertificate()
			if err != nil || !bytes.Equal(found.Raw, signer.Certificate.Raw) {
				t.Fatalf("%s, %s: another certificate, %v", name, set, err)
			}
			if err := sod.Verify(); err != nil || !slices.Equal(sod.Deviations(), []pki.Deviation{c.want}) {
				t.Errorf("%s, %s: %q, %v, want %q", name, set, sod.Deviations(), err, c.want)
			}
		}
	}
}

func TestASignerNamedByAKeyIdentifierThatItsCertificateLacksIsFound(t *testing.T) {
	l := newLoose(t, newCSCA(t, "DSC"))
	l.extensions = nil
	certificate := l.encode(t)
	m := message(t, &pkitest.Party{Certificate: newSigner(t, nil).Certificate, Key: l.key})
	m.NamedBy, m.Certificates, m.SignSorted = unhex(t, "8004 01020304"), [][]byte{certificate}, true
	mustBeLetPass(t, m, pki.DeviationNoKeyID)
}

// TestAWrongKeyIsEvidenceOnlyAgainstWhoIsNamed: a signature that does not fit the certificate that is named, or the only
// one that the name can be meant for, is evidence; that it does not fit those that are not named says that one is missing.
func TestAWrongKeyIsEvidenceOnlyAgainstWhoIsNamed(t *testing.T) {
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true})
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT"})
	issuer, serial := signer.Certificate.RawIssuer, signer.Certificate.SerialNumber
	misnamed := issuerAndSerial([]byte{0x30, 0}, serial)
	own, others := signer.Certificate.Raw, newSigner(t, nil).Certificate.Raw
	for name, c := range map[string]struct {
		named        []byte
		certificates [][]byte
		want         error
	}{
		"named":                         {nil, [][]byte{own}, pki.ErrSignature},
		"named, beside others":          {nil, [][]byte{others, csca.Certificate.Raw, own}, pki.ErrSignature},
		"named, and cannot be used":     {nil, [][]byte{unusable(t, signer), others}, pki.ErrUnsupported},
		"misnamed, alone":               {misnamed, [][]byte{own}, pki.ErrSignature},
		"misnamed, twice":               {misnamed, [][]byte{own, own}, pki.ErrSignature},
		"not named, alone":              {unhex(t, "3000"), [][]byte{own}, pki.ErrSignature},
		"misnamed, beside others":       {misnamed, [][]byte{own, others}, pki.ErrMalformed},
		"another, alone":                {issuerAndSerial(issuer, serial), [][]byte{others}, pki.ErrMalformed},
		"its authority's, alone":        {unhex(t, "3000"), [][]byte{csca.Certificate.Raw}, pki.ErrMalformed},
		"none":                          {nil, [][]byte{}, pki.ErrMalformed},
		"not one that can be read":      {nil, [][]byte{unhex(t, "3000")}, pki.ErrMalformed},
		"named by another's key, alone": {unhex(t, "8004 01020304"), [][]byte{own}, pki.ErrMalformed},
	} {
		m := message(t, signer)
		m.NamedBy, m.Certificates, m.BrokenSignature = c.named, c.certificates, true
		if _, err := judged(t, m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAFileFullOfCertificatesIsNotTriedToItsEnd(t *testing.T) {
	signer := newSigner(t, nil)
	m := message(t, signer)
	m.NamedBy = unhex(t, "3000")
	for range 50 {
		m.Certificates = append(m.Certificates, newSigner(t, nil).Certificate.Raw)
	}
	m.Certificates = append(m.Certificates, signer.Certificate.Raw)
	if _, err := judged(t, m); !errors.Is(err, pki.ErrMalformed) {
		t.Errorf("not named: %v", err)
	}
	m.NamedBy = nil
	if _, err := judged(t, m); err != nil {
		t.Errorf("named: %v", err)
	}
}

// TestWhatIsAddedToAMessageOrIsAnAuthoritysAccusesNobody: it may be anybody's, and a CSCA signs no documents.
func TestWhatIsAddedToAMessageOrIsAnAuthoritysAccusesNobody(t *testing.T) {
	serial := big.NewInt(1)
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Serial: serial, Usage: x509.KeyUsageCertSign})
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", Serial: serial})
	twin := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", Serial: serial})
	for name, c := range map[string]struct{ embedded, added [][]byte }{
		"an authority":           {[][]byte{csca.Certificate.Raw}, nil},
		"added":                  {[][]byte{}, [][]byte{twin.Certificate.Raw}},
		"added to an authority":  {[][]byte{csca.Certificate.Raw}, [][]byte{twin.Certificate.Raw}},
		"twelve, and the signer": {[][]byte{signer.Certificate.Raw}, slices.Repeat([][]byte{twin.Certificate.Raw}, 12)},
	} {
		m := message(t, signer)
		m.Certificates = c.embedded
		sod, err := pki.ParseSOD(pkitest.SOD(t, m))
		if err != nil {
			t.Fatal(err)
		}
		sod.Certificates = append(sod.Certificates, c.added...)
		if err := sod.Verify(); errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAuthorityThatSharesIssuerAndSerialWithItsSignerIsPassedOver(t *testing.T) {
	serial := big.NewInt(1)
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Serial: serial})
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", Serial: serial})
	twin := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", Serial: serial})
	for name, certificates := range map[string][][]byte{
		"authority first":  {csca.Certificate.Raw, signer.Certificate.Raw},
		"authority second": {signer.Certificate.Raw, csca.Certificate.Raw},
		"twin first":       {twin.Certificate.Raw, signer.Certificate.Raw},
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, signer)
			m.Certificates, m.SignSorted = certificates, true
			mustBeLetPass(t, m, pki.DeviationNamesake)
			sod, err := pki.ParseSOD(pkitest.SOD(t, m))
			if err != nil {
				t.Fatal(err)
			}
			if c, err := sod.SignerCertificate(); err != nil || !bytes.Equal(c.Raw, signer.Certificate.Raw) {
				t.Errorf("%v, %v", c, err)
			}
		})
	}
}

func TestOfSeveralSignersOneWhoseSignatureVerifiesIsEnough(t *testing.T) {
	signer, other := newSigner(t, nil), newSigner(t, nil)
	also := func(spoil func(*pkitest.Message)) []byte {
		m := message(t, other)
		spoil(&m)
		return m.SignerInfo(t)
	}
	good, spoilt := func(*pkitest.Message) {}, func(m *pkitest.Message) { m.BrokenSignature = true }
	both := [][]byte{signer.Certificate.Raw, other.Certificate.Raw}
	for name, c := range map[string]struct {
		first        func(*pkitest.Message)
		second       []byte
		certificates [][]byte
		want         error
	}{
		"both sign":                                 {good, also(good), both, nil},
		"the first alone":                           {good, also(spoilt), both, nil},
		"the second alone":                          {spoilt, also(good), both, nil},
		"the second's certificate is not there":     {good, also(good), both[:1], nil},
		"the first's certificate is not there":      {good, also(good), both[1:], nil},
		"neither":                                   {spoilt, also(spoilt), both, pki.ErrSignature},
		"the first does not, the second is missing": {spoilt, also(good), both[:1], pki.ErrMalformed},
		"the second signed other content": {spoilt, also(func(m *pkitest.Message) {
			m.DigestOf = []byte("other content")
		}), both, pki.ErrSignature},
		"the second signed it as a list": {spoilt, also(func(m *pkitest.Message) {
			m.SignedType = pkitest.MasterListType
		}), both, pki.ErrSignature},
	} {
		m := message(t, signer)
		m.Also, m.Certificates = [][]byte{c.second}, c.certificates
		c.first(&m)
		for kind, parsed := range map[string]func() (*pki.SignedData, error){
			"EF.SOD": func() (*pki.SignedData, error) {
				sod, err := pki.ParseSOD(pkitest.SOD(t, m))
				if err != nil {
					return nil, err
				}
				return sod.SignedData, nil
			},
			"message": func() (*pki.SignedData, error) { return pki.ParseSignedData(m.Encode(t)) },
		} {
			signed, err := parsed()
			if err != nil {
				t.Fatal(err)
			}
			if err := signed.Verify(); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", kind, name, err, c.want)
			}
			if told := slices.Contains(signed.Deviations(), pki.DeviationCosigned); told != (c.want == nil) {
				t.Errorf("%s, %s: told %q", kind, name, signed.Deviations())
			}
		}
	}
}

func TestTheTimeOfSigningIsThatOfTheSignerWhoseSignatureVerifies(t *testing.T) {
	signer, other := newSigner(t, nil), newSigner(t, nil)
	first, second := message(t, signer), message(t, other)
	first.SigningTime, first.BrokenSignature = pkitest.Day, true
	second.SigningTime = pkitest.Day.AddDate(1, 0, 0)
	first.Also = [][]byte{second.SignerInfo(t)}
	first.Certificates = [][]byte{signer.Certificate.Raw, other.Certificate.Raw}
	signed, err := pki.ParseSignedData(first.Encode(t))
	if err != nil {
		t.Fatal(err)
	}
	if at, stated := signed.SigningTime(); !stated || !at.Equal(second.SigningTime) {
		t.Errorf("signed on %v, %v", at, stated)
	}
}

func TestAttributesThatAreSignedInBERAsTheyStandVerify(t *testing.T) {
	m := message(t, newSigner(t, nil))
	m.LongAttributes = true
	file := pkitest.SOD(t, m)
	sod, err := pki.ParseSOD(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := sod.Verify(); err != nil || !slices.Contains(sod.Deviations(), pki.DeviationAttributeEncoding) {
		t.Errorf("%v, told %q", err, sod.Deviations())
	}
	file = bytes.Replace(file, sod.Content[len(sod.Content)-20:], bytes.Repeat([]byte{7}, 20), 1)
	if sod, err = pki.ParseSOD(file); err == nil {
		err = sod.Verify()
	}
	if err == nil {
		t.Error("other content verifies")
	}
}

func TestWhereTheSignatureAlgorithmIsNotKnownThatOfTheSignersKeyIsTried(t *testing.T) {
	rsaKey, ecKey := newSigner(t, pkitest.NewRSAKey(t)), newSigner(t, nil)
	for name, c := range map[string]struct {
		signer     *pkitest.Party
		identifier string
	}{
		"SHA-256, by an EC key":   {ecKey, "300B 0609 608648016503040201"},
		"SHA-256, by an RSA key":  {rsaKey, "300D 0609 608648016503040201 0500"},
		"ecdsa-with-Recommended":  {ecKey, "3009 0607 2A8648CE3D0402"},
		"ecdsa-with-Specified":    {ecKey, "3016 0607 2A8648CE3D0403 300B 0609 608648016503040201"},
		"nobody's, by an EC key":  {ecKey, "3005 0603 2A0304"},
		"nobody's, by an RSA key": {rsaKey, "3005 0603 2A0304"},
	} {
		m := message(t, c.signer)
		m.SignSorted, m.SignatureAlgorithm = true, unhex(t, c.identifier)
		if deviations, err := judged(t, m); err != nil || !slices.Contains(deviations, pki.DeviationUnknown) {
			t.Errorf("%s: %q, %v", name, deviations, err)
		}
		m.BrokenSignature = true
		if _, err := judged(t, m); !errors.Is(err, pki.ErrUnsupported) {
			t.Errorf("%s, which may be another algorithm: %v", name, err)
		}
		m.BrokenSignature, m.DigestOf = false, []byte("other content")
		if _, err := judged(t, m); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, of other content: %v", name, err)
		}
	}
	m := message(t, rsaKey)
	m.SignSorted, m.Hash, m.SignatureAlgorithm = true, crypto.SHA1, unhex(t, "3009 0605 2B0E03021D 0500") // sha1WithRSA of OIW
	if deviations, err := judged(t, m); err != nil || len(deviations) > 0 {
		t.Errorf("sha1WithRSA: %q, %v", deviations, err)
	}
}

func TestRSAPSSThatNamesNoHashFunctionOfItsMaskIsJudged(t *testing.T) {
	const sha256 = "300D 0609 608648016503040201 0500"
	for name, mask := range map[string]string{"none": "A10D 300B 0609 2A864886F70D010108", "NULL": "A10F 300D 0609 2A864886F70D010108 0500"} {
		m := message(t, newSigner(t, pkitest.NewRSAKey(t)))
		inner := unhex(t, "A00F"+sha256+mask+"A203 020120")
		m.PSS, m.SignSorted = true, true
		m.SignatureAlgorithm = pssIdentifier(append([]byte{0x30, byte(len(inner))}, inner...))
		if deviations, err := judged(t, m); err != nil || !slices.Contains(deviations, pki.DeviationPSSMask) {
			t.Errorf("%s: %q, %v", name, deviations, err)
		}
		m.BrokenSignature = true
		if _, err := judged(t, m); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, broken: %v", name, err)
		}
	}
}
