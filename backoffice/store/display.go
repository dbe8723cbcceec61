package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Display is a call display of the lobby.
type Display struct {
	Name   string
	Rooms  []string // ids of those whose calls it shows; empty for all
	Paired bool     // it has a token; else its code waits to be used, or has run out
}

// AddDisplay lets a display be paired once, until a moment, by a code of this hash. One that has the name already loses its token,
// and gets the rooms anew.
func (s *Store) AddDisplay(ctx context.Context, name string, rooms []string, codeSHA256 []byte, until time.Time) error {
	if rooms == nil {
		rooms = []string{}
	}
	list, err := json.Marshal(rooms)
	if err != nil {
		return fmt.Errorf("add display: %w", err)
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO display (name, rooms, pairing_sha256, pairing_until) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (name) DO UPDATE SET rooms = ?2, pairing_sha256 = ?3, pairing_until = ?4, token_sha256 = NULL`,
		name, string(list), codeSHA256, millis(until))
	if err != nil {
		return fmt.Errorf("add display: %w", err)
	}
	s.announce()
	return nil
}

// PairDisplay gives the display whose code has this hash a token of another, and uses the code up. ErrNotFound when there is no
// such code, or when it was used or has run out.
func (s *Store) PairDisplay(ctx context.Context, codeSHA256, tokenSHA256 []byte, now time.Time) (Display, error) {
	var d Display
	var rooms string
	err := s.transact(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `UPDATE display SET pairing_sha256 = NULL, token_sha256 = ?
			WHERE pairing_sha256 = ? AND pairing_until > ? RETURNING name, rooms`, tokenSHA256, codeSHA256, millis(now)).Scan(&d.Name, &rooms)
	})
	return d.read(rooms, err)
}

// Display finds the display of a token; ErrNotFound when there is none, any more.
func (s *Store) Display(ctx context.Context, tokenSHA256 []byte) (Display, error) {
	var d Display
	var rooms string
	err := s.db.QueryRowContext(ctx, "SELECT name, rooms FROM display WHERE token_sha256 = ?", tokenSHA256).Scan(&d.Name, &rooms)
	return d.read(rooms, err)
}

// read is a paired display with its rooms, or why there is none.
func (d Display) read(rooms string, err error) (Display, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return Display{}, ErrNotFound
	}
	if err != nil {
		return Display{}, fmt.Errorf("read display: %w", err)
	}
	d.Paired = true
	return d, json.Unmarshal([]byte(rooms), &d.Rooms)
}

// Displays lists all displays by name.
func (s *Store) Displays(ctx context.Context) ([]Display, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT name, rooms, token_sha256 IS NOT NULL FROM display ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read displays: %w", err)
	}
	defer rows.Close()
	var all []Display
	for rows.Next() {
		var d Display
		var list string
		if err := rows.Scan(&d.Name, &list, &d.Paired); err != nil {
			return nil, fmt.Errorf("read displays: %w", err)
		}
		if err := json.Unmarshal([]byte(list), &d.Rooms); err != nil {
			return nil, fmt.Errorf("read displays: %w", err)
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// RemoveDisplay ends a display, paired or not; ErrNotFound when there is none of this name.
func (s *Store) RemoveDisplay(ctx context.Context, name string) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM display WHERE name = ?", name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove display: %w", err)
	}
	s.announce()
	return nil
}
