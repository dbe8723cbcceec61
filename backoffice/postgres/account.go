package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

const accountColumns = "a.id, a.name, a.caseworker, a.roles, a.disabled, a.totp <> '' OR EXISTS (SELECT 1 FROM passkey p WHERE p.account = a.id)"

// scanAccount reads accountColumns, and whatever stands behind them into more.
func scanAccount(row pgx.Row, more ...any) (a store.Account, err error) {
	var roles []string
	err = row.Scan(append([]any{&a.ID, &a.Name, &a.Caseworker, &roles, &a.Disabled, &a.SecondFactor}, more...)...)
	for _, r := range roles {
		a.Roles = append(a.Roles, staff.Role(r))
	}
	return a, err
}

// AddAccount adds an account, with the hash of its first password, and keeps who did so. ErrAccountExists when its id, its name or
// its caseworker has one already.
func (s *Store) AddAccount(ctx context.Context, by string, a store.Account, passwordHash string, at time.Time) error {
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		_, err := tx.Exec(ctx, "INSERT INTO account (id, name, password, caseworker, roles, disabled) VALUES ($1, $2, $3, $4, $5, $6)",
			a.ID, a.Name, passwordHash, a.Caseworker, a.Roles, a.Disabled)
		if isUnique(err) {
			return store.ErrAccountExists
		}
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.Entry{At: at, Name: by, Action: store.ActionAccountAdded, File: a.ID})
	})
	if err != nil {
		return fmt.Errorf("add account: %w", err)
	}
	return nil
}

// Account is the account of a name to sign in with; ErrNotFound when there is none.
func (s *Store) Account(ctx context.Context, name string) (store.Account, error) {
	all, err := s.accounts(ctx, "WHERE a.name = $1", name)
	if err != nil {
		return store.Account{}, fmt.Errorf("read account: %w", err)
	}
	if len(all) == 0 {
		return store.Account{}, store.ErrNotFound
	}
	return all[0], nil
}

// Accounts lists all accounts, by name.
func (s *Store) Accounts(ctx context.Context) ([]store.Account, error) {
	all, err := s.accounts(ctx, "ORDER BY a.name")
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return all, nil
}

func (s *Store) accounts(ctx context.Context, which string, args ...any) ([]store.Account, error) {
	return list(ctx, s, func(row pgx.CollectableRow) (store.Account, error) { return scanAccount(row) },
		"SELECT "+accountColumns+" FROM account a "+which, args...)
}

// SetRoles gives an account other roles, and ends its sessions: what its pages show was for the old ones. ErrNotFound when there is
// no such account.
func (s *Store) SetRoles(ctx context.Context, by, id string, roles []staff.Role, at time.Time) error {
	return s.changeAccount(ctx, id, store.EndedByRoles, store.Entry{At: at, Name: by, Action: store.ActionAccountRoles},
		"UPDATE account SET roles = $2 WHERE id = $1", id, roles)
}

// DisableAccount keeps whoever holds an account from signing in, and ends its sessions. ErrNotFound when there is no such account.
func (s *Store) DisableAccount(ctx context.Context, by, id string, at time.Time) error {
	return s.changeAccount(ctx, id, store.EndedByDisabling, store.Entry{At: at, Name: by, Action: store.ActionAccountDisabled},
		"UPDATE account SET disabled = true WHERE id = $1", id)
}

// EnableAccount takes DisableAccount back; sessions that it ended stay so. ErrNotFound when there is no such account.
func (s *Store) EnableAccount(ctx context.Context, by, id string, at time.Time) error {
	return s.changeAccount(ctx, id, "", store.Entry{At: at, Name: by, Action: store.ActionAccountEnabled},
		"UPDATE account SET disabled = false WHERE id = $1", id)
}

// RemoveAccount removes an account for good, and ends its sessions. ErrNotFound when there is no such account.
func (s *Store) RemoveAccount(ctx context.Context, by, id string, at time.Time) error {
	return s.changeAccount(ctx, id, store.EndedByRemoval, store.Entry{At: at, Name: by, Action: store.ActionAccountRemoved},
		"DELETE FROM account WHERE id = $1", id)
}

// changeAccount runs a statement that changes one account, ends the account's sessions unless why is empty, and keeps that it was
// done. Who signs in meanwhile has done so before, and is ended, or waits.
func (s *Store) changeAccount(ctx context.Context, id string, why store.Ending, done store.Entry, statement string, args ...any) error {
	done.File = id
	err := s.transact(ctx, func(ctx context.Context, tx transaction) error {
		if err := changeAny(ctx, tx, store.ErrNotFound, statement, args...); err != nil {
			return err
		}
		if why != "" {
			if err := endSessions(ctx, tx, id, why); err != nil {
				return err
			}
		}
		return audit(ctx, tx, done)
	})
	if err != nil {
		return fmt.Errorf("change account: %w", err)
	}
	return nil
}

// changeAny runs a statement; none is the error when it changes nothing.
func changeAny(ctx context.Context, tx transaction, none error, statement string, args ...any) error {
	done, err := tx.Exec(ctx, statement, args...)
	if err == nil && done.RowsAffected() == 0 {
		err = none
	}
	return err
}

// changeFound runs one statement as a transaction of its own; ErrNotFound when it changes nothing.
func (s *Store) changeFound(ctx context.Context, statement string, args ...any) error {
	var changed int64
	err := s.together(ctx, func() *batch {
		var b batch
		b.Queue(statement, args...).Exec(func(done pgconn.CommandTag) error {
			changed = done.RowsAffected()
			return nil
		})
		return &b
	})
	if err == nil && changed == 0 {
		err = store.ErrNotFound
	}
	return err
}

func endSessions(ctx context.Context, tx transaction, account string, why store.Ending) error {
	_, err := tx.Exec(ctx, "UPDATE session SET ended = $2 WHERE account = $1 AND ended = ''", account, why)
	return err
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
		if err := s.change(ctx, "UPDATE account SET roles = $1 WHERE id = $2 AND roles = '{}'", of(a.Caseworker), a.ID); err != nil {
			return fmt.Errorf("give roles: %w", err)
		}
	}
	return nil
}

// accountOf reads one row of an account; ErrNotFound when there is none.
func accountOf(ctx context.Context, tx transaction, query string, args []any, more ...any) (store.Account, error) {
	a, err := scanAccount(tx.QueryRow(ctx, query, args...), more...)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrNotFound
	}
	return a, err
}
