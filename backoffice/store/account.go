package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
)

// ErrAccountExists says that the name, or the caseworker, has an account already.
var ErrAccountExists = errors.New("this name or this caseworker has an account already")

// What is done to an account. The entry names the account by its id, as its File.
const (
	ActionAccountAdded    Action = "account_added"
	ActionAccountRoles    Action = "account_roles"
	ActionAccountDisabled Action = "account_disabled"
	ActionAccountEnabled  Action = "account_enabled"
	ActionAccountPassword Action = "account_password"
	ActionAccountRemoved  Action = "account_removed"
)

// Account is somebody who may sign in.
type Account struct {
	ID         string // says nothing about whose it is, and is never used again
	Name       string // to sign in with, as staff.CheckName wants it; no two have the same
	Caseworker string // who receives visitors with it; empty for nobody, and no two have the same
	Roles      []staff.Role
	Disabled   bool // may not sign in until enabled
	// SecondFactor says that the password alone does not sign anybody in. AddAccount adds none.
	SecondFactor bool
}

// Actor is how what is done with an account is kept: by the caseworker's id, or by "@" and the account's name where it is
// nobody's, which is no caseworker's id.
func (a Account) Actor() string {
	if a.Caseworker == "" {
		return "@" + a.Name
	}
	return a.Caseworker
}

const accountColumns = "a.id, a.name, a.caseworker, a.roles, a.disabled, a.totp <> x'' OR EXISTS (SELECT 1 FROM passkey p WHERE p.account = a.id)"

// scanAccount reads accountColumns, and whatever stands behind them into more.
func scanAccount(scan func(...any) error, more ...any) (a Account, err error) {
	var roles string
	if err := scan(append([]any{&a.ID, &a.Name, &a.Caseworker, &roles, &a.Disabled, &a.SecondFactor}, more...)...); err != nil {
		return Account{}, err
	}
	a.Roles = splitRoles(roles)
	return a, nil
}

func splitRoles(text string) (roles []staff.Role) {
	for _, r := range strings.Fields(text) {
		roles = append(roles, staff.Role(r))
	}
	return roles
}

func joinRoles(roles []staff.Role) string {
	var text []string
	for _, r := range roles {
		text = append(text, string(r))
	}
	return strings.Join(text, " ")
}

// AddAccount adds an account, with the hash of its first password, and keeps who did so. ErrAccountExists when its id, its name or
// its caseworker has one already.
func (s *Store) AddAccount(ctx context.Context, by string, a Account, passwordHash string, at time.Time) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO account (id, name, password, caseworker, roles, disabled) VALUES (?, ?, ?, ?, ?, ?)",
			a.ID, a.Name, passwordHash, a.Caseworker, joinRoles(a.Roles), a.Disabled)
		if isUnique(err) {
			return ErrAccountExists
		}
		if err != nil {
			return err
		}
		return audit(ctx, tx, Entry{At: at, Name: by, Action: ActionAccountAdded, File: a.ID})
	})
	if err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	return nil
}

// Account is the account of a name to sign in with; ErrNotFound when there is none.
func (s *Store) Account(ctx context.Context, name string) (Account, error) {
	a, err := scanAccount(s.db.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM account a WHERE a.name = ?", name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	if err != nil {
		return Account{}, fmt.Errorf("read account: %w", err)
	}
	return a, nil
}

// Accounts lists all accounts, by name.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+accountColumns+" FROM account a ORDER BY a.name")
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	defer rows.Close()
	var all []Account
	for rows.Next() {
		a, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// SetRoles gives an account other roles, and ends its sessions: what its pages show was for the old ones. ErrNotFound when there is
// no such account.
func (s *Store) SetRoles(ctx context.Context, by, id string, roles []staff.Role, at time.Time) error {
	return s.changeAccount(ctx, id, EndedByRoles, Entry{At: at, Name: by, Action: ActionAccountRoles},
		"UPDATE account SET roles = ? WHERE id = ?", joinRoles(roles), id)
}

// DisableAccount keeps whoever holds an account from signing in, and ends its sessions. ErrNotFound when there is no such account.
func (s *Store) DisableAccount(ctx context.Context, by, id string, at time.Time) error {
	return s.changeAccount(ctx, id, EndedByDisabling, Entry{At: at, Name: by, Action: ActionAccountDisabled},
		"UPDATE account SET disabled = 1 WHERE id = ?", id)
}

// EnableAccount takes DisableAccount back; sessions that it ended stay so. ErrNotFound when there is no such account.
func (s *Store) EnableAccount(ctx context.Context, by, id string, at time.Time) error {
	return s.changeAccount(ctx, id, "", Entry{At: at, Name: by, Action: ActionAccountEnabled},
		"UPDATE account SET disabled = 0 WHERE id = ?", id)
}

// RemoveAccount removes an account for good, and ends its sessions. ErrNotFound when there is no such account.
func (s *Store) RemoveAccount(ctx context.Context, by, id string, at time.Time) error {
	return s.changeAccount(ctx, id, EndedByRemoval, Entry{At: at, Name: by, Action: ActionAccountRemoved},
		"DELETE FROM account WHERE id = ?", id)
}

// changeAccount runs a statement that changes one account, ends the account's sessions unless why is empty, and keeps that it was
// done.
func (s *Store) changeAccount(ctx context.Context, id string, why Ending, done Entry, statement string, args ...any) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		changed, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		if why != "" {
			if err := endSessions(ctx, tx, id, why); err != nil {
				return err
			}
		}
		done.File = id
		return audit(ctx, tx, done)
	})
	if err != nil {
		return fmt.Errorf("change account: %w", err)
	}
	return nil
}

// GiveRoles gives roles to each account that was made before accounts had any, by its caseworker. To all others it does nothing.
func (s *Store) GiveRoles(ctx context.Context, of func(caseworker string) []staff.Role) error {
	all, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if len(a.Roles) > 0 {
			continue
		}
		err := s.execute(ctx, "UPDATE account SET roles = ? WHERE id = ? AND roles = ''", joinRoles(of(a.Caseworker)), a.ID)
		if err != nil {
			return fmt.Errorf("give roles: %w", err)
		}
	}
	return nil
}

func endSessions(ctx context.Context, tx *sql.Tx, account string, why Ending) error {
	_, err := tx.ExecContext(ctx, "UPDATE session SET ended = ? WHERE account = ? AND ended = ''", why, account)
	return err
}
