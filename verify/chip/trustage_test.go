package chip_test

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

const day = 24 * time.Hour

func TestAStoreIsAsOldAsTheNewestThingInIt(t *testing.T) {
	csca := state(t, "CSCA", "UT")
	signed := func(day time.Time) []byte {
		return pkitest.MasterList(t, pkitest.Message{Signer: csca, SigningTime: day}, csca.Certificate.Raw)
	}
	yearsAgo := pkitest.Day.AddDate(-3, 0, 0)
	for name, c := range map[string]struct {
		files []chip.File
		want  time.Duration
	}{
		"a certificate counts from its import": {[]chip.File{{Data: csca.Certificate.Raw}}, 30 * day},
		"a master list from its signing":       {[]chip.File{{Data: signed(yearsAgo)}}, pkitest.Day.Sub(yearsAgo) + 30*day},
		"one that does not say, from its import": {
			[]chip.File{{Data: pkitest.MasterList(t, pkitest.Message{Signer: csca}, csca.Certificate.Raw)}}, 30 * day},
		"one signed hours after its import, from that": {[]chip.File{{Data: signed(pkitest.Day.Add(10 * time.Hour))}}, 30 * day},
		"a newer list with nothing new makes an old store younger": {[]chip.File{{Data: signed(yearsAgo)}, {Data: signed(pkitest.Day)}},
			30 * day},
		"a revocation list makes an old store younger": {[]chip.File{{Data: signed(yearsAgo)},
			{Data: pkitest.RevocationList{Issuer: csca, ThisUpdate: pkitest.Day.Add(-day)}.Encode(t)}}, 31 * day},
	} {
		store := newStore(t)
		if name != "a certificate counts from its import" {
			if _, err := store.Import(csca.Certificate.Raw, "csca.cer", pkitest.Day.AddDate(-4, 0, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := store.ImportFiles(c.files, chip.Terms{Now: pkitest.Day}); err != nil {
			t.Fatal(err)
		}
		if age, known := store.Age(pkitest.Day.Add(30 * day)); !known || age != c.want {
			t.Errorf("%s: %v, want %v", name, age, c.want)
		}
	}
	if age, known := newStore(t).Age(pkitest.Day); known {
		t.Errorf("an empty store is %v old", age)
	}
}

func TestAStaleStoreIsToldWithEveryDocument(t *testing.T) {
	p := newPassport(t)
	store := newStore(t, p.csca)
	for _, c := range []struct {
		store  *chip.Store
		later  time.Duration
		want   verify.Result
		reason string
	}{
		{store, 0, verify.Passed, "the trust store is 0 days old"},
		{store, 90*day - time.Second, verify.Passed, "the trust store is 89 days old"},
		{store, 90 * day, verify.Undetermined, "the trust store is 90 days old: import newer lists"},
		{newStore(t), 0, verify.Undetermined, "the trust store is empty: import master lists"},
		{nil, 0, verify.Undetermined, "the trust store is empty: import master lists"},
	} {
		ev := p.evidence(t)
		ev.Day = ev.Day.Add(c.later)
		check := examine(c.store, ev)["chip.trust_age"]
		if check.Result != c.want || check.Reason != c.reason {
			t.Errorf("%+v, want %+v", check, c)
		}
	}
}

// TestWhatNobodyVouchesForMakesNoStoreYounger: a link of a directory that leads nowhere, and the list of a CSCA that no longer counts.
func TestWhatNobodyVouchesForMakesNoStoreYounger(t *testing.T) {
	csca, stranger := state(t, "CSCA", "UT"), state(t, "CSCA X", "XX")
	link := pkitest.Issue(t, stranger, pkitest.Template{CommonName: "CSCA X", Country: "XX", CA: true})
	store := newStore(t)
	bring(t, store, -5, csca.Certificate.Raw)
	bring(t, store, 0, directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}))
	if age, known := store.Age(pkitest.Day); !known || age != pkitest.Day.Sub(months(-5)) {
		t.Errorf("%v, %v", age, known)
	}
	for _, e := range store.List() {
		if e.Country == "XX" && !strings.Contains(e.Distrusted, "it is a link that leads up to no CSCA that counts") || e.Country == "UT" && e.Distrusted != "" {
			t.Errorf("%+v", e)
		}
	}
}
