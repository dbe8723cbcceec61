package flow

import "slices"

// This file asks for the card access number. Its screen belongs to the document's step, whose reading waits meanwhile:
// with Reading set for a chip that refused the key from the MRZ, without it for a document whose MRZ was not read.

// numberGiven is what a touch does on the screen that asks for the number.
func numberGiven(s State, e Event) (State, []Effect) {
	if s.Screen != AccessNumber || s.Phase != Waiting {
		return s, nil
	}
	if _, without := e.(WithoutCAN); without {
		return withoutCAN(s)
	}
	s.Phase, s.Problem = Working, NoProblem
	return s, []Effect{TryCAN}
}

// numberAnswered is what the chip makes of the number, and that it needs one.
func numberAnswered(s State, e Event) (State, []Effect) {
	if needed := (CANNeeded{}); e == needed {
		return canNeeded(s)
	}
	if s.Screen != AccessNumber || s.Phase != Working {
		return s, nil
	}
	if refused, ok := e.(CANRefused); ok {
		return canRefused(s, refused.Last)
	}
	return chipDone(s, nil)
}

// canNeeded asks for the number: at once where the document is being laid down or nothing else is to do, else after the
// step that the visitor is at. A card that is being turned over has left the field.
func canNeeded(s State) (State, []Effect) {
	laying := s.Screen == Document && s.Phase != Done
	switch {
	case !s.document().Reading && !laying, s.Screen == AccessNumber:
		return s, nil
	case laying:
		return askForCAN(s, s.document().Resume), nil
	case s.Screen == Review:
		return askForCAN(s, s.Step), nil
	case s.Screen == TurnOver:
		return s, []Effect{SkipCAN}
	}
	s.document().AskCAN = true
	return s, nil
}

// askForCAN shows the screen, and goes on with the step at resume after that.
func askForCAN(s State, resume int) State {
	d := s.document()
	d.AskCAN, d.Resume, s.Step = false, resume, slices.Index(s.Steps(), StepDocument)
	s.Screen, s.Attempt, s.Phase, s.Problem = AccessNumber, 1, Waiting, NoProblem
	return s
}

// canRefused lets the visitor type once more, if the chip does.
func canRefused(s State, last bool) (State, []Effect) {
	if !last && !s.LastTry() {
		s.Attempt, s.Phase, s.Problem = s.Attempt+1, Waiting, WrongNumber
		return s, nil
	}
	s.StaffWillHelp = true
	return withoutCAN(s)
}

// withoutCAN goes on without the chip: as the MRZ has it, or, without an MRZ, without the document.
func withoutCAN(s State) (State, []Effect) {
	if !s.document().Reading {
		return documentLost(s)
	}
	return chipDone(s, []Effect{SkipCAN})
}

// chipDone goes on with what the document's step still needs, or with the next step.
func chipDone(s State, effects []Effect) (State, []Effect) {
	if s.document().Have {
		return advance(s, effects)
	}
	return backToDocument(s), effects
}

// backToDocument shows that the document is being read on; it is not asked for again.
func backToDocument(s State) State {
	s.Screen, s.Attempt, s.Phase, s.Problem = Document, tries, Working, NoProblem
	return s
}

// documentLost leaves the document to staff, and the visitor reads so.
func documentLost(s State) (State, []Effect) {
	d := s.document()
	d.Reading, d.Have, d.Redone, s.StaffWillHelp = false, false, true, true
	s.Screen, s.Attempt, s.Phase, s.Problem = Document, tries, Done, WaitingForStaff
	return s, []Effect{StopDocument}
}

// passOverCAN is for a visitor who wants a person instead.
func passOverCAN(s State) (State, []Effect) {
	if s.document().Reading {
		return withoutCAN(s)
	}
	return advance(s, []Effect{StopDocument})
}
