package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/cmd/internal/command"
)

// called is what the command says on standard error, and its exit status, when it may keep things in dir. There is no program
// "/nowhere": every call here must end before a station is started.
func called(t *testing.T, dir string, args ...string) (said string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	all := append([]string{"--console", "127.0.0.1:0", "--dir", dir, "--out", filepath.Join(dir, "out")}, args...)
	status = call(t.Context(), append(all, "--", "/nowhere"), &stdout, &stderr)
	if stdout.Len() > 0 {
		t.Errorf("on standard output: %s", stdout.String())
	}
	return stderr.String(), status
}

func TestANameThatNobodyHasIsAnsweredWithThoseThatThereAre(t *testing.T) {
	for flag, there := range map[string][]string{
		"--devices":  {"access-is", "elyctis", "hidpos", "serial"},
		"--visitor":  {"genuine", "dead-chip", "revoked-signer", "family", "two-documents", "forgetful"},
		"--person":   {"lindqvist", "moravec", "benali"},
		"--service":  {"residence-permit", "collect-card", "appointment"},
		"--language": {"de", "en", "ar", "uk"},
	} {
		dir := t.TempDir()
		said, status := called(t, dir, flag, "nobdoy")
		if status != command.StatusUsage {
			t.Errorf("%s: status %d", flag, status)
		}
		for _, word := range append(there, flag, "nobdoy") {
			if !strings.Contains(said, word) {
				t.Errorf("%s: %q does not name %s", flag, said, word)
			}
		}
		if made, _ := os.ReadDir(dir); len(made) > 0 {
			t.Errorf("%s: something was made: %v", flag, made)
		}
	}
}

func TestAProgramThatDoesNotStartIsToldWithItsLog(t *testing.T) {
	dir := t.TempDir()
	said, status := called(t, dir, "--script")
	if log := filepath.Join(dir, "log.txt"); status != command.StatusFailed || !strings.Contains(said, "backoffice") || !strings.Contains(said, log) {
		t.Errorf("%q, status %d", said, status) // the tests' own folder holds no back office
	}
}

// The first run makes the office's file, and whoever adds a service to it wants to see a visitor come for it.
func TestTheServicesAreThoseOfTheOfficeThatIsThere(t *testing.T) {
	dir := t.TempDir()
	office := filepath.Join(dir, "office")
	if err := os.Mkdir(office, 0o700); err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../backoffice/office/example.toml")
	if err != nil {
		t.Fatal(err)
	}
	altered := strings.ReplaceAll(string(example), `"collect-card"`, `"collect-plate"`)
	if err := os.WriteFile(filepath.Join(office, "office.toml"), []byte(altered), 0o600); err != nil {
		t.Fatal(err)
	}
	said, _ := called(t, dir, "--service", "collect-card")
	if !strings.Contains(said, "residence-permit, collect-plate, appointment") {
		t.Errorf("it says %q", said)
	}
	if err := os.WriteFile(filepath.Join(office, "office.toml"), []byte("id = "), 0o600); err != nil {
		t.Fatal(err)
	}
	said, status := called(t, dir)
	if status != command.StatusFailed || !strings.Contains(said, "office.toml") || !strings.Contains(said, "correct the file") {
		t.Errorf("of a broken file it says %q, status %d", said, status)
	}
}

func TestAPortThatIsTakenIsToldWithAWayOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for flag, wayOut := range map[string]string{"--console": "make run CONSOLE=127.0.0.1:0", "--grpc": "leave --grpc out"} {
		said, status := called(t, t.TempDir(), flag, l.Addr().String())
		if status != command.StatusFailed {
			t.Errorf("%s: status %d", flag, status)
		}
		for _, word := range []string{flag, l.Addr().String(), "another program is already listening there", "ss -ltnp", wayOut} {
			if !strings.Contains(said, word) {
				t.Errorf("%s: %q does not say %q", flag, said, word)
			}
		}
	}
}

func TestAnAddressThatIsNoneIsAWrongCall(t *testing.T) {
	for _, address := range []string{"8080", "127.0.0.1:http-ish", "192.0.2.1:8080"} {
		said, status := called(t, t.TempDir(), "--console", address)
		if status != command.StatusUsage || !strings.Contains(said, address) || !strings.Contains(said, "127.0.0.1:0") {
			t.Errorf("%s: %q, status %d", address, said, status)
		}
	}
}
