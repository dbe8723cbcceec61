package kiosk

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify"
)

// The specimens of ICAO Doc 9303-4 and 9303-5.
var (
	passport = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	idCard   = []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	altered  = []string{passport[0], "L898902C36UTO7408122F1304159ZE184226B<<<<<10"}
)

var wholeChip = chipAnswer{files: map[string][]byte{}}

func chipWith(names ...string) chipAnswer {
	a := chipAnswer{files: map[string][]byte{}}
	for _, name := range names {
		a.files[name] = []byte("the file " + name)
	}
	return a
}

func (b *bed) layDown(lines []string) { b.glass.documents <- lines }

// sign waits until the whole signature is on the screen.
func (b *bed) sign() {
	b.t.Helper()
	b.until("ink", func() bool { _, ink := b.screen.counts(); return ink >= 50 })
}

func TestAWholeCheckInReachesTheOfficeWithEverythingThatWasCaptured(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument, flow.StepPortrait, flow.StepSignature)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(passport)
	b.field.answers <- chipWith("EF.COM", "EF.SOD", "DG1", "DG2")
	if v := b.shows(flow.Portrait, flow.Done); v.Review.Persons[0].Portrait == nil || v.Review.Persons[0].Surname != "" {
		t.Errorf("the portrait screen has %+v", v.Review)
	}
	b.Send(flow.Next{})
	b.shows(flow.Signature, flow.Waiting)
	b.sign()
	b.Send(flow.Next{})
	v := b.shows(flow.Review, flow.Waiting)
	got := v.Review.Persons[0]
	want := ReviewPerson{Surname: "ERIKSSON", GivenNames: "ANNA MARIA", BirthDate: "1974-08-12", Nationality: "UTO",
		Documents: []ReviewDocument{{"L898902C3", "2012-04-15"}}, Portrait: got.Portrait, Signature: got.Signature}
	if !reflect.DeepEqual(got, want) || got.Portrait == nil || got.Signature == nil {
		t.Errorf("the review shows %+v", v.Review)
	}
	ticket := b.finish()
	if ticket.State.Number != "A-1" || ticket.State.Room != "12" || !ticket.State.Printed {
		t.Errorf("the ticket shows %+v", ticket.State)
	}
	if got := b.ticket(); got != (TicketData{Number: "A-1", Room: "12", Lobby: "Lobby", Ahead: 2, Wait: flow.Wait{From: 5, Until: 20}, Language: "uk", Office: "Mitte", Time: today}) {
		t.Errorf("the printed ticket says %+v", got)
	}
	b.proveReceived(b.office.received(t, 0))
}

func (b *bed) proveReceived(r received) {
	t := b.t
	t.Helper()
	if r.request.GetServiceId() != "permit" || r.request.GetLanguage() != "uk" || r.request.GetTicket() != "A-1" {
		t.Errorf("the office got %v", r.request)
	}
	names := []string{"chip-DG1", "chip-DG2", "chip-EF.COM", "chip-EF.SOD", "page-1-infrared", "page-1-ultraviolet", "page-1-visible",
		"portrait", "signature", "signature-samples"}
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(r.files))); diff != "" {
		t.Error(diff)
	}
	if page, err := png.Decode(bytes.NewReader(r.files["page-1-infrared"])); err != nil || page.Bounds() != image.Rect(0, 0, 40, 30) {
		t.Errorf("the page is no picture: %v", err)
	}
	if face, err := jpeg.Decode(bytes.NewReader(r.files["portrait"])); err != nil || face.Bounds().Dx()*4 != face.Bounds().Dy()*3 {
		t.Errorf("the portrait is no 3:4 picture: %v", err)
	}
	if signature, err := png.Decode(bytes.NewReader(r.files["signature"])); err != nil || signature.(*image.Gray).GrayAt(50, 30).Y != 0 {
		t.Errorf("the signature's line is not where the pen was: %v", err)
	}
	if !strings.Contains(string(r.files["signature-samples"]), `[20,300,500,1,5]`) {
		t.Errorf("samples are %s", r.files["signature-samples"])
	}
	if string(r.files["chip-DG1"]) != "the file DG1" {
		t.Errorf("DG1 is %q", r.files["chip-DG1"])
	}
	d := r.record.GetDocuments()[0]
	results := map[string]string{}
	for _, c := range d.GetChecks() {
		results[c.GetId()] = c.GetResult()
	}
	if results["mrz.check_digits"] != "passed" || results["person.face_found"] != "passed" || results["chip.pa.chain"] != "not_performed" {
		t.Errorf("checks are %v", results)
	}
	if d.GetVerdict() != "unverified" || d.GetValidity() != "valid" || d.GetDocumentNumber() != "L898902C3" || len(d.GetMrz()) != 2 {
		t.Errorf("the document is %v", d)
	}
	if p := r.record.GetPersons()[0]; p.GetSurname() != "ERIKSSON" || p.GetSex() != "F" {
		t.Errorf("the person is %v", p)
	}
}

func TestACardIsTurnedOverAndBothSidesAreJudged(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(idCard)
	b.field.answers <- chipWith("DG1")
	b.shows(flow.TurnOver, flow.Waiting)
	b.Send(flow.Next{})
	b.finish()
	r := b.office.received(t, 0)
	sides := map[string]string{}
	for _, f := range r.record.GetFiles() {
		sides[f.GetName()] = f.GetSide()
	}
	if sides["page-2-visible"] != "back" || sides["page-1-visible"] != "front" {
		t.Errorf("sides are %v", sides)
	}
	if pages := b.seen[0].Pages; len(pages) != 6 {
		t.Errorf("%d pages were judged, want 6", len(pages))
	}
}

func TestACardWhoseOtherSideStaysAwayIsJudgedByOne(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(idCard)
	b.field.answers <- wholeChip
	b.shows(flow.TurnOver, flow.Waiting)
	b.Send(flow.PassOver{})
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Error("the ticket does not say that staff will help")
	}
	if pages := b.seen[0].Pages; len(pages) != 3 {
		t.Errorf("%d pages were judged, want 3", len(pages))
	}
}

func TestNoPassportEndsAtStaffAfterTwoTries(t *testing.T) {
	for name, test := range map[string]struct {
		swipeless bool
		told      flow.Problem
	}{
		"with a document reader":   {false, flow.NoDocument},
		"with a page imager alone": {true, flow.NoMRZ}, // the wrong side of a card looks the same
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, c *Config) {
				b.swipeless, c.Inspection.Timings.Document = test.swipeless, 10*time.Millisecond
				b.field.lies(false)
			})
			b.begin(flow.StepDocument)
			b.shows(flow.Document, flow.Done)
			var problems []flow.Problem
			b.screen.mu.Lock()
			for _, v := range b.screen.views {
				if v.State.Screen == flow.Document {
					problems = append(problems, v.State.Problem)
				}
			}
			b.screen.mu.Unlock()
			if diff := cmp.Diff([]flow.Problem{flow.NoProblem, test.told, flow.WaitingForStaff}, problems); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAChipTornAwayIsAskedForAfterTheStepAndThenIsJudgedAsItIs(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.camera.see() })
	b.begin(flow.StepDocument, flow.StepPortrait)
	b.layDown(passport)
	b.shows(flow.Portrait, flow.Waiting)
	taken := torn
	taken.leaves = true
	b.field.answers <- taken
	b.showsThat("the redo", func(s flow.State) bool { return s.Document().Redo })
	b.camera.see(oneFace)
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	if v := b.shows(flow.Document, flow.Waiting); v.State.Problem != flow.DocumentMoved {
		t.Errorf("the visitor sees %+v", v.State)
	}
	b.field.lies(true)
	b.layDown(passport)
	b.field.answers <- taken
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Error("a chip torn away twice is not staff's")
	}
	if got := b.seen[0].Chip; got != verify.ChipTorn {
		t.Errorf("the chip was judged as %s", got)
	}
}

func TestAnEmptySignatureIsAskedForOnceMore(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.pad.hand = false })
	b.begin(flow.StepSignature)
	b.shows(flow.Signature, flow.Waiting)
	b.Send(flow.Next{})
	b.showsThat("a second try", func(s flow.State) bool { return s.Attempt == 2 && s.Problem == flow.NoInk })
	b.until("the pad asking again", func() bool { return b.taken()[1] == 2 })
	b.pad.mu.Lock()
	b.pad.hand = true
	b.pad.mu.Unlock()
	b.Send(flow.Retry{})
	b.sign()
	b.Send(flow.Next{})
	b.finish()
	if r := b.office.received(t, 0); r.files["signature"] == nil {
		t.Error("the signature did not arrive")
	}
}

func TestNobodyBeforeTheCameraEndsAtStaffAfterTwoTries(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) { b.camera.see(oneFace, oneFace); c.Timings.Portrait = 20 * time.Millisecond })
	b.begin(flow.StepPortrait)
	if v := b.shows(flow.Portrait, flow.Done); v.State.Problem != flow.WaitingForStaff || !v.State.StaffWillHelp {
		t.Errorf("the visitor sees %+v", v.State)
	}
}

func TestAPrinterOutOfPaperLeavesTheNumberOnTheScreen(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.printer.failure = devices.ErrPaperOut })
	b.begin()
	if v := b.finish(); v.State.Problem != flow.NotPrinted || v.State.Number != "A-1" || v.State.Printed {
		t.Errorf("the ticket shows %+v", v.State)
	}
}

func TestAPrinterThatIsMissingLeavesTheNumberOnTheScreenAndTheNextVisitorCanCome(t *testing.T) {
	tests := map[string]struct{ before, meanwhile func(*bed) }{
		"never there": {func(b *bed) { b.printer.pull() }, func(*bed) {}},
		"pulled out":  {func(*bed) {}, func(b *bed) { b.printer.pull() }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { test.before(b) })
			b.begin()
			test.meanwhile(b)
			if v := b.finish(); v.State.Problem != flow.NotPrinted || v.State.Number != "A-1" || v.State.Printed {
				t.Errorf("the ticket shows %+v", v.State)
			}
			b.gone()
		})
	}
}

func TestAJournalThatFailsMidCheckInEndsAtStaffWithoutANumber(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepPortrait, flow.StepSignature)
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.sign()
	b.journal.Close()
	b.Send(flow.Next{})
	if v := b.shows(flow.Signature, flow.Done); v.State.Problem != flow.DeviceMissing {
		t.Errorf("the visitor sees %+v", v.State)
	}
	b.Send(flow.Next{})
	if v := b.finish(); v.State.Problem != flow.NotSaved || v.State.Number != "" || !v.State.StaffWillHelp {
		t.Errorf("the ticket shows %+v", v.State)
	}
	b.Send(flow.Next{})
	b.shows(flow.OutOfService, "")
}

func TestAStationThatIsToldToEndMidCheckInKeepsNothingOfTheVisitor(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.camera.see() })
	b.begin(flow.StepDocument, flow.StepPortrait)
	b.layDown(passport)
	b.shows(flow.Portrait, flow.Waiting)
	b.until("the pages in the spool", func() bool { return b.spool() == 3 })
	b.stop()
	v, _ := b.screen.latest()
	if v.State.Screen != flow.OutOfService || len(v.Review.Persons) > 0 {
		t.Errorf("the screen shows %+v, %+v", v.State, v.Review)
	}
	if n := b.spool(); n != 0 {
		t.Errorf("%d files of the visitor are still in the spool", n)
	}
	for i, picture := range b.imager.pictures {
		if slices.ContainsFunc(picture.Pix, func(v byte) bool { return v != 0 }) {
			t.Errorf("page picture %d is still in memory", i)
		}
	}
}

func TestAStationThatIsCutOffGivesALeasedNumberAndTheLobby(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) { c.Timings.Answer = 20 * time.Millisecond })
	b.begin()
	b.office.setAway(true)
	v := b.finish()
	if v.State.Number != "A-1" || v.State.Room != "" || v.State.Ahead != -1 {
		t.Errorf("the ticket shows %+v", v.State)
	}
	if got := b.ticket(); got.Room != "" || got.Lobby != "Lobby" {
		t.Errorf("the printed ticket says %+v", got)
	}
	b.office.setAway(false)
	b.until("the check-in", func() bool { return len(b.office.submitted()) == 1 })
	if r := b.office.received(t, 0); r.request.GetTicket() != "A-1" {
		t.Errorf("the office got %v", r.request)
	}
}

func TestAStationWithoutAnOfficeIsOutOfServiceUntilThereIsOne(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.office.setAway(true) })
	b.shows(flow.OutOfService, "")
	b.Send(flow.Start{})
	b.office.setAway(false)
	b.shows(flow.Greeting, "")
	if s := b.Status(t.Context()); !s.GetInService() || !s.GetLinked() || s.GetNumbersLeft() != 100 || len(s.GetDevices()) != 6 || s.GetDevices()[0].GetState() != "online" {
		t.Errorf("status is %v", s)
	}
}

func TestDecliningThePrivacyNoticeGivesATicketAndTakesNoData(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	b.Send(flow.Start{})
	b.Send(flow.ChooseLanguage{Tag: "de"})
	b.Send(flow.AskStaff{})
	if v := b.shows(flow.Ticket, flow.Done); v.State.Number != "A-1" || !v.State.StaffWillHelp {
		t.Errorf("the ticket shows %+v", v.State)
	}
	r := b.office.received(t, 0)
	if len(r.record.GetPersons())+len(r.record.GetDocuments())+len(r.record.GetFiles()) != 0 || r.request.GetServiceId() != "" {
		t.Errorf("the office got %v, %v", r.request, r.record)
	}
}

func TestOfTheFirstVisitorNothingIsLeftForTheSecond(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument, flow.StepPortrait, flow.StepSignature)
	b.layDown(passport)
	b.field.answers <- chipWith("DG1")
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.sign()
	b.Send(flow.Next{})
	b.finish()
	b.gone()
	for i, picture := range b.imager.pictures {
		if slices.ContainsFunc(picture.Pix, func(v byte) bool { return v != 0 }) {
			t.Errorf("page picture %d is still in memory", i)
		}
	}
	for _, file := range b.field.files {
		if !bytes.Equal(file, make([]byte, len(file))) {
			t.Error("a chip file is still in memory")
		}
	}
	if b.screen.overlaps != 0 {
		t.Errorf("the display was called %d times by two goroutines at once", b.screen.overlaps)
	}
	b.begin()
	v := b.shows(flow.Review, flow.Waiting)
	if !reflect.DeepEqual(v.Review, ReviewData{}) || len(v.State.Documents) > 0 || v.State.Person() != (flow.PersonState{}) {
		t.Errorf("the second visitor sees %+v, %+v", v.State, v.Review)
	}
	if v := b.finish(); v.State.Number != "A-2" {
		t.Errorf("the second visitor's number is %s", v.State.Number)
	}
	if r := b.office.received(t, 1); len(r.record.GetPersons())+len(r.files) != 0 {
		t.Errorf("the second check-in holds %v", r.record)
	}
	if text := b.log.String(); strings.Contains(text, "ERIKSSON") || strings.Contains(text, "L898902C") {
		t.Errorf("the log holds personal data:\n%s", text)
	}
}

func TestLeavingStopsTheCameraAndWipesTheSpool(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.camera.see() })
	b.begin(flow.StepDocument, flow.StepPortrait)
	b.layDown(passport)
	b.shows(flow.Portrait, flow.Waiting)
	b.until("a preview", func() bool { previews, _ := b.screen.counts(); return previews > 0 })
	b.until("the pages in the spool", func() bool { return b.spool() == 3 })
	b.Send(flow.Leave{})
	b.shows(flow.Greeting, "")
	if n := b.spool(); n != 0 {
		t.Errorf("%d files of the visitor who left are still there", n)
	}
	if previews, _ := b.screen.counts(); previews != 0 {
		t.Errorf("%d frames were shown at the greeting", previews)
	}
	b.camera.see(oneFace)
	b.layDown(passport)
	b.begin(flow.StepDocument)
	b.field.answers <- wholeChip
	b.finish()
	if r := b.office.received(t, 0); r.files["portrait"] != nil {
		t.Error("a file of the first visitor came with the second")
	}
}

func TestAVisitorWhoDoesNotMoveIsAskedAndThenCleared(t *testing.T) {
	b := newBed(t, func(_ *bed, c *Config) {
		c.Patience = func(s flow.State) time.Duration {
			if flow.Patience(s) == 0 {
				return 0
			}
			return 5 * time.Millisecond
		}
	})
	b.shows(flow.Greeting, "")
	b.Send(flow.Start{})
	v := b.showsThat("the countdown", func(s flow.State) bool { return s.Countdown })
	if v.Until != today.Add(5*time.Millisecond) {
		t.Errorf("the countdown ends at %v", v.Until)
	}
	b.shows(flow.Greeting, "")
}

func TestAnotherServiceBeginsWithNothingOfTheFirst(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- wholeChip
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.Back{})
	b.shows(flow.Document, flow.Done)
	b.Send(flow.Back{})
	b.shows(flow.ServiceMenu, "")
	b.Send(flow.ChooseService{Service: flow.Service{ID: "permit"}})
	b.finish()
	if r := b.office.received(t, 0); len(r.record.GetPersons())+len(r.files) != 0 {
		t.Errorf("the office got %v", r.record)
	}
}
