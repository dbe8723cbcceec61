package intake

import (
	"context"

	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// booked says whether the first person of a record has an appointment today. An office that cannot tell admits the visitor as one
// without: nobody is turned away for a book that does not open.
func (s *Service) booked(ctx context.Context, r *stationv1.SubmitRequest, record *stationv1.CheckInRecord) bool {
	if s.options.Booked == nil || len(record.Persons) == 0 {
		return false
	}
	at := s.now()
	book, err := s.options.Booked.Book(ctx, s.office.Day(at))
	if err != nil {
		s.log.Error("the appointments of today cannot be read; visitors are admitted as if they had none", "check_in", r.CheckInId, "error", err)
		return false
	}
	if len(book) == 0 {
		return false
	}
	_, found := book.ByPerson(firstPerson(record, r), at)
	return found
}

// firstPerson is who stands first in a record: by the MRZ of that person's first document, and by the record where there is none that
// can be read.
func firstPerson(record *stationv1.CheckInRecord, r *stationv1.SubmitRequest) appointments.Person {
	first := record.Persons[0]
	p := appointments.Person{Surname: first.Surname, GivenNames: first.GivenNames, BirthDate: first.BirthDate}
	for _, d := range record.Documents {
		if d.Person != 1 {
			continue
		}
		if zone, err := mrz.Parse(d.Mrz, r.ConfirmedAt.AsTime()); err == nil {
			p = appointments.Person{Surname: zone.Fields.Surname, GivenNames: zone.Fields.GivenNames, BirthDate: zone.Fields.BirthDate}
		}
		break
	}
	return p
}
