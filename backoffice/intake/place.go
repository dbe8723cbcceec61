package intake

import (
	"strings"
	"time"

	tag "golang.org/x/text/language"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/waiting"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/transliterate"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// place chooses the queue, and counts for the visitor who comes before: of those for the same service, whoever receives them, since a
// verdict decides in whose queue one stands. The range that is told goes by those and by the desks for the service.
func (s *Service) place(a store.Admission, queue []store.Queued, desks []waiting.Desk) store.Placement {
	loads := map[string]routing.Load{}
	var p store.Placement
	for _, v := range queue {
		minutes := s.office.Minutes(v.Service)
		load := loads[v.Caseworker]
		loads[v.Caseworker] = routing.Load{Waiting: load.Waiting + 1, Work: load.Work + minutes}
		if v.Service == a.Service {
			p.Ahead++
			p.Wait += minutes
		}
	}
	facts := a.Facts
	facts.At, facts.Service, facts.Verdict, facts.Language = s.office.Local(a.At), a.Service, routed(a.Verdict), a.Language
	p.Told = s.forecast.told(a.Service, p.Ahead, desks)
	p.Decision = s.office.Routing().Decide(facts, loads)
	p.Room = s.office.RoomOf(p.Decision.Caseworker)
	if p.Decision.Resort == routing.ResortAbsent {
		p.Room = s.office.Lobby
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

// factsOf is what the rules look at in a record: how many persons it has, and of the first one the nationality, and the first letter
// of the primary identifier in the MRZ of that person's first document. What is not read clearly is left empty. Day is when it was read.
func factsOf(r *stationv1.CheckInRecord, day time.Time) (f routing.Facts) {
	f.Persons = len(r.Persons)
	if f.Persons == 0 {
		return f
	}
	name := transliterate.Zone(r.Persons[0].Surname, tag.Und)
	f.Nationality = mrz.StandardState(r.Persons[0].Nationality)
	for _, d := range r.Documents {
		if d.Person != 1 {
			continue
		}
		if zone, err := mrz.Parse(d.Mrz, day); err == nil {
			name, f.Nationality = zone.Fields.Surname, mrz.StandardState(zone.Fields.Nationality)
		}
		break
	}
	if name = strings.ToUpper(name); name != "" && 'A' <= name[0] && name[0] <= 'Z' {
		f.Letter = name[:1]
	}
	return f
}
