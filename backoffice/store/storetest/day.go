package storetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/foyer-station/foyer/backoffice/store"
)

func day() []promise {
	return []promise{
		{"nobody of a day that is closed is called", closed},
		{"closing twice at once lists each visitor once", closedAtOnce},
		{"days before one are not closed", closedFrom},
		{"a visit past midnight ends as any other", pastMidnight},
		{"who comes after the day is not queued but listed", tooLate},
		{"a visitor who has come again stands last", readmitted},
		{"who was left is listed after the data is erased", listedErased},
		{"who is listed and erased is taken when the station sends again", sentAgain},
		{"what is no ticket's number outlives no check-in", noNumber},
		{"the day moves with a clock that is set", dayMoves},
	}
}

func closed(t *testing.T, s Store) {
	waiting, called := arrive(t, s, 1, "brandt"), arrive(t, s, 2, "yilmaz")
	must(t, s.Call(t.Context(), "yilmaz", called, noon))
	if n, err := s.Unclosed(t.Context(), tomorrow); err != nil || n != 2 {
		t.Errorf("%d are of a day that is not closed, %v", n, err)
	}
	for _, step := range []struct {
		today string
		left  int
	}{{today, 0}, {tomorrow, 2}, {tomorrow, 0}, {today, 0}} {
		if left, err := s.CloseDay(t.Context(), "", step.today, noon); err != nil || left != step.left {
			t.Errorf("closed before %s: %d were left, %v; want %d", step.today, left, err, step.left)
		}
	}
	if queue, err := s.Queue(t.Context()); err != nil || len(queue) != 0 {
		t.Errorf("%d wait, %v", len(queue), err)
	}
	if n, err := s.Unclosed(t.Context(), tomorrow); err != nil || n != 0 {
		t.Errorf("%d are of a day that is not closed any more, %v", n, err)
	}
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("call next: %v", err)
	}
	if err := s.Call(t.Context(), "brandt", waiting, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("call: %v", err)
	}
	if err := s.Return(t.Context(), "yilmaz", called, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("return: %v", err)
	}
	if c, _, err := s.CheckIn(t.Context(), waiting); err != nil || !c.Closed {
		t.Errorf("%+v, %v", c, err)
	}
	left, err := s.LeftOver(t.Context())
	want := store.LeftOver{ID: waiting, Station: "station-1", Day: today, Ticket: "A-1", Service: "appointment", Caseworker: "brandt", Kept: true, Recorded: true}
	if err != nil || len(left) != 2 || left[0] != want || left[1].CalledBy != "yilmaz" {
		t.Errorf("listed: %+v, %v", left, err)
	}
}

func closedAtOnce(t *testing.T, s Store) {
	for n := range 30 {
		arrive(t, s, n, "brandt")
	}
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if _, err := s.CloseDay(t.Context(), "", tomorrow, noon); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 30 || left[29].Ticket != "A-29" {
		t.Errorf("%d are listed, %v", len(left), err)
	}
}

func closedFrom(t *testing.T, s Store) {
	admit(t, s, of(1, "2026-03-01", "2026-03-01"), with("brandt"))
	arrive(t, s, 2, "brandt")
	if left, err := s.CloseDay(t.Context(), today, tomorrow, noon); err != nil || left != 1 {
		t.Errorf("%d were left, %v", left, err)
	}
	if id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); err != nil || id != numbered(1) {
		t.Errorf("called %s, %v", id, err)
	}
}

func pastMidnight(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	_, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	must(t, err)
	_, err = s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon))
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("listed: %+v, %v", left, err)
	}
	if c, _, err := s.CheckIn(t.Context(), id); err != nil || c.State != store.Done {
		t.Errorf("%s, %v", c.State, err)
	}
}

func tooLate(t *testing.T, s Store) {
	id := admit(t, s, of(1, today, tomorrow), with("brandt"))
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("called: %v", err)
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 1 || left[0].ID != id {
		t.Errorf("listed: %+v, %v", left, err)
	}
	// A ticket of yesterday, and a visit of today: the station's clock was behind.
	behind := of(2, "2026-03-01", today)
	behind.VisitDay = today
	admit(t, s, behind, with("brandt"))
	if got, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); err != nil || got != behind.ID {
		t.Errorf("called %s, %v", got, err)
	}
}

func readmitted(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	_, err := s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	next := admit(t, s, of(2, tomorrow, tomorrow), with("brandt"))
	must(t, s.Readmit(t.Context(), "lead", id, tomorrow, noon))
	if err := s.Readmit(t.Context(), "lead", id, tomorrow, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("readmitted twice: %v", err)
	}
	for _, want := range []string{next, id} {
		if got, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); err != nil || got != want {
			t.Errorf("called %s, %v; want %s", got, err, want)
		}
		must(t, s.Finish(t.Context(), "brandt", want, store.Done, noon))
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("listed: %+v, %v", left, err)
	}
}

func listedErased(t *testing.T, s Store) {
	closed, waiting := arrive(t, s, 1, "brandt"), admit(t, s, of(2, tomorrow, tomorrow), with("brandt"))
	_, err := s.CloseDay(t.Context(), "", tomorrow, noon)
	must(t, err)
	for _, id := range []string{closed, waiting} {
		must(t, s.Forget(t.Context(), id))
	}
	left, err := s.LeftOver(t.Context())
	if err != nil || len(left) != 2 || left[0].Kept || left[0].Recorded || left[0].Day != today || left[1].ID != waiting {
		t.Errorf("listed: %+v, %v", left, err)
	}
	if err := s.Readmit(t.Context(), "lead", closed, tomorrow, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("an erased check-in was queued again: %v", err)
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 2 {
		t.Errorf("the failed try took a visitor off the list: %v", err)
	}
	must(t, s.Dismiss(t.Context(), "lead", closed, noon))
	if err := s.Dismiss(t.Context(), "lead", closed, noon); !errors.Is(err, store.ErrTaken) {
		t.Errorf("dismissed twice: %v", err)
	}
}

func sentAgain(t *testing.T, s Store) {
	for range 2 { // the first answer is lost until the data is erased
		must(t, s.Forget(t.Context(), admit(t, s, of(1, today, tomorrow), nowhere)))
	}
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 1 {
		t.Errorf("%d are listed, %v", len(left), err)
	}
}

func noNumber(t *testing.T, s Store) {
	a := visitor(1)
	a.Ticket, a.Discrepancy = "Anna Eriksson", store.NoNumber
	must(t, s.Forget(t.Context(), admit(t, s, a, nowhere)))
	if left, err := s.LeftOver(t.Context()); err != nil || len(left) != 1 || left[0].Ticket != "?" {
		t.Errorf("left: %+v, %v", left, err)
	}
}

func dayMoves(t *testing.T, s Store) {
	gone, here := admit(t, s, of(1, "2026-02-27", today), with("brandt")), arrive(t, s, 2, "brandt")
	must(t, s.MoveDay(t.Context(), today, tomorrow))
	must(t, s.MoveDay(t.Context(), "2026-02-27", tomorrow)) // closed: it stays where it is
	if left, err := s.CloseDay(t.Context(), "", tomorrow, noon); err != nil || left != 0 {
		t.Errorf("%d were left, %v", left, err)
	}
	for id, want := range map[string]string{gone: "2026-02-27", here: tomorrow} {
		if c, _, err := s.CheckIn(t.Context(), id); err != nil || c.VisitDay != want {
			t.Errorf("%s has come on %s, %v; want %s", c.Ticket, c.VisitDay, err, want)
		}
	}
}
