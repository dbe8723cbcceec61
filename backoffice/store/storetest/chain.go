package storetest

import (
	"context"
	"crypto/ed25519"
	"sync"
	"testing"

	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

func chain() []promise {
	return []promise{
		{"every entry is linked once and signed for, in order, however many link at once", linked},
		{"what is not linked yet is said to be so", notLinked},
		{"a log that is sealed tells what it said before", sealedAsItWas},
	}
}

// signer is a key of these tests' own.
func signer() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) }

// verified reads the whole log.
func verified(t *testing.T, s Store) auditlog.Report {
	t.Helper()
	report, err := auditlog.Verify(t.Context(), s, [][]byte{signer().Public().(ed25519.PublicKey)}, nil)
	must(t, err)
	return report
}

func linked(t *testing.T, s Store) {
	const desks, each = 4, 10
	var all sync.WaitGroup
	for d := range desks {
		all.Go(func() {
			for n := range each {
				if err := s.Admit(context.Background(), visitor(d*each+n), nowhere); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range each {
				if _, _, err := s.SealLog(context.Background(), signer(), noon, 3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for {
		head, n, err := s.SealLog(t.Context(), signer(), noon, 7)
		must(t, err)
		if n == 0 {
			break
		}
		if link, there, err := s.LinkAt(t.Context(), head.Seq); err != nil || !there || link != head.Link || !head.Signed() {
			t.Errorf("the head %+v is not the chain's: %v", head, err)
		}
	}
	r := verified(t, s)
	if !r.Whole || r.Entries != desks*each || r.Unlinked != 0 || r.SignedUntil != r.LinkedUntil {
		t.Errorf("%+v", r)
	}
}

func notLinked(t *testing.T, s Store) {
	if r := verified(t, s); !r.Whole || r.Entries != 0 {
		t.Errorf("an empty log: %+v", r)
	}
	for n := range 5 {
		arrive(t, s, n, "brandt")
	}
	_, n, err := s.SealLog(t.Context(), signer(), noon, 3)
	must(t, err)
	if r := verified(t, s); n != 3 || !r.Whole || r.Unlinked != 2 || r.Entries != 5 {
		t.Errorf("%d, %+v", n, r)
	}
	if _, there, err := s.LinkAt(t.Context(), 1<<40); err != nil || there {
		t.Errorf("the link of an entry that is not there: %v, %v", there, err)
	}
}

func sealedAsItWas(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	do(t, s, by(queue.Next, ""))
	park := by(queue.Park, id)
	park.Shared, park.Until, park.ID = true, noon.Add(1), "click" // less than is kept
	do(t, s, park)
	must(t, s.Audit(t.Context(), store.Entry{At: noon.Add(999), Name: "brandt", Action: store.ActionOpened, CheckIn: id, File: "portrait"}))
	must(t, s.AppendEvent(t.Context(), queue.Event{At: noon, Kind: auditlog.KindRestored, Place: 17}))
	_, _, err := s.SealLog(t.Context(), signer(), noon.Add(1), 100)
	must(t, err)
	must(t, s.Forget(t.Context(), id))
	if r := verified(t, s); !r.Whole || r.Unlinked != 1 || len(r.Restores) != 1 || r.Restores[0].Head != 17 {
		t.Errorf("%+v", r)
	}
}
