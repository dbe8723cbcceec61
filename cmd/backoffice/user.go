package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/cmd/internal/command"
)

// withAccounts opens the office's store, beside a server or without one, for what do does with the accounts in it.
func (f configFlag) withAccounts(ctx context.Context, do func(backoffice.Store, *office.Office) error) error {
	config, err := f.read()
	if err != nil {
		return err
	}
	o, err := backoffice.ReadOffice(config)
	if err != nil {
		return cannotServe(err, config)
	}
	s, err := backoffice.OpenOffice(ctx, config)
	if err != nil {
		return cannotServe(err, config)
	}
	err = backoffice.GiveRoles(ctx, s, o)
	if err == nil {
		err = do(s, o)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = command.WrongCall(errors.New("there is no account of this name"), "backoffice user list says which there are")
	}
	return errors.Join(err, s.Close())
}

type userAddCommand struct {
	configFlag
	Name          string   `arg:"" help:"A caseworker's id in the office file, or another name to sign in with."`
	Role          []string `placeholder:"ROLE,..." help:"What the account is for: counter, lead, admin, auditor, technician. A caseworker's is counter, and lead where the office file says so, unless you say otherwise."`
	Caseworker    string   `placeholder:"ID" help:"Who receives visitors with it; the caseworker of that id if there is one."`
	PasswordStdin bool     `help:"Read the password from standard input, one line; otherwise one is generated and shown."`
}

// Run adds an account, or sets the password of one that there is.
func (c userAddCommand) Run(ctx context.Context, std streams) error {
	return c.withAccounts(ctx, func(s backoffice.Store, o *office.Office) error {
		former, err := s.Account(ctx, c.Name)
		added := errors.Is(err, store.ErrNotFound)
		switch {
		case err != nil && !added:
			return err
		case !added && (len(c.Role) > 0 || c.Caseworker != ""):
			return command.WrongCall(fmt.Errorf("there is an account %q already", c.Name), "backoffice user role changes its roles")
		case !added:
			return c.write(std, former, func(hash string) error { return s.SetPassword(ctx, c.Name, hash) })
		}
		a, err := c.account(o)
		if err != nil {
			return err
		}
		return c.write(std, a, func(hash string) error {
			err := s.AddAccount(ctx, backoffice.CommandLine, a, hash, time.Now())
			if errors.Is(err, store.ErrAccountExists) {
				return command.WrongCall(err, "backoffice user list says which accounts there are")
			}
			return err
		})
	})
}

// account is the one that is to be added.
func (c userAddCommand) account(o *office.Office) (store.Account, error) {
	a := store.Account{ID: rand.Text(), Name: c.Name, Caseworker: c.Caseworker}
	if _, ok := o.Caseworker(c.Name); ok && a.Caseworker == "" {
		a.Caseworker = c.Name
	}
	_, known := o.Caseworker(a.Caseworker)
	switch {
	case a.Caseworker != "" && !known, a.Caseworker == "" && len(c.Role) == 0:
		return a, command.WrongCall(fmt.Errorf("the office file has no caseworker %q", cmp.Or(a.Caseworker, c.Name)),
			"add one there first, or say with --role what an account is for that receives nobody")
	case staff.CheckName(c.Name) != nil:
		return a, command.WrongCall(staff.ErrName, "choose another name")
	case len(c.Role) == 0:
		a.Roles = backoffice.RolesOf(o, a.Caseworker)
		return a, nil
	}
	var err error
	a.Roles, err = staff.ParseRoles(c.Role, a.Caseworker)
	if err != nil {
		return a, command.WrongCall(err, "backoffice user add --help names the roles")
	}
	return a, nil
}

// write reads or makes a password and writes its hash.
func (c userAddCommand) write(std streams, a store.Account, write func(hash string) error) error {
	password, err := c.password(std)
	if err != nil {
		return err
	}
	hash, err := staff.Hash(password)
	if err != nil {
		return command.WrongCall(err, "choose another password")
	}
	if err := write(hash); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s can sign in\n", a.Name)
	return nil
}

// password reads a line, or makes a password up and shows it once.
func (c userAddCommand) password(std streams) (string, error) {
	if !c.PasswordStdin {
		made := rand.Text()[:20]
		fmt.Fprintf(std.out, "password %s (shown only now)\n", made)
		return made, nil
	}
	line, err := bufio.NewReader(io.LimitReader(std.in, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type userListCommand struct {
	configFlag
	JSON bool `help:"One JSON object a line: name, caseworker, roles, disabled, second_factor."`
}

// Run lists the accounts.
func (c userListCommand) Run(ctx context.Context, std streams) error {
	return c.withAccounts(ctx, func(s backoffice.Store, _ *office.Office) error {
		all, err := s.Accounts(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		for _, a := range all {
			if c.JSON {
				err = errors.Join(err, json.NewEncoder(std.out).Encode(map[string]any{
					"name": a.Name, "caseworker": a.Caseworker, "roles": a.Roles, "disabled": a.Disabled, "second_factor": a.SecondFactor,
				}))
				continue
			}
			var roles []string
			for _, r := range a.Roles {
				roles = append(roles, string(r))
			}
			var state []string
			if a.SecondFactor {
				state = append(state, "second factor")
			}
			if a.Disabled {
				state = append(state, "disabled")
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.Name, cmp.Or(a.Caseworker, "-"), strings.Join(roles, ","), strings.Join(state, ", "))
		}
		return errors.Join(err, table.Flush())
	})
}

// accountArg is an account that is to be changed.
type accountArg struct {
	configFlag
	Name string `arg:"" help:"The name to sign in with."`
}

// change changes the account, and says what it is then.
func (c accountArg) change(ctx context.Context, std streams, is string, do func(backoffice.Store, store.Account) error) error {
	return c.withAccounts(ctx, func(s backoffice.Store, _ *office.Office) error {
		a, err := s.Account(ctx, c.Name)
		if err != nil {
			return err
		}
		if err := do(s, a); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "%s %s\n", a.Name, is)
		return nil
	})
}

type userRoleCommand struct {
	accountArg
	Roles []string `arg:"" help:"All that the account is for: counter, lead, admin, auditor, technician."`
}

// Run sets the roles.
func (c userRoleCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "has the roles "+strings.Join(c.Roles, ", "), func(s backoffice.Store, a store.Account) error {
		roles, err := staff.ParseRoles(c.Roles, a.Caseworker)
		if err != nil {
			return command.WrongCall(err, "backoffice user role --help names the roles")
		}
		return s.SetRoles(ctx, backoffice.CommandLine, a.ID, roles, time.Now())
	})
}

type userDisableCommand struct{ accountArg }

// Run disables an account.
func (c userDisableCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "cannot sign in any more", func(s backoffice.Store, a store.Account) error {
		return s.DisableAccount(ctx, backoffice.CommandLine, a.ID, time.Now())
	})
}

type userEnableCommand struct{ accountArg }

// Run enables an account.
func (c userEnableCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "can sign in", func(s backoffice.Store, a store.Account) error {
		return s.EnableAccount(ctx, backoffice.CommandLine, a.ID, time.Now())
	})
}

type userResetCommand struct{ accountArg }

// Run takes the second factor.
func (c userResetCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "has no second factor any more", func(s backoffice.Store, a store.Account) error {
		return s.ResetFactors(ctx, backoffice.CommandLine, a.ID, time.Now())
	})
}

type userRemoveCommand struct{ accountArg }

// Run removes an account.
func (c userRemoveCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "is removed", func(s backoffice.Store, a store.Account) error {
		return s.RemoveAccount(ctx, backoffice.CommandLine, a.ID, time.Now())
	})
}
