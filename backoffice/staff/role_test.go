package staff_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/staff"
)

func TestARoleMayWhatItIsForAndNothingElse(t *testing.T) {
	may := map[staff.Role][]staff.Permission{
		staff.Counter:    {staff.Receive, staff.OutOfOrder},
		staff.Leader:     {staff.Receive, staff.OutOfOrder, staff.Lead},
		staff.Admin:      {staff.Administer, staff.Maintain},
		staff.Auditor:    {staff.Audit},
		staff.Technician: {staff.Maintain},
		"":               nil,
		"owner":          nil,
	}
	all := []staff.Permission{staff.Receive, staff.OutOfOrder, staff.Lead, staff.Administer, staff.Audit, staff.Maintain, "", "anything"}
	for role, allowed := range may {
		for _, p := range all {
			if got := staff.May([]staff.Role{role}, p); got != slices.Contains(allowed, p) {
				t.Errorf("%q may %q: %v", role, p, got)
			}
		}
	}
	if staff.May(nil, staff.Receive) || !staff.May([]staff.Role{staff.Auditor, staff.Counter}, staff.Receive) {
		t.Error("who has no role may receive, or who has two may not")
	}
}

func TestRolesAreReadOnceEachAndOnlyCaseworkersReceive(t *testing.T) {
	roles, err := staff.ParseRoles([]string{"admin", "counter", "admin"}, "brandt")
	if err != nil || !slices.Equal(roles, []staff.Role{staff.Counter, staff.Admin}) {
		t.Errorf("%v, %v", roles, err)
	}
	if _, err := staff.ParseRoles(nil, "brandt"); !errors.Is(err, staff.ErrRoles) {
		t.Errorf("none: %v", err)
	}
	if _, err := staff.ParseRoles([]string{"auditor", "lead"}, ""); !errors.Is(err, staff.ErrReceivesNobody) {
		t.Errorf("a lead who is no caseworker: %v", err)
	}
	if _, err := staff.ParseRoles([]string{"Admin"}, ""); err == nil {
		t.Error("there is a role Admin")
	}
}

func TestANameToSignInWith(t *testing.T) {
	for _, name := range []string{"brandt", "anna.k", "a", "0", strings.Repeat("n", 40)} {
		if err := staff.CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "Brandt", "@brandt", ".a", "a b", "brаndt", strings.Repeat("n", 41), "a\n"} {
		if !errors.Is(staff.CheckName(name), staff.ErrName) {
			t.Errorf("%q is one", name)
		}
	}
}
