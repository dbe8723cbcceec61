package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Ending is why a session ended.
type Ending string

// The endings of a session.
const (
	EndedBySigningOut Ending = "signed_out"
	EndedByAnother    Ending = "replaced" // somebody signed in anew in the same browser
	EndedByPassword   Ending = "password" // a new password was set
	EndedByIdling     Ending = "idle"
	EndedByTime       Ending = "expired"
	EndedByRoles      Ending = "roles" // the account was given other roles
	EndedByDisabling  Ending = "disabled"
	EndedByReset      Ending = "reset"   // the second factors were taken from the account
	EndedByRemoval    Ending = "removed" // there is no such account any more
)

// aheadOfClock is how far a clock may be set back before a session is from the future, and not believed.
const aheadOfClock = time.Minute

// Session is one sign-in of a member of staff.
type Session struct {
	Account Account   // whose it is, as it is now; without a name where it was removed
	Proof   Proof     // beside the password; empty for none
	Seen    time.Time // when its holder last did something
	Expires time.Time
	ended   Ending
}

// Ending is why the session has ended by now; empty while it lives. One whose holder did nothing for as long as idle has
// ended.
func (s Session) Ending(now time.Time, idle time.Duration) Ending {
	switch {
	case s.ended != "":
		return s.ended
	case !now.Before(s.Expires):
		return EndedByTime
	case now.Sub(s.Seen) >= idle, s.Seen.Sub(now) > aheadOfClock:
		return EndedByIdling
	}
	return ""
}

// SetPassword lets name sign in with a password of this hash; a former password, and every session, ends, and no browser
// is known any more. ErrNotFound when there is no such account.
func (s *Store) SetPassword(ctx context.Context, name, hash string) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		var id string
		err := tx.QueryRowContext(ctx, "UPDATE account SET password = ? WHERE name = ? RETURNING id", hash, name).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := endSessions(ctx, tx, id, EndedByPassword); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM browser WHERE account = ?", id)
		return err
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

// PasswordHash is the hash of name's password; ErrNotFound when nobody of this name may sign in.
func (s *Store) PasswordHash(ctx context.Context, name string) (hash string, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT password FROM account WHERE name = ? AND NOT disabled", name).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read password hash: %w", err)
	}
	return hash, nil
}

// BeginSession keeps a session under the hash of its token until it expires, and drops those that already have. The
// password hash is the one that the sign-in matched: ErrNotFound when it is name's no longer, or name may not sign in. The audit
// trail names the caseworker, or the account where it is nobody's, as Actor does.
func (s *Store) BeginSession(ctx context.Context, tokenSHA256 []byte, name, passwordHash string, now, expires time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE expires_at <= ?", millis(now)); err != nil {
			return err
		}
		a, err := scanAccount(tx.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM account a WHERE a.name = ? AND a.password = ? AND NOT a.disabled",
			name, passwordHash).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO session (token_sha256, account, seen_at, expires_at) VALUES (?, ?, ?, ?)",
			tokenSHA256, a.ID, millis(now), millis(expires))
		if err != nil {
			return err
		}
		return audit(ctx, tx, Entry{At: now, Name: a.Actor(), Action: ActionSignedIn})
	})
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	return nil
}

// Session is the session of a token, which may have ended; ErrNotFound when there is none.
func (s *Store) Session(ctx context.Context, tokenSHA256 []byte) (Session, error) {
	var found Session
	var seen, expires int64
	account, err := scanAccount(s.db.QueryRowContext(ctx, `SELECT s.account, coalesce(a.name, ''), coalesce(a.caseworker, ''), coalesce(a.roles, ''),
		coalesce(a.disabled, 1), coalesce(a.totp, x'') <> x'' OR EXISTS (SELECT 1 FROM passkey p WHERE p.account = a.id), s.seen_at, s.expires_at, s.ended, s.proof FROM session s LEFT JOIN account a ON a.id = s.account WHERE s.token_sha256 = ?`,
		tokenSHA256).Scan, &seen, &expires, &found.ended, &found.Proof)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, ErrNotFound
	}
	if err != nil {
		return Session{}, fmt.Errorf("read session: %w", err)
	}
	found.Account = account
	found.Seen, found.Expires = moment(seen), moment(expires)
	return found, nil
}

// Seen notes that a session's holder did something.
func (s *Store) Seen(ctx context.Context, tokenSHA256 []byte, now time.Time) error {
	err := s.execute(ctx, "UPDATE session SET seen_at = ? WHERE token_sha256 = ?", millis(now), tokenSHA256)
	if err != nil {
		return fmt.Errorf("note use of session: %w", err)
	}
	return nil
}

// EndSession ends a session. One that has ended, or never was, is no error.
func (s *Store) EndSession(ctx context.Context, tokenSHA256 []byte, why Ending) error {
	err := s.execute(ctx, "UPDATE session SET ended = ? WHERE token_sha256 = ? AND ended = ''", why, tokenSHA256)
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// KnownBrowser tells the browser that holds the token from others, whatever became of its token since; nil unless name has
// signed in in it.
func (s *Store) KnownBrowser(ctx context.Context, tokenSHA256 []byte, name string, now time.Time) (id []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT id FROM browser
		WHERE token_sha256 = ? AND account = (SELECT id FROM account WHERE name = ?) AND expires_at > ?`,
		tokenSHA256, name, millis(now)).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read known browser: %w", err)
	}
	return id, nil
}

// RememberBrowser makes the browser that held a former token, if any, known by a new one, and known to name as well until
// it expires.
func (s *Store) RememberBrowser(ctx context.Context, formerSHA256, tokenSHA256 []byte, name string, now, expires time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM browser WHERE expires_at <= ?", millis(now)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE browser SET token_sha256 = ? WHERE token_sha256 = ?", tokenSHA256, formerSHA256); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO browser (token_sha256, account, expires_at, id)
			SELECT ?1, id, ?3, coalesce((SELECT id FROM browser WHERE token_sha256 = ?1), ?1) FROM account WHERE name = ?2
			ON CONFLICT DO UPDATE SET expires_at = ?3`, tokenSHA256, name, millis(expires))
		return err
	})
	if err != nil {
		return fmt.Errorf("remember browser: %w", err)
	}
	return nil
}
