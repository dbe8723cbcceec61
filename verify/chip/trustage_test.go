package chip_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestAStaleStoreIsToldWithEveryDocument(t *testing.T) {
	const day = 24 * time.Hour
	p := newPassport(t)
	store := trusttest.New(t, p.csca)
	for _, c := range []struct {
		store  *trust.Store
		later  time.Duration
		want   verify.Result
		reason string
	}{
		{store, 0, verify.Passed, "the trust store is 0 days old"},
		{store, 90*day - time.Second, verify.Passed, "the trust store is 89 days old"},
		{store, 90 * day, verify.Undetermined, "the trust store is 90 days old: import newer lists"},
		{trusttest.New(t), 0, verify.Undetermined, "the trust store is empty: import master lists"},
		{nil, 0, verify.Undetermined, "the trust store is empty: import master lists"},
	} {
		ev := p.evidence(t)
		ev.Day = ev.Day.Add(c.later)
		check := examine(c.store, ev)["chip.trust_age"]
		if check.Result != c.want || wordingtest.English(t, check) != c.reason {
			t.Errorf("%+v, want %+v", check, c)
		}
	}
}
