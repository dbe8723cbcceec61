package chip_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// TestAListOfDefectsSpeaksOfOtherStatesWhereItsPublisherIsNamed: each State's CSCA makes publishers.
func TestAListOfDefectsSpeaksOfOtherStatesWhereItsPublisherIsNamed(t *testing.T) {
	p, nb := newPassport(t), state(t, "CSCA Neighbour", "NB")
	revoked := pkitest.KnownDefect{Kind: []int{1, 1}}
	foreign := defectsOf(t, p, publisher(t, nb, pkitest.DefectListSigner), revoked)
	told := func(store *chip.Store, when string, want verify.Result, limited bool) {
		t.Helper()
		if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != want {
			t.Errorf("%s: %+v", when, check)
		}
		if got := store.Lists()[0]; (got.Limited != "") != limited || got.Distrusted != "" {
			t.Errorf("%s: %+v", when, got)
		}
	}
	store, dir := emptyStore(t)
	bring(t, store, -1, p.csca.Certificate.Raw, nb.Certificate.Raw)
	result, err := store.Import(foreign, "nb.defects", pkitest.Day)
	if err != nil || result.Imported != 1 || result.Unvouched != 1 || result.Rejected[0].Fingerprint != sha256Of(nb) {
		t.Errorf("%+v, %v", result, err)
	}
	told(store, "unnamed", verify.Undetermined, true)

	named := chip.Terms{Now: pkitest.Day, Publishers: []string{sha256Of(nb)}}
	results, err := store.ImportFiles([]chip.File{{Name: "nb.defects", Data: foreign}}, named)
	if err != nil || results[0].Known != 1 || results[0].Unvouched != 0 {
		t.Errorf("%+v, %v", results, err)
	}
	told(store, "named", verify.Failed, false)
	reopened, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	told(reopened, "opened anew", verify.Failed, false)
	next := pkitest.DefectList(t, pkitest.Message{Signer: publisher(t, nb, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 1, pkitest.Defect{
		Signer: p.dsc, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{revoked}})
	take(t, reopened, next, "next.defects")
	told(reopened, "its next list", verify.Failed, false)

	own := newStore(t, p.csca)
	take(t, own, defectsOf(t, p, publisher(t, p.csca, pkitest.DefectListSigner), revoked), "ut.defects")
	told(own, "its own State's", verify.Failed, false)
}

// TestAListOfDefectsThatWithdrawsASignerOfListsTakesHisListBack, whichever came first.
func TestAListOfDefectsThatWithdrawsASignerOfListsTakesHisListBack(t *testing.T) {
	p, nb, bsi := newPassport(t), state(t, "CSCA Neighbour", "NB"), state(t, "CSCA Germany", "DE")
	signer := listSigner(t, nb)
	list := masterList(t, signer, -2, p.csca)
	defects := pkitest.DefectList(t, pkitest.Message{Signer: publisher(t, bsi, pkitest.DefectListSigner), SigningTime: months(-1)}, 1, pkitest.Defect{
		Signer: signer, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{{Kind: []int{1, 1}}}})
	for name, order := range map[string][][]byte{"after": {list, defects}, "before": {defects, list}} {
		store, dir := emptyStore(t)
		bring(t, store, -3, nb.Certificate.Raw, bsi.Certificate.Raw)
		for _, data := range order {
			terms := chip.Terms{Now: pkitest.Day, Publishers: []string{sha256Of(bsi)}}
			if _, err := store.ImportFiles([]chip.File{{Name: "file", Data: data}}, terms); err != nil {
				t.Fatal(err)
			}
		}
		wantChain(t, dir, store, p, name, verify.Undetermined, "no")
		for _, e := range store.Lists() {
			if e.Kind == "master list" && !strings.Contains(e.Distrusted, "document signer certificate revoked") {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}

// TestAListOfDefectsThatIsNotDatedTakesNoOthersPlace: it may be older, from before a signer was withdrawn.
func TestAListOfDefectsThatIsNotDatedTakesNoOthersPlace(t *testing.T) {
	p := newPassport(t)
	by := publisher(t, p.csca, pkitest.DefectListSigner)
	store := newStore(t, p.csca)
	take(t, store, defectsOf(t, p, by, pkitest.KnownDefect{Kind: []int{1, 1}}), "new.defects")
	result, err := store.Import(pkitest.DefectList(t, pkitest.Message{Signer: by}, 1), "old.defects", pkitest.Day)
	if err != nil || result.Imported != 0 || len(result.Rejected) != 1 || !strings.Contains(result.Rejected[0].Reason, "does not say when it was signed") {
		t.Errorf("%+v, %v", result, err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
}

// TestAListOfDefectsThatNobodyNamedTakesNoNamedOnesPlace: another key of its State's may be in wrong hands, and it may be empty.
func TestAListOfDefectsThatNobodyNamedTakesNoNamedOnesPlace(t *testing.T) {
	p, nb, stolen := newPassport(t), state(t, "CSCA Neighbour", "NB"), state(t, "CSCA Neighbour", "NB")
	store := newStore(t, p.csca, nb, stolen)
	takeNamed(t, store, defectsOf(t, p, publisher(t, nb, pkitest.DefectListSigner), pkitest.KnownDefect{Kind: []int{1, 1}}), nb)
	empty := pkitest.DefectList(t, pkitest.Message{Signer: publisher(t, stolen, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 1)
	result, err := store.Import(empty, "x.defects", pkitest.Day)
	if err != nil || result.Imported != 0 || result.Unvouched != 1 || result.Rejected[0].Fingerprint != sha256Of(stolen) {
		t.Errorf("%+v, %v", result, err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
	takeNamed(t, store, empty, stolen)
}
