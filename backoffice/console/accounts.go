package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// madePassword is how long a password is that the console makes up: 100 bits.
const madePassword = 20

// accountRow is one account as the list shows it.
type accountRow struct {
	store.Account
	Holder string // name of the caseworker; empty for nobody
	Own    bool   // the viewer's, which somebody else has to change
}

// Has says whether the account has a role.
func (a accountRow) Has(r staff.Role) bool { return slices.Contains(a.Roles, r) }

type accountsPage struct {
	frame
	Accounts []accountRow
	Free     []office.Caseworker // who have no account
	New      accountRow          // what was typed, where it could not be added
	Notice   string              // key of a text; empty for none
	For      string              // whose the password is
	Password string              // shown now and never again; empty for none
}

// AllRoles are the roles that an account may have.
func (accountsPage) AllRoles() []staff.Role { return staff.Roles() }

func (c *Console) showAccounts(w http.ResponseWriter, r *http.Request, v viewer) {
	c.renderAccounts(w, r, v, http.StatusOK, accountsPage{})
}

// renderAccounts completes a page with all accounts.
func (c *Console) renderAccounts(w http.ResponseWriter, r *http.Request, v viewer, status int, p accountsPage) {
	all, err := c.store.Accounts(r.Context())
	if err != nil {
		c.fail(w, err)
		return
	}
	p.frame, p.Free = c.frame(r, v), slices.Clone(c.office.Caseworkers)
	p.Path = "/accounts"
	for _, a := range all {
		row := accountRow{Account: a, Own: a.ID == v.account.ID}
		if a.Caseworker != "" {
			row.Holder = c.nameOf(a.Caseworker)
		}
		p.Accounts = append(p.Accounts, row)
		p.Free = slices.DeleteFunc(p.Free, func(w office.Caseworker) bool { return w.ID == a.Caseworker })
	}
	c.render(w, status, "accounts", p)
}

// addAccount adds an account with a password that is shown once.
func (c *Console) addAccount(w http.ResponseWriter, r *http.Request, v viewer) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "not a form", http.StatusBadRequest)
		return
	}
	a := store.Account{ID: rand.Text(), Name: r.PostForm.Get("name"), Caseworker: r.PostForm.Get("caseworker")}
	var err error
	a.Roles, err = staff.ParseRoles(r.PostForm["role"], a.Caseworker)
	if _, ok := c.office.Caseworker(a.Caseworker); a.Caseworker != "" && !ok {
		err = errNoCaseworker
	}
	if bad := staff.CheckName(a.Name); bad != nil {
		err = bad
	}
	password, hash := "", ""
	if err == nil {
		password, hash, err = newPassword()
	}
	if err == nil {
		err = c.store.AddAccount(r.Context(), v.ID, a, hash, c.now())
	}
	if err != nil {
		c.refuseAccount(w, r, v, a, err)
		return
	}
	c.renderAccounts(w, r, v, http.StatusOK, accountsPage{For: a.Name, Password: password})
}

// errNoCaseworker says that an account was to be that of somebody whom the office file does not have.
var errNoCaseworker = errors.New("no such caseworker")

// refuseAccount shows the accounts again, and why one was not added or changed.
func (c *Console) refuseAccount(w http.ResponseWriter, r *http.Request, v viewer, a store.Account, err error) {
	p, status := accountsPage{New: accountRow{Account: a}}, http.StatusBadRequest
	switch {
	case errors.Is(err, store.ErrAccountExists):
		p.Notice, status = "accounts.bad.exists", http.StatusConflict
	case errors.Is(err, staff.ErrName):
		p.Notice = "accounts.bad.name"
	case errors.Is(err, staff.ErrReceivesNobody):
		p.Notice = "accounts.bad.receives"
	case errors.Is(err, errNoCaseworker):
		p.Notice = "accounts.bad.caseworker"
	case errors.Is(err, staff.ErrRoles), errors.Is(err, staff.ErrNoRole):
		p.Notice = "accounts.bad.roles"
	default:
		c.fail(w, err)
		return
	}
	c.renderAccounts(w, r, v, status, p)
}

func newPassword() (password, hash string, err error) {
	password = rand.Text()[:madePassword]
	hash, err = staff.Hash(password)
	return password, hash, err
}

// change changes an account, and gives the password to show, if any.
type change func(r *http.Request, v viewer, a store.Account) (password string, err error)

// onAccount lets an account be changed by somebody else than its holder: an administrator who is left can still sign in.
func (c *Console) onAccount(do change) handler {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		all, err := c.store.Accounts(r.Context())
		if err != nil {
			c.fail(w, err)
			return
		}
		at := slices.IndexFunc(all, func(a store.Account) bool { return a.ID == r.PathValue("id") })
		switch {
		case at < 0:
			c.renderAccounts(w, r, v, http.StatusNotFound, accountsPage{Notice: "accounts.bad.gone"})
			return
		case all[at].ID == v.account.ID:
			c.renderAccounts(w, r, v, http.StatusConflict, accountsPage{Notice: "accounts.bad.own"})
			return
		}
		password, err := do(r, v, all[at])
		switch {
		case errors.Is(err, store.ErrNotFound): // removed meanwhile
			c.renderAccounts(w, r, v, http.StatusNotFound, accountsPage{Notice: "accounts.bad.gone"})
		case err != nil:
			c.refuseAccount(w, r, v, store.Account{}, err)
		case password != "":
			c.renderAccounts(w, r, v, http.StatusOK, accountsPage{For: all[at].Name, Password: password})
		default:
			http.Redirect(w, r, "/accounts", http.StatusSeeOther)
		}
	}
}

func (c *Console) setRoles(r *http.Request, v viewer, a store.Account) (string, error) {
	if err := r.ParseForm(); err != nil {
		return "", staff.ErrRoles
	}
	roles, err := staff.ParseRoles(r.PostForm["role"], a.Caseworker)
	if err != nil {
		return "", err
	}
	return "", c.store.SetRoles(r.Context(), v.ID, a.ID, roles, c.now())
}

func (c *Console) resetPassword(r *http.Request, v viewer, a store.Account) (string, error) {
	password, hash, err := newPassword()
	if err != nil {
		return "", err
	}
	// Kept first: what was not kept is not done.
	entry := store.Entry{At: c.now(), Name: v.ID, Action: store.ActionAccountPassword, File: a.ID}
	if err := c.store.Audit(r.Context(), entry); err != nil {
		return "", err
	}
	return password, c.store.SetPassword(r.Context(), a.Name, hash)
}

func (c *Console) resetFactors(r *http.Request, v viewer, a store.Account) (string, error) {
	return "", c.store.ResetFactors(r.Context(), v.ID, a.ID, c.now())
}

func (c *Console) disableAccount(r *http.Request, v viewer, a store.Account) (string, error) {
	return "", c.store.DisableAccount(r.Context(), v.ID, a.ID, c.now())
}

func (c *Console) enableAccount(r *http.Request, v viewer, a store.Account) (string, error) {
	return "", c.store.EnableAccount(r.Context(), v.ID, a.ID, c.now())
}

func (c *Console) removeAccount(r *http.Request, v viewer, a store.Account) (string, error) {
	return "", c.store.RemoveAccount(r.Context(), v.ID, a.ID, c.now())
}

type stationsPage struct {
	frame
	Certificates []certificateRow
	Outdated     string // "station-1, station-2"; empty for none
}

// showStations tells a technician what the office lives by, and nothing of visitors.
func (c *Console) showStations(w http.ResponseWriter, r *http.Request, v viewer) {
	c.render(w, http.StatusOK, "stations", stationsPage{frame: c.frame(r, v), Certificates: c.certificates(), Outdated: c.outdated()})
}
