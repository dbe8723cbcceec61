package trust_test

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func TestAListOfDefectsIsTakenOnlyFromWhoMayPublishIt(t *testing.T) {
	p := newSigner(t)
	stranger := trusttest.CSCA(t, "CSCA X", "XX")
	defects := func(m pkitest.Message) []byte { return pkitest.DefectList(t, m, 1) }
	deviations := func(m pkitest.Message) []byte { return pkitest.DeviationList(t, m) }
	mayDefects := trusttest.ListSigner(t, p.csca, pkitest.DefectListSigner)
	for name, c := range map[string]struct {
		list   []byte
		reason string // empty for taken
	}{
		"unknown publisher": {defects(pkitest.Message{Signer: trusttest.ListSigner(t, stranger, pkitest.DefectListSigner)}),
			"the list's publisher is not known: no CSCA of this issuer in the trust store"},
		"for something else": {defects(pkitest.Message{Signer: trusttest.ListSigner(t, p.csca, pkitest.DeviationListSigner)}),
			"the list's signer may not sign such lists"},
		"a document signer's deviations": {deviations(pkitest.Message{Signer: p.dsc}), "the list's signer may not sign such lists"},
		"not valid when it signed": {defects(pkitest.Message{Signer: mayDefects, SigningTime: pkitest.Day.AddDate(-9, 0, 0)}),
			"the list's signer was not valid when it signed"},
		"signed on a day to come": {defects(pkitest.Message{Signer: mayDefects, SigningTime: pkitest.Day.AddDate(0, 0, 2)}),
			"it was signed on 2026-03-03, which is after 2026-03-01: set the clock, or wait"},
	} {
		store := trusttest.New(t, p.csca)
		result, err := trusttest.Import(store, c.list, "list", pkitest.Day)
		if err != nil || len(result.Rejected) != 1 || result.Rejected[0].Reason != c.reason || len(store.Lists()) != 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
	store := trusttest.New(t, p.csca)
	broken := defects(pkitest.Message{Signer: mayDefects, BrokenSignature: true})
	if _, err := trusttest.Import(store, broken, "list", pkitest.Day); err == nil {
		t.Error("a broken signature was taken")
	}
	list := trust.ImportFile{Name: "list", Data: defects(pkitest.Message{Signer: p.dsc})}
	results, err := store.ImportFiles([]trust.ImportFile{list}, trust.Terms{Now: pkitest.Day})
	if err != nil || results[0].Imported != 0 || results[0].Unvouched != 1 || results[0].Rejected[0].Fingerprint != trusttest.Fingerprint(p.dsc) {
		t.Errorf("no purpose stated: %+v, %v", results, err)
	}
	results, err = store.ImportFiles([]trust.ImportFile{list}, trust.Terms{Now: pkitest.Day, Publishers: []string{trusttest.Fingerprint(p.dsc)}})
	if err != nil || results[0].Imported != 1 || results[0].Warning != "the list's signer does not state that it signs defect lists" {
		t.Errorf("no purpose stated, and named: %+v, %v", results, err)
	}
}

func TestOfListsOfOnePublisherTheNewestIsKept(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	by := trusttest.ListSigner(t, csca, pkitest.DefectListSigner)
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(day time.Time) []byte {
		return pkitest.DefectList(t, pkitest.Message{Signer: by, SigningTime: day}, 2)
	}
	trusttest.Take(t, store, csca.Certificate.Raw, "csca.cer")
	other := trusttest.CSCA(t, "Other", "UT").Certificate.Raw
	trusttest.Take(t, store, pkitest.MasterList(t, pkitest.Message{Signer: csca, SigningTime: pkitest.Day}, other), "ml")
	trusttest.Take(t, store, signed(pkitest.Day.AddDate(0, -2, 0)), "old.dfl")
	trusttest.Take(t, store, signed(pkitest.Day.AddDate(0, -1, 0)), "new.dfl")
	result, err := trusttest.Import(store, signed(pkitest.Day.AddDate(0, -2, 0)), "old.dfl", pkitest.Day)
	if err != nil || len(result.Rejected) != 1 || result.Rejected[0].Reason != "the store has a newer list of this publisher" {
		t.Errorf("%+v, %v", result, err)
	}
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range reopened.Lists() {
		got = append(got, strings.Join([]string{l.Kind, l.Publisher, l.Source, l.Signed.Format(time.DateOnly)}, ", "))
	}
	want := []string{"defect list, CN=CSCA,C=UT, new.dfl, 2026-02-01", "master list, CN=CSCA,C=UT, ml, 2026-03-01"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(store.Lists(), reopened.Lists()); diff != "" {
		t.Error(diff)
	}
}

func TestAListWhoseSignerWasRevokedIsNotTaken(t *testing.T) {
	p := newSigner(t)
	german := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Germany", Country: "DE", CA: true})
	bsi := trusttest.ListSigner(t, german, pkitest.DefectListSigner)
	store := trusttest.New(t, p.csca, german)
	csca := trusttest.ListSigner(t, german, pkitest.MasterListSigner)
	entries := []x509.RevocationListEntry{pkitest.Revoke(bsi, pkitest.Day, 1), pkitest.Revoke(csca, pkitest.Day, 1)}
	trusttest.Take(t, store, pkitest.RevocationList{Issuer: german, Revoked: entries}.Encode(t), "de.crl")
	later := pkitest.Message{Signer: bsi, SigningTime: pkitest.Day}
	for name, list := range map[string][]byte{
		"defects": pkitest.DefectList(t, later, 2), "CSCAs": pkitest.MasterList(t, pkitest.Message{Signer: csca, SigningTime: pkitest.Day}, newSigner(t).csca.Certificate.Raw),
	} {
		result, err := trusttest.Import(store, list, "x.list", pkitest.Day.AddDate(0, 0, 2))
		if told := fmt.Sprint(result.Rejected, err); result.Imported != 0 || !strings.Contains(told, "revoked") {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}

func TestADocumentSignerReplacesNoListOfItsPublisher(t *testing.T) {
	p := newSigner(t)
	store := trusttest.New(t, p.csca)
	revoked := pkitest.KnownDefect{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(3)}
	list := pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, p.csca, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 2,
		pkitest.Defect{Signer: p.dsc, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{revoked}})
	trusttest.Take(t, store, list, "ut.defects")
	newer := pkitest.DefectList(t, pkitest.Message{Signer: p.dsc, SigningTime: pkitest.Day.AddDate(0, 0, 1)}, 2)
	result, err := trusttest.Import(store, newer, "x.defects", pkitest.Day.AddDate(0, 0, 2))
	if err != nil || result.Imported != 0 || len(result.Rejected) != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if got := revocationOf(t, store, p); got != trust.StatusRevoked {
		t.Error(got)
	}
}

func TestAMasterListInADirectoryMustBeOneThatCanBeChecked(t *testing.T) {
	p, forged := newSigner(t), newSigner(t)
	message := pkitest.Message{Signer: p.dsc, SigningTime: pkitest.Day, NoCertificate: true}
	list := pkitest.MasterList(t, message, forged.csca.Certificate.Raw)
	store := trusttest.New(t, p.csca)
	result, _ := trusttest.Import(store, trusttest.Directory([2]string{"pkdMasterListContent", string(list)}), "x.ldif", pkitest.Day)
	if result.Imported != 0 || len(store.List()) != 1 {
		t.Errorf("%+v", result)
	}
}
