package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify"
)

type policyExplain struct {
	File string `arg:"" help:"The policy file, as verify.policy in station.toml names one."`
}

// explainAnswer is the JSON of policy explain: the checks, or what is wrong in the file.
type explainAnswer struct {
	File   string               `json:"file"`
	Name   string               `json:"name"`
	Checks []explainedCheck     `json:"checks"`
	Faults []verify.PolicyFault `json:"faults"`
}

// explainedCheck is what a policy says of a check, beside what the policy that Foyer ships says.
type explainedCheck struct {
	ID                    string       `json:"id"`
	Level                 verify.Level `json:"level"`
	WhereSupported        bool         `json:"where_supported"`
	ShippedLevel          verify.Level `json:"shipped_level"`
	ShippedWhereSupported bool         `json:"shipped_where_supported"`
	About                 string       `json:"about"`
}

// Run implements kong's command. A policy that a kiosk would not start with is answered, but not good.
func (p policyExplain) Run(c *call) error {
	a := explainAnswer{File: p.File, Checks: []explainedCheck{}, Faults: []verify.PolicyFault{}}
	policy, err := verify.LoadPolicy(p.File)
	if faults := new(verify.PolicyError); errors.As(err, faults) {
		a.Faults = *faults
		return c.answer(a, false, a.text)
	}
	if err != nil {
		return command.WrongCall(err, "name a policy file that can be read, made from verify/policy.toml")
	}
	shipped, err := verify.DefaultPolicy()
	if err != nil {
		return err
	}
	a.Name = policy.Name
	for _, check := range policy.Checks {
		a.Checks = append(a.Checks, explain(check, shipped))
	}
	return c.answer(a, true, a.text)
}

// explain sets a check beside the shipped one.
func explain(check verify.PolicyCheck, shipped *verify.Policy) explainedCheck {
	e := explainedCheck{ID: check.ID, Level: check.Level, WhereSupported: check.WhereSupported, About: check.About}
	for _, other := range shipped.Checks {
		if other.ID != check.ID {
			continue
		}
		e.ShippedLevel, e.ShippedWhereSupported = other.Level, other.WhereSupported
		if e.About == "" {
			e.About = other.About
		}
	}
	return e
}

func (a explainAnswer) text(w io.Writer) {
	if len(a.Faults) > 0 {
		fmt.Fprintf(w, "%s is no policy: no kiosk starts with it\n\n", a.File)
		for _, fault := range a.Faults {
			fmt.Fprintf(w, "%s:%d: %s\n", a.File, fault.Line, fault.Problem)
		}
		return
	}
	fmt.Fprintf(w, "policy %q\n\n", a.Name)
	fmt.Fprint(w, "doubtful    any mandatory or optional check failed\n"+
		"genuine     else, when every mandatory check passed\n"+
		"unverified  else\n\n")
	for _, check := range a.Checks {
		check.text(w)
	}
}

func (e explainedCheck) text(w io.Writer) {
	fmt.Fprintf(w, "%-25s %s\n", levelText(e.Level, e.WhereSupported), e.ID)
	for _, line := range wrap(e.About, 80) {
		fmt.Fprintf(w, "    %s\n", line)
	}
	if e.Level != e.ShippedLevel || e.WhereSupported != e.ShippedWhereSupported {
		fmt.Fprintf(w, "    Foyer ships it as %s\n", levelText(e.ShippedLevel, e.ShippedWhereSupported))
	}
}

func levelText(level verify.Level, whereSupported bool) string {
	if whereSupported {
		return string(level) + " where supported"
	}
	return string(level)
}
