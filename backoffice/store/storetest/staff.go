package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

func sessions() []promise {
	return []promise{
		{"a session goes on until its holder idles or its time is up", sessionLives},
		{"a session says how it ended", sessionEnds},
		{"a session ends once", endsOnce},
		{"ended sessions are forgotten with their time", sessionsForgotten},
		{"a password that is no more begins no session", oldPassword},
		{"a browser is known to those who signed in there", knownBrowser},
	}
}

const idle = 15 * time.Minute

// signIn adds an account for brandt, if there is none, and begins a session at noon.
func signIn(t *testing.T, s Store, token string) {
	t.Helper()
	if _, err := s.PasswordHash(t.Context(), "brandt"); errors.Is(err, store.ErrNotFound) {
		add(t, s, brandt)
	}
	must(t, s.BeginSession(t.Context(), []byte(token), "brandt", "hash", noon, noon.Add(time.Hour)))
}

// expectEnding looks at a session some time after noon.
func expectEnding(t *testing.T, s Store, token string, after time.Duration, want store.Ending) {
	t.Helper()
	found, err := s.Session(t.Context(), []byte(token))
	if got := found.Ending(noon.Add(after), idle); err != nil || got != want || found.Account.Name != "brandt" {
		t.Errorf("%s of %s after %v: ended by %q, %v; want %q", token, found.Account.Name, after, got, err, want)
	}
}

func sessionLives(t *testing.T, s Store) {
	signIn(t, s, "a")
	expectEnding(t, s, "a", idle-time.Millisecond, "")
	expectEnding(t, s, "a", idle, store.EndedByIdling)
	expectEnding(t, s, "a", -30*time.Second, "")
	expectEnding(t, s, "a", -2*time.Minute, store.EndedByIdling) // the clock was set back: from the future it is not believed
	must(t, s.Seen(t.Context(), []byte("a"), noon.Add(50*time.Minute)))
	expectEnding(t, s, "a", time.Hour-time.Millisecond, "")
	must(t, s.Seen(t.Context(), []byte("a"), noon.Add(59*time.Minute)))
	expectEnding(t, s, "a", time.Hour, store.EndedByTime)
	add(t, s, yilmaz)
	expectEnding(t, s, "a", time.Hour-time.Millisecond, "")
	if _, err := s.Session(t.Context(), []byte("b")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that never was: %v", err)
	}
}

func sessionEnds(t *testing.T, s Store) {
	for _, token := range []string{"a", "b", "c"} {
		signIn(t, s, token)
	}
	must(t, s.EndSession(t.Context(), []byte("a"), store.EndedBySigningOut))
	must(t, s.EndSession(t.Context(), []byte("never was"), store.EndedBySigningOut))
	expectEnding(t, s, "a", 0, store.EndedBySigningOut)
	expectEnding(t, s, "b", 0, "")
	must(t, s.SetPassword(t.Context(), "brandt", "new"))
	expectEnding(t, s, "b", 0, store.EndedByPassword)
	expectEnding(t, s, "c", 0, store.EndedByPassword)
}

func endsOnce(t *testing.T, s Store) {
	signIn(t, s, "a")
	for _, why := range []store.Ending{store.EndedBySigningOut, store.EndedByAnother} {
		must(t, s.EndSession(t.Context(), []byte("a"), why))
	}
	must(t, s.SetPassword(t.Context(), "brandt", "new"))
	expectEnding(t, s, "a", 0, store.EndedBySigningOut)
}

func sessionsForgotten(t *testing.T, s Store) {
	signIn(t, s, "a")
	must(t, s.BeginSession(t.Context(), []byte("b"), "brandt", "hash", noon.Add(time.Hour), noon.Add(2*time.Hour)))
	if _, err := s.Session(t.Context(), []byte("a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
}

func oldPassword(t *testing.T, s Store) {
	signIn(t, s, "a")
	must(t, s.SetPassword(t.Context(), "brandt", "new"))
	if hash, err := s.PasswordHash(t.Context(), "brandt"); err != nil || hash != "new" {
		t.Errorf("the hash is %q, %v", hash, err)
	}
	for name, hash := range map[string]string{"brandt": "hash", "nobody": "new"} {
		err := s.BeginSession(t.Context(), []byte("b"), name, hash, noon, noon.Add(time.Hour))
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s begins a session with a password that is not, or no more: %v", name, err)
		}
	}
}

func knownBrowser(t *testing.T, s Store) {
	signIn(t, s, "a")
	add(t, s, yilmaz)
	known := func(token, name string, at time.Time) bool {
		t.Helper()
		id, err := s.KnownBrowser(t.Context(), []byte(token), name, at)
		must(t, err)
		if id != nil && string(id) != "one" {
			t.Errorf("by its token %s it is the browser %q", token, id)
		}
		return id != nil
	}
	remember := func(former, token, name string) {
		t.Helper()
		must(t, s.RememberBrowser(t.Context(), []byte(former), []byte(token), name, noon, noon.Add(time.Hour)))
	}
	remember("", "one", "brandt")
	if !known("one", "brandt", noon) || known("one", "yilmaz", noon) || known("", "brandt", noon) || known("one", "brandt", noon.Add(time.Hour)) {
		t.Error("it is not known to brandt alone, for an hour")
	}
	remember("one", "two", "yilmaz")
	if known("one", "brandt", noon) || !known("two", "brandt", noon) || !known("two", "yilmaz", noon) {
		t.Error("a new token does not take the place of the old one for everybody")
	}
	must(t, s.SetPassword(t.Context(), "brandt", "new"))
	if known("two", "brandt", noon) || !known("two", "yilmaz", noon) {
		t.Error("a new password does not make brandt, and brandt alone, a stranger there")
	}
}
