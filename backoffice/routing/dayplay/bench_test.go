package dayplay_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing/dayplay"
)

// BenchmarkDay plays 20 days of 300 visitors and 12 caseworkers, each in one line, first come first served, and by rules, and reports the
// mean over the days, and of shares and the longest wait the worst day. The reach is a mean wait that is not longer than in the line, 90 %
// received by their own caseworker, 95 % in their language, and nobody waiting for more than 90 minutes. In "equal" nothing is gained by
// who receives whom: what is left is what the preferences cost.
func BenchmarkDay(b *testing.B) {
	for name, equal := range map[string]bool{"saving": false, "equal": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var line, rules total
				for seed := range uint64(20) {
					day := dayplay.Draw(seed, 300, 12)
					if equal {
						day.Unfamiliar, day.Interpreted = 0, 100
					}
					table, err := day.Rules()
					if err != nil {
						b.Fatal(err)
					}
					line.add(day.Play(dayplay.Line{}))
					rules.add(day.Play(table))
				}
				line.report(b, "line")
				rules.report(b, "rules")
			}
		})
	}
}

func (t total) report(b *testing.B, name string) {
	b.ReportMetric(t.mean.Minutes()/float64(t.days), "min-wait-"+name)
	b.ReportMetric(t.longest.Minutes(), "min-longest-"+name)
	b.ReportMetric(100*t.own, "%own-"+name)
	b.ReportMetric(100*t.understood, "%language-"+name)
}

// total is the sum of mean waits, and the worst of the others.
type total struct {
	mean, longest   time.Duration
	own, understood float64
	days            int
}

func (t *total) add(r dayplay.Result) {
	if t.days == 0 {
		t.own, t.understood = 1, 1
	}
	t.days++
	t.mean += r.Mean
	t.longest, t.own, t.understood = max(t.longest, r.Longest), min(t.own, r.Own), min(t.understood, r.Understood)
}
