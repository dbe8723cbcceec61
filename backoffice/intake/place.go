package intake

import (
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

// place chooses the caseworker, and counts for the visitor who comes before: of those for the same service, whoever
// receives them, since a verdict decides in whose queue one stands.
func (s *Service) place(c store.CheckIn, queue []store.Queued) store.Placement {
	waiting := map[string]int{}
	for _, v := range queue {
		waiting[v.Caseworker]++
	}
	p := store.Placement{Decision: routing.Decide(s.office.Routes, routing.Visit{Service: c.Service, Verdict: routed(c.Verdict)}, waiting)}
	p.Room = s.office.RoomOf(p.Decision.Caseworker)
	for _, v := range queue {
		if v.Service == c.Service {
			p.Ahead++
			p.Wait += s.office.Minutes(v.Service)
		}
	}
	return p
}

// routed is the verdict that the rules go by: of what nobody could read they take the worst.
func routed(v verify.Verdict) verify.Verdict {
	if v == store.Unreadable {
		return verify.Doubtful
	}
	return v
}
