package chip_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestRevocationIsKnownFromAListThatIsCurrent(t *testing.T) {
	p := newPassport(t)
	good := pkitest.RevocationList{Issuer: p.csca, NextUpdate: pkitest.Day.AddDate(0, 0, 30)}
	compromised := good
	compromised.Revoked = []x509.RevocationListEntry{pkitest.Revoke(p.dsc, pkitest.Day.AddDate(0, -1, 0), 1)}
	silent := good
	silent.Revoked = []x509.RevocationListEntry{pkitest.Revoke(p.dsc, pkitest.Day.AddDate(0, -1, 0), 0)}
	other := good
	other.Revoked = []x509.RevocationListEntry{pkitest.Revoke(pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "Other", Country: "UT"}), pkitest.Day, 0)}
	late := pkitest.Day.AddDate(0, 0, 31)
	for name, c := range map[string]struct {
		list   *pkitest.RevocationList
		day    time.Time
		want   verify.Result
		reason string
	}{
		"no list":         {nil, pkitest.Day, verify.Undetermined, "the trust store has no revocation list of the signer's issuer"},
		"not in the list": {&other, pkitest.Day, verify.Passed, "not in its issuer's revocation list of 2026-03-01"},
		"the last day":    {&good, pkitest.Day.AddDate(0, 0, 30), verify.Passed, "not in its issuer's revocation list of 2026-03-01"},
		"an earlier day":  {&good, pkitest.Day.AddDate(0, 0, -5), verify.Passed, "not in its issuer's revocation list of 2026-03-01"},
		"outdated": {&good, late, verify.Undetermined,
			"the newest revocation list of the signer's issuer, of 2026-03-01, is outdated: import a newer one"},
		"revoked": {&compromised, pkitest.Day, verify.Failed,
			"the signer was revoked on 2026-02-01 (key compromise), says its issuer's revocation list of 2026-03-01"},
		"revoked without a reason": {&silent, pkitest.Day, verify.Failed,
			"the signer was revoked on 2026-02-01, says its issuer's revocation list of 2026-03-01"},
		"revoked long ago": {&silent, late, verify.Failed,
			"the signer was revoked on 2026-02-01, says its issuer's revocation list of 2026-03-01"},
	} {
		store := trusttest.New(t, p.csca)
		if c.list != nil {
			trusttest.Take(t, store, c.list.Encode(t), "ut.crl")
		}
		ev := p.evidence(t)
		ev.Day = c.day
		check := examine(store, ev)["chip.pa.revocation"]
		if check.Result != c.want || wordingtest.English(t, check) != c.reason {
			t.Errorf("%s: %+v", name, check)
		}
		if diff := cmp.Diff([]string{"EF.SOD"}, check.Evidence); diff != "" {
			t.Errorf("%s: evidence %s", name, diff)
		}
	}
}

func TestOfASignerWhoseIssuerIsUnknownRevocationIsNot(t *testing.T) {
	p := newPassport(t)
	check := examine(trusttest.New(t), p.evidence(t))["chip.pa.revocation"]
	if check.Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, check), "issuer is not known") {
		t.Errorf("%+v", check)
	}
}

func TestARevocationListIsFoundUnderANewKeyOfTheIssuerToo(t *testing.T) {
	p := newPassport(t)
	renewed := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia", Country: "ut", CA: true})
	store := trusttest.New(t, p.csca, renewed)
	trusttest.Take(t, store, pkitest.RevocationList{Issuer: renewed, Revoked: []x509.RevocationListEntry{
		pkitest.Revoke(p.dsc, pkitest.Day, 0)}}.Encode(t), "ut.crl")
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
}
