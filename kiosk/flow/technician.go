package flow

// This file is the way of a technician into the station and out of it: a gesture, a PIN, and then the station is theirs until they
// leave. Nobody can check in meanwhile.

// free tells whether nobody is at the station: no visitor, and nobody who is told in their language to take a document along.
func (s State) free() bool {
	return s.Screen == Greeting || s.Screen == OutOfService || s.Screen == TakeDocument && s.Language == ""
}

// Testing tells whether the devices are a test's: those of a station that somebody tests from elsewhere, or from its own screen.
func (s State) Testing() bool {
	return s.Screen == Tested || s.Screen == Technician && s.Phase == Working
}

// tested begins and ends a test of the devices. It waits for visitors, and for whoever is told to take a document along: one that lies
// there when nobody is asked for it in a language of theirs may be what the test needs, and lies there afterwards until somebody has
// looked. A station that is shut stays so. A technician at the screen stays there.
func tested(s State, e Event) State {
	_, begins := e.(TestBegins)
	switch {
	case begins && s.Screen == Technician:
		s.Phase = Working
	case begins && s.free():
		return State{Screen: Tested, Closing: s.Closing || s.Screen == OutOfService, Lying: s.Lying}
	case !begins && s.Screen == Technician:
		s.Phase = Waiting
	case !begins && s.Screen == Tested:
		return tidied(s)
	}
	return s
}

// tidied is a station of which nobody knows what lies there: at first, and after a technician. Nobody is greeted before somebody has
// looked whether a document does: of a visitor, or of the test. A station that is shut stays so, and is looked at as well.
func tidied(s State) State {
	if s.Closing {
		return State{Screen: OutOfService, Lying: s.Lying, Looking: true}
	}
	return State{Screen: Tested, Lying: s.Lying, Looking: true}
}

// freed is the station after somebody who did not get in at the PIN.
func freed(s State) State {
	if s.Looking {
		return tidied(s)
	}
	return idle(s)
}

// openTechnician asks for the PIN, where nobody is at the station.
func openTechnician(s State) (State, []Effect) {
	if !s.free() {
		return s, nil
	}
	return State{Screen: PIN, Phase: Waiting, Closing: s.Closing || s.Screen == OutOfService, Lying: s.Lying, Looking: s.Looking}, []Effect{AwaitPIN}
}

// atPIN is what happens while the PIN is asked for. A technician can go back while it is checked, too: nothing that hangs keeps the
// station from its visitors.
func atPIN(s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case ChooseLanguage:
		s.Language = e.Tag
	case Back:
		return freed(s), []Effect{StopPIN}
	case PINTyped:
		if s.Phase == Waiting && s.Problem != PINLocked {
			s.Phase, s.Problem = Working, NoProblem
			return s, []Effect{CheckPIN}
		}
	case PINRefused:
		s.Phase, s.Problem = Waiting, PINLocked
	case PINAllowed:
		if s.Problem == PINLocked {
			s.Problem = NoProblem
		}
	case PINWrong:
		if s.Phase == Working {
			s.Phase, s.Problem = Waiting, WrongPIN
			return s, []Effect{AwaitPIN}
		}
	case PINRight:
		if s.Phase == Working {
			return State{Screen: Technician, Phase: Waiting, Language: s.Language, Closing: s.Closing, Lying: s.Lying}, []Effect{StopPIN}
		}
	}
	return s, nil
}

// atTechnician is what happens while the station is a technician's. A test that still runs is waited for before somebody is greeted.
func atTechnician(s State, e Event) State {
	switch e := e.(type) {
	case ChooseLanguage:
		s.Language = e.Tag
	case Leave:
		if s.Phase == Working {
			return State{Screen: Tested, Closing: s.Closing, Lying: s.Lying}
		}
		return tidied(s)
	}
	return s
}
