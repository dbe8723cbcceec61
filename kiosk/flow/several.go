package flow

import "slices"

// This file adds persons and documents to the review, and takes them back.

// Person is the one who is asked for something; zero before a service is chosen.
func (s State) Person() PersonState { return *s.person() }

// Document is the one that is asked for or read; zero where the service has no such step.
func (s State) Document() DocumentState { return *s.document() }

// person is the last one, to be altered.
func (s *State) person() *PersonState {
	if len(s.Persons) == 0 {
		return &PersonState{}
	}
	return &s.Persons[len(s.Persons)-1]
}

// document is the last one, to be altered.
func (s *State) document() *DocumentState {
	if len(s.Documents) == 0 {
		return &DocumentState{}
	}
	return &s.Documents[len(s.Documents)-1]
}

// Steps are those of the round: the document's alone for another document, else all of the service.
func (s State) Steps() []Step {
	if s.anotherDocument() {
		return []Step{StepDocument}
	}
	return s.Service.Steps
}

// anotherDocument tells that the last document is not the first of its person.
func (s State) anotherDocument() bool {
	n := len(s.Documents)
	return n > 1 && s.Documents[n-1].Person == s.Documents[n-2].Person
}

// added tells that the round was added to a review.
func (s State) added() bool { return len(s.Persons) > 1 || s.anotherDocument() }

// asksForDocument tells that the service has such a step.
func (s State) asksForDocument() bool { return slices.Contains(s.Service.Steps, StepDocument) }

// OffersPerson tells whether a review has room for somebody else.
func (s State) OffersPerson() bool {
	room := len(s.Persons) < MaxPersons && len(s.Documents) < MaxDocuments
	return s.Screen == Review && s.Service.Several && len(s.Service.Steps) > 0 && room
}

// OffersDocument tells whether a review has room for another document.
func (s State) OffersDocument() bool {
	return s.Screen == Review && s.Service.Several && s.asksForDocument() && len(s.Documents) < MaxDocuments
}

// add begins another round, once everything before is judged.
func add(s State, e Event) (State, []Effect) {
	_, person := e.(AnotherPerson)
	switch {
	case s.Phase != Waiting:
	case person && s.OffersPerson():
		settle(&s)
		return addPerson(s)
	case !person && s.OffersDocument():
		settle(&s)
		s.Documents = append(s.Documents, DocumentState{Person: len(s.Persons) - 1})
		return enter(s, 0)
	}
	return s, nil
}

// settle leaves of the last document what counts of one that is done: whoever comes back to it begins anew.
func settle(s *State) {
	d := s.document()
	*d = DocumentState{Person: d.Person, Have: d.Have}
}

// addPerson begins the service's steps for somebody.
func addPerson(s State) (State, []Effect) {
	s.Persons = append(s.Persons, PersonState{})
	if s.asksForDocument() {
		s.Documents = append(s.Documents, DocumentState{Person: len(s.Persons) - 1})
	}
	return enter(s, 0)
}

// takeBack forgets who or what was added last, and shows the review as it was before.
func takeBack(s State) (State, []Effect) {
	if !s.anotherDocument() {
		s.Persons = s.Persons[:len(s.Persons)-1]
	}
	if n := len(s.Documents); n > 0 {
		s.Documents = s.Documents[:n-1]
	}
	s, _ = enter(s, len(s.Steps()))
	return s, []Effect{StopStep, TakeBack}
}
