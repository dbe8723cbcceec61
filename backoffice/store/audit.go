package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// Action is what a member of staff did.
type Action string

// The actions that are kept; Done and NoShow are actions by the same names.
const (
	ActionSignedIn Action = "signed_in"
	ActionCalled   Action = "called"
	ActionReturned Action = "returned"
	ActionOpened   Action = "opened" // the visitor's file, or one of its files

	ActionDismissed  Action = "dismissed"  // from the list of who was left when a day was closed
	ActionReadmitted Action = "readmitted" // from that list to the queue
	ActionSetAside   Action = "set_aside"  // to that list from the queue, with all of a denied station
	ActionImported   Action = "imported"   // the appointments of a day
	ActionConfirmed  Action = "confirmed"  // that the clock is right, and that what is held may be erased
)

// Entry is one event of the log that somebody of the staff has brought about, as far as it is about who did what when.
type Entry struct {
	At      time.Time
	Name    string // of the member of staff
	Action  Action
	CheckIn string // id; empty where there is none
	File    string // its name in the record; empty for the whole. Of an account that was changed, the account's id
}

// Audit adds an entry to the log.
func (s *Store) Audit(ctx context.Context, e Entry) error {
	return s.transact(ctx, func(tx *sql.Tx) error { return audit(ctx, tx, e) })
}

func audit(ctx context.Context, tx *sql.Tx, e Entry) error {
	_, err := record(ctx, tx, queue.Event{At: e.At, Kind: queue.Kind(e.Action), By: e.Name, CheckIn: e.CheckIn, File: e.File})
	return err
}

// AuditTrail lists what staff did about a check-in, in order.
func (s *Store) AuditTrail(ctx context.Context, checkIn string) ([]Entry, error) {
	events, err := listEvents(ctx, s.db, "WHERE checkin = ? AND actor <> '' ORDER BY seq", checkIn)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	var trail []Entry
	for _, e := range events {
		trail = append(trail, Entry{At: e.At, Name: e.By, Action: Action(e.Kind), CheckIn: e.CheckIn, File: e.File})
	}
	return trail, nil
}
