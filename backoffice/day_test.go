package backoffice_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// midnight is Berlin's, and evening a second before it.
var (
	midnight = time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC)
	evening  = midnight.Add(-time.Second)
)

const (
	mondaysDate  = "02.03.2026"
	tuesdaysDate = "03.03.2026"
)

// waiting lists the tickets of the queue, with their days.
func (w *world) waiting(t *testing.T) (tickets []string) {
	t.Helper()
	s := w.open(t)
	defer s.Close()
	queue, err := s.Queue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range queue {
		tickets = append(tickets, c.Ticket+" "+c.Day)
	}
	return tickets
}

func TestWhoIsLeftAtMidnightIsToldToTheLeadAndNeverCalledBesideTodaysVisitors(t *testing.T) {
	w := build(t, t.TempDir(), evening)
	w.serve(t)
	left := checkintest.Staff(w.Now())
	send(t, w.station(t), left)
	reception := w.signIn(t, "reception")
	if page := reception.page(); !strings.Contains(page, "call-"+left.ID) {
		t.Fatal("the visitor of this evening is not in the queue")
	}
	w.set(midnight)
	until(t, "the day is closed", func() bool { return len(w.waiting(t)) == 0 })
	todays := checkintest.Staff(w.Now())
	if ticket, day := send(t, w.station(t), todays); ticket != "A-1" || day != "2026-03-03" {
		t.Fatalf("the new day begins with %s of %s", ticket, day)
	}
	page := reception.page()
	if !strings.Contains(page, mondaysDate) || !strings.Contains(page, "dismiss-"+left.ID) || strings.Contains(page, "call-"+left.ID) {
		t.Error("the lead is not told, with the day, who was left; or could call that visitor")
	}
	if strings.Count(page, "call-"+todays.ID) != 1 || strings.Contains(page, tuesdaysDate) {
		t.Error("today's visitor does not stand in the queue, without a date")
	}
	if to := reception.post("/next", nil).Header.Get("Location"); to != "/visitor/"+todays.ID {
		t.Errorf("next, please: %s", to)
	}
	reception.post("/visitor/"+todays.ID+"/done", nil)
	if to := reception.post("/visitor/"+left.ID+"/call", nil).Header.Get("Location"); to != "/?notice=taken" {
		t.Errorf("yesterday's visitor was called: %s", to)
	}
	if to := reception.post("/next", nil).Header.Get("Location"); to != "/?notice=nobody" {
		t.Errorf("after today's visitor came: %s", to)
	}
	reception.post("/left/"+left.ID+"/dismiss", nil)
	if strings.Contains(reception.page(), left.ID) {
		t.Error("whom the lead has dismissed is still listed")
	}
}

func TestADayThatEndedWhileNobodyServedIsClosedAtTheStart(t *testing.T) {
	w := build(t, t.TempDir(), evening.Add(-6*time.Hour))
	w.serve(t)
	left := checkintest.Genuine(w.Now())
	send(t, w.station(t), left)
	w.stop()
	w.set(evening.Add(9 * time.Hour))
	w.synced = true
	w.serve(t)
	if queue := w.waiting(t); len(queue) != 0 {
		t.Errorf("%v wait in the morning", queue)
	}
	page := w.signIn(t, "brandt").page()
	if !strings.Contains(page, "left-"+left.ID) || !strings.Contains(page, "Daten vorhanden") {
		t.Error("the lead is not told who was left, or not that the data is still there")
	}
}

func TestACheckInThatArrivesADayLateIsToldToTheLeadAndNotQueued(t *testing.T) {
	w := build(t, t.TempDir(), evening.Add(-6*time.Hour))
	w.serve(t)
	station := w.station(t)
	c := checkintest.Staff(w.Now())
	late, _, err := station.Prepare(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	w.set(evening.Add(9 * time.Hour)) // the link was down overnight
	for range 2 {                     // and the answer is lost
		if _, err := station.Submit(t.Context(), late); err != nil {
			t.Fatal(err)
		}
	}
	if queue := w.waiting(t); len(queue) != 0 {
		t.Errorf("%v wait", queue)
	}
	reception := w.signIn(t, "reception")
	if page := reception.page(); strings.Count(page, "dismiss-"+c.ID) != 1 || !strings.Contains(page, mondaysDate) {
		t.Error("the lead is not told once, with the day, whose check-in came late")
	}
	// The visitor has come again.
	if r := reception.post("/left/"+c.ID+"/readmit", nil); r.StatusCode != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if queue := w.waiting(t); len(queue) != 1 {
		t.Errorf("%v wait after the visitor was queued again", queue)
	}
	if page := reception.page(); !strings.Contains(page, "call-"+c.ID) || !strings.Contains(page, mondaysDate) {
		t.Error("a ticket of another day stands in the queue without its date")
	}
	if to := reception.post("/left/"+c.ID+"/readmit", nil).Header.Get("Location"); to != "/?notice=taken" {
		t.Errorf("queued twice: %s", to)
	}
}

func TestAClockThatGoesBackOverMidnightReopensNothingAndDoublesNothing(t *testing.T) {
	w := build(t, t.TempDir(), evening)
	w.serve(t)
	left := checkintest.Staff(w.Now())
	send(t, w.station(t), left)
	w.set(midnight)
	until(t, "the day is closed", func() bool { return len(w.waiting(t)) == 0 })
	after := checkintest.Staff(w.Now())
	send(t, w.station(t), after)
	w.stop()
	w.set(evening) // a second before midnight again
	w.serve(t)
	again := checkintest.Staff(w.Now())
	if ticket, day := send(t, w.station(t), again); ticket == "A-1" || day != "2026-03-02" {
		t.Errorf("a number was given twice: %s of %s", ticket, day)
	}
	reception := w.signIn(t, "reception")
	if page := reception.page(); strings.Contains(page, "call-"+left.ID) {
		t.Error("the day was opened again")
	}
	w.set(midnight)
	until(t, "the day is closed again", func() bool { return len(w.waiting(t)) == 1 })
	page := reception.page()
	for _, c := range []*checkintest.CheckIn{left, again} {
		if strings.Count(page, "dismiss-"+c.ID) != 1 {
			t.Error("who was left is not listed exactly once")
		}
	}
	if to := reception.post("/next", nil).Header.Get("Location"); to != "/visitor/"+after.ID {
		t.Errorf("next, please: %s", to)
	}
}

func TestWhoIsAtADeskAtMidnightCanBeFinishedWithAndBlocksNoMorning(t *testing.T) {
	w := build(t, t.TempDir(), evening)
	w.serve(t)
	reception := w.signIn(t, "reception")
	var atDesk [2]*checkintest.CheckIn
	for i := range atDesk {
		atDesk[i] = checkintest.Staff(w.Now())
		send(t, w.station(t), atDesk[i])
	}
	reception.post("/visitor/"+atDesk[0].ID+"/call", nil)
	w.signIn(t, "brandt").post("/visitor/"+atDesk[1].ID+"/call", nil)
	w.set(midnight)
	until(t, "the day is closed", func() bool { return len(w.waiting(t)) == 0 })
	morning := checkintest.Staff(w.Now())
	send(t, w.station(t), morning)
	if to := reception.post("/next", nil).Header.Get("Location"); to != "/visitor/"+morning.ID {
		t.Errorf("next, please: %s", to)
	}
	if page := reception.page(); !strings.Contains(page, "aufgerufen von Jana Brandt, nicht beendet") {
		t.Error("the lead is not told who was at a desk")
	}
	if to := reception.post("/visitor/"+atDesk[0].ID+"/done", nil).Header.Get("Location"); to != "/" {
		t.Errorf("a visit that went on past midnight cannot be ended: %s", to)
	}
	if to := reception.post("/visitor/"+atDesk[0].ID+"/return", nil).Header.Get("Location"); to != "/?notice=taken" {
		t.Errorf("a visitor of yesterday went back into the queue: %s", to)
	}
	page := reception.page()
	if strings.Contains(page, atDesk[0].ID) || !strings.Contains(page, atDesk[1].ID) {
		t.Error("the list holds another than the one with whom nobody has finished")
	}
}

func TestOnlyTheLeadIsToldWhereNotEverybodyIs(t *testing.T) {
	dir := t.TempDir()
	w := build(t, dir, evening.Add(-time.Hour))
	w.onlyLead(t, "brandt")
	w.serve(t)
	c := checkintest.Staff(w.Now())
	send(t, w.station(t), c)
	w.stop()
	w.set(evening.Add(9 * time.Hour))
	w.synced = true
	w.serve(t)
	if !strings.Contains(w.signIn(t, "brandt").page(), c.ID) {
		t.Error("the lead is not told")
	}
	reception := w.signIn(t, "reception")
	if strings.Contains(reception.page(), c.ID) {
		t.Error("somebody else is told")
	}
	for _, path := range []string{"/left/" + c.ID + "/dismiss", "/left/" + c.ID + "/readmit", "/erasing/confirm"} {
		if r := reception.post(path, nil); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s by somebody else: %s", path, r.Status)
		}
	}
}
