package trust_test

import (
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func TestTheDirectoryOfICAOIsImported(t *testing.T) {
	csca, stranger := trusttest.CSCA(t, "CSCA", "UT"), trusttest.CSCA(t, "CSCA X", "XX")
	next := pkitest.Issue(t, csca, pkitest.Template{CommonName: "CSCA 2", Country: "UT", CA: true})
	broken := pkitest.RevocationList{Issuer: csca, ThisUpdate: pkitest.Day.Add(time.Hour), BrokenSignature: true}
	brokenList := pkitest.MasterList(t, pkitest.Message{Signer: csca, BrokenSignature: true}, stranger.Certificate.Raw)
	store := trusttest.New(t, csca)
	result, err := trusttest.Import(store, trusttest.Directory(
		[2]string{"certificateRevocationList;binary", string(pkitest.RevocationList{Issuer: stranger}.Encode(t))},
		[2]string{"certificateRevocationList;binary", string(pkitest.RevocationList{Issuer: csca}.Encode(t))},
		[2]string{"certificateRevocationList;binary", string(broken.Encode(t))},
		[2]string{"userCertificate;binary", string(csca.Certificate.Raw)},
		[2]string{"userCertificate;binary", string(stranger.Certificate.Raw)},
		[2]string{"userCertificate;binary", string(next.Certificate.Raw)},
		[2]string{"pkdMasterListContent", string(brokenList)},
	), "icaopkd.ldif", pkitest.Day)
	if err != nil {
		t.Fatal(err)
	}
	want := trust.Imported{Imported: 2, Known: 1, Unvouched: 2, Rejected: []trust.Rejected{
		{Subject: "CN=CSCA X,C=XX", Reason: "a directory vouches for no CSCA: take it from a master list, or import it on its own"},
		{Subject: "", Reason: "signature does not verify"},
		{Subject: "CN=CSCA,C=UT", Reason: "revocation list: it names a CSCA of the trust store by its key's digest, whose key did not sign it: signature does not verify"},
		{Subject: "CN=CSCA X,C=XX", Reason: "no CSCA of this issuer in the trust store"},
	}}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}
	if crls := store.CRLs(); len(crls) != 1 || crls[0].Source != "icaopkd.ldif" || !crls[0].ThisUpdate.Equal(pkitest.Day) {
		t.Errorf("%+v", crls)
	}
}

func TestADirectoryThatWentThroughAnEditorIsImported(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	good := trusttest.Directory([2]string{"certificateRevocationList;binary", string(pkitest.RevocationList{Issuer: csca}.Encode(t))})
	folded := strings.ReplaceAll(strings.Replace(string(good), "version", "Version", 1), ":: ", "::\n\t")
	for name, file := range map[string]string{
		"a mark": "\uFEFF" + string(good), "an empty line": "\r\n" + string(good), "folded behind tabs": folded,
	} {
		result, err := trusttest.Import(trusttest.New(t, csca), []byte(file), "icaopkd.ldif", pkitest.Day)
		if err != nil || result.Imported != 1 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}

func TestAMasterListThatAnotherMakesKnownIsTakenWithoutDoubt(t *testing.T) {
	ours, theirs, third := trusttest.CSCA(t, "CSCA", "UT"), trusttest.CSCA(t, "CSCA N", "NB"), trusttest.CSCA(t, "CSCA T", "TT")
	theirList := pkitest.MasterList(t, pkitest.Message{Signer: theirs}, third.Certificate.Raw)
	ourList := pkitest.MasterList(t, pkitest.Message{Signer: ours}, theirs.Certificate.Raw)
	doubted := pkitest.MasterList(t, pkitest.Message{Signer: trusttest.CSCA(t, "CSCA D", "DD")},
		trusttest.CSCA(t, "CSCA E", "EE").Certificate.Raw)
	store := trusttest.New(t, ours)
	result, err := trusttest.Import(store, trusttest.Directory(
		[2]string{"pkdMasterListContent", string(doubted)},
		[2]string{"pkdMasterListContent", string(theirList)},
		[2]string{"cscaMasterListData;binary", string(ourList)},
	), "002.ldif", pkitest.Day)
	if err != nil || result.Imported != 2 || result.Unvouched != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	for _, e := range store.List() {
		if e.Country == "EE" || e.Distrusted != "" {
			t.Errorf("%+v", e)
		}
	}
	if len(store.Lists()) != 2 {
		t.Errorf("%+v", store.Lists())
	}
}

func TestOfADamagedDirectoryNothingIsTaken(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	store := trusttest.New(t, csca)
	good := trusttest.Directory([2]string{"certificateRevocationList;binary", string(pkitest.RevocationList{Issuer: csca}.Encode(t))})
	for name, damaged := range map[string]string{
		"cut":   string(good) + "\nuserCertificate;binary:: MII!\n",
		"empty": "version: 1\n\ndn: dc=int\nobjectClass: top\n",
	} {
		result, err := trusttest.Import(store, []byte(damaged), "x.ldif", pkitest.Day)
		if err == nil || result.Imported != 0 || len(store.CRLs()) != 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}

// A certificate in PEM among the lines of a directory is as little vouched for as the directory is.
func TestPEMInADirectoryBringsNoAnchor(t *testing.T) {
	forged := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Forged", Country: "DE", CA: true})
	block := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: forged.Certificate.Raw}))
	lines := string(trusttest.Directory([2]string{"userCertificate;binary", string(forged.Certificate.Raw)}))
	for name, file := range map[string]string{
		"behind":              lines + "\n" + block,
		"before":              block + "\n" + lines,
		"far behind":          strings.Repeat("# a comment\n", 7000) + lines + "\n" + block,
		"a line that is none": "objectClass: top\n" + lines + "\n" + block,
		"as if DER":           "\x30\x82\n" + lines + "\n" + block,
	} {
		store := trusttest.New(t)
		_, err := trusttest.Import(store, []byte(file), "x.ldif", pkitest.Day)
		if len(store.List()) != 0 {
			t.Errorf("%s: %+v, %v", name, store.List(), err)
		}
	}
}
