package replay

import (
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/routing"
)

// visitor is one who came, as the day was.
type visitor struct {
	arrived time.Time
	queue   string // to which the rules sent the visitor
	visits  []visit
	facts   routing.Facts
	// aside says that the visitor is not played: set aside with a denied station, missing without a call that counts, or arrived after the
	// day was over. Elsewhere says that what else happened belongs to another day.
	aside, elsewhere bool
}

// visit is a visitor's time with one caseworker. Calls that were taken back, and visitors who were put back into the queue, have none.
type visit struct {
	by          string
	from, until time.Time // until is zero where nobody ended it
	ended       queue.Kind
	queue       string    // in which the visitor waits next, after a transfer
	ready       time.Time // when the visitor, who had not come, was there again
}

// span is a time in which a caseworker could call visitors; until is zero for one that nobody ended.
type span struct{ from, until time.Time }

func (s span) has(at time.Time) bool {
	return !at.Before(s.from) && (s.until.IsZero() || at.Before(s.until))
}

// past is a day as it was.
type past struct {
	date     string
	state    *queue.State
	visitors map[string]visitor
	before   map[string]visitor // as each was before the last event
	spans    map[string][]span  // by caseworker
	ends     time.Time          // the last moment at which anybody called or ended anything
}

// fold reads a day, YYYY-MM-DD, from its events.
func fold(date string, events []queue.Event) *past {
	p := &past{date: date, state: queue.NewState(), visitors: map[string]visitor{}, before: map[string]visitor{}, spans: map[string][]span{}}
	steps := queue.Steps()
	for _, e := range events {
		step := slices.Contains(steps, e.Kind)
		if e.CheckIn != "" {
			p.visit(e, step)
		}
		if e.Day == date && e.By != "" {
			p.presence(e, step)
		}
	}
	maps.DeleteFunc(p.spans, func(caseworker string, _ []span) bool { return !p.called(caseworker) })
	maps.DeleteFunc(p.visitors, func(_ string, v visitor) bool { return v.arrived.IsZero() })
	return p
}

// visit folds an event about a visitor in; step says that it was a caseworker's step, which can be undone.
func (p *past) visit(e queue.Event, step bool) {
	was := p.state.Visitors[e.CheckIn]
	p.state.Apply(e)
	now := p.state.Visitors[e.CheckIn]
	v, before := p.visitors[e.CheckIn], p.visitors[e.CheckIn]
	if v.elsewhere {
		return
	}
	v.visits = slices.Clone(v.visits)
	switch e.Kind {
	case queue.KindUndone:
		v = p.before[e.CheckIn]
	case queue.KindArrived, queue.KindReadmitted, queue.KindMoved:
		v = p.arrive(v, e, now)
	case queue.KindLeft:
		v.aside = v.aside || !v.arrived.Before(e.At) && len(v.visits) == 0
	case queue.KindSetAside:
		v.aside = v.aside || len(v.visits) == 0
	case queue.KindCalled:
		v.visits = append(v.visits, visit{by: e.By, from: e.At})
	default:
		v.end(e, was.Phase == queue.Called)
	}
	p.visitors[e.CheckIn] = v
	if step {
		p.before[e.CheckIn] = before
	}
}

// arrive is of a visitor who comes into the day, or leaves it for another one.
func (p *past) arrive(v visitor, e queue.Event, now queue.Visitor) visitor {
	switch {
	case e.Day != p.date && e.Kind == queue.KindReadmitted:
		v.elsewhere = !v.arrived.IsZero()
		return v
	case e.Day != p.date:
		return visitor{}
	case e.Kind == queue.KindMoved && !v.arrived.IsZero():
		return v
	}
	return visitor{arrived: e.At, queue: now.Queue, facts: routing.Facts{Service: now.Service}}
}

// end folds in what ends a visit, or has the visitor wait again.
func (v *visitor) end(e queue.Event, atDesk bool) {
	last := len(v.visits) - 1
	switch {
	case e.Kind == queue.KindCameBack && last >= 0:
		v.visits[last].ended, v.visits[last].ready = e.Kind, e.At
	case e.Kind == queue.KindNoShow && !atDesk && last < 0:
		v.aside = true
	case !atDesk || last < 0:
	case e.Kind == queue.KindReturned, e.Kind == queue.KindSkipped:
		v.visits = v.visits[:last]
	case e.Kind == queue.KindDone, e.Kind == queue.KindNoShow, e.Kind == queue.KindParked, e.Kind == queue.KindTransferred:
		v.visits[last].until, v.visits[last].ended, v.visits[last].queue = e.At, e.Kind, e.Queue
	}
}

// presence folds in what an event says of whether somebody is there.
func (p *past) presence(e queue.Event, step bool) {
	spans := p.spans[e.By]
	last := len(spans) - 1
	there := last >= 0 && spans[last].until.IsZero()
	switch {
	case e.Kind == queue.KindAway || e.Kind == queue.KindHome:
		if there {
			spans[last].until = e.At
		}
	case !there && (e.Kind == queue.KindBack || e.Kind == queue.KindCalled):
		p.spans[e.By] = append(spans, span{from: e.At})
	}
	if step && e.At.After(p.ends) {
		p.ends = e.At
	}
}

// called says whether a caseworker had a visitor.
func (p *past) called(caseworker string) bool {
	for _, v := range p.visitors {
		if slices.ContainsFunc(v.visits, func(w visit) bool { return w.by == caseworker }) {
			return true
		}
	}
	return false
}

// order lists the ids of those who are played, first come first.
func (p *past) order() []string {
	ids := slices.Sorted(maps.Keys(p.visitors))
	ids = slices.DeleteFunc(ids, func(id string) bool { return p.visitors[id].aside })
	slices.SortStableFunc(ids, func(a, b string) int { return p.visitors[a].arrived.Compare(p.visitors[b].arrived) })
	return ids
}
