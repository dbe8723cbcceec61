package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

func accounts() []promise {
	return []promise{
		{"an account is what it was added as", accountKept},
		{"a name or a caseworker has one account", accountOnce},
		{"other roles end an account's sessions", rolesEndSessions},
		{"who is disabled does not sign in until enabled", disabledStaysOut},
		{"a removed account is gone, and its sessions say so", removedIsGone},
		{"an account that is not there is not changed", nothingToChange},
		{"roles are given once, to accounts that have none", rolesGivenOnce},
		{"the log tells the latest first, page by page", logInPages},
		{"the log leaves out what is not asked for", logFiltered},
	}
}

var (
	brandt = store.Account{ID: "a1", Name: "brandt", Caseworker: "brandt", Roles: []staff.Role{staff.Counter, staff.Leader}}
	yilmaz = store.Account{ID: "a2", Name: "yilmaz", Caseworker: "yilmaz", Roles: []staff.Role{staff.Counter}}
	keeper = store.Account{ID: "a3", Name: "keeper", Roles: []staff.Role{staff.Admin}}
)

// add adds accounts whose password has the hash "hash".
func add(t *testing.T, s Store, all ...store.Account) {
	t.Helper()
	for _, a := range all {
		must(t, s.AddAccount(t.Context(), "@keeper", a, "hash", noon))
	}
}

// expectAccounts compares all accounts.
func expectAccounts(t *testing.T, s Store, want ...store.Account) {
	t.Helper()
	got, err := s.Accounts(t.Context())
	same := slices.EqualFunc(got, want, func(a, b store.Account) bool {
		return a.ID == b.ID && a.Name == b.Name && a.Caseworker == b.Caseworker && a.Disabled == b.Disabled && slices.Equal(a.Roles, b.Roles)
	})
	if err != nil || !same {
		t.Errorf("the accounts are %+v, %v; want %+v", got, err, want)
	}
}

func accountKept(t *testing.T, s Store) {
	add(t, s, yilmaz, keeper, brandt)
	expectAccounts(t, s, brandt, keeper, yilmaz)
	if a, err := s.Account(t.Context(), "keeper"); err != nil || a.ID != keeper.ID {
		t.Errorf("by name it is %+v, %v", a, err)
	}
	if _, err := s.Account(t.Context(), "a3"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("by another name: %v", err)
	}
	if hash, err := s.PasswordHash(t.Context(), "keeper"); err != nil || hash != "hash" {
		t.Errorf("the hash is %q, %v", hash, err)
	}
	if brandt.Actor() != "brandt" || keeper.Actor() != "@keeper" {
		t.Errorf("they act as %s and %s", brandt.Actor(), keeper.Actor())
	}
}

func accountOnce(t *testing.T, s Store) {
	add(t, s, brandt, keeper)
	for what, a := range map[string]store.Account{
		"the id":         {ID: "a1", Name: "other"},
		"the name":       {ID: "b", Name: "brandt"},
		"the caseworker": {ID: "b", Name: "other", Caseworker: "brandt"},
	} {
		if err := s.AddAccount(t.Context(), "@keeper", a, "other", noon); !errors.Is(err, store.ErrAccountExists) {
			t.Errorf("%s twice: %v", what, err)
		}
	}
	expectAccounts(t, s, brandt, keeper)
	add(t, s, store.Account{ID: "b", Name: "another", Roles: []staff.Role{staff.Auditor}}) // of nobody there may be many
}

func rolesEndSessions(t *testing.T, s Store) {
	signIn(t, s, "a")
	all, err := s.Accounts(t.Context())
	must(t, err)
	must(t, s.SetRoles(t.Context(), "@keeper", all[0].ID, []staff.Role{staff.Auditor}, noon))
	expectEnding(t, s, "a", 0, store.EndedByRoles)
	signIn(t, s, "b")
	expectEnding(t, s, "b", 0, "")
	found, err := s.Session(t.Context(), []byte("b"))
	if err != nil || !slices.Equal(found.Account.Roles, []staff.Role{staff.Auditor}) {
		t.Errorf("the roles are %v, %v", found.Account.Roles, err)
	}
}

func disabledStaysOut(t *testing.T, s Store) {
	add(t, s, brandt)
	signIn(t, s, "a")
	must(t, s.DisableAccount(t.Context(), "@keeper", brandt.ID, noon))
	expectEnding(t, s, "a", 0, store.EndedByDisabling)
	if _, err := s.PasswordHash(t.Context(), "brandt"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the password hash is still told: %v", err)
	}
	err := s.BeginSession(t.Context(), []byte("b"), "brandt", "hash", noon, noon.Add(time.Hour))
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("signing in: %v", err)
	}
	must(t, s.EnableAccount(t.Context(), "@keeper", brandt.ID, noon))
	expectEnding(t, s, "a", 0, store.EndedByDisabling)
	signIn(t, s, "b")
	expectEnding(t, s, "b", 0, "")
}

func removedIsGone(t *testing.T, s Store) {
	add(t, s, brandt, keeper)
	signIn(t, s, "a")
	must(t, s.RememberBrowser(t.Context(), nil, []byte("browser"), "brandt", noon, noon.Add(time.Hour)))
	must(t, s.RemoveAccount(t.Context(), "@keeper", brandt.ID, noon))
	expectAccounts(t, s, keeper)
	found, err := s.Session(t.Context(), []byte("a"))
	if why := found.Ending(noon, idle); err != nil || why != store.EndedByRemoval || found.Account.Name != "" || len(found.Account.Roles) > 0 {
		t.Errorf("its session is %+v, ended by %q, %v", found, why, err)
	}
	again := brandt
	again.ID = "b"
	add(t, s, again)
	if id, err := s.KnownBrowser(t.Context(), []byte("browser"), "brandt", noon); err != nil || id != nil {
		t.Errorf("who has the name next is known in the browser of the one before: %v", err)
	}
}

func nothingToChange(t *testing.T, s Store) {
	add(t, s, brandt)
	for what, err := range map[string]error{
		"roles":    s.SetRoles(t.Context(), "@keeper", "none", []staff.Role{staff.Admin}, noon),
		"disable":  s.DisableAccount(t.Context(), "@keeper", "none", noon),
		"enable":   s.EnableAccount(t.Context(), "@keeper", "none", noon),
		"remove":   s.RemoveAccount(t.Context(), "@keeper", "none", noon),
		"password": s.SetPassword(t.Context(), "none", "hash"),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	expectAccounts(t, s, brandt)
	if log, err := s.Log(t.Context(), store.LogFilter{}, 10); err != nil || len(log) != 1 {
		t.Errorf("%d entries were kept, %v; want that of the one that was added", len(log), err)
	}
}

func rolesGivenOnce(t *testing.T, s Store) {
	old := yilmaz
	old.Roles = nil
	add(t, s, brandt, old)
	give := func(caseworker string) []staff.Role {
		if caseworker == "brandt" {
			t.Error("who has roles is asked about")
		}
		return []staff.Role{staff.Counter}
	}
	must(t, s.GiveRoles(t.Context(), give))
	expectAccounts(t, s, brandt, yilmaz)
	must(t, s.GiveRoles(t.Context(), func(string) []staff.Role { return []staff.Role{staff.Admin} }))
	expectAccounts(t, s, brandt, yilmaz)
}

// actionsOf are the actions of a page, in its order.
func actionsOf(page []store.LogEntry) (actions []store.Action) {
	for _, e := range page {
		actions = append(actions, e.Action)
	}
	return actions
}

func logInPages(t *testing.T, s Store) {
	for _, a := range []store.Action{"one", "two", "three"} {
		must(t, s.Audit(t.Context(), store.Entry{At: noon, Name: "brandt", Action: a}))
	}
	first, err := s.Log(t.Context(), store.LogFilter{}, 2)
	if got := actionsOf(first); err != nil || !slices.Equal(got, []store.Action{"three", "two"}) {
		t.Fatalf("the first page is %v, %v", got, err)
	}
	next, err := s.Log(t.Context(), store.LogFilter{Before: first[1].Number}, 2)
	if got := actionsOf(next); err != nil || !slices.Equal(got, []store.Action{"one"}) {
		t.Errorf("the next page is %v, %v", got, err)
	}
}

func logFiltered(t *testing.T, s Store) {
	must(t, s.Admit(t.Context(), visitor(1), nowhere))
	for _, e := range []store.Entry{
		{At: noon, Name: "brandt", Action: "a", CheckIn: numbered(1), File: "portrait"},
		{At: noon.Add(time.Minute), Name: "yilmaz", Action: "b", CheckIn: numbered(2)},
		{At: noon.Add(2 * time.Minute), Name: "brandt", Action: "c"},
	} {
		must(t, s.Audit(t.Context(), e))
	}
	for name, c := range map[string]struct {
		filter store.LogFilter
		want   []store.Action
	}{
		"by who":           {store.LogFilter{Name: "brandt"}, []store.Action{"c", "a"}},
		"by what":          {store.LogFilter{Action: "b"}, []store.Action{"b"}},
		"by check-in":      {store.LogFilter{CheckIn: numbered(2)}, []store.Action{"b"}},
		"by ticket":        {store.LogFilter{CheckIn: "A-1"}, []store.Action{"a"}},
		"from a time":      {store.LogFilter{From: noon.Add(time.Minute)}, []store.Action{"c", "b"}},
		"until a time":     {store.LogFilter{Until: noon.Add(time.Minute)}, []store.Action{"a"}},
		"by two of these":  {store.LogFilter{Name: "brandt", Action: "b"}, nil},
		"by hostile words": {store.LogFilter{Name: "' OR 1=1 --"}, nil},
	} {
		page, err := s.Log(t.Context(), c.filter, 10)
		if got := actionsOf(page); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
		for _, e := range page {
			if e.CheckIn == numbered(1) && e.Ticket != "A-1" || e.CheckIn != numbered(1) && e.Ticket != "" {
				t.Errorf("%s: the ticket of %+v", name, e)
			}
		}
	}
}
