package demo_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// busy is a station that hands in one check-in after the other.
type busy struct {
	*checkintest.Station
	unanswered []submission // at most one
	answered   []submission
}

// handIn hands check-ins in until the back office is gone, the one that had no answer first.
func (b *busy) handIn(ctx context.Context, answered func()) {
	for {
		if len(b.unanswered) == 0 {
			c := checkintest.Genuine(time.Now())
			request, uploads, err := b.Prepare(ctx, c)
			if err != nil {
				return
			}
			b.unanswered = []submission{{c, request, uploads}}
		}
		if b.unanswered[0].again(ctx, b.Station) != nil {
			return
		}
		b.answered, b.unanswered = append(b.answered, b.unanswered[0]), nil
		answered()
	}
}

func TestABackOfficeKilledUnderTheLoadOfManyStationsLosesAndDoublesNobody(t *testing.T) {
	const stations, kills = 5, 4
	dir := t.TempDir()
	config, _ := prepare(t, dir)
	pki := filepath.Join(dir, "pki")
	authority, err := ca.OpenAuthority(pki, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	all := make([]*busy, stations)
	for i := range all {
		all[i] = &busy{}
		if err := authority.Station("utopia", fmt.Sprint("busy-", i)); err != nil {
			t.Fatal(err)
		}
	}
	when := rand.New(rand.NewPCG(14, 14))
	for range kills {
		address, kill := start(t, dir)
		var handing sync.WaitGroup
		come := make(chan struct{}, 1000)
		for i, b := range all {
			b.Station = connectAs(t, dir, fmt.Sprint("busy-", i), address)
			handing.Go(func() { b.handIn(t.Context(), func() { come <- struct{}{} }) })
		}
		for range 1 + when.IntN(2*stations) {
			<-come
		}
		time.Sleep(time.Duration(when.IntN(30)) * time.Millisecond) // any moment of those that are under way
		kill()
		handing.Wait()
	}
	address, kill := start(t, dir)
	var everybody []submission
	for i, b := range all {
		b.Station = connectAs(t, dir, fmt.Sprint("busy-", i), address)
		for _, s := range append(b.answered, b.unanswered...) { // who has an answer gets the same again
			if err := s.again(t.Context(), b.Station); err != nil {
				t.Errorf("submitted again: %v", err)
			}
			everybody = append(everybody, s)
		}
	}
	kill()
	t.Logf("%d check-ins in %d kills", len(everybody), kills)
	wantOnceAndWhole(t, config, everybody)
}
