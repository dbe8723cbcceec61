package flow

import (
	"slices"
	"testing"
)

// judged is a round of the family's service with nothing left out.
var judged = []Event{MRZRead{}, PagesTaken{}, Verified{}, PortraitTaken{}, Next{}}

func TestWhoComesAlongIsAskedForEverythingAndGetsTheSameTicket(t *testing.T) {
	s, _ := play(upTo(family, join(judged, AnotherPerson{})...)...)
	if s.Screen != Document || s.Phase != Waiting || len(s.Persons) != 2 || len(s.Documents) != 2 || s.Document().Person != 1 {
		t.Fatalf("somebody else leads to %+v", s)
	}
	s, _ = play(upTo(family, join(judged, AnotherPerson{}, judged)...)...)
	if s.Screen != Review || s.Phase != Waiting || !s.Persons[0].HavePortrait || !s.Persons[1].HavePortrait {
		t.Fatalf("after the second one comes %+v", s)
	}
	s, effects := Apply(s, Confirm{})
	if s.Screen != Ticket || !slices.Equal(effects, []Effect{Commit}) || len(s.Persons) != 2 {
		t.Errorf("confirming leads to %+v, %v", s, effects)
	}
}

func TestAnotherDocumentIsTheSamePersons(t *testing.T) {
	s, effects := play(upTo(family, join(judged, AnotherDocument{})...)...)
	if s.Screen != Document || len(s.Persons) != 1 || len(s.Documents) != 2 || s.Document().Person != 0 || effects[len(effects)-1] != ReadDocument {
		t.Fatalf("another document leads to %+v", s)
	}
	s, _ = play(upTo(family, join(judged, AnotherDocument{}, MRZRead{Card: true}, PagesTaken{}, Next{}, PagesTaken{}, Verified{})...)...)
	if s.Screen != Review || s.Phase != Waiting || !s.Documents[0].Have || !s.Documents[1].Have {
		t.Errorf("after it comes %+v", s)
	}
}

func TestNothingIsOfferedWhereItCannotBeTaken(t *testing.T) {
	alone := Service{ID: "alone", Steps: family.Steps}
	unseen := Service{ID: "unseen", Steps: []Step{StepPortrait}, Several: true}
	for name, test := range map[string]struct {
		events           []Event
		person, document bool
	}{
		"the office takes both":             {upTo(family, judged...), true, true},
		"it takes one of each":              {upTo(alone, judged...), false, false},
		"the service asks for no document":  {upTo(unseen, PortraitTaken{}, Next{}), true, false},
		"the service asks for nothing":      {upTo(Service{ID: "x", Several: true}), false, false},
		"the visitor is not at the review":  {upTo(family, judged[:4]...), false, false},
		"somebody else was added":           {upTo(family, join(judged, AnotherPerson{}, judged)...), true, true},
		"six persons":                       {upTo(family, rounds(AnotherPerson{}, MaxPersons)...), false, true},
		"eight documents":                   {upTo(family, rounds(AnotherDocument{}, MaxDocuments)...), false, false},
		"six persons without any document":  {upTo(unseen, slices.Repeat([]Event{PortraitTaken{}, Next{}, AnotherPerson{}}, MaxPersons+1)...), false, false},
		"seven documents leave one for one": {upTo(family, rounds(AnotherDocument{}, MaxDocuments-1)...), true, true},
	} {
		s, _ := play(test.events...)
		if s.OffersPerson() != test.person || s.OffersDocument() != test.document {
			t.Errorf("%s: offers somebody else %t, another document %t", name, s.OffersPerson(), s.OffersDocument())
		}
		for _, e := range []Event{AnotherPerson{}, AnotherDocument{}} {
			_, person := e.(AnotherPerson)
			added, _ := Apply(s, e)
			if offered := person && test.person || !person && test.document; (key(added) != key(s)) != offered {
				t.Errorf("%s: %T leads to %+v", name, e, added)
			}
		}
	}
}

// rounds leads to a review with n of what an event adds, the first one among them.
func rounds(e Event, n int) []Event {
	all := slices.Clone(judged)
	for range n - 1 {
		if all = append(all, e); e == Event(AnotherDocument{}) {
			all = append(all, judged[:3]...)
		} else {
			all = append(all, judged...)
		}
	}
	return all
}

func TestWhileADocumentIsReadNothingIsAdded(t *testing.T) {
	s, _ := play(upTo(family, MRZRead{}, PagesTaken{}, PortraitTaken{}, Next{})...)
	for _, e := range []Event{AnotherPerson{}, AnotherDocument{}} {
		if next, effects := Apply(s, e); next.Screen != Review || len(next.Documents) != 1 || len(effects) > 0 {
			t.Errorf("%T leads to %+v, %v", e, next, effects)
		}
	}
}

// TestWhatWasAddedByMistakeIsTakenBack: back from the first step leads to the review as it was, whatever happened at that step.
func TestWhatWasAddedByMistakeIsTakenBack(t *testing.T) {
	states, _ := explored()
	for _, s := range states {
		for _, e := range []Event{AnotherPerson{}, AnotherDocument{}} {
			added, _ := Apply(s, e)
			if len(added.Documents) == len(s.Documents) || beyond(s, e) {
				continue
			}
			for name, events := range map[string][]Event{
				"at once": nil, "while it is read": {MRZRead{}}, "after it failed": {DocumentFailed{Problem: Unreadable}},
				"under help": {OpenHelp{}, Back{}},
			} {
				begun := added
				for _, event := range events {
					begun, _ = Apply(begun, event)
				}
				back, effects := Apply(begun, Back{})
				want := s
				want.Countdown = false
				settle(&want)
				if key(back) != key(want) || !slices.Contains(effects, TakeBack) {
					t.Fatalf("%s: from %+v, %T and back lead to %+v (%v)", name, s, e, back, effects)
				}
			}
		}
	}
}

func TestASecondDocumentThatIsTornAwayIsAskedForAgainAndNoOther(t *testing.T) {
	s, _ := play(upTo(family, join(judged, AnotherPerson{}, MRZRead{}, PagesTaken{}, ChipTorn{})...)...)
	if s.Screen != Portrait || !s.Document().Redo || !s.Documents[0].Have {
		t.Fatalf("a chip torn away during the second portrait leads to %+v", s)
	}
	s, _ = play(upTo(family, join(judged, AnotherPerson{}, MRZRead{}, PagesTaken{}, ChipTorn{}, PortraitTaken{}, Next{})...)...)
	if s.Screen != Document || s.Problem != DocumentMoved || s.Document().Person != 1 {
		t.Errorf("and then %+v", s)
	}
	s, effects := play(upTo(family, join(judged, AnotherDocument{}, MRZRead{}, PagesTaken{}, ChipTorn{})...)...)
	if s.Screen != Document || s.Problem != DocumentMoved || len(s.Documents) != 2 || !slices.Equal(effects[len(effects)-2:], []Effect{StopDocument, ReadDocument}) {
		t.Errorf("a second document torn away at the review leads to %+v", s)
	}
}

func TestASecondChipIsAskedForByItsOwnNumber(t *testing.T) {
	s, _ := play(upTo(family, join(judged, AnotherDocument{}, MRZRead{}, PagesTaken{}, CANNeeded{})...)...)
	if s.Screen != AccessNumber || s.Step != 0 {
		t.Fatalf("a chip that refuses its MRZ leads to %+v", s)
	}
	s, _ = Apply(s, CANTyped{CAN: "123456"})
	if s, _ = Apply(s, ChipDone{}); s.Screen != Review || s.Phase != Working {
		t.Errorf("its number leads to %+v", s)
	}
}

// TestWhatIsDoneStays: of those before the last nothing changes, until the last is taken back or all is forgotten.
func TestWhatIsDoneStays(t *testing.T) {
	states, edges := explored()
	for i, s := range states {
		if len(s.Documents) < 2 {
			continue
		}
		for _, e := range edges[i] {
			next := states[e.to]
			if len(next.Documents) > 0 && next.Documents[0] != s.Documents[0] || len(s.Persons) == 2 && len(next.Persons) > 0 && next.Persons[0] != s.Persons[0] {
				t.Fatalf("%+v after %T becomes %+v", s, e.event, next)
			}
			if next.Documents != nil && next.Documents[0].Reading {
				t.Fatalf("two documents are read at once: %+v", next)
			}
		}
	}
}

func TestApplyLeavesTheStateThatItWasGivenAlone(t *testing.T) {
	states, _ := explored()
	for _, s := range states[:len(states)/20] {
		before := key(s)
		for _, e := range alphabet() {
			if Apply(s, e); key(s) != before {
				t.Fatalf("%T alters %+v", e, s)
			}
		}
	}
}
