package intake

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const maxLease = 200 // numbers of one request

// LeaseNumbers leases numbers of the office's present day.
func (s *Service) LeaseNumbers(ctx context.Context, r *stationv1.LeaseNumbersRequest) (*stationv1.LeaseNumbersResponse, error) {
	if _, err := uuid.Parse(r.RequestId); err != nil {
		return nil, status.Error(codes.InvalidArgument, "request_id is not a UUID")
	}
	if r.Count < 1 || r.Count > maxLease {
		return nil, status.Errorf(codes.InvalidArgument, "count is not 1 to %d", maxLease)
	}
	day := s.office.Day(s.now())
	if r.Day != "" && r.Day != day {
		return nil, status.Errorf(codes.FailedPrecondition, "it is %s at the office: check the station's clock and the office's", day)
	}
	l, epoch, err := s.lease(ctx, r, day)
	if errors.Is(err, store.ErrEpochEnded) { // one has begun between two questions, which none does again within an hour
		l, epoch, err = s.lease(ctx, r, day)
	}
	switch {
	case errors.Is(err, store.ErrNoNumbersLeft):
		return nil, status.Error(codes.ResourceExhausted, store.ErrNoNumbersLeft.Error())
	case errors.Is(err, store.ErrStationHasMost):
		s.log.Warn("a station asked for more ticket numbers than it may have in a day", "station", stationOf(ctx), "most", s.options.NumbersADay)
		return nil, status.Error(codes.ResourceExhausted, store.ErrStationHasMost.Error())
	case err != nil:
		return nil, err
	}
	return &stationv1.LeaseNumbersResponse{
		Prefix: l.Prefix, First: int32(l.First), Count: int32(l.Count), Day: l.Day, Epoch: epoch, Lease: l.Lease,
	}, nil
}

// lease leases numbers of a day in the present epoch, and says which that is.
func (s *Service) lease(ctx context.Context, r *stationv1.LeaseNumbersRequest, day string) (l store.Lease, id string, err error) {
	epoch, err := s.store.Epoch(ctx)
	if err != nil {
		return store.Lease{}, "", err
	}
	prefix := s.office.TicketPrefix
	if !epoch.Began.IsZero() && day <= s.office.Day(epoch.Began) { // earlier: the clock was ahead then
		prefix = restoredPrefix(prefix, epoch.Began)
	}
	l, err = s.store.LeaseNumbers(ctx, store.LeaseRequest{
		Station: stationOf(ctx), ID: r.RequestId, Epoch: epoch.ID, Prefix: prefix, Day: day, Count: int(r.Count), Most: s.options.NumbersADay,
	})
	return l, epoch.ID, err
}

// Where an office was restored, its tickets bear two other letters until midnight. They tell when that was, so that they
// are others after every restore of a day, without anything to remember.
const (
	alphabet = 26
	pairs    = alphabet * alphabet
	pairSlot = 134 * time.Second // the longest day, 25 hours, has fewer of these than there are pairs
)

// restoredPrefix is the prefix of tickets of an epoch on the day on which it began: "A" becomes "AQK", as do "AB" and "ABC".
func restoredPrefix(prefix string, began time.Time) string {
	n := began.Unix() / int64(pairSlot/time.Second)
	for {
		n %= pairs
		if restored := prefix[:1] + letter(n/alphabet) + letter(n%alphabet); restored != prefix {
			return restored
		}
		n++
	}
}

func letter(n int64) string { return string(rune('A' + n)) }

// observe begins a new epoch when a station knows of more leases than the office does: it was restored, and nobody said so.
func (s *Service) observe(ctx context.Context, r *stationv1.GetOfficeRequest) error {
	restored, err := s.store.ObserveLease(ctx, r.Epoch, r.Lease, s.now())
	if restored {
		s.log.Error("a station knows of ticket numbers that this office does not: the office was restored from a backup, and gives out different numbers from now on",
			"station", stationOf(ctx))
	}
	return err
}
