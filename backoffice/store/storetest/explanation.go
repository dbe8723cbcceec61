package storetest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

// explained admits one check-in with an explanation and one without.
func explained(t *testing.T, s Store) {
	want := &routing.Explanation{
		Facts: routing.Facts{At: noon, Service: "appointment", Verdict: verify.Doubtful, Language: "uk", Nationality: "UKR", Letter: "S", Persons: 2},
		Rules: "0123",
		Passed: []routing.Passed{{Rule: "staff", Cell: routing.CellService, Saw: "appointment"}, {Rule: "trained", Cell: routing.CellTo,
			Candidates: []routing.Candidate{{Queue: "okafor", Refused: routing.CellAbsent, Saw: "2026-07-01", Waiting: 2, Minutes: 20}}}},
		Candidates: []routing.Candidate{{Queue: "brandt", Points: []routing.Points{{Preference: routing.Language, Points: 15}}, Total: 15}},
	}
	a := visitor(1)
	admit(t, s, a, func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Rule: "permits", Caseworker: "brandt", Resort: routing.ResortPresent, Explanation: want}}
	})
	got, _, err := s.CheckIn(t.Context(), a.ID)
	if err != nil || !reflect.DeepEqual(got.Decision.Explanation, want) || got.Decision.Resort != routing.ResortPresent {
		t.Errorf("%v: %+v, want %+v", err, got.Decision.Explanation, want)
	}
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 1 || queue[0].Decision.Caseworker != "brandt" || queue[0].Decision.Explanation != nil {
		t.Errorf("a list has %+v, %v; want decisions without explanations", queue, err)
	}
	without := visitor(2)
	admit(t, s, without, with("brandt"))
	if got, _, err := s.CheckIn(t.Context(), without.ID); err != nil || got.Decision.Explanation != nil {
		t.Errorf("without: %+v, %v", got.Decision.Explanation, err)
	}
	if err := s.Forget(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CheckIn(t.Context(), a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after it was forgotten: %v", err)
	}
	admit(t, s, a, with("yilmaz"))
	if got, _, err := s.CheckIn(t.Context(), a.ID); err != nil || got.Decision.Explanation != nil {
		t.Errorf("an explanation outlived its check-in: %+v, %v", got.Decision.Explanation, err)
	}
}
