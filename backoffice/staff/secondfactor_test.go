package staff_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/staff"
)

// The secret and the codes of RFC 6238, appendix B, by their last six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	for seconds, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		at := time.Unix(seconds, 0)
		code, step, err := staff.CodeAt(secret, at)
		if err != nil || code != want || step != seconds/30 {
			t.Errorf("at %d: %s of step %d, %v; want %s", seconds, code, step, err, want)
		}
		for late, valid := range map[time.Duration]bool{-90 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 90 * time.Second: false} {
			got, ok := staff.StepOf(secret, code, at.Add(late))
			if ok != valid || ok && got != step {
				t.Errorf("%v later it is of step %d, %v", late, got, ok)
			}
		}
	}
	for _, code := range []string{"", "28708", "2870820", "００５９２４", "00592a"} {
		if _, ok := staff.StepOf(secret, code, time.Unix(59, 0)); ok {
			t.Errorf("%q is a code", code)
		}
	}
}

func TestASecretOpensForItsAccountUnderTheOfficesKeyAlone(t *testing.T) {
	identities := func() []age.Identity {
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		return []age.Identity{identity}
	}
	former, present := identities(), identities()
	old, err := staff.NewSealer(former)
	if err != nil {
		t.Fatal(err)
	}
	now, err := staff.NewSealer(append(present, former...))
	if err != nil {
		t.Fatal(err)
	}
	secret := staff.NewSecret()
	sealed, err := old.Seal("a1", secret)
	if err != nil || bytes.Contains(sealed, []byte(secret)) {
		t.Fatalf("sealed as %q, %v", sealed, err)
	}
	if got, err := now.Open("a1", sealed); err != nil || got != secret {
		t.Errorf("after the office has a new key: %v", err)
	}
	stranger, err := staff.NewSealer(identities())
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Clone(sealed)
	broken[len(broken)-1] ^= 1
	for name, open := range map[string]func() (string, error){
		"another account": func() (string, error) { return old.Open("a2", sealed) },
		"another key":     func() (string, error) { return stranger.Open("a1", sealed) },
		"a broken seal":   func() (string, error) { return old.Open("a1", broken) },
		"nothing":         func() (string, error) { return old.Open("a1", nil) },
	} {
		if got, err := open(); !errors.Is(err, staff.ErrSealed) || got != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARecoveryCodeIsTakenAsPeopleTypeIt(t *testing.T) {
	codes := staff.NewRecoveryCodes()
	seen := map[string]bool{}
	for _, code := range codes {
		seen[code] = true
		hash := staff.HashRecovery("a1", code)
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		if !bytes.Equal(hash, staff.HashRecovery("a1", typed)) || bytes.Equal(hash, staff.HashRecovery("a2", code)) {
			t.Errorf("%s is another one as %q, or the same for another account", code, typed)
		}
		if _, is := staff.IsCode(code); is {
			t.Errorf("%s is taken for a one-time code", code)
		}
	}
	if len(seen) != 10 {
		t.Errorf("there are %d codes", len(seen))
	}
	if typed, is := staff.IsCode(" 123 456 "); !is || typed != "123456" {
		t.Errorf("a code with a space is %q, %v", typed, is)
	}
}

func TestAnAuthenticatorReadsWhoseSecretItIs(t *testing.T) {
	url, err := staff.SecretURL("Amt für Zuwanderung", "brandt", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	if err != nil || !strings.HasPrefix(url, "otpauth://totp/") || !strings.Contains(url, "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") || !strings.Contains(url, "issuer=Amt%20f%C3%BCr%20Zuwanderung") {
		t.Errorf("%s, %v", url, err)
	}
}
