package storetest

import (
	"bytes"
	"errors"
	"testing"

	"github.com/foyer-station/foyer/backoffice/store"
)

func passkeys() []promise {
	return []promise{
		{"an account has the passkeys that it was given", passkeysKept},
		{"what a session has begun is taken once", ceremonyOnce},
		{"a reset takes the passkeys", passkeysReset},
	}
}

func passkeysKept(t *testing.T, s Store) {
	add(t, s, brandt, yilmaz)
	one, two := store.Passkey{ID: []byte("two letters later"), Credential: []byte("1")}, store.Passkey{ID: []byte("a"), Credential: []byte("2")}
	for _, p := range []store.Passkey{one, two} {
		must(t, s.AddPasskey(t.Context(), "brandt", brandt.ID, p, noon))
	}
	if err := s.AddPasskey(t.Context(), "yilmaz", yilmaz.ID, one, noon); !errors.Is(err, store.ErrUsed) {
		t.Errorf("somebody else's: %v", err)
	}
	if err := s.AddPasskey(t.Context(), "yilmaz", "none", store.Passkey{ID: []byte("b")}, noon); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody's: %v", err)
	}
	if err := s.UpdatePasskey(t.Context(), yilmaz.ID, one); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("changed by somebody else: %v", err)
	}
	two.Credential = []byte("3")
	must(t, s.UpdatePasskey(t.Context(), brandt.ID, two))
	all, err := s.Passkeys(t.Context(), brandt.ID)
	if err != nil || len(all) != 2 || !bytes.Equal(all[0].ID, one.ID) || !bytes.Equal(all[1].ID, two.ID) || string(all[1].Credential) != "3" {
		t.Errorf("%q, %v", all, err)
	}
	if a, err := s.Account(t.Context(), "brandt"); err != nil || !a.SecondFactor {
		t.Errorf("the account does not say that it has a second factor: %v", err)
	}
}

func ceremonyOnce(t *testing.T, s Store) {
	signIn(t, s, "a")
	signIn(t, s, "b")
	if _, err := s.TakeCeremony(t.Context(), []byte("a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before any: %v", err)
	}
	must(t, s.BeginCeremony(t.Context(), []byte("a"), []byte("first")))
	must(t, s.BeginCeremony(t.Context(), []byte("a"), []byte("second")))
	if _, err := s.TakeCeremony(t.Context(), []byte("b")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("by another session: %v", err)
	}
	if got, err := s.TakeCeremony(t.Context(), []byte("a")); err != nil || string(got) != "second" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.TakeCeremony(t.Context(), []byte("a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
	must(t, s.BeginCeremony(t.Context(), []byte("b"), []byte("third")))
	must(t, s.EndSession(t.Context(), []byte("b"), store.EndedBySigningOut))
	if _, err := s.TakeCeremony(t.Context(), []byte("b")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("by a session that has ended: %v", err)
	}
	if err := s.BeginCeremony(t.Context(), []byte("b"), []byte("fourth")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("begun by a session that has ended: %v", err)
	}
}

func passkeysReset(t *testing.T, s Store) {
	add(t, s, brandt)
	must(t, s.AddPasskey(t.Context(), "brandt", brandt.ID, store.Passkey{ID: []byte("a"), Credential: []byte("1")}, noon))
	must(t, s.ResetFactors(t.Context(), "@keeper", brandt.ID, noon))
	if all, err := s.Passkeys(t.Context(), brandt.ID); err != nil || len(all) != 0 {
		t.Errorf("there is left %q, %v", all, err)
	}
	if a, err := s.Account(t.Context(), "brandt"); err != nil || a.SecondFactor {
		t.Errorf("the account still says so: %v", err)
	}
}
