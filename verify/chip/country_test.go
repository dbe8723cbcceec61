package chip_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// named is a distinguished name of a common name and these countries.
func named(t testing.TB, commonName string, countries ...string) []byte {
	t.Helper()
	sequence := pkix.Name{CommonName: commonName}.ToRDNSequence()
	for _, country := range countries {
		attribute := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: country}
		sequence = append(sequence, pkix.RelativeDistinguishedNameSET{attribute})
	}
	der, err := asn1.Marshal(sequence)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// spelt is a certificate with names as they are given: a CSCA's, signed by itself, where there is no issuer.
func spelt(t testing.TB, issuer *pkitest.Party, issuerName, subject []byte) *pkitest.Party {
	t.Helper()
	key := pkitest.NewECKey(t, elliptic.P256())
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: pkitest.Day.AddDate(-5, 0, 0), NotAfter: pkitest.Day.AddDate(5, 0, 0),
		RawSubject: subject, BasicConstraintsValid: true, IsCA: issuer == nil, SubjectKeyId: serial.Bytes(),
	}
	parent, signer := *template, crypto.Signer(key)
	if issuer != nil {
		parent, signer = *issuer.Certificate, issuer.Key
		parent.RawSubject = issuerName
	}
	der, err := x509.CreateCertificate(rand.Reader, template, &parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pkitest.Party{Certificate: certificate, Key: key}
}

// A signer may leave its country out, and its CSCA's speaks for it; whoever names another anywhere up to the anchor signs for
// that.
func TestNoStatesCSCAMakesAnotherStatesPassports(t *testing.T) {
	csca := func(name string, countries ...string) *pkitest.Party {
		return spelt(t, nil, nil, named(t, name, countries...))
	}
	utopia, sweden, nowhere, both := csca("CSCA", "UT"), csca("CSCA", "SE"), csca("CSCA"), csca("CSCA", "SE", "UT")
	for name, c := range map[string]struct {
		csca           *pkitest.Party
		issuer, signer []byte
		want           verify.Result
		verdict        verify.Verdict
	}{
		"its own":                       {utopia, named(t, "CSCA", "UT"), named(t, "DSC", "UT"), verify.Passed, verify.Genuine},
		"its own, and none stated":      {utopia, named(t, "CSCA"), named(t, "DSC"), verify.Passed, verify.Genuine},
		"another's":                     {sweden, named(t, "CSCA", "SE"), named(t, "DSC", "UT"), verify.Failed, verify.Doubtful},
		"another's, and none stated":    {sweden, named(t, "CSCA"), named(t, "DSC"), verify.Failed, verify.Doubtful},
		"none stated by anybody":        {nowhere, named(t, "CSCA"), named(t, "DSC"), verify.Undetermined, verify.Unverified},
		"that of two states":            {both, named(t, "CSCA", "SE", "UT"), named(t, "DSC"), verify.Undetermined, verify.Unverified},
		"that of two states, in a turn": {both, named(t, "CSCA", "UT", "SE"), named(t, "DSC"), verify.Undetermined, verify.Unverified},
	} {
		p := newPassport(t)
		p.message.Signer = spelt(t, c.csca, c.issuer, c.signer)
		store, ev := trusttest.New(t, c.csca), p.evidence(t)
		if got := examine(store, ev)["cross.dg1_dsc_country"]; got.Result != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		if got := verdict(t, store, ev); got != c.verdict {
			t.Errorf("%s: %s", name, got)
		}
	}
	p := newPassport(t)
	p.message.Signer = spelt(t, both, named(t, "CSCA", "UT", "SE"), named(t, "DSC", "UT"))
	if got := verdict(t, trusttest.New(t, both), p.evidence(t)); got != verify.Unverified {
		t.Errorf("a signer of Utopia's under a CSCA of two states: %s", got)
	}
}

func TestACountryIsTheSameInEveryWayThatCertificatesWriteIt(t *testing.T) {
	for name, c := range map[string]struct{ csca, issuer, signer, told string }{
		"as it should be":                   {"UT", "UT", "UT", ""},
		"three letters":                     {"UTO", "UTO", "UTO", `deviates: a certificate writes its country "UTO"`},
		"three letters in the signer alone": {"UT", "UT", "UTO", `deviates: a certificate writes its country "UTO"`},
		"three letters in its issuer alone": {"UT", "UTO", "UT", `deviates: a certificate writes its country "UTO"`},
		"three letters in the CSCA alone":   {"UTO", "UT", "UT", `deviates: a certificate writes its country "UTO"`},
		"a space before":                    {"UT", " UT", " UT", `deviates: a certificate writes its country " UT"`},
		"small letters":                     {"UT", "ut", "uto", `deviates: a certificate writes its country "uto"`},
	} {
		p := newPassport(t)
		p.csca = spelt(t, nil, nil, named(t, "CSCA", c.csca))
		p.message.Signer = spelt(t, p.csca, named(t, "CSCA", c.issuer), named(t, "DSC", c.signer))
		store, ev := trusttest.New(t, p.csca), p.evidence(t)
		checks := examine(store, ev)
		if got := checks["cross.dg1_dsc_country"]; got.Result != verify.Passed || !strings.HasSuffix(wordingtest.English(t, got), c.told) || strings.Contains(wordingtest.English(t, got), "deviates") != (c.told != "") {
			t.Errorf("%s: %+v", name, got)
		}
		if got := verdict(t, store, ev); got != verify.Genuine {
			t.Errorf("%s: %s, %+v", name, got, checks["chip.pa.chain"])
		}
	}
	for _, other := range []string{"SE", "SWE", " se", "UTP", "U", "UTO UT"} { // of another state, or of none
		p := newPassport(t)
		p.csca = spelt(t, nil, nil, named(t, "CSCA", "UT"))
		p.message.Signer = spelt(t, p.csca, named(t, "CSCA", "UT"), named(t, "DSC", other))
		if got := verdict(t, trusttest.New(t, p.csca), p.evidence(t)); got == verify.Genuine {
			t.Errorf("%q is taken for Utopia", other)
		}
	}
}

func TestALinkThatWritesItsCountryOtherwiseHandsItsNameDown(t *testing.T) {
	p := newPassport(t)
	link := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia 2", Country: "UTO", CA: true})
	p.message.Signer = spelt(t, link, named(t, "CSCA Utopia 2", "UT"), named(t, "DSC", "UT"))
	store := trusttest.New(t, p.csca)
	if result, err := trusttest.Import(store, link.Certificate.Raw, "link.cer", pkitest.Day); err != nil || result.Imported != 1 {
		t.Fatal(result, err)
	}
	if got := verdict(t, store, p.evidence(t)); got != verify.Genuine {
		t.Errorf("%s: %+v", got, examine(store, p.evidence(t))["chip.pa.chain"])
	}
}

func TestAStateThatIsNotKnownHasNoGenuineDocuments(t *testing.T) {
	for _, state := range []string{"XCE", "XXX", "QQQ", "YUG", "ZZ<", "<<<"} {
		p := newPassport(t)
		lines := []string{"P<" + state + "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", zone()[1]}
		p.groups[1] = []byte(file("\x61", file("\x5F\x1F", strings.Join(lines, ""))))
		p.seal(t)
		ev := p.evidence(t)
		ev.MRZ = lines
		if got := verdict(t, trusttest.New(t, p.csca), ev); got != verify.Unverified {
			t.Errorf("%s: %s", state, got)
		}
	}
}

// Sweden links to a key that it calls Utopia's, in a directory, for which nobody vouches.
func TestALinkHandsNoNameOverToAnotherState(t *testing.T) {
	p := newPassport(t)
	sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	link := pkitest.Issue(t, sweden, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	own := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia 2", Country: "ut", CA: true})
	for name, c := range map[string]struct {
		link *pkitest.Party
		want verify.Verdict
	}{"Sweden's": {link, verify.Unverified}, "Utopia's": {own, verify.Genuine}} {
		store := trusttest.New(t, p.csca, sweden)
		entry := [2]string{"cACertificate;binary", string(c.link.Certificate.Raw)}
		if _, err := trusttest.Import(store, trusttest.Directory(entry), "x.ldif", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		p.message.Signer = pkitest.Issue(t, c.link, pkitest.Template{CommonName: "DSC", Country: "UT"})
		if got := verdict(t, store, p.evidence(t)); got != c.want {
			t.Errorf("under a link of %s: %s", name, got)
		}
	}
}

func TestARevocationListReplacesNoneOfAnotherKey(t *testing.T) {
	revoked := func(p *passport) []byte {
		entries := []x509.RevocationListEntry{pkitest.Revoke(p.dsc, pkitest.Day, 1)}
		return pkitest.RevocationList{Issuer: p.csca, Revoked: entries}.Encode(t)
	}
	next := pkitest.Day.AddDate(0, 0, 1)
	for name, c := range map[string]struct {
		issuer func(p *passport, sweden *pkitest.Party) *pkitest.Party
		taken  int
	}{
		"a link of another state": {func(p *passport, sweden *pkitest.Party) *pkitest.Party {
			template := pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: p.csca.Certificate.SubjectKeyId}
			return pkitest.Issue(t, sweden, template)
		}, 1},
		"a key of its own by the same number": {func(p *passport, _ *pkitest.Party) *pkitest.Party {
			template := pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: p.csca.Certificate.SubjectKeyId}
			return pkitest.Issue(t, p.csca, template)
		}, 2},
	} {
		p := newPassport(t)
		sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
		store := trusttest.New(t, p.csca, sweden)
		trusttest.Take(t, store, revoked(p), "ut.crl")
		issuer := c.issuer(p, sweden)
		newer := pkitest.RevocationList{Issuer: issuer, ThisUpdate: next}.Encode(t)
		result, err := trusttest.Import(store, trusttest.Directory([2]string{"cACertificate;binary", string(issuer.Certificate.Raw)},
			[2]string{"certificateRevocationList;binary", string(newer)}), "x.ldif", pkitest.Day)
		if err != nil || result.Imported != c.taken {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		if got := examine(store, p.evidence(t))["chip.pa.revocation"]; got.Result != verify.Failed {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestEFCardSecurityIsOfNoOtherState(t *testing.T) {
	own := staticKey(t, brainpoolP256r1)
	p := newProtected(t, map[int][]byte{14: emulated.EncodeDG14(entries(mapped)...)})
	sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	nowhere := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", CA: true})
	ev := p.answered(t, emrtd.Proofs{Mapping: openByMapping(t, p, own).Mapping})
	ev.Files["EF.CardSecurity"] = cardSecurity(t, pkitest.Issue(t, sweden, pkitest.Template{CommonName: "DSC", Country: "UT"}),
		infosOf(t, own)...)
	store := trusttest.New(t, p.csca, sweden, nowhere)
	leavesOpen("not signed by the country").check(t, "Sweden's signer, as Utopia's", examine(store, ev)["chip.cam"])

	ev.Files["EF.CardSecurity"] = cardSecurity(t, pkitest.Issue(t, nowhere, pkitest.Template{CommonName: "DSC"}), infosOf(t, own)...)
	p.message.Signer = pkitest.Issue(t, nowhere, pkitest.Template{CommonName: "DSC 2"})
	ev.Files["EF.SOD"] = p.evidence(t).Files["EF.SOD"]
	leavesOpen("not signed by the country").check(t, "nobody's, both", examine(store, ev)["chip.cam"])
}
