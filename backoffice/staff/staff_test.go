package staff_test

import (
	"errors"
	"strings"
	"testing"

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
