package flow

// This file minds documents that are left behind.

// Begun is the state in which a station begins: shut, and nobody has looked yet.
func Begun() State { return State{Screen: OutOfService, Looking: true} }

// Watches tells whether somebody is to look whether a document lies there: on every screen on which none is needed any more, or yet.
// From the choice of a language on, one that lies there is that visitor's.
func (s State) Watches() bool {
	at := s.Screen
	if at == Help {
		at = s.Behind
	}
	switch at {
	case OutOfService, "", Greeting, Ticket, Cleared, TakeDocument, PIN:
		return true
	}
	return at == Tested && s.Looking
}

// looked is what somebody who looked has seen.
func looked(s State, e Event) State {
	if !s.Watches() {
		return s
	}
	_, s.Lying = e.(SomethingLies)
	s.Looking = false
	if s.Screen == Tested {
		return idle(s)
	}
	return s
}

// minded shows that a document is to be taken away instead of greeting somebody, and goes on once it is gone: whoever was told so in
// their language is bid goodbye.
func minded(s State) State {
	switch {
	case s.Lying && (s.Screen == Greeting || s.Screen == Cleared):
		return State{Screen: TakeDocument, Language: s.Language, Closing: s.Closing, Lying: true}
	case !s.Lying && s.Screen == TakeDocument && s.Language != "":
		return State{Screen: Cleared, Language: s.Language, Closing: s.Closing}
	case !s.Lying && s.Screen == TakeDocument:
		return idle(s)
	}
	return s
}
