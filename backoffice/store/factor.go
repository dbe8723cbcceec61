package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrUsed says that a one-time code, or a later one, was taken before, or that a passkey is somebody's already.
var ErrUsed = errors.New("this code or passkey was used before")

// What is done about second factors. The entry names the account by its id, as its File.
const (
	ActionFactorAdded   Action = "factor_added"
	ActionFactorProved  Action = "factor_proved"
	ActionFactorsReset  Action = "factors_reset"
	ActionRecoveryTaken Action = "recovery_taken" // a recovery code was used in place of a second factor
)

// Proof is by what, beside the password, the holder of a session is known.
type Proof string

// The proofs. A session without one knows its holder by the password alone.
const (
	ProofCode     Proof = "code"
	ProofRecovery Proof = "recovery"
	ProofPasskey  Proof = "passkey"
)

// Factors are the second factors of an account, beside its passkeys.
type Factors struct {
	Secret   []byte // of one-time codes, sealed; nil for none
	Recovery int    // how many recovery codes are left
}

// Factors are those of an account; ErrNotFound when there is no such account.
func (s *Store) Factors(ctx context.Context, id string) (f Factors, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT totp, (SELECT count(*) FROM recovery WHERE account = id) FROM account WHERE id = ?",
		id).Scan(&f.Secret, &f.Recovery)
	if errors.Is(err, sql.ErrNoRows) {
		return Factors{}, ErrNotFound
	}
	if err != nil {
		return Factors{}, fmt.Errorf("read second factors: %w", err)
	}
	if len(f.Secret) == 0 {
		f.Secret = nil
	}
	return f, nil
}

// SetSecret gives an account a secret of one-time codes, sealed, whose code of a time step was taken, and recovery codes by their
// hashes; a former secret and former recovery codes are no more. ErrNotFound when there is no such account.
func (s *Store) SetSecret(ctx context.Context, by, id string, sealed []byte, step int64, recoverySHA256 [][]byte, at time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		changed, err := tx.ExecContext(ctx, "UPDATE account SET totp = ?, totp_step = ? WHERE id = ?", sealed, step, id)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM recovery WHERE account = ?", id); err != nil {
			return err
		}
		for _, sum := range recoverySHA256 {
			if _, err := tx.ExecContext(ctx, "INSERT INTO recovery (account, sha256) VALUES (?, ?)", id, sum); err != nil {
				return err
			}
		}
		return audit(ctx, tx, Entry{At: at, Name: by, Action: ActionFactorAdded, File: id})
	})
	if err != nil {
		return fmt.Errorf("set second factor: %w", err)
	}
	return nil
}

// TakeCode notes that the code of a time step was taken. ErrUsed when that of this step, or of a later one, was taken before, or
// there is no such account: of two that take one code at once, one has it.
func (s *Store) TakeCode(ctx context.Context, id string, step int64) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		changed, err := tx.ExecContext(ctx, "UPDATE account SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1", step, id)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrUsed)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take code: %w", err)
	}
	return nil
}

// TakeRecovery takes a recovery code, which is no more then. ErrNotFound when the account has none of this hash.
func (s *Store) TakeRecovery(ctx context.Context, by, id string, sha256 []byte, at time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		taken, err := tx.ExecContext(ctx, "DELETE FROM recovery WHERE account = ? AND sha256 = ?", id, sha256)
		if err != nil {
			return err
		}
		if n, err := taken.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return audit(ctx, tx, Entry{At: at, Name: by, Action: ActionRecoveryTaken, File: id})
	})
	if err != nil {
		return fmt.Errorf("take recovery code: %w", err)
	}
	return nil
}

// ResetFactors takes all second factors, passkeys and recovery codes from an account, and ends its sessions. ErrNotFound when there is no such
// account.
func (s *Store) ResetFactors(ctx context.Context, by, id string, at time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		changed, err := tx.ExecContext(ctx, "UPDATE account SET totp = x'', totp_step = 0 WHERE id = ?", id)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM recovery WHERE account = ?", id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM passkey WHERE account = ?", id); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, id, EndedByReset); err != nil {
			return err
		}
		return audit(ctx, tx, Entry{At: at, Name: by, Action: ActionFactorsReset, File: id})
	})
	if err != nil {
		return fmt.Errorf("reset second factors: %w", err)
	}
	return nil
}

// ProveSession continues a session that lives under another token, with a proof beside the password; the former token's ends, as one
// that was replaced. ErrNotFound when no session lives under the former token.
func (s *Store) ProveSession(ctx context.Context, formerSHA256, tokenSHA256 []byte, proof Proof, now time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		var expires int64
		a, err := scanAccount(tx.QueryRowContext(ctx, "SELECT "+accountColumns+`, s.expires_at FROM session s JOIN account a ON a.id = s.account
			WHERE s.token_sha256 = ? AND s.ended = '' AND s.expires_at > ?`, formerSHA256, millis(now)).Scan, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO session (token_sha256, account, expires_at, seen_at, proof) VALUES (?, ?, ?, ?, ?)",
			tokenSHA256, a.ID, expires, millis(now), proof)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE session SET ended = ? WHERE token_sha256 = ?", EndedByAnother, formerSHA256)
		if err != nil {
			return err
		}
		return audit(ctx, tx, Entry{At: now, Name: a.Actor(), Action: ActionFactorProved})
	})
	if err != nil {
		return fmt.Errorf("prove session: %w", err)
	}
	return nil
}
