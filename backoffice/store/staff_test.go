package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

const idle = 15 * time.Minute

// signIn sets brandt's password and begins a session at noon.
func signIn(t *testing.T, s *store.Store, token string) {
	t.Helper()
	if _, err := s.PasswordHash(t.Context(), "brandt"); err != nil {
		if err := s.SetPassword(t.Context(), "brandt", "hash"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.BeginSession(t.Context(), []byte(token), "brandt", "hash", noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
}

func TestASessionSaysHowItEnded(t *testing.T) {
	for _, c := range []struct {
		want store.Ending
		at   time.Duration
		do   func(s *store.Store) error
	}{
		{"", idle - time.Millisecond, nil},
		{store.EndedByIdling, idle, nil},
		{store.EndedByIdling, -2 * time.Minute, nil}, // the clock was set back: from the future it is not believed
		{"", -30 * time.Second, nil},
		{"", time.Hour - time.Millisecond, func(s *store.Store) error { return s.Seen(t.Context(), []byte("a"), noon.Add(50*time.Minute)) }},
		{store.EndedByTime, time.Hour, func(s *store.Store) error { return s.Seen(t.Context(), []byte("a"), noon.Add(59*time.Minute)) }},
		{store.EndedBySigningOut, 0, func(s *store.Store) error { return s.EndSession(t.Context(), []byte("a"), store.EndedBySigningOut) }},
		{store.EndedByPassword, 0, func(s *store.Store) error { return s.SetPassword(t.Context(), "brandt", "new") }},
		{"", 0, func(s *store.Store) error { return s.SetPassword(t.Context(), "yilmaz", "new") }},
	} {
		s := open(t)
		signIn(t, s, "a")
		if c.do != nil {
			if err := c.do(s); err != nil {
				t.Fatal(err)
			}
		}
		found, err := s.Session(t.Context(), []byte("a"))
		if got := found.Ending(noon.Add(c.at), idle); err != nil || got != c.want || found.Name != "brandt" {
			t.Errorf("after %v: ended by %q, %v; want %q", c.at, got, err, c.want)
		}
	}
}

func TestASessionEndsOnce(t *testing.T) {
	s := open(t)
	signIn(t, s, "a")
	for _, why := range []store.Ending{store.EndedBySigningOut, store.EndedByAnother} {
		if err := s.EndSession(t.Context(), []byte("a"), why); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetPassword(t.Context(), "brandt", "new"); err != nil {
		t.Fatal(err)
	}
	if found, _ := s.Session(t.Context(), []byte("a")); found.Ending(noon, idle) != store.EndedBySigningOut {
		t.Errorf("it ended by %q", found.Ending(noon, idle))
	}
}

func TestEndedSessionsAreForgottenWithTheirTime(t *testing.T) {
	s := open(t)
	signIn(t, s, "a")
	if err := s.BeginSession(t.Context(), []byte("b"), "brandt", "hash", noon.Add(time.Hour), noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(t.Context(), []byte("a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestAPasswordThatIsNoMoreBeginsNoSession(t *testing.T) {
	s := open(t)
	signIn(t, s, "a")
	if err := s.SetPassword(t.Context(), "brandt", "new"); err != nil {
		t.Fatal(err)
	}
	err := s.BeginSession(t.Context(), []byte("b"), "brandt", "hash", noon, noon.Add(time.Hour))
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old password, matched before the new one was set, begins a session: %v", err)
	}
}

func TestABrowserIsKnownToThoseWhoSignedInThere(t *testing.T) {
	s := open(t)
	signIn(t, s, "a")
	if err := s.SetPassword(t.Context(), "yilmaz", "hash"); err != nil {
		t.Fatal(err)
	}
	known := func(token, name string, at time.Time) bool {
		t.Helper()
		id, err := s.KnownBrowser(t.Context(), []byte(token), name, at)
		if err != nil {
			t.Fatal(err)
		}
		if id != nil && string(id) != "one" {
			t.Errorf("by its token %s it is the browser %q", token, id)
		}
		return id != nil
	}
	remember := func(former, token, name string) {
		t.Helper()
		if err := s.RememberBrowser(t.Context(), []byte(former), []byte(token), name, noon, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	remember("", "one", "brandt")
	if !known("one", "brandt", noon) || known("one", "yilmaz", noon) || known("", "brandt", noon) || known("one", "brandt", noon.Add(time.Hour)) {
		t.Error("it is not known to brandt alone, for an hour")
	}
	remember("one", "two", "yilmaz")
	if known("one", "brandt", noon) || !known("two", "brandt", noon) || !known("two", "yilmaz", noon) {
		t.Error("a new token does not take the place of the old one for everybody")
	}
	if err := s.SetPassword(t.Context(), "brandt", "new"); err != nil {
		t.Fatal(err)
	}
	if known("two", "brandt", noon) || !known("two", "yilmaz", noon) {
		t.Error("a new password does not make brandt, and brandt alone, a stranger there")
	}
}
