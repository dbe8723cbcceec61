// Package trusttest makes what tests have in trust stores: States with their CSCAs, the lists and directories that they publish, and
// stores that hold them. The keys are those of package pkitest.
package trusttest

import (
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
)

// New is a store in a folder of its own that holds the parties' certificates, each imported by itself on [pkitest.Day].
func New(t testing.TB, parties ...*pkitest.Party) *trust.Store {
	t.Helper()
	store, err := trust.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parties {
		Take(t, store, p.Certificate.Raw, "csca.cer")
	}
	return store
}

// Import imports one file; that it was refused is an error.
func Import(store *trust.Store, data []byte, source string, now time.Time) (trust.Imported, error) {
	results, err := store.ImportFiles([]trust.ImportFile{{Name: source, Data: data}}, trust.Terms{Now: now})
	return results[0], errors.Join(err, results[0].Refused)
}

// Take imports on [pkitest.Day] what must be taken whole.
func Take(t testing.TB, store *trust.Store, data []byte, name string) {
	t.Helper()
	result, err := Import(store, data, name, pkitest.Day)
	if err != nil || result.Imported != 1 || len(result.Rejected) > 0 {
		t.Fatalf("%s: %+v, %v", name, result, err)
	}
}

// TakeNamed imports a list of defects whose publisher the importer names by its CSCA, and it must be taken whole.
func TakeNamed(t testing.TB, store *trust.Store, list []byte, csca *pkitest.Party) {
	t.Helper()
	terms := trust.Terms{Now: pkitest.Day, Publishers: []string{Fingerprint(csca)}}
	results, err := store.ImportFiles([]trust.ImportFile{{Name: "list.defects", Data: list}}, terms)
	if err != nil || results[0].Imported != 1 || len(results[0].Rejected) > 0 {
		t.Fatalf("%+v, %v", results, err)
	}
}

// Fingerprint is the SHA-256 of a party's certificate, hexadecimal.
func Fingerprint(p *pkitest.Party) string { return fmt.Sprintf("%x", sha256.Sum256(p.Certificate.Raw)) }

// CSCA is a self-signed one of that name and country.
func CSCA(t testing.TB, name, country string) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, nil, pkitest.Template{CommonName: name, Country: country, CA: true})
}

// ListSigner is a signer of lists whose certificate csca issued for that purpose, as [pkitest.MasterListSigner].
func ListSigner(t testing.TB, csca *pkitest.Party, purpose asn1.ObjectIdentifier) *pkitest.Party {
	t.Helper()
	return pkitest.Issue(t, csca, pkitest.Template{CommonName: "List signer", Country: csca.Certificate.Subject.Country[0],
		OtherPurpose: purpose})
}

// DefectsOf is a defect list about the documents of a signer, made a month before [pkitest.Day].
func DefectsOf(t testing.TB, signer, publisher *pkitest.Party, known ...pkitest.KnownDefect) []byte {
	t.Helper()
	return pkitest.DefectList(t, pkitest.Message{Signer: publisher, SigningTime: pkitest.Day.AddDate(0, -1, 0)}, 1, pkitest.Defect{
		Signer: signer, Identification: pkitest.Identification{BySerial: true}, Known: known})
}

// Directory is an LDIF file, as the ICAO Public Key Directory has, of the attributes, each with its value.
func Directory(values ...[2]string) []byte {
	var b strings.Builder
	b.WriteString("version: 1\n")
	for _, v := range values {
		b.WriteString("\ndn: o=x,c=UT,dc=data,dc=pkd,dc=icao,dc=int\n")
		b.WriteString(v[0] + ":: " + base64.StdEncoding.EncodeToString([]byte(v[1])) + "\n")
	}
	return []byte(b.String())
}
