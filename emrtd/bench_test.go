package emrtd_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
)

// timedCard adds up the time that is not the reader's own.
type timedCard struct {
	emrtd.Card
	spent time.Duration
}

func (c *timedCard) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	begin := time.Now()
	answer, err := c.Card.Transmit(ctx, command)
	c.spent += time.Since(begin)
	return answer, err
}

// BenchmarkChip reads a passport of 16.3 kB over a contactless link at 424 kbit/s whose chip takes 3 ms to answer. It
// reports the READ BINARY for DG1, DG2 and EF.SOD, the bytes received by them for each byte of the files, and
// milliseconds: of the whole reading, and of it what is neither chip nor link.
func BenchmarkChip(b *testing.B) {
	files := measuredFiles()
	links := []string{"uncapped", "4000", "short"}
	limits := []chip.Options{{}, {MaxResponse: 4000}, {ShortOnly: true}}
	for i, pace := range [][]chip.PACEInfo{nil, byPACE(chip.AES128)} {
		access := []string{"BAC", "PACE-GM-P256"}[i]
		for j, o := range limits {
			o.PACE, o.ByteRate, o.Latency = pace, 53_000, 3*time.Millisecond
			b.Run(access+"/"+links[j], func(b *testing.B) {
				var own, whole time.Duration
				var seen *watched
				for b.Loop() {
					seen = watch(newCard(b, files, o))
					card := &timedCard{Card: seen}
					begin := time.Now()
					read(b, card, files, emrtd.Options{})
					took := time.Since(begin)
					own, whole = own+took-card.spent, whole+took
				}
				commands, ratio := seen.cost(files)
				each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
				b.ReportMetric(float64(commands), "commands")
				b.ReportMetric(ratio, "bytes/byte")
				b.ReportMetric(each(whole), "ms")
				b.ReportMetric(each(own), "own-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
