package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// SetPassword lets name sign in with a password of this hash; a former password, and every session, ends.
func (s *Store) SetPassword(ctx context.Context, name, hash string) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO staff (name, password) VALUES (?1, ?2)
			ON CONFLICT DO UPDATE SET password = ?2`, name, hash)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM session WHERE name = ?", name)
		return err
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// PasswordHash is the hash of name's password; ErrNotFound when nobody of this name may sign in.
func (s *Store) PasswordHash(ctx context.Context, name string) (hash string, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT password FROM staff WHERE name = ?", name).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read password hash: %w", err)
	}
	return hash, nil
}

// BeginSession keeps a session under the hash of its token until it expires, and drops those that already have.
func (s *Store) BeginSession(ctx context.Context, tokenSHA256 []byte, name string, now, expires time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE expires_at <= ?", millis(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO session (token_sha256, name, expires_at) VALUES (?, ?, ?)",
			tokenSHA256, name, millis(expires))
		if err != nil {
			return err
		}
		return audit(ctx, tx, Entry{At: now, Name: name, Action: ActionSignedIn})
	})
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	return nil
}

// Session is who holds the token; ErrNotFound when the session has ended.
func (s *Store) Session(ctx context.Context, tokenSHA256 []byte, now time.Time) (name string, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT name FROM session WHERE token_sha256 = ? AND expires_at > ?",
		tokenSHA256, millis(now)).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read session: %w", err)
	}
	return name, nil
}

// EndSession forgets a session. Ending it twice is no error.
func (s *Store) EndSession(ctx context.Context, tokenSHA256 []byte) error {
	if _, err := s.db.ExecContext(ctx, "DELETE FROM session WHERE token_sha256 = ?", tokenSHA256); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}
