package trust_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func remove(t *testing.T, store *trust.Store, id string) {
	t.Helper()
	if _, err := store.Remove(id, pkitest.Day); err != nil {
		t.Fatal(err)
	}
}

// revoking is a revocation list with one certificate.
func revoking(t *testing.T, issuer, revoked *pkitest.Party) []byte {
	t.Helper()
	return pkitest.RevocationList{Issuer: issuer, ThisUpdate: months(-1),
		Revoked: []x509.RevocationListEntry{pkitest.Revoke(revoked, months(-2), 1)}}.Encode(t)
}

// TestARevocationListThatLeavesOutItsCountryRevokesACSCA: whoever signed it is of that country, and old issuers leave theirs out.
func TestARevocationListThatLeavesOutItsCountryRevokesACSCA(t *testing.T) {
	p, first, second := renewal(t)
	store, dir := emptyStore(t)
	bring(t, store, 0, first.Certificate.Raw, second.Certificate.Raw)
	unnamed := *second.Certificate
	unnamed.RawSubject, unnamed.Subject.Country, unnamed.Subject.Names = nil, nil, nil
	trusttest.Take(t, store, revoking(t, &pkitest.Party{Certificate: &unnamed, Key: second.Key}, first), "ut.crl")
	wantPath(t, dir, store, p, "revoked", "revoked on 2026-01-01 (key compromise)")
}

// TestARevokedKeyIsKnownInWhicheverWayItIsWritten has a link write the point of a revoked key by its x alone.
func TestARevokedKeyIsKnownInWhicheverWayItIsWritten(t *testing.T) {
	p, first, second := renewal(t)
	link := pkitest.Issue(t, second, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: first.Key,
		KeyID: first.Certificate.SubjectKeyId})
	full, err := first.Key.Public().(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	short := append([]byte{2 + full[64]&1}, full[1:33]...)
	// A SubjectPublicKeyInfo of P-256: 30 59, the algorithm in 21 octets, 03 42 00, the point.
	respelt := pkitest.Reissue(t, link, second, false, func(content []byte) []byte {
		before, after, _ := bytes.Cut(content, full)
		info := before[len(before)-26:]
		info[1], info[24] = 0x39, 0x22
		return bytes.Join([][]byte{before, short, after}, nil)
	})
	store, dir := emptyStore(t)
	bring(t, store, 0, first.Certificate.Raw, second.Certificate.Raw, trusttest.Directory([2]string{"cACertificate;binary", string(respelt)}))
	wantPath(t, dir, store, p, "before", "")
	trusttest.Take(t, store, revoking(t, second, first), "ut.crl")
	wantPath(t, dir, store, p, "revoked", "revoked on")
}

// TestWhatAThiefRevokedCountsAgainWhenHisCSCAIsRemoved, also where he signed that by a link of his.
func TestWhatAThiefRevokedCountsAgainWhenHisCSCAIsRemoved(t *testing.T) {
	p, first, stolen := renewal(t)
	thief := pkitest.Issue(t, stolen, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	store, dir := emptyStore(t)
	bring(t, store, 0, first.Certificate.Raw, stolen.Certificate.Raw, trusttest.Directory([2]string{"cACertificate;binary", string(thief.Certificate.Raw)}))
	trusttest.Take(t, store, revoking(t, thief, first), "x.crl")
	wantPath(t, dir, store, p, "before", "revoked")
	remove(t, store, trusttest.Fingerprint(stolen))
	wantPath(t, dir, store, p, "removed", "")
}

// TestAListThatWasRemovedStaysAwayHoweverItIsWritten: what nobody signs of it can be written in many ways.
func TestAListThatWasRemovedStaysAwayHoweverItIsWritten(t *testing.T) {
	p, nb := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	store, dir := emptyStore(t)
	bring(t, store, -5, nb.Certificate.Raw)
	message := pkitest.Message{Signer: listSigner(t, nb), SigningTime: months(-3)}
	list := pkitest.MasterList(t, message, p.csca.Certificate.Raw)
	trusttest.Take(t, store, list, "a.ml")
	remove(t, store, fmt.Sprintf("%x", sha256.Sum256(list)))
	message.Certificates = [][]byte{message.Signer.Certificate.Raw, nb.Certificate.Raw}
	for name, again := range map[string][]byte{"in BER": indefinite(list), "with another certificate": pkitest.MasterList(t, message, p.csca.Certificate.Raw)} {
		result, err := trusttest.Import(store, again, "b.ml", pkitest.Day)
		if err == nil || !strings.Contains(err.Error(), "removed from the trust store") {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		wantPath(t, dir, store, p, name, "no list")
	}
	if _, err := store.ImportFiles([]trust.ImportFile{{Name: "b.ml", Data: indefinite(list)}}, trust.Terms{Now: pkitest.Day, Again: true}); err != nil {
		t.Fatal(err)
	}
	wantPath(t, dir, store, p, "again", "")
}

// TestASignerOfListsIsRemoved, whose key is stolen and whom his State has not revoked yet: what he has signed falls, and nothing that
// he signs is taken, also with another certificate of the key.
func TestASignerOfListsIsRemoved(t *testing.T) {
	p, nb := newSigner(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	store, dir := emptyStore(t)
	bring(t, store, -5, nb.Certificate.Raw)
	signer := listSigner(t, nb)
	other := pkitest.Issue(t, nb, pkitest.Template{CommonName: "Other", Country: "NB", OtherPurpose: pkitest.MasterListSigner, Key: signer.Key})
	trusttest.Take(t, store, masterList(t, signer, -3, p.csca), "a.ml")
	remove(t, store, trusttest.Fingerprint(signer)[:12])
	wantPath(t, dir, store, p, "removed", "no list of the trust store vouches for it")
	for _, by := range []*pkitest.Party{signer, other} {
		if result, err := trusttest.Import(store, masterList(t, by, -2, p.csca), "b.ml", pkitest.Day); err == nil || !strings.Contains(err.Error(), "its signer: it was removed") {
			t.Errorf("%+v, %v", result, err)
		}
	}
	wantPath(t, dir, store, p, "his next", "no list")
	bring(t, store, 0, masterList(t, listSigner(t, nb), -2, p.csca))
	wantPath(t, dir, store, p, "another's", "")
}

// TestAListThatIsNotDatedTakesNoOthersPlace: it may be older.
func TestAListThatIsNotDatedTakesNoOthersPlace(t *testing.T) {
	p, first, second := renewal(t)
	signer := pkitest.Message{Signer: listSigner(t, second)}
	store, dir := emptyStore(t)
	bring(t, store, -5, second.Certificate.Raw)
	older := pkitest.MasterList(t, signer, first.Certificate.Raw, second.Certificate.Raw)
	bring(t, store, -4, pkitest.MasterList(t, signer, second.Certificate.Raw))
	if result, err := trusttest.Import(store, older, "older.ml", pkitest.Day); err == nil || !strings.Contains(err.Error(), "does not say when it was signed") {
		t.Errorf("%+v, %v", result, err)
	}
	wantPath(t, dir, store, p, "older", "no CSCA of this issuer in the trust store has the key")
}

// TestACSCAThatHasExpiredMakesNoLinks; one of a link's first day may lie before it, where it repeats that of a key.
func TestACSCAThatHasExpiredMakesNoLinks(t *testing.T) {
	p := newSigner(t)
	for name, c := range map[string]struct {
		from int
		why  string
	}{"a month after": {-99, "had expired before"}, "before": {-101, ""}, "before it began": {-210, ""}} {
		old := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, From: months(-200), To: months(-100)})
		link := pkitest.Issue(t, old, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: p.csca.Key,
			KeyID: p.csca.Certificate.SubjectKeyId, From: months(c.from), To: months(60)})
		store, dir := emptyStore(t)
		bring(t, store, 0, old.Certificate.Raw, trusttest.Directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}))
		wantPath(t, dir, store, p, name, c.why)
	}
}
