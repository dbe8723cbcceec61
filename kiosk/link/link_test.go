package link

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link/officetest"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// station is a link that runs, with its journal and what it logs.
type station struct {
	*Link
	journal *journal.Journal
	path    string
	log     *buffer
	stop    func()
	address string
	config  *tls.Config
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func start(t *testing.T, address string, config *tls.Config, path string) *station {
	t.Helper()
	return startOn(t, &machine{boot: "one", now: noon}, address, config, path)
}

// machine is what a station runs on, with clocks that a test sets.
type machine struct {
	mu   sync.Mutex
	boot string
	up   time.Duration
	now  time.Time
}

func (m *machine) uptime() (string, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.boot, m.up, nil
}

func (m *machine) time() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// runs lets the machine run, and its time of day go on and be set.
func (m *machine) runs(d, set time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.up, m.now = m.up+d, m.now.Add(d+set)
}

func startOn(t *testing.T, m *machine, address string, config *tls.Config, path string) *station {
	t.Helper()
	j, err := journal.OpenAt(t.Context(), path, m.uptime)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dial(address, config, keepalive.ClientParameters{Time: 10 * time.Second, Timeout: time.Second, PermitWithoutStream: true})
	if err != nil {
		t.Fatal(err)
	}
	log := &buffer{}
	l, err := New(t.Context(), conn, j, Options{
		Now: m.time, Log: slog.New(slog.NewTextHandler(log, nil)),
		Interval: 20 * time.Millisecond, MinPause: time.Millisecond, MaxPause: 20 * time.Millisecond, Timeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx) }()
	stop := sync.OnceFunc(func() { cancel(); <-done; conn.Close(); j.Close() })
	t.Cleanup(stop)
	return &station{l, j, path, log, stop, address, config}
}

func newStation(t *testing.T, o *officetest.Office) *station {
	t.Helper()
	address, config := serve(t, o)
	return start(t, address, config, filepath.Join(t.TempDir(), "journal.db"))
}

// until waits for a condition, and says which one never came.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func (s *station) counts(t *testing.T) journal.Counts {
	t.Helper()
	c, err := s.journal.Count(t.Context(), noon.Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// confirm commits a check-in with one file of the given size and gives its id.
func (s *station) confirm(t *testing.T, recipient string, size int) string {
	t.Helper()
	until(t, "numbers", func() bool { return s.counts(t).Numbers > 0 })
	id := uuid.Must(uuid.NewV7()).String()
	if err := s.journal.Keep(t.Context(), id, recipient, "portrait", make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	_, err := s.journal.Commit(t.Context(), journal.CheckIn{ID: id, ConfirmedAt: noon, ServiceID: "permit", Language: "uk",
		Recipient: recipient, Record: []byte("the record"), Files: []string{"portrait"}})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// send confirms and waits for the answer.
func (s *station) send(t *testing.T, recipient string, size int) Answer {
	t.Helper()
	id := s.confirm(t, recipient, size)
	answer, forget := s.Expect(id)
	defer forget()
	s.Wake()
	select {
	case a := <-answer:
		return a
	case <-time.After(20 * time.Second):
		t.Fatalf("no answer; the log says\n%s", s.log)
		return Answer{}
	}
}

func TestTheAnswerSaysWhereToWait(t *testing.T) {
	o := newOffice(t)
	if a := newStation(t, o).send(t, o.Recipient(), 10); a != (Answer{Room: "12", Ahead: 3}) {
		t.Errorf("answer is %+v", a)
	}
}

func TestOnlyARangeThatCanBeIsToldToTheVisitor(t *testing.T) {
	minutes := func(n int64) *durationpb.Duration { return &durationpb.Duration{Seconds: 60 * n} }
	for name, c := range map[string]struct {
		from, until *durationpb.Duration
		want        Answer
	}{
		"a range":          {minutes(10), minutes(25), Answer{WaitFrom: 10 * time.Minute, WaitUntil: 25 * time.Minute}},
		"with seconds":     {&durationpb.Duration{Seconds: 119}, minutes(2), Answer{WaitFrom: time.Minute, WaitUntil: 2 * time.Minute}},
		"nothing":          {nil, nil, Answer{}},
		"upside down":      {minutes(25), minutes(10), Answer{}},
		"negative":         {minutes(-5), minutes(10), Answer{}},
		"days":             {minutes(10), minutes(60*24 + 1), Answer{}},
		"no duration":      {minutes(10), &durationpb.Duration{Seconds: 1 << 62, Nanos: -1}, Answer{}},
		"without an upper": {minutes(10), nil, Answer{}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.Answer = &stationv1.SubmitResponse{WaitFrom: c.from, WaitUntil: c.until}
			if a := newStation(t, o).send(t, o.Recipient(), 10); a != c.want {
				t.Errorf("told %+v", a)
			}
		})
	}
}

func TestOneThatIsRefusedStaysAndDoesNotHoldUpTheOthers(t *testing.T) {
	o := newOffice(t)
	to := o.Recipient()
	s := newStation(t, o)
	until(t, "numbers", func() bool { return s.counts(t).Numbers > 0 })
	o.Do(func(o *officetest.Office) { o.Fail = status.Error(codes.Unavailable, "down") })
	refused := s.confirm(t, to, 10)
	o.Do(func(o *officetest.Office) { o.Refuse[refused], o.Fail = true, nil })
	s.send(t, to, 10)
	until(t, "one in the outbox", func() bool { return s.counts(t).Outbox == 1 })
	all, err := s.journal.Outbox(t.Context())
	if err != nil || len(all) != 1 || all[0].ID != refused {
		t.Errorf("outbox is %+v, %v", all, err)
	}
	until(t, "a line in the log", func() bool { return strings.Contains(s.log.String(), "AlreadyExists") })
}

func TestNumbersAreLeasedAheadUnderOneIDEach(t *testing.T) {
	o := newOffice(t)
	o.Lease.Count = 10 // fewer than asked for: ask again
	s := newStation(t, o)
	until(t, "enough numbers", func() bool { return s.counts(t).Numbers >= leaseLow })
	o.Mu.Lock()
	defer o.Mu.Unlock()
	for id, n := range o.Requests {
		if n != 1 {
			t.Errorf("request %s was sent %d times", id, n)
		}
	}
}

func TestAnOfficeThatBreaksItsContractChangesNothing(t *testing.T) {
	tests := map[string]func(*stationv1.GetOfficeResponse){
		"no recipient":   func(o *stationv1.GetOfficeResponse) { o.Recipient = "" },
		"long name":      func(o *stationv1.GetOfficeResponse) { o.Name = strings.Repeat("x", 501) },
		"bad service id": func(o *stationv1.GetOfficeResponse) { o.Services = []*stationv1.Service{{Id: "../x"}} },
		"many services":  func(o *stationv1.GetOfficeResponse) { o.Services = make([]*stationv1.Service, 101) },
		"long menu entry": func(o *stationv1.GetOfficeResponse) {
			o.Services = []*stationv1.Service{{Id: "x", Names: map[string]string{"de": strings.Repeat("x", 501)}}}
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			snapshot := newOffice(t).Snapshot
			if err := checkOffice(snapshot); err != nil {
				t.Fatal(err)
			}
			spoil(snapshot)
			if err := checkOffice(snapshot); !errors.Is(err, errAnswer) {
				t.Errorf("checkOffice: %v, want errAnswer", err)
			}
		})
	}
	for _, r := range []*stationv1.LeaseNumbersResponse{
		{Prefix: "a", First: 1, Count: 1, Day: "2026-03-02"}, {Prefix: "A", First: -1, Count: 1, Day: "2026-03-02"},
		{Prefix: "A", First: 1, Count: 0, Day: "2026-03-02"}, {Prefix: "A", First: 1, Count: 1000, Day: "2026-03-02"},
		{Prefix: "A", First: 1, Count: 1, Day: "today"},
	} {
		if err := checkLease(r); !errors.Is(err, errAnswer) {
			t.Errorf("checkLease(%v): %v, want errAnswer", r, err)
		}
	}
}

func TestACertificateOfAnotherAuthorityIsTurnedAway(t *testing.T) {
	o := newOffice(t)
	address, config := serve(t, o)
	config.Certificates, config.GetClientCertificate = []tls.Certificate{newAuthority(t).issue(t, true)}, nil
	s := start(t, address, config, filepath.Join(t.TempDir(), "journal.db"))
	select {
	case <-s.Changed():
	case <-time.After(20 * time.Second):
		t.Fatal("the link never tried")
	}
	if s.Linked() || s.Office() != nil {
		t.Error("linked with a foreign certificate")
	}
	if !strings.Contains(s.log.String(), "cut off from the back office") {
		t.Errorf("nobody is told:\n%s", s.log)
	}
}

func TestALinkThatFailsIsToldOfOnce(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*officetest.Office)
		want  string
	}{
		"refused":         {func(o *officetest.Office) { o.Fail = status.Error(codes.PermissionDenied, "secret") }, "refused a call; trying again later\" code=PermissionDenied"},
		"unknown reason":  {func(o *officetest.Office) { o.Fail = status.Error(codes.Unknown, "secret") }, "refused a call; trying again later\" code=Unknown"},
		"broken contract": {func(o *officetest.Office) { o.Snapshot.Recipient = "secret" }, "its contract does not allow"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.Do(c.spoil)
			s := newStation(t, o)
			until(t, "a line in the log", func() bool { return strings.Contains(s.log.String(), c.want) })
			for range 3 {
				<-s.Changed()
			}
			if text := s.log.String(); strings.Count(text, c.want) != 1 || strings.Contains(text, "secret") {
				t.Errorf("the log says:\n%s", text)
			}
		})
	}
}
