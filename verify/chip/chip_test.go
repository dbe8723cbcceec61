package chip_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// plain is with for a passport whose signed files list neither PACE nor a key against copies.
func plain(others verify.Result, named map[string]verify.Result) map[string]verify.Result {
	all := with(others, named)
	for _, id := range []string{"chip.card_access", "chip.original", "chip.ca", "chip.aa", "chip.cam"} {
		if _, there := named[id]; !there {
			all[id] = verify.NotSupported
		}
	}
	return all
}

// with is a result for every check: those named, and the first for all others. Of revocation nothing is known where others
// pass, unless it is named: no list is imported. Nor has the signer's certificate a period of its key or a list of types.
func with(others verify.Result, named map[string]verify.Result) map[string]verify.Result {
	all := map[string]verify.Result{}
	for _, id := range []string{
		"chip.access", "chip.pa.signature", "chip.pa.chain", "chip.pa.key_period", "chip.pa.validity", "chip.pa.revocation", "chip.trust_age",
		"chip.pa.hashes", "chip.com_sod", "chip.card_access", "chip.original", "chip.ca", "chip.aa", "chip.cam",
		"cross.dg1_mrz", "cross.dg1_dsc_country", "cross.dg1_dsc_type",
	} {
		all[id] = others
		switch {
		case others != verify.Passed:
		case id == "chip.pa.revocation":
			all[id] = verify.Undetermined
		case id == "chip.pa.key_period" || id == "cross.dg1_dsc_type":
			all[id] = verify.NotSupported
		}
		if result, there := named[id]; there {
			all[id] = result
		}
	}
	return all
}

func TestAGenuinePassportPassesEveryCheck(t *testing.T) {
	p := newPassport(t)
	checks := examine(trusttest.New(t, p.csca), p.evidence(t))
	if diff := cmp.Diff(plain(verify.Passed, nil), results(checks)); diff != "" {
		t.Error(diff)
	}
	want := "issued by CN=CSCA Utopia,C=UT; the signer was valid when it signed, on 2025-06-01"
	if reason := wordingtest.English(t, checks["chip.pa.chain"]); reason != want {
		t.Errorf("reason %q, want %q", reason, want)
	}
	if evidence := checks["chip.pa.hashes"].Evidence; !slices.Equal(evidence, []string{"EF.SOD", "DG1", "DG2"}) {
		t.Errorf("evidence %q", evidence)
	}
}

func TestTheChecksAreThoseOfThePolicyInItsOrder(t *testing.T) {
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, c := range policy.Checks {
		if strings.HasPrefix(c.ID, "chip.") || strings.HasPrefix(c.ID, "cross.dg1_") {
			want = append(want, c.ID)
		}
	}
	for _, c := range (chip.Examiner{}).Examine(context.Background(), verify.Evidence{}) {
		got = append(got, c.ID)
		if !strings.HasPrefix(c.ID, string(c.Category)+".") {
			t.Errorf("%s in category %s", c.ID, c.Category)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFourOutcomesAreFour is the promise to the caseworker: no chip, a dead chip, an unknown signer and a forged
// signature are not the same thing.
func TestFourOutcomesAreFour(t *testing.T) {
	p := newPassport(t)
	trusted := trusttest.New(t, p.csca)
	forged := newPassport(t)
	forged.message.BrokenSignature = true
	cases := map[string]struct {
		store    *trust.Store
		evidence verify.Evidence
		want     map[string]verify.Result
	}{
		"no chip": {trusted, verify.Evidence{MRZ: zone(), Chip: verify.ChipAbsent, Day: pkitest.Day},
			with(verify.NotSupported, nil)},
		"dead chip": {trusted, verify.Evidence{MRZ: zone(), Chip: verify.ChipDead, Day: pkitest.Day},
			with(verify.Undetermined, nil)},
		"unknown signer": {trusttest.New(t), p.evidence(t),
			plain(verify.Passed, map[string]verify.Result{
				"chip.pa.chain": verify.Undetermined, "chip.pa.validity": verify.Undetermined,
				"chip.trust_age": verify.Undetermined,
			})},
		"forged signature": {trusttest.New(t, forged.csca), forged.evidence(t),
			with(verify.Passed, map[string]verify.Result{
				"chip.pa.signature": verify.Failed, "chip.card_access": verify.Undetermined, "chip.ca": verify.Undetermined,
				"chip.aa": verify.Undetermined, "chip.cam": verify.Undetermined, "chip.original": verify.Undetermined,
			})},
	}
	seen := map[string]string{}
	for name, c := range cases {
		got := results(examine(c.store, c.evidence))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if twin, there := seen[fmt.Sprint(got)]; there {
			t.Errorf("%s looks like %s", name, twin)
		}
		seen[fmt.Sprint(got)] = name
	}
}

func TestAChipThatWasNotReadSaysWhy(t *testing.T) {
	for outcome, want := range map[verify.ChipOutcome]map[string]verify.Result{
		verify.ChipTorn: with(verify.Aborted, nil),
		verify.ChipAccessDenied: with(verify.NotPerformed, map[string]verify.Result{
			"chip.access": verify.Failed}),
		verify.ChipRefused: with(verify.NotPerformed, map[string]verify.Result{
			"chip.access": verify.Undetermined}),
		verify.ChipWithoutKey:  with(verify.NotPerformed, nil),
		verify.ChipUnavailable: with(verify.NotPerformed, nil),
		"":                     with(verify.NotPerformed, nil),
	} {
		checks := examine(trusttest.New(t), verify.Evidence{Chip: outcome, Day: pkitest.Day})
		if diff := cmp.Diff(want, results(checks)); diff != "" {
			t.Errorf("%q: %s", outcome, diff)
		}
		for id, c := range checks {
			if len(c.Reasons) == 0 {
				t.Errorf("%q: %s has no reason", outcome, id)
			}
		}
	}
}

func TestAChipTornAwayIsJudgedByWhatItGave(t *testing.T) {
	p := newPassport(t)
	ev := p.evidence(t)
	ev.Chip = verify.ChipTorn
	delete(ev.Files, "DG2")
	got := results(examine(trusttest.New(t, p.csca), ev))
	want := plain(verify.Passed, map[string]verify.Result{"chip.pa.hashes": verify.Aborted})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAChipTornAwayBeforeItsKeyWasTriedHasNotOpened(t *testing.T) {
	ev := verify.Evidence{Chip: verify.ChipTorn, Files: map[string][]byte{"EF.CardAccess": {0x31, 0x00}}}
	if got := examine(trusttest.New(t), ev)["chip.access"]; got.Result != verify.Aborted {
		t.Errorf("%+v", got)
	}
}

func TestAFileThatWasExchangedIsNamed(t *testing.T) {
	p := newPassport(t)
	for _, name := range []string{"DG1", "DG2"} {
		ev := p.evidence(t)
		ev.Files[name][len(ev.Files[name])-1] ^= 1
		check := examine(trusttest.New(t, p.csca), ev)["chip.pa.hashes"]
		if check.Result != verify.Failed || wordingtest.English(t, check) != name+": not the hash that EF.SOD states" {
			t.Errorf("%+v", check)
		}
		ev.Files[name][len(ev.Files[name])-1] ^= 1
	}
}

// A key identifier that is a digest names one key of all, so that another's signature contradicts what the signer says.
func TestAnImpostorWhoNamesAKnownKeyByItsDigestFailsTheChain(t *testing.T) {
	p, impostor := newPassport(t), newPassport(t)
	info := p.csca.Certificate.RawSubjectPublicKeyInfo
	ofKey := sha1.Sum(info[len(info)-65:]) // the point, at the end
	ofInfo, short := sha256.Sum256(info), append([]byte{0x40 | ofKey[12]&0x0F}, ofKey[13:]...)
	for name, id := range map[string][]byte{
		"SHA-1": ofKey[:], "60 bits of SHA-1": short, "SHA-256": ofInfo[:], "160 bits of SHA-256": ofInfo[:20],
	} {
		template := pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: id}
		forger := pkitest.Issue(t, nil, template)
		template.Key = p.csca.Key
		real := pkitest.Issue(t, nil, template)
		impostor.message.Signer = pkitest.Issue(t, forger, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
		check := examine(trusttest.New(t, real), impostor.evidence(t))["chip.pa.chain"]
		if check.Result != verify.Failed || !strings.Contains(wordingtest.English(t, check), "names a CSCA of the trust store by its key's digest, whose key did not sign it") {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

// An issuer that renews its key may keep its name, and its key identifier too where that is no digest: nothing but the missing
// CSCA tells it from an impostor, whom the store cannot accuse, and nobody believes.
func TestAnImpostorWhoNamesAKnownKeyAndAnIssuerWhoKeptItsIdentifierAreToldAndNotBelieved(t *testing.T) {
	for kind, key := range map[string]func() crypto.Signer{
		"ECDSA": func() crypto.Signer { return pkitest.NewECKey(t, elliptic.P256()) }, "RSA": func() crypto.Signer { return pkitest.NewRSAKey(t) },
	} {
		template := pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: []byte("20190401120000Z")}
		template.Key = key()
		older := pkitest.Issue(t, nil, template)
		template.Key = key()
		newer := pkitest.Issue(t, nil, template)
		p := newPassport(t)
		p.message.Signer = pkitest.Issue(t, newer, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
		store := trusttest.New(t, older)
		check := examine(store, p.evidence(t))["chip.pa.chain"]
		if check.Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, check), "does not fit the CSCA in the trust store that has the issuer's name and key identifier (1 of that name tried)") {
			t.Errorf("%s: %+v", kind, check)
		}
		if got := verdict(t, store, p.evidence(t)); got != verify.Unverified {
			t.Errorf("%s: %s", kind, got)
		}
		if check := examine(trusttest.New(t, older, newer), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Passed {
			t.Errorf("%s, once the newer one is there: %+v", kind, check)
		}
	}
}

// What a signature by RSA opens to is known for its issuer's work, whatever it was over.
func TestASignersCertificateThatWasChangedAfterItsCSCASignedItFailsTheChain(t *testing.T) {
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	for name, algorithm := range map[string]x509.SignatureAlgorithm{"PKCS #1 v1.5": x509.SHA256WithRSA, "PSS": x509.SHA384WithRSAPSS} {
		for identifier, change := range map[string]func([]byte) []byte{
			"the key that is named": func(der []byte) []byte { return der },
			"a key that nobody has seen": func(der []byte) []byte {
				return bytes.Replace(der, csca.Certificate.SubjectKeyId, make([]byte, len(csca.Certificate.SubjectKeyId)), 1)
			},
		} {
			p := newPassport(t)
			p.message.Signer = pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Algorithm: algorithm})
			p.message.OtherCertificate = change(bytes.Replace(p.message.Signer.Certificate.Raw, []byte("DSC Utopia"), []byte("DSC Utopie"), 1))
			check := examine(trusttest.New(t, csca), p.evidence(t))["chip.pa.chain"]
			if check.Result != verify.Failed || !strings.Contains(wordingtest.English(t, check), "changed after a CSCA of the trust store had signed it") {
				t.Errorf("%s, %s: %+v", name, identifier, check)
			}
		}
	}
}

func TestASignerUnderANewerKeyOfAKnownStateIsUnknownAndNotForged(t *testing.T) {
	older, p := newPassport(t), newPassport(t)
	check := examine(trusttest.New(t, older.csca), p.evidence(t))["chip.pa.chain"]
	if check.Result != verify.Undetermined || !strings.Contains(wordingtest.English(t, check), "a newer one may be missing") {
		t.Errorf("%+v", check)
	}
}

func TestAnyOfSeveralCSCAsOfOneNameWillDo(t *testing.T) {
	p, older := newPassport(t), newPassport(t)
	check := examine(trusttest.New(t, older.csca, p.csca), p.evidence(t))["chip.pa.chain"]
	if check.Result != verify.Passed {
		t.Errorf("%+v", check)
	}
}

func TestOfTwoCertificatesOfOneKeyTheOneInForceCounts(t *testing.T) {
	p := newPassport(t)
	past := pkitest.Template{
		CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: p.csca.Key, KeyID: p.csca.Certificate.SubjectKeyId,
		From: pkitest.Day.AddDate(-20, 0, 0), To: pkitest.Day.AddDate(-10, 0, 0),
	}
	for range 8 { // each time in another order of the store
		got := examine(trusttest.New(t, p.csca, pkitest.Issue(t, nil, past)), p.evidence(t))["chip.pa.chain"]
		if got.Result != verify.Passed {
			t.Fatalf("%s: %s", got.Result, wordingtest.English(t, got))
		}
	}
}

func TestACertificateForSomethingElseCannotSignADocument(t *testing.T) {
	for name, c := range map[string]struct {
		template pkitest.Template
		want     verify.Result
	}{
		"document signer":   {pkitest.Template{Usage: x509.KeyUsageDigitalSignature}, verify.Passed},
		"server":            {pkitest.Template{Purposes: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, verify.Undetermined},
		"key for agreement": {pkitest.Template{Usage: x509.KeyUsageKeyAgreement}, verify.Undetermined},
		"another authority": {pkitest.Template{CA: true}, verify.Undetermined},
	} {
		p := newPassport(t)
		c.template.CommonName, c.template.Country = name, "UT"
		p.message.Signer = pkitest.Issue(t, p.csca, c.template)
		if got := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]; got.Result != c.want {
			t.Errorf("%s: %s: %s", name, got.Result, wordingtest.English(t, got))
		}
	}
}

func TestALinkCertificateIsBelievedOnlyWithItsAncestor(t *testing.T) {
	p := newPassport(t)
	key := pkitest.NewECKey(t, elliptic.P384())
	link := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia 2", Country: "UT", CA: true, Key: key})
	p.message.Signer = pkitest.Issue(t, link, pkitest.Template{CommonName: "DSC 2", Country: "UT"})
	ev := p.evidence(t)
	if check := examine(trusttest.New(t, link), ev)["chip.pa.chain"]; check.Result != verify.Undetermined {
		t.Errorf("without: %+v", check)
	}
	if check := examine(trusttest.New(t, link, p.csca), ev)["chip.pa.chain"]; check.Result != verify.Passed {
		t.Errorf("with: %+v", check)
	}
}

func TestTheSignerMustHaveBeenValidWhenItSigned(t *testing.T) {
	expired := pkitest.Day.AddDate(6, 0, 0)
	for name, c := range map[string]struct {
		signed, day time.Time
		want        verify.Result
		reason      string
	}{
		"valid then and now":    {pkitest.Day.AddDate(-1, 0, 0), pkitest.Day, verify.Passed, "on 2025-03-01"},
		"valid then":            {pkitest.Day.AddDate(-1, 0, 0), expired, verify.Passed, "on 2025-03-01"},
		"not yet valid then":    {pkitest.Day.AddDate(-6, 0, 0), pkitest.Day, verify.Undetermined, "signed on 2020-03-01"},
		"a clock never set":     {time.Unix(0, 0).UTC(), pkitest.Day, verify.Undetermined, "signed on 1970-01-01"},
		"expired then":          {expired, expired, verify.Undetermined, "signed on 2032-03-01"},
		"signed later":          {pkitest.Day.AddDate(0, 0, 2), pkitest.Day, verify.Undetermined, "after 2026-03-01"},
		"silent, valid now":     {time.Time{}, pkitest.Day, verify.Passed, "is valid on 2026-03-01"},
		"silent, not valid now": {time.Time{}, expired, verify.Undetermined, "not valid on 2032-03-01"},
	} {
		p := newPassport(t)
		p.message.SigningTime = c.signed
		ev := p.evidence(t)
		ev.Day = c.day
		check := examine(trusttest.New(t, p.csca), ev)["chip.pa.chain"]
		if check.Result != c.want || !strings.Contains(wordingtest.English(t, check), c.reason) {
			t.Errorf("%s: %+v", name, check)
		}
		if c.want != verify.Passed && verdict(t, trusttest.New(t, p.csca), ev) == verify.Genuine {
			t.Errorf("%s: genuine", name)
		}
	}
}

func TestWithAHashFunctionThatEFSODDoesNotStateAnotherHashProvesNothing(t *testing.T) {
	p := newPassport(t)
	p.message.Content = bytes.Replace(p.message.Content, []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}, []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2}, 1)
	store, ev := trusttest.New(t, p.csca), p.evidence(t)
	if check := examine(store, ev)["chip.pa.hashes"]; check.Result != verify.Passed {
		t.Errorf("as it is: %+v", check)
	}
	ev.Files["DG2"] = append([]byte{0x75, 0}, ev.Files["DG2"]...)
	if check := examine(store, ev)["chip.pa.hashes"]; check.Result != verify.Undetermined {
		t.Errorf("changed: %+v", check)
	}
}

func TestCOMThatDiffersFromSODIsSeen(t *testing.T) {
	p := newPassport(t)
	for text, want := range map[string]string{
		"\x5F\x01\x040108\x5F\x36\x06040000\x5C\x03\x61\x75\x6F": "EF.COM lists data groups DG1, DG2, DG15, EF.SOD DG1, DG2",
		"\x5F\x01\x040107\x5F\x36\x06040000\x5C\x02\x75\x61":     `EF.COM states LDS version "0107", EF.SOD "0108"`,
	} {
		ev := p.evidence(t)
		ev.Files["EF.COM"] = []byte(file("\x60", text))
		check := examine(trusttest.New(t, p.csca), ev)["chip.com_sod"]
		if check.Result != verify.Failed || wordingtest.English(t, check) != want {
			t.Errorf("%+v", check)
		}
	}
}

func TestThePrintedZoneIsHeldAgainstDG1(t *testing.T) {
	p := newPassport(t)
	lines := zone()
	for name, c := range map[string]struct {
		printed []string
		want    verify.Result
		reason  string
	}{
		"same":          {lines, verify.Passed, "the printed MRZ and DG1 say the same"},
		"altered":       {[]string{lines[0], strings.Replace(lines[1], "7408", "8408", 1)}, verify.Failed, "birth date: printed 1984-08-12, chip 1974-08-12"},
		"a check digit": {[]string{lines[0], strings.Replace(lines[1], "C36", "C35", 1)}, verify.Failed, "line 2 differs from DG1 at column 10: printed " + strings.Replace(lines[1], "C36", "C35", 1) + ", chip " + lines[1]},
		"two fields": {[]string{strings.Replace(lines[0], "ERIKSSON", "BENALI<<", 1), strings.Replace(lines[1], "F12", "M12", 1)}, verify.Failed,
			"surname: printed BENALI, chip ERIKSSON; sex: printed M, chip F"},
		"unread":       {[]string{lines[0], strings.Replace(lines[1], "7408", "?408", 1)}, verify.Undetermined, "what could be read agrees, and some printed characters could not"},
		"another kind": {[]string{lines[0]}, verify.Failed, "1 lines are printed, DG1 has 2"},
		"longer":       {[]string{lines[0], lines[1] + "<"}, verify.Failed, "line 2 has 45 characters, in DG1 44"},
		"not read":     {nil, verify.NotPerformed, "no machine-readable zone was read"},
	} {
		ev := p.evidence(t)
		ev.MRZ = c.printed
		check := examine(trusttest.New(t, p.csca), ev)["cross.dg1_mrz"]
		if check.Result != c.want || wordingtest.English(t, check) != c.reason {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

func TestAnAuthorityCannotMakeSignersForAnotherState(t *testing.T) {
	p := newPassport(t)
	foreign := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Elsewhere", Country: "SE", CA: true})
	p.message.Signer = pkitest.Issue(t, foreign, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	checks := examine(trusttest.New(t, p.csca, foreign), p.evidence(t))
	if checks["chip.pa.chain"].Result != verify.Passed {
		t.Fatalf("the chain itself is sound: %+v", checks["chip.pa.chain"])
	}
	if got := checks["cross.dg1_dsc_country"]; got.Result != verify.Failed || !strings.Contains(wordingtest.English(t, got), "SE") {
		t.Errorf("%+v", got)
	}
}

func TestFilesThatCannotBeReadProveNothing(t *testing.T) {
	p := newPassport(t)
	for name, undetermined := range map[string][]string{
		"EF.SOD": {
			"chip.pa.signature", "chip.pa.chain", "chip.pa.validity", "chip.pa.revocation", "chip.pa.hashes", "chip.com_sod",
			"chip.card_access", "chip.original", "chip.ca", "chip.aa", "chip.cam", "chip.pa.key_period", "cross.dg1_dsc_country",
			"cross.dg1_dsc_type",
		},
		"EF.COM": {"chip.com_sod"},
	} {
		ev := p.evidence(t)
		ev.Files[name] = []byte("garbage")
		want := map[string]verify.Result{}
		for _, id := range undetermined {
			want[id] = verify.Undetermined
		}
		if diff := cmp.Diff(plain(verify.Passed, want), results(examine(trusttest.New(t, p.csca), ev))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAStoppedExaminationIsAborted(t *testing.T) {
	p := newPassport(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range (chip.Examiner{Trust: trusttest.New(t, p.csca)}).Examine(ctx, p.evidence(t)) {
		if c.Result != verify.Aborted {
			t.Errorf("%+v", c)
		}
	}
}

func TestBSIsTestPassportIsUnderstoodAndItsSignerUnknown(t *testing.T) {
	files := map[string][]byte{}
	for name, path := range map[string]string{
		"EF.COM": "EF_COM.bin", "EF.SOD": "EF_SOD.bin", "DG1": "Datagroup1.bin", "DG2": "Datagroup2.bin",
		"DG3": "Datagroup3.bin", "DG14": "Datagroup14.bin",
	} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "vectors", "bsi2008", path))
		if err != nil {
			t.Skipf("SKIPPED: BSI's file set of 2008 is not here: %v", err)
		}
		files[name] = content
	}
	checks := examine(trusttest.New(t), verify.Evidence{Files: files, Day: pkitest.Day})
	want := with(verify.Passed, map[string]verify.Result{
		"chip.access": verify.NotPerformed, "chip.pa.chain": verify.Undetermined, "chip.pa.validity": verify.Failed,
		"chip.trust_age": verify.Undetermined, "chip.card_access": verify.NotSupported, "chip.ca": verify.NotPerformed,
		"chip.aa": verify.NotPerformed, "chip.cam": verify.NotPerformed, "chip.original": verify.NotPerformed,
		"cross.dg1_mrz": verify.NotPerformed,
	})
	if diff := cmp.Diff(want, results(checks)); diff != "" {
		t.Error(diff, checks)
	}
}
