package linktest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func knowsOffice(t *testing.T, o Office) {
	s := newStation(t, o)
	s.ready()
	office := s.Office()
	if _, err := age.ParseX25519Recipient(office.GetRecipient()); err != nil {
		t.Errorf("stations cannot seal to the office: %v", err)
	}
	if office.GetOfficeId() == "" || office.GetName() == "" {
		t.Errorf("the office has no name: %v", office)
	}
	s.until("the link", s.Linked)
	before := s.counts().Numbers
	id, ticket := s.confirm(0)
	s.sent()
	if after := s.counts().Numbers; after != before-1 {
		t.Errorf("%d numbers before, %d after", before, after)
	}
	if got := o.taken(t); got.ID != id || got.Ticket != ticket || got.Day != s.day() {
		t.Errorf("the office has %+v; the visitor %s of %s", got, ticket, s.day())
	}
}

// The office goes by it, and so does whoever is to update the older of the two.
func speaksContract(t *testing.T, o Office) {
	s := newStation(t, o)
	s.ready()
	var asked *stationv1.GetOfficeRequest
	s.conn.do(func(c *conn) { asked = c.asked })
	if station, office := asked.GetContract(), s.Office().GetContract(); station != stationv1.Contract || office != stationv1.Contract {
		t.Errorf("the station says that it speaks contract %d, the office %d; both speak %d", station, office, stationv1.Contract)
	}
}

func arrivesWhole(t *testing.T, o Office) {
	s := newStation(t, o)
	id, ticket := s.confirm(300_000)
	s.sent()
	if got := o.taken(t); !same(got, id, ticket, s.day(), 300_000) {
		t.Errorf("the office has %s %s of %s for %s in %s, and %d files", got.ID, got.Ticket, got.Day, got.Service, got.Language, len(got.Files))
	}
	if c := s.counts(); c.Outbox != 0 || c.Expired != 0 {
		t.Errorf("at the station: %+v", c)
	}
}

func arrivesEmpty(t *testing.T, o Office) {
	s := newStation(t, o)
	id, ticket := s.confirm(0)
	s.sent()
	if got := o.taken(t); !same(got, id, ticket, s.day(), 0) {
		t.Errorf("the office has %+v", got)
	}
}

func isAnswered(t *testing.T, o Office) {
	s := newStation(t, o)
	s.ready()
	s.conn.do(func(c *conn) { c.down = true })
	id, _ := s.confirm(10)
	answer, forget := s.Expect(id)
	defer forget()
	s.conn.do(func(c *conn) { c.down = false })
	s.Wake()
	select {
	case a := <-answer:
		if a.Ahead < 0 {
			t.Errorf("answered %+v", a)
		}
	case <-time.After(patience):
		t.Fatalf("no answer; the log says\n%s", s.log)
	}
}

func goesOn(t *testing.T, o Office) {
	const size, breakAt = 500_000, 4
	s := newStation(t, o)
	s.ready()
	came := int64(0)
	s.conn.do(func(c *conn) {
		c.breakAt = breakAt
		c.broken = func(h *stationv1.UploadHeader) { came = o.comes(t, h) }
	})
	id, ticket := s.confirm(size)
	s.sent()
	if got := o.taken(t); !same(got, id, ticket, s.day(), size) {
		t.Errorf("the office has %s %s with %d files", got.ID, got.Ticket, len(got.Files))
	}
	var from []int64
	s.conn.do(func(c *conn) {
		for _, h := range c.uploaded {
			from = append(from, h.GetOffset())
		}
	})
	if came == 0 || slices.Max(from) < came {
		t.Errorf("%d bytes had come when it broke; uploads began at %v", came, from)
	}
}

// comes waits until some of an upload has come, and gives how much.
func (o Office) comes(t *testing.T, h *stationv1.UploadHeader) int64 {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		have, err := o.client().GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: h.GetCheckInId(), Sha256: h.GetSha256()})
		if err != nil {
			t.Error(err)
			return 0
		}
		if have.GetOffset() > 0 {
			return have.GetOffset()
		}
	}
	t.Error("nothing of an upload comes")
	return 0
}

func takenOnce(t *testing.T, o Office) {
	s := newStation(t, o)
	s.ready()
	s.conn.do(func(c *conn) { c.lose = true })
	id, ticket := s.confirm(10)
	s.sent()
	if got := o.taken(t); !same(got, id, ticket, s.day(), 10) {
		t.Errorf("the office has %+v", got)
	}
	s.conn.do(func(c *conn) {
		if len(c.sent) != 2 {
			t.Errorf("it was submitted %d times", len(c.sent))
		}
	})
}

func sendsLater(t *testing.T, o Office) {
	s := newStation(t, o)
	s.ready()
	s.conn.do(func(c *conn) { c.down = true })
	s.until("being cut off", func() bool { return !s.Linked() })
	id, ticket := s.confirm(10)
	other, _ := s.confirm(0)
	if s.Office() == nil {
		t.Error("the office is forgotten while cut off")
	}
	if got := o.Taken(t); len(got) != 0 {
		t.Errorf("the office has %d check-ins of a station that is cut off", len(got))
	}
	s.conn.do(func(c *conn) { c.down = false })
	s.sent()
	all := o.Taken(t)
	if want := []string{id, other}; len(all) != 2 || !slices.Equal(ids(all), slices.Sorted(slices.Values(want))) {
		t.Fatalf("the office has %v, want %v", ids(all), want)
	}
	if !slices.ContainsFunc(all, func(c CheckIn) bool { return same(c, id, ticket, s.day(), 10) }) {
		t.Errorf("the office has %+v", all)
	}
}

func sendsAfterRestart(t *testing.T, o Office) {
	first := newStation(t, o)
	first.ready()
	first.conn.do(func(c *conn) { c.down = true })
	id, ticket := first.confirm(70_000)
	revision := first.Office().GetRevision()
	first.stop()
	second := start(t, o, first.path)
	if got := second.Office(); got.GetRevision() != revision {
		t.Error("the office is forgotten")
	}
	second.sent()
	if got := o.taken(t); !same(got, id, ticket, second.day(), 70_000) {
		t.Errorf("the office has %s %s", got.ID, got.Ticket)
	}
}

func leasesOnce(t *testing.T, o Office) {
	lease := func(id string) *stationv1.LeaseNumbersResponse {
		t.Helper()
		r, err := o.client().LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: id, Count: 20})
		must(t, err)
		return r
	}
	of := func(r *stationv1.LeaseNumbersResponse) string {
		return fmt.Sprintf("%s-%d, %d of them, for %s", r.GetPrefix(), r.GetFirst(), r.GetCount(), r.GetDay())
	}
	one, other := uuid.NewString(), uuid.NewString()
	first, second := lease(one), lease(other)
	if again := lease(one); of(again) != of(first) {
		t.Errorf("%s; want %s", of(again), of(first))
	}
	if first.GetCount() < 1 || second.GetPrefix() == first.GetPrefix() && second.GetFirst() < first.GetFirst()+first.GetCount() {
		t.Errorf("%s and %s", of(first), of(second))
	}
}

func answersAgain(t *testing.T, o Office) {
	s := newStation(t, o)
	id, _ := s.confirm(10)
	s.sent()
	var sent *stationv1.SubmitRequest
	s.conn.do(func(c *conn) { sent = c.sent[0] })
	first, err := o.client().Submit(t.Context(), sent)
	must(t, err)
	s.confirm(0) // who comes meanwhile changes nothing
	s.sent()
	again, err := o.client().Submit(t.Context(), sent)
	must(t, err)
	if first.GetRoom() != again.GetRoom() || first.GetAhead() != again.GetAhead() {
		t.Errorf("answered %v, then %v", first, again)
	}
	other := &stationv1.SubmitRequest{
		CheckInId: id, ConfirmedAt: sent.GetConfirmedAt(), ServiceId: "appointment", Language: "de", Ticket: sent.GetTicket(), Day: sent.GetDay(),
	}
	if _, err := o.client().Submit(t.Context(), other); status.Code(err) != codes.AlreadyExists {
		t.Errorf("another under the same id: %v", err)
	}
	if all := o.Taken(t); len(all) != 2 {
		t.Errorf("the office has %d check-ins of two", len(all))
	}
}

func wantsAllFiles(t *testing.T, o Office) {
	sum := sha256.Sum256([]byte("never sent"))
	_, err := o.client().Submit(t.Context(), &stationv1.SubmitRequest{
		CheckInId: uuid.Must(uuid.NewV7()).String(), ConfirmedAt: timestamppb.New(o.Now), ServiceId: "permit", Language: "uk", Ticket: "A-1",
		Day: o.Now.Format(time.DateOnly), RecordSha256: sum[:],
	})
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("without its record: %v", err)
	}
	if all := o.Taken(t); len(all) != 0 {
		t.Errorf("the office has taken %+v", all)
	}
}
