package chip_test

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// wantRevocation checks what becomes of a passport's revocation, in the store and in the same one opened anew.
func wantRevocation(t *testing.T, dir string, p *passport, when string, want verify.Result) {
	t.Helper()
	store, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != want {
		t.Errorf("%s: %+v", when, check)
	}
}

// revokingAll is a revocation list with several.
func revokingAll(t *testing.T, issuer *pkitest.Party, revoked ...*pkitest.Party) []byte {
	t.Helper()
	list := pkitest.RevocationList{Issuer: issuer, ThisUpdate: months(-2)}
	for _, p := range revoked {
		list.Revoked = append(list.Revoked, pkitest.Revoke(p, months(-3), 1))
	}
	return list.Encode(t)
}

// under gives the passport a signer that another CSCA issued.
func (p *passport) under(t *testing.T, csca *pkitest.Party) *passport {
	t.Helper()
	other := *p
	other.csca, other.dsc = csca, pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	other.message.Signer = other.dsc
	return &other
}

// TestACSCAThatItsStateLeavesOutRevokesNobodyUnderAnotherKey: it may have been stolen. What it signed itself stays revoked.
func TestACSCAThatItsStateLeavesOutRevokesNobodyUnderAnotherKey(t *testing.T) {
	p, honest, stolen := renewal(t)
	of := p.under(t, stolen)
	link := pkitest.Issue(t, stolen, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: honest.Key, KeyID: honest.Certificate.SubjectKeyId})
	publisher := state(t, "CSCA Lists", "UT")
	signer := listSigner(t, publisher)
	store, dir := emptyStore(t)
	bring(t, store, -5, publisher.Certificate.Raw, masterList(t, signer, -5, publisher, honest, stolen, link))
	take(t, store, revokingAll(t, stolen, p.dsc, of.dsc, honest, link), "stolen.crl")
	wantRevocation(t, dir, p, "while it counts", verify.Failed)
	wantChain(t, dir, store, p, "while it counts", verify.Undetermined, "revoked on")

	bring(t, store, 0, masterList(t, signer, -1, publisher, honest))
	wantChain(t, dir, store, p, "left out", verify.Passed, "")
	wantRevocation(t, dir, p, "left out", verify.Undetermined)
	wantRevocation(t, dir, of, "left out, of its own", verify.Failed)
	if got := store.CRLs()[0].Distrusted; !strings.Contains(got, "does not count any longer") || !strings.Contains(got, "does not have it") {
		t.Errorf("%q", got)
	}
	later := pkitest.RevocationList{Issuer: stolen, Revoked: []x509.RevocationListEntry{pkitest.Revoke(p.dsc, months(-1), 1)}}.Encode(t)
	if result, err := store.Import(later, "later.crl", pkitest.Day); err != nil || result.Imported != 0 || result.Unvouched != 1 {
		t.Errorf("another of its lists: %+v, %v", result, err)
	}
	bring(t, store, 0, masterList(t, signer, 0, publisher, honest, stolen))
	if got := store.CRLs()[0].Distrusted; got != "" {
		t.Errorf("listed again: %q", got)
	}
}

// TestACSCAThatAnotherKeyOfItsStateRevokedRevokesNobodyElse.
func TestACSCAThatAnotherKeyOfItsStateRevokedRevokesNobodyElse(t *testing.T) {
	p, honest, stolen := renewal(t)
	store, dir := emptyStore(t)
	bring(t, store, -5, honest.Certificate.Raw, stolen.Certificate.Raw)
	take(t, store, revokingAll(t, stolen, p.dsc), "stolen.crl")
	wantRevocation(t, dir, p, "before", verify.Failed)
	take(t, store, revokingAll(t, honest, stolen), "honest.crl")
	wantRevocation(t, dir, p, "revoked", verify.Passed)
	wantChain(t, dir, store, p, "revoked", verify.Passed, "")
}

// TestAListFallsByTheRevocationListOfACSCAThatItAloneVouchesFor: whoever is right, the list is not.
func TestAListFallsByTheRevocationListOfACSCAThatItAloneVouchesFor(t *testing.T) {
	p, first, second := renewal(t)
	signer := listSigner(t, first)
	store, dir := emptyStore(t)
	nb := newPassport(t)
	bring(t, store, -5, first.Certificate.Raw, masterList(t, signer, -5, first, second, nb.csca))
	wantChain(t, dir, store, nb, "before", verify.Passed, "")
	take(t, store, revokingAll(t, second, signer), "second.crl")
	wantChain(t, dir, store, nb, "revoked", verify.Undetermined, "no list")
	wantChain(t, dir, store, p, "revoked", verify.Passed, "")
}

// TestWhatAStolenListMadeKnownRevokesNobodyOnceTheListFalls.
func TestWhatAStolenListMadeKnownRevokesNobodyOnceTheListFalls(t *testing.T) {
	p, forged := newPassport(t), state(t, "CSCA Utopia", "UT")
	nb := state(t, "CSCA Neighbour", "NB")
	signer := listSigner(t, nb)
	for name, fall := range map[string][]byte{"by a revocation list": revokingAll(t, nb, signer), "by a list of defects": pkitest.DefectList(t,
		pkitest.Message{Signer: publisher(t, nb, pkitest.DefectListSigner), SigningTime: months(-1)}, 1, pkitest.Defect{Signer: signer,
			Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{{Kind: []int{1, 1}}}})} {
		store, dir := emptyStore(t)
		bring(t, store, -5, p.csca.Certificate.Raw, nb.Certificate.Raw, masterList(t, signer, -5, forged))
		take(t, store, revokingAll(t, forged, p.dsc, p.csca), "forged.crl")
		wantChain(t, dir, store, p, name+": before", verify.Undetermined, "revoked")
		take(t, store, fall, "fall")
		wantChain(t, dir, store, p, name, verify.Passed, "")
		wantRevocation(t, dir, p, name, verify.Undetermined)
	}
}

// forgetIssuers makes a store's revocation lists those of an earlier version, which kept no path.
func forgetIssuers(t *testing.T, dir string) {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join(dir, "*.crl"))
	if err != nil || len(lists) == 0 {
		t.Fatal(err, len(lists))
	}
	for _, list := range lists {
		name := strings.TrimSuffix(list, "crl") + "json"
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		origin := map[string]any{}
		if err := json.Unmarshal(text, &origin); err != nil {
			t.Fatal(err)
		}
		delete(origin, "path")
		if text, err = json.Marshal(origin); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhoIssuedTheRevocationListsOfAnEarlierStoreIsFoundOut, also where the list leaves its country out.
func TestWhoIssuedTheRevocationListsOfAnEarlierStoreIsFoundOut(t *testing.T) {
	p, first, second := renewal(t)
	unnamed := *second.Certificate
	unnamed.RawSubject, unnamed.Subject.Country, unnamed.Subject.Names = nil, nil, nil
	for name, issuer := range map[string]*pkitest.Party{"as issued": second, "without its country": {Certificate: &unnamed, Key: second.Key}} {
		store, dir := emptyStore(t)
		publisher := state(t, "CSCA Lists", "UT")
		bring(t, store, -5, publisher.Certificate.Raw, first.Certificate.Raw, masterList(t, listSigner(t, publisher), -5, publisher, first, second))
		take(t, store, revokingAll(t, issuer, first, p.dsc), "ut.crl")
		forgetIssuers(t, dir)
		store, err := chip.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := store.CRLs()[0]; fmt.Sprint(got.Path) != fmt.Sprint([]string{sha256Of(second)}) || got.Distrusted != "" {
			t.Errorf("%s: %+v", name, got)
		}
		wantChain(t, dir, store, p, name, verify.Undetermined, "revoked on")
		bring(t, store, 0, masterList(t, listSigner(t, publisher), -1, publisher, first))
		wantChain(t, dir, store, p, name+", left out", verify.Passed, "")
		wantRevocation(t, dir, p, name+", left out", verify.Undetermined)
	}
}

// TestNoStateRevokesAnothersKey: whoever knows a key may certify it, and revoke that certificate.
func TestNoStateRevokesAnothersKey(t *testing.T) {
	p, nb := newPassport(t), state(t, "CSCA Neighbour", "NB")
	link := pkitest.Issue(t, nb, pkitest.Template{CommonName: "CSCA Neighbour", Country: "NB", CA: true, Key: p.csca.Key})
	store, dir := emptyStore(t)
	bring(t, store, -5, p.csca.Certificate.Raw, nb.Certificate.Raw, directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}))
	take(t, store, revoking(t, nb, link), "nb.crl")
	wantChain(t, dir, store, p, "revoked", verify.Passed, "")
}

// TestACSCAWithoutACountryRevokesNoSignerOfAState that is otherwise called the same, nor says that one is not revoked.
func TestACSCAWithoutACountryRevokesNoSignerOfAState(t *testing.T) {
	p, nb := newPassport(t), state(t, "CSCA Neighbour", "NB")
	nameless := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", CA: true})
	for name, revoked := range map[string][]*pkitest.Party{"revoked": {p.dsc, p.csca}, "not revoked": nil} {
		store, dir := emptyStore(t)
		bring(t, store, -5, p.csca.Certificate.Raw, nb.Certificate.Raw, masterList(t, listSigner(t, nb), -5, nameless))
		take(t, store, revokingAll(t, nameless, revoked...), "x.crl")
		wantRevocation(t, dir, p, name, verify.Undetermined)
		wantChain(t, dir, store, p, name, verify.Passed, "")
	}
}

// TestACSCAThatHasExpiredRevokesNobodyUnderAnotherKey, nor makes publishers of lists of defects: its key need be kept no longer.
func TestACSCAThatHasExpiredRevokesNobodyUnderAnotherKey(t *testing.T) {
	p := newPassport(t)
	old := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, From: months(-200), To: months(-20)})
	of := p.under(t, old)
	store, dir := emptyStore(t)
	bring(t, store, -5, p.csca.Certificate.Raw, old.Certificate.Raw)
	take(t, store, revokingAll(t, old, p.dsc, of.dsc), "old.crl")
	wantRevocation(t, dir, p, "under another key", verify.Undetermined)
	wantRevocation(t, dir, of, "under its own", verify.Failed)
	if got := store.CRLs()[0].Distrusted; !strings.Contains(got, "it had expired on 2024-07-01") {
		t.Errorf("%q", got)
	}
	defects := defectsOf(t, p, publisher(t, old, pkitest.DefectListSigner), pkitest.KnownDefect{Kind: []int{1, 1}})
	if result, err := store.Import(defects, "old.defects", pkitest.Day); err != nil || result.Imported != 0 || result.Unvouched != 1 {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestOfTwoCSCAsThatRevokeEachOtherNeitherCountsInWhicheverOrder their lists came in one call.
func TestOfTwoCSCAsThatRevokeEachOtherNeitherCountsInWhicheverOrder(t *testing.T) {
	_, first, second := renewal(t)
	lists := [][]byte{revokingAll(t, first, second), revokingAll(t, second, first)}
	for _, order := range [][][]byte{lists, {lists[1], lists[0]}, {lists[0], lists[1], lists[0]}} {
		store, _ := emptyStore(t)
		bring(t, store, -5, first.Certificate.Raw, second.Certificate.Raw)
		bring(t, store, 0, order...)
		if got := store.CRLs(); len(got) != 2 {
			t.Errorf("%+v", got)
		}
		for _, e := range store.List() {
			if !strings.Contains(e.Distrusted, "revoked on") {
				t.Errorf("%+v", e)
			}
		}
	}
}
