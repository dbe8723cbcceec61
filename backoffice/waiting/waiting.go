// Package waiting says how long a visitor will wait, as a range, from how long visits have taken in this office.
//
// For most cases [Forecaster.Range] is the one to use: it plays the queue some hundred times with durations that were measured, and
// gives the range in which most of those waits lie. How wide that range must be is learnt from what was told before and came to pass
// ([Forecaster.Waited]), so that a visitor's wait lies in the range that was told about eight times in ten, in an office that works
// otherwise than its file says too.
package waiting

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	// kept is how many visits for a service are remembered; the oldest is forgotten first.
	kept = 200
	// runs is how often a queue is played for one forecast.
	runs = 200
	// most is how many come before at most, as far as a forecast looks: a longer queue is scaled up from that.
	most = 200
)

// Desk is a desk that calls from the visitor's queue, with the visitor who is there.
type Desk struct {
	Service string        // that its visitor came for; empty for whoever asked for a person
	For     time.Duration // how long its visitor has been there; negative for a desk that is free
}

// Situation is what a forecast goes by. None of it may depend on what became of a document, for the visitor is told the forecast.
type Situation struct {
	Ahead []string // services of those who come before, first come first
	Desks []Desk
}

// Range is how long a visitor will wait.
type Range struct{ Low, High time.Duration }

// Contains says whether a wait lies in the range, ends included.
func (r Range) Contains(wait time.Duration) bool { return r.Low <= wait && wait <= r.High }

// Forecaster remembers how long visits took, and how well it has foretold. It may be used by several goroutines.
type Forecaster struct {
	usual func(service string) time.Duration

	mu     sync.Mutex
	visits map[string]*visits
	tails  tails
}

// New makes a forecaster that has measured nothing yet. Usual says how long a visit for a service takes by the office file; it
// counts for as much as twenty visits.
func New(usual func(service string) time.Duration) *Forecaster {
	return &Forecaster{usual: usual, visits: map[string]*visits{}, tails: tails{low: tail, high: tail}}
}

// Took notes how long a visit took, from the call to the end. Shorter ones than a second, which are mistakes, and longer ones than
// eight hours, which nobody ended, are passed over.
func (f *Forecaster) Took(service string, d time.Duration) {
	if d < time.Second || d > 8*time.Hour {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of(service).add(d)
}

// Waited notes how long a visitor waited who had been told a range.
func (f *Forecaster) Waited(told Range, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tails.learn(told, wait)
}

// Range is how long somebody waits who comes now, to be told: from minutes rounded down to minutes rounded up. It is false where no
// desk calls from the queue: then nobody knows. The same situation has the same range until something new is learnt. It takes some
// 0.2 ms for 30 who come before.
func (f *Forecaster) Range(s Situation) (Range, bool) {
	if len(s.Desks) == 0 {
		return Range{}, false
	}
	known, tails := f.known(s)
	waits := play(s, known)
	return told(quantile(waits, tails.low), quantile(waits, 1-tails.high)), true
}

// known copies what is remembered of the services of a situation, so that nobody waits while it is played.
func (f *Forecaster) known(s Situation) (map[string]*visits, tails) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := map[string]*visits{}
	for _, service := range s.Ahead {
		known[service] = f.of(service)
	}
	for _, d := range s.Desks {
		known[d.Service] = f.of(d.Service)
	}
	for service, v := range known {
		known[service] = &visits{expected: v.expected, measured: slices.Clone(v.measured)}
	}
	return known, f.tails
}

// play gives the sorted waits of all runs.
func play(s Situation, known map[string]*visits) []time.Duration {
	ahead, scale := s.Ahead, 1.0
	if len(ahead) > most {
		ahead, scale = ahead[:most], float64(len(ahead))/most
	}
	of := make([]*visits, len(ahead))
	for i, service := range ahead {
		of[i] = known[service]
	}
	chance := rand.New(rand.NewPCG(1, uint64(len(ahead))))
	free := make([]time.Duration, len(s.Desks))
	waits := make([]time.Duration, runs)
	for run := range waits {
		for i, d := range s.Desks {
			free[i] = 0
			if d.For >= 0 {
				free[i] = known[d.Service].left(chance, d.For)
			}
		}
		for _, v := range of {
			*earliest(free) += v.draw(chance)
		}
		waits[run] = time.Duration(float64(*earliest(free)) * scale)
	}
	slices.Sort(waits)
	return waits
}

func earliest(free []time.Duration) *time.Duration {
	first := &free[0]
	for i := range free {
		if free[i] < *first {
			first = &free[i]
		}
	}
	return first
}

func (f *Forecaster) of(service string) *visits {
	v, ok := f.visits[service]
	if !ok {
		v = expected(f.usual(service))
		f.visits[service] = v
	}
	return v
}

// quantile of sorted values, linear in between; beyond the outermost tenth it reaches as far again, since what was never seen may
// happen too.
func quantile(sorted []time.Duration, q float64) time.Duration {
	const last = 0.995
	switch {
	case q <= 0:
		return 0
	case q >= last:
		top := at(sorted, last)
		return top + time.Duration(float64(top-at(sorted, 0.9))*(q-last)/(1-last))
	}
	return at(sorted, q)
}

func at(sorted []time.Duration, q float64) time.Duration {
	place := q * float64(len(sorted)-1)
	i := int(place)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + time.Duration((place-float64(i))*float64(sorted[i+1]-sorted[i]))
}
