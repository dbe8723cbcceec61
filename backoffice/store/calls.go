package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// CalledVisitor is a visitor who was called, as the lobby is told: nothing of it is personal.
type CalledVisitor struct {
	ID          string    // of the check-in: whoever knows it knows the ticket's token, so that no display is told of it
	Ticket      string    // "A-127"
	Twin        bool      // another visitor of the day, or one who waits, has the same ticket
	Station     string    // where the visitor checked in, which tells twins apart
	ConfirmedAt time.Time // and when
	Language    string    // BCP 47; empty when none was chosen
	CalledBy    string    // a caseworker
	CalledAt    time.Time // the last time
}

// Calls lists the last n visitors of today whom some caseworkers called, or anybody where none is named, the last one first,
// whatever became of them since; who was put back into the queue is not called any more. A ticket that is no number
// ([NoNumber]) is not told: it may be anything.
func (s *Store) Calls(ctx context.Context, callers []string, n int) ([]CalledVisitor, error) {
	names, err := json.Marshal(callers)
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT id, ticket, `+twin+`, station, confirmed_at, language, called_by, called_at FROM checkin
		WHERE state <> 'waiting' AND called_at IS NOT NULL AND closed_at IS NULL AND doubt <> ?
		AND (?2 IN ('null', '[]') OR called_by IN (SELECT value FROM json_each(?2))) ORDER BY
		(SELECT max(seq) FROM event WHERE event.checkin = checkin.id AND kind IN ('called', 'recalled')) DESC, seq DESC LIMIT ?3`,
		NoNumber, string(names), n)
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	defer rows.Close()
	var all []CalledVisitor
	for rows.Next() {
		var c CalledVisitor
		var confirmed, called int64
		if err := rows.Scan(&c.ID, &c.Ticket, &c.Twin, &c.Station, &confirmed, &c.Language, &c.CalledBy, &called); err != nil {
			return nil, fmt.Errorf("read calls: %w", err)
		}
		c.ConfirmedAt, c.CalledAt = moment(confirmed), moment(called)
		all = append(all, c)
	}
	return all, rows.Err()
}
