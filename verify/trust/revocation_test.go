package trust_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func TestARevocationListIsTakenOnlyFromAKnownCSCA(t *testing.T) {
	csca, stranger, namesake := trusttest.CSCA(t, "CSCA", "UT"), trusttest.CSCA(t, "CSCA X", "XX"), trusttest.CSCA(t, "CSCA", "UT")
	link := pkitest.Issue(t, namesake, pkitest.Template{CommonName: "CSCA new", Country: "UT", CA: true})
	store := trusttest.New(t, csca, link)
	for _, c := range []struct {
		list   pkitest.RevocationList
		reason string
	}{
		{pkitest.RevocationList{Issuer: stranger}, "no CSCA of this issuer in the trust store"},
		{pkitest.RevocationList{Issuer: namesake}, "a newer one may be missing"},
		{pkitest.RevocationList{Issuer: link}, "a link certificate whose own issuer is not in the trust store"},
	} {
		result, err := trusttest.Import(store, c.list.Encode(t), "x.crl", pkitest.Day)
		if err != nil || result.Imported != 0 || len(result.Rejected) != 1 ||
			!strings.Contains(result.Rejected[0].Reason, c.reason) || result.Rejected[0].Subject == "" {
			t.Errorf("%s: %+v, %v", c.reason, result, err)
		}
	}
	broken := pkitest.RevocationList{Issuer: csca, BrokenSignature: true}.Encode(t)
	if result, err := trusttest.Import(store, broken, "x.crl", pkitest.Day); err == nil || result.Imported != 0 {
		t.Errorf("a broken signature: %+v, %v", result, err)
	}
	if len(store.CRLs()) != 0 {
		t.Errorf("%+v", store.CRLs())
	}
}

func TestANewerRevocationListTakesThePlaceOfTheOlder(t *testing.T) {
	p := newSigner(t)
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	trusttest.Take(t, store, p.csca.Certificate.Raw, "csca.cer")
	older := pkitest.RevocationList{Issuer: p.csca, ThisUpdate: pkitest.Day.AddDate(0, 0, -10)}.Encode(t)
	newer := pkitest.RevocationList{Issuer: p.csca, Revoked: []x509.RevocationListEntry{
		pkitest.Revoke(p.dsc, pkitest.Day, 0)}}.Encode(t)
	trusttest.Take(t, store, older, "older.crl")
	trusttest.Take(t, store, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: newer}), "newer.pem")
	result, err := trusttest.Import(store, older, "older.crl", pkitest.Day)
	want := []trust.Rejected{{Subject: "CN=CSCA Utopia,C=UT", Reason: "the store has a newer revocation list of this issuer, of 2026-03-01"}}
	if diff := cmp.Diff(want, result.Rejected); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if again, err := trusttest.Import(store, newer, "newer.crl", pkitest.Day); err != nil || again.Known != 1 {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	lists := reopened.CRLs()
	if len(lists) != 1 || lists[0].Source != "newer.pem" || lists[0].Revoked != 1 || lists[0].Issuer != "CN=CSCA Utopia,C=UT" ||
		!lists[0].ThisUpdate.Equal(pkitest.Day) || !lists[0].Signed.Equal(pkitest.Day) {
		t.Errorf("%+v", lists)
	}
	if status := revocationOf(t, reopened, p); status != trust.StatusRevoked {
		t.Error(status)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 4 {
		t.Errorf("in the folder: %q, %v", left, err)
	}
}

func TestTheOrderOfFilesDoesNotMatter(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	files := []trust.ImportFile{
		{Name: "ut.crl", Data: pkitest.RevocationList{Issuer: csca}.Encode(t)},
		{Name: "note.txt", Data: []byte("holiday pictures")},
		{Name: "csca.cer", Data: csca.Certificate.Raw},
	}
	store := trusttest.New(t)
	results, err := store.ImportFiles(files, trust.Terms{Now: pkitest.Day})
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Imported != 1 || results[1].Refused == nil || results[2].Imported != 1 {
		t.Errorf("%+v", results)
	}
	if len(store.CRLs()) != 1 || len(store.List()) != 1 {
		t.Errorf("%d lists, %d certificates", len(store.CRLs()), len(store.List()))
	}
}

func TestARevocationListThatWasTamperedWithDoesNotOpen(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	trusttest.Take(t, store, csca.Certificate.Raw, "csca.cer")
	trusttest.Take(t, store, pkitest.RevocationList{Issuer: csca}.Encode(t), "ut.crl")
	empty := pkitest.RevocationList{Issuer: csca}.Encode(t)
	if err := os.WriteFile(filepath.Join(dir, store.CRLs()[0].SHA256+".crl"), empty, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.OpenStore(dir); err == nil {
		t.Error("opened")
	}
}
