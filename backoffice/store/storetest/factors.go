package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

func factors() []promise {
	return []promise{
		{"an account has the second factor that it was given", factorKept},
		{"a code is taken once, and none before it", codeOnce},
		{"a recovery code is taken once", recoveryOnce},
		{"a session that is proved goes on under another token", sessionProved},
		{"only a session that lives is proved", nothingToProve},
		{"a reset takes every second factor, and ends the sessions", factorsReset},
	}
}

// protect gives brandt a second factor whose code of time step 100 was taken, with two recovery codes.
func protect(t *testing.T, s Store) {
	t.Helper()
	add(t, s, brandt)
	must(t, s.SetSecret(t.Context(), "brandt", brandt.ID, []byte("sealed"), 100, [][]byte{[]byte("r1"), []byte("r2")}, noon))
}

func factorKept(t *testing.T, s Store) {
	add(t, s, yilmaz)
	protect(t, s)
	f, err := s.Factors(t.Context(), brandt.ID)
	if err != nil || string(f.Secret) != "sealed" || f.Recovery != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err := s.Factors(t.Context(), yilmaz.ID); err != nil || f.Secret != nil || f.Recovery != 0 {
		t.Errorf("one that was given none has %+v, %v", f, err)
	}
	if a, err := s.Account(t.Context(), "brandt"); err != nil || !a.SecondFactor {
		t.Errorf("the account does not say so: %+v, %v", a, err)
	}
	must(t, s.SetSecret(t.Context(), "brandt", brandt.ID, []byte("other"), 50, [][]byte{[]byte("r3")}, noon))
	if f, err := s.Factors(t.Context(), brandt.ID); err != nil || string(f.Secret) != "other" || f.Recovery != 1 {
		t.Errorf("the next: %+v, %v", f, err)
	}
	if err := s.SetSecret(t.Context(), "brandt", "none", []byte("sealed"), 1, nil, noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
	if _, err := s.Factors(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("those of nobody: %v", err)
	}
}

func codeOnce(t *testing.T, s Store) {
	protect(t, s)
	for _, step := range []int64{100, 99} {
		if err := s.TakeCode(t.Context(), brandt.ID, step); !errors.Is(err, store.ErrUsed) {
			t.Errorf("step %d: %v", step, err)
		}
	}
	const many = 8
	taken := make(chan error, many)
	var all sync.WaitGroup
	for range many {
		all.Go(func() { taken <- s.TakeCode(t.Context(), brandt.ID, 101) })
	}
	all.Wait()
	close(taken)
	ones := 0
	for err := range taken {
		if err == nil {
			ones++
		} else if !errors.Is(err, store.ErrUsed) {
			t.Error(err)
		}
	}
	if ones != 1 {
		t.Errorf("of %d who take one code at once %d have it", many, ones)
	}
}

func recoveryOnce(t *testing.T, s Store) {
	protect(t, s)
	add(t, s, yilmaz)
	if err := s.TakeRecovery(t.Context(), "yilmaz", yilmaz.ID, []byte("r1"), noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	must(t, s.TakeRecovery(t.Context(), "brandt", brandt.ID, []byte("r1"), noon))
	if err := s.TakeRecovery(t.Context(), "brandt", brandt.ID, []byte("r1"), noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	if f, err := s.Factors(t.Context(), brandt.ID); err != nil || f.Recovery != 1 {
		t.Errorf("%d are left, %v", f.Recovery, err)
	}
}

func sessionProved(t *testing.T, s Store) {
	protect(t, s)
	signIn(t, s, "a")
	must(t, s.ProveSession(t.Context(), []byte("a"), []byte("b"), store.ProofCode, noon.Add(time.Minute)))
	expectEnding(t, s, "a", 0, store.EndedByAnother)
	found, err := s.Session(t.Context(), []byte("b"))
	if err != nil || found.Proof != store.ProofCode || !found.Seen.Equal(noon.Add(time.Minute)) || !found.Expires.Equal(noon.Add(time.Hour)) {
		t.Errorf("it goes on as %+v, %v", found, err)
	}
	expectEnding(t, s, "b", 2*time.Minute, "")
}

func nothingToProve(t *testing.T, s Store) {
	protect(t, s)
	signIn(t, s, "ended")
	must(t, s.EndSession(t.Context(), []byte("ended"), store.EndedBySigningOut))
	signIn(t, s, "old")
	for token, at := range map[string]time.Time{"ended": noon, "old": noon.Add(time.Hour), "none": noon} {
		err := s.ProveSession(t.Context(), []byte(token), []byte("new of "+token), store.ProofCode, at)
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", token, err)
		}
		if _, err := s.Session(t.Context(), []byte("new of "+token)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s goes on: %v", token, err)
		}
	}
}

func factorsReset(t *testing.T, s Store) {
	protect(t, s)
	signIn(t, s, "a")
	must(t, s.ResetFactors(t.Context(), "@keeper", brandt.ID, noon))
	expectEnding(t, s, "a", 0, store.EndedByReset)
	if f, err := s.Factors(t.Context(), brandt.ID); err != nil || f.Secret != nil || f.Recovery != 0 {
		t.Errorf("there is left %+v, %v", f, err)
	}
	if a, err := s.Account(t.Context(), "brandt"); err != nil || a.SecondFactor {
		t.Errorf("the account still says so: %v", err)
	}
	if err := s.ResetFactors(t.Context(), "@keeper", "none", noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}
