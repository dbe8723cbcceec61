package trust_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// TestACSCACountsForAsLongAsSomebodyWhoMayVouchesForIt plays what States do to a CSCA, list after list.
func TestACSCACountsForAsLongAsSomebodyWhoMayVouchesForIt(t *testing.T) {
	p, first, second := renewal(t)
	nb, third := trusttest.CSCA(t, "CSCA Neighbour", "NB"), trusttest.CSCA(t, "CSCA Third", "TT")
	utSigner, nbSigner := listSigner(t, second), listSigner(t, nb)
	link := pkitest.Issue(t, second, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: first.Key,
		KeyID: first.Certificate.SubjectKeyId})
	linkFile := trusttest.Directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)})
	const gone, own = "no list of the trust store vouches for it any longer", "the list of its own State, CN=CSCA Utopia,C=UT, of "
	for name, c := range map[string]struct {
		do   func(s *trust.Store)
		want string // empty for a chain that passes
	}{
		"its own list has it": {func(s *trust.Store) { bring(t, s, -3, masterList(t, utSigner, -3, first, second)) }, ""},
		"its own list has it no longer": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, utSigner, -3, first, second))
			bring(t, s, -2, masterList(t, utSigner, -2, second))
		}, own + "2026-01-01"},
		"its own list has it again": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, utSigner, -3, first, second))
			bring(t, s, -2, masterList(t, utSigner, -2, second))
			bring(t, s, -1, masterList(t, utSigner, -1, first, second))
		}, ""},
		"a neighbour has it": {func(s *trust.Store) { bring(t, s, -3, masterList(t, nbSigner, -3, first)) }, ""},
		"a neighbour has it no longer": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, nbSigner, -3, first))
			bring(t, s, -2, masterList(t, nbSigner, -2, third))
		}, gone},
		"its own has it no longer, a neighbour does": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, utSigner, -3, first, second), masterList(t, nbSigner, -3, first))
			bring(t, s, -2, masterList(t, utSigner, -2, second))
		}, own + "2026-01-01"},
		"its own has it, a neighbour no longer": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, utSigner, -3, first, second), masterList(t, nbSigner, -3, first))
			bring(t, s, -2, masterList(t, nbSigner, -2, third))
		}, ""},
		"its own never had it, a neighbour does": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, utSigner, -3, second), masterList(t, nbSigner, -3, first))
		}, own},
		"its own is older than it, a neighbour has it": {func(s *trust.Store) {
			bring(t, s, -60, pkitest.MasterList(t, pkitest.Message{Signer: utSigner, SigningTime: first.Certificate.NotBefore.Add(-time.Hour)}, second.Certificate.Raw))
			bring(t, s, -3, masterList(t, nbSigner, -3, first))
		}, ""},
		"it was imported by itself": {func(s *trust.Store) { bring(t, s, -3, first.Certificate.Raw) }, ""},
		"it was imported, and its own leaves it out afterwards": {func(s *trust.Store) {
			bring(t, s, -4, first.Certificate.Raw)
			bring(t, s, -3, masterList(t, utSigner, -3, first, second))
			bring(t, s, -2, masterList(t, utSigner, -2, second))
		}, "after it had been imported"},
		"the same, and it is imported again": {func(s *trust.Store) {
			bring(t, s, -4, first.Certificate.Raw)
			bring(t, s, -3, masterList(t, utSigner, -3, first, second))
			bring(t, s, -2, masterList(t, utSigner, -2, second))
			bring(t, s, -1, first.Certificate.Raw)
		}, ""},
		"its own leaves it out, and a directory has a link to its key": {func(s *trust.Store) {
			bring(t, s, -3, masterList(t, utSigner, -3, first, second))
			bring(t, s, -2, masterList(t, utSigner, -2, second))
			bring(t, s, -1, linkFile)
		}, "does not have it"},
		"a list alone vouches for the list that has it": {func(s *trust.Store) {
			thirdSigner := listSigner(t, third)
			bring(t, s, -3, masterList(t, nbSigner, -3, third), masterList(t, thirdSigner, -3, first))
			bring(t, s, -2, masterList(t, nbSigner, -2, nb))
		}, gone},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store, err := trust.OpenStore(dir)
			if err != nil {
				t.Fatal(err)
			}
			bring(t, store, -60, nb.Certificate.Raw)
			bring(t, store, -59, second.Certificate.Raw)
			c.do(store)
			wantPath(t, dir, store, p, "at the end", c.want)
			for _, e := range store.List() {
				if e.SHA256 == trusttest.Fingerprint(first) && (e.Distrusted == "") != (c.want == "") || e.Distrusted != "" && e.Anchor {
					t.Errorf("listed as %+v", e)
				}
			}
		})
	}
}

// TestARevokedCSCACountsNoLonger has a State revoke its CSCA or a link between two of them, in every way that a list may come.
func TestARevokedCSCACountsNoLonger(t *testing.T) {
	p, first, second := renewal(t)
	other := trusttest.CSCA(t, "CSCA Other", "OO")
	link := pkitest.Issue(t, second, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: first.Key,
		KeyID: first.Certificate.SubjectKeyId})
	namesake := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "OO", CA: true})
	crl := func(issuer *pkitest.Party, reason int, revoked ...*pkitest.Party) []byte {
		l := pkitest.RevocationList{Issuer: issuer, ThisUpdate: months(-1)}
		for _, c := range revoked {
			l.Revoked = append(l.Revoked, pkitest.Revoke(c, months(-2), reason))
		}
		return l.Encode(t)
	}
	for name, c := range map[string]struct {
		files []([]byte)
		want  string
	}{
		"none":                            {[][]byte{first.Certificate.Raw, second.Certificate.Raw, crl(second, 0)}, ""},
		"by the next":                     {[][]byte{first.Certificate.Raw, second.Certificate.Raw, crl(second, 0, first)}, "revoked on 2026-01-01, says the revocation list"},
		"by the next, in another order":   {[][]byte{crl(second, 0, first), first.Certificate.Raw, second.Certificate.Raw}, "revoked on"},
		"by itself":                       {[][]byte{first.Certificate.Raw, crl(first, 1, first)}, "(key compromise)"},
		"a link":                          {[][]byte{link.Certificate.Raw, second.Certificate.Raw, crl(second, 0, link)}, "revoked on"},
		"its link, and so its key":        {[][]byte{first.Certificate.Raw, link.Certificate.Raw, second.Certificate.Raw, crl(second, 2, link)}, "revoked on"},
		"its link that was superseded":    {[][]byte{first.Certificate.Raw, link.Certificate.Raw, second.Certificate.Raw, crl(second, 4, link)}, ""},
		"by another state":                {[][]byte{first.Certificate.Raw, other.Certificate.Raw, crl(other, 1, first)}, ""},
		"by another state's of that name": {[][]byte{first.Certificate.Raw, namesake.Certificate.Raw, crl(namesake, 1, first)}, ""},
		"what nobody signed": {[][]byte{first.Certificate.Raw, pkitest.RevocationList{Issuer: first, BrokenSignature: true,
			Revoked: []x509.RevocationListEntry{pkitest.Revoke(first, pkitest.Day, 1)}}.Encode(t)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store, err := trust.OpenStore(dir)
			if err != nil {
				t.Fatal(err)
			}
			bring(t, store, 0, c.files...)
			wantPath(t, dir, store, p, "at the end", c.want)
		})
	}
}

// TestARemovedCSCATakesAllWithItThatRestsOnIt: certificates of its key, the lists of its signers and what they alone vouch for, and
// revocation lists that it signed against its State's others.
func TestARemovedCSCATakesAllWithItThatRestsOnIt(t *testing.T) {
	p, first, stolen := renewal(t)
	third := trusttest.CSCA(t, "CSCA Third", "TT")
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	crl := pkitest.RevocationList{Issuer: stolen, Revoked: []x509.RevocationListEntry{pkitest.Revoke(first, pkitest.Day, 1)}}.Encode(t)
	link := pkitest.Issue(t, third, pkitest.Template{CommonName: "CSCA Utopia", Country: "TT", CA: true, Key: stolen.Key})
	bring(t, store, 0, first.Certificate.Raw)
	bring(t, store, 0, stolen.Certificate.Raw, link.Certificate.Raw, masterList(t, listSigner(t, stolen), -1, third), crl)
	wantPath(t, dir, store, p, "before", "revoked")
	if _, err := store.Remove(trusttest.Fingerprint(stolen)[:12], pkitest.Day); err != nil {
		t.Fatal(err)
	}
	wantPath(t, dir, store, p, "afterwards", "")
	for _, e := range store.List() {
		if (e.Distrusted == "") != (e.SHA256 == trusttest.Fingerprint(first)) {
			t.Errorf("%+v", e)
		}
	}
	if lists := store.Lists(); len(lists) != 1 || lists[0].Distrusted == "" {
		t.Errorf("%+v", lists)
	}
}

// TestAPublisherRenewsItsCSCAByItsOwnList, and a list does not go on vouching for itself when what it rested on has gone.
func TestAPublisherRenewsItsCSCAByItsOwnList(t *testing.T) {
	first := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA 1", Country: "PP", CA: true})
	second := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA 2", Country: "PP", CA: true})
	p := newSigner(t)
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	bring(t, store, -4, first.Certificate.Raw)
	bring(t, store, -3, masterList(t, listSigner(t, first), -3, first, second))
	bring(t, store, -2, masterList(t, listSigner(t, second), -2, first, second))
	bring(t, store, -1, masterList(t, listSigner(t, second), -1, second, p.csca))
	wantPath(t, dir, store, p, "afterwards", "")
	if _, err := store.Remove(trusttest.Fingerprint(first), pkitest.Day); err != nil {
		t.Fatal(err)
	}
	wantPath(t, dir, store, p, "the list vouches for its own publisher", "no list of the trust store vouches for it")
}

// TestWhoImportsASignedListVouchesForNothingBesideIt has a thief put his CSCA into the file of a list that is good.
func TestWhoImportsASignedListVouchesForNothingBesideIt(t *testing.T) {
	ut, third := trusttest.CSCA(t, "CSCA Utopia", "UT"), trusttest.CSCA(t, "CSCA Third", "TT")
	forged := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusttest.CSCA(t, "CSCA forged", "DE").Certificate.Raw})
	list := pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: masterList(t, listSigner(t, ut), -1, third)})
	for name, file := range map[string][]byte{"behind": append(bytes.Clone(list), forged...), "before": append(bytes.Clone(forged), list...)} {
		store := trusttest.New(t, ut)
		result, err := trusttest.Import(store, file, "list.pem", pkitest.Day)
		if err != nil || result.Imported != 1 || result.Unvouched != 1 || len(store.List()) != 2 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}

// TestACSCAThatIsImportedAndDoesNotCountIsToldSo, or whoever imports it believes that it does.
func TestACSCAThatIsImportedAndDoesNotCountIsToldSo(t *testing.T) {
	_, first, second := renewal(t)
	store := trusttest.New(t, second)
	trusttest.Take(t, store, pkitest.RevocationList{Issuer: second, Revoked: []x509.RevocationListEntry{pkitest.Revoke(first, pkitest.Day, 1)}}.Encode(t), "ut.crl")
	result, err := trusttest.Import(store, first.Certificate.Raw, "first.cer", pkitest.Day)
	if err != nil || result.Unvouched != 1 || !strings.Contains(result.Rejected[0].Reason, "does not count: revoked on 2026-03-01") {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestAnotherStatesListMakesNobodyPublisherInAStatesPlace has a State's list vouch for a CSCA in another's name, newer than that one's own
// list, so that it may be its next; and whoever has its key publish a list in the other's name.
func TestAnotherStatesListMakesNobodyPublisherInAStatesPlace(t *testing.T) {
	ut, nb, third := trusttest.CSCA(t, "CSCA Utopia", "UT"), trusttest.CSCA(t, "CSCA Neighbour", "NB"), trusttest.CSCA(t, "CSCA Third", "TT")
	forged := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, From: months(-2), To: months(60)})
	signer := pkitest.Issue(t, forged, pkitest.Template{CommonName: "Signer", Country: "UT", OtherPurpose: pkitest.MasterListSigner, From: months(-2), To: months(60)})
	store := trusttest.New(t, ut, nb)
	bring(t, store, -3, masterList(t, listSigner(t, ut), -3, ut, third))
	bring(t, store, -1, masterList(t, listSigner(t, nb), -1, forged))
	list := trust.ImportFile{Name: "x.ml", Data: masterList(t, signer, -1, forged, trusttest.CSCA(t, "CSCA forged", "DE"))}
	results, err := store.ImportFiles([]trust.ImportFile{list}, trust.Terms{Now: pkitest.Day})
	if err != nil || results[0].Unvouched != 1 || results[0].Rejected[0].Fingerprint != trusttest.Fingerprint(forged) {
		t.Errorf("%+v, %v", results, err)
	}
	for _, e := range store.List() {
		if e.Country == "DE" || e.Country == "TT" && e.Distrusted != "" {
			t.Errorf("%+v", e)
		}
	}
	named := trust.Terms{Now: pkitest.Day, Publishers: []string{trusttest.Fingerprint(forged)}}
	if results, err := store.ImportFiles([]trust.ImportFile{list}, named); err != nil || results[0].Imported != 1 {
		t.Errorf("named: %+v, %v", results, err)
	}
}
