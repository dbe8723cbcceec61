// Package routing decides which caseworker a visitor is sent to, and says why. Rules are data in the office file; the
// first that fits decides, and the last fits everyone, so that nobody is left without a person to go to.
package routing

import (
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/verify"
)

// NoService is what a rule calls check-ins without a service: the visitor asked for a member of staff.
const NoService = "none"

// Rule sends the visitors that it fits to one of some caseworkers. An empty condition fits everyone.
type Rule struct {
	ID       string           `toml:"id"`
	Services []string         `toml:"service"` // ids, or NoService
	Verdicts []verify.Verdict `toml:"verdict"`
	To       []string         `toml:"to"` // caseworkers; the one with the fewest waiting is chosen, then the first named
	// About says why, for staff, by language tag; "de" is always there.
	About map[string]string `toml:"about"`
}

// Visit is what a rule can look at.
type Visit struct {
	Service string         // id; empty when the visitor asked for a member of staff
	Verdict verify.Verdict // of the worst document; empty without one; doubtful also where it could not be read
}

// Decision is a caseworker and the reason for the choice. It is kept as it is, so that it can be understood after the
// rules have changed.
type Decision struct {
	Rule       string            `json:"rule"`
	About      map[string]string `json:"about"`
	Caseworker string            `json:"caseworker"`
	// Waiting is how many stood in the queue of each caseworker whom the rule names.
	Waiting map[string]int `json:"waiting"`
}

// Validate says what is wrong with a list of rules: an id that is empty or repeated, nobody to send to, no German
// reason, or a last rule that does not fit everyone.
func Validate(rules []Rule) error {
	if len(rules) == 0 {
		return fmt.Errorf("routing: no rules")
	}
	seen := map[string]bool{}
	for _, r := range rules {
		switch {
		case r.ID == "" || seen[r.ID]:
			return fmt.Errorf("routing: rule id %q is empty or repeated", r.ID)
		case len(r.To) == 0:
			return fmt.Errorf("routing: rule %q sends to nobody", r.ID)
		case r.About["de"] == "":
			return fmt.Errorf("routing: rule %q does not say why in German", r.ID)
		}
		seen[r.ID] = true
	}
	if last := rules[len(rules)-1]; len(last.Services)+len(last.Verdicts) > 0 {
		return fmt.Errorf("routing: the last rule, %q, does not fit everyone", last.ID)
	}
	return nil
}

// First gives the first of the rules, valid as by Validate, that fits.
func First(rules []Rule, v Visit) Rule {
	return rules[slices.IndexFunc(rules, func(r Rule) bool { return r.fits(v) })]
}

// Decide applies the first of the rules that fits. Waiting is how many wait for each caseworker.
func Decide(rules []Rule, v Visit, waiting map[string]int) Decision {
	rule := First(rules, v)
	d := Decision{Rule: rule.ID, About: rule.About, Caseworker: rule.To[0], Waiting: map[string]int{}}
	for _, c := range rule.To {
		d.Waiting[c] = waiting[c]
		if waiting[c] < waiting[d.Caseworker] {
			d.Caseworker = c
		}
	}
	return d
}

func (r Rule) fits(v Visit) bool {
	service := v.Service
	if service == "" {
		service = NoService
	}
	return (len(r.Services) == 0 || slices.Contains(r.Services, service)) &&
		(len(r.Verdicts) == 0 || slices.Contains(r.Verdicts, v.Verdict))
}
