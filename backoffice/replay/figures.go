package replay

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// Figures are what a day came to.
type Figures struct {
	Received int `json:"received"` // visitors whom somebody called
	Left     int `json:"left"`     // who still waited at the end, for the first call or for a later one
	// Wait is from the arrival until the first call that counts.
	Wait      Wait    `json:"wait"`
	Services  []Group `json:"services"`
	Languages []Group `json:"languages"`
	Staff     []Staff `json:"staff"`
	// OverCeiling is how many were called later than the ceiling allows, or never; 0 without a ceiling.
	OverCeiling int `json:"over_ceiling"`
	// Spread is from the service with the shortest median wait to the one with the longest, in minutes; 0 for a single service.
	Spread float64 `json:"spread_minutes"`
}

// Wait is how long some visitors waited, in minutes with one decimal. P50 and P90 are waits of visitors: the shortest that half of them,
// or nine in ten, did not exceed.
type Wait struct {
	Visitors int     `json:"visitors"` // who were called
	P50      float64 `json:"p50_minutes"`
	P90      float64 `json:"p90_minutes"`
	Longest  float64 `json:"longest_minutes"`
}

// Group is the visitors of one service or language; the id is empty for those of whom it is not known, and for a service also for those
// who asked for a member of staff.
type Group struct {
	ID string `json:"id"`
	Wait
}

// Staff is a caseworker's day.
type Staff struct {
	Caseworker string  `json:"caseworker"`
	Visits     int     `json:"visits"`
	Busy       float64 `json:"busy_minutes"`  // with visitors
	There      float64 `json:"there_minutes"` // from the first call until going home, without breaks
	// Utilisation is Busy of There, 0 to 1; 0 for somebody who was not there.
	Utilisation float64 `json:"utilisation"`
}

func minutes(d time.Duration) float64 { return math.Round(d.Minutes()*10) / 10 }

// waits puts figures of waits together.
type waits struct {
	ceiling             time.Duration
	all                 []time.Duration
	services, languages map[string][]time.Duration
	over                int
}

func newWaits(ceiling time.Duration) *waits {
	return &waits{ceiling: ceiling, services: map[string][]time.Duration{}, languages: map[string][]time.Duration{}}
}

// add counts a visitor, whom nobody called where called is zero.
func (w *waits) add(v visitor, called time.Time) {
	if called.IsZero() {
		w.over += count(w.ceiling > 0)
		return
	}
	d := max(0, called.Sub(v.arrived))
	w.all = append(w.all, d)
	w.services[v.facts.Service] = append(w.services[v.facts.Service], d)
	w.languages[v.facts.Language] = append(w.languages[v.facts.Language], d)
	w.over += count(w.ceiling > 0 && d > w.ceiling)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (w *waits) figures() Figures {
	f := Figures{Received: len(w.all), Wait: waitOf(w.all), Services: groups(w.services), Languages: groups(w.languages), OverCeiling: w.over, Staff: []Staff{}}
	if len(f.Services) > 1 {
		byMedian := func(a, b Group) int { return cmp.Compare(a.P50, b.P50) }
		f.Spread = math.Round(10*(slices.MaxFunc(f.Services, byMedian).P50-slices.MinFunc(f.Services, byMedian).P50)) / 10
	}
	return f
}

func waitOf(all []time.Duration) Wait {
	return Wait{Visitors: len(all), P50: minutes(quantile(all, 0.5)), P90: minutes(quantile(all, 0.9)), Longest: minutes(quantile(all, 1))}
}

func groups(by map[string][]time.Duration) []Group {
	all := []Group{}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		all = append(all, Group{id, waitOf(by[id])})
	}
	return all
}

// figures are those of the day as it was.
func (p *past) figures(ceiling time.Duration, m measures) Figures {
	w, left := newWaits(ceiling), 0
	busy, visits, last := map[string]time.Duration{}, map[string]int{}, map[string]time.Time{}
	for _, id := range p.order() {
		v := p.visitors[id]
		called := time.Time{}
		for i, one := range v.visits {
			busy[one.by] += m.took(v, i)
			visits[one.by]++
			last[one.by] = latest(last[one.by], one.until)
		}
		if len(v.visits) > 0 {
			called = v.visits[0].from
		}
		w.add(v, called)
		left += count(v.waited())
	}
	f := w.figures()
	f.Left = left
	for _, caseworker := range slices.Sorted(maps.Keys(p.spans)) {
		f.Staff = append(f.Staff, staffOf(caseworker, visits[caseworker], busy[caseworker], p.spans[caseworker], latest(last[caseworker], p.ends)))
	}
	return f
}

// waited says whether the visitor waited for a call, the first or another one, when the day ended.
func (v visitor) waited() bool {
	if len(v.visits) == 0 {
		return true
	}
	switch v.visits[len(v.visits)-1].ended {
	case queue.KindTransferred, queue.KindParked, queue.KindCameBack:
		return true
	}
	return false
}

func staffOf(caseworker string, visits int, busy time.Duration, spans []span, end time.Time) Staff {
	var there time.Duration
	for _, s := range spans {
		if s.until.IsZero() {
			s.until = latest(s.from, end)
		}
		there += max(0, s.until.Sub(s.from)) // a clock may have been set
	}
	there = max(there, busy) // who goes for a break ends the visit first
	s := Staff{Caseworker: caseworker, Visits: visits, Busy: minutes(busy), There: minutes(there)}
	if there > 0 {
		s.Utilisation = math.Round(float64(busy)/float64(there)*1000) / 1000
	}
	return s
}

// figures are those of the day as it was played.
func (d *play) figures(ceiling time.Duration) Figures {
	w := newWaits(ceiling)
	for n, o := range d.outcomes {
		w.add(d.past.visitors[d.ids[n]], o.called)
	}
	f := w.figures()
	for _, turns := range d.waiting {
		f.Left += len(turns)
	}
	slices.SortFunc(d.desks, func(a, b *desk) int { return cmp.Compare(a.caseworker, b.caseworker) })
	for _, one := range d.desks {
		f.Staff = append(f.Staff, staffOf(one.caseworker, one.visits, one.worked, one.spans, latest(one.last, d.past.ends)))
	}
	return f
}
