package journal_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/foyer-station/foyer/kiosk/journal"
)

// A check-in is kept sealed step by step, confirmed with a number, and wiped once the back office has it.
func Example() {
	if err := confirmOne(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// the visitor has A-100; 1 to be sent, 19 numbers left
	// the office has it; 0 to be sent
}

func confirmOne(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	j, err := journal.Open(ctx, filepath.Join(dir, "journal.db"))
	if err != nil {
		return err
	}
	defer j.Close()
	office, err := age.GenerateX25519Identity() // the back office keeps this; the station has its recipient alone
	if err != nil {
		return err
	}
	recipient := office.Recipient().String()
	request, err := j.LeaseRequest(ctx)
	if err != nil {
		return err
	}
	if err := j.AddLease(ctx, request, journal.Lease{Prefix: "A", First: 100, Count: 20, Day: "2026-03-02"}); err != nil {
		return err
	}

	id := uuid.Must(uuid.NewV7()).String()
	if err := j.Keep(ctx, id, recipient, "portrait", []byte("a picture")); err != nil {
		return err
	}
	number, err := j.Commit(ctx, journal.CheckIn{
		ID: id, ConfirmedAt: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), ServiceID: "permit", Language: "uk",
		Recipient: recipient, Record: []byte("a record"), Files: []string{"portrait"},
	})
	if err != nil {
		return err
	}
	left, err := j.Count(ctx, "2026-03-02")
	if err != nil {
		return err
	}
	fmt.Printf("the visitor has %s; %d to be sent, %d numbers left\n", number, left.Outbox, left.Numbers)
	if err := j.Acknowledge(ctx, id); err != nil {
		return err
	}
	left, err = j.Count(ctx, "2026-03-02")
	if err != nil {
		return err
	}
	fmt.Printf("the office has it; %d to be sent\n", left.Outbox)
	return nil
}
