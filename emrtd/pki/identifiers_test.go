package pki_test

import (
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
