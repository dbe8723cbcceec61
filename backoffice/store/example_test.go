package store_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

// A station leases numbers, a visitor is admitted and placed, a caseworker calls and is done.
func Example() {
	if err := serveOne(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// the station may give out A-1 to A-20
	// brandt calls A-1 to 204
}

func serveOne(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(ctx, filepath.Join(dir, "backoffice.db"))
	if err != nil {
		return err
	}
	defer s.Close()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	lease, err := s.LeaseNumbers(ctx, store.LeaseRequest{
		Station: "station-1", ID: "6d2c1f5e-8f5c-4f0e-9a51-b5f6a3c2d001", Prefix: "A", Day: "2026-03-02", Count: 20, Most: 500,
	})
	if err != nil {
		return err
	}
	fmt.Printf("the station may give out %s-%d to %s-%d\n", lease.Prefix, lease.First, lease.Prefix, lease.First+lease.Count-1)

	visitor := store.CheckIn{
		ID: "0192f0a0-0000-7000-8000-000000000001", Station: "station-1", ConfirmedAt: at, Service: "permit", Ticket: "A-1", Day: "2026-03-02",
	}
	place := func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Rule: "permits", Caseworker: "brandt"}, Room: "204"}
	}
	if err := s.Admit(ctx, store.Admission{CheckIn: visitor, Request: []byte("as it was submitted")}, place); err != nil {
		return err
	}
	id, err := s.CallNext(ctx, "brandt", []string{"brandt"}, at.Add(time.Minute))
	if err != nil {
		return err
	}
	called, _, err := s.CheckIn(ctx, id)
	if err != nil {
		return err
	}
	fmt.Printf("%s calls %s to %s\n", called.CalledBy, called.Ticket, called.Room)
	return s.Finish(ctx, "brandt", id, store.Done, at.Add(5*time.Minute))
}
