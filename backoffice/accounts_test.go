package backoffice_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

// onlyLead leaves the lead to one caseworker.
func (w *world) onlyLead(t *testing.T, name string) {
	t.Helper()
	s := w.open(t)
	defer s.Close()
	all, err := s.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Name == name {
			continue
		}
		if err := s.SetRoles(t.Context(), backoffice.CommandLine, a.ID, []staff.Role{staff.Counter}, w.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnAccountBeginsWithTheRolesThatTheOfficeFileGives(t *testing.T) {
	dir := t.TempDir()
	w := build(t, dir, evening)
	file := filepath.Join(dir, "office.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Replace(string(text), "name = \"Jana Brandt\"", "name = \"Jana Brandt\"\nlead = true", 1)
	if err := os.WriteFile(file, []byte(named), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := backoffice.ReadOffice(w.config)
	if err != nil {
		t.Fatal(err)
	}
	s := w.open(t)
	defer s.Close()
	// Two accounts of a time before there were roles, as the migration leaves them.
	for _, a := range []store.Account{{ID: "1", Name: "b2"}, {ID: "2", Name: "y2"}} {
		former, err := s.Account(t.Context(), map[string]string{"b2": "brandt", "y2": "yilmaz"}[a.Name])
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveAccount(t.Context(), backoffice.CommandLine, former.ID, evening); err != nil {
			t.Fatal(err)
		}
		a.Caseworker = former.Caseworker
		if err := s.AddAccount(t.Context(), backoffice.CommandLine, a, "hash", evening); err != nil {
			t.Fatal(err)
		}
	}
	if err := backoffice.GiveRoles(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	for name, leads := range map[string]bool{"b2": true, "y2": false} {
		a, err := s.Account(t.Context(), name)
		if err != nil || !staff.May(a.Roles, staff.Receive) || staff.May(a.Roles, staff.Lead) != leads {
			t.Errorf("%s has the roles %v, %v", name, a.Roles, err)
		}
	}
}
