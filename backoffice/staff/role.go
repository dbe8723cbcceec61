package staff

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Role is what somebody does in the office. An account has one or several; what they may do together stands in no other place
// than here.
type Role string

// The roles.
const (
	Counter    Role = "counter"    // receives visitors
	Leader     Role = "lead"       // receives visitors, and sees to the office's day
	Admin      Role = "admin"      // keeps accounts, rules and the office's data
	Auditor    Role = "auditor"    // reads the log
	Technician Role = "technician" // looks after stations
)

// Roles are all roles, in the order in which people are shown them.
func Roles() []Role { return []Role{Counter, Leader, Admin, Auditor, Technician} }

// permissions are what a role may do; nothing where there is no such role.
func (r Role) permissions() []Permission {
	switch r {
	case Counter:
		return []Permission{Receive, OutOfOrder}
	case Leader:
		return []Permission{Receive, OutOfOrder, Lead}
	case Admin:
		return []Permission{Administer, Maintain}
	case Auditor:
		return []Permission{Audit}
	case Technician:
		return []Permission{Maintain}
	}
	return nil
}

// May says whether somebody with these roles has a permission. Who has no role, or only roles that this program does not know,
// has none.
func May(roles []Role, p Permission) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(r.permissions(), p) })
}

// Errors about an account that cannot be.
var (
	ErrName  = errors.New("a sign-in name is 1 to 40 of a-z, 0-9, dot, hyphen and underscore, the first a letter or digit")
	ErrRoles = errors.New("an account needs a role")
	// ErrNoRole says that there is no role of a name.
	ErrNoRole = errors.New("there is no such role")
	// ErrReceivesNobody says that an account that belongs to no caseworker was to receive visitors.
	ErrReceivesNobody = errors.New("counter and lead are for the accounts of caseworkers")
)

var signInName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// CheckName is ErrName for what cannot be a name to sign in with. A caseworker's id always can.
func CheckName(name string) error {
	if !signInName.MatchString(name) {
		return ErrName
	}
	return nil
}

// ParseRoles reads the names of roles, each once and in the order of Roles. Caseworker is whose account it is, empty for
// nobody's.
func ParseRoles(names []string, caseworker string) ([]Role, error) {
	var roles []Role
	for _, name := range names {
		if !slices.Contains(Roles(), Role(name)) {
			return nil, fmt.Errorf("%w as %q: they are %v", ErrNoRole, name, Roles())
		}
	}
	for _, r := range Roles() {
		if slices.Contains(names, string(r)) {
			roles = append(roles, r)
		}
	}
	switch {
	case len(roles) == 0:
		return nil, ErrRoles
	case caseworker == "" && May(roles, Receive):
		return nil, ErrReceivesNobody
	}
	return roles, nil
}
