package trust_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func TestAStoreKeepsWhatItWasGivenAndWhereItCameFrom(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trust")
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, a := trusttest.CSCA(t, "CSCA B", "UT"), trusttest.CSCA(t, "CSCA A", "UT")
	link := pkitest.Issue(t, a, pkitest.Template{CommonName: "CSCA C", Country: "UT", CA: true})
	var bundle []byte
	for _, p := range []*pkitest.Party{b, a, link, a} {
		bundle = append(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate.Raw})...)
	}
	result, err := trusttest.Import(store, bundle, "/home/somebody/utopia.pem", pkitest.Day)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trust.Imported{Imported: 3, Known: 1, Rejected: []trust.Rejected{}}, result); diff != "" {
		t.Error(diff)
	}
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(store.List(), reopened.List()); diff != "" {
		t.Error("after opening again:", diff)
	}
	var got []string
	for _, entry := range reopened.List() {
		if entry.Source != "utopia.pem" || !entry.Imported.Equal(pkitest.Day) || len(entry.SHA256) != 64 {
			t.Errorf("%+v", entry)
		}
		kind := "link"
		if entry.Anchor {
			kind = "anchor"
		}
		got = append(got, entry.Subject+" "+kind)
	}
	want := []string{"CN=CSCA A,C=UT anchor", "CN=CSCA B,C=UT anchor", "CN=CSCA C,C=UT link"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeUsedIsRejectedByNameAndReason(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT"})
	unknownCurve := bytes.Replace(csca.Certificate.Raw, []byte("\x2A\x86\x48\xCE\x3D\x03\x01\x07"),
		[]byte("\x2A\x86\x48\xCE\x3D\x03\x01\x7F"), 1)
	list := pkitest.MasterList(t, pkitest.Message{Signer: listSigner(t, csca)},
		csca.Certificate.Raw, signer.Certificate.Raw, unknownCurve, []byte{0x30, 0x00})
	store := trusttest.New(t, csca)
	result, err := trusttest.Import(store, list, "list.ml", pkitest.Day)
	if err != nil {
		t.Fatal(err)
	}
	want := []trust.Rejected{
		{Subject: "CN=DSC,C=UT", Reason: "its basic constraints do not let it sign certificates"},
		{Subject: "CN=CSCA,C=UT", Reason: "not supported: elliptic curve 1.2.840.10045.3.1.127"},
		{Subject: "", Reason: "malformed: certificate"},
	}
	if diff := cmp.Diff(want, result.Rejected); diff != "" || result.Known != 1 {
		t.Error(result.Known, diff)
	}
}

func TestAMasterListWithABrokenSignatureIsRefused(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	store := trusttest.New(t)
	list := pkitest.MasterList(t, pkitest.Message{Signer: csca, BrokenSignature: true}, csca.Certificate.Raw)
	result, err := trusttest.Import(store, list, "list.ml", pkitest.Day)
	if err == nil || result.Imported != 0 || len(store.List()) != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestAFileOfAnotherKindIsRefused(t *testing.T) {
	if _, err := trusttest.Import(trusttest.New(t), []byte("holiday pictures"), "holiday.zip", pkitest.Day); err == nil {
		t.Error("it was taken")
	}
}

func TestAStoreThatWasTamperedWithDoesNotOpen(t *testing.T) {
	for name, tamper := range map[string]func(dir, id string) error{
		"content": func(dir, id string) error {
			return os.WriteFile(filepath.Join(dir, id+".der"), []byte("other"), 0o600)
		},
		"provenance gone": func(dir, id string) error { return os.Remove(filepath.Join(dir, id+".json")) },
		"provenance cut": func(dir, id string) error {
			return os.WriteFile(filepath.Join(dir, id+".json"), []byte(`{"source":`), 0o600)
		},
		"slipped in": func(dir, _ string) error {
			return os.WriteFile(filepath.Join(dir, strings.Repeat("0", 64)+".der"), []byte("x"), 0o600)
		},
	} {
		dir := t.TempDir()
		store, err := trust.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := trusttest.Import(store, trusttest.CSCA(t, "CSCA", "UT").Certificate.Raw, "csca.cer", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		if err := tamper(dir, store.List()[0].SHA256); err != nil {
			t.Fatal(err)
		}
		if _, err := trust.OpenStore(dir); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestOfTheGermanMasterListNothingIsRejectedAndWhatDeviatesIsTold(t *testing.T) {
	list := germanList(t)
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := []trust.ImportFile{{Name: "DE_ML_2026-05-28.ml", Data: list}}
	results, err := store.ImportFiles(files, german())
	if err != nil || results[0].Refused != nil {
		t.Fatal(err, results)
	}
	result := results[0]
	if result.Imported != 588 || result.Known != 0 || len(result.Rejected) != 0 {
		t.Errorf("%d imported, %d known, rejected: %+v", result.Imported, result.Known, result.Rejected)
	}
	var deviations []string
	for _, c := range result.Deviations {
		deviations = append(deviations, c.Subject[strings.LastIndex(c.Subject, "C="):]+": "+c.Reason)
	}
	slices.Sort(deviations)
	want := []string{"C=BE: " + saysNothing, "C=CM: " + saysNo, "C=IT: " + saysNo, "C=LU: " + saysNo, "C=LU: " + saysNo,
		"C=PT: " + saysNo, "C=TR: " + saysNo, "C=TR: " + saysNo}
	if diff := cmp.Diff(want, deviations); diff != "" {
		t.Error(diff)
	}
	if again, err := trusttest.Import(store, list, "DE_ML_2026-05-28.ml", germanDay()); err != nil || again.Known != 588 || again.Warning != "" {
		t.Errorf("%d known the second time, warning %q, %v", again.Known, again.Warning, err)
	}
	begin := time.Now()
	reopened, err := trust.OpenStore(dir)
	if err != nil || len(reopened.List()) != 588 {
		t.Fatalf("%d certificates, %v", len(reopened.List()), err)
	}
	t.Logf("opened and listed in %v", time.Since(begin))
}
