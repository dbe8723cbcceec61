package console

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

// why is the reason for which a visitor waits where they do, in the viewer's language.
type why struct {
	Queues     []string // how long the queues were, in decisions without an explanation: "Jana Brandt 2"
	Passed     []passedRow
	Candidates []candidateRow
	Rules      string // the first digits of the rules' hash; empty without an explanation
	Neighbours []neighbour
}

// passedRow is a rule that did not decide.
type passedRow struct {
	Rule, About string // id, and the reason that the rule gives today; empty where there is no such rule any more
	Cell, Saw   string // a text's key, and the value in words; empty where it was not known
	Candidates  []candidateRow
}

// candidateRow is one to whom a rule could have sent.
type candidateRow struct {
	Name    string
	Chosen  bool
	Refused string // key of the text of the cell that said no; empty for who fitted
	Saw     string
	routing.Candidate
}

// neighbour is another visitor in the same queue, and why they come before or after.
type neighbour struct {
	Reason string // key of a text that takes the ticket
	Ticket string // as it is spoken
}

// why words the reason for a decision; of a visitor who waits, also before and after whom.
func (c *Console) why(ctx context.Context, f frame, in store.CheckIn) (w why, err error) {
	d := in.Decision
	for _, name := range slices.Sorted(maps.Keys(d.Waiting)) {
		w.Queues = append(w.Queues, fmt.Sprintf("%s %d", c.nameOf(name), d.Waiting[name]))
	}
	if e := d.Explanation; e != nil {
		w.Rules, w.Candidates = e.Rules[:min(12, len(e.Rules))], c.candidates(f, e.Candidates, d.Caseworker)
		for _, p := range e.Passed {
			w.Passed = append(w.Passed, passedRow{
				Rule: p.Rule, About: c.aboutRule(f, p.Rule), Cell: cellKey(p.Cell), Saw: c.saw(f, p.Cell, p.Saw), Candidates: c.candidates(f, p.Candidates, ""),
			})
		}
	}
	if in.State != store.Waiting || in.Closed {
		return w, nil
	}
	queue, err := c.store.Queue(ctx)
	for _, n := range neighbours(queue, in) {
		w.Neighbours = append(w.Neighbours, neighbour{n.reason, c.row(f.Viewer, n.CheckIn).Spoken()})
	}
	return w, err
}

func (c *Console) candidates(f frame, all []routing.Candidate, chosen string) (rows []candidateRow) {
	for _, one := range all {
		row := candidateRow{Name: c.nameOf(one.Queue), Chosen: one.Queue == chosen, Candidate: one}
		if one.Refused != "" {
			row.Refused, row.Saw = cellKey(one.Refused), c.saw(f, one.Refused, one.Saw)
		}
		rows = append(rows, row)
	}
	return rows
}

func (c *Console) aboutRule(f frame, id string) string {
	for _, r := range c.office.Routes {
		if r.ID == id {
			return inLanguage(r.About, f.Viewer.Language)
		}
	}
	return ""
}

func cellKey(cell routing.Cell) string { return "why.cell." + string(cell) }

// saw words the value that a cell saw; empty for one that was not known.
func (c *Console) saw(f frame, cell routing.Cell, value string) string {
	switch cell {
	case routing.CellService:
		if s, ok := c.office.Service(value); ok {
			return inLanguage(s.Names, f.Viewer.Language)
		}
		return f.Name("why.service", value)
	case routing.CellVerdict:
		if value != "" {
			return f.Name("verdict", value)
		}
	case routing.CellLanguage:
		if value != "" {
			return f.Name("language", value)
		}
	case routing.CellNationality:
		return f.State(value)
	case routing.CellAppointment, routing.CellOwnCase:
		return f.Name("why."+string(cell), value)
	case routing.CellValidFrom, routing.CellValidUntil, routing.CellAbsent:
		return f.Date(value)
	case routing.CellHours:
		_, clock, _ := strings.Cut(value, " ")
		return clock
	}
	return value
}

// placed is a visitor beside another in a queue, and the key of the text that says why.
type placed struct {
	store.CheckIn
	reason string
}

// neighbours are the visitors right before and right after one in a queue, of those who wait. All is in the order in which visitors
// are called from one queue, which today is the one of their arrival here.
func neighbours(all []store.CheckIn, in store.CheckIn) (beside []placed) {
	same := slices.DeleteFunc(slices.Clone(all), func(other store.CheckIn) bool {
		return other.State != store.Waiting || other.Decision.Caseworker != in.Decision.Caseworker
	})
	at := slices.IndexFunc(same, func(other store.CheckIn) bool { return other.ID == in.ID })
	if at > 0 {
		beside = append(beside, placed{same[at-1], "why.arrived_after"})
	}
	if at >= 0 && at+1 < len(same) {
		beside = append(beside, placed{same[at+1], "why.arrived_before"})
	}
	return beside
}
