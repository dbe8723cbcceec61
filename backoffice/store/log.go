package store

import (
	"context"
	"fmt"
	"time"
)

// LogFilter says which entries of the audit trail are asked for; what is empty or zero leaves none out.
type LogFilter struct {
	Name    string // who acted
	Action  Action
	CheckIn string    // a check-in's id, or the ticket of one that has not been erased
	From    time.Time // not before
	Until   time.Time // before
	Before  int64     // of the log's numbers: the page that goes on
}

// LogEntry is one entry of the audit trail as an auditor reads it.
type LogEntry struct {
	Entry
	Number int64  // entries are numbered in the order in which they were written
	Ticket string // of the check-in; empty where there is none, or it was erased
}

// Log lists at most limit entries of the audit trail, the latest first.
func (s *Store) Log(ctx context.Context, f LogFilter, limit int) ([]LogEntry, error) {
	var from, until int64 = 0, 1<<63 - 1
	if !f.From.IsZero() {
		from = millis(f.From)
	}
	if !f.Until.IsZero() {
		until = millis(f.Until)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT a.seq, a.at, a.actor, a.kind, a.checkin, a.file, coalesce(c.ticket, '')
		FROM event a LEFT JOIN checkin c ON c.id = a.checkin
		WHERE a.actor <> '' AND (?1 = '' OR a.actor = ?1) AND (?2 = '' OR a.kind = ?2) AND (?3 = '' OR a.checkin = ?3 OR c.ticket = ?3)
			AND a.at >= ?4 AND a.at < ?5 AND (?6 = 0 OR a.seq < ?6)
		ORDER BY a.seq DESC LIMIT ?7`, f.Name, f.Action, f.CheckIn, from, until, f.Before, limit)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer rows.Close()
	var page []LogEntry
	for rows.Next() {
		var e LogEntry
		var at int64
		if err := rows.Scan(&e.Number, &at, &e.Name, &e.Action, &e.CheckIn, &e.File, &e.Ticket); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		e.At = moment(at)
		page = append(page, e)
	}
	return page, rows.Err()
}
