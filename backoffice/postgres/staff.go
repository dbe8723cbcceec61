package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-station/foyer/backoffice/store"
)

// SetPassword lets name sign in with a password of this hash; a former password, and every session, ends, and no browser is known any
// more. ErrNotFound when there is no such account.
func (s *Store) SetPassword(ctx context.Context, name, hash string) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		var id string
		err := tx.QueryRow(ctx, "UPDATE account SET password = $2 WHERE name = $1 RETURNING id", name, hash).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := endSessions(ctx, tx, id, store.EndedByPassword); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM browser WHERE account = $1", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// PasswordHash is the hash of name's password; ErrNotFound when nobody of this name may sign in.
func (s *Store) PasswordHash(ctx context.Context, name string) (hash string, err error) {
	err = s.find(ctx, "SELECT password FROM account WHERE name = $1 AND NOT disabled", []any{name}, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", store.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read password hash: %w", err)
	}
	return hash, nil
}

// BeginSession keeps a session under the hash of its token until it expires, and drops those that already have. The password hash is the
// one that the sign-in matched: ErrNotFound when it is name's no longer, or name may not sign in. The audit trail names the caseworker,
// or the account where it is nobody's, as Actor does.
func (s *Store) BeginSession(ctx context.Context, tokenSHA256 []byte, name, passwordHash string, now, expires time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if _, err := tx.Exec(ctx, "DELETE FROM session WHERE expires_at <= $1", millis(now)); err != nil {
			return err
		}
		// Who changes the account meanwhile waits, and ends this session, or has been waited for.
		a, err := accountOf(ctx, tx, "SELECT "+accountColumns+` FROM account a WHERE a.name = $1 AND a.password = $2 AND NOT a.disabled
			FOR SHARE OF a`, []any{name, passwordHash})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO session (token_sha256, account, seen_at, expires_at) VALUES ($1, $2, $3, $4)",
			tokenSHA256, a.ID, millis(now), millis(expires))
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: now, Name: a.Actor(), Action: store.ActionSignedIn})
	})
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	return nil
}

// Session is the session of a token, which may have ended; ErrNotFound when there is none.
func (s *Store) Session(ctx context.Context, tokenSHA256 []byte) (store.Session, error) {
	all, err := list(ctx, s, func(row pgx.CollectableRow) (found store.Session, err error) {
		var seen, expires int64
		var ended store.Ending
		found.Account, err = scanAccount(row, &seen, &expires, &ended, &found.Proof)
		found.Seen, found.Expires = moment(seen), moment(expires)
		return found.EndedBy(ended), err
	}, `SELECT s.account, coalesce(a.name, ''), coalesce(a.caseworker, ''), coalesce(a.roles, '{}'), coalesce(a.disabled, true),
		coalesce(a.totp, '') <> '' OR EXISTS (SELECT 1 FROM passkey p WHERE p.account = a.id), s.seen_at, s.expires_at, s.ended, s.proof
		FROM session s LEFT JOIN account a ON a.id = s.account WHERE s.token_sha256 = $1`, tokenSHA256)
	if err != nil {
		return store.Session{}, fmt.Errorf("read session: %w", err)
	}
	if len(all) == 0 {
		return store.Session{}, store.ErrNotFound
	}
	return all[0], nil
}

// Seen notes that a session's holder did something.
func (s *Store) Seen(ctx context.Context, tokenSHA256 []byte, now time.Time) error {
	if err := s.change(ctx, "UPDATE session SET seen_at = $1 WHERE token_sha256 = $2", millis(now), tokenSHA256); err != nil {
		return fmt.Errorf("note use of session: %w", err)
	}
	return nil
}

// EndSession ends a session. One that has ended, or never was, is no error.
func (s *Store) EndSession(ctx context.Context, tokenSHA256 []byte, why store.Ending) error {
	if err := s.change(ctx, "UPDATE session SET ended = $1 WHERE token_sha256 = $2 AND ended = ''", why, tokenSHA256); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// KnownBrowser tells the browser that holds the token from others, whatever became of its token since; nil unless name has signed in in
// it.
func (s *Store) KnownBrowser(ctx context.Context, tokenSHA256 []byte, name string, now time.Time) (id []byte, err error) {
	err = s.find(ctx, `SELECT id FROM browser
		WHERE token_sha256 = $1 AND account = (SELECT id FROM account WHERE name = $2) AND expires_at > $3`, []any{tokenSHA256, name, millis(now)}, &id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("read known browser: %w", err)
	}
	return id, nil
}

// RememberBrowser makes the browser that held a former token, if any, known by a new one, and known to name as well until it expires.
func (s *Store) RememberBrowser(ctx context.Context, formerSHA256, tokenSHA256 []byte, name string, now, expires time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		var b batch
		b.Queue("DELETE FROM browser WHERE expires_at <= $1", millis(now))
		b.Queue("UPDATE browser SET token_sha256 = $1 WHERE token_sha256 = $2", tokenSHA256, formerSHA256)
		b.Queue(`INSERT INTO browser (token_sha256, account, expires_at, id)
			SELECT $1, id, $3, coalesce((SELECT id FROM browser WHERE token_sha256 = $1 LIMIT 1), $1) FROM account WHERE name = $2
			ON CONFLICT (token_sha256, account) DO UPDATE SET expires_at = $3`, tokenSHA256, name, millis(expires))
		return tx.send(ctx, &b)
	})
	if err != nil {
		return fmt.Errorf("remember browser: %w", err)
	}
	return nil
}
