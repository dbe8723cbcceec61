package backoffice_test

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// soon is three seconds before the next look at the clock.
var soon = morning.Add(57 * time.Second)

// visitDay is the day on which a visitor came, as the office has it by now.
func (w *world) visitDay(t *testing.T, id string) string {
	t.Helper()
	s := w.open(t)
	defer s.Close()
	c, _, err := s.CheckIn(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.VisitDay
}

func TestAClockThatIsSetWhileTheOfficeRunsClosesTheDayOverNobodyWhoWaits(t *testing.T) {
	for name, c := range map[string]struct {
		by     time.Duration
		synced bool
		day    string
	}{
		"a day ahead":                           {24 * time.Hour, false, "2026-03-03"},
		"a day ahead, and somebody vouches":     {24 * time.Hour, true, "2026-03-03"},
		"three days ahead, and somebody does":   {72 * time.Hour, true, "2026-03-05"},
		"a day back":                            {-24 * time.Hour, false, "2026-03-01"},
		"a year back, and somebody vouches":     {-365 * 24 * time.Hour, true, "2025-03-02"},
		"across midnight, and somebody vouches": {16 * time.Hour, true, "2026-03-03"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := build(t, t.TempDir(), soon)
			w.synced = c.synced
			w.serve(t)
			visitor := checkintest.Staff(w.Now())
			send(t, w.station(t), visitor)
			w.set(soon.Add(c.by))
			until(t, "the visitor's day is the clock's", func() bool { return w.visitDay(t, visitor.ID) == c.day })
			w.set(soon) // somebody has set it right
			until(t, "it is today again", func() bool { return w.visitDay(t, visitor.ID) == "2026-03-02" })
			if queue := w.waiting(t); len(queue) != 1 {
				t.Errorf("%v wait", queue)
			}
			if to := w.signIn(t, "reception").post("/next", nil).Header.Get("Location"); to != "/visitor/"+visitor.ID {
				t.Errorf("next, please: %s", to)
			}
		})
	}
}

func TestWhoWaitsWhenTheClockIsSetIsLeftAtTheMidnightThatComes(t *testing.T) {
	w := build(t, t.TempDir(), soon.Add(-24*time.Hour))
	w.serve(t)
	visitor := checkintest.Staff(w.Now())
	send(t, w.station(t), visitor)
	w.set(evening.Truncate(time.Minute).Add(57 * time.Second))
	until(t, "the visitor's day is the clock's", func() bool { return w.visitDay(t, visitor.ID) == "2026-03-02" })
	w.set(midnight)
	until(t, "the day is closed", func() bool { return len(w.waiting(t)) == 0 })
}

func TestAnOfficeThatStartsADayAheadAsksTheLeadBeforeItClosesTheDay(t *testing.T) {
	for name, right := range map[string]bool{"the clock is wrong": false, "the clock is right": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := build(t, t.TempDir(), soon)
			w.serve(t)
			before := checkintest.Staff(w.Now())
			send(t, w.station(t), before)
			w.stop()
			w.set(soon.Add(24 * time.Hour))
			w.serve(t)
			until(t, "the lead is asked", func() bool { return w.erasing(t).Reason == store.HoldClock })
			if state := w.erasing(t); state.DayHeld != 1 || state.Held != 0 {
				t.Errorf("waits for the lead: %+v", state)
			}
			after := checkintest.Staff(w.Now())
			send(t, w.station(t), after)
			lead := w.signIn(t, "reception")
			page := lead.page()
			if !strings.Contains(page, "der Tag von 1 Personen vorbei") || len(w.waiting(t)) != 2 {
				t.Errorf("%v wait, and the lead is told:\n%s", w.waiting(t), page)
			}
			if !right {
				w.set(soon)
				until(t, "nobody is asked any more", func() bool { return w.erasing(t).Reason == "" })
				if queue := w.waiting(t); len(queue) != 2 {
					t.Errorf("%v wait", queue)
				}
				return
			}
			stamp := regexp.MustCompile(`name="clock" value="(\d+)"`).FindStringSubmatch(page)[1]
			lead.post("/erasing/confirm", url.Values{"clock": {stamp}})
			until(t, "the day is closed", func() bool { return w.erasing(t).Reason == "" })
			if to := lead.post("/next", nil).Header.Get("Location"); to != "/visitor/"+after.ID {
				t.Errorf("next, please: %s", to)
			}
			if !strings.Contains(lead.page(), "dismiss-"+before.ID) {
				t.Error("who came the day before is not listed")
			}
		})
	}
}

func TestWhatAClockThatWasAheadHasDatedIsKeptNoLongerThanOther(t *testing.T) {
	w := build(t, t.TempDir(), soon.AddDate(10, 0, 0))
	w.serve(t)
	visitor := checkintest.Staff(w.Now())
	send(t, w.station(t), visitor)
	w.stop()
	w.set(soon)
	w.synced = true
	w.serve(t)
	until(t, "the visitor is of today", func() bool { return w.visitDay(t, visitor.ID) == "2026-03-02" })
	w.stop()
	w.set(soon.Add(97 * time.Hour))
	w.serve(t)
	until(t, "the check-in is over its time", func() bool { return w.erasing(t).Held == 1 })
}

func TestWhoVouchesForAClockVouchesForWhatItSaidThenAndNotForALaterLeap(t *testing.T) {
	w := build(t, t.TempDir(), soon)
	w.serve(t)
	station := w.station(t)
	old, fresh := checkintest.Appointment(w.Now().Add(-95*time.Hour)), checkintest.Appointment(w.Now())
	send(t, station, old)
	send(t, station, fresh)
	w.stop()
	w.set(soon.Add(24 * time.Hour))
	w.serve(t)
	until(t, "the lead is asked", func() bool { return w.erasing(t).Held == 1 })
	w.signIn(t, "reception").post("/erasing/confirm", url.Values{"clock": {fmt.Sprint(w.erasing(t).ClockAt.UnixMilli())}})
	w.set(soon.Add(240 * time.Hour)) // before anything was done about it
	until(t, "the lead is asked about the leap", func() bool {
		state := w.erasing(t)
		return state.Held == 1 && state.ClockAt.Equal(w.Now())
	})
	w.stop()
	if rows, _ := w.kept(t); !slices.Equal(rows, []string{fresh.ID}) {
		t.Errorf("left: %v", rows)
	}
}

func TestADayThatTheOfficeSawEndIsClosedWhileTheClockIsInDoubt(t *testing.T) {
	w := build(t, t.TempDir(), evening.Add(-48*time.Hour))
	w.serve(t)
	before := checkintest.Staff(w.Now())
	send(t, w.station(t), before)
	w.stop()
	w.set(evening)
	w.serve(t)
	todays := checkintest.Staff(w.Now())
	send(t, w.station(t), todays)
	w.set(midnight)
	until(t, "today is closed", func() bool { return len(w.waiting(t)) == 1 })
	if page := w.signIn(t, "brandt").page(); !strings.Contains(page, "dismiss-"+todays.ID) || strings.Contains(page, "dismiss-"+before.ID) {
		t.Error("another was left than who came today")
	}
}

func TestWhatWasOverItsTimeWhenItArrivedHoldsUpTheErasingOfNothingElse(t *testing.T) {
	w := build(t, t.TempDir(), morning)
	w.serve(t)
	honest := checkintest.Appointment(w.Now().Add(-95 * time.Hour))
	station := w.station(t)
	send(t, station, honest)
	for range 25 {
		send(t, station, checkintest.Appointment(w.Now().Add(-200*24*time.Hour)))
	}
	until(t, "the first erasing", func() bool { return !w.erasing(t).Believed.IsZero() })
	w.stop()
	w.set(morning.Add(100 * time.Minute))
	w.synced = true
	w.serve(t)
	until(t, "the lead is asked about the others alone", func() bool { return w.erasing(t).Held == 25 })
	w.stop()
	rows, keys := w.kept(t)
	if len(rows) != 25 || len(keys) != 25 {
		t.Errorf("%d check-ins and %d keys are left, want those that came too late", len(rows), len(keys))
	}
	s := w.open(t)
	state, err := s.Erasing(t.Context())
	if err == nil {
		err = s.ConfirmErasing(t.Context(), "brandt", state.ClockAt, w.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	w.serve(t)
	until(t, "they are erased when the lead has confirmed it", func() bool { return w.erasing(t).Reason == "" })
	w.stop()
	if rows, keys := w.kept(t); len(rows)+len(keys) != 0 {
		t.Errorf("%d check-ins and %d keys are left", len(rows), len(keys))
	}
}

func TestTicketsAfterARestoreByAWrongClockHaveMoreLettersOnTheDayThatItReallyIs(t *testing.T) {
	for name, c := range map[string]struct {
		wrong   time.Duration
		restart bool // the clock is set while the office is stopped
	}{
		"a day back": {-24 * time.Hour, false}, "a day back, until a restart": {-24 * time.Hour, true},
		"two days ahead": {48 * time.Hour, false}, "two days ahead, until a restart": {48 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := build(t, t.TempDir(), soon)
			w.serve(t)
			send(t, w.station(t), checkintest.Staff(w.Now()))
			w.stop()
			if err := os.Remove(w.config.Keys + ".leases"); err != nil {
				t.Fatal(err)
			}
			w.set(soon.Add(c.wrong))
			w.serve(t)
			during := checkintest.Staff(w.Now())
			send(t, w.station(t), during)
			if c.restart {
				w.stop()
				w.set(soon)
				w.serve(t)
			} else {
				w.set(soon)
				until(t, "it is today again", func() bool { return w.visitDay(t, during.ID) == "2026-03-02" })
			}
			if ticket, day := send(t, w.station(t), checkintest.Staff(w.Now())); day != "2026-03-02" || len(ticket) < len("AQK-1") {
				t.Errorf("a visitor got %s of %s", ticket, day)
			}
		})
	}
}
