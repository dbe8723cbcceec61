package chip_test

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestADefectListRevokesASignerAndTellsOfItsFaults(t *testing.T) {
	p, neighbour := newPassport(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	by := trusttest.ListSigner(t, neighbour, pkitest.DefectListSigner)
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
				"data group malformed: DG11, DG12" + from + "; known of such documents: active authentication private keys compromised" + from},
	} {
		store := trusttest.New(t, p.csca, neighbour)
		trusttest.TakeNamed(t, store, trusttest.DefectsOf(t, p.dsc, by, c.known...), neighbour)
		check := examine(store, p.evidence(t))["chip.pa.revocation"]
		if check.Result != c.want || wordingtest.English(t, check) != c.reason {
			t.Errorf("%s: %+v", name, check)
		}
		if other := examine(store, newPassport(t).evidence(t))["chip.pa.revocation"]; strings.Contains(wordingtest.English(t, other), "defect") {
			t.Errorf("%s: another signer: %+v", name, other)
		}
	}
	onlyNeighbour := trusttest.New(t, neighbour)
	trusttest.TakeNamed(t, onlyNeighbour, trusttest.DefectsOf(t, p.dsc, by, pkitest.KnownDefect{Kind: []int{1, 1}}), neighbour)
	if check := examine(onlyNeighbour, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("a signer of an unknown issuer: %+v", check)
	}
}

func TestADeviationListTellsOfItsOwnStatesDocuments(t *testing.T) {
	p, neighbour := newPassport(t), trusttest.CSCA(t, "CSCA Neighbour", "NB")
	from, to := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2019, 6, 30, 0, 0, 0, 0, time.UTC)
	deviation := pkitest.Deviation{DocumentType: "P<", Numbers: []string{"L898902C3"}, From: from, To: to,
		Kind: []int{2, 2}, Parameters: pkitest.Integer(12)}
	const told = "hash of a data group wrong: DG12, says the deviation list of "
	const ifIssued = "; if issued from 2019-01-01 to 2019-06-30"
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
		store := trusttest.New(t, p.csca, neighbour)
		by := trusttest.ListSigner(t, c.csca, pkitest.DeviationListSigner)
		trusttest.Take(t, store, pkitest.DeviationList(t, pkitest.Message{Signer: by}, d), "dl.bin")
		check := examine(store, p.evidence(t))["chip.pa.revocation"]
		if said := wordingtest.English(t, check); strings.Contains(said, told) != c.told || strings.HasSuffix(said, ifIssued) != c.told {
			t.Errorf("%s: %+v", name, check)
		}
	}
}
