package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

func erasing() []promise {
	return []promise{
		{"what was confirmed long ago is overdue, in the order of arrival", overdue},
		{"what is forgotten leaves no record behind", forgotten},
		{"many are forgotten at once, and leave the others", forgottenTogether},
		{"what is dated later than now is as of now", notLater},
		{"what erasing waits for is kept until it is released", held},
		{"a person confirms once what is held", confirmed},
		{"erasing that has ended believes the clock", believed},
	}
}

func overdue(t *testing.T, s Store) {
	arrive(t, s, 5, "brandt")
	late := visitor(1)
	late.At = noon.Add(time.Hour)
	admit(t, s, late, with("brandt"))
	arrive(t, s, 9, "brandt")
	must(t, s.Call(t.Context(), "brandt", numbered(5), noon))
	must(t, s.Finish(t.Context(), "brandt", numbered(5), store.Done, noon))
	due, err := s.Overdue(t.Context(), noon.Add(9*time.Minute))
	if err != nil || len(due) != 2 || due[0].ID != numbered(5) || due[1].ID != numbered(1) {
		t.Fatalf("overdue: %+v, %v", due, err)
	}
	if !due[1].Confirmed.Equal(noon.Add(time.Minute)) || !due[1].Arrived.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", due[1])
	}
}

func forgottenTogether(t *testing.T, s Store) {
	for n := range 6 {
		arrive(t, s, n, "brandt")
	}
	must(t, s.Forget(t.Context()))
	must(t, s.Forget(t.Context(), numbered(0), numbered(3), "nobody", numbered(4)))
	queue, err := s.Queue(t.Context())
	if got := tickets(queue); err != nil || !slices.Equal(got, []string{"A-1", "A-2", "A-5"}) {
		t.Errorf("%q are left, %v", got, err)
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 3 {
		t.Errorf("%d of those who waited are told of, %v", len(left), err)
	}
}

func forgotten(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	must(t, errors.Join(s.Forget(t.Context(), id), s.Forget(t.Context(), id)))
	if _, _, err := s.CheckIn(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("check-in: %v", err)
	}
	if _, err := s.Submitted(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("request: %v", err)
	}
	if _, err := s.Uploaded(t.Context(), "station-1", id, []byte{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("upload: %v", err)
	}
	if n, err := s.CountCheckIns(t.Context()); err != nil || n != 0 {
		t.Errorf("%d are kept, %v", n, err)
	}
	if n, err := s.Stored(t.Context(), "station-1", time.Time{}, noon); err != nil || n != 0 {
		t.Errorf("%d bytes are kept, %v", n, err)
	}
}

func notLater(t *testing.T, s Store) {
	ahead := of(1, "2027-01-01", "2027-01-01")
	ahead.ConfirmedAt, ahead.At = noon.AddDate(1, 0, 0), noon.AddDate(1, 0, 0)
	admit(t, s, ahead, with("brandt"))
	arrive(t, s, 2, "brandt")
	must(t, s.NewEpoch(t.Context(), noon.AddDate(1, 0, 0)))
	must(t, s.NotLater(t.Context(), noon.Add(5*time.Minute), today))
	if c, _, err := s.CheckIn(t.Context(), ahead.ID); err != nil || c.VisitDay != today || !c.ConfirmedAt.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("of the future: %+v, %v", c, err)
	}
	if c, _, err := s.CheckIn(t.Context(), numbered(2)); err != nil || !c.ConfirmedAt.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("of the past: %+v, %v", c, err)
	}
	if e := epoch(t, s); !e.Began.Equal(noon.Add(5 * time.Minute)) {
		t.Errorf("the epoch began at %v", e.Began)
	}
	due, err := s.Overdue(t.Context(), noon.AddDate(2, 0, 0))
	if err != nil || len(due) != 2 || !due[0].Arrived.Equal(noon.Add(5*time.Minute)) {
		t.Errorf("%+v, %v", due, err)
	}
}

// sameHold says whether two agree, moments as such.
func sameHold(a, b store.Erasing) bool {
	return a.Held == b.Held && a.DayHeld == b.DayHeld && a.Reason == b.Reason && a.Failed == b.Failed &&
		a.ClockAt.Equal(b.ClockAt) && a.Confirmed.Equal(b.Confirmed) && a.Believed.Equal(b.Believed)
}

func expectErasing(t *testing.T, s Store, want store.Erasing) {
	t.Helper()
	if got, err := s.Erasing(t.Context()); err != nil || !sameHold(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func held(t *testing.T, s Store) {
	start, err := s.Erasing(t.Context())
	must(t, err)
	want := store.Erasing{Believed: start.Believed, Reason: store.HoldClock, Held: 22, DayHeld: 5, ClockAt: noon}
	must(t, s.HoldErasing(t.Context(), want))
	expectErasing(t, s, want)
	want.Reason, want.Held, want.DayHeld = store.HoldMany, 23, 0
	must(t, s.HoldErasing(t.Context(), want))
	expectErasing(t, s, want)
	must(t, s.ReleaseErasing(t.Context()))
	expectErasing(t, s, start)
}

func confirmed(t *testing.T, s Store) {
	if err := s.ConfirmErasing(t.Context(), "lead", noon, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("nothing is held: %v", err)
	}
	start, err := s.Erasing(t.Context())
	must(t, err)
	want := store.Erasing{Believed: start.Believed, Reason: store.HoldMany, Held: 22, ClockAt: noon}
	must(t, s.HoldErasing(t.Context(), want))
	if err := s.ConfirmErasing(t.Context(), "lead", noon.Add(-time.Hour), noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("what an older page shows: %v", err)
	}
	must(t, s.ConfirmErasing(t.Context(), "lead", noon, noon.Add(time.Minute)))
	if err := s.ConfirmErasing(t.Context(), "lead", noon, noon.Add(time.Minute)); !errors.Is(err, store.ErrTaken) {
		t.Errorf("twice: %v", err)
	}
	want.Confirmed = noon
	expectErasing(t, s, want)
	want.ClockAt, want.Confirmed = noon.Add(time.Hour), time.Time{}
	must(t, s.HoldErasing(t.Context(), want)) // something else is held since
	expectErasing(t, s, want)
}

func believed(t *testing.T, s Store) {
	must(t, s.EndErasing(t.Context(), noon, 3))
	expectErasing(t, s, store.Erasing{Believed: noon, Failed: 3})
	must(t, s.EndErasing(t.Context(), noon.Add(time.Hour), 0))
	expectErasing(t, s, store.Erasing{Believed: noon.Add(time.Hour)})
}
