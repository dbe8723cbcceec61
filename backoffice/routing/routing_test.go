package routing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// tuesday is a day on which nobody is absent unless a test says so.
var tuesday = time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)

func rules() []routing.Rule {
	why := map[string]string{"de": "weil"}
	return []routing.Rule{
		{ID: "staff", Services: []string{routing.NoService}, To: []string{"reception"}, About: why},
		{ID: "examine", Verdicts: []verify.Verdict{verify.Doubtful, verify.Unverified}, To: []string{"okafor"}, About: why},
		{ID: "permits", Services: []string{"residence-permit"}, To: []string{"brandt", "yilmaz"}, About: why},
		{ID: "everyone", To: []string{"reception"}, About: why},
	}
}

func people() []routing.Receiver {
	return []routing.Receiver{{ID: "brandt"}, {ID: "yilmaz"}, {ID: "okafor"}, {ID: "reception"}}
}

func table(t testing.TB, rules []routing.Rule, people []routing.Receiver, weights routing.Weights) *routing.Table {
	t.Helper()
	made, err := routing.New(rules, people, weights)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func permit() routing.Facts {
	return routing.Facts{At: tuesday, Service: "residence-permit", Verdict: verify.Genuine, Language: "uk", Nationality: "UKR", Letter: "S", Persons: 1}
}

func waiting(n map[string]int) map[string]routing.Load {
	loads := map[string]routing.Load{}
	for queue, waiting := range n {
		loads[queue] = routing.Load{Waiting: waiting, Work: time.Duration(waiting) * 20 * time.Minute}
	}
	return loads
}

func ExampleTable_Decide() {
	rules := []routing.Rule{
		{ID: "permits", Services: []string{"residence-permit"}, To: []string{"brandt", "yilmaz"}, About: map[string]string{"de": "Titel"}},
		{ID: "everyone-else", To: []string{"reception"}, About: map[string]string{"de": "Empfang"}},
	}
	people := []routing.Receiver{{ID: "brandt"}, {ID: "yilmaz"}, {ID: "reception"}}
	table, err := routing.New(rules, people, routing.Shortest())
	if err != nil {
		panic(err)
	}
	d := table.Decide(routing.Facts{Service: "residence-permit"}, map[string]routing.Load{"brandt": {Waiting: 2}, "yilmaz": {Waiting: 1}})
	fmt.Println(d.Caseworker, "by", d.Rule)
	for _, c := range d.Explanation.Candidates {
		fmt.Println(c.Queue, c.Points)
	}
	// Output:
	// yilmaz by permits
	// brandt [{load -2}]
	// yilmaz [{load -1}]
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	for _, c := range []struct {
		visit routing.Facts
		rule  string
	}{
		{routing.Facts{Service: "residence-permit", Verdict: verify.Genuine}, "permits"},
		{routing.Facts{Service: "residence-permit", Verdict: verify.Doubtful}, "examine"},
		{routing.Facts{Service: "collect-card", Verdict: verify.Unverified}, "examine"},
		{routing.Facts{Service: "appointment"}, "everyone"},
		{routing.Facts{}, "staff"},
	} {
		if got := table(t, rules(), people(), routing.Shortest()).Decide(c.visit, nil); got.Rule != c.rule {
			t.Errorf("%+v went by rule %q, want %q", c.visit, got.Rule, c.rule)
		}
	}
}

// TestEveryCellOfARowSaysNoWithTheValueThatItSaw puts one condition on a row that fits else, and looks at what is said of it.
func TestEveryCellOfARowSaysNoWithTheValueThatItSaw(t *testing.T) {
	yes := true
	for _, c := range []struct {
		cell routing.Cell
		saw  string
		row  routing.Rule
		fits func(*routing.Facts)
	}{
		{routing.CellService, "residence-permit", routing.Rule{Services: []string{"collect-card"}}, func(f *routing.Facts) { f.Service = "collect-card" }},
		{routing.CellVerdict, "genuine", routing.Rule{Verdicts: []verify.Verdict{verify.Doubtful}}, func(f *routing.Facts) { f.Verdict = verify.Doubtful }},
		{routing.CellLanguage, "uk", routing.Rule{Languages: []string{"pt"}}, func(f *routing.Facts) { f.Language = "pt-BR" }},
		{routing.CellNationality, "UKR", routing.Rule{Nationalities: []string{"SYR"}}, func(f *routing.Facts) { f.Nationality = "SYR" }},
		{routing.CellLetters, "S", routing.Rule{Letters: []string{"A-K", "T"}}, func(f *routing.Facts) { f.Letter = "T" }},
		{routing.CellPersons, "1", routing.Rule{Persons: 2}, func(f *routing.Facts) { f.Persons = 3 }},
		{routing.CellAppointment, "false", routing.Rule{Appointment: &yes}, func(f *routing.Facts) { f.Appointment = true }},
		{routing.CellOwnCase, "false", routing.Rule{OwnCase: &yes}, func(f *routing.Facts) { f.OwnCase = "brandt" }},
		{routing.CellValidFrom, "2026-12-01", routing.Rule{ValidFrom: "2026-12-02"}, func(f *routing.Facts) { f.At = f.At.AddDate(0, 0, 1) }},
		{routing.CellValidUntil, "2026-12-01", routing.Rule{ValidUntil: "2026-11-30"}, func(f *routing.Facts) { f.At = f.At.AddDate(0, 0, -1) }},
	} {
		c.row.ID, c.row.To, c.row.About = "row", []string{"brandt"}, map[string]string{"de": "weil"}
		made := table(t, []routing.Rule{c.row, rules()[3]}, people(), routing.Shortest())
		d := made.Decide(permit(), nil)
		if want := []routing.Passed{{Rule: "row", Cell: c.cell, Saw: c.saw}}; d.Rule != "everyone" || !reflect.DeepEqual(d.Explanation.Passed, want) {
			t.Errorf("%s: went by %q past %+v, want past %+v", c.cell, d.Rule, d.Explanation.Passed, want)
		}
		f := permit()
		c.fits(&f)
		if d := made.Decide(f, nil); d.Rule != "row" || d.Explanation.Passed != nil {
			t.Errorf("%s: who fits went by %q past %+v", c.cell, d.Rule, d.Explanation.Passed)
		}
	}
}

func TestARowThatNamesSomethingFitsNobodyOfWhomItIsNotKnown(t *testing.T) {
	for _, row := range []routing.Rule{{Languages: []string{"uk"}}, {Nationalities: []string{"UKR"}}, {Letters: []string{"A-Z"}}} {
		row.ID, row.To, row.About = "row", []string{"brandt"}, map[string]string{"de": "weil"}
		if d := table(t, []routing.Rule{row, rules()[3]}, people(), routing.Shortest()).Decide(routing.Facts{}, nil); d.Rule == "row" {
			t.Errorf("%+v fits nobody in particular", row)
		}
	}
}

func TestTheShortestQueueIsChosenAndTheReasonSaysSo(t *testing.T) {
	d := table(t, rules(), people(), routing.Shortest()).Decide(permit(), waiting(map[string]int{"brandt": 3, "yilmaz": 2, "okafor": 0}))
	if d.Caseworker != "yilmaz" || d.About["de"] != "weil" {
		t.Errorf("sent to %q, because %v; want yilmaz", d.Caseworker, d.About)
	}
	want := []routing.Candidate{
		{Queue: "brandt", Waiting: 3, Minutes: 60, Points: []routing.Points{{Preference: routing.Shortness, Points: -3}}, Total: -3},
		{Queue: "yilmaz", Waiting: 2, Minutes: 40, Points: []routing.Points{{Preference: routing.Shortness, Points: -2}}, Total: -2},
	}
	if !reflect.DeepEqual(d.Explanation.Candidates, want) {
		t.Errorf("explained by %+v", d.Explanation.Candidates)
	}
}

func TestNobodyIsLeftWithoutAPerson(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		staff := people()
		for i := range staff {
			staff[i].Absent = rapid.SampledFrom([][]string{nil, {"2026-12-01"}}).Draw(rt, "absent")
			staff[i].Letters = rapid.SampledFrom([][]string{nil, {"A-K"}, {"L-Z"}}).Draw(rt, "letters")
			staff[i].Capacity = rapid.IntRange(0, 2).Draw(rt, "capacity")
		}
		f := permit()
		f.Service = rapid.SampledFrom([]string{"", "residence-permit", "\x00"}).Draw(rt, "service")
		f.Verdict = verify.Verdict(rapid.SampledFrom([]string{"", "genuine", "doubtful", "unverified", "x"}).Draw(rt, "verdict"))
		f.Letter = rapid.SampledFrom([]string{"", "A", "Z", "ß", "AB"}).Draw(rt, "letter")
		made := table(t, rules(), staff, routing.Shortest())
		d := made.Decide(f, waiting(rapid.MapOf(rapid.SampledFrom([]string{"brandt", "yilmaz", "okafor"}), rapid.IntRange(0, 9)).Draw(rt, "waiting")))
		var chosen, best *routing.Candidate
		for i, c := range d.Explanation.Candidates {
			if c.Queue == d.Caseworker {
				chosen = &d.Explanation.Candidates[i]
			}
			if c.Refused == "" && (best == nil || c.Total > best.Total) {
				best = &d.Explanation.Candidates[i]
			}
		}
		switch {
		case chosen == nil:
			rt.Fatalf("%+v was sent to %q, who was no candidate", f, d.Caseworker)
		case d.Resort == "" && chosen != best:
			rt.Fatalf("%+v was chosen, and %+v was better", chosen, best)
		case d.Resort != "" && (best != nil || d.Rule != "everyone"):
			rt.Fatalf("%q was the resort although somebody fitted: %+v", d.Resort, d)
		}
		if !contains(made.Reach(f.Service, []verify.Verdict{f.Verdict}), d.Caseworker) {
			rt.Fatalf("%q can be reached, which is not told", d.Caseworker)
		}
	})
}

func contains(all []string, one string) bool {
	return strings.Contains(" "+strings.Join(all, " ")+" ", " "+one+" ")
}

func TestRulesThatWouldLoseAVisitorAreRefusedWithTheirPlace(t *testing.T) {
	for _, c := range []struct {
		name    string
		breakIt func(r []routing.Rule) []routing.Rule
		n       int
		key     string
	}{
		{"no rules", func([]routing.Rule) []routing.Rule { return nil }, 0, ""},
		{"the same id twice", func(r []routing.Rule) []routing.Rule { r[1].ID = r[0].ID; return r }, 1, "id"},
		{"sends to nobody", func(r []routing.Rule) []routing.Rule { r[2].To = nil; return r }, 2, "to"},
		{"sends to a stranger", func(r []routing.Rule) []routing.Rule { r[2].To = []string{"nobody"}; return r }, 2, "to"},
		{"no reason", func(r []routing.Rule) []routing.Rule { r[2].About = nil; return r }, 2, "about"},
		{"letters that are none", func(r []routing.Rule) []routing.Rule { r[1].Letters = []string{"K-A"}; return r }, 1, "letters"},
		{"a language that is none", func(r []routing.Rule) []routing.Rule { r[1].Languages = []string{"ukrainisch"}; return r }, 1, "language"},
		{"a day that is none", func(r []routing.Rule) []routing.Rule { r[1].ValidFrom = "2026-02-30"; return r }, 1, "valid_from"},
		{"an end before the beginning", func(r []routing.Rule) []routing.Rule {
			r[1].ValidFrom, r[1].ValidUntil = "2026-02-02", "2026-02-01"
			return r
		}, 1, "valid_until"},
		{"less than no wait", func(r []routing.Rule) []routing.Rule { r[1].LongestWait = -1; return r }, 1, "longest_wait"},
		{"a last resort that is too slow", func(r []routing.Rule) []routing.Rule { r[3].LongestWait = 60; return r }, 3, ""},
		{"no last resort", func(r []routing.Rule) []routing.Rule { return r[:3] }, 2, ""},
		{"a last resort that ends", func(r []routing.Rule) []routing.Rule { r[3].ValidUntil = "2027-01-01"; return r }, 3, ""},
	} {
		_, err := routing.New(c.breakIt(rules()), people(), routing.Shortest())
		if f, ok := errors.AsType[*routing.Fault](err); !ok || f.Table != "route" || f.N != c.n || f.Key != c.key {
			t.Errorf("%s: %+v", c.name, err)
		}
	}
}

func TestAReceiverThatNobodyCanReadIsRefusedWithItsPlace(t *testing.T) {
	for key, broken := range map[string]routing.Receiver{
		"letters":  {Letters: []string{"Ö"}},
		"hours":    {Hours: []string{"Mo-Fr 8-12"}},
		"absent":   {Absent: []string{"2027-01-02/2026-12-28"}},
		"language": {Languages: []string{""}},
		"capacity": {Capacity: -1},
	} {
		broken.ID = "okafor"
		staff := people()
		staff[2] = broken
		_, err := routing.New(rules(), staff, routing.Shortest())
		if f, ok := errors.AsType[*routing.Fault](err); !ok || f.Table != "caseworker" || f.N != 2 || f.Key != key {
			t.Errorf("%s: %+v", key, err)
		}
	}
	_, err := routing.New(rules(), people(), routing.Weights{Wait: routing.MaxWeight + 1})
	if f, ok := errors.AsType[*routing.Fault](err); !ok || f.Table != "preference" || f.Key != "wait" {
		t.Errorf("a weight beyond all measure: %+v", err)
	}
}

func TestTheHashTellsOneTableFromAnother(t *testing.T) {
	one := table(t, rules(), people(), routing.Shortest())
	if again := table(t, rules(), people(), routing.Shortest()); again.Hash() != one.Hash() || len(one.Hash()) != 64 {
		t.Errorf("%s and %s are of one table", one.Hash(), again.Hash())
	}
	otherPeople, otherRules := people(), rules()
	otherPeople[1].Absent = []string{"2026-12-24"}
	otherRules[2].To = []string{"yilmaz", "brandt"}
	for what, other := range map[string]*routing.Table{
		"an absence":       table(t, rules(), otherPeople, routing.Shortest()),
		"an order":         table(t, otherRules, people(), routing.Shortest()),
		"another weight":   table(t, rules(), people(), routing.Weights{Load: 2}),
		"a row that is no": table(t, rules()[1:], people(), routing.Shortest()),
	} {
		if other.Hash() == one.Hash() {
			t.Errorf("%s makes no difference", what)
		}
	}
	if d := one.Decide(permit(), nil); d.Explanation.Rules != one.Hash() {
		t.Errorf("decided by %q", d.Explanation.Rules)
	}
}

func TestADecisionOfBeforeExplanationsIsStillRead(t *testing.T) {
	var d routing.Decision
	err := json.Unmarshal([]byte(`{"rule":"permits","about":{"de":"Titel"},"caseworker":"brandt","waiting":{"brandt":2,"yilmaz":3}}`), &d)
	if err != nil || d.Rule != "permits" || d.Caseworker != "brandt" || d.Waiting["yilmaz"] != 3 || d.Explanation != nil {
		t.Errorf("%+v, %v", d, err)
	}
}
