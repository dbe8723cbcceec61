package routing

import (
	"slices"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/verify"
)

// Resort is how far a decision had to go beyond the conditions of the last row's candidates, so that there was one.
type Resort string

// The resorts; empty for an ordinary decision.
const (
	ResortPresent Resort = "present" // to one who is there, but is not in charge, or has as many waiting as may be
	ResortAbsent  Resort = "absent"  // nobody is there at all: somebody has to be told
)

// Decision is a queue and, in short, the reason for the choice. It is kept as it is, so that it can be understood after the rules have
// changed.
type Decision struct {
	Rule       string            `json:"rule"`
	About      map[string]string `json:"about"`
	Caseworker string            `json:"caseworker"` // whose queue it is: a caseworker's id, or a pool's
	Resort     Resort            `json:"resort,omitempty"`
	// Waiting is how many stood in the queue of each candidate, in decisions that are older than explanations.
	Waiting map[string]int `json:"waiting,omitempty"`
	// Explanation is the whole reason. It is kept beside the decision, which lists of many visitors read without it; nil there, and
	// where there is none.
	Explanation *Explanation `json:"-"`
}

// Explanation is what a decision saw, and everything that said no. It is erased with its check-in.
type Explanation struct {
	Facts      Facts       `json:"facts"`
	Rules      string      `json:"rules"` // Table.Hash
	Passed     []Passed    `json:"passed,omitempty"`
	Candidates []Candidate `json:"candidates"` // of the row that decided, in its order
}

// Passed is a row that did not decide.
type Passed struct {
	Rule string `json:"rule"`
	Cell Cell   `json:"cell"`          // that said no
	Saw  string `json:"saw,omitempty"` // empty where the value is not known
	// Candidates are those of a row that fitted, each with the cell that refused it.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is a queue that a row names.
type Candidate struct {
	Queue   string   `json:"queue"`
	Refused Cell     `json:"refused,omitempty"` // the cell that said no; empty for one that fits
	Saw     string   `json:"saw,omitempty"`
	Waiting int      `json:"waiting"`
	Minutes int      `json:"minutes,omitempty"` // of expected wait: of work in the own queue, and of the own share of that in pools
	Points  []Points `json:"points,omitempty"`  // by preference; those that gave none are left out
	Total   int      `json:"total"`
}

// Preference is one of Weights, by its name in the office file.
type Preference string

// The preferences.
const (
	OwnCase     Preference = "own_case"
	Appointment Preference = "appointment"
	Language    Preference = "language"
	Letters     Preference = "letters"
	Nationality Preference = "nationality"
	Shortness   Preference = "load"
	Wait        Preference = "wait"
)

// Points is what a preference gave a candidate, or took away.
type Points struct {
	Preference Preference `json:"preference"`
	Points     int        `json:"points"`
}

func (w Weights) all() []Points {
	return []Points{{OwnCase, w.OwnCase}, {Appointment, w.Appointment}, {Language, w.Language}, {Letters, w.Letters},
		{Nationality, w.Nationality}, {Shortness, w.Load}, {Wait, w.Wait}}
}

// Decide chooses the queue for a visitor, and says why. Loads are the queues as they are; one that is not there is empty.
func (t *Table) Decide(f Facts, loads map[string]Load) Decision {
	e := &Explanation{Facts: f, Rules: t.hash}
	for i := range t.rows {
		r := &t.rows[i]
		if no, saw := r.refuses(&f); no != "" {
			e.Passed = append(e.Passed, Passed{Rule: r.ID, Cell: no, Saw: saw})
			continue
		}
		candidates := t.weigh(r, &f, loads)
		best, resort := choose(candidates, i == len(t.rows)-1)
		if best < 0 {
			e.Passed = append(e.Passed, Passed{Rule: r.ID, Cell: CellTo, Candidates: candidates})
			continue
		}
		e.Candidates = candidates
		return Decision{Rule: r.ID, About: r.About, Caseworker: candidates[best].Queue, Resort: resort, Explanation: e}
	}
	panic("routing: the last row of a checked table said no")
}

// weigh asks every candidate of a row.
func (t *Table) weigh(r *row, f *Facts, loads map[string]Load) []Candidate {
	candidates, work := make([]Candidate, len(r.To)), works{f, loads, map[*receiver]time.Duration{}}
	for i, id := range r.To {
		c, load := &candidates[i], loads[id]
		to := t.receivers[id]
		var ready []*receiver
		c.Queue, c.Waiting = id, load.Waiting
		c.Refused, c.Saw, ready = to.refuses(f, load)
		c.Minutes = int((work.before(ready) + time.Minute - 1) / time.Minute)
		if c.Refused == "" && r.LongestWait > 0 && c.Minutes > r.LongestWait {
			c.Refused, c.Saw = CellWait, strconv.Itoa(c.Minutes)
		}
		for _, p := range t.preferences {
			if p.Points *= deserves(p.Preference, f, c, ready); p.Points != 0 {
				c.Points = append(c.Points, p)
				c.Total += p.Points
			}
		}
	}
	return candidates
}

// works is what those who could call a visitor have to do before.
type works struct {
	facts  *Facts
	loads  map[string]Load
	shares map[*receiver]time.Duration // of a pool's work for each of its members who fit
}

// before is how long it takes until one of some receivers, on average, has nobody left who came before.
func (w works) before(ready []*receiver) (work time.Duration) {
	for _, r := range ready {
		work += w.loads[r.ID].Work
		for _, pool := range r.pools {
			work += w.share(pool)
		}
	}
	return work / time.Duration(max(1, len(ready)))
}

func (w works) share(pool *receiver) time.Duration {
	share, known := w.shares[pool]
	if !known {
		_, ready := pool.refusePool(w.facts)
		share = w.loads[pool.ID].Work / time.Duration(max(1, len(ready)))
		w.shares[pool] = share
	}
	return share
}

// deserves is how often a candidate gets the points of a preference: once or never, and minus once for each who waits and each minute.
// A pool gets those that whoever of it calls the visitor would get.
func deserves(p Preference, f *Facts, c *Candidate, ready []*receiver) int {
	once := func(fits func(*receiver) bool) int {
		if slices.ContainsFunc(ready, func(r *receiver) bool { return !fits(r) }) {
			return 0
		}
		return 1
	}
	switch p {
	case OwnCase:
		return once(func(r *receiver) bool { return f.OwnCase != "" && r.ID == f.OwnCase })
	case Appointment:
		return once(func(r *receiver) bool { return f.With != "" && r.ID == f.With })
	case Language:
		return once(func(r *receiver) bool { return speaks(r.Languages, f.Language) })
	case Letters:
		return once(func(r *receiver) bool { return r.letters.has(f.Letter) })
	case Nationality:
		return once(func(r *receiver) bool { return slices.Contains(r.Nationalities, f.Nationality) })
	case Shortness:
		return -share(c.Waiting, len(ready))
	}
	return -c.Minutes
}

// share is each one's part of something, rounded up.
func share(n, among int) int {
	among = max(1, among)
	return (n + among - 1) / among
}

// choose gives the best of the candidates that fit, the first of equals; -1 for none. On the last row it takes who is there, and then
// anybody.
func choose(candidates []Candidate, last bool) (best int, resort Resort) {
	best = highest(candidates, func(no Cell) bool { return no == "" })
	if best < 0 && last {
		best, resort = highest(candidates, func(no Cell) bool { return no != CellAbsent && no != CellHours }), ResortPresent
	}
	if best < 0 && last {
		best, resort = highest(candidates, func(Cell) bool { return true }), ResortAbsent
	}
	return best, resort
}

func highest(candidates []Candidate, may func(Cell) bool) int {
	best := -1
	for i, c := range candidates {
		if may(c.Refused) && (best < 0 || c.Total > candidates[best].Total) {
			best = i
		}
	}
	return best
}

// Reach lists the queues to which a visitor for a service, empty for one who asked for a member of staff, can be sent, whoever the
// visitor is, whatever the day, whoever waits, and whichever of the verdicts the document gets.
func (t *Table) Reach(service string, verdicts []verify.Verdict) (queues []string) {
	for _, verdict := range verdicts {
		f := Facts{Service: service, Verdict: verdict}
		for i := range t.rows {
			r := &t.rows[i]
			if len(r.Services) > 0 && !slices.Contains(r.Services, f.service()) || len(r.Verdicts) > 0 && !slices.Contains(r.Verdicts, verdict) {
				continue
			}
			queues = append(queues, r.To...)
			if !r.asksMore() && slices.ContainsFunc(r.To, func(id string) bool { return t.receivers[id].always(f.service()) }) {
				break
			}
		}
	}
	slices.Sort(queues)
	return slices.Compact(queues)
}

// Present says whether a receiver is there at a moment, as the office's clocks show it, by the hours and the days of absence: for a pool
// whether one of its members is. Nobody is there whom the table does not know.
func (t *Table) Present(id string, at time.Time) bool {
	r := t.receivers[id]
	if r == nil {
		return false
	}
	if len(r.Members) > 0 {
		return slices.ContainsFunc(r.members, func(m *receiver) bool { return t.Present(m.ID, at) })
	}
	no, _ := r.refusesAny(&Facts{At: at})
	return no != CellAbsent && no != CellHours
}
