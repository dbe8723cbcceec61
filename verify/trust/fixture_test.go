package trust_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// months is Day, n months later.
func months(n int) time.Time { return pkitest.Day.AddDate(0, n, 0) }

// masterList is a list of the parties' certificates, signed in that month.
func masterList(t testing.TB, signer *pkitest.Party, month int, listed ...*pkitest.Party) []byte {
	t.Helper()
	var der [][]byte
	for _, p := range listed {
		der = append(der, p.Certificate.Raw)
	}
	return pkitest.MasterList(t, pkitest.Message{Signer: signer, SigningTime: months(month)}, der...)
}

// listSigner is a signer of master lists of csca's.
func listSigner(t testing.TB, csca *pkitest.Party) *pkitest.Party {
	t.Helper()
	return trusttest.ListSigner(t, csca, pkitest.MasterListSigner)
}

// signer is a document signer and the CSCA that issued it.
type signer struct{ csca, dsc *pkitest.Party }

// newSigner is one of Utopia.
func newSigner(t testing.TB) *signer {
	t.Helper()
	return signerOf(t, trusttest.CSCA(t, "CSCA Utopia", "UT"))
}

// signerOf is one of Utopia that csca issued.
func signerOf(t testing.TB, csca *pkitest.Party) *signer {
	t.Helper()
	return &signer{csca, pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})}
}

// certificate is the signer's, parsed.
func (s *signer) certificate(t testing.TB) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(s.dsc.Certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// whyNoPath is why a store has no certification path of a signer's; empty where it has one. None of these is evidence of a forgery.
func whyNoPath(t testing.TB, store *trust.Store, s *signer) string {
	t.Helper()
	_, err := store.CertificationPath(s.certificate(t))
	if err == nil {
		return ""
	}
	if errors.Is(err, pki.ErrSignature) {
		t.Errorf("accused: %v", err)
	}
	return err.Error()
}

// wantPath checks that a signer has a certification path; or, with a reason, that it has none and why: in the store, and in the same
// one opened anew.
func wantPath(t *testing.T, dir string, store *trust.Store, s *signer, when, reason string) {
	t.Helper()
	why := whyNoPath(t, store, s)
	if (why == "") != (reason == "") || !strings.Contains(why, reason) {
		t.Errorf("%s: %q", when, why)
	}
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if then := whyNoPath(t, reopened, s); then != why {
		t.Errorf("%s, opened anew: %q, was %q", when, then, why)
	}
}

// revocationOf is what a store knows of a signer's revocation on [pkitest.Day].
func revocationOf(t testing.TB, store *trust.Store, s *signer) trust.RevocationStatus {
	t.Helper()
	var issuer *pki.Certificate
	if path, err := store.CertificationPath(s.certificate(t)); err == nil {
		issuer = path[0]
	}
	status := store.Revocation(s.certificate(t), issuer, pkitest.Day).Status
	return status
}

// wantRevocation checks what is known of a signer's revocation in the store in a folder, opened anew.
func wantRevocation(t *testing.T, dir string, s *signer, when string, want trust.RevocationStatus) {
	t.Helper()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := revocationOf(t, store, s); got != want {
		t.Errorf("%s: %v, want %v", when, got, want)
	}
}

// bring imports on the day of the month, and wants nothing of it.
func bring(t testing.TB, store *trust.Store, month int, files ...[]byte) {
	t.Helper()
	var named []trust.ImportFile
	for _, data := range files {
		named = append(named, trust.ImportFile{Name: "file", Data: data})
	}
	if _, err := store.ImportFiles(named, trust.Terms{Now: months(month)}); err != nil {
		t.Fatal(err)
	}
}

// renewal is a State with two CSCAs of one name, and a signer of the first.
func renewal(t testing.TB) (p *signer, first, second *pkitest.Party) {
	t.Helper()
	p = newSigner(t)
	second = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	return p, p.csca, second
}

// emptyStore is one in a folder of its own.
func emptyStore(t *testing.T) (store *trust.Store, dir string) {
	t.Helper()
	dir = t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store, dir
}
