package dayplay_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/routing/dayplay"
)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// small is a day of four visitors and two caseworkers, of whom only the second speaks Ukrainian.
func small() dayplay.Day {
	visitor := func(arrives int, language, own string) dayplay.Visitor {
		return dayplay.Visitor{Arrives: minutes(arrives), Takes: minutes(10), Foreign: language != "de",
			Facts: routing.Facts{Service: "appointment", Language: language, OwnCase: own}}
	}
	return dayplay.Day{
		Staff:      []routing.Receiver{{ID: "a", Languages: []string{"de"}}, {ID: "b", Languages: []string{"de", "uk"}}},
		Visitors:   []dayplay.Visitor{visitor(0, "uk", ""), visitor(0, "de", "b"), visitor(5, "uk", ""), visitor(6, "de", "a")},
		Unfamiliar: minutes(2), Interpreted: 150,
	}
}

func TestOneLineIsServedByWhoeverIsFree(t *testing.T) {
	// a: the first, interpreted, 0 to 15, and the fourth, 15 to 25. b: the second, whose case it is, 0 to 10, and the third, 10 to 20.
	got := small().Play(dayplay.Line{})
	want := dayplay.Result{Mean: (minutes(5) + minutes(9)) / 4, Longest: minutes(9), Own: 1, Understood: 0.5, Busy: 45.0 / 50}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestATableSendsToWhoSpeaksTheLanguageAndHasTheCase(t *testing.T) {
	day := small()
	table, err := routing.New([]routing.Rule{{ID: "all", To: []string{"a", "b"}, About: map[string]string{"de": "weil"}}},
		day.Staff, routing.Weights{OwnCase: 100, Language: 100, Wait: 1})
	if err != nil {
		t.Fatal(err)
	}
	// b has the first, the second and the third, one after the other; a has the fourth.
	got := day.Play(dayplay.ByTable{Table: table})
	want := dayplay.Result{Mean: (minutes(10) + minutes(15)) / 4, Longest: minutes(15), Own: 1, Understood: 1, Busy: 40.0 / 60}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestAPoolIsCalledFromByAllOfItsMembers(t *testing.T) {
	day := small()
	day.Unfamiliar, day.Interpreted = 0, 100
	table, err := routing.New([]routing.Rule{{ID: "all", To: []string{"both"}, About: map[string]string{"de": "weil"}}},
		append(day.Staff, routing.Receiver{ID: "both", Members: []string{"a", "b"}}), routing.Shortest())
	if err != nil {
		t.Fatal(err)
	}
	pooled := dayplay.ByTable{Table: table, Pools: map[string][]string{"both": {"a", "b"}}}
	if got, want := day.Play(pooled), day.Play(dayplay.Line{}); got != want {
		t.Errorf("a pool of everybody is no line: %+v, %+v", got, want)
	}
}

func TestADayIsTheSameForASeed(t *testing.T) {
	for seed := range uint64(3) {
		one, again := dayplay.Draw(seed, 300, 12), dayplay.Draw(seed, 300, 12)
		rules, err := one.Rules()
		if err != nil {
			t.Fatal(err)
		}
		result := one.Play(rules)
		if result != again.Play(rules) || len(one.Visitors) != 300 {
			t.Errorf("seed %d gave two days", seed)
		}
		if result.Own == 0 || result.Understood == 0 || result.Busy <= 0 || result.Busy > 1 {
			t.Errorf("seed %d: %+v is no day", seed, result)
		}
	}
}

func TestADayWithoutVisitorsEnds(t *testing.T) {
	if got := (dayplay.Day{}).Play(dayplay.Line{}); got != (dayplay.Result{Own: 1, Understood: 1}) {
		t.Errorf("%+v", got)
	}
}
