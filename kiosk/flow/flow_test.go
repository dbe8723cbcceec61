package flow

import (
	"slices"
	"testing"
)

var (
	whole       = Service{ID: "permit", Steps: []Step{StepDocument, StepPortrait, StepSignature}}
	collection  = Service{ID: "collection", Steps: []Step{StepDocument, StepSignature}}
	appointment = Service{ID: "appointment"}
	family      = Service{ID: "family", Steps: []Step{StepDocument, StepPortrait}, Several: true}
)

// play applies events to a station that has been looked at, and gives where they lead and every effect on the way.
func play(events ...Event) (State, []Effect) {
	s, _ := Apply(State{}, NothingLies{})
	var all []Effect
	for _, e := range events {
		var effects []Effect
		s, effects = Apply(s, e)
		all = append(all, effects...)
	}
	return s, all
}

// upTo is a visitor who has chosen the service, and what happens then.
func upTo(service Service, then ...Event) []Event {
	return append([]Event{Opened{}, Start{}, ChooseLanguage{Tag: "uk"}, AcceptPrivacy{}, ChooseService{Service: service}}, then...)
}

var (
	reading     = []DocumentState{{Reading: true}}
	passport    = []Event{MRZRead{}, PagesTaken{}}
	numberTyped = []Event{MRZRead{}, CANNeeded{}, CANTyped{CAN: "123456"}}
	twoMissing  = []Event{DocumentFailed{Problem: NoDocument}, DocumentFailed{Problem: NoDocument}}
)

func join(parts ...any) []Event {
	var all []Event
	for _, p := range parts {
		switch p := p.(type) {
		case []Event:
			all = append(all, p...)
		case Event:
			all = append(all, p)
		}
	}
	return all
}

func TestWhatAVisitorSees(t *testing.T) {
	tests := []struct {
		sentence string
		events   []Event
		want     State // the fields below are compared
		last     []Effect
	}{
		{"a station without an office is out of service", nil, State{}, nil},
		{"an open station greets", []Event{Opened{}}, State{Screen: Greeting}, nil},
		{"a station that shuts while nobody is there says so", []Event{Opened{}, Shut{}}, State{Screen: OutOfService}, nil},
		{"a touch leads to the languages", []Event{Opened{}, Start{}}, State{Screen: Language}, nil},
		{"a service without steps leads to the review", upTo(appointment), State{Screen: Review, Phase: Waiting}, nil},
		{"a service with a document asks for it first", upTo(whole), State{Screen: Document, Phase: Waiting, Attempt: 1}, []Effect{ReadDocument}},
		{"a document that is found is kept still", upTo(whole, MRZRead{}), State{Screen: Document, Phase: Working, Attempt: 1, Documents: reading}, nil},
		{"a pictured document is read on behind the portrait", upTo(whole, passport...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakePortrait}},
		{"a collection takes no portrait", upTo(collection, passport...), State{Screen: Signature, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakeSignature}},
		{"a card is turned over", upTo(whole, MRZRead{Card: true}, PagesTaken{}), State{Screen: TurnOver, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"the other side of a card is pictured", upTo(whole, MRZRead{Card: true}, PagesTaken{}, Next{}), State{Screen: TurnOver, Phase: Working, Attempt: 1, Documents: reading}, []Effect{PictureSide}},
		{"a card with both sides leads on", upTo(whole, MRZRead{Card: true}, PagesTaken{}, Next{}, PagesTaken{}), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakePortrait}},
		{"an unreadable document is asked for once more", upTo(whole, DocumentFailed{Problem: Unreadable}), State{Screen: Document, Phase: Waiting, Attempt: 2, Problem: Unreadable}, []Effect{ReadDocument}},
		{"after two tries staff will help, and the visitor reads so", upTo(whole, twoMissing...), State{Screen: Document, Phase: Done, Attempt: 2, Problem: WaitingForStaff, StaffWillHelp: true}, nil},
		{"after two tries the check-in goes on", upTo(whole, append(twoMissing, Next{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, StaffWillHelp: true}, []Effect{TakePortrait}},
		{"a missing reader is not tried twice", upTo(whole, DocumentFailed{Problem: DeviceMissing}), State{Screen: Document, Phase: Done, Attempt: 1, Problem: DeviceMissing, StaffWillHelp: true}, nil},
		{"a side that fails twice must do without", upTo(whole, MRZRead{Card: true}, PagesTaken{}, Next{}, DocumentFailed{}, Next{}, DocumentFailed{}), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading, StaffWillHelp: true}, []Effect{StopStep, TakePortrait}},
		{"a chip torn away during the portrait is asked for after it", upTo(whole, join(passport, ChipTorn{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1}, []Effect{StopDocument}},
		{"and then it is asked for", upTo(whole, join(passport, ChipTorn{}, PortraitTaken{}, Next{})...), State{Screen: Document, Phase: Waiting, Attempt: 2, Problem: DocumentMoved}, []Effect{ReadDocument}},
		{"and the visitor goes on where the visitor was", upTo(whole, join(passport, ChipTorn{}, PortraitTaken{}, Next{}, passport)...), State{Screen: Signature, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakeSignature}},
		{"a chip torn away during the review is asked for at once", upTo(collection, join(passport, Signed{}, ChipTorn{})...), State{Screen: Document, Phase: Waiting, Attempt: 2, Problem: DocumentMoved}, []Effect{StopDocument, ReadDocument}},
		{"and the review comes back", upTo(collection, join(passport, Signed{}, ChipTorn{}, passport)...), State{Screen: Review, Phase: Working, Documents: reading}, nil},
		{"two documents are asked to be one after the step that the visitor is at", upTo(whole, join(passport, SeveralChips{}, PortraitTaken{}, Next{})...), State{Screen: Document, Phase: Waiting, Attempt: 2, Problem: SeveralLie}, []Effect{ReadDocument}},
		{"and at once while they are being read", upTo(whole, MRZRead{}, SeveralChips{}), State{Screen: Document, Phase: Waiting, Attempt: 2, Problem: SeveralLie}, []Effect{StopStep, StopDocument, ReadDocument}},
		{"two documents that stay are staff's", upTo(collection, join(passport, SeveralChips{}, Signed{}, passport, SeveralChips{}, Verified{})...), State{Screen: Review, Phase: Waiting, StaffWillHelp: true}, nil},
		{"a chip torn away twice is staff's", upTo(collection, join(passport, Signed{}, ChipTorn{}, passport, ChipTorn{}, Verified{})...), State{Screen: Review, Phase: Waiting, StaffWillHelp: true}, nil},
		{"a portrait is shown before it counts", upTo(whole, join(passport, PortraitTaken{})...), State{Screen: Portrait, Phase: Done, Attempt: 1, Documents: reading}, nil},
		{"a portrait can be taken again", upTo(whole, join(passport, PortraitTaken{}, Retry{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{StopStep, TakePortrait}},
		{"a signature can be started again", upTo(collection, join(passport, Retry{})...), State{Screen: Signature, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{StopStep, TakeSignature}},
		{"an empty signature is asked for once more", upTo(collection, join(passport, Next{}, SignatureFailed{Problem: NoInk})...), State{Screen: Signature, Phase: Waiting, Attempt: 2, Problem: NoInk, Documents: reading}, []Effect{TakeSignature}},
		{"whoever writes needs no more time", upTo(Service{ID: "x", Steps: []Step{StepSignature}}, TimeUp{}, Writing{}), State{Screen: Signature, Phase: Waiting, Attempt: 1}, nil},
		{"the review waits for the document", upTo(collection, join(passport, Signed{}, Confirm{})...), State{Screen: Review, Phase: Working, Documents: reading}, nil},
		{"a judged document can be confirmed", upTo(collection, join(passport, Signed{}, Verified{})...), State{Screen: Review, Phase: Waiting}, nil},
		{"a device that did not work is staff's", upTo(collection, join(passport, Signed{}, Verified{StaffWillHelp: true})...), State{Screen: Review, Phase: Waiting, StaffWillHelp: true}, nil},
		{"confirming commits", upTo(appointment, Confirm{}), State{Screen: Ticket, Phase: Working}, []Effect{Commit}},
		{"a number is shown when it is committed", upTo(appointment, Confirm{}, Committed{Number: "A-1"}), State{Screen: Ticket, Phase: Working, Number: "A-1"}, nil},
		{"the ticket is printed when the room is known", upTo(appointment, Confirm{}, Committed{Number: "A-1"}, Acknowledged{Room: "12"}), State{Screen: Ticket, Phase: Working, Number: "A-1", Room: "12"}, []Effect{PrintTicket}},
		{"a ticket that is not printed stays on the screen", upTo(appointment, Confirm{}, Committed{Number: "A-1"}, Acknowledged{}, TicketFailed{}), State{Screen: Ticket, Phase: Done, Problem: NotPrinted, Number: "A-1"}, nil},
		{"a check-in that could not be kept is staff's", upTo(appointment, Confirm{}, CommitFailed{}), State{Screen: Ticket, Phase: Done, Problem: NotSaved, StaffWillHelp: true}, nil},
		{"a ticket that is taken clears the station", upTo(appointment, Confirm{}, Committed{Number: "A-1"}, Acknowledged{}, TicketPrinted{}, Next{}), State{Screen: Cleared}, []Effect{Clear}},
		{"a ticket in the making is not left", upTo(appointment, Confirm{}, Leave{}), State{Screen: Ticket, Phase: Working}, nil},
		{"a cleared station greets the next visitor", upTo(appointment, Leave{}, NothingLies{}, TimeUp{}), State{Screen: Greeting}, nil},
		{"a station that shuts serves the visitor first", upTo(appointment, Shut{}), State{Screen: Review, Phase: Waiting}, nil},
		{"and is out of service after", upTo(appointment, Shut{}, Leave{}, NothingLies{}, TimeUp{}), State{Screen: OutOfService}, nil},
		{"declining the privacy notice makes a ticket without data", []Event{Opened{}, Start{}, ChooseLanguage{Tag: "de"}, AskStaff{}}, State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{Commit}},
		{"asking for staff without choosing a service makes a ticket", []Event{Opened{}, Start{}, ChooseLanguage{Tag: "de"}, AcceptPrivacy{}, AskStaff{}}, State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{Commit}},
		{"asking for staff at the greeting makes a ticket", []Event{Opened{}, AskStaff{}}, State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{Commit}},
		{"who has no document goes on without it", upTo(whole, PassOver{}), State{Screen: Portrait, Phase: Waiting, Attempt: 1, StaffWillHelp: true}, []Effect{StopStep, StopDocument, TakePortrait}},
		{"asking for a person at the document ends there, and nothing more is taken", upTo(whole, OpenHelp{}, AskStaff{}), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{StopDocument, Commit}},
		{"and while it is read as well", upTo(whole, MRZRead{}, OpenHelp{}, AskStaff{}), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{StopDocument, Commit}},
		{"at the portrait the document is sent, which was finished", upTo(whole, join(passport, OpenHelp{}, AskStaff{})...), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{Commit}},
		{"of a card whose other side is missing nothing is sent", upTo(whole, MRZRead{Card: true}, PagesTaken{}, OpenHelp{}, AskStaff{}), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{StopDocument, Commit}},
		{"a person who was asked for comes, whatever else happens", upTo(whole, join(passport, OpenHelp{}, AskStaff{}, PortraitTaken{}, Next{})...), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, nil},
		{"there is nothing to leave out at the review", upTo(appointment, PassOver{}), State{Screen: Review, Phase: Waiting}, nil},
		{"asking for staff at the review makes a ticket with what there is", upTo(collection, join(passport, Signed{}, AskStaff{})...), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{Commit}},
		{"help lies over the portrait and stops the camera", upTo(whole, join(passport, OpenHelp{})...), State{Screen: Help, Behind: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{StopStep}},
		{"help does not start the camera", upTo(whole, MRZRead{}, OpenHelp{}, PagesTaken{}), State{Screen: Help, Behind: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"leaving help starts the camera", upTo(whole, MRZRead{}, OpenHelp{}, PagesTaken{}, Back{}), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakePortrait}},
		{"back from the first step forgets what was taken", upTo(whole, Back{}), State{Screen: ServiceMenu}, []Effect{Forget}},
		{"back from the portrait shows the document as done", upTo(whole, join(passport, Back{})...), State{Screen: Document, Phase: Done, Attempt: 1, Documents: reading}, []Effect{StopStep}},
		{"and next comes to the portrait again", upTo(whole, join(passport, Back{}, Next{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakePortrait}},
		{"back from the review shows the signature as done", upTo(collection, join(passport, Signed{}, Back{})...), State{Screen: Signature, Phase: Done, Attempt: 1, Documents: reading}, []Effect{StopStep}},
		{"back from the other side begins the card again", upTo(whole, MRZRead{Card: true}, PagesTaken{}, Back{}), State{Screen: Document, Phase: Waiting, Attempt: 1}, []Effect{StopStep, StopDocument, ReadDocument}},
		{"a chip that refuses the key from the MRZ is asked for by its number", upTo(whole, MRZRead{}, CANNeeded{}), State{Screen: AccessNumber, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"a number that is typed is tried", upTo(whole, numberTyped...), State{Screen: AccessNumber, Phase: Working, Attempt: 1, Documents: reading}, []Effect{TryCAN}},
		{"a number that opens the chip leads back to the pages", upTo(whole, join(numberTyped, ChipDone{})...), State{Screen: Document, Phase: Working, Attempt: 2, Documents: reading}, nil},
		{"and on from there", upTo(whole, join(numberTyped, ChipDone{}, PagesTaken{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakePortrait}},
		{"pages that were taken meanwhile are not waited for", upTo(whole, join(numberTyped, PagesTaken{}, ChipDone{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakePortrait}},
		{"a card is turned over after its number", upTo(whole, MRZRead{Card: true}, CANNeeded{}, CANTyped{}, ChipDone{}, PagesTaken{}), State{Screen: TurnOver, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"a wrong number is asked for once more", upTo(whole, join(numberTyped, CANRefused{})...), State{Screen: AccessNumber, Phase: Waiting, Attempt: 2, Problem: WrongNumber, Documents: reading}, nil},
		{"a second wrong number is staff's, and the check-in goes on", upTo(whole, join(numberTyped, PagesTaken{}, CANRefused{}, CANTyped{}, CANRefused{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading, StaffWillHelp: true}, []Effect{SkipCAN, TakePortrait}},
		{"a chip with one try left is not asked again", upTo(whole, join(numberTyped, CANRefused{Last: true})...), State{Screen: Document, Phase: Working, Attempt: 2, Documents: reading, StaffWillHelp: true}, []Effect{SkipCAN}},
		{"who has no number goes on without the chip", upTo(whole, MRZRead{}, CANNeeded{}, PagesTaken{}, WithoutCAN{}), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{SkipCAN, TakePortrait}},
		{"a chip that refuses behind the portrait is asked for after it", upTo(whole, join(passport, CANNeeded{})...), State{Screen: Portrait, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"and then its number is", upTo(whole, join(passport, CANNeeded{}, PortraitTaken{}, Next{})...), State{Screen: AccessNumber, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"and the visitor goes on after the portrait", upTo(whole, join(passport, CANNeeded{}, PortraitTaken{}, Next{}, CANTyped{}, ChipDone{})...), State{Screen: Signature, Phase: Waiting, Attempt: 1, Documents: reading}, []Effect{TakeSignature}},
		{"at the review the number is asked for at once", upTo(collection, join(passport, Signed{}, CANNeeded{})...), State{Screen: AccessNumber, Phase: Waiting, Attempt: 1, Documents: reading}, nil},
		{"and the review comes back to wait for the chip's checks", upTo(collection, join(passport, Signed{}, CANNeeded{}, CANTyped{}, ChipDone{})...), State{Screen: Review, Phase: Working, Documents: reading}, nil},
		{"a chip that is not there when its number is typed is asked for again", upTo(whole, join(numberTyped, ChipTorn{})...), State{Screen: Document, Phase: Waiting, Attempt: 2, Problem: DocumentMoved}, []Effect{StopDocument, ReadDocument}},
		{"and goes on without the second time", upTo(whole, join(numberTyped, ChipTorn{}, numberTyped, ChipTorn{})...), State{Screen: Document, Phase: Working, Attempt: 2, Documents: reading, StaffWillHelp: true}, []Effect{SkipCAN}},
		{"a document without an MRZ is asked for by its number", upTo(whole, CANNeeded{}), State{Screen: AccessNumber, Phase: Waiting, Attempt: 1}, nil},
		{"and is read like any other once it is open", upTo(whole, CANNeeded{}, CANTyped{}, MRZRead{}), State{Screen: Document, Phase: Working, Attempt: 2, Documents: reading}, nil},
		{"without a number it is staff's, and the visitor reads so", upTo(whole, CANNeeded{}, WithoutCAN{}), State{Screen: Document, Phase: Done, Attempt: 2, Problem: WaitingForStaff, StaffWillHelp: true}, []Effect{StopDocument}},
		{"and with a chip that says nothing of its holder as well", upTo(whole, CANNeeded{}, CANTyped{}, DocumentFailed{Problem: Unreadable}), State{Screen: Document, Phase: Done, Attempt: 2, Problem: WaitingForStaff, StaffWillHelp: true}, []Effect{StopDocument}},
		{"asking for a person instead of a number ends there", upTo(whole, CANNeeded{}, AskStaff{}), State{Screen: Ticket, Phase: Working, StaffWillHelp: true}, []Effect{StopDocument, Commit}},
		{"back from the number begins the document again", upTo(whole, MRZRead{}, CANNeeded{}, Back{}), State{Screen: Document, Phase: Waiting, Attempt: 1}, []Effect{StopStep, StopDocument, ReadDocument}},
		{"a visitor who looks for the number is asked like any other", upTo(whole, CANNeeded{}, TimeUp{}), State{Screen: AccessNumber, Phase: Waiting, Attempt: 1, Countdown: true}, nil},
		{"a question that comes up ends the countdown", upTo(whole, TimeUp{}, CANNeeded{}), State{Screen: AccessNumber, Phase: Waiting, Attempt: 1}, nil},
		{"a visitor who is still is asked", upTo(whole, TimeUp{}), State{Screen: Document, Phase: Waiting, Attempt: 1, Countdown: true}, nil},
		{"a touch ends the countdown", upTo(whole, TimeUp{}, MoreTime{}), State{Screen: Document, Phase: Waiting, Attempt: 1}, nil},
		{"a document that is laid down ends the countdown", upTo(whole, TimeUp{}, MRZRead{}), State{Screen: Document, Phase: Working, Attempt: 1, Documents: reading}, nil},
		{"a countdown that nobody ends clears the station", upTo(whole, TimeUp{}, TimeUp{}), State{Screen: Cleared}, []Effect{Clear}},
		{"a ticket that nobody takes clears the station", upTo(appointment, Confirm{}, CommitFailed{}, TimeUp{}), State{Screen: Cleared}, []Effect{Clear}},
		{"nobody is hurried while a device works", upTo(whole, MRZRead{}, TimeUp{}), State{Screen: Document, Phase: Working, Attempt: 1, Documents: reading}, nil},
		{"a service's unknown and repeated steps are dropped", upTo(Service{ID: "x", Steps: []Step{"dance", StepSignature, StepSignature}}, Next{}, Signed{}), State{Screen: Review, Phase: Waiting}, nil},
	}
	for _, test := range tests {
		t.Run(test.sentence, func(t *testing.T) {
			got, _ := play(test.events...)
			if g, w := seen(got), seen(test.want); g != w {
				t.Errorf("visitor sees\n %+v, want\n %+v", g, w)
			}
			if len(test.events) == 0 {
				return
			}
			before, _ := play(test.events[:len(test.events)-1]...)
			_, last := Apply(before, test.events[len(test.events)-1])
			if !slices.Equal(last, test.last) {
				t.Errorf("last effects are %v, want %v", last, test.last)
			}
		})
	}
}

// view is the part of a State that the table compares.
type view struct {
	Screen, Behind            Screen
	Phase                     Phase
	Attempt                   int
	Problem                   Problem
	Countdown, Reading, Staff bool
	Number, Room              string
}

func seen(s State) view {
	if s.Screen == "" {
		s.Screen = OutOfService
	}
	return view{s.Screen, s.Behind, s.Phase, s.Attempt, s.Problem, s.Countdown, s.Document().Reading, s.StaffWillHelp, s.Number, s.Room}
}
