package chip_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// typeList is the extension that lists document types: a version, and a set of printable strings (ICAO Doc 9303-12, 7.1.1.6).
func typeList(types ...string) pkix.Extension {
	set := ""
	for _, code := range types {
		set += "\x13" + string(rune(len(code))) + code
	}
	return listOf("\x31" + string(rune(len(set))) + set)
}

// listOf is a list of document types with these sets.
func listOf(sets string) pkix.Extension {
	body := "\x02\x01\x00" + sets
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 23, 136, 1, 1, 6, 2}, Value: []byte("\x30" + string(rune(len(body))) + body)}
}

// period is the extension with the period of the private key; a zero time is left out (RFC 3280, 4.2.1.4).
func period(from, to time.Time) pkix.Extension {
	body := ""
	for tag, t := range []time.Time{from, to} {
		if !t.IsZero() {
			text := t.Format("20060102150405Z")
			body += string([]byte{0x80 | byte(tag), byte(len(text))}) + text
		}
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 16}, Value: append([]byte{0x30, byte(len(body))}, body...)}
}

// signedFor is a passport with this document code, by a signer with these extensions.
func signedFor(t *testing.T, code string, extensions ...pkix.Extension) (*passport, verify.Evidence) {
	t.Helper()
	p := newPassport(t)
	lines := zone()
	lines[0] = code + lines[0][2:]
	p.groups[1] = []byte(file("\x61", file("\x5F\x1F", strings.Join(lines, ""))))
	p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Extensions: extensions})
	p.seal(t)
	ev := p.evidence(t)
	ev.MRZ = lines
	return p, ev
}

// A signer of identity cards, stolen, makes a passport.
func TestASignerMakesNoDocumentsOfATypeThatItsCertificateDoesNotList(t *testing.T) {
	none := verify.NotSupported
	for name, c := range map[string]struct {
		code       string
		extensions []pkix.Extension
		want       verify.Result
		verdict    verify.Verdict
	}{
		"no list":                         {"P<", nil, none, verify.Genuine},
		"passports":                       {"P<", []pkix.Extension{typeList("P")}, verify.Passed, verify.Genuine},
		"all passports, a diplomat's":     {"PD", []pkix.Extension{typeList("P")}, verify.Passed, verify.Genuine},
		"with a filler":                   {"PM", []pkix.Extension{typeList("P<")}, verify.Passed, verify.Genuine},
		"in small letters":                {"PD", []pkix.Extension{typeList("id", "pd")}, verify.Passed, verify.Genuine},
		"with a space":                    {"P<", []pkix.Extension{typeList("P ")}, verify.Passed, verify.Genuine},
		"several types":                   {"P<", []pkix.Extension{typeList("AR", "ID", "P")}, verify.Passed, verify.Genuine},
		"each type in a set of its own":   {"P<", []pkix.Extension{listOf("\x31\x04\x13\x02ID\x31\x03\x13\x01P")}, verify.Passed, verify.Genuine},
		"a type that is a country's code": {"PM", []pkix.Extension{typeList("KR")}, none, verify.Genuine},
		"an empty list":                   {"P<", []pkix.Extension{typeList()}, none, verify.Genuine},
		"a word":                          {"P<", []pkix.Extension{typeList("IDENTITY")}, none, verify.Genuine},
		"empty types":                     {"P<", []pkix.Extension{typeList("", "<")}, none, verify.Genuine},

		"identity cards":                   {"P<", []pkix.Extension{typeList("ID")}, verify.Undetermined, verify.Unverified},
		"residence permits and visas":      {"P<", []pkix.Extension{typeList("AR", "V")}, verify.Undetermined, verify.Unverified},
		"a diplomat's, and an ordinary":    {"P<", []pkix.Extension{typeList("PD")}, verify.Undetermined, verify.Unverified},
		"cards of another kind":            {"P<", []pkix.Extension{typeList("I", "A", "C")}, verify.Undetermined, verify.Unverified},
		"cards, each in a set":             {"P<", []pkix.Extension{listOf("\x31\x04\x13\x02ID\x31\x04\x13\x02AR")}, verify.Undetermined, verify.Unverified},
		"cards, and a code that is none":   {"P<", []pkix.Extension{typeList("KR", "ID")}, verify.Undetermined, verify.Unverified},
		"cards, by the list's former name": {"P<", []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 23, 136, 1, 1, 4}, Value: typeList("ID").Value}}, verify.Undetermined, verify.Unverified},
	} {
		p, ev := signedFor(t, c.code, c.extensions...)
		store := trusttest.New(t, p.csca)
		if got := examine(store, ev)["cross.dg1_dsc_type"]; got.Result != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		if got := verdict(t, store, ev); got != c.verdict {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestASignersKeySignsInItsPeriodAlone(t *testing.T) {
	signed := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	month := 31 * 24 * time.Hour
	never := time.Time{}
	for name, c := range map[string]struct {
		signed  time.Time
		period  []pkix.Extension
		want    verify.Result
		verdict verify.Verdict
	}{
		"no period":            {signed, nil, verify.NotSupported, verify.Genuine},
		"within":               {signed, []pkix.Extension{period(signed.Add(-month), signed.Add(month))}, verify.Passed, verify.Genuine},
		"an end alone":         {signed, []pkix.Extension{period(never, signed.Add(month))}, verify.Passed, verify.Genuine},
		"a beginning alone":    {signed, []pkix.Extension{period(signed.Add(-month), never)}, verify.Passed, verify.Genuine},
		"in another time zone": {signed, []pkix.Extension{period(signed.Add(9*time.Hour), signed.Add(month))}, verify.Passed, verify.Genuine},
		"no day of signing":    {never, []pkix.Extension{period(never, signed)}, verify.NotSupported, verify.Genuine},
		"unreadable, hence none": {signed, []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 16}, Value: []byte("\x30\x03\x81\x01x")}}, verify.NotSupported,
			verify.Genuine},

		"after its end":             {signed, []pkix.Extension{period(signed.Add(-2*month), signed.Add(-month))}, verify.Undetermined, verify.Unverified},
		"after its end alone":       {signed, []pkix.Extension{period(never, signed.Add(-month))}, verify.Undetermined, verify.Unverified},
		"before its beginning":      {signed, []pkix.Extension{period(signed.Add(month), never)}, verify.Undetermined, verify.Unverified},
		"a period that is inverted": {signed, []pkix.Extension{period(signed.Add(month), signed.Add(-month))}, verify.Undetermined, verify.Unverified},
		"no day, and not begun":     {never, []pkix.Extension{period(pkitest.Day.Add(month), never)}, verify.Undetermined, verify.Unverified},
	} {
		p, ev := signedFor(t, "P<", c.period...)
		p.message.SigningTime = c.signed
		ev.Files["EF.SOD"] = pkitest.SOD(t, p.message)
		store := trusttest.New(t, p.csca)
		if got := examine(store, ev)["chip.pa.key_period"]; got.Result != c.want {
			t.Errorf("%s: %+v", name, got)
		}
		if got := verdict(t, store, ev); got != c.verdict {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The CSCA's own period is kept by too few to weigh: it is told.
func TestACSCAThatIssuedOutsideOfItsPeriodIsToldAndDoesNoHarm(t *testing.T) {
	p := newPassport(t)
	ended := period(pkitest.Day.AddDate(-9, 0, 0), pkitest.Day.AddDate(-6, 0, 0))
	p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", CA: true, Extensions: []pkix.Extension{ended}})
	p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
	store, ev := trusttest.New(t, p.csca), p.evidence(t)
	if got := examine(store, ev)["chip.pa.key_period"]; !strings.Contains(wordingtest.English(t, got), "deviates: the CSCA issued") {
		t.Errorf("%+v", got)
	}
	if got := verdict(t, store, ev); got != verify.Genuine {
		t.Error(got)
	}
}

// What the real CSCAs of the German list do with the periods of their keys, which is why no document is judged by them.
func TestTooManyCSCAsIssueOutsideOfTheirPeriodToWeighIt(t *testing.T) {
	list, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "trust", "DE_ML_2026-05-28.ml"))
	if err != nil {
		t.Skip("the German master list is not here: ", err)
	}
	parsed, err := pki.ParseMasterList(list)
	if err != nil {
		t.Fatal(err)
	}
	var all []*pki.Certificate
	for _, der := range parsed.Listed {
		if c, err := pki.ParseCertificate(der); err == nil {
			all = append(all, c)
		}
	}
	stated, outside := 0, 0
	for _, c := range all {
		for _, issuer := range all {
			bounded := !issuer.KeyNotAfter.IsZero() || !issuer.KeyNotBefore.IsZero()
			if c.SelfSigned() || !issuer.SelfSigned() || !bounded || !c.IssuedInNameOf(issuer) || c.CheckSignedBy(issuer) != nil {
				continue
			}
			stated++
			late := !issuer.KeyNotAfter.IsZero() && c.NotBefore.After(issuer.KeyNotAfter.AddDate(0, 0, 1))
			if late || c.NotBefore.Before(issuer.KeyNotBefore.AddDate(0, 0, -1)) {
				outside++
			}
		}
	}
	if stated != 163 || outside != 18 {
		t.Errorf("%d of %d link certificates lie outside of their issuer's period", outside, stated)
	}
}
