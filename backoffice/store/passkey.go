package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Passkey is the public half of a credential by which the holder of an account is known (Web Authentication, 5.8.3).
type Passkey struct {
	ID         []byte // the credential's; no two passkeys have the same
	Credential []byte // whatever the caller keeps of it
}

// Passkeys are those of an account, in the order in which they were added; nothing where there is no such account.
func (s *Store) Passkeys(ctx context.Context, account string) ([]Passkey, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, credential FROM passkey WHERE account = ? ORDER BY rowid", account)
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	defer rows.Close()
	var all []Passkey
	for rows.Next() {
		var p Passkey
		if err := rows.Scan(&p.ID, &p.Credential); err != nil {
			return nil, fmt.Errorf("list passkeys: %w", err)
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// AddPasskey adds a passkey to an account. ErrUsed when there is one of this id, whoever has it; ErrNotFound when there is no such
// account.
func (s *Store) AddPasskey(ctx context.Context, by, account string, p Passkey, at time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		added, err := tx.ExecContext(ctx, "INSERT INTO passkey (id, account, credential) SELECT ?, id, ? FROM account WHERE id = ?", p.ID, p.Credential, account)
		if isUnique(err) {
			return ErrUsed
		}
		if err != nil {
			return err
		}
		if n, err := added.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return audit(ctx, tx, Entry{At: at, Name: by, Action: ActionFactorAdded, File: account})
	})
	if err != nil {
		return fmt.Errorf("add passkey: %w", err)
	}
	return nil
}

// UpdatePasskey keeps what has changed of an account's passkey, as its count of signatures. ErrNotFound when the account has none of
// this id.
func (s *Store) UpdatePasskey(ctx context.Context, account string, p Passkey) error {
	changed, err := s.db.ExecContext(ctx, "UPDATE passkey SET credential = ? WHERE id = ? AND account = ?", p.Credential, p.ID, account)
	if err != nil {
		return fmt.Errorf("update passkey: %w", err)
	}
	if n, err := changed.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}

// BeginCeremony keeps what a session has begun, in place of what it had begun before. ErrNotFound when there is no such session, or it
// has ended.
func (s *Store) BeginCeremony(ctx context.Context, tokenSHA256, ceremony []byte) error {
	changed, err := s.db.ExecContext(ctx, "UPDATE session SET ceremony = ? WHERE token_sha256 = ? AND ended = ''", ceremony, tokenSHA256)
	if err != nil {
		return fmt.Errorf("begin ceremony: %w", err)
	}
	if n, err := changed.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}

// TakeCeremony gives what a session has begun, once; ErrNotFound when it has begun nothing, or it was taken.
func (s *Store) TakeCeremony(ctx context.Context, tokenSHA256 []byte) (ceremony []byte, err error) {
	err = s.transact(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT ceremony FROM session WHERE token_sha256 = ? AND ended = '' AND ceremony <> x''", tokenSHA256).Scan(&ceremony)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE session SET ceremony = x'' WHERE token_sha256 = ?", tokenSHA256)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take ceremony: %w", err)
	}
	return ceremony, nil
}
