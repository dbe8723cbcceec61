package pkitest

import (
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"
)

// RevocationList describes a CRL. Zero times have sensible values: issued on Day, the next after 90 days.
type RevocationList struct {
	Issuer     *Party
	ThisUpdate time.Time
	NextUpdate time.Time
	Revoked    []x509.RevocationListEntry

	BrokenSignature bool
}

// Revoke is an entry for the party's certificate.
func Revoke(p *Party, when time.Time, reason int) x509.RevocationListEntry {
	return x509.RevocationListEntry{SerialNumber: p.Certificate.SerialNumber, RevocationTime: when, ReasonCode: reason}
}

// Encode gives the list in DER.
func (l RevocationList) Encode(t testing.TB) []byte {
	t.Helper()
	if l.ThisUpdate.IsZero() {
		l.ThisUpdate = Day
	}
	if l.NextUpdate.IsZero() {
		l.NextUpdate = l.ThisUpdate.AddDate(0, 0, 90)
	}
	issuer := *l.Issuer.Certificate
	issuer.KeyUsage |= x509.KeyUsageCRLSign // crypto/x509 asks for what old issuers do not state
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(l.ThisUpdate.Unix()), ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate,
		RevokedCertificateEntries: l.Revoked,
	}, &issuer, l.Issuer.Key)
	check(t, err)
	if l.BrokenSignature {
		der[len(der)-1] ^= 1
	}
	return der
}
