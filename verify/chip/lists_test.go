package chip_test

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// publisher is a signer of lists whose certificate csca issued for that purpose.
func publisher(t testing.TB, csca *pkitest.Party, purpose asn1.ObjectIdentifier) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, csca, pkitest.Template{CommonName: "List signer", Country: csca.Certificate.Subject.Country[0],
		OtherPurpose: purpose})
}

// defectsOf is a defect list that Utopia's neighbour publishes about the passport's signer.
func defectsOf(t testing.TB, p *passport, by *pkitest.Party, known ...pkitest.KnownDefect) []byte {
	t.Helper()
	return pkitest.DefectList(t, pkitest.Message{Signer: by, SigningTime: pkitest.Day.AddDate(0, -1, 0)}, 1, pkitest.Defect{
		Signer: p.dsc, Identification: pkitest.Identification{BySerial: true}, Known: known})
}

// takeNamed imports a list of defects whose publisher the importer names, and it must be taken whole.
func takeNamed(t testing.TB, store *chip.Store, list []byte, csca *pkitest.Party) {
	t.Helper()
	terms := chip.Terms{Now: pkitest.Day, Publishers: []string{sha256Of(csca)}}
	results, err := store.ImportFiles([]chip.File{{Name: "list.defects", Data: list}}, terms)
	if err != nil || results[0].Imported != 1 || len(results[0].Rejected) > 0 {
		t.Fatalf("%+v, %v", results, err)
	}
}

func TestADefectListRevokesASignerAndTellsOfItsFaults(t *testing.T) {
	p, neighbour := newPassport(t), state(t, "CSCA Neighbour", "NB")
	by := publisher(t, neighbour, pkitest.DefectListSigner)
	const from = ", says the defect list of CN=CSCA Neighbour,C=NB of 2026-02-01"
	for name, c := range map[string]struct {
		known  []pkitest.KnownDefect
		want   verify.Result
		reason string
	}{
		"revoked": {[]pkitest.KnownDefect{{Kind: []int{2, 2}}, {Kind: []int{1, 1}, Parameters: pkitest.Enumerated(2)}},
			verify.Failed, "document signer certificate revoked (used for testing)" + from},
		"revoked without a reason": {[]pkitest.KnownDefect{{Kind: []int{1, 1}}}, verify.Failed,
			"document signer certificate revoked" + from},
		"faults": {[]pkitest.KnownDefect{{Kind: []int{2, 1}, Parameters: pkitest.Integers(11, 12)}, {Kind: []int{1, 4}}},
			verify.Undetermined, "the trust store has no revocation list of the signer's issuer; known of such documents: " +
				"data group malformed: DG11 DG12" + from + "; active authentication private keys compromised" + from},
	} {
		store := newStore(t, p.csca, neighbour)
		takeNamed(t, store, defectsOf(t, p, by, c.known...), neighbour)
		check := examine(store, p.evidence(t))["chip.pa.revocation"]
		if check.Result != c.want || check.Reason != c.reason {
			t.Errorf("%s: %+v", name, check)
		}
		if other := examine(store, newPassport(t).evidence(t))["chip.pa.revocation"]; strings.Contains(other.Reason, "defect") {
			t.Errorf("%s: another signer: %+v", name, other)
		}
	}
	onlyNeighbour := newStore(t, neighbour)
	takeNamed(t, onlyNeighbour, defectsOf(t, p, by, pkitest.KnownDefect{Kind: []int{1, 1}}), neighbour)
	if check := examine(onlyNeighbour, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("a signer of an unknown issuer: %+v", check)
	}
}

func TestADeviationListTellsOfItsOwnStatesDocuments(t *testing.T) {
	p, neighbour := newPassport(t), state(t, "CSCA Neighbour", "NB")
	from, to := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2019, 6, 30, 0, 0, 0, 0, time.UTC)
	deviation := pkitest.Deviation{DocumentType: "P<", Numbers: []string{"L898902C3"}, From: from, To: to,
		Kind: []int{2, 2}, Parameters: pkitest.Integer(12)}
	const told = "hash of a data group wrong: DG12 (if issued from 2019-01-01 to 2019-06-30), says the deviation list of "
	for name, c := range map[string]struct {
		csca   *pkitest.Party
		change func(*pkitest.Deviation)
		told   bool
	}{
		"its own document":        {p.csca, func(*pkitest.Deviation) {}, true},
		"by its signer":           {p.csca, func(d *pkitest.Deviation) { d.Signer, d.ByKeyID, d.Numbers = p.dsc, true, nil }, true},
		"another number":          {p.csca, func(d *pkitest.Deviation) { d.Numbers = []string{"X"} }, false},
		"another kind":            {p.csca, func(d *pkitest.Deviation) { d.DocumentType = "ID" }, false},
		"another state's say-so":  {neighbour, func(*pkitest.Deviation) {}, false},
		"another signer's papers": {p.csca, func(d *pkitest.Deviation) { d.Signer, d.ByKeyID = p.csca, true }, false},
	} {
		d := deviation
		c.change(&d)
		store := newStore(t, p.csca, neighbour)
		by := publisher(t, c.csca, pkitest.DeviationListSigner)
		take(t, store, pkitest.DeviationList(t, pkitest.Message{Signer: by}, d), "dl.bin")
		check := examine(store, p.evidence(t))["chip.pa.revocation"]
		if strings.Contains(check.Reason, told) != c.told {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

func TestAListOfDefectsIsTakenOnlyFromWhoMayPublishIt(t *testing.T) {
	p := newPassport(t)
	stranger := state(t, "CSCA X", "XX")
	defects := func(m pkitest.Message) []byte { return pkitest.DefectList(t, m, 1) }
	deviations := func(m pkitest.Message) []byte { return pkitest.DeviationList(t, m) }
	mayDefects := publisher(t, p.csca, pkitest.DefectListSigner)
	for name, c := range map[string]struct {
		list   []byte
		reason string // empty for taken
	}{
		"unknown publisher": {defects(pkitest.Message{Signer: publisher(t, stranger, pkitest.DefectListSigner)}),
			"the list's publisher is not known: no CSCA of this issuer in the trust store"},
		"for something else": {defects(pkitest.Message{Signer: publisher(t, p.csca, pkitest.DeviationListSigner)}),
			"the list's signer may not sign such lists"},
		"a document signer's deviations": {deviations(pkitest.Message{Signer: p.dsc}), "the list's signer may not sign such lists"},
		"not valid when it signed": {defects(pkitest.Message{Signer: mayDefects, SigningTime: pkitest.Day.AddDate(-9, 0, 0)}),
			"the list's signer was not valid when it signed"},
		"signed on a day to come": {defects(pkitest.Message{Signer: mayDefects, SigningTime: pkitest.Day.AddDate(0, 0, 2)}),
			"it was signed on 2026-03-03, which is after 2026-03-01: set the clock, or wait"},
	} {
		store := newStore(t, p.csca)
		result, err := store.Import(c.list, "list", pkitest.Day)
		if err != nil || len(result.Rejected) != 1 || result.Rejected[0].Reason != c.reason || len(store.Lists()) != 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
	store := newStore(t, p.csca)
	broken := defects(pkitest.Message{Signer: mayDefects, BrokenSignature: true})
	if _, err := store.Import(broken, "list", pkitest.Day); err == nil {
		t.Error("a broken signature was taken")
	}
	list := chip.File{Name: "list", Data: defects(pkitest.Message{Signer: p.dsc})}
	results, err := store.ImportFiles([]chip.File{list}, chip.Terms{Now: pkitest.Day})
	if err != nil || results[0].Imported != 0 || results[0].Unvouched != 1 || results[0].Rejected[0].Fingerprint != sha256Of(p.dsc) {
		t.Errorf("no purpose stated: %+v, %v", results, err)
	}
	results, err = store.ImportFiles([]chip.File{list}, chip.Terms{Now: pkitest.Day, Publishers: []string{sha256Of(p.dsc)}})
	if err != nil || results[0].Imported != 1 || results[0].Warning != "the list's signer does not state that it signs defect lists" {
		t.Errorf("no purpose stated, and named: %+v, %v", results, err)
	}
}

func TestOfListsOfOnePublisherTheNewestIsKept(t *testing.T) {
	csca := state(t, "CSCA", "UT")
	by := publisher(t, csca, pkitest.DefectListSigner)
	dir := t.TempDir()
	store, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(day time.Time) []byte {
		return pkitest.DefectList(t, pkitest.Message{Signer: by, SigningTime: day}, 2)
	}
	take(t, store, csca.Certificate.Raw, "csca.cer")
	other := state(t, "Other", "UT").Certificate.Raw
	take(t, store, pkitest.MasterList(t, pkitest.Message{Signer: csca, SigningTime: pkitest.Day}, other), "ml")
	take(t, store, signed(pkitest.Day.AddDate(0, -2, 0)), "old.dfl")
	take(t, store, signed(pkitest.Day.AddDate(0, -1, 0)), "new.dfl")
	result, err := store.Import(signed(pkitest.Day.AddDate(0, -2, 0)), "old.dfl", pkitest.Day)
	if err != nil || len(result.Rejected) != 1 || result.Rejected[0].Reason != "the store has a newer list of this publisher" {
		t.Errorf("%+v, %v", result, err)
	}
	reopened, err := chip.OpenStore(dir)
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
	p := newPassport(t)
	german := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Germany", Country: "DE", CA: true})
	bsi := publisher(t, german, pkitest.DefectListSigner)
	store := newStore(t, p.csca, german)
	csca := publisher(t, german, pkitest.MasterListSigner)
	entries := []x509.RevocationListEntry{pkitest.Revoke(bsi, pkitest.Day, 1), pkitest.Revoke(csca, pkitest.Day, 1)}
	take(t, store, pkitest.RevocationList{Issuer: german, Revoked: entries}.Encode(t), "de.crl")
	later := pkitest.Message{Signer: bsi, SigningTime: pkitest.Day}
	for name, list := range map[string][]byte{
		"defects": pkitest.DefectList(t, later, 2), "CSCAs": pkitest.MasterList(t, pkitest.Message{Signer: csca, SigningTime: pkitest.Day}, newPassport(t).csca.Certificate.Raw),
	} {
		result, err := store.Import(list, "x.list", pkitest.Day.AddDate(0, 0, 2))
		if told := fmt.Sprint(result.Rejected, err); result.Imported != 0 || !strings.Contains(told, "revoked") {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
}

func TestADocumentSignerReplacesNoListOfItsPublisher(t *testing.T) {
	p := newPassport(t)
	store := newStore(t, p.csca)
	revoked := pkitest.KnownDefect{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(3)}
	list := pkitest.DefectList(t, pkitest.Message{Signer: publisher(t, p.csca, pkitest.DefectListSigner), SigningTime: pkitest.Day}, 2,
		pkitest.Defect{Signer: p.dsc, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{revoked}})
	take(t, store, list, "ut.defects")
	newer := pkitest.DefectList(t, pkitest.Message{Signer: p.dsc, SigningTime: pkitest.Day.AddDate(0, 0, 1)}, 2)
	result, err := store.Import(newer, "x.defects", pkitest.Day.AddDate(0, 0, 2))
	if err != nil || result.Imported != 0 || len(result.Rejected) != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	if got := examine(store, p.evidence(t))["chip.pa.revocation"]; got.Result != verify.Failed {
		t.Errorf("%+v", got)
	}
}

func TestAMasterListInADirectoryMustBeOneThatCanBeChecked(t *testing.T) {
	p, forged := newPassport(t), newPassport(t)
	message := pkitest.Message{Signer: p.dsc, SigningTime: pkitest.Day, NoCertificate: true}
	list := pkitest.MasterList(t, message, forged.csca.Certificate.Raw)
	store := newStore(t, p.csca)
	result, _ := store.Import(directory([2]string{"pkdMasterListContent", string(list)}), "x.ldif", pkitest.Day)
	if result.Imported != 0 || len(store.List()) != 1 {
		t.Errorf("%+v", result)
	}
}
