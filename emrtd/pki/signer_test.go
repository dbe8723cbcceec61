package pki_test

import (
	"bytes"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
)

func TestASignerIsNamedAsItsCertificateIs(t *testing.T) {
	for _, byKeyID := range []bool{false, true} {
		m := message(t, newSigner(t, nil))
		m.ByKeyID = byKeyID
		signed, err := pki.ParseSignedData(m.Encode(t))
		if err != nil {
			t.Fatal(err)
		}
		issuer, serial, keyID := signed.SignerID()
		certIssuer, certSerial, certKeyID := parse(t, m.Signer).SignerID()
		switch {
		case byKeyID && (serial != nil || issuer != "" || !bytes.Equal(keyID, certKeyID)):
			t.Errorf("by key identifier: %q, %v, %X", issuer, serial, keyID)
		case !byKeyID && (keyID != nil || issuer != certIssuer || serial.Cmp(certSerial) != 0):
			t.Errorf("by serial number: %q, %v, %X", issuer, serial, keyID)
		}
	}
}
