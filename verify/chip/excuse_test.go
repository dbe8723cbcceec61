package chip_test

import (
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// knowing is the store that knows the passport's CSCA, and of defects of its signer's documents.
func knowing(t *testing.T, p *passport, known ...pkitest.KnownDefect) *trust.Store {
	t.Helper()
	neighbour := trusttest.CSCA(t, "CSCA Neighbour", "NB")
	store := trusttest.New(t, p.csca, neighbour)
	trusttest.TakeNamed(t, store, trusttest.DefectsOf(t, p.dsc, trusttest.ListSigner(t, neighbour, pkitest.DefectListSigner), known...), neighbour)
	return store
}

func malformed(groups ...int) pkitest.KnownDefect {
	return pkitest.KnownDefect{Kind: []int{2, 1}, Parameters: pkitest.Integers(groups...)}
}

func TestAWrongHashThatTheIssuerMadeIsExcused(t *testing.T) {
	for name, c := range map[string]struct {
		altered string
		known   []pkitest.KnownDefect
		want    judged
	}{
		"known of DG12":    {"DG12", []pkitest.KnownDefect{malformed(11, 12)}, passes("DG12: not the hash; known of such documents: data")},
		"known of another": {"DG12", []pkitest.KnownDefect{malformed(11)}, fails("DG12: not the hash")},
		"nothing known":    {"DG12", nil, fails("DG12: not the hash")},
		"who it is":        {"DG1", []pkitest.KnownDefect{malformed(1, 2)}, fails("DG1: not the hash")},
		"the portrait":     {"DG2", []pkitest.KnownDefect{malformed(1, 2)}, fails("DG2: not the hash")},
		"a key":            {"DG15", []pkitest.KnownDefect{malformed(14, 15)}, fails("DG15: not the hash")},
	} {
		p := newPassport(t)
		p.groups[12], p.groups[15] = []byte("DG12"), []byte("DG15")
		p.seal(t)
		ev := p.evidence(t)
		ev.Files[c.altered] = []byte(file("\x6C", "altered"))
		c.want.check(t, name, examine(knowing(t, p, c.known...), ev)["chip.pa.hashes"])
	}
}

func TestAHashThatTheIssuerLeftOutIsExcused(t *testing.T) {
	p := newPassport(t)
	ev := p.evidence(t)
	ev.Files["DG12"] = []byte(file("\x6C", "not signed"))
	check := examine(knowing(t, p, malformed(12)), ev)["chip.pa.hashes"]
	passes("DG12: EF.SOD lists no hash for it; known of such documents: data").check(t, "DG12", check)
}

func TestASignatureThatTheIssuerMadeWrongIsNoForgery(t *testing.T) {
	p := newPassport(t)
	p.message.BrokenSignature = true
	check := examine(knowing(t, p, pkitest.KnownDefect{Kind: []int{2, 2}}), p.evidence(t))["chip.pa.signature"]
	leavesOpen("document security object malformed").check(t, "EF.SOD", check)

	card := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	ev := card.answered(t, emrtd.Proofs{Mapping: openByMapping(t, card, staticKey(t, brainpoolP256r1)).Mapping})
	broken := cardSecurity(t, card.dsc, entries(mapped)...)
	broken[len(broken)-1] ^= 1
	ev.Files["EF.CardSecurity"] = broken
	check = examine(knowing(t, card, pkitest.KnownDefect{Kind: []int{4, 1}}), ev)["chip.cam"]
	leavesOpen("card security object malformed").check(t, "EF.CardSecurity", check)
}

func TestKeysInWrongHandsProveNothing(t *testing.T) {
	active := newECDSA(t)
	p := newProtected(t, map[int][]byte{
		14: emulated.EncodeDG14(append(infosOf(t, staticKey(t, 0)), newActive(t).SecurityInfo())...),
		15: pkitest.DG15(t, active.Public()),
	})
	answer := signed(t, active, challenge)
	ev := p.answered(t, emrtd.Proofs{
		ChipAuthentication: &emrtd.ChipAuthentication{KeyID: emrtd.NoID}, ActiveAuthentication: &answer,
	})
	for id, kind := range map[string][]int{"chip.ca": {1, 3}, "chip.aa": {1, 4}} {
		passes("").check(t, id, examine(trusttest.New(t, p.csca), ev)[id])
		store := knowing(t, p, pkitest.KnownDefect{Kind: kind})
		fails("private keys compromised").check(t, id, examine(store, ev)[id])
		if got := verdict(t, store, ev); got != verify.Doubtful {
			t.Errorf("%s: verdict %s", id, got)
		}
	}
}

func TestACountryThatTheIssuerItselfGotWrongIsNoForgery(t *testing.T) {
	p := newPassport(t)
	p.csca = trusttest.CSCA(t, "CSCA Third", "TT")
	p = p.under(t, p.csca)
	fails("DG1 names issuing state UTO").check(t, "nothing known", examine(trusttest.New(t, p.csca), p.evidence(t))["cross.dg1_dsc_country"])
	store := knowing(t, p, pkitest.KnownDefect{Kind: []int{2, 5}})
	leavesOpen("issuing country defect").check(t, "known", examine(store, p.evidence(t))["cross.dg1_dsc_country"])
}
