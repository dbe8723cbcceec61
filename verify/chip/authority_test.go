package chip_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestTheSignerMustBeOfTheIssuingState(t *testing.T) {
	for _, c := range []struct {
		state, country string
		want           verify.Result
	}{
		{"UTO", "UT", verify.Passed}, {"UTO", "ut", verify.Passed}, {"D<<", "DE", verify.Passed},
		{"FRA", "FR", verify.Passed}, {"GBD", "GB", verify.Passed}, {"EUE", "EU", verify.Passed},
		{"UTO", "DE", verify.Failed}, {"FRA", "DE", verify.Failed},
		{"DEU", "DE", verify.Passed}, {"RKS", "KS", verify.Passed}, {"XXK", "KS", verify.Passed}, {"XKX", "KS", verify.Passed},
		{"DEU", "KS", verify.Failed}, {"XXK", "RS", verify.Failed}, {"XXK", "XK", verify.Passed}, {"XXK", "AL", verify.Failed},
		{"RKS", "XK", verify.Passed}, {"RKS", "RS", verify.Failed}, {"RKS", "UN", verify.Failed}, {"SRB", "KS", verify.Failed},
		{"HKG", "CN", verify.Passed}, {"HKG", "HK", verify.Passed}, {"MAC", "CN", verify.Passed}, {"HKG", "MO", verify.Failed},
		{"CHN", "CN", verify.Passed}, {"CHN", "HK", verify.Failed}, {"TWN", "TW", verify.Passed}, {"TWN", "CN", verify.Failed},
		{"GBN", "GB", verify.Passed}, {"GBO", "UK", verify.Passed}, {"GBP", "SE", verify.Failed}, {"GBS", "GB", verify.Passed},
		{"BMU", "BM", verify.Passed}, {"GBD", "BM", verify.Failed}, {"EUE", "SE", verify.Failed}, {"SWE", "EU", verify.Failed},
		{"UNO", "UN", verify.Passed}, {"UNA", "UN", verify.Passed}, {"UNK", "UN", verify.Passed}, {"UNO", "SE", verify.Failed},
		{"UNK", "RS", verify.Failed}, {"XOM", "XM", verify.Passed}, {"XOM", "XO", verify.Passed}, {"XPO", "XP", verify.Passed},
		{"XOM", "SE", verify.Undetermined}, {"XPO", "FR", verify.Undetermined}, {"uto", "UT", verify.Undetermined},
		{"XKK", "XK", verify.Undetermined}, {"YUG", "YU", verify.Undetermined}, {"SUN", "SU", verify.Undetermined},
		{"QQQ", "DE", verify.Undetermined}, {"DE<", "DE", verify.Undetermined}, {"<<<", "DE", verify.Undetermined},
	} {
		p := newPassport(t)
		p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: c.country, CA: true})
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC", Country: c.country})
		lines := zone()
		lines[0] = "P<" + c.state + lines[0][5:]
		p.groups[1] = []byte(file("\x61", file("\x5F\x1F", strings.Join(lines, ""))))
		check := examine(trusttest.New(t), p.evidence(t))["cross.dg1_dsc_country"]
		if check.Result != c.want {
			t.Errorf("%s, %s: %+v", c.state, c.country, check)
		}
		if told := strings.Contains(wordingtest.English(t, check), "in Doc 9303-3"); told != strings.Contains("DEU XXK XKX", c.state) {
			t.Errorf("%s is told as another code than the standard's: %v, %q", c.state, told, wordingtest.English(t, check))
		}
	}
}

// issuedBy is a passport that names an issuing state, printed and in the chip, by a signer of a CSCA.
func issuedBy(t *testing.T, state string, signer *pkitest.Party) (*passport, verify.Evidence) {
	t.Helper()
	p := newPassport(t)
	lines := zone()
	lines[0] = "P<" + state + lines[0][5:]
	p.groups[1] = []byte(file("\x61", file("\x5F\x1F", strings.Join(lines, ""))))
	p.message.Signer = signer
	p.seal(t)
	ev := p.evidence(t)
	ev.MRZ = lines
	return p, ev
}

// Sweden signs, in the name of whom it likes: of organizations and persons without a country, of states that are no more, and of
// what is no code.
func TestNoStateSignsForWhomNobodyKnows(t *testing.T) {
	sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	store := trusttest.New(t, sweden)
	for _, state := range []string{
		"XBA", "XIM", "XCC", "XCE", "XCO", "XEC", "XES", "XMP", "XDC", "XOM", "XPO", "XXA", "XXB", "XXC", "XXX", "ANT", "NTZ", "IAO",
		"YUG", "SUN", "DDR", "SE<", "S<<", "swe", "Swe", "sWE", "SW3", "S E", "\x00SE", "QQQ", "ZZZ", "<<<", "<SW",
	} {
		for _, country := range []string{"SE", "", state, strings.Trim(state, "<")} {
			signer := pkitest.Issue(t, sweden, pkitest.Template{CommonName: "DSC", Country: country})
			_, ev := issuedBy(t, state, signer)
			if got := verdict(t, store, ev); got != verify.Unverified {
				t.Errorf("%q, by a signer of %q: %s, %+v", state, country, got, examine(store, ev)["cross.dg1_dsc_country"])
			}
		}
	}
}

// rdns is a distinguished name whose parts have these attributes, each a type and a value.
func rdns(t *testing.T, parts ...[][2]string) []byte {
	t.Helper()
	types := map[string]asn1.ObjectIdentifier{"CN": {2, 5, 4, 3}, "C": {2, 5, 4, 6}, "O": {2, 5, 4, 10}}
	var sequence pkix.RDNSequence
	for _, part := range parts {
		var set pkix.RelativeDistinguishedNameSET
		for _, attribute := range part {
			set = append(set, pkix.AttributeTypeAndValue{Type: types[attribute[0]], Value: attribute[1]})
		}
		sequence = append(sequence, set)
	}
	der, err := asn1.Marshal(sequence)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// The country of a name is found wherever it stands, and a second one believes neither.
func TestACountryIsFoundWhereverItStandsInAName(t *testing.T) {
	type name = [][][2]string
	for what, c := range map[string]struct {
		csca name
		want verify.Verdict
	}{
		"first":                       {name{{{"C", "UT"}}, {{"CN", "CSCA"}}}, verify.Genuine},
		"last":                        {name{{{"CN", "CSCA"}}, {{"O", "x"}}, {{"C", "UT"}}}, verify.Genuine},
		"in one part with the name":   {name{{{"CN", "CSCA"}, {"C", "UT"}}}, verify.Genuine},
		"twice, the same":             {name{{{"C", "UT"}}, {{"CN", "CSCA"}}, {{"C", "ut"}}}, verify.Genuine},
		"two in one part":             {name{{{"CN", "CSCA"}}, {{"C", "SE"}, {"C", "UT"}}}, verify.Unverified},
		"two in two parts":            {name{{{"C", "UT"}}, {{"CN", "CSCA"}}, {{"C", "SE"}}}, verify.Unverified},
		"an empty one before":         {name{{{"C", ""}}, {{"CN", "CSCA"}}, {{"C", "UT"}}}, verify.Unverified},
		"an empty one behind":         {name{{{"C", "UT"}}, {{"CN", "CSCA"}}, {{"C", ""}}}, verify.Unverified},
		"an empty one alone":          {name{{{"CN", "CSCA"}}, {{"C", ""}}}, verify.Unverified},
		"one that names the other":    {name{{{"CN", "CSCA"}}, {{"O", "C=UT"}}}, verify.Unverified},
		"one that is in the name":     {name{{{"CN", "CSCA,C=UT"}}}, verify.Unverified},
		"one that is quoted as a set": {name{{{"CN", "CSCA+C=UT"}}}, verify.Unverified},
		"Sweden's first":              {name{{{"C", "SE"}}, {{"CN", "CSCA"}}}, verify.Doubtful},
	} {
		subject := rdns(t, c.csca...)
		csca := spelt(t, nil, nil, subject)
		_, ev := issuedBy(t, "UTO", spelt(t, csca, subject, rdns(t, [][2]string{{"CN", "DSC"}})))
		store := trusttest.New(t, csca)
		if got := verdict(t, store, ev); got != c.want {
			t.Errorf("%s: %s, %+v", what, got, examine(store, ev)["cross.dg1_dsc_country"])
		}
	}
}

// Two CSCAs share a name but for the country, which the signer leaves out: the key tells whose it is.
func TestOfTwoCSCAsWithOneNameTheOneThatSignedCounts(t *testing.T) {
	utopia := spelt(t, nil, nil, named(t, "Country Signing CA", "UT"))
	sweden := spelt(t, nil, nil, named(t, "Country Signing CA", "SE"))
	store := trusttest.New(t, sweden, utopia)
	bare := named(t, "Country Signing CA")
	for what, c := range map[string]struct {
		csca *pkitest.Party
		want verify.Verdict
	}{"Utopia's": {utopia, verify.Genuine}, "Sweden's": {sweden, verify.Doubtful}} {
		_, ev := issuedBy(t, "UTO", spelt(t, c.csca, bare, named(t, "DSC")))
		if got := verdict(t, store, ev); got != c.want {
			t.Errorf("%s key: %s, %+v", what, got, examine(store, ev)["cross.dg1_dsc_country"])
		}
	}
}

// Sweden certifies, in a directory that nobody signed, keys under names of its choice.
func TestALinkInAnUnsignedDirectoryMakesNoAuthorityForAnotherState(t *testing.T) {
	utopia := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	link := func(issuerName, subject []byte) *pkitest.Party {
		l := spelt(t, sweden, issuerName, subject)
		return pkitest.Issue(t, sweden, pkitest.Template{CommonName: l.Certificate.Subject.CommonName, CA: true, Key: l.Key})
	}
	swedish := named(t, "CSCA Sweden", "SE")
	for what, c := range map[string]struct {
		link       *pkitest.Party
		signerName []byte
	}{
		"a subject of Utopia":         {pkitest.Issue(t, sweden, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true}), named(t, "DSC", "UT")},
		"and a signer without":        {pkitest.Issue(t, sweden, pkitest.Template{CommonName: "CSCA Utopia", Country: "UTO", CA: true}), named(t, "DSC")},
		"a subject without a country": {link(swedish, named(t, "CSCA Utopia")), named(t, "DSC", "UT")},
		"with nobody's":               {link(swedish, named(t, "CSCA Utopia")), named(t, "DSC")},
		"of an anchor's very name":    {pkitest.Issue(t, sweden, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, KeyID: utopia.Certificate.SubjectKeyId}), named(t, "DSC", "UT")},
	} {
		store := trusttest.New(t, utopia, sweden)
		if _, err := trusttest.Import(store, trusttest.Directory([2]string{"cACertificate;binary", string(c.link.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil {
			t.Fatal(err)
		}
		_, ev := issuedBy(t, "UTO", spelt(t, c.link, c.link.Certificate.RawSubject, c.signerName))
		if got := verdict(t, store, ev); got == verify.Genuine {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// Whoever holds Utopia's key has Sweden certify it: it then signs for neither but Utopia.
func TestAKeyThatTwoStatesCertifySignsForNoThird(t *testing.T) {
	utopia := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true})
	sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	crossed := pkitest.Issue(t, sweden, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Key: utopia.Key})
	store := trusttest.New(t, utopia, sweden)
	if _, err := trusttest.Import(store, trusttest.Directory([2]string{"cACertificate;binary", string(crossed.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	signer := pkitest.Issue(t, crossed, pkitest.Template{CommonName: "DSC", Country: "UT"})
	for state, want := range map[string]verify.Verdict{"UTO": verify.Genuine, "SWE": verify.Doubtful, "NOR": verify.Doubtful, "XBA": verify.Unverified} {
		_, ev := issuedBy(t, state, signer)
		if got := verdict(t, store, ev); got != want {
			t.Errorf("%s: %s", state, got)
		}
	}
}

// Whose nationality the holder has says nothing of who issued the document.
func TestTheNationalityIsNotTakenForTheIssuingState(t *testing.T) {
	sweden := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Sweden", Country: "SE", CA: true})
	signer := pkitest.Issue(t, sweden, pkitest.Template{CommonName: "DSC", Country: "SE"})
	store := trusttest.New(t, sweden)
	for state, want := range map[string]verify.Verdict{"SWE": verify.Genuine, "UTO": verify.Doubtful} { // of a Utopian, both
		_, ev := issuedBy(t, state, signer)
		if got := verdict(t, store, ev); got != want {
			t.Errorf("issued by %s: %s", state, got)
		}
	}
}
