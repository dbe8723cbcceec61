package backoffice

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// Accounts is what of a store says who may sign in. What each method promises stands at [store.Store], which is one.
type Accounts interface {
	AddAccount(ctx context.Context, by string, a store.Account, passwordHash string, at time.Time) error
	SetPassword(ctx context.Context, name, hash string) error
	GiveRoles(ctx context.Context, of func(caseworker string) []staff.Role) error
}

// CommandLine is by whom accounts are kept that nobody who was signed in has changed.
const CommandLine = "@command-line"

// RolesOf are the roles that a caseworker's account begins with: counter, and lead where the office file says so.
func RolesOf(o *office.Office, caseworker string) []staff.Role {
	if o.Leads(caseworker) {
		return []staff.Role{staff.Counter, staff.Leader}
	}
	return []staff.Role{staff.Counter}
}

// AddAccount lets a caseworker sign in by the caseworker's id: with an account of RolesOf, or with a new password where there is an
// account of this name.
func AddAccount(ctx context.Context, s Accounts, o *office.Office, caseworker, passwordHash string, at time.Time) error {
	err := s.SetPassword(ctx, caseworker, passwordHash)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	a := store.Account{ID: rand.Text(), Name: caseworker, Caseworker: caseworker, Roles: RolesOf(o, caseworker)}
	return s.AddAccount(ctx, CommandLine, a, passwordHash, at)
}

// GiveRoles gives roles to accounts of a time before there were any.
func GiveRoles(ctx context.Context, s Accounts, o *office.Office) error {
	return s.GiveRoles(ctx, func(caseworker string) []staff.Role { return RolesOf(o, caseworker) })
}
