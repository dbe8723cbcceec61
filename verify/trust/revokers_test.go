package trust_test

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// revokingAll is a revocation list with several.
func revokingAll(t *testing.T, issuer *pkitest.Party, revoked ...*pkitest.Party) []byte {
	t.Helper()
	list := pkitest.RevocationList{Issuer: issuer, ThisUpdate: months(-2)}
	for _, p := range revoked {
		list.Revoked = append(list.Revoked, pkitest.Revoke(p, months(-3), 1))
	}
	return list.Encode(t)
}

// TestACSCAThatItsStateLeavesOutRevokesNobodyUnderAnotherKey: it may have been stolen. What it signed itself stays revoked.
func TestACSCAThatItsStateLeavesOutRevokesNobodyUnderAnotherKey(t *testing.T) {
	p, honest, stolen := renewal(t)
	of := signerOf(t, stolen)
	link := pkitest.Issue(t, stolen, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: honest.Key, KeyID: honest.Certificate.SubjectKeyId})
	publisher := trusttest.CSCA(t, "CSCA Lists", "UT")
	signer := listSigner(t, publisher)
	store, dir := emptyStore(t)
	bring(t, store, -5, publisher.Certificate.Raw, masterList(t, signer, -5, publisher, honest, stolen, link))
	trusttest.Take(t, store, revokingAll(t, stolen, p.dsc, of.dsc, honest, link), "stolen.crl")
	wantRevocation(t, dir, p, "while it counts", trust.StatusRevoked)
	wantPath(t, dir, store, p, "while it counts", "revoked on")

	bring(t, store, 0, masterList(t, signer, -1, publisher, honest))
	wantPath(t, dir, store, p, "left out", "")
	wantRevocation(t, dir, p, "left out", trust.StatusUnknown)
	wantRevocation(t, dir, of, "left out, of its own", trust.StatusRevoked)
	if got := store.CRLs()[0].Distrusted; !strings.Contains(got, "does not count any longer") || !strings.Contains(got, "does not have it") {
		t.Errorf("%q", got)
	}
	later := pkitest.RevocationList{Issuer: stolen, Revoked: []x509.RevocationListEntry{pkitest.Revoke(p.dsc, months(-1), 1)}}.Encode(t)
	if result, err := trusttest.Import(store, later, "later.crl", pkitest.Day); err != nil || result.Imported != 0 || result.Unvouched != 1 {
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
	trusttest.Take(t, store, revokingAll(t, stolen, p.dsc), "stolen.crl")
	wantRevocation(t, dir, p, "before", trust.StatusRevoked)
	trusttest.Take(t, store, revokingAll(t, honest, stolen), "honest.crl")
	wantRevocation(t, dir, p, "revoked", trust.StatusGood)
	wantPath(t, dir, store, p, "revoked", "")
}

// TestAListFallsByTheRevocationListOfACSCAThatItAloneVouchesFor: whoever is right, the list is not.
func TestAListFallsByTheRevocationListOfACSCAThatItAloneVouchesFor(t *testing.T) {
	p, first, second := renewal(t)
	signer := listSigner(t, first)
	store, dir := emptyStore(t)
	nb := newSigner(t)
	bring(t, store, -5, first.Certificate.Raw, masterList(t, signer, -5, first, second, nb.csca))
	wantPath(t, dir, store, nb, "before", "")
	trusttest.Take(t, store, revokingAll(t, second, signer), "second.crl")
	wantPath(t, dir, store, nb, "revoked", "no list")
	wantPath(t, dir, store, p, "revoked", "")
}

// TestWhatAStolenListMadeKnownRevokesNobodyOnceTheListFalls.
func TestWhatAStolenListMadeKnownRevokesNobodyOnceTheListFalls(t *testing.T) {
	p, forged := newSigner(t), trusttest.CSCA(t, "CSCA Utopia", "UT")
	nb := trusttest.CSCA(t, "CSCA Neighbour", "NB")
	signer := listSigner(t, nb)
	for name, fall := range map[string][]byte{"by a revocation list": revokingAll(t, nb, signer), "by a list of defects": pkitest.DefectList(t,
		pkitest.Message{Signer: trusttest.ListSigner(t, nb, pkitest.DefectListSigner), SigningTime: months(-1)}, 1, pkitest.Defect{Signer: signer,
			Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{{Kind: []int{1, 1}}}})} {
		store, dir := emptyStore(t)
		bring(t, store, -5, p.csca.Certificate.Raw, nb.Certificate.Raw, masterList(t, signer, -5, forged))
		trusttest.Take(t, store, revokingAll(t, forged, p.dsc, p.csca), "forged.crl")
		wantPath(t, dir, store, p, name+": before", "revoked")
		trusttest.Take(t, store, fall, "fall")
		wantPath(t, dir, store, p, name, "")
		wantRevocation(t, dir, p, name, trust.StatusUnknown)
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
		publisher := trusttest.CSCA(t, "CSCA Lists", "UT")
		bring(t, store, -5, publisher.Certificate.Raw, first.Certificate.Raw, masterList(t, listSigner(t, publisher), -5, publisher, first, second))
		trusttest.Take(t, store, revokingAll(t, issuer, first, p.dsc), "ut.crl")
		forgetIssuers(t, dir)
		store, err := trust.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := store.CRLs()[0]; fmt.Sprint(got.Path) != fmt.Sprint([]string{trusttest.Fingerprint(second)}) || got.Distrusted != "" {
			t.Errorf("%s: %+v", name, got)
		}
		wantPath(t, dir, store, p, name, "revoked on")
		bring(t, store, 0, masterList(t, listSigner(t, publisher), -1, publisher, first))
		wantPath(t, dir, store, p, name+", left out", "")
		wantRevocation(t, dir, p, name+", left out", trust.StatusUnknown)
	}
}

// TestNoStateRevokesAnothersKey: whoever knows a key may certify it, and revoke that certificate.
func TestNoStateRevokesAnothersKey(t *testing.T) {
	p, nb := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	link := pkitest.Issue(t, nb, pkitest.Template{CommonName: "CSCA Neighbour", Country: "NB", CA: true, Key: p.csca.Key})
	store, dir := emptyStore(t)
	bring(t, store, -5, p.csca.Certificate.Raw, nb.Certificate.Raw, trusttest.Directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}))
	trusttest.Take(t, store, revoking(t, nb, link), "nb.crl")
	wantPath(t, dir, store, p, "revoked", "")
}

// TestACSCAWithoutACountryRevokesNoSignerOfAState that is otherwise called the same, nor says that one is not revoked.
func TestACSCAWithoutACountryRevokesNoSignerOfAState(t *testing.T) {
	p, nb := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	nameless := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", CA: true})
	for name, revoked := range map[string][]*pkitest.Party{"revoked": {p.dsc, p.csca}, "not revoked": nil} {
		store, dir := emptyStore(t)
		bring(t, store, -5, p.csca.Certificate.Raw, nb.Certificate.Raw, masterList(t, listSigner(t, nb), -5, nameless))
		trusttest.Take(t, store, revokingAll(t, nameless, revoked...), "x.crl")
		wantRevocation(t, dir, p, name, trust.StatusUnknown)
		wantPath(t, dir, store, p, name, "")
	}
}

// TestACSCAThatHasExpiredRevokesNobodyUnderAnotherKey, nor makes publishers of lists of defects: its key need be kept no longer.
func TestACSCAThatHasExpiredRevokesNobodyUnderAnotherKey(t *testing.T) {
	p := newSigner(t)
	old := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, From: months(-200), To: months(-20)})
	of := signerOf(t, old)
	store, dir := emptyStore(t)
	bring(t, store, -5, p.csca.Certificate.Raw, old.Certificate.Raw)
	trusttest.Take(t, store, revokingAll(t, old, p.dsc, of.dsc), "old.crl")
	wantRevocation(t, dir, p, "under another key", trust.StatusUnknown)
	wantRevocation(t, dir, of, "under its own", trust.StatusRevoked)
	if got := store.CRLs()[0].Distrusted; !strings.Contains(got, "it had expired on 2024-07-01") {
		t.Errorf("%q", got)
	}
	defects := trusttest.DefectsOf(t, p.dsc, trusttest.ListSigner(t, old, pkitest.DefectListSigner), pkitest.KnownDefect{Kind: []int{1, 1}})
	if result, err := trusttest.Import(store, defects, "old.defects", pkitest.Day); err != nil || result.Imported != 0 || result.Unvouched != 1 {
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
