package replay

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/routing"
)

// sender chooses a queue for a visitor, and says which rule did.
type sender func(v visitor, loads map[string]routing.Load) (queue, rule string)

// outcome is what became of a visitor.
type outcome struct {
	queue, rule string    // where the visitor was sent, and by which rule
	called      time.Time // zero for one who was left
}

// desk is a caseworker in the play.
type desk struct {
	caseworker string
	queues     []string
	spans      []span
	busy       bool // with a visitor
	reaching   bool // for the next one
	since      time.Time
	worked     time.Duration
	visits     int
	last       time.Time
}

// turn is a visitor who waits, or sits at a desk, for a visit.
type turn struct {
	n     int // of the play's visitors
	visit int // of the visitor's
}

// happening is something that will happen in a play.
type happening struct {
	at  time.Time
	seq int
	do  func(now time.Time)
}

// agenda is what is to happen, the next first (heap.Interface).
type agenda []happening

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return cmp.Or(a[i].at.Compare(a[j].at), a[i].seq-a[j].seq) < 0 }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(happening)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// play is a day that is being played once more.
type play struct {
	past     *past
	measures measures
	minutes  func(service string) time.Duration // by the office file that is played
	send     sender
	ids      []string
	outcomes []outcome
	waiting  map[string][]turn // by queue, in the order in which they are called
	desks    []*desk
	agenda   agenda
	seq      int
}

// run plays the day: queues are those from which each caseworker calls; who has none is not there.
func (p *past) run(m measures, minutes func(string) time.Duration, queues map[string][]string, send sender) *play {
	d := &play{past: p, measures: m, minutes: minutes, send: send, ids: p.order(), waiting: map[string][]turn{}}
	d.outcomes = make([]outcome, len(d.ids))
	for n, id := range d.ids {
		d.at(p.visitors[id].arrived, func(time.Time) { d.arrive(n) })
	}
	overtime := p.everybodyCame()
	for _, caseworker := range slices.Sorted(maps.Keys(p.spans)) {
		if len(queues[caseworker]) == 0 {
			continue
		}
		one := &desk{caseworker: caseworker, queues: queues[caseworker], spans: slices.Clone(p.spans[caseworker])}
		if last := len(one.spans) - 1; !overtime && one.spans[last].until.IsZero() {
			one.spans[last].until = p.ends
		}
		for _, s := range one.spans {
			d.at(s.from, func(time.Time) { one.since = s.from })
		}
		d.desks = append(d.desks, one)
	}
	for len(d.agenda) > 0 {
		next := heap.Pop(&d.agenda).(happening)
		next.do(next.at)
		d.reach(next.at)
	}
	return d
}

// everybodyCame says whether everyone was received who is played: then nobody went home before the last visitor had.
func (p *past) everybodyCame() bool {
	return !slices.ContainsFunc(p.order(), func(id string) bool { return len(p.visitors[id].visits) == 0 })
}

func (d *play) at(when time.Time, do func(now time.Time)) {
	d.seq++
	heap.Push(&d.agenda, happening{when, d.seq, do})
}

// arrive sends a visitor to a queue.
func (d *play) arrive(n int) {
	to, rule := d.send(d.past.visitors[d.ids[n]], d.loads())
	d.outcomes[n] = outcome{queue: to, rule: rule}
	d.wait(to, turn{n: n})
}

// wait puts a visitor into a queue, at the place of arrival.
func (d *play) wait(to string, t turn) {
	queue := d.waiting[to]
	i, _ := slices.BinarySearchFunc(queue, t, func(a, b turn) int { return a.n - b.n })
	d.waiting[to] = slices.Insert(queue, i, t)
}

// loads are the queues as the rules see them.
func (d *play) loads() map[string]routing.Load {
	loads := map[string]routing.Load{}
	for queue, turns := range d.waiting {
		load := routing.Load{Waiting: len(turns)}
		for _, t := range turns {
			load.Work += d.minutes(d.past.visitors[d.ids[t.n]].facts.Service)
		}
		loads[queue] = load
	}
	return loads
}

// reach has those who are free and could call somebody call, after as long as they took for it on the day: who has been free for longest
// begins.
func (d *play) reach(now time.Time) {
	slices.SortStableFunc(d.desks, func(a, b *desk) int { return a.since.Compare(b.since) })
	for _, one := range d.desks {
		if one.reaching || !one.free(now) || d.first(one) == "" {
			continue
		}
		one.reaching = true
		d.at(now.Add(d.measures.pauses[one.caseworker]), func(now time.Time) {
			one.reaching = false
			if one.free(now) {
				d.call(one, now)
			}
		})
	}
}

func (o *desk) free(now time.Time) bool {
	return !o.busy && slices.ContainsFunc(o.spans, func(s span) bool { return s.has(now) })
}

// first is in which of a caseworker's queues the next visitor waits; empty for nobody.
func (d *play) first(o *desk) (queue string) {
	for _, q := range o.queues {
		if len(d.waiting[q]) > 0 && (queue == "" || d.waiting[q][0].n < d.waiting[queue][0].n) {
			queue = q
		}
	}
	return queue
}

func (d *play) call(o *desk, now time.Time) {
	from := d.first(o)
	if from == "" {
		return
	}
	t := d.waiting[from][0]
	d.waiting[from] = d.waiting[from][1:]
	if t.visit == 0 {
		d.outcomes[t.n].called = now
	}
	took := d.measures.took(d.past.visitors[d.ids[t.n]], t.visit)
	o.busy, o.visits, o.worked = true, o.visits+1, o.worked+took
	d.at(now.Add(took), func(now time.Time) {
		o.busy, o.since, o.last = false, now, now
		d.goOn(t, from, o.caseworker, now)
	})
}

// goOn has a visitor wait for the next visit, as on the day, if there was one.
func (d *play) goOn(t turn, from, by string, now time.Time) {
	visits := d.past.visitors[d.ids[t.n]].visits
	if t.visit+1 >= len(visits) {
		return
	}
	was, next := visits[t.visit], visits[t.visit+1]
	to, ready := from, was.ready
	switch was.ended {
	case queue.KindTransferred:
		to, ready = was.queue, was.until
	case queue.KindParked:
		to, ready = by, next.from
	}
	t.visit++
	d.at(now.Add(max(0, ready.Sub(was.until))), func(time.Time) { d.wait(to, t) })
}
