package chip_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/chip"
)

// germanCSCA is the SHA-256 of the CSCA that issued the signer of the German master list, and germanDay a day after its signing.
const germanCSCA = "2084aed7a991b3158e63ad750d3dc38bc6c9dcf5958f28d1162f49884e91ada8"

func germanDay() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }

// german are the terms on which the German list is taken.
func german() chip.Terms { return chip.Terms{Now: germanDay(), Publishers: []string{germanCSCA}} }

// sha256Of is a certificate's fingerprint.
func sha256Of(p *pkitest.Party) string { return fmt.Sprintf("%x", sha256.Sum256(p.Certificate.Raw)) }

// listSigner is a signer of master lists of csca's.
func listSigner(t testing.TB, csca *pkitest.Party) *pkitest.Party {
	t.Helper()
	return publisher(t, csca, pkitest.MasterListSigner)
}
