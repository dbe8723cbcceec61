// Package chip judges what came out of an ePassport's chip: passive authentication against a trust store, and the
// printed page against what is signed (ICAO Doc 9303-11, 5.1; BSI TR-03135-1, 4).
package chip

import (
	"context"

	"github.com/foyer-station/foyer/verify"
)

// Examiner makes the chip's checks.
type Examiner struct {
	Trust *Store // nil is an empty one
}

// Examine gives the checks chip.access, chip.pa.signature, chip.pa.chain, chip.pa.hashes, chip.com_sod, cross.dg1_mrz
// and cross.dg1_dsc_country, always all of them and in this order.
func (e Examiner) Examine(ctx context.Context, ev verify.Evidence) []verify.Check { return nil }
