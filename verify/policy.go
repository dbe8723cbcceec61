package verify

import (
	"slices"
	"strings"
)

// codeForgotten says that a check of the policy was made by nobody.
const codeForgotten Code = "policy.forgotten"

// Level is how much a check weighs in the verdict (BSI TR-03135-2).
type Level string

// The levels of a check.
const (
	Mandatory  Level = "mandatory"  // must pass, or the document is not genuine
	Optional   Level = "optional"   // need not be done; a failure makes the document doubtful
	Evaluatory Level = "evaluatory" // shown, never in the verdict
)

// Gravity is the higher, the less staff may miss a check: one that failed before one that did not, then by its level. A level
// that is none weighs least.
func Gravity(r Result, l Level) int {
	levels := []Level{Evaluatory, Optional, Mandatory}
	g := slices.Index(levels, l)
	if r == Failed {
		g += len(levels) + 1
	}
	return g
}

// Policy says which checks there are and what each weighs.
type Policy struct {
	Name   string
	Checks []PolicyCheck
}

// PolicyCheck is one line of a policy.
type PolicyCheck struct {
	ID    string
	Level Level
	// WhereSupported makes a mandatory check one that binds only a document that has the thing it asks about: not_supported
	// then does not keep the document from being genuine. No other check may have it.
	WhereSupported bool   `toml:"where_supported"`
	About          string // for the people who read the policy and its explanations
}

// names says whether the policy has a check of this id.
func (p *Policy) names(id string) bool {
	return slices.ContainsFunc(p.Checks, func(c PolicyCheck) bool { return c.ID == id })
}

// Judge weighs the checks. Every check of the policy appears in the report, in the policy's order: one that nobody
// carried out is not_performed, so it can never pass by having been forgotten. A check that the policy does not name
// is optional and comes last, so that it cannot fail without weight. Whoever gave the reasons, they leave few, and their values as [Quote] has them.
//
// The verdict: doubtful when any mandatory or optional check failed; else genuine when every mandatory check passed, or was
// not_supported where the policy says where_supported, and at least one passed; else unverified.
func (p *Policy) Judge(checks []Check, validity Validity) Report {
	r := Report{Validity: validity}
	used := map[string]bool{}
	for _, line := range p.Checks {
		for _, c := range checks {
			if c.ID == line.ID {
				used[c.ID] = true
				r.Checks = append(r.Checks, line.judge(c))
			}
		}
		if !used[line.ID] {
			c := Check{ID: line.ID, Category: categoryOf(line.ID), Result: NotPerformed, Reasons: []Reason{Because(codeForgotten)}}
			r.Checks = append(r.Checks, line.judge(c))
		}
	}
	for _, c := range checks {
		if !used[c.ID] {
			r.Checks = append(r.Checks, PolicyCheck{Level: Optional}.judge(c))
		}
	}
	r.Verdict = verdict(r.Checks)
	return r
}

func (line PolicyCheck) judge(c Check) JudgedCheck {
	c.Reasons = Bounded(c.Reasons)
	return JudgedCheck{Check: c, Level: line.Level, WhereSupported: line.WhereSupported}
}

func verdict(checks []JudgedCheck) Verdict {
	passed, missing := 0, 0
	for _, c := range checks {
		switch {
		case c.Level == Evaluatory:
		case c.Result == Failed:
			return Doubtful
		case c.Level != Mandatory:
		case c.Result == Passed:
			passed++
		case c.Result != NotSupported || !c.WhereSupported:
			missing++
		}
	}
	if passed > 0 && missing == 0 {
		return Genuine
	}
	return Unverified
}

// Only gives the policy without the checks whose id begins with none of the prefixes: for evidence that is not a whole
// document, such as a chip's saved files.
func (p *Policy) Only(prefixes ...string) *Policy {
	only := &Policy{Name: p.Name}
	for _, c := range p.Checks {
		if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(c.ID, prefix) }) {
			only.Checks = append(only.Checks, c)
		}
	}
	return only
}

func categoryOf(id string) Category {
	first, _, _ := strings.Cut(id, ".")
	return Category(first)
}
