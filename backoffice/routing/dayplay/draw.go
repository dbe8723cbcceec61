package dayplay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// services are the kinds of visit, with how many of a hundred visitors come for each and how long one takes.
var services = []struct {
	id      string
	percent int
	minutes int
}{{"residence-permit", 55, 20}, {"collect-card", 30, 8}, {"appointment", 15, 10}}

// typical is how long a visit for a service takes; one for no known service takes as long as the shortest.
func typical(service string) time.Duration {
	for _, s := range services {
		if s.id == service {
			return time.Duration(s.minutes) * time.Minute
		}
	}
	return 8 * time.Minute
}

var languages = []string{"uk", "ar", "tr", "fa"}

// Draw draws a day of some visitors and caseworkers. Two in five visitors come in the first two hours, as to an office without
// appointments, and the others in the next five; 45 of a hundred have a caseworker of their own; 40 speak one of four languages and no German. Every caseworker speaks
// German, and two of the four. A visit takes from half to one and a half times what is typical, 4 minutes more where somebody else has
// the case, and a quarter more where somebody has to interpret.
func Draw(seed uint64, visitors, caseworkers int) Day {
	rng := rand.New(rand.NewPCG(seed, 14))
	d := Day{Opens: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), Unfamiliar: 4 * time.Minute, Interpreted: 125}
	for i := range caseworkers {
		d.Staff = append(d.Staff, routing.Receiver{
			ID:        fmt.Sprintf("caseworker-%d", i+1),
			Languages: []string{"de", languages[i%len(languages)], languages[(i+1+i/len(languages))%len(languages)]},
		})
	}
	for range visitors {
		d.Visitors = append(d.Visitors, d.visitor(rng))
	}
	slices.SortFunc(d.Visitors, func(a, b Visitor) int { return int(a.Arrives - b.Arrives) })
	return d
}

func (d Day) visitor(rng *rand.Rand) Visitor {
	v := Visitor{Arrives: time.Duration(rng.Int64N(int64(2 * time.Hour)))}
	if rng.IntN(5) > 1 {
		v.Arrives = 2*time.Hour + time.Duration(rng.Int64N(int64(5*time.Hour)))
	}
	at := rng.IntN(100)
	for _, s := range services {
		if at -= s.percent; at < 0 {
			v.Facts.Service = s.id
			break
		}
	}
	v.Takes = typical(v.Facts.Service)/2 + time.Duration(rng.Int64N(int64(typical(v.Facts.Service))))
	v.Facts.Verdict, v.Facts.Persons, v.Facts.Language = verify.Genuine, 1, "de"
	v.Facts.Letter = string(rune('A' + rng.IntN(26)))
	if v.Foreign = rng.IntN(100) < 40; v.Foreign {
		v.Facts.Language = languages[rng.IntN(len(languages))]
	}
	if rng.IntN(100) < 45 {
		v.Facts.OwnCase = d.own(v, rng)
	}
	return v
}

// own is the caseworker whose case a visitor's is: one who speaks the visitor's language, since that one was chosen by it before.
func (d Day) own(v Visitor, rng *rand.Rand) string {
	for {
		if c := d.Staff[rng.IntN(len(d.Staff))]; slices.Contains(c.Languages, v.Facts.Language) {
			return c.ID
		}
	}
}

// Rules are those of an office that prefers the own caseworker and the language: whose case is known waits for that one for up to 45 minutes
// more than for others; who speaks one language is called by whoever speaks it and is free; everybody else by whoever is free.
func (d Day) Rules() (ByTable, error) {
	yes, why := true, map[string]string{"de": "weil"}
	staff, pools := slices.Clone(d.Staff), map[string][]string{}
	var all []string
	for _, c := range d.Staff {
		all = append(all, c.ID)
		pools["everybody"] = append(pools["everybody"], c.ID)
		for _, tag := range c.Languages[1:] {
			pools["pool-"+tag] = append(pools["pool-"+tag], c.ID)
		}
	}
	var rows []routing.Rule
	for _, tag := range languages {
		row := routing.Rule{ID: tag, Languages: []string{tag}, To: []string{"pool-" + tag}, About: why}
		own := routing.Rule{ID: "own-" + tag, Languages: []string{tag}, OwnCase: &yes, To: append([]string{"pool-" + tag}, pools["pool-"+tag]...), About: why}
		rows = append(rows, own, row)
	}
	rows = append(rows, routing.Rule{ID: "own", OwnCase: &yes, To: append([]string{"everybody"}, all...), About: why},
		routing.Rule{ID: "everybody", To: []string{"everybody"}, About: why})
	for _, pool := range append([]string{"everybody"}, prefixed("pool-", languages)...) {
		staff = append(staff, routing.Receiver{ID: pool, Members: pools[pool]})
	}
	table, err := routing.New(rows, staff, routing.Weights{OwnCase: 45, Wait: 1})
	return ByTable{table, pools}, err
}

func prefixed(prefix string, names []string) (all []string) {
	for _, name := range names {
		all = append(all, prefix+name)
	}
	return all
}
