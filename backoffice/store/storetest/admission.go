package storetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

func admission() []promise {
	return []promise{
		{"what was admitted is found as it came", comesBack},
		{"what a visitor was told is told again", toldAgain},
		{"why a check-in was sent where is kept with it", explained},
		{"a check-in is admitted once", admittedOnce},
		{"who is placed is placed behind everyone who waits", placedBehind},
		{"a file belongs to its station, and its bytes to a time", filesOfAStation},
		{"two visitors with one number are both there, and told apart", twins},
		{"a ticket that waits has a twin of another day too", twinsOfTwoDays},
		{"no text is too odd to be kept, or to be asked for", oddTexts},
		{"a revision grows only with a change", revisions},
		{"two submissions of one check-in do not meet", oneAtATime},
		{"many are admitted at once, each as it came", manyAtOnce},
	}
}

func comesBack(t *testing.T, s Store) {
	a := visitor(1)
	a.Language, a.Discrepancy, a.Verdict, a.Validity = "uk", store.Respelt, verify.Doubtful, verify.Expired
	decision := routing.Decision{Rule: "permits", Caseworker: "brandt", About: map[string]string{"de": "Titel", "en": "Permits"}}
	admit(t, s, a, func([]store.Queued) store.Placement { return store.Placement{Decision: decision, Room: "204"} })
	got, record, err := s.CheckIn(t.Context(), a.ID)
	if err != nil || !bytes.Equal(record, []byte("sealed")) || !got.Recorded {
		t.Fatalf("record %q, %v: %+v", record, err, got)
	}
	if got.Station != "station-1" || !got.ConfirmedAt.Equal(a.ConfirmedAt) || got.Service != "appointment" || got.Language != "uk" ||
		got.Ticket != "A-1" || got.Day != today || got.VisitDay != today || got.Discrepancy != store.Respelt || got.Twin ||
		got.Verdict != verify.Doubtful || got.Validity != verify.Expired || got.Room != "204" || got.State != store.Waiting || got.CalledBy != "" ||
		!got.CalledAt.IsZero() || got.Closed || !got.DeniedSince.IsZero() {
		t.Errorf("%+v", got)
	}
	if d := got.Decision; d.Rule != "permits" || d.Caseworker != "brandt" || d.About["de"] != "Titel" {
		t.Errorf("decided %+v", d)
	}
	without := visitor(2)
	without.Record, without.Uploads = nil, nil
	admit(t, s, without, with("brandt"))
	if got, record, err := s.CheckIn(t.Context(), without.ID); err != nil || record != nil || got.Recorded {
		t.Errorf("without data: record %q, %v", record, err)
	}
	if _, _, err := s.CheckIn(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func toldAgain(t *testing.T, s Store) {
	admit(t, s, visitor(1), func([]store.Queued) store.Placement { return store.Placement{Ahead: 3, Wait: 25 * time.Minute} })
	got, err := s.Submitted(t.Context(), numbered(1))
	if err != nil || got.Station != "station-1" || string(got.Request) != numbered(1) || got.Ahead != 3 || got.Wait != 25*time.Minute {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Submitted(t.Context(), numbered(2)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what never came: %v", err)
	}
}

func admittedOnce(t *testing.T, s Store) {
	arrive(t, s, 1, "brandt")
	again := visitor(1)
	again.Station, again.Request, again.Record, again.Uploads = "station-2", []byte("other"), []byte("other"), []store.Upload{{SHA256: []byte{2}, Size: 9}}
	if err := s.Admit(t.Context(), again, with("yilmaz")); err == nil {
		t.Error("a second check-in was admitted under the same id")
	}
	if got, err := s.Submitted(t.Context(), numbered(1)); err != nil || got.Station != "station-1" || string(got.Request) != numbered(1) {
		t.Errorf("the first has become %+v, %v", got, err)
	}
	if _, record, err := s.CheckIn(t.Context(), numbered(1)); err != nil || string(record) != "sealed" {
		t.Errorf("its record is %q, %v", record, err)
	}
	if queue, err := s.Queue(t.Context()); err != nil || len(queue) != 1 {
		t.Errorf("%d wait, %v", len(queue), err)
	}
}

func placedBehind(t *testing.T, s Store) {
	arrive(t, s, 1, "brandt")
	arrive(t, s, 2, "yilmaz")
	arrive(t, s, 3, "brandt")
	if _, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); err != nil { // who is at a desk does not wait
		t.Fatal(err)
	}
	admit(t, s, of(4, "2026-03-01", today), with("brandt")) // nor who came yesterday
	var waiting []string
	placed := 0
	admit(t, s, visitor(5), func(all []store.Queued) store.Placement {
		placed++
		for _, q := range all {
			waiting = append(waiting, q.Caseworker+" "+q.Service)
		}
		return store.Placement{}
	})
	slices.Sort(waiting)
	if placed != 1 || !slices.Equal(waiting, []string{"brandt appointment", "yilmaz appointment"}) {
		t.Errorf("placed %d times, behind %q", placed, waiting)
	}
}

func filesOfAStation(t *testing.T, s Store) {
	a := visitor(1)
	a.Uploads = []store.Upload{{SHA256: []byte{1}, Size: 7}, {SHA256: []byte{2}, Size: 5 << 30}}
	admit(t, s, a, with("brandt"))
	if size, err := s.Uploaded(t.Context(), "station-1", a.ID, []byte{2}); err != nil || size != 5<<30 {
		t.Errorf("%d bytes, %v", size, err)
	}
	for _, c := range []struct {
		station, id string
		sum         byte
	}{{"station-2", a.ID, 1}, {"station-1", numbered(2), 1}, {"station-1", a.ID, 3}} {
		if _, err := s.Uploaded(t.Context(), c.station, c.id, []byte{c.sum}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []struct {
		station      string
		after, until time.Duration
		want         int64
	}{{"station-1", -time.Hour, 0, 7 + 5<<30}, {"station-1", 0, time.Hour, 0}, {"station-1", -time.Hour, -time.Millisecond, 0}, {"station-2", -time.Hour, time.Hour, 0}} {
		if n, err := s.Stored(t.Context(), c.station, noon.Add(c.after), noon.Add(c.until)); err != nil || n != c.want {
			t.Errorf("%+v: %d, %v", c, n, err)
		}
	}
}

func twins(t *testing.T, s Store) {
	arrive(t, s, 1, "brandt")
	arrive(t, s, 2, "brandt")
	twin := visitor(1)
	twin.ID, twin.Station, twin.Discrepancy = "twin", "station-2", store.LeasedElsewhere
	admit(t, s, twin, nowhere)
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 3 {
		t.Fatalf("%d wait, %v", len(queue), err)
	}
	for _, c := range queue {
		if c.Twin != (c.Ticket == "A-1") || (c.Discrepancy != "") != (c.ID == "twin") {
			t.Errorf("%s of %s: twin %v, discrepancy %q", c.Ticket, c.Station, c.Twin, c.Discrepancy)
		}
	}
}

func twinsOfTwoDays(t *testing.T, s Store) {
	old, fresh := visitor(1), visitor(1)
	old.ID, old.Day, old.VisitDay = "old", "2026-03-01", today
	admit(t, s, old, with("brandt"))
	admit(t, s, fresh, with("brandt"))
	if c, _, err := s.CheckIn(t.Context(), fresh.ID); err != nil || !c.Twin {
		t.Errorf("beside one who waits with yesterday's number: twin %v, %v", c.Twin, err)
	}
	id, err := s.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	must(t, err)
	must(t, s.Finish(t.Context(), "brandt", id, store.Done, noon))
	if c, _, err := s.CheckIn(t.Context(), fresh.ID); err != nil || c.Twin || id != "old" {
		t.Errorf("once that one has gone: twin %v, %v; called %s", c.Twin, err, id)
	}
}

// oddTexts: what is shown of them may be another text; the visitor is there.
func oddTexts(t *testing.T, s Store) {
	a := visitor(1)
	a.Ticket, a.Language, a.Discrepancy = "\x00' \\ \xff\u202e", "\x00", store.NoNumber
	admit(t, s, a, with("brandt\x00"))
	if c, _, err := s.CheckIn(t.Context(), a.ID); err != nil || c.Ticket == "" || c.Discrepancy != store.NoNumber {
		t.Errorf("%+v, %v", c, err)
	}
	if id, err := s.CallNext(t.Context(), "brandt", []string{"brandt\x00"}, noon); err != nil || id != a.ID {
		t.Errorf("called %s, %v", id, err)
	}
	for _, odd := range []string{"\x00", "\xff", "brandt\x00", "' OR true --"} {
		if _, err := s.PasswordHash(t.Context(), odd); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a password of %q: %v", odd, err)
		}
		if _, _, err := s.CheckIn(t.Context(), odd); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a check-in %q: %v", odd, err)
		}
	}
}

func revisions(t *testing.T, s Store) {
	for i, step := range []struct {
		sum  string
		want int64
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"a", 3}} {
		if got, err := s.Revision(t.Context(), []byte(step.sum)); err != nil || got != step.want {
			t.Errorf("step %d: %d, %v; want %d", i, got, err, step.want)
		}
	}
}

func oneAtATime(t *testing.T, s Store) {
	unlock, err := s.LockAdmission(t.Context(), numbered(1))
	must(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the caller has gone")
	waited := make(chan error)
	go func() {
		_, err := s.LockAdmission(ctx, numbered(1))
		waited <- err
	}()
	other, err := s.LockAdmission(t.Context(), numbered(2))
	must(t, err)
	other()
	cancel(gone)
	if err := <-waited; !errors.Is(err, gone) {
		t.Errorf("a second submission meanwhile: %v", err)
	}
	must(t, s.Answers(t.Context())) // others go on
	unlock()
	unlock() // twice is once
	for range 2 {
		unlock, err := s.LockAdmission(t.Context(), numbered(1))
		must(t, err)
		unlock()
	}
	var inside atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			unlock, err := s.LockAdmission(t.Context(), numbered(1))
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if inside.Add(1) != 1 {
				t.Error("two submissions of one check-in met")
			}
			inside.Add(-1)
		})
	}
	all.Wait()
}

func manyAtOnce(t *testing.T, s Store) {
	const many = 24
	var all sync.WaitGroup
	for n := range many {
		all.Go(func() {
			place := with("brandt")
			if n%4 == 3 { // comes under the id of another, whose admission goes on meanwhile
				again := visitor(n - 1)
				again.Station = "station-2"
				s.Admit(context.Background(), again, place)
				return
			}
			a := visitor(n)
			if n%4 == 2 { // that one of the two is refused is all that is certain
				s.Admit(context.Background(), a, place)
				return
			}
			if err := s.Admit(context.Background(), a, place); err != nil {
				t.Errorf("check-in %d: %v", n, err)
			}
		})
	}
	all.Wait()
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != many*3/4 {
		t.Fatalf("%d wait, %v; want %d", len(queue), err, many*3/4)
	}
	for _, c := range queue {
		if _, record, err := s.CheckIn(t.Context(), c.ID); err != nil || string(record) != "sealed" {
			t.Errorf("%s: record %q, %v", c.ID, record, err)
		}
		if n, err := s.Uploaded(t.Context(), c.Station, c.ID, []byte{1}); err != nil || n != 7 {
			t.Errorf("%s: %d bytes, %v", c.ID, n, err)
		}
	}
}
