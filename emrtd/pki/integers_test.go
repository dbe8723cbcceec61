package pki_test

import (
	"crypto"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// securityObject is an LDS security object with one data group, of which version and number are the contents of INTEGERs.
func securityObject(version, number string) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(version)) })
		b.AddBytes([]byte("\x30\x0B\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01")) // SHA-256
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(number)) })
				b.AddASN1OctetString(make([]byte, crypto.SHA256.Size()))
			})
		})
	})
	return b.BytesOrPanic()
}

func TestNumbersOfTheSecurityObjectAreReadWithLeadingZeros(t *testing.T) {
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true})
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "Signer", Country: "UT"})
	for _, c := range []struct {
		version, number string
		want            int // 0 for a file that cannot be read
	}{
		{"\x00", "\x01", 1}, {"\x00\x00", "\x00\x02", 2}, {"\x00\x01", "\x00\x00\x10", 16},
		{"\x00", "\x00\x00", 0}, {"\x00", "\x11", 0}, {"\x00", "\xFF", 0}, {"\x00", "\x01\x01", 0}, {"\x00", "", 0}, {"", "\x01", 0},
		{"\xFF", "\x01", 0}, {"\x01\x00\x00\x00\x00\x00\x00\x00\x00", "\x01", 0},
	} {
		sod, err := pki.ParseSOD(pkitest.SOD(t, pkitest.Message{Signer: signer, Content: securityObject(c.version, c.number)}))
		if (err == nil) != (c.want > 0) || err == nil && sod.Object.Hashes[c.want] == nil {
			t.Errorf("version %X, number %X: %v", c.version, c.number, err)
		}
	}
}
