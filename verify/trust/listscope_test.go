package trust_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// TestAListOfDefectsSpeaksOfOtherStatesWhereItsPublisherIsNamed: each State's CSCA makes publishers.
func TestAListOfDefectsSpeaksOfOtherStatesWhereItsPublisherIsNamed(t *testing.T) {
	p, nb := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	revoked := pkitest.KnownDefect{Kind: []int{1, 1}}
	foreign := trusttest.DefectsOf(t, p.dsc, trusttest.ListSigner(t, nb, pkitest.DefectListSigner), revoked)
	told := func(store *trust.Store, when string, want trust.RevocationStatus, limited bool) {
		t.Helper()
		if status := revocationOf(t, store, p); status != want {
			t.Errorf("%s: %v, want %v", when, status, want)
		}
		if got := store.Lists()[0]; (got.Limited != "") != limited || got.Distrusted != "" {
			t.Errorf("%s: %+v", when, got)
		}
	}
	store, dir := emptyStore(t)
	bring(t, store, -1, p.csca.Certificate.Raw, nb.Certificate.Raw)
	result, err := trusttest.Import(store, foreign, "nb.defects", pkitest.Day)
	if err != nil || result.Imported != 1 || result.Unvouched != 1 || result.Rejected[0].Fingerprint != trusttest.Fingerprint(nb) {
		t.Errorf("%+v, %v", result, err)
	}
	told(store, "unnamed", trust.StatusUnknown, true)

	named := trust.Terms{Now: pkitest.Day, Publishers: []string{trusttest.Fingerprint(nb)}}
	results, err := store.ImportFiles([]trust.ImportFile{{Name: "nb.defects", Data: foreign}}, named)
	if err != nil || results[0].Known != 1 || results[0].Unvouched != 0 {
		t.Errorf("%+v, %v", results, err)
	}
	told(store, "named", trust.StatusRevoked, false)
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	told(reopened, "opened anew", trust.StatusRevoked, false)
	next := pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, nb, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 1, pkitest.Defect{
		Signer: p.dsc, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{revoked}})
	trusttest.Take(t, reopened, next, "next.defects")
	told(reopened, "its next list", trust.StatusRevoked, false)

	own := trusttest.New(t, p.csca)
	trusttest.Take(t, own, trusttest.DefectsOf(t, p.dsc, trusttest.ListSigner(t, p.csca, pkitest.DefectListSigner), revoked), "ut.defects")
	told(own, "its own State's", trust.StatusRevoked, false)
}

// TestAListOfDefectsThatWithdrawsASignerOfListsTakesHisListBack, whichever came first.
func TestAListOfDefectsThatWithdrawsASignerOfListsTakesHisListBack(t *testing.T) {
	p, nb, bsi := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB"), trusttest.CSCA(t, "CSCA Germany", "DE")
	signer := listSigner(t, nb)
	list := masterList(t, signer, -2, p.csca)
	defects := pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, bsi, pkitest.DefectListSigner), SigningTime: months(-1)}, 1, pkitest.Defect{
		Signer: signer, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{{Kind: []int{1, 1}}}})
	for name, order := range map[string][][]byte{"after": {list, defects}, "before": {defects, list}} {
		store, dir := emptyStore(t)
		bring(t, store, -3, nb.Certificate.Raw, bsi.Certificate.Raw)
		for _, data := range order {
			terms := trust.Terms{Now: pkitest.Day, Publishers: []string{trusttest.Fingerprint(bsi)}}
			if _, err := store.ImportFiles([]trust.ImportFile{{Name: "file", Data: data}}, terms); err != nil {
				t.Fatal(err)
			}
		}
		wantPath(t, dir, store, p, name, "no")
		for _, e := range store.Lists() {
			if e.Kind == "master list" && !strings.Contains(e.Distrusted, "document signer certificate revoked") {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// TestAListOfDefectsThatIsNotDatedTakesNoOthersPlace: it may be older, from before a signer was withdrawn.
func TestAListOfDefectsThatIsNotDatedTakesNoOthersPlace(t *testing.T) {
	p := newSigner(t)
	by := trusttest.ListSigner(t, p.csca, pkitest.DefectListSigner)
	store := trusttest.New(t, p.csca)
	trusttest.Take(t, store, trusttest.DefectsOf(t, p.dsc, by, pkitest.KnownDefect{Kind: []int{1, 1}}), "new.defects")
	result, err := trusttest.Import(store, pkitest.DefectList(t, pkitest.Message{Signer: by}, 1), "old.defects", pkitest.Day)
	if err != nil || result.Imported != 0 || len(result.Rejected) != 1 || !strings.Contains(result.Rejected[0].Reason, "does not say when it was signed") {
		t.Errorf("%+v, %v", result, err)
	}
	if status := revocationOf(t, store, p); status != trust.StatusRevoked {
		t.Error(status)
	}
}

// TestAListOfDefectsThatNobodyNamedTakesNoNamedOnesPlace: another key of its State's may be in wrong hands, and it may be empty.
func TestAListOfDefectsThatNobodyNamedTakesNoNamedOnesPlace(t *testing.T) {
	p, nb, stolen := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB"), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	store := trusttest.New(t, p.csca, nb, stolen)
	trusttest.TakeNamed(t, store, trusttest.DefectsOf(t, p.dsc, trusttest.ListSigner(t, nb, pkitest.DefectListSigner), pkitest.KnownDefect{Kind: []int{1, 1}}), nb)
	empty := pkitest.DefectList(t, pkitest.Message{Signer: trusttest.ListSigner(t, stolen, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 1)
	result, err := trusttest.Import(store, empty, "x.defects", pkitest.Day)
	if err != nil || result.Imported != 0 || result.Unvouched != 1 || result.Rejected[0].Fingerprint != trusttest.Fingerprint(stolen) {
		t.Errorf("%+v, %v", result, err)
	}
	if status := revocationOf(t, store, p); status != trust.StatusRevoked {
		t.Error(status)
	}
	trusttest.TakeNamed(t, store, empty, stolen)
}
