package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/postgres"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/store/storetest"
)

const (
	desks   = 40
	waiting = 2000
)

// offices are the same office in either store; PostgreSQL's has two instances.
func offices() map[string]func(b *testing.B) [2]storetest.Store {
	return map[string]func(b *testing.B) [2]storetest.Store{
		"store=SQLite": func(b *testing.B) [2]storetest.Store {
			s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "backoffice.db"))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { s.Close() })
			return [2]storetest.Store{s, s}
		},
		"store=PostgreSQL": func(b *testing.B) [2]storetest.Store {
			dsn := database(b)
			var both [2]*postgres.Store
			for i := range both {
				both[i] = open(b, dsn)
			}
			return [2]storetest.Store{both[0], both[1]}
		},
	}
}

// at places a visitor with one of the desks' caseworkers.
func at(desk int) func([]store.Queued) store.Placement {
	return func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Rule: "r", Caseworker: fmt.Sprint("desk-", desk%desks)}}
	}
}

// bare is a visitor who handed nothing in.
func bare(n int) store.Admission {
	a := visitor(n)
	a.Record, a.Uploads = nil, nil
	return a
}

// BenchmarkCallNext has 40 desks call at once, each from its own queue and from those of all others, and be done, with 2,000 waiting at the
// end of it.
func BenchmarkCallNext(b *testing.B) {
	for _, name := range []string{"store=SQLite", "store=PostgreSQL"} {
		b.Run(name, func(b *testing.B) {
			office := offices()[name](b)
			for n := range waiting + desks + b.N {
				if err := office[0].Admit(b.Context(), bare(n), at(n)); err != nil {
					b.Fatal(err)
				}
			}
			var queues []string
			for d := range desks {
				queues = append(queues, fmt.Sprint("desk-", d))
			}
			var called sync.Map
			call := func(ctx context.Context, desk int) (time.Duration, error) {
				s, name := office[desk%2], fmt.Sprint("desk-", desk)
				began := time.Now()
				id, err := s.CallNext(ctx, name, queues, noon)
				took := time.Since(began)
				if err != nil {
					return took, err
				}
				if by, twice := called.LoadOrStore(id, name); twice {
					return took, fmt.Errorf("%s was called by %v and %s", id, by, name)
				}
				return took, s.Finish(ctx, name, id, store.Done, noon)
			}
			sideBySide(b, desks, call) // a morning has begun: connections stand
			b.ResetTimer()
			took := sideBySide(b, b.N, call)
			report(b, took)
		})
	}
}

// BenchmarkAdmit has ten stations hand in at once, each check-in with a sealed record and four files, into a queue of 300.
func BenchmarkAdmit(b *testing.B) {
	for _, name := range []string{"store=SQLite", "store=PostgreSQL"} {
		b.Run(name, func(b *testing.B) {
			office := offices()[name](b)
			for n := range 300 {
				if err := office[0].Admit(b.Context(), bare(n), at(n)); err != nil {
					b.Fatal(err)
				}
			}
			var admitted atomic.Int64
			b.ResetTimer()
			took := sideBySide(b, b.N, func(ctx context.Context, station int) (time.Duration, error) {
				if station >= 10 {
					return 0, errIdle
				}
				a := visitor(300 + int(admitted.Add(1)))
				a.VisitDay, a.Record = today, make([]byte, 8<<10)
				for n := range 4 {
					a.Uploads = append(a.Uploads, store.Upload{SHA256: []byte{2, byte(n)}, Size: 200 << 10})
				}
				began := time.Now()
				err := office[station%2].Admit(ctx, a, at(station))
				return time.Since(began), err
			})
			report(b, took)
		})
	}
}

var errIdle = errors.New("this one has nothing to do")

// sideBySide does something a number of times, by as many as there are desks at once, and gives how long each took.
func sideBySide(b *testing.B, times int, do func(ctx context.Context, who int) (time.Duration, error)) []time.Duration {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(times))
	var mu sync.Mutex
	var all []time.Duration
	var everyone sync.WaitGroup
	for who := range desks {
		everyone.Go(func() {
			for left.Add(-1) >= 0 {
				took, err := do(b.Context(), who)
				if errors.Is(err, errIdle) {
					left.Add(1)
					return
				}
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
			}
		})
	}
	everyone.Wait()
	return all
}

// report tells the rate, and of each the median and the 99th percentile.
func report(b *testing.B, took []time.Duration) {
	b.Helper()
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	ms := func(share int) float64 { return float64(took[(len(took)-1)*share/100].Microseconds()) / 1000 }
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "/s")
	b.ReportMetric(ms(50), "p50-ms")
	b.ReportMetric(ms(99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}
