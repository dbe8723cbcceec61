package chip_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
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
		check := examine(newStore(t, p.csca), p.evidence(t))["chip.pa.chain"]
		if check.Result != c.want {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

func TestASignerWhoseIssuerLeftOutItsCountryIsRevokedAllTheSame(t *testing.T) {
	p := newPassport(t)
	p.message.Signer = pkitest.Issue(t, unnamed(t, p.csca, ""), pkitest.Template{CommonName: "DSC", Country: "UT"})
	store := newStore(t, p.csca)
	take(t, store, pkitest.RevocationList{Issuer: p.csca, Revoked: []x509.RevocationListEntry{
		pkitest.Revoke(p.message.Signer, pkitest.Day, 0)}}.Encode(t), "ut.crl")
	if check := examine(store, p.evidence(t))["chip.pa.revocation"]; check.Result != verify.Failed {
		t.Errorf("%+v", check)
	}
}

// TestLinksAreWalkedAmongSeveralKeysOfOneName has a state that renewed its key twice under one name, and a store that trusts
// the first key alone.
func TestLinksAreWalkedAmongSeveralKeysOfOneName(t *testing.T) {
	p := newPassport(t)
	key := func() pkitest.Template {
		return pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: pkitest.NewECKey(t, elliptic.P256())}
	}
	second := pkitest.Issue(t, p.csca, key())
	third := pkitest.Issue(t, second, key())
	stranger := newPassport(t).csca // of the same name
	p.message.Signer = pkitest.Issue(t, third, pkitest.Template{CommonName: "DSC", Country: "UT"})
	for name, c := range map[string]struct {
		held []*pkitest.Party
		want verify.Result
	}{
		"every link":       {[]*pkitest.Party{stranger, p.csca, second, third}, verify.Passed},
		"a link missing":   {[]*pkitest.Party{stranger, p.csca, third}, verify.Undetermined},
		"no anchor":        {[]*pkitest.Party{stranger, second, third}, verify.Undetermined},
		"the last missing": {[]*pkitest.Party{stranger, p.csca, second}, verify.Undetermined},
	} {
		check := examine(newStore(t, c.held...), p.evidence(t))["chip.pa.chain"]
		if check.Result != c.want {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

// TestCirclesOfLinksEnd has two keys that link each other, as Turkey's of 2021 do, each in many certificates: whoever walks
// every way through them walks for ever.
func TestCirclesOfLinksEnd(t *testing.T) {
	p := newPassport(t)
	self := func() *pkitest.Party {
		return pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	}
	a, b := self(), self()
	var links []*pkitest.Party
	for range 12 {
		of := func(key, by *pkitest.Party) *pkitest.Party {
			return pkitest.Issue(t, by, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: key.Key,
				KeyID: key.Certificate.SubjectKeyId})
		}
		links = append(links, of(a, b), of(b, a))
	}
	p.message.Signer = pkitest.Issue(t, a, pkitest.Template{CommonName: "DSC", Country: "UT"})
	if check := examine(newStore(t, links...), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Undetermined {
		t.Errorf("without an anchor: %+v", check)
	}
	if check := examine(newStore(t, append(links, b)...), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Passed {
		t.Errorf("with one: %+v", check)
	}
}

func TestTheIssuerMustHaveBeenValidWhenItIssued(t *testing.T) {
	p := newPassport(t)
	p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: p.csca.Key,
		KeyID: p.csca.Certificate.SubjectKeyId, From: pkitest.Day.AddDate(-20, 0, 0), To: pkitest.Day.AddDate(-10, 0, 0)})
	check := examine(newStore(t, p.csca), p.evidence(t))["chip.pa.chain"]
	if check.Result != verify.Undetermined || !strings.Contains(check.Reason, "the CSCA was not valid on the day") {
		t.Errorf("%+v", check)
	}
}

func TestTheGermanListVouchesForItsOwnPublisherOnlyWhenThatIsKnown(t *testing.T) {
	list := germanList(t)
	store := newStore(t)
	files := []chip.File{{Name: "de.ml", Data: list}}
	refused, err := store.ImportFiles(files, chip.Terms{Now: germanDay()})
	if err != nil || refused[0].Unvouched != 1 || len(store.List()) != 0 || refused[0].Rejected[0].Fingerprint != germanCSCA {
		t.Fatalf("%+v, %v", refused, err)
	}
	pinned := newStore(t)
	if _, err := pinned.Import(certificateOf(t, list, germanCSCA), "csca-germany.cer", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	result, err := pinned.ImportFiles(files, chip.Terms{Now: germanDay()})
	if err != nil || result[0].Imported != 587 || len(pinned.List()) != 588 {
		t.Errorf("%+v, %v", result, err)
	}
}

// Anyone can write a link into a directory: that one has the name of a key which the store lacks accuses nobody.
func TestALinkThatNobodyVouchesForAccusesNobody(t *testing.T) {
	p := newPassport(t)
	store := newStore(t, pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true}))
	nobody := pkitest.Issue(t, nil, pkitest.Template{CommonName: "Nobody", Country: "UT", CA: true})
	link := pkitest.Issue(t, nobody, pkitest.Template{
		CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: p.csca.Certificate.SubjectKeyId,
	})
	if result, err := store.Import(directory([2]string{"cACertificate;binary", string(link.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil ||
		result.Imported != 1 {
		t.Fatal(result, err)
	}
	leavesOpen("a newer one may be missing").check(t, "poisoned", examine(store, p.evidence(t))["chip.pa.chain"])
}

// Thousands of links in a directory, with keys that take long, do not make an examination long: keys that nobody vouches for
// are not tried one after the other.
func TestLinksThatNobodyVouchesForTakeNoTime(t *testing.T) {
	p := newPassport(t)
	p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	modulus := new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 8191), 0, 1)
	key := pkitest.NewECKey(t, elliptic.P256())
	var values [][2]string
	for i := range int64(300) {
		long := &rsa.PublicKey{N: new(big.Int).Add(modulus, big.NewInt(2*i)), E: 1<<31 - 1}
		link := &x509.Certificate{
			SerialNumber: big.NewInt(i + 1), NotBefore: pkitest.Day, NotAfter: pkitest.Day.AddDate(1, 0, 0), RawSubject: p.csca.Certificate.RawSubject,
			IsCA: true, BasicConstraintsValid: true, SubjectKeyId: p.csca.Certificate.SubjectKeyId,
		}
		der, err := x509.CreateCertificate(rand.Reader, link, &x509.Certificate{Subject: pkix.Name{CommonName: "Nobody"}}, long, key)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, [2]string{"cACertificate;binary", string(der)})
	}
	store := newStore(t, p.csca)
	result, err := store.Import(directory(values...), "x.ldif", pkitest.Day)
	if err != nil || result.Imported != 32 || len(result.Rejected) != 268 {
		t.Errorf("%d imported, %d rejected, %v", result.Imported, len(result.Rejected), err)
	}
	begin := time.Now()
	check := examine(store, p.evidence(t))["chip.pa.chain"]
	if took := time.Since(begin); check.Result != verify.Passed || took > time.Second {
		t.Errorf("%+v, after %v", check, took)
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
		if check := examine(newStore(t, p.csca), ev)["chip.pa.chain"]; check.Result != c.want {
			t.Errorf("%s: %+v", name, check)
		}
	}
}
