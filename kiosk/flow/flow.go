// Package flow is one check-in from greeting to ticket as a pure state machine: [Apply] makes of a [State] and an [Event]
// the next State and the [Effect]s to carry out. It knows no device, no clock and no screen, so every path can be tested in
// microseconds, and what the visitor sees is a function of the State alone. A State holds no personal data and no secret; of the
// events only [CANTyped] and [PINTyped] do, and Apply does not look at them.
//
// The service decides the steps. A step that fails twice, and every step that the visitor cannot do, is passed over and
// ends at a person: the check-in goes on and its ticket says that a member of staff will help. A visitor who asks for a
// person ends it there and then: nothing more is taken, and the ticket calls somebody.
//
// Several persons, and several documents, go one after the other: the review offers another round, of all steps for another
// person or of the document's alone for another document, once everything before is judged. So only the last of either is
// ever under way.
//
// A technician gets in by a gesture and a PIN, where nobody is at the station, and keeps everybody from checking in until they leave.
//
// A document that is left behind keeps the station from greeting anybody: nobody's check-in begins on somebody else's.
package flow

import "time"

// Screen is what the visitor sees.
type Screen string

// The screens, in the order of a whole check-in.
const (
	OutOfService Screen = "out_of_service" // no office known yet, or no numbers and no link
	Greeting     Screen = "greeting"
	Language     Screen = "language"
	Privacy      Screen = "privacy"
	ServiceMenu  Screen = "service"
	Document     Screen = "document"      // lay it down; reading goes on behind the next screens
	TurnOver     Screen = "turn_over"     // a card: now its other side
	AccessNumber Screen = "access_number" // the six digits that open the chip where its MRZ does not
	Portrait     Screen = "portrait"
	Signature    Screen = "signature"
	Review       Screen = "review"
	Ticket       Screen = "ticket"
	Cleared      Screen = "cleared"       // nothing of the visitor is left; for two seconds
	Tested       Screen = "tested"        // a technician tests the devices, or nobody has looked yet what lies there: nobody can begin
	TakeDocument Screen = "take_document" // instead of Cleared and Greeting while a document lies there that nobody is asked for
	PIN          Screen = "pin"           // a technician wants to get in: the PIN is asked for, and Phase is Working while it is checked
	Technician   Screen = "technician"    // the station is a technician's; Phase is Working while the devices are a test's
	Help         Screen = "help"          // over any other; Back returns to it
)

// Step is what a service asks of the visitor.
type Step string

// The steps that a service can ask for.
const (
	StepDocument  Step = "document"
	StepPortrait  Step = "portrait"
	StepSignature Step = "signature"
)

// Service is what the flow needs to know of a service.
type Service struct {
	ID      string
	Steps   []Step
	Several bool // the office takes several persons, and several documents, in one check-in
}

// Problem is what went wrong at a step, as far as the visitor is told: what to do next, never a failed check.
type Problem string

// The problems that a visitor can be told of.
const (
	NoProblem       Problem = ""
	Unreadable      Problem = "unreadable"        // lay it down again, flat
	NoDocument      Problem = "no_document"       // nothing was laid down in time
	NoMRZ           Problem = "no_mrz"            // what lies there, if anything does, shows no MRZ: lay that side down
	CutOff          Problem = "cut_off"           // a line of the MRZ lies beside the glass: lay all of it down
	DocumentMoved   Problem = "document_moved"    // it was taken away while being read
	SeveralLie      Problem = "several_lie"       // more than one lies there: lay down one only
	WrongNumber     Problem = "wrong_number"      // the chip refused what was typed in
	NoFace          Problem = "no_face"           // nobody, or more than one, before the camera
	NoInk           Problem = "no_ink"            // nothing was signed
	DeviceMissing   Problem = "device_missing"    // the device of this step does not work: staff will help
	NotSaved        Problem = "not_saved"         // the check-in could not be kept: staff will help, without a number
	NotPrinted      Problem = "not_printed"       // remember the number on the screen
	WaitingForStaff Problem = "waiting_for_staff" // a problem that only staff can solve, after two tries
)

// The problems that a technician can be told of.
const (
	WrongPIN  Problem = "wrong_pin"  // it is not the station's
	PINLocked Problem = "pin_locked" // none may be tried yet
)

// Phase is how far the device step of the shown screen is.
type Phase string

// The phases of a device step.
const (
	Waiting Phase = "waiting" // for the visitor
	Working Phase = "working" // the device is at work: no idle countdown
	Done    Phase = "done"    // the visitor can go on
)

// State is everything that decides what the visitor sees. It holds no personal data. The zero State is to be read as
// [Begun].
type State struct {
	Screen    Screen
	Language  string  // BCP 47, "de"; empty before it is chosen
	Service   Service // zero before it is chosen
	Step      int     // index in Service.Steps of the step that the screen belongs to; their number from Review on
	Attempt   int     // at this step, from 1; 0 on a screen without one
	Phase     Phase   // of the step on this screen; Working on Review until the document is judged
	Problem   Problem // of the last try at this step
	Behind    Screen  // what Help lies over
	Countdown bool    // the visitor has been still for long: "do you need more time?"
	Closing   bool    // the station shuts once this visitor is gone

	// Lying says that a document lies on the glass or in the chip reader's field that the station does not need: of a visitor who
	// has a ticket, or is gone. Looking says that nobody knows whether one does: the station has just begun, or a visit or a test has
	// ended, and nobody has looked since.
	Lying, Looking bool

	// Who checks in at once, and what was laid down, each in the order in which it was added. The last person is the one who is
	// asked for something, the last document the one that is asked for or read: the others are done.
	Persons   []PersonState
	Documents []DocumentState

	StaffWillHelp bool // the ticket says so, for what the visitor knows: a step left out, a device that does not work
	Asked         bool // the visitor asked for a person, and the check-in ended there

	Number   string // "A-127", once committed
	Room     string // empty: please wait in the lobby
	Ahead    int    // visitors before this one; -1 unknown
	Wait     Wait   // until the visitor is called
	Printing bool   // the ticket is at the printer
	Printed  bool
}

// Wait is how long most visitors wait, in minutes; the zero Wait where nobody knows.
type Wait struct{ From, Until int }

// The most that check in at once, here: an office takes more.
const (
	MaxPersons   = 6
	MaxDocuments = 8
)

// PersonState is how far one person is.
type PersonState struct {
	HavePortrait  bool
	HaveSignature bool
}

// DocumentState is how far one document is.
type DocumentState struct {
	Person  int  // whose it is, as an index in Persons: the one who was asked for it
	Have    bool // it is pictured, or as much of it as will be
	Reading bool // it is being read and judged behind the screens
	Card    bool // it is a card with two sides
	Redo    bool // its chip was torn away, or was not alone: ask for it again after this step
	Several bool // it was not alone
	Redone  bool // it was asked for a second time
	AskCAN  bool // its chip refused the key from the MRZ: ask for the card access number after this step
	Resume  int  // the step to go on with when it, or its number, was asked for later; 0 is the one after it
}

// Event is what happened: a touch, a device's answer, time.
type Event interface{ event() }

// Touches.
type (
	// Start is a touch on the greeting.
	Start struct{}
	// ChooseLanguage picks a language.
	ChooseLanguage struct{ Tag string }
	// AcceptPrivacy is the consent to the privacy notice.
	AcceptPrivacy struct{}
	// ChooseService picks what the visitor comes for.
	ChooseService struct{ Service Service }
	// Next goes on: the card is turned over, the signature is done, the picture is good, the ticket is taken.
	Next struct{}
	// Retry does the step again: another picture, another signature.
	Retry struct{}
	// Back goes one screen back; from Help to what it lay over; from the first step of who or what was added to the review as
	// it was before.
	Back struct{}
	// OpenHelp lays Help over the screen.
	OpenHelp struct{}
	// PassOver leaves out the step on the screen, which the visitor cannot do or does not want to; the check-in goes on.
	PassOver struct{}
	// AskStaff ends the check-in at a person: nothing more is taken, and a ticket comes with the steps that were finished.
	// Declining the privacy notice is AskStaff: a ticket without any data.
	AskStaff struct{}
	// AnotherPerson adds somebody to the review: all steps of the service once more, and one ticket for all.
	AnotherPerson struct{}
	// AnotherDocument adds a document of the person who was asked last.
	AnotherDocument struct{}
	// Confirm commits the check-in.
	Confirm struct{}
	// Leave ends the check-in and clears everything.
	Leave struct{}
	// CANTyped is the card access number that the visitor typed in, six digits.
	CANTyped struct{ CAN string }
	// WithoutCAN says that the visitor finds no card access number: the check-in goes on without the chip.
	WithoutCAN struct{}
	// MoreTime answers the countdown. Any touch does so too.
	MoreTime struct{}
)

// A technician's touches. ChooseLanguage is one as well, and so are Back at the PIN, Leave after it, and MoreTime: somebody is there.
type (
	// OpenTechnician is the gesture that asks for the PIN. It means something only while nobody is at the station.
	OpenTechnician struct{}
	// PINTyped is a PIN, in ASCII digits, which the receiver clears. Apply does not look at it.
	PINTyped struct{ PIN []byte }
)

// What becomes of a PIN.
type (
	// PINAllowed says that one may be tried.
	PINAllowed struct{}
	// PINRefused says that none may be tried yet, and that the one that was typed was not looked at; PINAllowed follows.
	PINRefused struct{}
	// PINWrong says that it is not the station's.
	PINWrong struct{}
	// PINRight says that it is.
	PINRight struct{}
)

// Answers of devices and of the link.
type (
	// Opened says that the station can serve; Shut that it cannot.
	Opened struct{}
	// Shut says that the station cannot serve any more; a running check-in ends first.
	Shut struct{}
	// MRZRead says that the MRZ is known.
	MRZRead struct{ Card bool }
	// PagesTaken says that the side that lies on the glass is pictured in every light that the imager has. For the
	// first side of a card it also says that the chip is done: turning the card over takes it from the field.
	PagesTaken struct{}
	// DocumentFailed ends a try to read the document.
	DocumentFailed struct{ Problem Problem }
	// ChipTorn says that the document was taken away while the chip was being read.
	ChipTorn struct{}
	// SeveralChips says that more than one document lies on the chip reader, and that none is read.
	SeveralChips struct{}
	// CANNeeded says that only the card access number can open the chip: it refused the key from the MRZ, or no MRZ could be
	// read. It stands for MRZRead or DocumentFailed until the number is tried: then one of those comes if the MRZ was not
	// read, else ChipDone. CANRefused comes before, and ChipTorn instead.
	CANNeeded struct{}
	// CANRefused says that the number did not open the chip; Last, that no other may be tried.
	CANRefused struct{ Last bool }
	// ChipDone says that the number was tried and the chip is read, as far as it can be.
	ChipDone struct{}
	// Verified says that the document is judged. StaffWillHelp is for a device that did not work, and never for what the
	// verdict is: a forger learns nothing.
	Verified struct{ StaffWillHelp bool }
	// PortraitTaken says that a picture with one face is there.
	PortraitTaken struct{}
	// PortraitFailed ends a try to take the portrait.
	PortraitFailed struct{ Problem Problem }
	// Writing says that the visitor is at it; it comes every few seconds at most.
	Writing struct{}
	// Signed says that the signature is there.
	Signed struct{}
	// SignatureFailed ends a try to sign.
	SignatureFailed struct{ Problem Problem }
	// Committed says that the check-in is in the journal, under this number. Acknowledged follows.
	Committed struct{ Number string }
	// CommitFailed says that it could not be kept.
	CommitFailed struct{}
	// Acknowledged says where to wait; Room is empty and Ahead -1 when the back office has not answered in time.
	Acknowledged struct {
		Room  string
		Ahead int
		Wait  Wait
	}
	// TicketPrinted and TicketFailed end the printing.
	TicketPrinted struct{}
	// TicketFailed says that the number is only on the screen.
	TicketFailed struct{}
	// SomethingLies says that a document lies on the glass or in the field. It means something only while [State.Watches].
	SomethingLies struct{}
	// NothingLies says that none does, or that nobody can tell: a sensor that is ill, or that there is none, keeps nobody waiting.
	NothingLies struct{}
	// TestBegins says that a technician wants to test the devices. It means something only between visitors, and where no document
	// lies that somebody is still asked for; and at Technician, which stays.
	TestBegins struct{}
	// TestEnds says that the devices are the station's again.
	TestEnds struct{}
	// TimeUp says that Patience has run out without an event.
	TimeUp struct{}
)

func (Start) event()           {}
func (ChooseLanguage) event()  {}
func (AcceptPrivacy) event()   {}
func (ChooseService) event()   {}
func (Next) event()            {}
func (Retry) event()           {}
func (Back) event()            {}
func (OpenHelp) event()        {}
func (PassOver) event()        {}
func (AskStaff) event()        {}
func (AnotherPerson) event()   {}
func (AnotherDocument) event() {}
func (Confirm) event()         {}
func (Leave) event()           {}
func (CANTyped) event()        {}
func (WithoutCAN) event()      {}
func (MoreTime) event()        {}
func (OpenTechnician) event()  {}
func (PINTyped) event()        {}
func (PINAllowed) event()      {}
func (PINRefused) event()      {}
func (PINWrong) event()        {}
func (PINRight) event()        {}
func (Opened) event()          {}
func (Shut) event()            {}
func (MRZRead) event()         {}
func (PagesTaken) event()      {}
func (DocumentFailed) event()  {}
func (ChipTorn) event()        {}
func (SeveralChips) event()    {}
func (CANNeeded) event()       {}
func (CANRefused) event()      {}
func (ChipDone) event()        {}
func (Verified) event()        {}
func (PortraitTaken) event()   {}
func (PortraitFailed) event()  {}
func (Writing) event()         {}
func (Signed) event()          {}
func (SignatureFailed) event() {}
func (Committed) event()       {}
func (CommitFailed) event()    {}
func (Acknowledged) event()    {}
func (TicketPrinted) event()   {}
func (TicketFailed) event()    {}
func (SomethingLies) event()   {}
func (NothingLies) event()     {}
func (TestBegins) event()      {}
func (TestEnds) event()        {}
func (TimeUp) event()          {}

// Effect is what the station has to do because of a transition.
type Effect string

// The effects. Each device effect ends in one of the events above, unless an effect that stops it comes first; after
// that none of its events may come.
const (
	ReadDocument    Effect = "read_document"    // MRZ, then pages and chip side by side, then the checks
	PictureSide     Effect = "picture_side"     // the other side of a card, in every light
	TryCAN          Effect = "try_can"          // open the chip by the number of the CANTyped that this answers
	SkipCAN         Effect = "skip_can"         // no number will come: go on without the chip
	TakePortrait    Effect = "take_portrait"    // preview, and a picture as soon as one face is there
	TakeSignature   Effect = "take_signature"   // ink on; ends at FinishSignature
	FinishSignature Effect = "finish_signature" // take what was signed
	StopStep        Effect = "stop_step"        // the device of the screen being left; reading the document goes on with the sides it has
	StopDocument    Effect = "stop_document"    // forget what was read of the last document, stop reading it
	TakeBack        Effect = "take_back"        // forget what the state has no more: the person, or the document, added last
	Forget          Effect = "forget"           // everything captured so far: another service may need less of it
	Commit          Effect = "commit"           // stop what still runs; seal, journal, number; then submit
	PrintTicket     Effect = "print_ticket"
	Clear           Effect = "clear"     // stop everything; wipe the screen, the buffers and the spool of this check-in
	AwaitPIN        Effect = "await_pin" // PINAllowed as soon as a PIN may be tried; if that is not now, PINRefused before
	CheckPIN        Effect = "check_pin" // of the PINTyped that this answers: PINRight, PINWrong or PINRefused
	StopPIN         Effect = "stop_pin"  // of both
)

// Patience is how long the visitor is waited for in this state before TimeUp; 0 is for ever. Anything that happens
// starts it anew. The figures are those of public terminals: 90 s, then 30 s of a countdown that a touch ends. A technician has
// half a minute for the PIN, also while it is checked, and then ten minutes, which a test suspends.
func Patience(s State) time.Duration {
	switch {
	case s.Screen == Tested && s.Looking: // a little longer than after a visitor: devices are being opened
		return 5 * time.Second
	case s.Screen == PIN:
		return 30 * time.Second
	case s.Screen == OutOfService, s.Screen == "", s.Screen == Greeting, s.Screen == Tested, s.Phase == Working:
		return 0
	case s.Screen == Technician:
		return 10 * time.Minute
	case s.Screen == TakeDocument && s.Language == "": // until it is gone
		return 0
	case s.Screen == Cleared:
		return 2 * time.Second
	case s.Countdown:
		return 30 * time.Second
	case s.Screen == Ticket, s.Screen == TakeDocument:
		return 30 * time.Second
	default:
		return 90 * time.Second
	}
}
