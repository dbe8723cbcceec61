package chip_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// take imports what must be taken whole.
func take(t testing.TB, store *chip.Store, data []byte, name string) {
	t.Helper()
	result, err := store.Import(data, name, pkitest.Day)
	if err != nil || result.Imported != 1 || len(result.Rejected) > 0 {
		t.Fatalf("%s: %+v, %v", name, result, err)
	}
}

func TestRevocationIsKnownFromAListThatIsCurrent(t *testing.T) {
	p := newPassport(t)
	good := pkitest.RevocationList{Issuer: p.csca, NextUpdate: pkitest.Day.AddDate(0, 0, 30)}
	compromised := good
	compromised.Revoked = []x509.RevocationListEntry{pkitest.Revoke(p.dsc, pkitest.Day.AddDate(0, -1, 0), 1)}
	silent := good
	silent.Revoked = []x509.RevocationListEntry{pkitest.Revoke(p.dsc, pkitest.Day.AddDate(0, -1, 0), 0)}
	other := good
	other.Revoked = []x509.RevocationListEntry{pkitest.Revoke(pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "Other", Country: "UT"}), pkitest.Day, 0)}
	late := pkitest.Day.AddDate(0, 0, 31)
	for name, c := range map[string]struct {
		list   *pkitest.RevocationList
		day    time.Time
		want   verify.Result
		reason string
	}{
		"no list":         {nil, pkitest.Day, verify.Undetermined, "the trust store has no revocation list of the signer's issuer"},
		"not in the list": {&other, pkitest.Day, verify.Passed, "not in its issuer's revocation list of 2026-03-01"},
		"the last day":    {&good, pkitest.Day.AddDate(0, 0, 30), verify.Passed, "not in its issuer's revocation list of 2026-03-01"},
		"an earlier day":  {&good, pkitest.Day.AddDate(0, 0, -5), verify.Passed, "not in its issuer's revocation list of 2026-03-01"},
		"outdated": {&good, late, verify.Undetermined,
			"the newest revocation list of the signer's issuer, of 2026-03-01, is outdated: import a newer one"},
		"revoked": {&compromised, pkitest.Day, verify.Failed,
			"the signer was revoked on 2026-02-01 (key compromise), says its issuer's revocation list of 2026-03-01"},
		"revoked without a reason": {&silent, pkitest.Day, verify.Failed,
			"the signer was revoked on 2026-02-01, says its issuer's revocation list of 2026-03-01"},
		"revoked long ago": {&silent, late, verify.Failed,
			"the signer was revoked on 2026-02-01, says its issuer's revocation list of 2026-03-01"},
	} {
		store := newStore(t, p.csca)
		if c.list != nil {
			take(t, store, c.list.Encode(t), "ut.crl")
		}
		ev := p.evidence(t)
		ev.Day = c.day
		check := examine(store, ev)["chip.pa.revocation"]
		if check.Result != c.want || check.Reason != c.reason {
			t.Errorf("%s: %+v", name, check)
		}
		if diff := cmp.Diff([]string{"EF.SOD"}, check.Evidence); diff != "" {
			t.Errorf("%s: evidence %s", name, diff)
		}
	}
}

func TestOfASignerWhoseIssuerIsUnknownRevocationIsNot(t *testing.T) {
	p := newPassport(t)
	check := examine(newStore(t), p.evidence(t))["chip.pa.revocation"]
	if check.Result != verify.Undetermined || !strings.Contains(check.Reason, "issuer is not known") {
		t.Errorf("%+v", check)
	}
}

func TestARevocationListIsFoundUnderANewKeyOfTheIssuerToo(t *testing.T) {
	p := newPassport(t)
	renewed := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia", Country: "ut", CA: true})
	store := newStore(t, p.csca, renewed)
	take(t, store, pkitest.RevocationList{Issuer: renewed, Revoked: []x509.RevocationListEntry{
		pkitest.Revoke(p.dsc, pkitest.Day, 0)}}.Encode(t), "ut.crl")
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
}

func TestARevocationListIsTakenOnlyFromAKnownCSCA(t *testing.T) {
	csca, stranger, namesake := state(t, "CSCA", "UT"), state(t, "CSCA X", "XX"), state(t, "CSCA", "UT")
	link := pkitest.Issue(t, namesake, pkitest.Template{CommonName: "CSCA new", Country: "UT", CA: true})
	store := newStore(t, csca, link)
	for _, c := range []struct {
		list   pkitest.RevocationList
		reason string
	}{
		{pkitest.RevocationList{Issuer: stranger}, "no CSCA of this issuer in the trust store"},
		{pkitest.RevocationList{Issuer: namesake}, "a newer one may be missing"},
		{pkitest.RevocationList{Issuer: link}, "a link certificate whose own issuer is not in the trust store"},
	} {
		result, err := store.Import(c.list.Encode(t), "x.crl", pkitest.Day)
		if err != nil || result.Imported != 0 || len(result.Rejected) != 1 ||
			!strings.Contains(result.Rejected[0].Reason, c.reason) || result.Rejected[0].Subject == "" {
			t.Errorf("%s: %+v, %v", c.reason, result, err)
		}
	}
	broken := pkitest.RevocationList{Issuer: csca, BrokenSignature: true}.Encode(t)
	if result, err := store.Import(broken, "x.crl", pkitest.Day); err == nil || result.Imported != 0 {
		t.Errorf("a broken signature: %+v, %v", result, err)
	}
	if len(store.CRLs()) != 0 {
		t.Errorf("%+v", store.CRLs())
	}
}

func TestANewerRevocationListTakesThePlaceOfTheOlder(t *testing.T) {
	p := newPassport(t)
	dir := t.TempDir()
	store, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	take(t, store, p.csca.Certificate.Raw, "csca.cer")
	older := pkitest.RevocationList{Issuer: p.csca, ThisUpdate: pkitest.Day.AddDate(0, 0, -10)}.Encode(t)
	newer := pkitest.RevocationList{Issuer: p.csca, Revoked: []x509.RevocationListEntry{
		pkitest.Revoke(p.dsc, pkitest.Day, 0)}}.Encode(t)
	take(t, store, older, "older.crl")
	take(t, store, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: newer}), "newer.pem")
	result, err := store.Import(older, "older.crl", pkitest.Day)
	want := []chip.Rejected{{Subject: "CN=CSCA Utopia,C=UT", Reason: "the store has a newer revocation list of this issuer, of 2026-03-01"}}
	if diff := cmp.Diff(want, result.Rejected); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if again, err := store.Import(newer, "newer.crl", pkitest.Day); err != nil || again.Known != 1 {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	reopened, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	lists := reopened.CRLs()
	if len(lists) != 1 || lists[0].Source != "newer.pem" || lists[0].Revoked != 1 || lists[0].Issuer != "CN=CSCA Utopia,C=UT" ||
		!lists[0].ThisUpdate.Equal(pkitest.Day) || !lists[0].Signed.Equal(pkitest.Day) {
		t.Errorf("%+v", lists)
	}
	if check := examine(reopened, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 4 {
		t.Errorf("in the folder: %q, %v", left, err)
	}
}

func TestTheOrderOfFilesDoesNotMatter(t *testing.T) {
	csca := state(t, "CSCA", "UT")
	files := []chip.File{
		{Name: "ut.crl", Data: pkitest.RevocationList{Issuer: csca}.Encode(t)},
		{Name: "note.txt", Data: []byte("holiday pictures")},
		{Name: "csca.cer", Data: csca.Certificate.Raw},
	}
	store := newStore(t)
	results, err := store.ImportFiles(files, chip.Terms{Now: pkitest.Day})
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
	csca := state(t, "CSCA", "UT")
	dir := t.TempDir()
	store, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	take(t, store, csca.Certificate.Raw, "csca.cer")
	take(t, store, pkitest.RevocationList{Issuer: csca}.Encode(t), "ut.crl")
	empty := pkitest.RevocationList{Issuer: csca}.Encode(t)
	if err := os.WriteFile(filepath.Join(dir, store.CRLs()[0].SHA256+".crl"), empty, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := chip.OpenStore(dir); err == nil {
		t.Error("opened")
	}
}
