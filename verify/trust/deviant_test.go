package trust_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// What the certificates of CSCAs say that contradict themselves.
const (
	saysNo      = string(pki.DeviationConstraints)
	saysNothing = string(pki.DeviationNoConstraints)
	notByBasics = "its basic constraints do not let it sign certificates"
	notByUsage  = "its key usage does not let it sign certificates"
)

// signs is the key usage of a CSCA (ICAO Doc 9303-12, 7.1).
const signs = x509.KeyUsageCertSign | x509.KeyUsageCRLSign

// TestACSCAThatContradictsItselfIsTakenFromWhoeverVouchesForIt has what Turkey, Luxembourg, Belgium, Cameroon, Italy and
// Portugal have in lists.
func TestACSCAThatContradictsItselfIsTakenFromWhoeverVouchesForIt(t *testing.T) {
	ours := trusttest.CSCA(t, "CSCA", "UT")
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
		for kind, issuer := range map[string]*pkitest.Party{"self-signed": nil, "link": trusttest.CSCA(t, "CSCA X 0", "XX")} {
			der := pkitest.Issue(t, issuer, c.shape).Certificate.Raw
			list := pkitest.MasterList(t, pkitest.Message{Signer: ours}, der)
			for source, file := range map[string][]byte{
				"a known publisher's list": list, "its importer": der,
				"a known publisher's list in the directory": trusttest.Directory([2]string{"pkdMasterListContent", string(list)}),
			} {
				store := trusttest.New(t, ours)
				result, err := trusttest.Import(store, file, "file", pkitest.Day)
				if err != nil {
					t.Fatal(err)
				}
				expectOne(t, strings.Join([]string{name, kind, source}, ", "), store, result, c.deviation, c.rejected)
			}
		}
	}
}

// expectOne expects that the one certificate of country XX was taken with that deviation, or rejected for that reason.
func expectOne(t *testing.T, name string, store *trust.Store, result trust.Imported, deviation, rejected string) {
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
	ours := trusttest.CSCA(t, "CSCA", "UT")
	stranger := trusttest.CSCA(t, "CSCA S", "SS")
	for name, shape := range map[string]pkitest.Template{
		"CA:FALSE": {Usage: signs}, "no basic constraints": {Usage: signs, NoConstraints: true},
		"signs documents as well": {Usage: signs | x509.KeyUsageDigitalSignature},
	} {
		shape.CommonName, shape.Country = "CSCA X", "XX"
		for kind, issuer := range map[string]*pkitest.Party{"self-signed": nil, "link": ours} {
			der := pkitest.Issue(t, issuer, shape).Certificate.Raw
			list := pkitest.MasterList(t, pkitest.Message{Signer: stranger}, der)
			for source, file := range map[string][]byte{
				"a certificate":                trusttest.Directory([2]string{"userCertificate;binary", string(der)}),
				"the list of nobody one knows": trusttest.Directory([2]string{"pkdMasterListContent", string(list)}),
			} {
				store := trusttest.New(t, ours)
				result, err := trusttest.Import(store, file, "001.ldif", pkitest.Day)
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
	publisher, other := trusttest.CSCA(t, "CSCA P", "PP"), trusttest.CSCA(t, "CSCA Q", "QQ")
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
			store    *trust.Store
			rejected int
		}{{trusttest.New(t), c.alone}, {trusttest.New(t, other), c.withAnchor}} {
			for range 2 { // importing again brings no more
				result, err := trusttest.Import(with.store, trusttest.Directory(c.lists...), "002.ldif", pkitest.Day)
				if err != nil && len(c.lists) > 1 || len(result.Rejected) != with.rejected || result.Unvouched != with.rejected {
					t.Errorf("%s: %+v, %v", name, result, err)
				}
			}
			held := slices.ContainsFunc(with.store.List(), func(e trust.Entry) bool { return e.Country == "XX" })
			if held != (with.rejected == 0) {
				t.Errorf("%s: in the store: %v", name, held)
			}
		}
	}
}

// TestADocumentSignerNeverBecomesAnIssuer has a forger with the key of a document signer that stands in a list.
func TestADocumentSignerNeverBecomesAnIssuer(t *testing.T) {
	p := newSigner(t)
	for name, signer := range map[string]*pkitest.Party{
		"issued by its CSCA": p.dsc,
		"signed by itself":   pkitest.Issue(t, nil, pkitest.Template{CommonName: "DSC Utopia", Country: "UT", Usage: x509.KeyUsageDigitalSignature}),
	} {
		store := trusttest.New(t, p.csca)
		list := pkitest.MasterList(t, pkitest.Message{Signer: p.csca}, p.csca.Certificate.Raw, signer.Certificate.Raw)
		result, err := trusttest.Import(store, list, "ut.ml", pkitest.Day)
		if err != nil || len(result.Rejected) != 1 || len(store.List()) != 1 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
		if whyNoPath(t, store, signerOf(t, signer)) == "" {
			t.Errorf("%s: it makes signers", name)
		}
	}
}

func TestACSCAInBERIsTakenOnItsOwnAndFromAList(t *testing.T) {
	ours := trusttest.CSCA(t, "CSCA", "UT")
	for name, respell := range pkitest.InBER() {
		csca := trusttest.CSCA(t, "CSCA X", "XX")
		der := pkitest.Reissue(t, csca, csca, true, respell)
		for source, file := range map[string][]byte{
			"its own": der, "a list": pkitest.MasterList(t, pkitest.Message{Signer: ours}, der),
			"a list in BER": indefinite(pkitest.MasterList(t, pkitest.Message{Signer: ours}, der)),
		} {
			store := trusttest.New(t, ours)
			result, err := trusttest.Import(store, file, "file", pkitest.Day)
			if err != nil || result.Imported != 1 {
				t.Errorf("%s, %s: %+v, %v", name, source, result, err)
				continue
			}
			if why := whyNoPath(t, store, signerOf(t, csca)); why != "" {
				t.Errorf("%s, %s: %s", name, source, why)
			}
		}
	}
}
