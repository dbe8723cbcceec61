package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"reflect"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

func TestWhatSignersAreNamedByIsReadAsParsingReadsIt(t *testing.T) {
	var reader pki.IdentifierReader
	for _, c := range listed(t) {
		if got, ok := reader.Read(c.Raw); !ok || !reflect.DeepEqual(got, c.SignerID()) {
			t.Errorf("%s: %+v, %v", c.Subject, got, ok)
		}
	}
}

func FuzzIdentifiers(f *testing.F) {
	f.Add(pkitest.Issue(f, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true}).Certificate.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := pki.ParseCertificate(der)
		got, ok := new(pki.IdentifierReader).Read(der)
		if err == nil && (!ok || !reflect.DeepEqual(got, c.SignerID())) {
			t.Errorf("%+v, %v", got, ok)
		}
	})
}

// An index of certificates is kept by what signers are named by; reading that takes a hundredth of the time of parsing.
func ExampleIdentifierReader() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "CSCA", Country: []string{"UTO"}}, SubjectKeyId: []byte{0xC0, 0xDE}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		fmt.Println(err)
		return
	}
	var reader pki.IdentifierReader
	id, ok := reader.Read(der)
	fmt.Printf("%s %v %X %v\n", id.Country, id.Serial, id.KeyID, ok)
	// Output: UT 7 C0DE true
}
