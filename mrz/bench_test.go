package mrz_test

import (
	"testing"

	"github.com/foyer-station/foyer/mrz"
)

// BenchmarkParseTD3 reads a passport's zone with all its fields and check digits.
func BenchmarkParseTD3(b *testing.B) { benchmarkParse(b, specimenTD3) }

func BenchmarkParseTD1(b *testing.B) { benchmarkParse(b, specimenTD1) }

func benchmarkParse(b *testing.B, lines []string) {
	b.ReportAllocs()
	for b.Loop() {
		if zone, err := mrz.Parse(lines, day); err != nil || !zone.Valid() {
			b.Fatal(err)
		}
	}
}

func TestAPassportIsParsedWithOneAllocation(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = mrz.Parse(specimenTD3, day) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
