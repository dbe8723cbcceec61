package journal

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// childVariable names the journal that this process is to work on as a station, until it is killed.
const childVariable = "FOYER_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		if err := station(context.Background(), path, os.Args[len(os.Args)-1]); err != nil {
			fmt.Println("error", err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// station confirms and sends without end. What it prints has happened: "submit" reaches the back office, and "shown" is
// a number that a visitor has seen.
func station(ctx context.Context, path, recipient string) error {
	j, err := Open(ctx, path)
	if err != nil {
		return err
	}
	for {
		all, err := j.Outbox(ctx)
		if err != nil {
			return err
		}
		for _, c := range all {
			fmt.Printf("submit %s %s %x\n", c.ID, c.Ticket, c.RecordSHA256)
			if err := j.Acknowledge(ctx, c.ID); err != nil {
				return err
			}
		}
		id := uuid.Must(uuid.NewV7()).String()
		for _, name := range []string{"portrait", "signature"} {
			if err := j.Keep(ctx, id, recipient, name, make([]byte, 20_000)); err != nil {
				return err
			}
		}
		ticket, err := j.Commit(ctx, checkIn(id, recipient))
		if err != nil {
			return err
		}
		fmt.Printf("shown %s %s\n", id, ticket)
	}
}

// ledger is what visitors and the back office know.
type ledger struct {
	shown, submitted map[string]string // ticket, or ticket and record, by check-in
	owner            map[string]string // check-in by ticket
}

func (l ledger) note(t *testing.T, line string) {
	t.Helper()
	fields := strings.Fields(line)
	switch {
	case len(fields) == 3 && fields[0] == "shown":
		l.shown[fields[1]] = fields[2]
	case len(fields) == 4 && fields[0] == "submit":
		l.submit(t, fields[1], fields[2], fields[3])
	case len(fields) > 0 && fields[0] == "error":
		t.Errorf("the station failed: %s", line)
	}
}

func (l ledger) submit(t *testing.T, id, ticket, record string) {
	t.Helper()
	if before, again := l.submitted[id]; again && before != ticket+record {
		t.Errorf("check-in %s was sent as two different ones", id)
	}
	if owner, taken := l.owner[ticket]; taken && owner != id {
		t.Errorf("number %s was given to two visitors", ticket)
	}
	l.submitted[id], l.owner[ticket] = ticket+record, id
}

func TestKillingTheStationLosesNoConfirmedCheckInAndSendsNoneTwice(t *testing.T) {
	path, recipient := filepath.Join(t.TempDir(), "journal.db"), office(t).Recipient().String()
	j := open(t, path)
	lease(t, j, 1, 1_000_000)
	j.Close()
	known := ledger{map[string]string{}, map[string]string{}, map[string]string{}}
	const kills = 40
	for range kills {
		for _, line := range runAndKill(t, path, recipient) {
			known.note(t, line)
		}
	}
	j = open(t, path)
	left := outbox(t, j)
	for _, c := range left {
		known.submit(t, c.ID, c.Ticket, fmt.Sprintf("%x", c.RecordSHA256))
	}
	for id, ticket := range known.shown {
		if !strings.HasPrefix(known.submitted[id], ticket) {
			t.Errorf("the visitor with %s was lost", ticket)
		}
	}
	t.Logf("%d kills, %d numbers shown, %d check-ins sent, %d were in the outbox at the end",
		kills, len(known.shown), len(known.submitted), len(left))
	if len(known.shown) == 0 {
		t.Error("no number was ever shown: this test saw nothing")
	}
}

// runAndKill runs a station, kills it at some moment, and gives the whole lines that it printed.
func runAndKill(t *testing.T, path, recipient string) []string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], recipient)
	child.Env = append(os.Environ(), childVariable+"="+path)
	var errors bytes.Buffer
	child.Stderr = &errors
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	scanner := bufio.NewScanner(out)
	var timer *time.Timer
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		if timer == nil {
			timer = time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { child.Process.Kill() })
		}
	}
	if timer == nil {
		t.Fatalf("the station did nothing: %s", errors.String())
	}
	child.Wait() // killed: its error says so
	return lines
}
