package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func lobby() []promise {
	return []promise{
		{"the last calls are told, the last one first", lastCalls},
		{"the last call is the last one, whatever the clock said at those before", callsByAClockThatWasAhead},
		{"a ticket that is no number is told to nobody in the lobby", untoldTicket},
		{"a visitor finds the own visit by the ticket's token until it ends", ownVisit},
		{"a visitor is told how many came before for the same service, in whoever's queue", sameService},
		{"who stepped away is not called as the next one, and keeps the place", stepsAway},
		{"stepping away twice is stepping away once, and a few times at most", awayAFewTimes},
		{"a display is paired once", pairedOnce},
		{"a display that is removed, or paired anew, has lost its token", lostDisplay},
	}
}

// called are the tickets of calls, in order.
func called(all []store.CalledVisitor) (found []string) {
	for _, c := range all {
		found = append(found, c.Ticket)
	}
	return found
}

func expectCalls(t *testing.T, s Store, callers []string, n int, want ...string) {
	t.Helper()
	if all, err := s.Calls(t.Context(), callers, n); err != nil || !slices.Equal(called(all), want) {
		t.Errorf("the last %d calls of %v are %v, %v; want %v", n, callers, called(all), err, want)
	}
}

func callsByAClockThatWasAhead(t *testing.T, s Store) {
	one, two := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	must(t, s.Call(t.Context(), "yilmaz", one, noon.Add(24*time.Hour)))
	must(t, s.Call(t.Context(), "brandt", two, noon))
	expectCalls(t, s, nil, 5, "A-2", "A-1")
}

func lastCalls(t *testing.T, s Store) {
	one, two, three := visitor(1), visitor(2), visitor(3)
	one.Language = "uk"
	three.Ticket = one.Ticket
	for _, a := range []store.Admission{one, two, three} {
		admit(t, s, a, with("brandt"))
	}
	expectCalls(t, s, nil, 5)
	must(t, s.Call(t.Context(), "yilmaz", two.ID, noon.Add(time.Minute)))
	must(t, s.Call(t.Context(), "brandt", one.ID, noon.Add(2*time.Minute)))
	must(t, s.Finish(t.Context(), "brandt", one.ID, store.Done, noon.Add(3*time.Minute)))
	must(t, s.Call(t.Context(), "brandt", three.ID, noon.Add(2*time.Minute))) // at once, by a clock that stands still
	expectCalls(t, s, nil, 5, "A-1", "A-1", "A-2")
	expectCalls(t, s, nil, 1, "A-1")
	expectCalls(t, s, []string{"yilmaz", "okafor"}, 5, "A-2")
	all, err := s.Calls(t.Context(), []string{"brandt"}, 5)
	must(t, err)
	want := store.CalledVisitor{ID: one.ID, Ticket: "A-1", Twin: true, Station: "station-1", ConfirmedAt: one.ConfirmedAt,
		Language: "uk", CalledBy: "brandt", CalledAt: noon.Add(2 * time.Minute)}
	if len(all) != 2 || all[1] != want {
		t.Errorf("called were %+v; want last %+v", all, want)
	}
	must(t, s.Return(t.Context(), "brandt", three.ID, noon.Add(4*time.Minute)))
	expectCalls(t, s, nil, 5, "A-1", "A-2")
	_, err = s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	expectCalls(t, s, nil, 5)
}

func untoldTicket(t *testing.T, s Store) {
	odd := visitor(1)
	odd.Ticket, odd.Discrepancy = "Anna Eriksson", store.NoNumber
	admit(t, s, odd, with("brandt"))
	must(t, s.Call(t.Context(), "brandt", odd.ID, noon))
	expectCalls(t, s, nil, 5)
}

func ownVisit(t *testing.T, s Store) {
	a := visitor(1)
	a.Language = "ar"
	id := admit(t, s, a, with("brandt"))
	token := stationv1.TicketToken(id)
	v, err := s.Visit(t.Context(), token)
	if want := (store.Visit{Ticket: "A-1", Service: "appointment", Language: "ar", State: store.Waiting}); err != nil || v != want {
		t.Errorf("while waiting: %+v, %v", v, err)
	}
	must(t, s.Call(t.Context(), "yilmaz", id, noon))
	if v, err := s.Visit(t.Context(), token); err != nil || v.State != store.Called || v.CalledBy != "yilmaz" {
		t.Errorf("once called: %+v, %v", v, err)
	}
	must(t, s.Finish(t.Context(), "yilmaz", id, store.Done, noon))
	expectNoVisit(t, s, token)
	expectNoVisit(t, s, stationv1.TicketToken(numbered(2)))
	second := stationv1.TicketToken(arrive(t, s, 3, "brandt"))
	_, err = s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	expectNoVisit(t, s, second)
	must(t, s.Forget(t.Context(), id))
	expectNoVisit(t, s, token)
}

func expectNoVisit(t *testing.T, s Store, token string) {
	t.Helper()
	if v, err := s.Visit(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("found %+v, %v", v, err)
	}
	if err := s.StepAway(t.Context(), token, noon, noon.Add(time.Minute), 3); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("stepped away: %v", err)
	}
	if err := s.ComeBack(t.Context(), token, noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("came back: %v", err)
	}
}

func sameService(t *testing.T, s Store) {
	other := visitor(2)
	other.Service = "collect-card"
	arrive(t, s, 1, "brandt")
	admit(t, s, other, with("brandt"))
	called := arrive(t, s, 3, "okafor")
	arrive(t, s, 4, "okafor")
	token := stationv1.TicketToken(arrive(t, s, 5, "brandt"))
	arrive(t, s, 6, "brandt")
	must(t, s.Call(t.Context(), "okafor", called, noon))
	if v, err := s.Visit(t.Context(), token); err != nil || v.Ahead != 2 {
		t.Errorf("%d come before, %v; want the first and the fourth", v.Ahead, err)
	}
}

func stepsAway(t *testing.T, s Store) {
	first, second := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "brandt")
	token := stationv1.TicketToken(first)
	changed := s.Changed()
	must(t, s.StepAway(t.Context(), token, noon, noon.Add(10*time.Minute), 3))
	select {
	case <-changed:
	case <-time.After(patience):
		t.Error("nobody was told")
	}
	if c, _, err := s.CheckIn(t.Context(), first); err != nil || !c.AwayUntil.Equal(noon.Add(10*time.Minute)) || c.State != store.Waiting {
		t.Errorf("staff is told %v, %s, %v", c.AwayUntil, c.State, err)
	}
	expectNext(t, s, noon.Add(10*time.Minute-time.Millisecond), second)
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("only who is away is left: %v", err)
	}
	must(t, s.Return(t.Context(), "brandt", expectDone(t, s, second), noon))
	expectNext(t, s, noon.Add(10*time.Minute), first) // back in the old place
	must(t, s.Return(t.Context(), "brandt", first, noon))
	must(t, s.StepAway(t.Context(), token, noon.Add(time.Hour), noon.Add(2*time.Hour), 3))
	must(t, s.ComeBack(t.Context(), token, noon.Add(time.Hour+time.Minute)))
	must(t, s.ComeBack(t.Context(), token, noon.Add(time.Hour+time.Minute)))
	expectNext(t, s, noon.Add(time.Hour+time.Minute), first)
	if err := s.StepAway(t.Context(), token, noon, noon.Add(time.Minute), 3); !errors.Is(err, store.ErrTaken) {
		t.Errorf("stepping away once called: %v", err)
	}
	if err := s.ComeBack(t.Context(), token, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("coming back once called: %v", err)
	}
}

// expectNext calls the next visitor, and takes nobody else.
func expectNext(t *testing.T, s Store, at time.Time, want string) {
	t.Helper()
	if id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, at); err != nil || id != want {
		t.Fatalf("called %s, %v; want %s", id, err, want)
	}
	if id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, at); err == nil {
		t.Fatalf("called %s too", id)
	}
}

// expectDone ends the visit of a called visitor, and gives the id.
func expectDone(t *testing.T, s Store, id string) string {
	t.Helper()
	must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon))
	return id
}

func awayAFewTimes(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	token := stationv1.TicketToken(id)
	for n, at := range []time.Time{noon, noon.Add(10 * time.Minute)} {
		must(t, s.StepAway(t.Context(), token, at, at.Add(10*time.Minute), 2))
		must(t, s.StepAway(t.Context(), token, at.Add(time.Minute), at.Add(11*time.Minute), 2))
		if v, err := s.Visit(t.Context(), token); err != nil || v.Aways != n+1 || !v.AwayUntil.Equal(at.Add(10*time.Minute)) {
			t.Errorf("after %d times: %+v, %v", n+1, v, err)
		}
	}
	if err := s.StepAway(t.Context(), token, noon.Add(20*time.Minute), noon.Add(30*time.Minute), 2); !errors.Is(err, store.ErrTooOften) {
		t.Errorf("a third time: %v", err)
	}
	must(t, s.Call(t.Context(), "brandt", id, noon)) // by name: somebody who is seen in the lobby
}

func pairedOnce(t *testing.T, s Store) {
	must(t, s.AddDisplay(t.Context(), "lobby", nil, []byte("code"), noon.Add(time.Hour)))
	must(t, s.AddDisplay(t.Context(), "first floor", []string{"204", "207"}, []byte("other code"), noon.Add(time.Hour)))
	if _, err := s.PairDisplay(t.Context(), []byte("code"), []byte("token"), noon.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("with a code that has run out: %v", err)
	}
	if _, err := s.PairDisplay(t.Context(), []byte("guess"), []byte("token"), noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("with a wrong code: %v", err)
	}
	if d, err := s.PairDisplay(t.Context(), []byte("other code"), []byte("token"), noon); err != nil || d.Name != "first floor" || !slices.Equal(d.Rooms, []string{"204", "207"}) {
		t.Errorf("paired: %+v, %v", d, err)
	}
	if _, err := s.PairDisplay(t.Context(), []byte("other code"), []byte("another"), noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("with a code that was used: %v", err)
	}
	if d, err := s.Display(t.Context(), []byte("token")); err != nil || d.Name != "first floor" || !d.Paired {
		t.Errorf("by its token: %+v, %v", d, err)
	}
	all, err := s.Displays(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "first floor" || !all[0].Paired || all[1].Name != "lobby" || all[1].Paired {
		t.Errorf("the displays: %+v, %v", all, err)
	}
}

func lostDisplay(t *testing.T, s Store) {
	pair := func(code, token string) {
		t.Helper()
		must(t, s.AddDisplay(t.Context(), "lobby", nil, []byte(code), noon.Add(time.Hour)))
		_, err := s.PairDisplay(t.Context(), []byte(code), []byte(token), noon)
		must(t, err)
	}
	pair("1", "first")
	pair("2", "second")
	if _, err := s.Display(t.Context(), []byte("first")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the token of before: %v", err)
	}
	must(t, s.RemoveDisplay(t.Context(), "lobby"))
	if _, err := s.Display(t.Context(), []byte("second")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of a display that was removed: %v", err)
	}
	if err := s.RemoveDisplay(t.Context(), "lobby"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("removing it again: %v", err)
	}
}
