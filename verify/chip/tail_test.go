package chip_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/verify"
)

// TestWhatReadersLeaveBehindADataGroupAccusesNobody: as behind EF.SOD. What was signed must be there from its first octet to its last.
func TestWhatReadersLeaveBehindADataGroupAccusesNobody(t *testing.T) {
	p := newPassport(t)
	store := newStore(t, p.csca)
	for name, tail := range map[string][]byte{
		"zeros of the last block": make([]byte, 200), "the status word": {0x90, 0}, "something else": []byte("behind"),
		"another data group": p.groups[1],
	} {
		ev := p.evidence(t)
		ev.Files["DG1"], ev.Files["DG2"] = slices.Concat(p.groups[1], tail), slices.Concat(p.groups[2], tail)
		check := examine(store, ev)["chip.pa.hashes"]
		if check.Result != verify.Passed || !strings.Contains(check.Reason, "deviates: something that nobody signs stands behind DG1") {
			t.Errorf("%s: %+v", name, check)
		}
		if got := verdict(t, store, ev); got != verify.Genuine {
			t.Errorf("%s: %s", name, got)
		}
		ev.Files["DG1"] = slices.Clone(ev.Files["DG1"])
		ev.Files["DG1"][20] ^= 1
		if check := examine(store, ev)["chip.pa.hashes"]; check.Result != verify.Failed {
			t.Errorf("%s, altered: %+v", name, check)
		}
		ev.Files["DG1"] = slices.Concat(tail, p.groups[1])
		if check := examine(store, ev)["chip.pa.hashes"]; check.Result != verify.Failed && name != "another data group" {
			t.Errorf("%s, before it: %+v", name, check)
		}
	}
}
