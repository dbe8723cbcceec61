package flow

import "slices"

// Apply gives the state after an event, and what the station has to do because of it, in order. An event that means
// nothing in a state leaves it as it is.
func Apply(s State, e Event) (State, []Effect) {
	if s.Screen == "" {
		s = Begun()
	}
	s, effects := applied(s, e)
	return minded(s), effects
}

func applied(s State, e Event) (State, []Effect) {
	s.Persons, s.Documents = slices.Clone(s.Persons), slices.Clone(s.Documents) // what follows writes into them
	if isActivity(e) {
		s.Countdown = false
	}
	switch e.(type) {
	case Opened:
		return opened(s)
	case Shut:
		return shut(s)
	case TimeUp:
		return timeUp(s)
	case SomethingLies, NothingLies:
		return looked(s, e), nil
	case TestBegins, TestEnds:
		return tested(s, e), nil
	case OpenTechnician:
		return openTechnician(s)
	}
	switch s.Screen {
	case PIN:
		return atPIN(s, e)
	case Technician:
		return atTechnician(s, e), nil
	}
	if s.Screen == Help {
		return underHelp(s, e)
	}
	if isTouch(e) {
		return touched(s, e)
	}
	return answered(s, e)
}

// isActivity tells what ends the countdown: the visitor, or a device that noticed the visitor.
func isActivity(e Event) bool {
	switch e.(type) {
	case MRZRead, CANNeeded, PagesTaken, PortraitTaken, Writing, Signed:
		return true
	}
	return isTouch(e)
}

func isTouch(e Event) bool {
	switch e.(type) {
	case Start, ChooseLanguage, AcceptPrivacy, ChooseService, Next, Retry, Back, OpenHelp, PassOver, AskStaff, Confirm, Leave, MoreTime,
		AnotherPerson, AnotherDocument, CANTyped, WithoutCAN:
		return true
	}
	return false
}

func opened(s State) (State, []Effect) {
	s.Closing = false
	switch {
	case s.Screen == OutOfService && s.Looking: // nobody has looked yet whether a document lies there
		return tidied(s), nil
	case s.Screen == OutOfService:
		s.Screen = Greeting
	}
	return s, nil
}

func shut(s State) (State, []Effect) {
	switch {
	case s.Screen == OutOfService:
	case s.Screen == Greeting, s.Behind == Greeting:
		return State{Screen: OutOfService, Lying: s.Lying}, nil
	default:
		s.Closing = true
	}
	return s, nil
}

func timeUp(s State) (State, []Effect) {
	switch {
	case Patience(s) == 0:
		return s, nil
	case s.Screen == Cleared && s.Looking: // whoever looks is slow: once more as long, and no longer
		s.Looking = false
		return s, nil
	case s.Screen == PIN:
		return freed(s), []Effect{StopPIN}
	case s.Screen == Technician:
		return tidied(s), nil
	case s.Screen == Cleared, s.Screen == Tested:
		return idle(s), nil
	case s.Screen == TakeDocument: // its owner is gone, and so is the owner's language
		s.Language = ""
		return s, nil
	case s.Screen == Ticket, s.Countdown:
		return end(s)
	}
	s.Countdown = true
	return s, nil
}

// end leaves nothing of the visitor in the state but the language, in which the last is said.
func end(s State) (State, []Effect) {
	return State{Screen: Cleared, Language: s.Language, Closing: s.Closing, Lying: s.Lying, Looking: !s.Lying}, []Effect{Clear}
}

// idle is the station without a visitor.
func idle(s State) State {
	if s.Closing {
		return State{Screen: OutOfService, Lying: s.Lying}
	}
	return State{Screen: Greeting, Lying: s.Lying}
}

// touched is what a touch does on any screen but Help.
func touched(s State, e Event) (State, []Effect) {
	if s.Screen == OutOfService || s.Screen == Cleared || s.Screen == Tested {
		return s, nil
	}
	if _, asks := e.(AskStaff); s.Screen == TakeDocument && !asks {
		return s, nil
	}
	switch e := e.(type) {
	case OpenHelp:
		return openHelp(s)
	case Leave:
		return leave(s)
	case PassOver:
		return leaveOut(s)
	case AskStaff:
		return askStaff(s)
	case Back:
		return back(s)
	case Next:
		return goOn(s)
	case Retry:
		return retry(s)
	case CANTyped, WithoutCAN:
		return numberGiven(s, e)
	case Start:
		if s.Screen == Greeting {
			s.Screen = Language
		}
	case ChooseLanguage:
		if s.Screen == Language {
			s.Screen, s.Language = Privacy, e.Tag
		}
	case AcceptPrivacy:
		if s.Screen == Privacy {
			s.Screen = ServiceMenu
		}
	case ChooseService:
		if s.Screen == ServiceMenu {
			s.Service = Service{ID: e.Service.ID, Steps: known(e.Service.Steps), Several: e.Service.Several}
			return addPerson(s)
		}
	case AnotherPerson, AnotherDocument:
		return add(s, e)
	case Confirm:
		if s.Screen == Review && s.Phase == Waiting {
			return commit(s)
		}
	}
	return s, nil
}

// known drops steps that this station does not know, and repeated ones.
func known(steps []Step) []Step {
	var k []Step
	for _, step := range steps {
		if step.screen() != "" && !slices.Contains(k, step) {
			k = append(k, step)
		}
	}
	return k
}

// openHelp pauses the camera: nobody is photographed unseen.
func openHelp(s State) (State, []Effect) {
	s.Behind, s.Screen = s.Screen, Help
	if s.Behind == Portrait && s.Phase == Waiting {
		return s, []Effect{StopStep}
	}
	return s, nil
}

// underHelp applies an event to what Help lies over. Device answers leave Help where it is; leaving and asking for staff
// close it.
func underHelp(s State, e Event) (State, []Effect) {
	inner := s
	inner.Screen, inner.Behind = s.Behind, ""
	switch e.(type) {
	case Back:
		if inner.Screen == Portrait && inner.Phase == Waiting {
			return inner, []Effect{TakePortrait}
		}
		return inner, nil
	case Leave, AskStaff:
		return touched(inner, e)
	}
	if isTouch(e) {
		return s, nil
	}
	next, effects := answered(inner, e)
	next.Behind, next.Screen = next.Screen, Help
	return next, slices.DeleteFunc(effects, func(e Effect) bool { return e == TakePortrait })
}

// leave waits for a ticket that is being made: it is in the journal by then, or soon.
func leave(s State) (State, []Effect) {
	if s.Screen == Greeting || s.Screen == Ticket && s.Phase == Working {
		return s, nil
	}
	return end(s)
}

// leaveOut goes on without the step on the screen, which is staff's then.
func leaveOut(s State) (State, []Effect) {
	if !s.atStep() {
		return s, nil
	}
	s.StaffWillHelp = true
	return passOver(s)
}

// askStaff ends the check-in. Nothing more is taken; what is sent are the steps that were finished, which a document is once
// it is pictured, and a portrait once the visitor took it for good.
func askStaff(s State) (State, []Effect) {
	if s.Screen == Ticket {
		return s, nil
	}
	s.Asked, s.StaffWillHelp = true, true
	if s.Screen == Portrait {
		s.person().HavePortrait = false
	}
	var effects []Effect
	if d := s.document(); !d.Have && (d.Reading || s.atStep()) {
		effects = append(effects, StopDocument)
	}
	s, ends := commit(s)
	return s, append(effects, ends...)
}

// commit ends at a ticket with what there is.
func commit(s State) (State, []Effect) {
	s.Screen, s.Phase, s.Attempt, s.Problem = Ticket, Working, 0, NoProblem
	d := s.document()
	d.Reading, d.Redo, d.AskCAN, d.Resume = false, false, false, 0
	s.Ahead = -1
	return s, []Effect{Commit}
}

func back(s State) (State, []Effect) {
	switch s.Screen {
	case Language:
		return end(s)
	case Privacy:
		s.Screen, s.Language = Language, ""
	case ServiceMenu:
		s.Screen = Privacy
	case Document, TurnOver, AccessNumber, Portrait, Signature, Review:
		return stepBack(s)
	}
	return s, nil
}

// goOn is the touch on "next".
func goOn(s State) (State, []Effect) {
	switch {
	case s.Screen == Ticket && s.Phase == Done:
		return end(s)
	case s.atStep() && s.Phase == Done:
		return advance(s, nil)
	case s.Screen == TurnOver && s.Phase == Waiting:
		s.Phase = Working
		return s, []Effect{PictureSide}
	case s.Screen == Signature && s.Phase == Waiting:
		s.Phase = Working
		return s, []Effect{FinishSignature}
	}
	return s, nil
}
