package replay

import (
	"cmp"
	"slices"
	"time"
)

// measures are what a day tells of how long things take.
type measures struct {
	visits map[string]time.Duration // by service: the median
	usual  func(service string) time.Duration
	pauses map[string]time.Duration // by caseworker: from when a call was possible until it was made, the median
}

// measure looks at how long visits took, and how long those who could call somebody took until they did.
func measure(p *past, usual func(service string) time.Duration) measures {
	took := map[string][]time.Duration{}
	by := map[string][]call{}
	for _, v := range p.visitors {
		for i, w := range v.visits {
			by[w.by] = append(by[w.by], call{at: w.from, until: w.until, arrived: v.arrived, again: i > 0})
			if !w.until.IsZero() {
				took[v.facts.Service] = append(took[v.facts.Service], max(0, w.until.Sub(w.from)))
			}
		}
	}
	m := measures{visits: map[string]time.Duration{}, usual: usual, pauses: map[string]time.Duration{}}
	for service, all := range took {
		m.visits[service] = median(all)
	}
	for caseworker, calls := range by {
		m.pauses[caseworker] = median(pauses(calls, p.spans[caseworker]))
	}
	return m
}

// call is a caseworker's.
type call struct {
	at, until, arrived time.Time
	again              bool // the visitor had been called before, and nobody knows since when the call was possible
}

// pauses are what a caseworker took for each call but the first one, from when it was possible.
func pauses(calls []call, spans []span) (all []time.Duration) {
	slices.SortFunc(calls, func(a, b call) int { return a.at.Compare(b.at) })
	for i, c := range calls {
		if i == 0 || c.again || calls[i-1].until.IsZero() {
			continue
		}
		possible := latest(c.arrived, calls[i-1].until)
		for _, s := range spans {
			if s.has(c.at) {
				possible = latest(possible, s.from)
			}
		}
		all = append(all, max(0, c.at.Sub(possible)))
	}
	return all
}

// took is how long a visit took, or the usual for its service where nobody ended it.
func (m measures) took(v visitor, n int) time.Duration {
	if n < len(v.visits) && !v.visits[n].until.IsZero() {
		return max(0, v.visits[n].until.Sub(v.visits[n].from))
	}
	return cmp.Or(m.visits[v.facts.Service], m.usual(v.facts.Service))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// median is the middle one, the lower of two; 0 of none.
func median(all []time.Duration) time.Duration { return quantile(all, 0.5) }

// quantile is the smallest value that at least a part q of all do not exceed; 0 of none. It sorts them.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	n := int(q * float64(len(all)))
	if float64(n) < q*float64(len(all)) {
		n++
	}
	return all[max(0, min(n, len(all))-1)]
}
