// Package dayplay plays an office's day by discrete events: visitors arrive, are sent to a queue by a decision table or stand in one
// line, and are called first come first served from the queues of whoever is free. It measures what a table does before anybody has to
// wait by it.
package dayplay

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
)

// Day is who comes, and who receives them.
type Day struct {
	Opens    time.Time // as the office's clocks show it
	Visitors []Visitor // in order of arrival
	Staff    []routing.Receiver
	// Unfamiliar is how much longer a visit takes whose case somebody else has, and Interpreted how many hundredths of its length one
	// takes where there is no common language. With 0 and 100 nothing is gained by routing but that people understand each other.
	Unfamiliar  time.Duration
	Interpreted int
}

// Visitor is one who comes.
type Visitor struct {
	Arrives time.Duration // after the office opens
	Takes   time.Duration // with the own caseworker, or without one, in a common language
	Facts   routing.Facts // but for At
	Foreign bool          // speaks only Facts.Language
}

// Result is what became of a day.
type Result struct {
	Mean, Longest time.Duration // wait from arrival until called
	Own           float64       // share of those with a caseworker of their own who were received there; 1 where nobody has one
	Understood    float64       // share of those who speak one language whose caseworker speaks it; 1 where there is nobody
	Busy          float64       // share of the time from opening until the last visitor left in which staff had a visitor
}

// Sender chooses a queue for a visitor; loads are as [routing.Table.Decide] takes them. QueuesOf are those from which a caseworker
// calls.
type Sender interface {
	Send(f routing.Facts, loads map[string]routing.Load) (queue string)
	QueuesOf(caseworker string) []string
}

// Line is one queue for everybody: first come, first served by whoever is free.
type Line struct{}

// Send implements Sender.
func (Line) Send(routing.Facts, map[string]routing.Load) string { return "line" }

// QueuesOf implements Sender.
func (Line) QueuesOf(string) []string { return []string{"line"} }

// ByTable sends by a decision table.
type ByTable struct {
	Table *routing.Table
	Pools map[string][]string // members by pool
}

// Send implements Sender.
func (b ByTable) Send(f routing.Facts, loads map[string]routing.Load) string {
	return b.Table.Decide(f, loads).Caseworker
}

// QueuesOf implements Sender.
func (b ByTable) QueuesOf(caseworker string) []string {
	queues := []string{caseworker}
	for pool, members := range b.Pools {
		if slices.Contains(members, caseworker) {
			queues = append(queues, pool)
		}
	}
	return queues
}

// office is a day that is being played.
type office struct {
	day     Day
	sender  Sender
	queues  map[string][]int // visitors who wait, in order of arrival
	calls   [][]string       // from which queues each of the staff calls
	busy    []bool
	leaving departures
	waits   []time.Duration
	by      []int // who received each visitor
	worked  time.Duration
}

// departure is a visitor's end at a desk.
type departure struct {
	at time.Duration
	by int
}

type departures []departure

func (d departures) Len() int { return len(d) }
func (d departures) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(d[i].at, d[j].at), d[i].by-d[j].by) < 0
}
func (d departures) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d *departures) Push(x any)   { *d = append(*d, x.(departure)) }
func (d *departures) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

// Play plays the day. The same day and sender give the same result.
func (d Day) Play(s Sender) Result {
	o := &office{
		day: d, sender: s, queues: map[string][]int{}, busy: make([]bool, len(d.Staff)),
		waits: make([]time.Duration, len(d.Visitors)), by: make([]int, len(d.Visitors)),
	}
	for _, c := range d.Staff {
		o.calls = append(o.calls, s.QueuesOf(c.ID))
	}
	var end time.Duration
	for next := 0; next < len(d.Visitors) || len(o.leaving) > 0; {
		if next < len(d.Visitors) && (len(o.leaving) == 0 || d.Visitors[next].Arrives <= o.leaving[0].at) {
			end = d.Visitors[next].Arrives
			o.arrive(next)
			next++
		} else {
			gone := heap.Pop(&o.leaving).(departure)
			end, o.busy[gone.by] = gone.at, false
		}
		for c := range d.Staff {
			o.callNext(c, end)
		}
	}
	return o.result(end)
}

func (o *office) arrive(n int) {
	v := o.day.Visitors[n]
	f := v.Facts
	f.At = o.day.Opens.Add(v.Arrives)
	queue := o.sender.Send(f, o.loads())
	o.queues[queue] = append(o.queues[queue], n)
}

// loads are the queues as they are. What each visit will take is not known before it; that of its kind is.
func (o *office) loads() map[string]routing.Load {
	loads := map[string]routing.Load{}
	for queue, waiting := range o.queues {
		load := routing.Load{Waiting: len(waiting)}
		for _, n := range waiting {
			load.Work += typical(o.day.Visitors[n].Facts.Service)
		}
		loads[queue] = load
	}
	return loads
}

// callNext lets one of the staff, if free, call who came first in any of the queues.
func (o *office) callNext(c int, now time.Duration) {
	if o.busy[c] {
		return
	}
	first := ""
	for _, queue := range o.calls[c] {
		if len(o.queues[queue]) > 0 && (first == "" || o.queues[queue][0] < o.queues[first][0]) {
			first = queue
		}
	}
	if first == "" {
		return
	}
	n := o.queues[first][0]
	o.queues[first] = o.queues[first][1:]
	takes := o.takes(n, c)
	o.busy[c], o.by[n], o.waits[n], o.worked = true, c, now-o.day.Visitors[n].Arrives, o.worked+takes
	heap.Push(&o.leaving, departure{now + takes, c})
}

func (o *office) takes(n, c int) time.Duration {
	v, by := o.day.Visitors[n], o.day.Staff[c]
	takes := v.Takes
	if v.Foreign && !slices.Contains(by.Languages, v.Facts.Language) {
		takes = takes * time.Duration(o.day.Interpreted) / 100
	}
	if v.Facts.OwnCase != "" && v.Facts.OwnCase != by.ID {
		takes += o.day.Unfamiliar
	}
	return takes
}

func (o *office) result(end time.Duration) (r Result) {
	var sum time.Duration
	var own, ownServed, foreign, understood int
	for n, v := range o.day.Visitors {
		by := o.day.Staff[o.by[n]]
		sum += o.waits[n]
		r.Longest = max(r.Longest, o.waits[n])
		if v.Facts.OwnCase != "" {
			own++
			ownServed += count(v.Facts.OwnCase == by.ID)
		}
		if v.Foreign {
			foreign++
			understood += count(slices.Contains(by.Languages, v.Facts.Language))
		}
	}
	r.Mean = sum / time.Duration(max(1, len(o.day.Visitors)))
	r.Own, r.Understood = share(ownServed, own), share(understood, foreign)
	if open := end * time.Duration(len(o.day.Staff)); open > 0 {
		r.Busy = float64(o.worked) / float64(open)
	}
	return r
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}
