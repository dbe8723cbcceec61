package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/postgres"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

var noon = time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)

const today = "2026-03-02"

func numbered(n int) string { return fmt.Sprintf("0192f0a0-0000-7000-8000-%012d", n) }

// visitor is check-in number n.
func visitor(n int) store.Admission {
	return store.Admission{
		CheckIn: store.CheckIn{ID: numbered(n), Station: "station-1", ConfirmedAt: noon, Ticket: fmt.Sprint("A-", n), Day: today},
		Today:   today, At: noon, Request: []byte(numbered(n)), Record: []byte("sealed"), Uploads: []store.Upload{{SHA256: []byte{1}, Size: 7}},
	}
}

func pooled([]store.Queued) store.Placement {
	return store.Placement{Decision: routing.Decision{Rule: "r", Caseworker: "pool"}}
}

// day is a morning at two instances: stations hand in, caseworkers call, and whoever gets no answer asks again, as stations and people do.
type day struct {
	stores   [2]*postgres.Store
	visitors int
	next     atomic.Int64 // the visitor who comes next
	acted    atomic.Int64 // what was acknowledged

	mu     sync.Mutex
	called map[string][]string // by whom, as each was told
}

func (d *day) station(ctx context.Context, s *postgres.Store) error {
	for {
		n := int(d.next.Add(1))
		if n > d.visitors {
			return nil
		}
		for {
			if _, err := s.Submitted(ctx, numbered(n)); err == nil { // as intake does before it admits
				break
			} else if errors.Is(err, store.ErrNotFound) && s.Admit(ctx, visitor(n), pooled) == nil {
				break
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		d.acted.Add(1)
	}
}

func (d *day) caseworker(ctx context.Context, s *postgres.Store, name string) error {
	for ctx.Err() == nil {
		id, err := s.CallNext(ctx, name, []string{"pool"}, noon)
		switch {
		case errors.Is(err, store.ErrNobodyWaiting) && d.acted.Load() >= int64(d.visitors): // who is not there yet will not come
			return nil
		case errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrUnknown): // the console shows who is at the desk
			id = atDesk(ctx, s, name)
		}
		if id == "" {
			continue
		}
		d.mu.Lock()
		d.called[id] = append(d.called[id], name)
		d.mu.Unlock()
		for {
			err := s.Finish(ctx, name, id, store.Done, noon)
			if err == nil || errors.Is(err, store.ErrTaken) { // the last try was kept, and not answered
				break
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// atDesk is who is at a caseworker's desk; empty for nobody.
func atDesk(ctx context.Context, s *postgres.Store, name string) string {
	for ctx.Err() == nil {
		queue, err := s.Queue(ctx)
		if err != nil {
			continue
		}
		for _, c := range queue {
			if c.CalledBy == name {
				return c.ID
			}
		}
		return ""
	}
	return ""
}

func TestAServerThatIsKilledUnderLoadLosesNothingAndNobodyIsCalledTwice(t *testing.T) {
	dsn := database(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	d := &day{stores: [2]*postgres.Store{open(t, dsn), open(t, dsn)}, visitors: 150, called: map[string][]string{}}
	var everyone sync.WaitGroup
	for n := range 4 {
		everyone.Go(func() {
			if err := d.station(ctx, d.stores[n%2]); err != nil {
				t.Error(err)
			}
		})
		everyone.Go(func() {
			if err := d.caseworker(ctx, d.stores[n%2], fmt.Sprint("caseworker-", n)); err != nil {
				t.Error(err)
			}
		})
	}
	for _, after := range []int64{20, 60, 100} {
		for d.acted.Load() < after && ctx.Err() == nil {
			time.Sleep(time.Millisecond) // until so many were acknowledged
		}
		if err := errors.Join(cluster.Kill(), cluster.Up(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	everyone.Wait()
	expectOnce(t, d)
}

func TestAnAdmissionThatWasAcknowledgedOutlivesTheServerAtOnce(t *testing.T) {
	s := open(t, database(t))
	for n := range 3 {
		if err := s.Admit(t.Context(), visitor(n), pooled); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(cluster.Kill(), cluster.Up(t.Context())); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Submitted(t.Context(), numbered(n)); err != nil {
			t.Errorf("A-%d: %v", n, err)
		}
	}
}

func expectOnce(t *testing.T, d *day) {
	t.Helper()
	s := d.stores[0]
	if n, err := s.CountCheckIns(t.Context()); err != nil || n != d.visitors {
		t.Errorf("%d of %d are kept, %v", n, d.visitors, err)
	}
	for n := 1; n <= d.visitors; n++ {
		if by := d.called[numbered(n)]; len(by) != 1 {
			t.Errorf("A-%d was called by %v", n, by)
		}
		trail, err := s.AuditTrail(t.Context(), numbered(n))
		if err != nil || len(trail) != 2 {
			t.Errorf("of A-%d is kept %+v, %v", n, trail, err)
		}
	}
}

func TestAConnectionThatIsCutMeanwhileIsAnsweredAsUnknownAndAskingAgainDoesNothingTwice(t *testing.T) {
	for name, kept := range map[string]bool{"before the server has heard of the commit": false, "before its answer": true} {
		t.Run(name, func(t *testing.T) {
			straight := database(t)
			line := cutLine(t, straight)
			s, other := open(t, line.dsn), open(t, straight)
			if err := s.Admit(t.Context(), visitor(1), pooled); err != nil {
				t.Fatal(err)
			}
			const commit = "Q\x00\x00\x00\x0bcommit\x00" // the message, https://www.postgresql.org/docs/15/protocol-message-formats.html: Query
			line.cutAt(commit, kept)
			if err := s.Admit(t.Context(), visitor(2), pooled); !errors.Is(err, store.ErrUnknown) {
				t.Errorf("an admission: %v", err)
			}
			if _, err := other.Submitted(t.Context(), numbered(2)); errors.Is(err, store.ErrNotFound) == kept {
				t.Errorf("it was kept: %v; want %v", err, kept)
			}
			if err := s.Admit(t.Context(), visitor(2), pooled); (err == nil) == kept {
				t.Errorf("once more: %v", err)
			}
			line.cutAt(commit, kept)
			if id, err := s.CallNext(t.Context(), "brandt", []string{"pool"}, noon); !errors.Is(err, store.ErrUnknown) {
				t.Errorf("a call: %s, %v", id, err)
			}
			id, err := s.CallNext(t.Context(), "brandt", []string{"pool"}, noon)
			if kept && !errors.Is(err, store.ErrBusy) || !kept && id != numbered(1) {
				t.Errorf("once more: %s, %v", id, err)
			}
			if trail, err := other.AuditTrail(t.Context(), numbered(1)); err != nil || len(trail) != 1 {
				t.Errorf("kept: %+v, %v", trail, err)
			}
		})
	}
}

func TestWhoWasCutOffFromAnnouncementsHearsThemAgain(t *testing.T) {
	dsn := database(t)
	one, other := open(t, dsn), open(t, dsn)
	heard := other.Changed()
	if err := one.MoveDay(t.Context(), today, today); err != nil {
		t.Fatal(err)
	}
	expectHeard(t, heard, "at first")
	heard = other.Changed()
	err := cluster.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'foyer'")
	if err != nil {
		t.Fatal(err)
	}
	expectHeard(t, heard, "once it listens again, for what it has missed")
	for range 3 {
		heard = other.Changed()
		if err := one.MoveDay(t.Context(), today, today); err != nil {
			t.Fatal(err)
		}
		expectHeard(t, heard, "again")
	}
}

func expectHeard(t *testing.T, changed <-chan struct{}, when string) {
	t.Helper()
	select {
	case <-changed:
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing was heard %s", when)
	}
}
