package intake_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// restored is a store in which a new epoch begins right after somebody has asked for the present one.
type restored struct {
	*store.Store
	t    *testing.T
	once sync.Once
}

func (s *restored) Epoch(ctx context.Context) (store.Epoch, error) {
	e, err := s.Store.Epoch(ctx)
	s.once.Do(func() {
		if err := s.NewEpoch(ctx, noon); err != nil {
			s.t.Error(err)
		}
	})
	return e, err
}

func TestNumbersThatAreAskedForWhileAnEpochBeginsAreOfThatOne(t *testing.T) {
	b := checkintest.StartOver(t, func() time.Time { return noon }, t.Output(), func(s *store.Store) intake.Store {
		return &restored{Store: s, t: t}
	})
	r, err := b.Station(t, "utopia", "station-1").LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 20})
	if err != nil {
		t.Fatal(err)
	}
	e, err := b.Store.Epoch(t.Context())
	if err != nil || r.Epoch != e.ID || len(r.Prefix) != 3 {
		t.Errorf("leased %s-%d of the epoch %s; it is %s, %v", r.Prefix, r.First, r.Epoch, e.ID, err)
	}
}
