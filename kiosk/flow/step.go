package flow

// tries is how often a step is tried before it is passed over.
const tries = 2

// screen is where a step begins; empty for a step that this station does not know.
func (s Step) screen() Screen {
	switch s {
	case StepDocument:
		return Document
	case StepPortrait:
		return Portrait
	case StepSignature:
		return Signature
	}
	return ""
}

// effect starts a step's device.
func (s Step) effect() Effect {
	switch s {
	case StepPortrait:
		return TakePortrait
	case StepSignature:
		return TakeSignature
	default:
		return ReadDocument
	}
}

func (s State) atStep() bool {
	switch s.Screen {
	case Document, TurnOver, AccessNumber, Portrait, Signature:
		return true
	}
	return false
}

// have tells whether the step that the state is at has what it asks for.
func (s *State) have() *bool {
	switch s.Steps()[s.Step] {
	case StepPortrait:
		return &s.person().HavePortrait
	case StepSignature:
		return &s.person().HaveSignature
	default:
		return &s.document().Have
	}
}

// enter shows a step and starts its device, or the review after the last one.
func enter(s State, step int) (State, []Effect) {
	s.Step, s.Attempt, s.Phase, s.Problem = step, 0, Waiting, NoProblem
	steps, d := s.Steps(), s.document()
	if step >= len(steps) {
		s.Step, s.Screen = len(steps), Review
		if d.Reading {
			s.Phase = Working
		}
		return s, nil
	}
	s.Screen, s.Attempt = steps[step].screen(), 1
	*s.have() = false
	if s.Screen == Document {
		d.Reading, d.Card, d.Redo, d.AskCAN, d.Several = false, false, false, false, false
		if d.Redone {
			s.Attempt = tries
		}
	}
	return s, []Effect{steps[step].effect()}
}

// LastTry tells that the step on the screen will not be tried again.
func (s State) LastTry() bool { return s.Attempt >= tries }

// advance goes to the next step, or back to a document that was torn away meanwhile, or whose chip needs its number.
func advance(s State, effects []Effect) (State, []Effect) {
	next, d := s.Step+1, s.document()
	switch s.Screen {
	case Document, TurnOver, AccessNumber:
		next, d.Resume = max(next, d.Resume), 0
	}
	switch {
	case d.Redo:
		return redo(s, next, effects)
	case d.AskCAN:
		return askForCAN(s, next), effects
	}
	s, started := arrive(s, next)
	return s, append(effects, started...)
}

// arrive shows a step that is done already as it was left, and starts any other.
func arrive(s State, step int) (State, []Effect) {
	s.Step = step
	if step >= len(s.Steps()) || !*s.have() {
		return enter(s, step)
	}
	s.Screen, s.Attempt, s.Phase, s.Problem = s.Steps()[step].screen(), 1, Done, NoProblem
	return s, nil
}

// redo asks for the document again, and goes on with the step at resume after that.
func redo(s State, resume int, effects []Effect) (State, []Effect) {
	d := s.document()
	d.Redone, d.Resume = true, resume
	problem := DocumentMoved
	if d.Several {
		problem = SeveralLie
	}
	for i, step := range s.Steps() {
		if step == StepDocument {
			s, started := enter(s, i)
			s.Problem = problem
			return s, append(effects, started...)
		}
	}
	return s, effects
}

// passOver leaves a step undone to staff. Of a card whose other side is missing, what there is goes on.
func passOver(s State) (State, []Effect) {
	if s.Screen == AccessNumber {
		return passOverCAN(s)
	}
	effects := []Effect{StopStep}
	d := s.document()
	if s.Screen == TurnOver {
		d.Have = true
	}
	if s.Screen == Document && !d.Have {
		d.Reading = false
		effects = append(effects, StopDocument)
	}
	return advance(s, effects)
}

// stepBack shows the step before: done if it is done, started again if not. Before the first is the service menu, or the review
// that somebody or something was added to.
func stepBack(s State) (State, []Effect) {
	effects := []Effect{StopStep}
	switch {
	case s.Screen == TurnOver, s.Screen == AccessNumber:
		s, started := enter(s, s.Step)
		return s, append(effects, StopDocument, started[0])
	case s.Step == 0 && s.added():
		return takeBack(s)
	case s.Step == 0:
		return menu(s)
	case s.Screen == Document && !s.document().Have:
		s.document().Reading = false
		effects = append(effects, StopDocument)
	}
	s, started := arrive(s, s.Step-1)
	return s, append(effects, started...)
}

// menu is the service menu again, with nothing kept but the language and that staff will help.
func menu(s State) (State, []Effect) {
	return State{
		Screen:        ServiceMenu,
		Language:      s.Language,
		Closing:       s.Closing,
		StaffWillHelp: s.StaffWillHelp,
	}, []Effect{Forget}
}

// retry does a step again that is done, or a signature that is not.
func retry(s State) (State, []Effect) {
	if !s.atStep() {
		return s, nil
	}
	done := s.Phase == Done && *s.have()
	if !done && !(s.Screen == Signature && s.Phase == Waiting) {
		return s, nil
	}
	effects := []Effect{StopStep}
	if s.Screen == Document {
		effects = append(effects, StopDocument)
	}
	s, started := enter(s, s.Step)
	return s, append(effects, started...)
}

// answered is what a device's or the link's answer does on any screen but Help.
func answered(s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case MRZRead:
		return mrzRead(s, e), nil
	case CANNeeded, CANRefused, ChipDone:
		return numberAnswered(s, e)
	case PagesTaken:
		return pagesTaken(s)
	case DocumentFailed:
		return documentFailed(s, e.Problem)
	case ChipTorn:
		return chipTorn(s, false)
	case SeveralChips:
		return chipTorn(s, true)
	case Verified:
		return verified(s, e.StaffWillHelp), nil
	case PortraitTaken:
		if s.Screen == Portrait && s.Phase != Done {
			s.Phase, s.Problem, s.person().HavePortrait = Done, NoProblem, true
		}
	case PortraitFailed:
		if s.Screen == Portrait && s.Phase != Done {
			return failed(s, e.Problem)
		}
	case Signed:
		if s.Screen == Signature && s.Phase != Done {
			s.person().HaveSignature = true
			return advance(s, nil)
		}
	case SignatureFailed:
		if s.Screen == Signature && s.Phase != Done {
			return failed(s, e.Problem)
		}
	default:
		return ticketing(s, e)
	}
	return s, nil
}

// failed tries a step again, or leaves it to staff: the visitor reads so and goes on.
func failed(s State, p Problem) (State, []Effect) {
	if p != DeviceMissing && s.Attempt < tries {
		attempt := s.Attempt + 1
		s, started := enter(s, s.Step)
		s.Attempt, s.Problem = attempt, p
		return s, started
	}
	s.Phase, s.Problem, s.StaffWillHelp = Done, WaitingForStaff, true
	if p == DeviceMissing {
		s.Problem = DeviceMissing
	}
	return s, nil
}

func mrzRead(s State, e MRZRead) State {
	d := s.document()
	if s.Screen == Document && s.Phase == Waiting {
		s.Phase, s.Problem, d.Reading, d.Card = Working, NoProblem, true, e.Card
	}
	if s.Screen == AccessNumber && s.Phase == Working && !d.Reading {
		s = backToDocument(s)
		d.Reading, d.Card = true, e.Card
	}
	return s
}

func pagesTaken(s State) (State, []Effect) {
	d := s.document()
	switch {
	case s.Screen == AccessNumber && d.Reading && !d.Card:
		d.Have = true
	case s.Phase != Working:
	case s.Screen == Document && d.Card:
		s.Screen, s.Phase, s.Attempt = TurnOver, Waiting, 1
	case s.Screen == Document, s.Screen == TurnOver:
		d.Have = true
		return advance(s, nil)
	}
	return s, nil
}

// documentFailed ends a try. Behind a later screen it is too late for another: the document is staff's then.
func documentFailed(s State, p Problem) (State, []Effect) {
	d := s.document()
	switch {
	case s.Screen == Document && s.Phase != Done:
		d.Reading = false
		s, effects := failed(s, p)
		d.Redone = d.Redone || s.Attempt == tries
		return s, effects
	case s.Screen == TurnOver && s.Phase == Working:
		return sideFailed(s, p)
	case s.Screen == AccessNumber:
		return documentLost(s)
	case d.Reading:
		s.StaffWillHelp = true
		return read(s), nil
	}
	return s, nil
}

// sideFailed lets the visitor turn the card over once more; after that one side must do.
func sideFailed(s State, p Problem) (State, []Effect) {
	if p != DeviceMissing && s.Attempt < tries {
		s.Attempt, s.Phase, s.Problem = s.Attempt+1, Waiting, p
		return s, nil
	}
	s.StaffWillHelp = true
	return passOver(s)
}

// chipTorn asks for the document once more: at once where it is being laid down or nothing else is to do, else after the
// step that the visitor is at. The second time what could be read is judged. Several says that its chip was not alone in the field.
func chipTorn(s State, several bool) (State, []Effect) {
	d := s.document()
	switch {
	case !d.Reading && s.Screen != AccessNumber:
		return s, nil
	case d.Redone && s.Screen == AccessNumber:
		s.StaffWillHelp = true
		return withoutCAN(s)
	case d.Redone:
		s.StaffWillHelp = true
		return s, nil
	}
	d.Reading, d.AskCAN, d.Have, d.Several = false, false, false, several
	effects := []Effect{StopDocument}
	switch s.Screen {
	case Document, TurnOver:
		return redo(s, 0, append([]Effect{StopStep}, effects...))
	case AccessNumber:
		return redo(s, d.Resume, effects)
	case Review:
		return redo(s, s.Step, effects)
	}
	d.Redo = true
	return s, effects
}

func verified(s State, staffWillHelp bool) State {
	if !s.document().Reading {
		return s
	}
	s.StaffWillHelp = s.StaffWillHelp || staffWillHelp
	return read(s)
}

// read ends the reading behind the screens; a review that waits for it can be confirmed.
func read(s State) State {
	d := s.document()
	d.Reading, d.AskCAN = false, false
	if s.Screen == Review {
		s.Phase = Waiting
	}
	return s
}

// ticketing is what happens between the commit and the paper.
func ticketing(s State, e Event) (State, []Effect) {
	if s.Screen != Ticket || s.Phase != Working {
		return s, nil
	}
	switch e := e.(type) {
	case Committed:
		if s.Number == "" {
			s.Number = e.Number
		}
	case CommitFailed:
		if s.Number == "" {
			s.Phase, s.Problem, s.StaffWillHelp = Done, NotSaved, true
		}
	case Acknowledged:
		if s.Number != "" && !s.Printing {
			s.Room, s.Ahead, s.Wait, s.Printing = e.Room, e.Ahead, e.Wait, true
			return s, []Effect{PrintTicket}
		}
	case TicketPrinted:
		if s.Printing {
			s.Phase, s.Printing, s.Printed = Done, false, true
		}
	case TicketFailed:
		if s.Printing {
			s.Phase, s.Printing, s.Problem = Done, false, NotPrinted
		}
	}
	return s, nil
}
