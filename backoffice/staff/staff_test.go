package staff_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
)

const password = "correct horse battery"

func TestOnlyThePasswordMatchesItsHash(t *testing.T) {
	hash, err := staff.Hash(password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password) {
		t.Errorf("hash is %s", hash)
	}
	for try, want := range map[string]bool{password: true, password + " ": false, "": false, strings.Repeat("x", 1000): false} {
		if staff.Matches(hash, try) != want {
			t.Errorf("%.30q matches: %v", try, !want)
		}
	}
	for _, broken := range []string{"", "plain", hash[:len(hash)-4], strings.ReplaceAll(hash, "m=19456", "m=1")} {
		if staff.Matches(broken, password) || staff.Matches(broken, "") {
			t.Errorf("the broken hash %q matches", broken)
		}
	}
}

// Made before a library wrote and read the hashes: who set a password then signs in with it now.
func TestAHashOfAnEarlierVersionStillMatches(t *testing.T) {
	const earlier = "$argon2id$v=19$m=19456,t=2,p=1$lZ/13vD81acEy0BgpHAcDA$4wOEcHK8LZEqAs6S+wED0ZxMrrSLHFE1kEs+QKCth0Q"
	if !staff.Matches(earlier, password) || staff.Matches(earlier, password+".") {
		t.Error("it does not match, or matches another password")
	}
}

// Or the time of a sign-in would tell which names there are.
func TestAHashThatIsNoneTakesAsLongAsOneThatIs(t *testing.T) {
	hash, err := staff.Hash(password)
	if err != nil {
		t.Fatal(err)
	}
	quickest := func(hash string) time.Duration {
		least := time.Hour
		for range 5 {
			began := time.Now()
			staff.Matches(hash, password)
			least = min(least, time.Since(began))
		}
		return least
	}
	usual := quickest(hash)
	for _, broken := range []string{"", "plain", hash[:len(hash)-4], strings.Replace(hash, "m=19456", "m=8", 1)} {
		if took := quickest(broken); took < usual/2 {
			t.Errorf("%q takes %s, a hash %s", broken, took, usual)
		}
	}
}

func TestTheSamePasswordHasAnotherHashEachTime(t *testing.T) {
	a, _ := staff.Hash(password)
	b, _ := staff.Hash(password)
	if a == b {
		t.Error("two hashes are the same")
	}
}

func TestAPasswordHasALength(t *testing.T) {
	for _, p := range []string{"", "fourteen chars", strings.Repeat("x", 257)} {
		if _, err := staff.Hash(p); !errors.Is(err, staff.ErrPassword) {
			t.Errorf("%.20q: %v", p, err)
		}
	}
}
