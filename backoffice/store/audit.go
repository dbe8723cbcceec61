package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
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
	ActionConfirmed  Action = "confirmed"  // that the clock is right, and that what is held may be erased
)

// Entry is one row of the audit trail: who did what when, in ids only.
type Entry struct {
	At      time.Time
	Name    string // of the member of staff
	Action  Action
	CheckIn string // id; empty where there is none
	File    string // its name in the record; empty for the whole. Of an account that was changed, the account's id
}

// Audit adds an entry.
func (s *Store) Audit(ctx context.Context, e Entry) error {
	return s.transact(ctx, func(tx *sql.Tx) error { return audit(ctx, tx, e) })
}

func audit(ctx context.Context, tx *sql.Tx, e Entry) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO audit (at, name, action, checkin, file) VALUES (?, ?, ?, ?, ?)",
		millis(e.At), e.Name, e.Action, e.CheckIn, e.File)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// AuditTrail lists what was done about a check-in, in order.
func (s *Store) AuditTrail(ctx context.Context, checkIn string) ([]Entry, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT at, name, action, checkin, file FROM audit WHERE checkin = ? ORDER BY seq", checkIn)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	defer rows.Close()
	var trail []Entry
	for rows.Next() {
		var e Entry
		var at int64
		if err := rows.Scan(&at, &e.Name, &e.Action, &e.CheckIn, &e.File); err != nil {
			return nil, fmt.Errorf("read audit trail: %w", err)
		}
		e.At = moment(at)
		trail = append(trail, e)
	}
	return trail, rows.Err()
}
