package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/auditlog"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/store"
)

var morning = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// sealedOffice is an office with ten entries in its log, all linked, with a head at 4 and one at 10.
func sealedOffice(t *testing.T) backoffice.Config {
	t.Helper()
	config, _, err := demo.Prepare(t.Context(), t.TempDir(), morning)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 6} { // behind those of the four accounts
		logAndSeal(t, config, n)
	}
	return config
}

// logAndSeal has an office log some entries and seal them.
func logAndSeal(t *testing.T, config backoffice.Config, entries int) {
	t.Helper()
	s, err := backoffice.OpenStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := func() time.Time { return morning }
	sealer, err := auditlog.NewSealer(t.Context(), s, config.AuditKey(), config.AuditHead(), now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for n := range entries {
		e := store.Entry{At: morning.Add(time.Duration(n) * time.Minute), Name: "brandt", Action: store.ActionOpened, CheckIn: fmt.Sprint("visitor-", n)}
		if err := s.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := sealer.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// tamper runs statements in the office's database, as somebody would who has the file and no key.
func tamper(t *testing.T, config backoffice.Config, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(config.Data, "backoffice.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// verifyLog calls the command and reads what it found, as "kind entry" or "kind entry other".
func verifyLog(t *testing.T, config backoffice.Config, more ...string) (code int, report auditlog.Report, faults []string) {
	t.Helper()
	file := filepath.Join(filepath.Dir(config.Data), "backoffice.toml")
	code, stdout, stderr := call(t, "", append([]string{"audit", "verify", "--json", "--config", file}, more...)...)
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("exit %d, %q, %q: %v", code, stdout, stderr, err)
	}
	for _, f := range report.Faults {
		text := fmt.Sprint(f.Kind, " ", f.Entry)
		if f.Other != 0 {
			text += fmt.Sprint(" ", f.Other)
		}
		faults = append(faults, text)
	}
	return code, report, faults
}

func TestALogThatNobodyTouchedIsWhole(t *testing.T) {
	config := sealedOffice(t)
	code, r, _ := verifyLog(t, config)
	if code != 0 || !r.Whole || r.Entries != 10 || r.LinkedUntil != 10 || r.SignedUntil != 10 || r.Heads != 2 || r.Unlinked != 0 {
		t.Errorf("exit %d, %+v", code, r)
	}
	tamper(t, config, "INSERT INTO event (at, kind) VALUES (0, 'opened')")
	if code, r, _ := verifyLog(t, config); code != 0 || r.Unlinked != 1 {
		t.Errorf("what is not linked yet: exit %d, %+v", code, r)
	}
	file := filepath.Join(filepath.Dir(config.Data), "backoffice.toml")
	if code, stdout, _ := call(t, "", "audit", "verify", "--config", file); code != 0 || !strings.Contains(stdout, "the log is whole: 11 entries, linked until 10") {
		t.Errorf("exit %d, %q", code, stdout)
	}
}

func TestWhateverIsDoneToTheLogByHandIsFoundAndNamed(t *testing.T) {
	config := sealedOffice(t)
	database := filepath.Join(config.Data, "backoffice.db")
	untouched, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		by   []string
		want string
	}{
		"changed":               {[]string{"UPDATE event SET actor = 'yilmaz' WHERE seq = 3"}, "changed 3"},
		"deleted":               {[]string{"DELETE FROM event WHERE seq = 5"}, "deleted 5"},
		"deleted with its link": {[]string{"DELETE FROM event WHERE seq = 5", "DELETE FROM chain WHERE seq = 5"}, "gap 6"},
		"inserted":              {[]string{"DELETE FROM chain WHERE seq = 7", "UPDATE event SET actor = 'x' WHERE seq = 7"}, "gap 8, inserted 7"},
		"reordered": {[]string{"UPDATE event SET seq = 99 WHERE seq = 2", "UPDATE event SET seq = 2 WHERE seq = 3", "UPDATE event SET seq = 3 WHERE seq = 99"},
			"reordered 2 3, reordered 3 2"},
		"cut":                         {[]string{"DELETE FROM event WHERE seq > 7", "DELETE FROM chain WHERE seq > 7"}, "cut 10 7"},
		"cut with its heads":          {[]string{"DELETE FROM event WHERE seq > 4", "DELETE FROM chain WHERE seq > 4", "DELETE FROM head WHERE seq > 4"}, "cut 10 4"},
		"all of it gone":              {[]string{"DELETE FROM event", "DELETE FROM chain", "DELETE FROM head"}, "cut 10"},
		"a head signed by somebody":   {[]string{"UPDATE head SET signature = zeroblob(64) WHERE seq = 4"}, "forged 4"},
		"a head of another chain":     {[]string{"UPDATE head SET link = zeroblob(32) WHERE seq = 4"}, "forged 4, rewritten 4"},
		"its head and entry are gone": {[]string{"DELETE FROM event WHERE seq = 4", "DELETE FROM chain WHERE seq = 4"}, "gap 4, gap 5"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(database, untouched, 0o600); err != nil {
				t.Fatal(err)
			}
			tamper(t, config, c.by...)
			code, r, faults := verifyLog(t, config)
			got := map[string]bool{}
			for _, f := range faults {
				got[f] = true
			}
			want := strings.Split(c.want, ", ")
			for _, w := range want {
				if !got[w] {
					t.Errorf("not found: %s", w)
				}
			}
			if code != 1 || r.Whole || len(faults) != len(want) {
				t.Errorf("exit %d, found %q; want %q", code, faults, want)
			}
		})
	}
}

// Somebody with the program and no key makes the whole chain anew over a changed entry.
func TestAChainThatWasMadeAnewIsNotTheOneThatWasSigned(t *testing.T) {
	config := sealedOffice(t)
	key, err := os.ReadFile(config.AuditKey())
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(config.AuditHead())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{config.AuditKey(), config.AuditHead()} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	tamper(t, config, "UPDATE event SET actor = 'yilmaz' WHERE seq = 3", "DELETE FROM chain", "DELETE FROM head")
	logAndSeal(t, config, 1)
	foreign, err := os.ReadFile(config.AuditKey())
	if err != nil || string(foreign) == string(key) {
		t.Fatalf("the same key again, %v", err)
	}
	for path, text := range map[string][]byte{config.AuditKey(): key, config.AuditHead(): own} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, faults := verifyLog(t, config); code != 1 || fmt.Sprint(faults) != "[rewritten 10 foreign 11]" {
		t.Errorf("exit %d, found %q", code, faults)
	}
}

func TestALogGoesOnAfterARestoreAndSaysSo(t *testing.T) {
	config := sealedOffice(t)
	tamper(t, config, "DELETE FROM event WHERE seq > 4", "DELETE FROM chain WHERE seq > 4", "DELETE FROM head WHERE seq > 4",
		"UPDATE sqlite_sequence SET seq = 4 WHERE name = 'event'") // what a backup of an hour ago held
	logAndSeal(t, config, 8)
	code, r, _ := verifyLog(t, config)
	if code != 0 || len(r.Restores) != 1 || r.Restores[0].Entry != 5 || r.Restores[0].Head != 10 || r.LinkedUntil != 13 {
		t.Errorf("exit %d, %+v", code, r)
	}
}

// A new machine after a fire has a new key.
func TestAFormerKeyIsBelievedWhereItIsNamed(t *testing.T) {
	config := sealedOffice(t)
	file := filepath.Join(filepath.Dir(config.Data), "backoffice.toml")
	_, stdout, _ := call(t, "", "audit", "verify", "--config", file)
	_, former, found := strings.Cut(strings.TrimSpace(stdout), "\nkey ")
	if !found {
		t.Fatalf("no key is printed: %q", stdout)
	}
	for _, path := range []string{config.AuditKey(), config.AuditHead()} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, stderr := call(t, "", "audit", "verify", "--config", file); code != 3 || !strings.Contains(stderr, "ever served") {
		t.Errorf("without a key: exit %d, %q", code, stderr)
	}
	logAndSeal(t, config, 1)
	if code, _, faults := verifyLog(t, config); code != 1 || fmt.Sprint(faults) != "[foreign 4 foreign 10]" {
		t.Errorf("a key that nobody named: exit %d, %q", code, faults)
	}
	if code, r, _ := verifyLog(t, config, "--former", former); code != 0 || !r.Whole {
		t.Errorf("exit %d, %+v", code, r)
	}
	if code, _, _ := call(t, "", "audit", "verify", "--config", file, "--former", "abc"); code != 2 {
		t.Errorf("what is no key: exit %d", code)
	}
}

// Whoever can write to the database needs no key to make links anew: the office must not sign what it has not linked.
func TestWhatIsMadeAnewBehindARunningOfficeIsNotSigned(t *testing.T) {
	config := sealedOffice(t)
	s, err := backoffice.OpenStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return morning }
	sealer, err := auditlog.NewSealer(t.Context(), s, config.AuditKey(), config.AuditHead(), now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	tamper(t, config, "UPDATE event SET actor = 'okafor' WHERE seq = 10", "DELETE FROM chain WHERE seq >= 10", "DELETE FROM head WHERE seq >= 10")
	if err := s.Audit(t.Context(), store.Entry{At: morning, Name: "brandt", Action: store.ActionOpened}); err != nil {
		t.Fatal(err)
	}
	if err := sealer.Seal(t.Context()); !errors.Is(err, auditlog.ErrRewritten) {
		t.Errorf("sealed: %v", err)
	}
	if code, r, _ := verifyLog(t, config); code != 1 || r.Whole {
		t.Errorf("exit %d, %+v", code, r)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	logAndSeal(t, config, 1) // the next start
	if code, r, _ := verifyLog(t, config); code != 1 && len(r.Restores) == 0 {
		t.Errorf("after the next start: exit %d, %+v", code, r)
	}
}

// A log that is as long as it was, and another, comes of no restore.
func TestALogThatWasRewrittenBetweenTwoStartsStaysNamed(t *testing.T) {
	config := sealedOffice(t)
	tamper(t, config, "UPDATE chain SET link = zeroblob(32) WHERE seq = 10", "DELETE FROM head WHERE seq = 10")
	logAndSeal(t, config, 1)
	code, _, faults := verifyLog(t, config)
	if code != 1 || !slices.Contains(faults, "rewritten 10") {
		t.Errorf("exit %d, %v", code, faults)
	}
}
