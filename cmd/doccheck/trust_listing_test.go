package main

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// told is what doccheck trust writes for people.
func (v vault) told(args ...string) (text string, status int) {
	v.Helper()
	var out, errs bytes.Buffer
	status = run(v.Context(), slices.Concat([]string{"trust", args[0], "--at", "2026-03-02", "--store", v.store}, args[1:]), strings.NewReader(""), &out, &errs)
	return out.String() + errs.String(), status
}

// TestTrustListTellsWhatARevocationListAndAListOfDefectsAreNotBelievedIn.
func TestTrustListTellsWhatARevocationListAndAListOfDefectsAreNotBelievedIn(t *testing.T) {
	v := newVault(t)
	ut, stolen, nb := csca(t, "CSCA Utopia", "UT"), csca(t, "CSCA Utopia", "UT"), csca(t, "CSCA Neighbour", "NB")
	other := csca(t, "CSCA X", "XX")
	link := pkitest.Issue(t, other, pkitest.Template{CommonName: "CSCA X", Country: "XX", CA: true})
	signer := pkitest.Issue(t, ut, pkitest.Template{CommonName: "DSC", Country: "UT"})
	defects := pkitest.Issue(t, nb, pkitest.Template{CommonName: "Defects", Country: "NB", OtherPurpose: pkitest.DefectListSigner})
	day := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw, "nb.cer": nb.Certificate.Raw, "x.cer": link.Certificate.Raw,
		"1.ml": listOf(t, lister(t, ut), day(1), ut, stolen), "stolen.crl": pkitest.RevocationList{Issuer: stolen, ThisUpdate: day(2),
			Revoked: []x509.RevocationListEntry{pkitest.Revoke(signer, day(1), 1)}}.Encode(t)})
	v.take(map[string][]byte{"2.ml": listOf(t, lister(t, ut), day(2), ut)})
	list := map[string][]byte{"nb.defects": pkitest.DefectList(t, pkitest.Message{Signer: defects, SigningTime: day(2)}, 1, pkitest.Defect{
		Signer: signer, Identification: pkitest.Identification{BySerial: true}, Known: []pkitest.KnownDefect{{Kind: []int{1, 1}}}})}
	if a, status := v.take(list); status != 1 || a.Imported != 1 || a.Rejected[0].Fingerprint != fingerprintOf(nb) {
		t.Errorf("%d, %+v", status, a)
	}
	text, status := v.told("list")
	for _, want := range []string{
		"distrusted  its issuer does not count any longer, so that it revokes what that one's own key signed, and nothing else: the list of its own State",
		"limited   it is believed of the signers of its own State alone, \"NB\"",
		"try       import it again with --trust-publisher " + fingerprintOf(nb),
		"distrusted  it is a link that leads up to no CSCA that counts",
	} {
		if !strings.Contains(text, want) || status != 0 {
			t.Errorf("%d, no %q in\n%s", status, want, text)
		}
	}
	if _, status := v.take(list, "--trust-publisher", fingerprintOf(nb)); status != 0 {
		t.Errorf("named: %d", status)
	}
	if text, _ := v.told("list"); strings.Contains(text, "limited") {
		t.Errorf("named:\n%s", text)
	}
}

// TestAStoreOfWhichNothingCountsHasNoAge.
func TestAStoreOfWhichNothingCountsHasNoAge(t *testing.T) {
	v := newVault(t)
	ut := csca(t, "CSCA Utopia", "UT")
	v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw})
	v.call(nil, "remove", fingerprintOf(ut))
	if text, status := v.told("list"); status != 1 || !strings.Contains(text, "0 signed lists, of which nothing counts") {
		t.Errorf("%d:\n%s", status, text)
	}
}
