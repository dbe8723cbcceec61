package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// A vault is a trust store that is attacked through the command, as whoever keeps one calls it.
type vault struct {
	*testing.T
	store, files string
}

func newVault(t *testing.T) vault {
	t.Helper()
	return vault{t, filepath.Join(t.TempDir(), "trust"), t.TempDir()}
}

// call runs doccheck trust with --json on a day when Utopia's certificates are valid.
func (v vault) call(answer any, args ...string) (status int) {
	v.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"trust", args[0], "--json", "--at", "2026-03-02", "--store", v.store}, args[1:]...)
	status = run(v.Context(), args, strings.NewReader(""), &out, &errs)
	if errs.Len() > 0 {
		v.Logf("%s", errs.String())
	}
	if answer != nil {
		if err := json.Unmarshal(out.Bytes(), answer); err != nil {
			v.Fatalf("%v: %v\n%s%s", args, err, out.String(), errs.String())
		}
	}
	return status
}

// save writes files and gives their names, in an order that does not depend on the content.
func (v vault) save(files map[string][]byte) (names []string) {
	v.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(v.files, name)
		if err := os.WriteFile(path, files[name], 0o600); err != nil {
			v.Fatal(err)
		}
		names = append(names, path)
	}
	return names
}

// imported is what trust import answers.
type imported struct {
	Imported, Known int
	Rejected        []struct{ Subject, Reason, Fingerprint string }
}

// take imports files, which may begin with flags.
func (v vault) take(files map[string][]byte, flags ...string) (a imported, status int) {
	v.Helper()
	status = v.call(&a, slices.Concat([]string{"import"}, flags, v.save(files))...)
	return a, status
}

// counting are the countries of the certificates that count, and why the others do not, by subject.
func (v vault) counting() (countries []string, why map[string]string) {
	v.Helper()
	var a struct {
		Certificates []struct{ Subject, Country, Distrusted string }
	}
	v.call(&a, "list")
	why = map[string]string{}
	for _, c := range a.Certificates {
		if c.Distrusted != "" {
			why[c.Subject] = c.Distrusted
		} else {
			countries = append(countries, c.Country)
		}
	}
	return countries, why
}

// csca is a State's, and lister a signer of its master lists.
func csca(t *testing.T, name, country string) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, nil, pkitest.Template{CommonName: name, Country: country, CA: true})
}

func lister(t *testing.T, issuer *pkitest.Party) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, issuer, pkitest.Template{CommonName: "List signer",
		Country: issuer.Certificate.Subject.Country[0], OtherPurpose: pkitest.MasterListSigner})
}

func fingerprintOf(p *pkitest.Party) string {
	return fmt.Sprintf("%x", sha256.Sum256(p.Certificate.Raw))
}

// listOf is a master list of the parties' certificates, signed on that day.
func listOf(t *testing.T, signer *pkitest.Party, day time.Time, listed ...*pkitest.Party) []byte {
	t.Helper()
	var der [][]byte
	for _, p := range listed {
		der = append(der, p.Certificate.Raw)
	}
	return pkitest.MasterList(t, pkitest.Message{Signer: signer, SigningTime: day}, der...)
}

// contentOf is what a list's signer signed.
func contentOf(t *testing.T, list []byte) []byte {
	t.Helper()
	parsed, err := pki.ParseMasterList(list)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Content
}

// ldif is a directory of one master list.
func ldif(list []byte) []byte {
	return []byte("version: 1\n\ndn: c=UT,dc=data\npkdMasterListContent:: " + base64.StdEncoding.EncodeToString(list) + "\n")
}

// TestNoStolenKeyPublishesAMasterList has a thief, or whoever once published lists, add a forged CSCA of Germany to a store that
// knows Utopia's: with each certificate that Utopia issued, and with none.
func TestNoStolenKeyPublishesAMasterList(t *testing.T) {
	ut, forged, now := csca(t, "CSCA Utopia", "UT"), csca(t, "CSCA forged", "DE"), pkitest.Day
	issue := func(issuer *pkitest.Party, change func(*pkitest.Template)) *pkitest.Party {
		d := pkitest.Template{CommonName: "Signer", Country: "UT", OtherPurpose: pkitest.MasterListSigner}
		change(&d)
		return pkitest.Issue(t, issuer, d)
	}
	signed := func(change func(*pkitest.Template)) []byte { return listOf(t, issue(ut, change), now, forged) }
	plain := func(m pkitest.Message) []byte {
		m.SigningTime = now
		if m.Signer == nil {
			m.Signer = lister(t, ut)
		}
		return pkitest.MasterList(t, m, forged.Certificate.Raw)
	}
	none := func(*pkitest.Template) {}
	was := func(from, to int) func(*pkitest.Template) {
		return func(d *pkitest.Template) { d.From, d.To = now.AddDate(from, 0, 0), now.AddDate(to, 0, 0) }
	}
	revoked := issue(ut, none)
	crl := pkitest.RevocationList{Issuer: ut, Revoked: []x509.RevocationListEntry{pkitest.Revoke(revoked, now, 1)}}.Encode(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	stranger := csca(t, "CSCA Stranger", "SS")
	expired := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA old", Country: "UT", CA: true, From: now.AddDate(-20, 0, 0), To: now.AddDate(-1, 0, 0)})
	unknown := pkitest.Message{SignatureAlgorithm: []byte("\x30\x05\x06\x03\x2A\x03\x04")}
	brokenUnknown := unknown
	brokenUnknown.BrokenSignature = true
	for name, attack := range map[string]map[string][]byte{
		"a document signer":                {"x.ml": signed(func(d *pkitest.Template) { d.OtherPurpose = nil })},
		"a signer of deviation lists":      {"x.ml": signed(func(d *pkitest.Template) { d.OtherPurpose = pkitest.DeviationListSigner })},
		"a signer for any purpose":         {"x.ml": signed(func(d *pkitest.Template) { d.OtherPurpose, d.Purposes = nil, []x509.ExtKeyUsage{x509.ExtKeyUsageAny} })},
		"a key for agreement alone":        {"x.ml": signed(func(d *pkitest.Template) { d.Usage = x509.KeyUsageKeyAgreement })},
		"a signer who expired, when valid": {"x.ml": listOf(t, issue(ut, was(-3, -1)), now.AddDate(-2, 0, 0), forged)},
		"a signer who expired":             {"x.ml": signed(was(-3, -1))},
		"a signer who expired, undated":    {"x.ml": pkitest.MasterList(t, pkitest.Message{Signer: issue(ut, was(-3, -1))}, forged.Certificate.Raw)},
		"a signer not valid yet":           {"x.ml": signed(was(1, 2))},
		"a list of a day to come":          {"x.ml": listOf(t, lister(t, ut), now.AddDate(0, 0, 5), forged)},
		"a signer who was revoked":         {"x.ml": listOf(t, revoked, now, forged), "y.crl": crl},
		"a signer whose CSCA expired":      {"x.ml": listOf(t, lister(t, expired), now, forged), "old.cer": expired.Certificate.Raw},
		"a signer of another State":        {"x.ml": signed(func(d *pkitest.Template) { d.Country = "DE" })},
		"a CA for another State": {"x.ml": listOf(t, issue(issue(ut, func(d *pkitest.Template) {
			d.CA, d.Country, d.OtherPurpose = true, "DE", nil
		}), func(d *pkitest.Template) { d.Country = "DE" }), now, forged)},
		"a wrong signature":               {"x.ml": plain(pkitest.Message{BrokenSignature: true})},
		"an unknown algorithm, and wrong": {"x.ml": plain(brokenUnknown)},
		"an unknown algorithm":            {"x.ml": plain(unknown)},
		"SHA-1":                           {"x.ml": plain(pkitest.Message{Hash: crypto.SHA1})},
		"a key that can be factored":      {"x.ml": signed(func(d *pkitest.Template) { d.Key = small })},
		"a stranger":                      {"x.ml": listOf(t, lister(t, stranger), now, forged)},
		"a stranger's list of himself":    {"x.ml": listOf(t, lister(t, stranger), now, forged, stranger)},
		"a stranger's CSCA, of itself":    {"x.ml": listOf(t, stranger, now, forged, stranger)},
		"strangers of each other": {
			"x.ml": listOf(t, lister(t, stranger), now, forged, forged), "y.ml": listOf(t, lister(t, forged), now, stranger),
		},
	} {
		for way, wrap := range map[string]func([]byte) []byte{"as a file": bytes.Clone, "in a directory": ldif} {
			t.Run(name+", "+way, func(t *testing.T) {
				v := newVault(t)
				if _, status := v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw}); status != 0 {
					t.Fatal(status)
				}
				files := maps.Clone(attack)
				for file, list := range files {
					if strings.HasSuffix(file, ".ml") {
						files[file] = wrap(list)
					}
				}
				a, status := v.take(files)
				if status != 1 || len(a.Rejected) == 0 {
					t.Errorf("exit status %d, %+v", status, a)
				}
				if countries, _ := v.counting(); !slices.Equal(slices.Compact(countries), []string{"UT"}) {
					t.Errorf("what counts is of %v", countries)
				}
			})
		}
	}
}

// TestAPublisherIsNamedByItsFingerprint: what is refused says which certificate is to be compared, and naming that takes the list,
// and nothing else does.
func TestAPublisherIsNamedByItsFingerprint(t *testing.T) {
	ours, theirs := csca(t, "CSCA", "OO"), csca(t, "CSCA T", "TT")
	signer := lister(t, ours)
	full := pkitest.Message{Signer: signer, SigningTime: pkitest.Day, Certificates: [][]byte{signer.Certificate.Raw, ours.Certificate.Raw}}
	for name, c := range map[string]struct {
		list  []byte
		worth *pkitest.Party
	}{
		"its CSCA beside it":    {pkitest.MasterList(t, full, theirs.Certificate.Raw), ours},
		"its CSCA in it":        {listOf(t, signer, pkitest.Day, theirs, ours), ours},
		"its CSCA nowhere":      {listOf(t, signer, pkitest.Day, theirs), signer},
		"signed by its CSCA":    {listOf(t, ours, pkitest.Day, theirs), ours},
		"the same, a directory": {ldif(listOf(t, signer, pkitest.Day, theirs)), signer},
	} {
		v, files := newVault(t), map[string][]byte{"x.ml": c.list}
		refused, status := v.take(files)
		id := fingerprintOf(c.worth)
		if status != 1 || len(refused.Rejected) != 1 || refused.Rejected[0].Fingerprint != id ||
			!strings.Contains(refused.Rejected[0].Reason, "--trust-publisher "+id) {
			t.Errorf("%s: %d, %+v", name, status, refused)
		}
		if _, status := v.take(files, "--trust-publisher", fingerprintOf(theirs)); status != 1 {
			t.Errorf("%s: taken by another's fingerprint", name)
		}
		if countries, _ := v.counting(); len(countries) > 0 {
			t.Errorf("%s: before: %v", name, countries)
		}
		pasted := " " + strings.ToUpper(id[:2]+":"+id[2:]) + " "
		if a, status := v.take(files, "--trust-publisher", pasted); status != 0 {
			t.Errorf("%s: named: %d, %+v", name, status, a)
		}
		if a, status := v.take(files); status != 0 || a.Imported != 0 {
			t.Errorf("%s: the same list again: %d, %+v", name, status, a)
		}
		if countries, _ := v.counting(); !slices.Contains(countries, "TT") {
			t.Errorf("%s: named: %v", name, countries)
		}
	}
	bad := pkitest.Issue(t, ours, pkitest.Template{CommonName: "DSC", Country: "OO"})
	v := newVault(t)
	for _, id := range []string{fingerprintOf(bad), fingerprintOf(ours)} {
		if a, status := v.take(map[string][]byte{"x.ml": listOf(t, bad, pkitest.Day, theirs, ours)}, "--trust-publisher", id); status != 1 || a.Imported != 0 {
			t.Errorf("a document signer that is named: %d, %+v", status, a)
		}
	}
	if status := v.call(nil, "import", "--trust-publisher", "AB:CD", v.files); status != 2 {
		t.Errorf("no fingerprint: exit status %d", status)
	}
}

// TestAnOldListBringsNothingBack has a CSCA that its State withdrew, and the list of the day before played again: as it is, in a
// directory, before and beside the new one.
func TestAnOldListBringsNothingBack(t *testing.T) {
	ut, stolen, next := csca(t, "CSCA Utopia", "UT"), csca(t, "CSCA stolen", "UT"), csca(t, "CSCA next", "UT")
	theirs := csca(t, "CSCA T", "TT")
	signer, day := lister(t, ut), pkitest.Day.AddDate(0, -1, 0)
	older := listOf(t, signer, day, ut, stolen, theirs)
	newer := listOf(t, signer, day.AddDate(0, 0, 1), ut, next)
	same := listOf(t, signer, day.AddDate(0, 0, 1), ut, stolen, next)
	byStolen := listOf(t, lister(t, stolen), day.AddDate(0, 0, 3), stolen, csca(t, "CSCA forged", "DE"))
	thief := lister(t, csca(t, "CSCA Thief", "XX"))
	cosigned := pkitest.Message{Signer: thief, SigningTime: day.AddDate(0, 0, 9), Type: pkitest.MasterListType,
		Content: contentOf(t, older), Certificates: [][]byte{thief.Certificate.Raw, signer.Certificate.Raw}}
	genuine := cosigned
	genuine.Signer, genuine.SigningTime = signer, day
	cosigned.Also = [][]byte{genuine.SignerInfo(t)}
	for name, calls := range map[string][]map[string][]byte{
		"with a later signer of it": {{"b.ml": newer}, {"a.ml": cosigned.Encode(t)}},
		"one after the other":       {{"a.ml": older}, {"b.ml": newer}, {"a.ml": older}},
		"at once":                   {{"a.ml": older, "b.ml": newer}},
		"at once, named otherwise":  {{"b.ml": older, "a.ml": newer}},
		"in a directory":            {{"b.ml": newer}, {"a.ldif": ldif(older)}},
		"of the same moment":        {{"b.ml": newer}, {"a.ml": same}},
		"and the thief's own":       {{"a.ml": older}, {"b.ml": newer}, {"c.ml": byStolen}},
		"and the thief's, at once":  {{"a.ml": older}, {"a.ml": byStolen, "b.ml": newer}},
		"without the day":           {{"b.ml": newer}, {"a.ml": pkitest.MasterList(t, pkitest.Message{Signer: signer}, stolen.Certificate.Raw)}},
		"and the certificate of it": {{"b.ml": newer}, {"a.ldif": []byte("version: 1\n\ndn: c=UT\nuserCertificate;binary:: " + base64.StdEncoding.EncodeToString(stolen.Certificate.Raw) + "\n")}},
	} {
		v := newVault(t)
		v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw})
		for _, files := range calls {
			v.take(files)
		}
		if countries, _ := v.counting(); !slices.Equal(countries, []string{"UT", "UT"}) {
			t.Errorf("%s: what counts is of %v", name, countries)
		}
	}
}

// TestWhatIsRemovedStaysAway: the next list does not bring it back, and whoever wants it says so.
func TestWhatIsRemovedStaysAway(t *testing.T) {
	ut, theirs := csca(t, "CSCA Utopia", "UT"), csca(t, "CSCA T", "TT")
	signer := lister(t, ut)
	list := map[string][]byte{"a.ml": listOf(t, signer, pkitest.Day.AddDate(0, -1, 0), ut, theirs)}
	next := map[string][]byte{"b.ml": listOf(t, signer, pkitest.Day, ut, theirs)}
	own := map[string][]byte{"t.cer": theirs.Certificate.Raw}
	for name, back := range map[string]func(v vault){
		"by its own file": func(v vault) { v.take(own) },
		"by --again":      func(v vault) { v.take(next, "--again") },
	} {
		v := newVault(t)
		v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw})
		v.take(list)
		var removed struct {
			Removed  []struct{ SHA256, Kind, Subject string }
			NotFound []string `json:"not_found"`
		}
		if status := v.call(&removed, "remove", fingerprintOf(theirs)); status != 0 || len(removed.Removed) != 1 || removed.Removed[0].Kind != "certificate" {
			t.Errorf("%d, %+v", status, removed)
		}
		for _, files := range []map[string][]byte{list, next, {"all.p7": bytes.Join([][]byte{ut.Certificate.Raw, theirs.Certificate.Raw}, nil)}} {
			v.take(files)
			countries, why := v.counting()
			if !slices.Equal(countries, []string{"UT"}) || !strings.Contains(why["CN=CSCA T,C=TT"], "removed from the trust store on ") {
				t.Errorf("%s: %v, %v", name, countries, why)
			}
		}
		back(v)
		if countries, why := v.counting(); !slices.Equal(countries, []string{"TT", "UT"}) {
			t.Errorf("%s: %v, %v", name, countries, why)
		}
		for _, id := range []string{strings.Repeat("0", 64), fingerprintOf(theirs)[:8], ""} {
			if status := v.call(&removed, "remove", id); status != 1 || len(removed.NotFound) != 1 {
				t.Errorf("%s: %q: %d", name, id, status)
			}
		}
	}
	v := newVault(t)
	v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw})
	v.take(list)
	if status := v.call(nil, "remove", fmt.Sprintf("%x", sha256.Sum256(list["a.ml"]))); status != 0 {
		t.Error(status)
	}
	for range 2 {
		if countries, why := v.counting(); !slices.Equal(countries, []string{"UT"}) {
			t.Errorf("without the list: %v, %v", countries, why)
		}
		if _, status := v.take(list); status != 1 {
			t.Errorf("a list that was removed is taken again: %d", status)
		}
	}
}

// A CSCA that is in no list does not come into the store by an unsigned one.
func TestADirectoryWithACSCAIsToldWithTheExitStatus(t *testing.T) {
	v := newVault(t)
	forged := csca(t, "CSCA forged", "DE").Certificate.Raw
	file := []byte("version: 1\n\ndn: c=DE\ncACertificate;binary:: " + base64.StdEncoding.EncodeToString(forged) + "\n")
	if a, status := v.take(map[string][]byte{"x.ldif": file}); status != 1 || a.Imported != 0 {
		t.Errorf("%d, %+v", status, a)
	}
}
