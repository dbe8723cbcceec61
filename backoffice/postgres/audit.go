package postgres

import (
	"context"
	"fmt"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Audit adds an entry to the log.
func (s *Store) Audit(ctx context.Context, e store.Entry) error {
	return s.AppendEvent(ctx, auditEvent(e))
}

// AppendEvent appends an event to the log. It changes nothing of the queue: it is for what happened to the log itself.
func (s *Store) AppendEvent(ctx context.Context, e queue.Event) error {
	if err := s.change(ctx, recordOne, eventArgs(e)...); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

func auditEvent(e store.Entry) queue.Event {
	return queue.Event{At: e.At, Kind: queue.Kind(e.Action), By: e.Name, CheckIn: e.CheckIn, File: e.File}
}

func audit(ctx context.Context, tx transaction, e store.Entry) error {
	if _, err := tx.Exec(ctx, recordOne, eventArgs(auditEvent(e))...); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

// AuditTrail lists what staff did about a check-in, in order.
func (s *Store) AuditTrail(ctx context.Context, checkIn string) ([]store.Entry, error) {
	events, err := list(ctx, s, scanEvent, "SELECT "+eventColumns+" FROM event WHERE checkin = $1 AND actor <> '' ORDER BY seq", checkIn)
	if err != nil {
		return nil, fmt.Errorf("read audit trail: %w", err)
	}
	var trail []store.Entry
	for _, e := range events {
		trail = append(trail, store.Entry{At: e.At, Name: e.By, Action: store.Action(e.Kind), CheckIn: e.CheckIn, File: e.File})
	}
	return trail, nil
}
