package chip_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// BenchmarkWholeChip reads every chip of Utopia over a contactless link at 424 kbit/s, each command taking the chip 3 ms,
// and judges it, to the last check. It reports commands, and milliseconds: of all, of what is neither chip nor link, and
// of that the checks.
func BenchmarkWholeChip(b *testing.B) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		b.Fatal(err)
	}
	examiner := chip.Examiner{Trust: utopia(b, maker, day)}
	for _, person := range maker.People() {
		s, err := maker.Make(person, specimen.Genuine)
		if err != nil {
			b.Fatal(err)
		}
		s.ChipOptions.ByteRate, s.ChipOptions.Latency = 53_000, 3*time.Millisecond
		b.Run(person.ID+"/uncapped", func(b *testing.B) { visit(b, examiner, s, day) })
		s.ChipOptions.MaxResponse = 4000
		b.Run(person.ID+"/4000", func(b *testing.B) { visit(b, examiner, s, day) })
		s.ChipOptions.ShortOnly = true
		if person.ID == "tanaka" {
			continue // residues of 2,048 bits need extended length
		}
		b.Run(person.ID+"/short", func(b *testing.B) { visit(b, examiner, s, day) })
	}
}

// utopia is a store that knows Utopia's signers.
func utopia(tb testing.TB, maker *specimen.Maker, day time.Time) *trust.Store {
	tb.Helper()
	store, err := trust.OpenStore(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	files := []trust.ImportFile{{Name: "utopia.cer", Data: maker.CSCA()}, {Name: "utopia.crl", Data: maker.CRL()}}
	if _, err := store.ImportFiles(files, trust.Terms{Now: day}); err != nil {
		tb.Fatal(err)
	}
	return store
}

// stopwatch adds up the time that is the chip's and the link's.
type stopwatch struct {
	emrtd.Card
	spent time.Duration
}

func (s *stopwatch) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	begin := time.Now()
	answer, err := s.Card.Transmit(ctx, command)
	s.spent += time.Since(begin)
	return answer, err
}

func visit(b *testing.B, examiner chip.Examiner, s *specimen.Specimen, day time.Time) {
	key, _ := keys(s.Person)
	var whole, own, checking time.Duration
	commands := 0
	for b.Loop() {
		passport, err := s.NewChip()
		if err != nil {
			b.Fatal(err)
		}
		card := &stopwatch{Card: inField{passport}}
		begin := time.Now()
		reading, err := emrtd.Read(context.Background(), card, key, emrtd.Options{})
		if err != nil {
			b.Fatal(err)
		}
		read := time.Now()
		checks := examiner.Examine(context.Background(), verify.Evidence{
			MRZ: s.MRZ, Chip: verify.ChipRead, Files: reading.Files, Proofs: reading.Proofs, Day: day,
		})
		end := time.Now()
		for _, c := range checks {
			if c.Result == verify.Failed {
				b.Fatalf("%s: %s", c.ID, wordingtest.English(b, c))
			}
		}
		whole, own, checking = whole+end.Sub(begin), own+end.Sub(begin)-card.spent, checking+end.Sub(read)
		commands = reading.Commands
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(float64(commands), "commands")
	b.ReportMetric(each(whole), "ms")
	b.ReportMetric(each(own), "own-ms")
	b.ReportMetric(each(checking), "checks-ms")
	b.ReportMetric(0, "ns/op")
}
