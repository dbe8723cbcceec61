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
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// down is what an office gives that does not answer.
var down = status.Error(codes.Unavailable, "down")

// cutOff is a station with a check-in that it could not send, on a machine whose clocks can be set.
func cutOff(t *testing.T) (o *office, m *machine, s *station, checkIn string) {
	t.Helper()
	to := recipient(t)
	o, m = newOffice(to), &machine{boot: "one", now: noon}
	address, config := serve(t, o)
	s = startOn(t, m, address, config, filepath.Join(t.TempDir(), "journal.db"))
	until(t, "numbers", func() bool { return s.counts(t).Numbers > 0 })
	o.set(func(o *office) { o.fail = down })
	until(t, "being cut off", func() bool { return s.State() == CutOff })
	checkIn = s.confirm(t, to, 10)
	return o, m, s, checkIn
}

func (o *office) has(checkIn string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken[checkIn] != nil
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
			o.set(func(o *office) { o.fail = nil })
			until(t, "the check-in at the office", func() bool { return o.has(id) })
		})
	}
}

func TestALinkThatIsBackAfterTheLimitSendsBeforeItWipes(t *testing.T) {
	o, m, s, id := cutOff(t)
	s.stop()
	m.runs(journal.Limit+time.Minute, 0)
	o.set(func(o *office) { o.fail = nil })
	address, config := s.address, s.config
	again := startOn(t, m, address, config, s.path)
	until(t, "the check-in at the office", func() bool { return o.has(id) })
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
func leases(t *testing.T, o *office, s *station, looks int) int {
	t.Helper()
	until(t, "many looks", func() bool { o.mu.Lock(); defer o.mu.Unlock(); return o.looks >= looks })
	s.stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.requests)
}

func TestAStationWithAWrongDateDoesNotUseUpTheOfficesNumbers(t *testing.T) {
	for name, set := range map[string]time.Duration{"a day ahead": 24 * time.Hour, "in 1970": -noon.Sub(time.Unix(0, 0))} {
		t.Run(name+", at an office that does not know", func(t *testing.T) {
			o := newOffice(recipient(t))
			address, config := serve(t, o)
			s := startOn(t, &machine{boot: "one", now: noon.Add(set)}, address, config, filepath.Join(t.TempDir(), "journal.db"))
			until(t, "a state", func() bool { return s.State() == Ill })
			if n := leases(t, o, s, 99); n != 1 {
				t.Errorf("%d ranges for one station", n)
			}
		})
		t.Run(name+", at an office that refuses and does not say the time", func(t *testing.T) {
			o := newOffice(recipient(t))
			o.knows = func() time.Time { return noon.Add(set) } // as wrong as the station's
			address, config := serve(t, o)
			s := startOn(t, &machine{boot: "one", now: noon.Add(set)}, address, config, filepath.Join(t.TempDir(), "journal.db"))
			until(t, "a state", func() bool { return s.State() == Ill })
			if n := leases(t, o, s, 50); n != 1 {
				t.Errorf("asked under %d ids", n)
			}
		})
		t.Run(name+", at an office that says the time", func(t *testing.T) {
			to := recipient(t)
			o := newOffice(to)
			o.knows = func() time.Time { return noon }
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
	o := newOffice(recipient(t))
	o.snapshot.TimeZone = "Pacific/Kiritimati" // 14 hours ahead: the next day
	o.knows = func() time.Time { return noon }
	o.lease.Day = "2026-03-03"
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
		o := newOffice(recipient(t))
		o.fail = fail
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
	o := newOffice(recipient(t))
	o.fail = status.Error(codes.ResourceExhausted, "full")
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
	to := recipient(t)
	o := newOffice(to)
	o.set(func(o *office) { o.snapshot.Epoch, o.lease.Epoch, o.lease.Lease = "one", "one", 7 })
	s := newStation(t, o)
	until(t, "numbers", func() bool { return s.counts(t).Numbers == 100 })
	o.set(func(o *office) {
		o.snapshot.Epoch = "two"
		o.lease = &stationv1.LeaseNumbersResponse{Prefix: "AQK", First: 1, Count: 80, Day: o.lease.GetDay(), Epoch: "two", Lease: 1}
	})
	until(t, "other numbers", func() bool { return s.counts(t).Numbers == 80 })
	if s.send(t, to, 10); !strings.Contains(s.log.String(), "was restored") {
		t.Errorf("nobody is told:\n%s", s.log)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.taken {
		if r.GetTicket() != "AQK-1" {
			t.Errorf("the visitor got %s", r.GetTicket())
		}
	}
}

func TestWhatTheOfficeRefusedIsNotUploadedAgain(t *testing.T) {
	o, _, s, id := cutOff(t)
	o.set(func(o *office) { o.refuse[id], o.fail = true, nil })
	until(t, "a refusal", func() bool { return strings.Contains(s.log.String(), "not taken by the back office") })
	o.set(func(o *office) { o.files, o.offsets = map[string][]byte{}, nil }) // the oldest in the spool made room
	s.send(t, s.Office().GetRecipient(), 10)
	s.rounds(t, 5)
	o.mu.Lock()
	uploads := len(o.offsets)
	o.mu.Unlock()
	if uploads != 2 { // the record and the file of the other
		t.Errorf("%d files were uploaded", uploads)
	}
	if n := strings.Count(s.log.String(), "not taken by the back office"); n != 1 {
		t.Errorf("told %d times:\n%s", n, s.log)
	}
	o.set(func(o *office) { o.refuse[id] = false })
	until(t, "the check-in at the office", func() bool { return o.has(id) })
}

func TestACheckInOverWhichTheOfficeFallsSilentDoesNotHoldUpTheNext(t *testing.T) {
	o, _, s, first := cutOff(t)
	var others []string
	for range 3 {
		others = append(others, s.confirm(t, s.Office().GetRecipient(), 10))
	}
	o.set(func(o *office) { o.silent, o.fail = first, nil })
	until(t, "the others at the office", func() bool { return !slices.ContainsFunc(others, func(id string) bool { return !o.has(id) }) })
	o.set(func(o *office) { o.silent = "" })
	until(t, "the first at the office", func() bool { return o.has(first) })
}
