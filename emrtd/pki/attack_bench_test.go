package pki_test

import (
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// BenchmarkAttack is what the longest EF.SODs cost that a chip can hand over, each long in another way.
func BenchmarkAttack(b *testing.B) {
	for name, made := range strangers(b) {
		file := pkitest.SOD(b, made(16000))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if s, err := pki.ParseSOD(file); err == nil {
					_, _ = s.SignerCertificate()
					_ = s.Deviations()
				}
			}
		})
	}
}
