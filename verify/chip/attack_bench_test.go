package chip_test

import (
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// BenchmarkAttack is what the files cost that a stranger makes to take as long as he can: as many signers and certificates as a
// message holds, with keys on curves of his own, in EF.SOD and in a directory.
func BenchmarkAttack(b *testing.B) {
	for name, key := range slowKeys(b) {
		p := slowPassport(b, key)
		store := trusttest.New(b, p.csca)
		evidence := p.evidence(b)
		b.Run(name+" in EF.SOD", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				examine(store, evidence)
			}
		})
		if _, err := trusttest.Import(store, slowDirectory(b, p, key), "x.ldif", pkitest.Day); err != nil {
			b.Fatal(err)
		}
		b.Run(name+" in a directory", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				examine(store, evidence)
			}
		})
	}
}
