package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// ExerciseInstances plays what two stores over the same data promise each other: what one of them did is true for the other as soon
// as the call has returned, and two things that exclude each other are not done one by each. Open opens both over data in which
// nothing is yet.
func ExerciseInstances(t *testing.T, open func(t testing.TB) (one, other Store)) {
	for name, play := range map[string]func(t *testing.T, one, other Store){
		"what one does the other sees":          seenByTheOther,
		"sessions and browsers are everybody's": signedInEverywhere,
		"nobody is called twice":                func(t *testing.T, one, other Store) { callAtOnce(t, one, other) },
		"one click is one click":                clickedAtBoth,
		"no number is leased twice":             func(t *testing.T, one, other Store) { leaseAtOnce(t, one, other) },
		"one restore is one epoch":              func(t *testing.T, one, other Store) { observeAtOnce(t, one, other) },
		"an epoch ends everywhere":              epochEndsEverywhere,
	} {
		t.Run(name, func(t *testing.T) {
			one, other := open(t)
			play(t, one, other)
		})
	}
}

// ExerciseWatching plays what those promise each other who watch the same office, or admit to it, wherever they run: each hears of
// every change, and two submissions of one check-in do not meet. Open opens the store of either; where all of an office runs in one process, both are one.
func ExerciseWatching(t *testing.T, open func(t testing.TB) (one, other Store)) {
	t.Run("every change is announced", func(t *testing.T) {
		one, other := open(t)
		announcedTo(t, one, other)
	})
	t.Run("two submissions of one check-in do not meet", func(t *testing.T) {
		one, other := open(t)
		unlock, err := one.LockAdmission(t.Context(), numbered(1))
		must(t, err)
		admitted := make(chan error)
		go func() {
			unlock, err := other.LockAdmission(t.Context(), numbered(1))
			if err == nil {
				unlock()
			}
			admitted <- err
		}()
		select {
		case err := <-admitted:
			t.Fatalf("two at a time: %v", err)
		case <-time.After(50 * time.Millisecond): // long enough for one that does not wait
		}
		unlock()
		must(t, <-admitted)
	})
}

func seenByTheOther(t *testing.T, one, other Store) {
	id := arrive(t, one, 1, "brandt")
	if got, err := other.Submitted(t.Context(), id); err != nil || got.Station != "station-1" {
		t.Errorf("admitted: %+v, %v", got, err)
	}
	called, err := other.CallNext(t.Context(), "brandt", []string{"brandt"}, noon)
	if err != nil || called != id {
		t.Fatalf("called %s, %v", called, err)
	}
	if all, err := one.Queue(t.Context()); err != nil || len(all) != 1 || all[0].CalledBy != "brandt" {
		t.Errorf("called there, here %+v, %v", all, err)
	}
	if _, err := one.CallNext(t.Context(), "brandt", []string{"brandt"}, noon); !errors.Is(err, store.ErrNobodyWaiting) {
		t.Errorf("called again: %v", err)
	}
	must(t, one.Finish(t.Context(), "brandt", id, store.Done, noon))
	if trail, err := other.AuditTrail(t.Context(), id); err != nil || len(trail) != 2 {
		t.Errorf("kept: %+v, %v", trail, err)
	}
	must(t, one.SetDenied(t.Context(), []string{"station-1"}, noon))
	if c, _, err := other.CheckIn(t.Context(), id); err != nil || c.DeniedSince.IsZero() {
		t.Errorf("denied there, here %+v, %v", c, err)
	}
	_, err = other.Revision(t.Context(), []byte("a"))
	must(t, err)
	if revision, err := one.Revision(t.Context(), []byte("b")); err != nil || revision != 2 {
		t.Errorf("revision %d, %v", revision, err)
	}
	must(t, one.Forget(t.Context(), id))
	if _, _, err := other.CheckIn(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("erased there, here %v", err)
	}
}

// clickedAtBoth sends one command to both at once, as a browser does that clicks twice behind a balancer.
func clickedAtBoth(t *testing.T, one, other Store) {
	first, second := arrive(t, one, 1, "brandt"), arrive(t, one, 2, "brandt")
	next := by(queue.Next, "")
	next.ID = "click"
	var ids [2]string
	var both sync.WaitGroup
	for i, s := range []Store{one, other} {
		both.Go(func() {
			answer, err := s.Do(t.Context(), next, queue.Rules{}, nil)
			if err != nil {
				t.Error(err)
			}
			ids[i] = answer.CheckIn
		})
	}
	both.Wait()
	if ids != [2]string{first, first} || look(t, other, second).State != store.Waiting {
		t.Errorf("called %v", ids)
	}
	_, _, err := one.SealLog(t.Context(), signer(), noon, 2)
	must(t, err)
	_, _, err = other.SealLog(t.Context(), signer(), noon, 10)
	must(t, err)
	if r := verified(t, one); !r.Whole || r.Entries != 3 || r.Unlinked != 0 {
		t.Errorf("linked by both: %+v", r)
	}
}

func signedInEverywhere(t *testing.T, one, other Store) {
	signIn(t, one, "a")
	expectEnding(t, other, "a", 0, "")
	must(t, other.Seen(t.Context(), []byte("a"), noon.Add(10*time.Minute)))
	expectEnding(t, one, "a", 20*time.Minute, "")
	must(t, one.RememberBrowser(t.Context(), nil, []byte("browser"), "brandt", noon, noon.Add(time.Hour)))
	if id, err := other.KnownBrowser(t.Context(), []byte("browser"), "brandt", noon); err != nil || id == nil {
		t.Errorf("a browser known there is unknown here: %v", err)
	}
	must(t, other.EndSession(t.Context(), []byte("a"), store.EndedBySigningOut))
	expectEnding(t, one, "a", 0, store.EndedBySigningOut)
}

func epochEndsEverywhere(t *testing.T, one, other Store) {
	old := request(t, one, "station-1", "r", 10)
	must(t, other.NewEpoch(t.Context(), noon))
	if _, err := one.LeaseNumbers(t.Context(), old); !errors.Is(err, store.ErrEpochEnded) {
		t.Errorf("leased in an epoch that ended there: %v", err)
	}
	lease(t, other, request(t, one, "station-1", "r", 10))
	all := []store.Epoch{epoch(t, one), epoch(t, other)}
	if !slices.Equal(all[:1], all[1:]) || all[0].Lease != 1 {
		t.Errorf("%+v", all)
	}
}
