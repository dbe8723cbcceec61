package routing_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

func rules() []routing.Rule {
	why := map[string]string{"de": "weil"}
	return []routing.Rule{
		{ID: "staff", Services: []string{routing.NoService}, To: []string{"reception"}, About: why},
		{ID: "examine", Verdicts: []verify.Verdict{verify.Doubtful, verify.Unverified}, To: []string{"okafor"}, About: why},
		{ID: "permits", Services: []string{"residence-permit"}, To: []string{"brandt", "yilmaz"}, About: why},
		{ID: "everyone", To: []string{"reception"}, About: why},
	}
}

func ExampleDecide() {
	rules := []routing.Rule{
		{ID: "permits", Services: []string{"residence-permit"}, To: []string{"brandt", "yilmaz"}},
		{ID: "everyone-else", To: []string{"reception"}},
	}
	d := routing.Decide(rules, routing.Visit{Service: "residence-permit"}, map[string]int{"brandt": 2, "yilmaz": 1})
	fmt.Println(d.Caseworker, "by", d.Rule, d.Waiting)
	// Output: yilmaz by permits map[brandt:2 yilmaz:1]
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	for _, c := range []struct {
		visit routing.Visit
		rule  string
	}{
		{routing.Visit{Service: "residence-permit", Verdict: verify.Genuine}, "permits"},
		{routing.Visit{Service: "residence-permit", Verdict: verify.Doubtful}, "examine"},
		{routing.Visit{Service: "collect-card", Verdict: verify.Unverified}, "examine"},
		{routing.Visit{Service: "appointment"}, "everyone"},
		{routing.Visit{}, "staff"},
	} {
		if got := routing.Decide(rules(), c.visit, nil); got.Rule != c.rule {
			t.Errorf("%+v went by rule %q, want %q", c.visit, got.Rule, c.rule)
		}
	}
}

func TestTheShortestQueueIsChosenAndTheReasonSaysSo(t *testing.T) {
	d := routing.Decide(rules(), routing.Visit{Service: "residence-permit", Verdict: verify.Genuine},
		map[string]int{"brandt": 3, "yilmaz": 2, "okafor": 0})
	if d.Caseworker != "yilmaz" {
		t.Errorf("sent to %q, want yilmaz", d.Caseworker)
	}
	if fmt.Sprint(d.Waiting) != "map[brandt:3 yilmaz:2]" || d.About["de"] != "weil" {
		t.Errorf("the reason is %+v", d)
	}
}

func TestNobodyIsLeftWithoutAPerson(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := routing.Visit{
			Service: rapid.String().Draw(t, "service"),
			Verdict: verify.Verdict(rapid.SampledFrom([]string{"", "genuine", "doubtful", "unverified", "x"}).Draw(t, "verdict")),
		}
		waiting := rapid.MapOf(rapid.SampledFrom([]string{"brandt", "yilmaz", "okafor"}), rapid.IntRange(0, 9)).Draw(t, "waiting")
		d := routing.Decide(rules(), v, waiting)
		if d.Caseworker == "" {
			t.Fatalf("%+v was sent to nobody", v)
		}
		for c, n := range d.Waiting {
			if n < d.Waiting[d.Caseworker] {
				t.Fatalf("%s had a shorter queue than %s", c, d.Caseworker)
			}
		}
	})
}

func TestRulesThatWouldLoseAVisitorAreRefused(t *testing.T) {
	broken := map[string]func(r []routing.Rule) []routing.Rule{
		"no rules":          func([]routing.Rule) []routing.Rule { return nil },
		"the same id twice": func(r []routing.Rule) []routing.Rule { r[1].ID = r[0].ID; return r },
		"sends to nobody":   func(r []routing.Rule) []routing.Rule { r[2].To = nil; return r },
		"no reason":         func(r []routing.Rule) []routing.Rule { r[2].About = nil; return r },
		"no last resort":    func(r []routing.Rule) []routing.Rule { return r[:3] },
	}
	for name, breakIt := range broken {
		if routing.Validate(breakIt(rules())) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := routing.Validate(rules()); err != nil {
		t.Error(err)
	}
}
