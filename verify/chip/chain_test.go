package chip_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// unnamed is csca under its own key, with another name of its country or none.
func unnamed(t testing.TB, csca *pkitest.Party, country string) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, nil, pkitest.Template{CommonName: csca.Certificate.Subject.CommonName, Country: country, CA: true,
		Key: csca.Key, KeyID: csca.Certificate.SubjectKeyId})
}

func TestAnOldIssuerMayLeaveOutItsCountryOrWriteItSmall(t *testing.T) {
	for name, c := range map[string]struct {
		issuer, signer string
		want           verify.Result
	}{
		"as it is":            {"UT", "UT", verify.Passed},
		"small":               {"ut", "UT", verify.Passed},
		"left out":            {"", "UT", verify.Passed},
		"left out everywhere": {"", "", verify.Passed},
		"a signer of another": {"", "SE", verify.Undetermined},
		"another":             {"SE", "UT", verify.Undetermined},
	} {
		p := newPassport(t)
		p.message.Signer = pkitest.Issue(t, unnamed(t, p.csca, c.issuer), pkitest.Template{CommonName: "DSC", Country: c.signer})
		check := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]
		if check.Result != c.want {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

func TestASignerWhoseIssuerLeftOutItsCountryIsRevokedAllTheSame(t *testing.T) {
	p := newPassport(t)
	p.message.Signer = pkitest.Issue(t, unnamed(t, p.csca, ""), pkitest.Template{CommonName: "DSC", Country: "UT"})
	store := trusttest.New(t, p.csca)
	trusttest.Take(t, store, pkitest.RevocationList{Issuer: p.csca, Revoked: []x509.RevocationListEntry{
		pkitest.Revoke(p.message.Signer, pkitest.Day, 0)}}.Encode(t), "ut.crl")
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
}

func TestTheIssuerMustHaveBeenValidWhenItIssued(t *testing.T) {
	p := newPassport(t)
	p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: p.csca.Key,
		KeyID: p.csca.Certificate.SubjectKeyId, From: pkitest.Day.AddDate(-20, 0, 0), To: pkitest.Day.AddDate(-10, 0, 0)})
	check := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]
	if check.Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, check), "the CSCA was not valid on the day") {
		t.Errorf("%+v", check)
	}
}

// A CSCA and its first signers are made in one ceremony. The signers state the beginning of the day, and may sign by a clock of
// another zone.
func TestHoursOfTheDayOnWhichASignerWasMadeDoNotMatter(t *testing.T) {
	midnight := pkitest.Day.AddDate(-5, 0, 0).Truncate(24 * time.Hour)
	at := func(hours int) time.Time { return midnight.Add(time.Duration(hours) * time.Hour) }
	for name, c := range map[string]struct {
		csca, signer, signed time.Time
		want                 verify.Result
	}{
		"as it should be":               {at(0), at(1), at(2), verify.Passed},
		"CSCA later on that day":        {at(15), at(0), at(16), verify.Passed},
		"signed before, on that day":    {at(0), at(9), at(7), verify.Passed},
		"CSCA on the day after":         {at(25), at(0), at(26), verify.Undetermined},
		"signed on the day before":      {at(-48), at(9), at(-1), verify.Undetermined},
		"on the signer's last day":      {at(0), at(0), pkitest.Day.AddDate(2, 0, 0).Truncate(24 * time.Hour).Add(23 * time.Hour), verify.Passed},
		"after the signer's last day":   {at(0), at(0), pkitest.Day.AddDate(2, 0, 1).Truncate(24 * time.Hour), verify.Undetermined},
		"CSCA long after it had signed": {at(24 * 300), at(0), at(24 * 301), verify.Undetermined},
	} {
		p := newPassport(t)
		p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, From: c.csca, To: pkitest.Day.AddDate(20, 0, 0)})
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "Signer", Country: "UT", From: c.signer, To: pkitest.Day.AddDate(2, 0, 0)})
		p.message.SigningTime = c.signed
		ev := p.evidence(t)
		ev.Day = pkitest.Day.AddDate(3, 0, 0)
		if check := examine(trusttest.New(t, p.csca), ev)["chip.pa.chain"]; check.Result != c.want {
			t.Errorf("%s: %+v", name, check)
		}
	}
}
