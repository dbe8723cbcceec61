package pki_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// newCSCA makes a CSCA that may sign revocation lists.
func newCSCA(t testing.TB, name string) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, nil, pkitest.Template{
		CommonName: name, Country: "UT", CA: true, Usage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
}

// revocations is a list of version 2 with two entries, changed as change says.
func revocations(t testing.TB, csca *pkitest.Party, serial *big.Int, change func(*x509.RevocationList)) []byte {
	t.Helper()
	list := &x509.RevocationList{
		Number: big.NewInt(7), ThisUpdate: pkitest.Day, NextUpdate: pkitest.Day.AddDate(0, 3, 0),
		RevokedCertificateEntries: []x509.RevocationListEntry{
			{SerialNumber: big.NewInt(4711), RevocationTime: pkitest.Day, ReasonCode: 1},
			{SerialNumber: serial, RevocationTime: pkitest.Day.AddDate(0, -1, 0)},
		},
	}
	change(list)
	der, err := x509.CreateRevocationList(rand.Reader, list, csca.Certificate, csca.Key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func asItIs(*x509.RevocationList) {}

func TestARevokedCertificateIsFoundWithTheDayOfItsRevocation(t *testing.T) {
	csca, other := newCSCA(t, "CSCA"), newCSCA(t, "CSCA of another name")
	revoked := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC 1", Country: "UT"})
	good := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC 2", Country: "UT"})
	der := revocations(t, csca, revoked.Certificate.SerialNumber, asItIs)
	list, err := pki.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if r, is := list.Revokes(parse(t, revoked)); !is || !r.When.Equal(pkitest.Day.AddDate(0, -1, 0)) || r.Reason != "" {
		t.Errorf("%v, %v", r, is)
	}
	if _, is := list.Revokes(parse(t, good)); is {
		t.Error("a certificate that is not in the list is revoked")
	}
	if list.Revoked != 2 || !list.ThisUpdate.Equal(pkitest.Day) || !list.NextUpdate.Equal(pkitest.Day.AddDate(0, 3, 0)) ||
		list.Issuer != "CN=CSCA,C=UT" || list.Country != "UT" || !bytes.Equal(list.Raw, der) {
		t.Errorf("%+v", list)
	}
	issuer, stranger := parse(t, csca), parse(t, other)
	if !list.IssuedInNameOf(issuer) || list.IssuedInNameOf(stranger) || !list.NamesKeyOf(issuer) || list.NamesKeyOf(stranger) {
		t.Error("the issuer is mistaken")
	}
}

func TestASerialNumberIsRevokedUnderItsIssuerOnly(t *testing.T) {
	csca, other := newCSCA(t, "CSCA"), newCSCA(t, "CSCA of another name")
	signer := parse(t, pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT"}))
	list, err := pki.ParseCRL(revocations(t, other, signer.SerialNumber, asItIs))
	if err != nil {
		t.Fatal(err)
	}
	if _, is := list.Revokes(signer); is {
		t.Error("revoked by somebody else's list")
	}
}

func TestARevocationListIsCheckedAgainstItsIssuer(t *testing.T) {
	csca, namesake := newCSCA(t, "CSCA"), newCSCA(t, "CSCA")
	der := revocations(t, csca, big.NewInt(1), asItIs)
	list, err := pki.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignedBy(parse(t, csca)); err != nil {
		t.Error(err)
	}
	if err := list.CheckSignedBy(parse(t, namesake)); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("a namesake's key: %v", err)
	}
	serial := bytes.Index(der, []byte{0x02, 0x02, 0x12, 0x67}) // 4711
	der[serial+3] ^= 1
	altered, err := pki.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := altered.CheckSignedBy(parse(t, csca)); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("another serial number: %v", err)
	}
}

func TestARevocationListCoversTheDaysUpToItsNextUpdate(t *testing.T) {
	der := revocations(t, newCSCA(t, "CSCA"), big.NewInt(1), asItIs)
	var open pkix.CertificateList
	if _, err := asn1.Unmarshal(der, &open); err != nil {
		t.Fatal(err)
	}
	open.TBSCertList.Raw, open.TBSCertList.NextUpdate = nil, time.Time{}
	without, err := asn1.Marshal(open)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		der  []byte
		last time.Time
	}{
		"stated":     {der, pkitest.Day.AddDate(0, 3, 0)},
		"not stated": {without, pkitest.Day.AddDate(0, 0, 90)},
	} {
		list, err := pki.ParseCRL(c.der)
		if err != nil {
			t.Fatal(err)
		}
		if !list.CoversDay(pkitest.Day.AddDate(-1, 0, 0)) || !list.CoversDay(c.last) || list.CoversDay(c.last.Add(time.Second)) {
			t.Errorf("%s: not covered up to %v", name, c.last)
		}
	}
}

func TestListsOfTwoKeysOfOneIssuerStandBesideEachOther(t *testing.T) {
	csca, renewed, other := newCSCA(t, "CSCA"), newCSCA(t, "CSCA"), newCSCA(t, "CSCA of another name")
	list := func(p *pkitest.Party) *pki.CRL {
		l, err := pki.ParseCRL(revocations(t, p, big.NewInt(1), asItIs))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if !list(csca).SameIssuerAs(list(csca)) || list(csca).SameIssuerAs(list(renewed)) || list(csca).SameIssuerAs(list(other)) {
		t.Error("issuers are mistaken")
	}
}

func TestAnEmptyRevocationListRevokesNothing(t *testing.T) {
	csca := newCSCA(t, "CSCA")
	der := revocations(t, csca, big.NewInt(1), func(l *x509.RevocationList) { l.RevokedCertificateEntries = nil })
	list, err := pki.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if _, is := list.Revokes(parse(t, csca)); is || list.Revoked != 0 {
		t.Errorf("%+v", list)
	}
}

func TestAListThatSaysLessThanItsEntriesDoIsNotSupported(t *testing.T) {
	csca := newCSCA(t, "CSCA")
	for name, change := range map[string]func(*x509.RevocationList){
		"changes alone": func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}
		},
		"another's certificate": func(l *x509.RevocationList) {
			l.RevokedCertificateEntries[0].ExtraExtensions = []pkix.Extension{
				{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}}
		},
	} {
		if _, err := pki.ParseCRL(revocations(t, csca, big.NewInt(1), change)); !errors.Is(err, pki.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAListThatStatesThatItLeavesSomeOutIsPartial(t *testing.T) {
	csca := newCSCA(t, "CSCA")
	for name, c := range map[string]struct {
		point []byte // of an issuing distribution point; nil for another extension
		want  bool
	}{
		"something unknown":      {nil, true},
		"where it is":            {[]byte{0x30, 8, 0xA0, 6, 0xA0, 4, 0x86, 2, 'u', ':'}, false},
		"signers alone":          {[]byte{0x30, 3, 0x81, 1, 0xFF}, false},
		"CAs alone":              {[]byte{0x30, 3, 0x82, 1, 0xFF}, true},
		"not CAs alone":          {[]byte{0x30, 3, 0x82, 1, 0}, false},
		"some reasons":           {[]byte{0x30, 4, 0x83, 2, 6, 0x40}, true},
		"attribute certificates": {[]byte{0x30, 3, 0x85, 1, 0xFF}, true},
		"cannot be read":         {[]byte{0x30, 3, 0x82}, true},
	} {
		list, err := pki.ParseCRL(revocations(t, csca, big.NewInt(1), func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: c.point}}
			if c.point == nil {
				l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
			}
		}))
		if err != nil || list.Partial != c.want {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
}

func TestAnEntryMayBeOneThatMustBeHeededOrThatTakesARevocationBack(t *testing.T) {
	csca := newCSCA(t, "CSCA")
	issued := parse(t, csca)
	for name, c := range map[string]struct {
		change           func(*x509.RevocationListEntry)
		revoked, partial bool
	}{
		"as it is":   {func(*x509.RevocationListEntry) {}, true, false},
		"taken back": {func(e *x509.RevocationListEntry) { e.ReasonCode = 8 }, false, false},
		"something unknown": {func(e *x509.RevocationListEntry) {
			e.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
		}, true, true},
		"since when it was bad": {func(e *x509.RevocationListEntry) {
			e.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Critical: true, Value: []byte{5, 0}}}
		}, true, false},
	} {
		list, err := pki.ParseCRL(revocations(t, csca, issued.SerialNumber, func(l *x509.RevocationList) { c.change(&l.RevokedCertificateEntries[1]) }))
		if err != nil {
			t.Fatal(err)
		}
		if _, revoked := list.Revokes(issued); revoked != c.revoked || list.Partial != c.partial {
			t.Errorf("%s: %v, %v", name, revoked, list.Partial)
		}
	}
}

func TestEveryCutOfARevocationListIsAnError(t *testing.T) {
	der := revocations(t, newCSCA(t, "CSCA"), big.NewInt(1), asItIs)
	for n := range der {
		if _, err := pki.ParseCRL(der[:n]); !errors.Is(err, pki.ErrMalformed) {
			t.Fatalf("%d of %d bytes: %v", n, len(der), err)
		}
	}
	if _, err := pki.ParseCRL(slices.Concat(der, der)); !errors.Is(err, pki.ErrMalformed) {
		t.Errorf("something behind it: %v", err)
	}
}

func FuzzCRL(f *testing.F) {
	csca := newCSCA(f, "CSCA")
	issuer, err := pki.ParseCertificate(csca.Certificate.Raw)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(revocations(f, csca, issuer.SerialNumber, asItIs))
	f.Fuzz(func(t *testing.T, der []byte) {
		list, err := pki.ParseCRL(der)
		if err != nil {
			if !errors.Is(err, pki.ErrMalformed) && !errors.Is(err, pki.ErrUnsupported) {
				t.Error(err)
			}
			return
		}
		if _, revoked := list.Revokes(issuer); revoked && list.Revoked == 0 {
			t.Error("revoked by an empty list")
		}
		if !list.SameIssuerAs(list) || !list.CoversDay(list.ThisUpdate) && list.NextUpdate.IsZero() {
			t.Error("a list is not itself")
		}
		_ = list.CheckSignedBy(issuer)
	})
}

func TestAListInBERIsJudgedByTheBytesThatItsIssuerSigned(t *testing.T) {
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true})
	list := &pkitest.Party{Certificate: &x509.Certificate{Raw: pkitest.RevocationList{Issuer: csca}.Encode(t)}}
	ber := pkitest.Reissue(t, list, csca, true, bytes.Clone)
	for _, forged := range []bool{false, true} {
		if forged {
			ber = bytes.Replace(ber, []byte("CSCA"), []byte("CSCB"), 1)
		}
		crl, err := pki.ParseCRL(ber)
		if err != nil {
			t.Fatal(err)
		}
		if err := crl.CheckSignedBy(parse(t, csca)); errors.Is(err, pki.ErrSignature) != forged || (err == nil) == forged {
			t.Errorf("forged %v: %v", forged, err)
		}
	}
}
