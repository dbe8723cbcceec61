package trust_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/verify/trust"
)

// earlier is a store that the version before this one made: Utopia's CSCA, two of its master lists, the second of which leaves CSCA X
// out, the list of a publisher who was not known, a revocation list, and a directory.
func earlier(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "earlier"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAStoreOfAnEarlierVersionOpensAndSaysWhatNobodyVouchesFor(t *testing.T) {
	dir := earlier(t)
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range store.List() {
		if (e.Distrusted != "") != (e.Country == "XX") {
			t.Errorf("%+v", e)
		}
	}
	unvouched := slices.DeleteFunc(store.Lists(), func(e trust.ListEntry) bool { return !e.Unvouched() })
	if len(unvouched) != 1 || unvouched[0].Source != "s.ml" || len(store.CRLs()) != 1 || store.Signers() != 1 {
		t.Errorf("%+v", store.Lists())
	}

	if _, err := store.Remove(unvouched[0].SHA256, time.Now()); err != nil {
		t.Fatal(err)
	}
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range reopened.List() {
		if (e.Distrusted != "") != strings.Contains("FF SS XX", e.Country) {
			t.Errorf("without the list: %+v", e)
		}
	}
}

func TestAListOfAnEarlierStoreIsVouchedForByNamingItsPublisher(t *testing.T) {
	dir := earlier(t)
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join("testdata", "earlier-unknown.ml"))
	if err != nil {
		t.Fatal(err)
	}
	var csca string
	for _, e := range store.List() {
		if e.Country == "SS" {
			csca = e.SHA256
		}
	}
	terms := trust.Terms{Now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Publishers: []string{csca}}
	if _, err := store.ImportFiles([]trust.ImportFile{{Name: "s.ml", Data: list}}, terms); err != nil {
		t.Fatal(err)
	}
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(reopened.Lists(), trust.ListEntry.Unvouched) {
		t.Errorf("%+v", reopened.Lists())
	}
}
