package chip_test

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// What the certificates of CSCAs say that contradict themselves.
const (
	saysNo      = "its basic constraints say that it signs no certificates, its key usage that it does"
	saysNothing = "it has no basic constraints, and its key usage says that it signs certificates"
	notByBasics = "its basic constraints do not let it sign certificates"
	notByUsage  = "its key usage does not let it sign certificates"
)

// signs is the key usage of a CSCA (ICAO Doc 9303-12, 7.1).
const signs = x509.KeyUsageCertSign | x509.KeyUsageCRLSign

// TestACSCAThatContradictsItselfIsTakenFromWhoeverVouchesForIt has what Turkey, Luxembourg, Belgium, Cameroon, Italy and
// Portugal have in lists.
func TestACSCAThatContradictsItselfIsTakenFromWhoeverVouchesForIt(t *testing.T) {
	ours := state(t, "CSCA", "UT")
	for name, c := range map[string]struct {
		shape               pkitest.Template
		deviation, rejected string
	}{
		"as it should be":            {pkitest.Template{CA: true, Usage: signs}, "", ""},
		"no key usage":               {pkitest.Template{CA: true}, "", ""},
		"CA:FALSE":                   {pkitest.Template{Usage: signs}, saysNo, ""},
		"no basic constraints":       {pkitest.Template{Usage: signs, NoConstraints: true}, saysNothing, ""},
		"signs documents as well":    {pkitest.Template{Usage: signs | x509.KeyUsageDigitalSignature}, saysNo, ""},
		"a document signer":          {pkitest.Template{Usage: x509.KeyUsageDigitalSignature}, "", notByBasics},
		"no key usage, and CA:FALSE": {pkitest.Template{}, "", notByBasics},
		"nothing stated":             {pkitest.Template{NoConstraints: true}, "", notByBasics},
		"lists of revoked alone":     {pkitest.Template{Usage: x509.KeyUsageCRLSign, NoConstraints: true}, "", notByBasics},
		"CA without the key usage":   {pkitest.Template{CA: true, Usage: x509.KeyUsageCRLSign}, "", notByUsage},
	} {
		c.shape.CommonName, c.shape.Country = "CSCA X", "XX"
		for kind, issuer := range map[string]*pkitest.Party{"self-signed": nil, "link": state(t, "CSCA X 0", "XX")} {
			der := pkitest.Issue(t, issuer, c.shape).Certificate.Raw
			list := pkitest.MasterList(t, pkitest.Message{Signer: ours}, der)
			for source, file := range map[string][]byte{
				"a known publisher's list": list, "its importer": der,
				"a known publisher's list in the directory": directory([2]string{"pkdMasterListContent", string(list)}),
			} {
				store := newStore(t, ours)
				result, err := store.Import(file, "file", pkitest.Day)
				if err != nil {
					t.Fatal(err)
				}
				expectOne(t, strings.Join([]string{name, kind, source}, ", "), store, result, c.deviation, c.rejected)
			}
		}
	}
}

// expectOne expects that the one certificate of country XX was taken with that deviation, or rejected for that reason.
func expectOne(t *testing.T, name string, store *chip.Store, result chip.Imported, deviation, rejected string) {
	t.Helper()
	var told, refused []string
	for _, c := range result.Deviations {
		told = append(told, c.Reason)
	}
	for _, c := range result.Rejected {
		refused = append(refused, c.Reason)
	}
	if strings.Join(told, "|") != deviation || strings.Join(refused, "|") != rejected {
		t.Errorf("%s: deviations %q, rejected %q", name, told, refused)
	}
	held := false
	for _, e := range store.List() {
		if e.Country != "XX" {
			continue
		}
		held = true
		if e.Deviation != deviation {
			t.Errorf("%s: listed with %q", name, e.Deviation)
		}
	}
	if held != (rejected == "") {
		t.Errorf("%s: in the store: %v", name, held)
	}
}

func TestNobodyVouchesForACSCAThatContradictsItselfInADirectory(t *testing.T) {
	ours := state(t, "CSCA", "UT")
	stranger := state(t, "CSCA S", "SS")
	for name, shape := range map[string]pkitest.Template{
		"CA:FALSE": {Usage: signs}, "no basic constraints": {Usage: signs, NoConstraints: true},
		"signs documents as well": {Usage: signs | x509.KeyUsageDigitalSignature},
	} {
		shape.CommonName, shape.Country = "CSCA X", "XX"
		for kind, issuer := range map[string]*pkitest.Party{"self-signed": nil, "link": ours} {
			der := pkitest.Issue(t, issuer, shape).Certificate.Raw
			list := pkitest.MasterList(t, pkitest.Message{Signer: stranger}, der)
			for source, file := range map[string][]byte{
				"a certificate":                directory([2]string{"userCertificate;binary", string(der)}),
				"the list of nobody one knows": directory([2]string{"pkdMasterListContent", string(list)}),
			} {
				store := newStore(t, ours)
				result, err := store.Import(file, "001.ldif", pkitest.Day)
				if err != nil || result.Imported != 0 || len(store.List()) != 1 || len(result.Deviations) != 0 {
					t.Errorf("%s, %s, %s: %+v, %v", name, kind, source, result, err)
				}
			}
		}
	}
}

// A publisher is made known by what the importer vouches for and by the lists that this makes known: in one import, in whichever
// order; and by no list of its own, nor by lists that make one another known.
func TestADirectoryOfUnknownPublishersIsSettledByOneImport(t *testing.T) {
	publisher, other := state(t, "CSCA P", "PP"), state(t, "CSCA Q", "QQ")
	deviant := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA X", Country: "XX", Usage: signs})
	list := func(signer *pkitest.Party, listed ...*pkitest.Party) [2]string {
		var der [][]byte
		for _, c := range listed {
			der = append(der, c.Certificate.Raw)
		}
		return [2]string{"pkdMasterListContent", string(pkitest.MasterList(t, pkitest.Message{Signer: signer}, der...))}
	}
	for name, c := range map[string]struct {
		lists             [][2]string
		alone, withAnchor int // how many of them are rejected, without any and with the second publisher's CSCA
	}{
		"its own CSCA in the list":            {[][2]string{list(publisher, deviant, publisher)}, 1, 1},
		"its CSCA in another's list behind":   {[][2]string{list(publisher, deviant), list(other, publisher, other)}, 2, 0},
		"its CSCA in another's list before":   {[][2]string{list(other, publisher, other), list(publisher, deviant)}, 2, 0},
		"each has the other's CSCA":           {[][2]string{list(publisher, deviant, other), list(other, publisher)}, 2, 0},
		"each has the other's CSCA, the turn": {[][2]string{list(other, publisher), list(publisher, deviant, other)}, 2, 0},
	} {
		for _, with := range []struct {
			store    *chip.Store
			rejected int
		}{{newStore(t), c.alone}, {newStore(t, other), c.withAnchor}} {
			for range 2 { // importing again brings no more
				result, err := with.store.Import(directory(c.lists...), "002.ldif", pkitest.Day)
				if err != nil && len(c.lists) > 1 || len(result.Rejected) != with.rejected || result.Unvouched != with.rejected {
					t.Errorf("%s: %+v, %v", name, result, err)
				}
			}
			held := slices.ContainsFunc(with.store.List(), func(e chip.Entry) bool { return e.Country == "XX" })
			if held != (with.rejected == 0) {
				t.Errorf("%s: in the store: %v", name, held)
			}
		}
	}
}

func TestADocumentUnderACSCAThatContradictsItselfIsVerifiedAndThatIsTold(t *testing.T) {
	for name, without := range map[string]bool{"CA:FALSE": false, "no basic constraints": true} {
		p := newPassport(t)
		p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", Usage: signs, NoConstraints: without})
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
		check := examine(newStore(t, p.csca), p.evidence(t))["chip.pa.chain"]
		if check.Result != verify.Passed || !strings.Contains(check.Reason, "its key usage") {
			t.Errorf("%s: %+v", name, check)
		}
		link := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia 2", Country: "UT", Usage: signs, NoConstraints: without})
		p.message.Signer = pkitest.Issue(t, link, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
		if check := examine(newStore(t, p.csca, link), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Passed {
			t.Errorf("%s, by a link: %+v", name, check)
		}
		if check := examine(newStore(t, link), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Undetermined {
			t.Errorf("%s, by a link of an unknown CSCA: %+v", name, check)
		}
	}
}

// TestADocumentSignerNeverBecomesAnIssuer has a forger with the key of a document signer that stands in a list.
func TestADocumentSignerNeverBecomesAnIssuer(t *testing.T) {
	p := newPassport(t)
	for name, signer := range map[string]*pkitest.Party{
		"issued by its CSCA": p.dsc,
		"signed by itself":   pkitest.Issue(t, nil, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Usage: x509.KeyUsageDigitalSignature}),
	} {
		store := newStore(t, p.csca)
		list := pkitest.MasterList(t, pkitest.Message{Signer: p.csca}, p.csca.Certificate.Raw, signer.Certificate.Raw)
		result, err := store.Import(list, "ut.ml", pkitest.Day)
		if err != nil || len(result.Rejected) != 1 || len(store.List()) != 1 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		p.message.Signer = pkitest.Issue(t, signer, pkitest.Template{CommonName: "DSC 2", Country: "UT"})
		if check := examine(store, p.evidence(t))["chip.pa.chain"]; check.Result == verify.Passed {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

// inBER are ways to write a certificate's content otherwise than in DER.
func inBER() map[string]func(content []byte) []byte {
	return map[string]func(content []byte) []byte{
		"a long length of the whole": bytes.Clone,
		"a validity of indefinite length": func(content []byte) []byte {
			validity := []byte{0x30, 0x1E, 0x17}
			before, after, _ := bytes.Cut(content, validity)
			return slices.Concat(before, []byte{0x30, 0x80, 0x17}, after[:29], []byte{0, 0}, after[29:])
		},
	}
}

func TestASignersCertificateInBERIsJudgedByTheBytesThatItsIssuerSigned(t *testing.T) {
	for name, respell := range inBER() {
		for _, long := range []bool{false, true} {
			p := newPassport(t)
			p.message.OtherCertificate = pkitest.Reissue(t, p.dsc, p.csca, long, respell)
			store := newStore(t, p.csca)
			checks := examine(store, p.evidence(t))
			if checks["chip.pa.signature"].Result != verify.Passed || checks["chip.pa.chain"].Result != verify.Passed {
				t.Errorf("%s: %+v, %+v", name, checks["chip.pa.signature"], checks["chip.pa.chain"])
			}
			told := strings.Contains(checks["chip.pa.chain"].Reason, "the signer's certificate is not in DER")
			if inBER := long || !strings.HasPrefix(name, "a long"); told != inBER {
				t.Errorf("%s: told %v", name, checks["chip.pa.chain"].Reason)
			}
			p.message.OtherCertificate = bytes.Replace(p.message.OtherCertificate, []byte("DSC Utopia"), []byte("DSC Utopie"), 1)
			if c := examine(store, p.evidence(t))["chip.pa.chain"]; c.Result != verify.Failed {
				t.Errorf("%s, forged: %+v", name, c)
			}
		}
	}
}

func TestACSCAInBERIsTakenOnItsOwnAndFromAList(t *testing.T) {
	ours := state(t, "CSCA", "UT")
	for name, respell := range inBER() {
		csca := state(t, "CSCA X", "XX")
		der := pkitest.Reissue(t, csca, csca, true, respell)
		for source, file := range map[string][]byte{
			"its own": der, "a list": pkitest.MasterList(t, pkitest.Message{Signer: ours}, der),
			"a list in BER": indefinite(pkitest.MasterList(t, pkitest.Message{Signer: ours}, der)),
		} {
			store := newStore(t, ours)
			result, err := store.Import(file, "file", pkitest.Day)
			if err != nil || result.Imported != 1 {
				t.Errorf("%s, %s: %+v, %v", name, source, result, err)
				continue
			}
			p := newPassport(t)
			p.csca, p.message.Signer = csca, pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC X", Country: "XX"})
			if c := examine(store, p.evidence(t))["chip.pa.chain"]; c.Result != verify.Passed {
				t.Errorf("%s, %s: %+v", name, source, c)
			}
		}
	}
}
