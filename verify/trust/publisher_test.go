package trust_test

import (
	"time"

	"github.com/foyer-station/foyer/verify/trust"
)

// germanCSCA is the SHA-256 of the CSCA that issued the signer of the German master list, and germanDay a day after its signing.
const germanCSCA = "2084aed7a991b3158e63ad750d3dc38bc6c9dcf5958f28d1162f49884e91ada8"

func germanDay() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) }

// german are the terms on which the German list is taken.
func german() trust.Terms { return trust.Terms{Now: germanDay(), Publishers: []string{germanCSCA}} }
