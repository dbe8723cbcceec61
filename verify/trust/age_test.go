package trust_test

import (
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

const day = 24 * time.Hour

func TestAStoreIsAsOldAsTheNewestThingInIt(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA", "UT")
	signed := func(day time.Time) []byte {
		return pkitest.MasterList(t, pkitest.Message{Signer: csca, SigningTime: day}, csca.Certificate.Raw)
	}
	yearsAgo := pkitest.Day.AddDate(-3, 0, 0)
	for name, c := range map[string]struct {
		files []trust.ImportFile
		want  time.Duration
	}{
		"a certificate counts from its import": {[]trust.ImportFile{{Data: csca.Certificate.Raw}}, 30 * day},
		"a master list from its signing":       {[]trust.ImportFile{{Data: signed(yearsAgo)}}, pkitest.Day.Sub(yearsAgo) + 30*day},
		"one that does not say, from its import": {
			[]trust.ImportFile{{Data: pkitest.MasterList(t, pkitest.Message{Signer: csca}, csca.Certificate.Raw)}}, 30 * day},
		"one signed hours after its import, from that": {[]trust.ImportFile{{Data: signed(pkitest.Day.Add(10 * time.Hour))}}, 30 * day},
		"a newer list with nothing new makes an old store younger": {[]trust.ImportFile{{Data: signed(yearsAgo)}, {Data: signed(pkitest.Day)}},
			30 * day},
		"a revocation list makes an old store younger": {[]trust.ImportFile{{Data: signed(yearsAgo)},
			{Data: pkitest.RevocationList{Issuer: csca, ThisUpdate: pkitest.Day.Add(-day)}.Encode(t)}}, 31 * day},
	} {
		store := trusttest.New(t)
		if name != "a certificate counts from its import" {
			if _, err := trusttest.Import(store, csca.Certificate.Raw, "csca.cer", pkitest.Day.AddDate(-4, 0, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := store.ImportFiles(c.files, trust.Terms{Now: pkitest.Day}); err != nil {
			t.Fatal(err)
		}
		if age, known := store.Age(pkitest.Day.Add(30 * day)); !known || age != c.want {
			t.Errorf("%s: %v, want %v", name, age, c.want)
		}
	}
	if age, known := trusttest.New(t).Age(pkitest.Day); known {
		t.Errorf("an empty store is %v old", age)
	}
}

// TestWhatNobodyVouchesForMakesNoStoreYounger: a link of a directory that leads nowhere, and the list of a CSCA that no longer counts.
func TestWhatNobodyVouchesForMakesNoStoreYounger(t *testing.T) {
	csca, stranger := trusttest.CSCA(t, "CSCA", "UT"), trusttest.CSCA(t, "CSCA X", "XX")
	link := pkitest.Issue(t, stranger, pkitest.Template{CommonName: "CSCA X", Country: "XX", CA: true})
	store := trusttest.New(t)
	bring(t, store, -5, csca.Certificate.Raw)
	bring(t, store, 0, trusttest.Directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}))
	if age, known := store.Age(pkitest.Day); !known || age != pkitest.Day.Sub(months(-5)) {
		t.Errorf("%v, %v", age, known)
	}
	for _, e := range store.List() {
		if e.Country == "XX" && !strings.Contains(e.Distrusted, "it is a link that leads up to no CSCA that counts") || e.Country == "UT" && e.Distrusted != "" {
			t.Errorf("%+v", e)
		}
	}
}
