package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// WalkIn is a visitor whom a member of staff admits without a station. A virtual desk is a desk.
type WalkIn struct {
	ID       string // of the check-in, a UUID that the form was made with: the same one twice is the same visitor
	Desk     string // a room's id
	Service  string // id; empty for a visitor who asks for a member of staff
	Language string // BCP 47
}

// fromDesk is what a desk is called where others are named by their station. No station has such a name: it has a slash.
const fromDesk = "desk/"

// ErrNoSuchVisit says that a walk-in names no service of this office, or has no id.
var ErrNoSuchVisit = errors.New("no such service, or no id")

// WalkIn admits a visitor by hand, with a number from a range that the desk leases as stations do, and gives the ticket. It is
// ErrNoSuchVisit for what cannot be admitted, store.ErrNoNumbersLeft or store.ErrStationHasMost where there is no number.
func (s *Service) WalkIn(ctx context.Context, w WalkIn) (ticket string, err error) {
	_, known := s.office.Service(w.Service)
	if _, err := uuid.Parse(w.ID); err != nil || w.Service != "" && !known {
		return "", ErrNoSuchVisit
	}
	at := s.now()
	day := s.office.Day(at)
	ctx = context.WithValue(ctx, callerKey{}, caller{station: fromDesk + w.Desk})
	l, _, err := s.lease(ctx, &stationv1.LeaseNumbersRequest{RequestId: w.ID, Count: 1}, day)
	if err != nil {
		return "", fmt.Errorf("walk-in: %w", err)
	}
	a := store.Admission{
		CheckIn: store.CheckIn{ID: w.ID, Station: stationOf(ctx), ConfirmedAt: at, Service: w.Service, Language: w.Language,
			Ticket: fmt.Sprintf("%s-%d", l.Prefix, l.First), Day: day},
		Today: day, At: at, Request: []byte(fromDesk),
	}
	desks, err := s.forecast.desks(ctx, a.Service, a.At)
	if err != nil {
		return "", fmt.Errorf("walk-in: %w", err)
	}
	err = s.store.Admit(ctx, a, func(queue []store.Queued) store.Placement { return s.place(a, queue, desks) })
	if err != nil {
		if there, lookErr := s.store.Submitted(ctx, w.ID); lookErr == nil && there.Station == a.Station { // clicked twice
			return a.Ticket, nil
		}
		return "", fmt.Errorf("walk-in: %w", err)
	}
	return a.Ticket, nil
}
