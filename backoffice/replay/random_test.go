package replay_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/replay"
)

// TestWhateverALogHoldsThePlayEndsAndCountsEverybody draws logs that no office would write, with clocks that jump.
func TestWhateverALogHoldsThePlayEndsAndCountsEverybody(t *testing.T) {
	own, with := office(t, shortest), office(t, pooled)
	kinds := append(queue.Steps(), queue.KindArrived, queue.KindLeft, queue.KindSetAside, queue.KindReadmitted, queue.KindMoved, queue.KindErased,
		queue.KindShared, queue.KindAway, queue.KindHome, queue.KindBack, "opened")
	rapid.Check(t, func(rt *rapid.T) {
		d := newDay()
		for n := range 4 {
			d.arrives(fmt.Sprint(n), n, "permit", "de", "anna")
		}
		for range rapid.IntRange(0, 40).Draw(rt, "events") {
			d.events = append(d.events, queue.Event{
				At: at(rapid.IntRange(-10, 600).Draw(rt, "minute")), Day: rapid.SampledFrom([]string{date, date, "2026-03-03"}).Draw(rt, "day"),
				Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), By: rapid.SampledFrom([]string{"anna", "boris", "@lead"}).Draw(rt, "by"),
				CheckIn: rapid.SampledFrom([]string{"0", "1", "2", "3", "4", ""}).Draw(rt, "visitor"), Queue: rapid.SampledFrom([]string{"anna", "both", ""}).Draw(rt, "queue"),
			})
		}
		r, err := replay.Run(t.Context(), d, replay.Question{Day: date, Own: own, With: with, Ceiling: time.Minute, Now: morning.AddDate(0, 0, 1)})
		if errors.Is(err, replay.ErrNobody) {
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		for _, f := range []replay.Figures{r.Was, r.Played, r.With} {
			if f.Received > r.Visitors || f.Received+f.Left < r.Visitors || f.Wait.P50 > f.Wait.P90 || f.Wait.P90 > f.Wait.Longest {
				rt.Fatalf("%d visitors: %+v", r.Visitors, f)
			}
			for _, s := range f.Staff {
				if s.Utilisation < 0 || s.Utilisation > 1 || s.There < 0 {
					rt.Fatalf("%+v", s)
				}
			}
		}
	})
}
