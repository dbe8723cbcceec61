package chip_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// telling is a passport that has DG11 and DG12 too.
func telling(t *testing.T) (*passport, verify.Evidence) {
	t.Helper()
	p := newPassport(t)
	p.groups[11] = []byte(file("\x6B", file("\x5F\x0E", "ERIKSSON<<ANNA")))
	p.groups[12] = []byte(file("\x6C", file("\x5F\x19", "UTOPIA")))
	p.seal(t)
	return p, p.evidenceOfAll(t)
}

// evidenceOfAll is evidence with every data group there is.
func (p *passport) evidenceOfAll(t *testing.T) verify.Evidence {
	t.Helper()
	ev := p.evidence(t)
	ev.Files["DG11"], ev.Files["DG12"] = slices.Clone(p.groups[11]), slices.Clone(p.groups[12])
	return ev
}

func signedOf(store *trust.Store, ev verify.Evidence, change func([]verify.Check) []verify.Check) []string {
	checks := (chip.Examiner{Trust: store}).Examine(context.Background(), ev)
	return slices.Sorted(maps.Keys(chip.SignedDataGroups(ev, change(checks))))
}

func asMade(checks []verify.Check) []verify.Check { return checks }

func TestOnlyDataGroupsWithTheHashThatWasSignedAreTakenAtTheirWord(t *testing.T) {
	for name, c := range map[string]struct {
		change func(files map[string][]byte)
		want   []string
	}{
		"as it was signed":       {func(map[string][]byte) {}, []string{"DG1", "DG11", "DG12", "DG2"}},
		"DG11 exchanged":         {func(f map[string][]byte) { f["DG11"][8] ^= 1 }, []string{"DG1", "DG12", "DG2"}},
		"DG2 exchanged":          {func(f map[string][]byte) { f["DG2"] = []byte("another") }, []string{"DG1", "DG11", "DG12"}},
		"one that nobody signed": {func(f map[string][]byte) { f["DG16"] = f["DG11"] }, []string{"DG1", "DG11", "DG12", "DG2"}},
		"something behind DG12":  {func(f map[string][]byte) { f["DG12"] = append(f["DG12"], 0x90, 0) }, []string{"DG1", "DG11", "DG12", "DG2"}},
		"no EF.SOD":              {func(f map[string][]byte) { delete(f, "EF.SOD") }, nil},
	} {
		p, ev := telling(t)
		c.change(ev.Files)
		if got := signedOf(trusttest.New(t, p.csca), ev, asMade); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatStandsBehindADataGroupIsNotTakenForIt(t *testing.T) {
	p, ev := telling(t)
	ev.Files["DG11"] = append(ev.Files["DG11"], "\x5F\x42\x04ROAD"...)
	checks := (chip.Examiner{Trust: trusttest.New(t, p.csca)}).Examine(t.Context(), ev)
	if got := chip.SignedDataGroups(ev, checks)["DG11"]; !bytes.Equal(got, p.groups[11]) {
		t.Errorf("DG11 is taken for %q", got)
	}
}

// TestNobodyIsTakenAtHisWordWhoMayNotSign has a forged signature, a revoked signer and a certificate that was changed; a signer who
// is merely unknown is told by the verdict.
func TestNobodyIsTakenAtHisWordWhoMayNotSign(t *testing.T) {
	p, ev := telling(t)
	all := []string{"DG1", "DG11", "DG12", "DG2"}
	if got := signedOf(nil, ev, asMade); !slices.Equal(got, all) {
		t.Errorf("of an unknown signer: %v, want %v", got, all)
	}
	if got := signedOf(nil, ev, func([]verify.Check) []verify.Check { return nil }); got != nil {
		t.Errorf("where nothing was checked: %v", got)
	}
	for _, id := range []string{"chip.pa.signature", "chip.pa.chain", "chip.pa.revocation"} {
		failed := func(checks []verify.Check) []verify.Check {
			for i := range checks {
				if checks[i].ID == id {
					checks[i].Result = verify.Failed
				}
			}
			return checks
		}
		if got := signedOf(trusttest.New(t, p.csca), ev, failed); got != nil {
			t.Errorf("where %s failed: %v", id, got)
		}
	}
	forged := p.evidenceOfAll(t)
	forged.Files["EF.SOD"] = bytes.Replace(forged.Files["EF.SOD"], []byte("0108"), []byte("0107"), 1)
	if got := signedOf(trusttest.New(t, p.csca), forged, asMade); got != nil {
		t.Errorf("of a security object that was changed: %v", got)
	}
}
