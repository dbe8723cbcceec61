package routing_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// inCharge is a table whose only row but the last names Brandt, Yılmaz and their pool.
func inCharge(t testing.TB, brandt, yilmaz routing.Receiver, weights routing.Weights, to ...string) *routing.Table {
	t.Helper()
	brandt.ID, yilmaz.ID = "brandt", "yilmaz"
	why := map[string]string{"de": "weil"}
	return table(t, []routing.Rule{
		{ID: "permits", Services: []string{"residence-permit"}, To: to, About: why},
		{ID: "everyone", To: []string{"reception"}, About: why},
	}, []routing.Receiver{brandt, yilmaz, {ID: "reception"}, {ID: "pool", Members: []string{"brandt", "yilmaz"}}}, weights)
}

func TestEveryConditionOfACandidateSaysNoWithTheValueThatItSaw(t *testing.T) {
	for _, c := range []struct {
		brandt routing.Receiver
		cell   routing.Cell
		saw    string
	}{
		{routing.Receiver{Services: []string{"collect-card"}}, routing.CellService, "residence-permit"},
		{routing.Receiver{Letters: []string{"A-K"}}, routing.CellLetters, "S"},
		{routing.Receiver{Nationalities: []string{"SYR"}}, routing.CellNationality, "UKR"},
		{routing.Receiver{Absent: []string{"2026-11-28/2026-12-01"}}, routing.CellAbsent, "2026-12-01"},
		{routing.Receiver{Hours: []string{"Mon-Tue 08:00-09:30", "Wed 00:00-24:00"}}, routing.CellHours, "Tue 09:30"},
		{routing.Receiver{Capacity: 2}, routing.CellCapacity, "2"},
	} {
		made := inCharge(t, c.brandt, routing.Receiver{}, routing.Shortest(), "brandt", "yilmaz")
		d := made.Decide(permit(), waiting(map[string]int{"brandt": 2, "yilmaz": 9}))
		if refused := d.Explanation.Candidates[0]; d.Caseworker != "yilmaz" || refused.Refused != c.cell || refused.Saw != c.saw {
			t.Errorf("%s: sent to %s, and of Brandt it says %+v", c.cell, d.Caseworker, refused)
		}
	}
}

func TestWhatIsNotKnownRefusesNoCandidate(t *testing.T) {
	made := inCharge(t, routing.Receiver{Letters: []string{"A-K"}, Nationalities: []string{"SYR"}}, routing.Receiver{}, routing.Shortest(), "brandt")
	f := permit()
	f.Letter, f.Nationality = "", ""
	if d := made.Decide(f, nil); d.Caseworker != "brandt" {
		t.Errorf("sent to %s, although somebody is in charge", d.Caseworker)
	}
}

func TestARowWithoutACandidateWhoFitsIsPassedOver(t *testing.T) {
	away := routing.Receiver{Absent: []string{"2026-12-01"}}
	d := inCharge(t, away, routing.Receiver{Letters: []string{"A-K"}}, routing.Shortest(), "brandt", "yilmaz").Decide(permit(), nil)
	want := []routing.Passed{{Rule: "permits", Cell: routing.CellTo, Candidates: []routing.Candidate{
		{Queue: "brandt", Refused: routing.CellAbsent, Saw: "2026-12-01"}, {Queue: "yilmaz", Refused: routing.CellLetters, Saw: "S"},
	}}}
	if d.Rule != "everyone" || d.Resort != "" || !reflect.DeepEqual(d.Explanation.Passed, want) {
		t.Errorf("went by %q, past %+v", d.Rule, d.Explanation.Passed)
	}
}

func TestARowsLongestWaitSendsToOthersWhoeverWouldWaitLonger(t *testing.T) {
	why := map[string]string{"de": "weil"}
	rows := []routing.Rule{
		{ID: "in charge", To: []string{"brandt", "yilmaz"}, LongestWait: 40, About: why},
		{ID: "everyone", To: []string{"reception"}, About: why},
	}
	made := table(t, rows, []routing.Receiver{{ID: "brandt"}, {ID: "yilmaz"}, {ID: "reception"}}, routing.Shortest())
	for _, c := range []struct {
		brandt, yilmaz int // who wait, for 20 minutes each
		to             string
	}{{2, 3, "brandt"}, {3, 2, "yilmaz"}, {3, 3, "reception"}} {
		d := made.Decide(permit(), waiting(map[string]int{"brandt": c.brandt, "yilmaz": c.yilmaz, "reception": 99}))
		if d.Caseworker != c.to || d.Resort != "" {
			t.Errorf("with %d and %d waiting sent to %s, %q; want %s", c.brandt, c.yilmaz, d.Caseworker, d.Resort, c.to)
		}
		if passed := d.Explanation.Passed; c.to == "reception" && (len(passed) != 1 || passed[0].Candidates[1].Refused != routing.CellWait || passed[0].Candidates[1].Saw != "60") {
			t.Errorf("passed over: %+v", passed)
		}
	}
	if reach := made.Reach("residence-permit", []verify.Verdict{verify.Genuine}); !slices.Contains(reach, "reception") {
		t.Errorf("a ticket may name a room out of %v, and the wait may lead to another", reach)
	}
}

func TestTheLastRowSendsEveryoneToSomebody(t *testing.T) {
	why := map[string]string{"de": "weil"}
	last := []routing.Rule{{ID: "everyone", To: []string{"brandt", "yilmaz"}, About: why}}
	away := routing.Receiver{ID: "brandt", Absent: []string{"2026-12-01"}}
	full := routing.Receiver{ID: "yilmaz", Capacity: 1}
	d := table(t, last, []routing.Receiver{away, full}, routing.Shortest()).Decide(permit(), waiting(map[string]int{"yilmaz": 5}))
	if d.Caseworker != "yilmaz" || d.Resort != routing.ResortPresent {
		t.Errorf("sent to %s, %q: want who is there", d.Caseworker, d.Resort)
	}
	gone := routing.Receiver{ID: "yilmaz", Hours: []string{"Mon 08:00-12:00"}}
	d = table(t, last, []routing.Receiver{away, gone}, routing.Shortest()).Decide(permit(), nil)
	if d.Caseworker != "brandt" || d.Resort != routing.ResortAbsent {
		t.Errorf("sent to %s, %q: want to be told that nobody is there", d.Caseworker, d.Resort)
	}
}

func TestAPoolFitsWhereAMemberDoes(t *testing.T) {
	away, others := routing.Receiver{Absent: []string{"2026-12-01"}}, routing.Receiver{Letters: []string{"A-K"}}
	for _, c := range []struct {
		brandt, yilmaz routing.Receiver
		refused        routing.Cell
		minutes        int
	}{
		{routing.Receiver{}, routing.Receiver{}, "", 40}, // four visitors of 20 minutes each, and two who call them
		{away, routing.Receiver{}, "", 80},
		{away, away, routing.CellAbsent, 40},
		{away, others, routing.CellMembers, 40},
	} {
		d := inCharge(t, c.brandt, c.yilmaz, routing.Shortest(), "pool").Decide(permit(), waiting(map[string]int{"pool": 4}))
		got := d.Explanation.Candidates
		if c.refused != "" {
			got = d.Explanation.Passed[0].Candidates
		}
		if got[0].Refused != c.refused || got[0].Minutes != c.minutes {
			t.Errorf("want %q and %d minutes: %+v", c.refused, c.minutes, got)
		}
	}
}

func TestEveryPreferenceOutweighsAQueueByWhatItIsWorth(t *testing.T) {
	for preference, c := range map[routing.Preference]struct {
		weights routing.Weights
		brandt  routing.Receiver
	}{
		routing.OwnCase:     {routing.Weights{OwnCase: 3}, routing.Receiver{}},
		routing.Appointment: {routing.Weights{Appointment: 3}, routing.Receiver{}},
		routing.Language:    {routing.Weights{Language: 3}, routing.Receiver{Languages: []string{"de", "uk"}}},
		routing.Letters:     {routing.Weights{Letters: 3}, routing.Receiver{Letters: []string{"S"}}},
		routing.Nationality: {routing.Weights{Nationality: 3}, routing.Receiver{Nationalities: []string{"UKR"}}},
	} {
		c.weights.Load = 1
		f := permit()
		f.OwnCase, f.With = "brandt", "brandt"
		made := inCharge(t, c.brandt, routing.Receiver{}, c.weights, "yilmaz", "brandt")
		for n, want := range map[int]string{2: "brandt", 3: "yilmaz", 4: "yilmaz"} { // of equal ones the first named
			d := made.Decide(f, waiting(map[string]int{"brandt": n}))
			if points := d.Explanation.Candidates[1].Points; d.Caseworker != want || points[0] != (routing.Points{Preference: preference, Points: 3}) {
				t.Errorf("%s: with %d before Brandt it was %s, for %v", preference, n, d.Caseworker, points)
			}
		}
	}
}

func TestAMinuteOfWaitIsWorthWhatTheOfficeSays(t *testing.T) {
	made := inCharge(t, routing.Receiver{Languages: []string{"uk"}}, routing.Receiver{}, routing.Weights{Language: 20, Wait: 1}, "brandt", "yilmaz")
	for minutes, want := range map[int]string{20: "brandt", 21: "yilmaz"} {
		d := made.Decide(permit(), map[string]routing.Load{"brandt": {Waiting: 1, Work: time.Duration(minutes) * time.Minute}})
		if d.Caseworker != want {
			t.Errorf("with %d minutes to wait for Brandt it was %s", minutes, d.Caseworker)
		}
	}
}

func TestReachTellsEveryQueueUnlessARowIsCertain(t *testing.T) {
	genuine := []verify.Verdict{verify.Genuine}
	for want, made := range map[string]*routing.Table{
		"brandt":           inCharge(t, routing.Receiver{}, routing.Receiver{}, routing.Shortest(), "brandt"),
		"brandt reception": inCharge(t, routing.Receiver{Capacity: 9}, routing.Receiver{}, routing.Shortest(), "brandt"),
		"pool reception":   inCharge(t, routing.Receiver{Letters: []string{"A"}}, routing.Receiver{Hours: []string{"Mon 08:00-12:00"}}, routing.Shortest(), "pool"),
		"pool":             inCharge(t, routing.Receiver{Letters: []string{"A"}}, routing.Receiver{}, routing.Shortest(), "pool"),
	} {
		if got := strings.Join(made.Reach("residence-permit", genuine), " "); got != want {
			t.Errorf("%s can be reached, want %s", got, want)
		}
	}
}

func TestACaseworkersWaitHasTheShareOfWhatWaitsInPools(t *testing.T) {
	made := inCharge(t, routing.Receiver{}, routing.Receiver{}, routing.Weights{Wait: 1}, "brandt", "yilmaz", "pool")
	d := made.Decide(permit(), waiting(map[string]int{"brandt": 1, "pool": 4}))
	for i, minutes := range []int{60, 40, 50} { // two of the pool each, and Brandt has one besides
		if c := d.Explanation.Candidates[i]; c.Minutes != minutes {
			t.Errorf("%s: %d minutes, want %d", c.Queue, c.Minutes, minutes)
		}
	}
}

func TestAPoolGetsThePointsOfWhoeverCalls(t *testing.T) {
	speaks := routing.Receiver{Languages: []string{"uk"}}
	for _, c := range []struct {
		yilmaz routing.Receiver
		points int
	}{{speaks, 5}, {routing.Receiver{}, 0}, {routing.Receiver{Absent: []string{"2026-12-01"}}, 5}} {
		d := inCharge(t, speaks, c.yilmaz, routing.Weights{Language: 5}, "pool").Decide(permit(), nil)
		if got := d.Explanation.Candidates[0].Total; got != c.points {
			t.Errorf("beside %+v the pool gets %d points, want %d", c.yilmaz, got, c.points)
		}
	}
}
