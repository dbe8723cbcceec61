package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

// BenchmarkFilled is what an office does all day, with 300 who wait, in a store that keeps nothing else and in one that keeps 100,000
// check-ins that have ended: of 300 days, and a thousand of them of today and of the caseworker who looks.
func BenchmarkFilled(b *testing.B) {
	now := time.Now()
	for _, ended := range []int{0, 100_000} {
		path := filepath.Join(b.TempDir(), "backoffice.db")
		fill(b, path, ended, now)
		s, err := store.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		for name, do := range map[string]func() error{
			"call": func() error {
				id, err := s.CallNext(b.Context(), "brandt", []string{"brandt"}, now)
				if err == nil {
					err = s.Return(b.Context(), "brandt", id, now)
				}
				return err
			},
			"list":    func() error { _, err := s.Queue(b.Context()); return err },
			"ended":   func() error { _, err := s.Ended(b.Context(), "brandt", 5); return err },
			"overdue": func() error { _, err := s.Overdue(b.Context(), now.AddDate(-2, 0, 0)); return err },
			"stored":  func() error { _, err := s.Stored(b.Context(), "station-1", now.Add(-24*time.Hour), now); return err },
			"close":   func() error { _, err := s.CloseDay(b.Context(), "", now.Format(time.DateOnly), now); return err },
		} {
			b.Run(fmt.Sprintf("%s/ended=%d", name, ended), func(b *testing.B) {
				for b.Loop() {
					if err := do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("start/ended=%d", ended), func(b *testing.B) {
			for b.Loop() {
				s, err := store.Open(b.Context(), path)
				if err == nil {
					err = s.Close()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill makes a database with 300 who wait, and so many whose visits have ended, copied from one of them.
func fill(b *testing.B, path string, ended int, now time.Time) {
	b.Helper()
	s, err := store.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	today := now.Format(time.DateOnly)
	place := func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Rule: "r", Caseworker: "brandt"}}
	}
	for n := range 300 {
		a := store.Admission{
			CheckIn: store.CheckIn{ID: fmt.Sprintf("waiting-%03d", n), Station: "station-1", ConfirmedAt: now, Ticket: fmt.Sprint("A-", n), Day: today},
			Today:   today, At: now, Request: make([]byte, 500), Record: make([]byte, 4000),
			Uploads: []store.Upload{{SHA256: []byte{1}, Size: 200 << 10}, {SHA256: []byte{2}, Size: 200 << 10}},
		}
		if err := s.Admit(b.Context(), a, place); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // on which the temporary table is
	for _, statement := range []string{
		`CREATE TEMP TABLE old AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT checkin.*, i FROM n, checkin
			WHERE ?1 > 0 AND checkin.id = 'waiting-000'`,
		`UPDATE old SET id = 'ended-' || i, seq = 1000 + i, ticket = 'A-' || (i % 300), state = 'done', called_by = 'brandt', ended_at = arrived_at - i,
			day = CASE WHEN i <= 1000 THEN day ELSE date(day, '-' || (i / 300 + 1) || ' days') END, closed_at = CASE WHEN i <= 1000 THEN NULL ELSE arrived_at END,
			arrived_at = arrived_at - i * 300000, confirmed_at = confirmed_at - i * 300000`,
		`UPDATE old SET visit_day = day`,
		`ALTER TABLE old DROP COLUMN i`,
		`INSERT INTO checkin SELECT * FROM old`,
		`INSERT INTO record SELECT id, zeroblob(4000) FROM old`,
		`INSERT INTO upload SELECT id, x'01', 204800 FROM old`,
	} {
		args := []any{ended}[:strings.Count(statement, "?1 > 0")]
		if _, err := db.Exec(statement, args...); err != nil {
			b.Fatal(err)
		}
	}
}
