// Package replay plays a day that an office has had once more, under other rules, and says what would have changed: who would have been
// sent to whom, how long visitors would have waited, and how busy caseworkers would have been. Visitors come when they came, visits take
// as long as they took, whoever receives the visitor, and caseworkers are there when they were there; who is called when, and by whom,
// follows from the rules. What people did beside them is kept where it can be (breaks, parking, transfers of those who had been called, returns
// after a no-show), and left out where it was about an order that is another one now: calls out of turn, skipping, putting back, transfers
// of those who waited, and visitors who asked not to be called for a while.
//
// What is read of visitors stays in memory; a report has ids of caseworkers, pools, services, languages and rules, counts and minutes.
package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

// Errors of days that cannot be played.
var (
	ErrNotOver = errors.New("the day is not over")
	ErrNobody  = errors.New("nobody came on that day")
)

// Store is what is asked of a store.
type Store interface {
	Events(ctx context.Context, day string) ([]queue.Event, error)
	CheckIn(ctx context.Context, id string) (store.CheckIn, []byte, error)
}

// Report compares a day with itself under other rules.
type Report struct {
	Day      string `json:"day"`      // the office's, YYYY-MM-DD
	Visitors int    `json:"visitors"` // who were played
	// WithoutFacts is how many of them were played without the facts of their decision, which go with a check-in when it is erased:
	// the service is known, and the language where the check-in is still there.
	WithoutFacts int `json:"without_facts"`
	// Aside is how many were not played: set aside with a denied station, missing without a call that counts, or arrived after the day.
	Aside int `json:"aside"`
	// Was is the day as it was, Played the same with every visitor sent where they were sent, and With the day under the other rules.
	// What Was and Played differ in is the error of the play.
	Was    Figures `json:"was"`
	Played Figures `json:"played"`
	With   Figures `json:"with"`
	Error  Error   `json:"error"`
	Moved  int     `json:"moved"` // visitors whom the other rules send elsewhere
	Moves  []Move  `json:"moves"` // the most frequent ones first
	Rules  string  `json:"rules"` // routing.Table.Hash of the other rules
	// Nowhere is how many the other rules send to a queue from which nobody called on that day.
	Nowhere int `json:"nowhere"`
	// NotThere are caseworkers of the other file who received nobody on that day, and so are not there in the play; NotInFile those who
	// received visitors, and whom the other file does not know.
	NotThere  []string `json:"not_there"`
	NotInFile []string `json:"not_in_file"`
}

// Error is how far the day, played with every visitor sent where they were sent, is from what happened: what was played less what was, in
// minutes and visitors.
type Error struct {
	P50     float64 `json:"p50_minutes"`
	P90     float64 `json:"p90_minutes"`
	Longest float64 `json:"longest_minutes"`
	Left    int     `json:"left"`
	// Moved is how many visitors the play of the office's own rules sends elsewhere; nil where the day was routed by other ones than
	// those that the office has now, or not all facts are known.
	Moved *int `json:"moved,omitempty"`
}

// Move is a number of visitors who were sent to one queue and would be sent to another.
type Move struct {
	From string `json:"from"`
	To   string `json:"to"`
	Rule string `json:"rule"` // of the other file
	N    int    `json:"visitors"`
}

// Question is what is to be played.
type Question struct {
	Day     string         // the office's, YYYY-MM-DD
	Own     *office.Office // with its present rules
	With    *office.Office // the other file
	Ceiling time.Duration  // that nobody should wait longer than; 0 for none
	Now     time.Time
}

// Run plays a day. It is ErrNotOver for a day that is not over, and ErrNobody for one on which nobody came, or of whom nobody is played.
func Run(ctx context.Context, s Store, q Question) (Report, error) {
	if q.Day >= q.Own.Day(q.Now) {
		return Report{}, ErrNotOver
	}
	events, err := s.Events(ctx, q.Day)
	if err != nil {
		return Report{}, fmt.Errorf("replay: %w", err)
	}
	p := fold(q.Day, events)
	r := Report{Day: q.Day, Visitors: len(p.order()), Rules: q.With.Routing().Hash()}
	if r.Visitors == 0 {
		return Report{}, ErrNobody
	}
	r.Aside = len(p.visitors) - r.Visitors
	known, err := p.learn(ctx, s)
	if err != nil {
		return Report{}, fmt.Errorf("replay: %w", err)
	}
	r.WithoutFacts = r.Visitors - known.facts
	m := measure(p, q.Own.Minutes)
	played := p.run(m, q.Own.Minutes, p.queues(q.Own), asItWas)
	with := p.run(m, q.With.Minutes, queuesOf(q.With), byRules(q.With))
	r.Was, r.Played, r.With = p.figures(q.Ceiling, m), played.figures(q.Ceiling), with.figures(q.Ceiling)
	r.Error = differ(r.Was, r.Played)
	if known.byRules(q.Own.Routing().Hash()) == r.Visitors {
		moves, _ := p.run(m, q.Own.Minutes, queuesOf(q.Own), byRules(q.Own)).moves()
		r.Error.Moved = &moves
	}
	r.Moved, r.Moves = with.moves()
	r.compare(p, q.With, with)
	return r, nil
}

// learned is what could be learned of visitors.
type learned struct {
	facts  int
	hashes map[string]int // how many were sent by which rules
}

func (l learned) byRules(hash string) int { return l.hashes[hash] }

// learn reads the facts of the decisions.
func (p *past) learn(ctx context.Context, s Store) (learned, error) {
	l := learned{hashes: map[string]int{}}
	for _, id := range p.order() {
		c, _, err := s.CheckIn(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return l, err
		}
		v := p.visitors[id]
		if e := c.Decision.Explanation; e != nil {
			v.facts = e.Facts
			l.facts++
			l.hashes[e.Rules]++
		} else {
			v.facts = routing.Facts{Service: c.Service, Language: c.Language, Verdict: routed(c.Verdict), Persons: c.Persons}
		}
		p.visitors[id] = v
	}
	return l, nil
}

// routed is the verdict that rules go by: of what nobody could read they take the worst.
func routed(v verify.Verdict) verify.Verdict {
	if v == store.Unreadable {
		return verify.Doubtful
	}
	return v
}

// asItWas sends every visitor to where they were sent.
func asItWas(v visitor, _ map[string]routing.Load) (queue, rule string) { return v.queue, "" }

// byRules sends visitors by the rules of an office file.
func byRules(o *office.Office) sender {
	return func(v visitor, loads map[string]routing.Load) (queue, rule string) {
		f := v.facts
		f.At = o.Local(v.arrived)
		d := o.Routing().Decide(f, loads)
		return d.Caseworker, d.Rule
	}
}

// queuesOf are the queues from which each caseworker of an office file calls.
func queuesOf(o *office.Office) map[string][]string {
	queues := map[string][]string{}
	for _, c := range o.Caseworkers {
		queues[c.ID] = o.QueuesOf(c.ID)
	}
	return queues
}

// queues are those from which each caseworker of the day called: as the office file has it, and from which pools they did, should it
// have changed.
func (p *past) queues(o *office.Office) map[string][]string {
	queues := map[string][]string{}
	for caseworker := range p.spans {
		queues[caseworker] = o.QueuesOf(caseworker)
	}
	for _, v := range p.visitors {
		_, person := o.Caseworker(v.queue)
		if _, there := p.spans[v.queue]; person || there || len(v.visits) == 0 {
			continue
		}
		if by := v.visits[0].by; !slices.Contains(queues[by], v.queue) {
			queues[by] = append(queues[by], v.queue)
		}
	}
	return queues
}

func differ(was, played Figures) Error {
	less := func(a, b float64) float64 { return math.Round(10*(a-b)) / 10 }
	return Error{P50: less(played.Wait.P50, was.Wait.P50), P90: less(played.Wait.P90, was.Wait.P90),
		Longest: less(played.Wait.Longest, was.Wait.Longest), Left: played.Left - was.Left}
}

// moves counts who was sent elsewhere than on the day.
func (d *play) moves() (moved int, moves []Move) {
	counts := map[Move]int{}
	for n, o := range d.outcomes {
		if from := d.past.visitors[d.ids[n]].queue; from != o.queue {
			counts[Move{From: from, To: o.queue, Rule: o.rule}]++
			moved++
		}
	}
	moves = []Move{}
	for m, n := range counts {
		m.N = n
		moves = append(moves, m)
	}
	slices.SortFunc(moves, func(a, b Move) int {
		return cmp.Or(b.N-a.N, cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Rule, b.Rule))
	})
	return moved, moves
}

// compare says who of the day and of the other file do not meet.
func (r *Report) compare(p *past, with *office.Office, d *play) {
	calls := map[string]bool{}
	for _, one := range d.desks {
		for _, q := range one.queues {
			calls[q] = true
		}
	}
	for _, o := range d.outcomes {
		r.Nowhere += count(!calls[o.queue])
	}
	r.NotThere, r.NotInFile = []string{}, []string{}
	for _, c := range with.Caseworkers {
		if len(p.spans[c.ID]) == 0 {
			r.NotThere = append(r.NotThere, c.ID)
		}
	}
	for _, caseworker := range slices.Sorted(maps.Keys(p.spans)) {
		if _, known := with.Caseworker(caseworker); !known {
			r.NotInFile = append(r.NotInFile, caseworker)
		}
	}
}
