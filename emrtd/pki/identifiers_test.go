package pki_test

import (
	"bytes"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

func TestWhatSignersAreNamedByIsReadAsParsingReadsIt(t *testing.T) {
	var reader pki.IdentifierReader
	for _, c := range listed(t) {
		issuer, serial, keyID, ok := reader.Read(c.Raw)
		wantIssuer, wantSerial, wantKeyID := c.SignerID()
		if !ok || issuer != wantIssuer || serial.Cmp(wantSerial) != 0 || !bytes.Equal(keyID, wantKeyID) {
			t.Errorf("%s: %q, %v, %X, %v", c.Subject, issuer, serial, keyID, ok)
		}
	}
}

func FuzzIdentifiers(f *testing.F) {
	f.Add(pkitest.Issue(f, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true}).Certificate.Raw)
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := pki.ParseCertificate(der)
		issuer, serial, keyID, ok := new(pki.IdentifierReader).Read(der)
		if err != nil {
			return
		}
		wantIssuer, wantSerial, wantKeyID := c.SignerID()
		if !ok || issuer != wantIssuer || serial.Cmp(wantSerial) != 0 || !bytes.Equal(keyID, wantKeyID) {
			t.Errorf("%q, %v, %X, %v", issuer, serial, keyID, ok)
		}
	})
}
