package pki_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// germanList is the master list that Germany published on 2026-05-28.
func germanList(t testing.TB) *pki.MasterList {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "trust", "DE_ML_2026-05-28.ml"))
	if err != nil {
		t.Skipf("SKIPPED: the German master list is not here: %v", err)
	}
	list, err := pki.ParseMasterList(file)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// listed are the certificates of the German list.
func listed(t testing.TB) []*pki.Certificate {
	t.Helper()
	var certificates []*pki.Certificate
	begin := time.Now()
	for i, der := range germanList(t).Listed {
		c, err := pki.ParseCertificate(der)
		if err != nil {
			t.Errorf("certificate %d: %v", i, err)
			continue
		}
		certificates = append(certificates, c)
	}
	t.Logf("%d certificates parsed in %v", len(certificates), time.Since(begin))
	return certificates
}

func TestTheGermanMasterListIsSignedByTheGermanCSCA(t *testing.T) {
	list := germanList(t)
	if err := list.Verify(); err != nil {
		t.Error(err)
	}
	signer, err := list.SignerCertificate()
	if err != nil {
		t.Fatal(err)
	}
	var issuers []string
	for _, c := range listed(t) {
		if signer.IssuedInNameOf(c) && signer.CheckSignedBy(c) == nil && c.SelfSigned() {
			issuers = append(issuers, c.Subject)
		}
	}
	want := []string{"CN=csca-germany,OU=bsi,O=bund,C=DE"}
	if diff := cmp.Diff(want, issuers); diff != "" {
		t.Error(diff)
	}
}

// TestEveryCertificateOfTheGermanListIsParsedAndCheckedWhereItsSignersKeyIsListed asks for all that the list can prove, and
// for nothing else: twelve link certificates are signed with keys that their states have withdrawn from it.
func TestEveryCertificateOfTheGermanListIsParsedAndCheckedWhereItsSignersKeyIsListed(t *testing.T) {
	certificates := listed(t)
	begin, checked := time.Now(), 0
	unproven := map[string][]string{}
	for _, c := range certificates {
		if slices.ContainsFunc(certificates, func(issuer *pki.Certificate) bool {
			return (c.IssuedInNameOf(issuer) || c.NamesKeyOf(issuer)) && c.CheckSignedBy(issuer) == nil
		}) {
			checked++
			continue
		}
		reason := "the issuer is not in the list"
		if slices.ContainsFunc(certificates, c.IssuedInNameOf) {
			reason = "of the issuer other keys are in the list"
		}
		if slices.ContainsFunc(certificates, c.NamesKeyOf) {
			reason = "the key is in the list and does not fit"
		}
		unproven[reason] = append(unproven[reason], c.Country+" "+c.SerialNumber.String())
		if c.SelfSigned() {
			t.Errorf("%s: self-signed", c.Subject)
		}
	}
	t.Logf("%d signatures checked in %v", checked, time.Since(begin))
	if len(certificates) != 588 || checked != 576 {
		t.Errorf("%d parsed, %d checked", len(certificates), checked)
	}
	want := map[string][]string{
		"the issuer is not in the list": {"LV 10184", "HU 41450938459876517848752158218"},
		"of the issuer other keys are in the list": {
			"CY 45", "AE 91", "UZ 3940534052671477496", "LB 1492339191514071759633607236471858779255793",
			"AT 439055973246846749", "BG 3903911916126298252", "TR 1590020818589539926",
			"MA 1491865592293039904432415832801162641299568", "PH 948672304249941441741124",
			"MD 5155604225195363430",
		},
	}
	if diff := cmp.Diff(want, unproven); diff != "" {
		t.Error(diff)
	}
}

// TestWhatTheStandardLibraryAcceptsIsReadAlike holds this package against crypto/x509 wherever that gives an answer.
func TestWhatTheStandardLibraryAcceptsIsReadAlike(t *testing.T) {
	alike := 0
	for _, c := range listed(t) {
		want, err := x509.ParseCertificate(c.Raw)
		if err != nil {
			continue
		}
		alike++
		if c.Subject != want.Subject.String() || c.Issuer != want.Issuer.String() {
			t.Errorf("names %q, %q; want %q, %q", c.Subject, c.Issuer, want.Subject, want.Issuer)
		}
		if !c.NotBefore.Equal(want.NotBefore) || !c.NotAfter.Equal(want.NotAfter) {
			t.Errorf("%s: valid from %v to %v, want %v to %v", c.Subject, c.NotBefore, c.NotAfter, want.NotBefore, want.NotAfter)
		}
		if c.CA != want.IsCA || c.SerialNumber.Cmp(want.SerialNumber) != 0 || !bytes.Equal(c.Raw, want.Raw) {
			t.Errorf("%s: CA %v, serial number %v", c.Subject, c.CA, c.SerialNumber)
		}
		if c.SelfSigned() != (bytes.Equal(want.RawIssuer, want.RawSubject) && c.CheckSignedBy(c) == nil) {
			t.Errorf("%s: self-signed %v", c.Subject, c.SelfSigned())
		}
	}
	if alike != 424 {
		t.Errorf("%d certificates compared", alike)
	}
}

func BenchmarkParseTheGermanList(b *testing.B) {
	list := germanList(b)
	for b.Loop() {
		for _, der := range list.Listed {
			if _, err := pki.ParseCertificate(der); err != nil {
				b.Fatal(err)
			}
		}
	}
}
