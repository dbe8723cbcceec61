package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

// Factors are those of an account; ErrNotFound when there is no such account.
func (s *Store) Factors(ctx context.Context, id string) (f store.Factors, err error) {
	err = s.find(ctx, "SELECT nullif(totp, ''), (SELECT count(*) FROM recovery WHERE account = account.id) FROM account WHERE id = $1",
		[]any{id}, &f.Secret, &f.Recovery)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Factors{}, store.ErrNotFound
	}
	if err != nil {
		return store.Factors{}, fmt.Errorf("read second factors: %w", err)
	}
	return f, nil
}

// SetSecret gives an account a secret of one-time codes, sealed, whose code of a time step was taken, and recovery codes by their
// hashes; a former secret and former recovery codes are no more. ErrNotFound when there is no such account.
func (s *Store) SetSecret(ctx context.Context, by, id string, sealed []byte, step int64, recoverySHA256 [][]byte, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		err := changeAny(ctx, tx, store.ErrNotFound, "UPDATE account SET totp = $2, totp_step = $3 WHERE id = $1", id, sealed, step)
		if err != nil {
			return err
		}
		var b batch
		b.Queue("DELETE FROM recovery WHERE account = $1", id)
		for _, sum := range recoverySHA256 {
			b.Queue("INSERT INTO recovery (account, sha256) VALUES ($1, $2)", id, sum)
		}
		if err := tx.send(ctx, &b); err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: at, Name: by, Action: store.ActionFactorAdded, File: id})
	})
	if err != nil {
		return fmt.Errorf("set second factor: %w", err)
	}
	return nil
}

// TakeCode notes that the code of a time step was taken. ErrUsed when that of this step, or of a later one, was taken before, or
// there is no such account: of two that take one code at once, one has it.
func (s *Store) TakeCode(ctx context.Context, id string, step int64) error {
	err := s.changeFound(ctx, "UPDATE account SET totp_step = $1 WHERE id = $2 AND totp_step < $1", step, id)
	if errors.Is(err, store.ErrNotFound) {
		err = store.ErrUsed
	}
	if err != nil {
		return fmt.Errorf("take code: %w", err)
	}
	return nil
}

// TakeRecovery takes a recovery code, which is no more then. ErrNotFound when the account has none of this hash.
func (s *Store) TakeRecovery(ctx context.Context, by, id string, sha256 []byte, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if err := changeAny(ctx, tx, store.ErrNotFound, "DELETE FROM recovery WHERE account = $1 AND sha256 = $2", id, sha256); err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: at, Name: by, Action: store.ActionRecoveryTaken, File: id})
	})
	if err != nil {
		return fmt.Errorf("take recovery code: %w", err)
	}
	return nil
}

// ResetFactors takes all second factors, passkeys and recovery codes from an account, and ends its sessions. ErrNotFound when there is
// no such account.
func (s *Store) ResetFactors(ctx context.Context, by, id string, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		err := changeAny(ctx, tx, store.ErrNotFound, "UPDATE account SET totp = '', totp_step = 0 WHERE id = $1", id)
		if err != nil {
			return err
		}
		var b batch
		b.Queue("DELETE FROM recovery WHERE account = $1", id)
		b.Queue("DELETE FROM passkey WHERE account = $1", id)
		if err := tx.send(ctx, &b); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, id, store.EndedByReset); err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: at, Name: by, Action: store.ActionFactorsReset, File: id})
	})
	if err != nil {
		return fmt.Errorf("reset second factors: %w", err)
	}
	return nil
}

// ProveSession continues a session that lives under another token, with a proof beside the password; the former token's ends, as one
// that was replaced. ErrNotFound when no session lives under the former token.
func (s *Store) ProveSession(ctx context.Context, formerSHA256, tokenSHA256 []byte, proof store.Proof, now time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		var expires int64
		// Who changes the account meanwhile waits, and ends the new session, or has been waited for, and ended the former.
		_, err := tx.Exec(ctx, "SELECT 1 FROM account WHERE id = (SELECT account FROM session WHERE token_sha256 = $1) FOR SHARE", formerSHA256)
		if err != nil {
			return err
		}
		a, err := accountOf(ctx, tx, "SELECT "+accountColumns+`, s.expires_at FROM session s JOIN account a ON a.id = s.account
			WHERE s.token_sha256 = $1 AND s.ended = '' AND s.expires_at > $2 FOR UPDATE OF s`, []any{formerSHA256, millis(now)}, &expires)
		if err != nil {
			return err
		}
		var b batch
		b.Queue("INSERT INTO session (token_sha256, account, expires_at, seen_at, proof) VALUES ($1, $2, $3, $4, $5)",
			tokenSHA256, a.ID, expires, millis(now), proof)
		b.Queue("UPDATE session SET ended = $1 WHERE token_sha256 = $2", store.EndedByAnother, formerSHA256)
		if err := tx.send(ctx, &b); err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: now, Name: a.Actor(), Action: store.ActionFactorProved})
	})
	if err != nil {
		return fmt.Errorf("prove session: %w", err)
	}
	return nil
}

// Passkeys are those of an account, in the order in which they were added; nothing where there is no such account.
func (s *Store) Passkeys(ctx context.Context, account string) ([]store.Passkey, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (p store.Passkey, err error) {
		err = row.Scan(&p.ID, &p.Credential)
		return p, err
	}, "SELECT id, credential FROM passkey WHERE account = $1 ORDER BY n", account)
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return all, nil
}

// AddPasskey adds a passkey to an account. ErrUsed when there is one of this id, whoever has it; ErrNotFound when there is no such
// account.
func (s *Store) AddPasskey(ctx context.Context, by, account string, p store.Passkey, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		err := changeAny(ctx, tx, store.ErrNotFound, "INSERT INTO passkey (id, account, credential) SELECT $1, id, $2 FROM account WHERE id = $3",
			p.ID, p.Credential, account)
		if isUnique(err) {
			return store.ErrUsed
		}
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: at, Name: by, Action: store.ActionFactorAdded, File: account})
	})
	if err != nil {
		return fmt.Errorf("add passkey: %w", err)
	}
	return nil
}

// UpdatePasskey keeps what has changed of an account's passkey, as its count of signatures. ErrNotFound when the account has none of
// this id.
func (s *Store) UpdatePasskey(ctx context.Context, account string, p store.Passkey) error {
	err := s.changeFound(ctx, "UPDATE passkey SET credential = $1 WHERE id = $2 AND account = $3", p.Credential, p.ID, account)
	if err != nil {
		return fmt.Errorf("update passkey: %w", err)
	}
	return nil
}

// BeginCeremony keeps what a session has begun, in place of what it had begun before. ErrNotFound when there is no such session, or it
// has ended.
func (s *Store) BeginCeremony(ctx context.Context, tokenSHA256, ceremony []byte) error {
	err := s.changeFound(ctx, "UPDATE session SET ceremony = $1 WHERE token_sha256 = $2 AND ended = ''", ceremony, tokenSHA256)
	if err != nil {
		return fmt.Errorf("begin ceremony: %w", err)
	}
	return nil
}

// TakeCeremony gives what a session has begun, once; ErrNotFound when it has begun nothing, or it was taken.
func (s *Store) TakeCeremony(ctx context.Context, tokenSHA256 []byte) (ceremony []byte, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx transaction) error {
		err := tx.QueryRow(ctx, "SELECT ceremony FROM session WHERE token_sha256 = $1 AND ended = '' AND ceremony <> '' FOR UPDATE", tokenSHA256).Scan(&ceremony)
		if errors.Is(err, pgx.ErrNoRows) {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE session SET ceremony = '' WHERE token_sha256 = $1", tokenSHA256)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("take ceremony: %w", err)
	}
	return ceremony, nil
}
