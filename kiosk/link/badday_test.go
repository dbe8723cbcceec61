package link

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link/officetest"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// down is what an office gives that does not answer.
var down = status.Error(codes.Unavailable, "down")

// cutOff is a station with a check-in that it could not send, on a machine whose clocks can be set.
func cutOff(t *testing.T) (o *officetest.Office, m *machine, s *station, checkIn string) {
	t.Helper()
	o, m = newOffice(t), &machine{boot: "one", now: noon}
	address, config := serve(t, o)
	s = startOn(t, m, address, config, filepath.Join(t.TempDir(), "journal.db"))
	until(t, "numbers", func() bool { return s.counts(t).Numbers > 0 })
	o.Do(func(o *officetest.Office) { o.Fail = down })
	until(t, "being cut off", func() bool { return s.State() == CutOff })
	checkIn = s.confirm(t, o.Recipient(), 10)
	return o, m, s, checkIn
}

func has(o *officetest.Office, checkIn string) (taken bool) {
	o.Do(func(o *officetest.Office) { taken = o.Taken[checkIn] != nil })
	return taken
}

// rounds waits until the link has gone round some times more.
func (s *station) rounds(t *testing.T, n int) {
	t.Helper()
	for range n {
		select {
		case <-s.Changed():
		case <-time.After(20 * time.Second):
			t.Fatal("the link stands still")
		}
	}
}

func TestAClockThatIsSetWipesNothing(t *testing.T) {
	for name, set := range map[string]time.Duration{
		"a day forward": 24 * time.Hour, "ten years forward": 87600 * time.Hour, "a day back": -24 * time.Hour,
		"to 1970": -noon.Sub(time.Unix(0, 0)), "daylight saving": time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			o, m, s, id := cutOff(t)
			m.runs(time.Minute, set)
			s.rounds(t, 5)
			if c := s.counts(t); c.Outbox != 1 || c.Expired != 0 {
				t.Fatalf("while cut off: %+v; the log says\n%s", c, s.log)
			}
			o.Do(func(o *officetest.Office) { o.Fail = nil })
			until(t, "the check-in at the office", func() bool { return has(o, id) })
		})
	}
}

func TestALinkThatIsBackAfterTheLimitSendsBeforeItWipes(t *testing.T) {
	o, m, s, id := cutOff(t)
	s.stop()
	m.runs(journal.Limit+time.Minute, 0)
	o.Do(func(o *officetest.Office) { o.Fail = nil })
	address, config := s.address, s.config
	again := startOn(t, m, address, config, s.path)
	until(t, "the check-in at the office", func() bool { return has(o, id) })
	if c := again.counts(t); c.Expired != 0 {
		t.Errorf("%+v", c)
	}
}

func TestWhatNobodyTakesWithinTheLimitIsToldOfLongBeforeAndThenWiped(t *testing.T) {
	_, m, s, _ := cutOff(t)
	m.runs(journal.Limit/4-time.Minute, 0)
	s.rounds(t, 3)
	if text := s.log.String(); strings.Contains(text, "will be wiped") {
		t.Errorf("told too early:\n%s", text)
	}
	m.runs(time.Minute, 0)
	until(t, "a warning", func() bool { return strings.Contains(s.log.String(), "will be wiped if it does not take them") })
	s.rounds(t, 5)
	if n := strings.Count(s.log.String(), "will be wiped"); n != 1 {
		t.Errorf("told %d times", n)
	}
	m.runs(journal.Limit*3/4, 0)
	until(t, "the ticket in the log", func() bool { return strings.Contains(s.log.String(), "ticket=A-127") })
	if c := s.counts(t); c.Outbox != 0 || c.Expired != 1 {
		t.Errorf("%+v", c)
	}
}

// leases waits for many looks at an office that leases for noon's day, and gives how many ranges were used up.
func leases(t *testing.T, o *officetest.Office, s *station, looks int) int {
	t.Helper()
	until(t, "many looks", func() bool { o.Mu.Lock(); defer o.Mu.Unlock(); return o.Looks >= looks })
	s.stop()
	o.Mu.Lock()
	defer o.Mu.Unlock()
	return len(o.Requests)
}

func TestAStationWithAWrongDateDoesNotUseUpTheOfficesNumbers(t *testing.T) {
	for name, set := range map[string]time.Duration{"a day ahead": 24 * time.Hour, "in 1970": -noon.Sub(time.Unix(0, 0))} {
		t.Run(name+", at an office that does not know", func(t *testing.T) {
			o := newOffice(t)
			address, config := serve(t, o)
			s := startOn(t, &machine{boot: "one", now: noon.Add(set)}, address, config, filepath.Join(t.TempDir(), "journal.db"))
			until(t, "a state", func() bool { return s.State() == Ill })
			if n := leases(t, o, s, 99); n != 1 {
				t.Errorf("%d ranges for one station", n)
			}
		})
		t.Run(name+", at an office that refuses and does not say the time", func(t *testing.T) {
			o := newOffice(t)
			o.Now = func() time.Time { return noon.Add(set) } // as wrong as the station's
			address, config := serve(t, o)
			s := startOn(t, &machine{boot: "one", now: noon.Add(set)}, address, config, filepath.Join(t.TempDir(), "journal.db"))
			until(t, "a state", func() bool { return s.State() == Ill })
			if n := leases(t, o, s, 50); n != 1 {
				t.Errorf("asked under %d ids", n)
			}
		})
		t.Run(name+", at an office that says the time", func(t *testing.T) {
			o := newOffice(t)
			o.Now = func() time.Time { return noon }
			address, config := serve(t, o)
			s := startOn(t, &machine{boot: "one", now: noon.Add(set)}, address, config, filepath.Join(t.TempDir(), "journal.db"))
			until(t, "numbers for the office's day", func() bool { return s.counts(t).Numbers > 0 })
			if now := s.Now(); !now.Equal(noon) {
				t.Errorf("the office has %v", now)
			}
			if ahead, known := s.Ahead(); !known || ahead != set {
				t.Errorf("ahead by %v, known %v", ahead, known)
			}
			if n := leases(t, o, s, 99); n != 1 {
				t.Errorf("%d ranges for one station", n)
			}
		})
	}
}

func TestTheOfficesDayHoldsInItsOwnTimeZone(t *testing.T) {
	o := newOffice(t)
	o.Snapshot.TimeZone = "Pacific/Kiritimati" // 14 hours ahead: the next day
	o.Now = func() time.Time { return noon }
	o.Lease.Day = "2026-03-03"
	s := newStation(t, o)
	until(t, "numbers", func() bool {
		c, err := s.journal.Count(t.Context(), "2026-03-03")
		return err == nil && c.Numbers == 100
	})
	if day := s.Now().Format(time.DateOnly); day != "2026-03-03" {
		t.Errorf("the day is %s", day)
	}
}

func TestTheStateOfTheLinkIsWhatTheOfficeAnswers(t *testing.T) {
	for want, fail := range map[State]error{
		Linked: nil, CutOff: down, Ill: status.Error(codes.Internal, "secret"), Full: status.Error(codes.ResourceExhausted, "secret"),
		Denied: status.Error(codes.PermissionDenied, "secret"),
	} {
		o := newOffice(t)
		o.Fail = fail
		s := newStation(t, o)
		s.rounds(t, 2)
		if got := s.State(); got != want || s.Linked() != (want == Linked) {
			t.Errorf("%v gives %s, linked %v", fail, got, s.Linked())
		}
		if strings.Contains(s.log.String(), "secret") {
			t.Errorf("the log says:\n%s", s.log)
		}
	}
}

func TestAnOfficeThatIsFullIsAskedMoreSlowly(t *testing.T) {
	o := newOffice(t)
	o.Fail = status.Error(codes.ResourceExhausted, "full")
	address, config := serve(t, o)
	j, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	conn, err := Dial(address, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	l, err := New(t.Context(), conn, j, Options{MinPause: time.Millisecond, MaxPause: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); l.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	<-l.Changed()
	select {
	case <-l.Changed():
		t.Error("asked again at once")
	case <-time.After(time.Second):
	}
	if l.State() != Full {
		t.Errorf("the link is %s", l.State())
	}
	l.Wake() // for a visitor it does ask
	<-l.Changed()
}

func TestNumbersOfAnOfficeThatWasRestoredAreGivenUp(t *testing.T) {
	o := newOffice(t)
	to := o.Recipient()
	o.Do(func(o *officetest.Office) { o.Snapshot.Epoch, o.Lease.Epoch, o.Lease.Lease = "one", "one", 7 })
	s := newStation(t, o)
	until(t, "numbers", func() bool { return s.counts(t).Numbers == 100 })
	o.Do(func(o *officetest.Office) {
		o.Snapshot.Epoch = "two"
		o.Lease = &stationv1.LeaseNumbersResponse{Prefix: "AQK", First: 1, Count: 80, Day: o.Lease.GetDay(), Epoch: "two", Lease: 1}
	})
	until(t, "other numbers", func() bool { return s.counts(t).Numbers == 80 })
	if s.send(t, to, 10); !strings.Contains(s.log.String(), "was restored") {
		t.Errorf("nobody is told:\n%s", s.log)
	}
	o.Mu.Lock()
	defer o.Mu.Unlock()
	for _, r := range o.Taken {
		if r.GetTicket() != "AQK-1" {
			t.Errorf("the visitor got %s", r.GetTicket())
		}
	}
}

func TestWhatTheOfficeRefusedIsNotUploadedAgain(t *testing.T) {
	o, _, s, id := cutOff(t)
	o.Do(func(o *officetest.Office) { o.Refuse[id], o.Fail = true, nil })
	until(t, "a refusal", func() bool { return strings.Contains(s.log.String(), "not taken by the back office") })
	o.Do(func(o *officetest.Office) { o.Files, o.Offsets = map[string][]byte{}, nil }) // the oldest in the spool made room
	s.send(t, s.Office().GetRecipient(), 10)
	s.rounds(t, 5)
	o.Mu.Lock()
	uploads := len(o.Offsets)
	o.Mu.Unlock()
	if uploads != 2 { // the record and the file of the other
		t.Errorf("%d files were uploaded", uploads)
	}
	if n := strings.Count(s.log.String(), "not taken by the back office"); n != 1 {
		t.Errorf("told %d times:\n%s", n, s.log)
	}
	o.Do(func(o *officetest.Office) { o.Refuse[id] = false })
	until(t, "the check-in at the office", func() bool { return has(o, id) })
}

func TestACheckInOverWhichTheOfficeFallsSilentDoesNotHoldUpTheNext(t *testing.T) {
	o, _, s, first := cutOff(t)
	var others []string
	for range 3 {
		others = append(others, s.confirm(t, s.Office().GetRecipient(), 10))
	}
	o.Do(func(o *officetest.Office) { o.Silent, o.Fail = first, nil })
	until(t, "the others at the office", func() bool { return !slices.ContainsFunc(others, func(id string) bool { return !has(o, id) }) })
	o.Do(func(o *officetest.Office) { o.Snapshot.Revision++ })
	until(t, "the new snapshot of the office", func() bool { return s.Office().GetRevision() == revision(o) })
	until(t, "being told that the office is ill", func() bool { return s.State() == Ill })
	o.Do(func(o *officetest.Office) { o.Silent = "" })
	until(t, "the first at the office", func() bool { return has(o, first) })
}

func revision(o *officetest.Office) (revision int64) {
	o.Do(func(o *officetest.Office) { revision = o.Snapshot.GetRevision() })
	return revision
}

func TestWhoConfirmsWhileADayIsSentDoesNotWaitForAllOfIt(t *testing.T) {
	o, _, s, first := cutOff(t)
	for range 5 {
		s.confirm(t, s.Office().GetRecipient(), 10)
	}
	gate := make(chan struct{})
	o.Do(func(o *officetest.Office) { o.Gate, o.Fail = gate, nil })
	gate <- struct{}{}
	until(t, "the first of the day at the office", func() bool { return has(o, first) })
	visitor := s.confirm(t, s.Office().GetRecipient(), 10)
	_, forget := s.Expect(visitor)
	defer forget()
	s.Wake()
	close(gate)
	until(t, "all at the office", func() bool { return s.counts(t).Outbox == 0 })
	o.Mu.Lock()
	defer o.Mu.Unlock()
	if before := slices.Index(o.Order, visitor); before > 2 {
		t.Errorf("the visitor waited for %d of a day's check-ins", before)
	}
}
