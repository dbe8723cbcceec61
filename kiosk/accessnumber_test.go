package kiosk

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
)

// cardAccess offers PACE-ECDH-GM with AES-128 on brainpoolP256r1, and nothing else (ICAO Doc 9303-11, 9.2.1).
var cardAccess = []byte{
	0x31, 0x14, 0x30, 0x12, 0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07,
	0x02, 0x02, 0x04, 0x02, 0x02, 0x02, 0x01, 0x02, 0x02, 0x01, 0x0D,
}

// denied is a chip that refuses what it was asked to open by, with a status word.
func denied(status uint16, cardAccess []byte) chipAnswer {
	a := chipAnswer{err: &emrtd.StatusError{Op: "open", Status: status, Err: emrtd.ErrAccessDenied}, closed: true}
	if cardAccess != nil {
		a.files = map[string][]byte{emrtd.FileCardAccess: slices.Clone(cardAccess)}
	}
	return a
}

// openedWith is a chip whose DG1 has a zone.
func openedWith(lines []string) chipAnswer {
	zone := strings.Join(lines, "")
	dg1 := append([]byte{0x61, byte(len(zone) + 3), 0x5F, 0x1F, byte(len(zone))}, zone...)
	return chipAnswer{files: map[string][]byte{emrtd.FileDG1: dg1}}
}

func (b *bed) typesCAN(number string) {
	b.t.Helper()
	b.shows(flow.AccessNumber, flow.Waiting)
	b.Send(flow.CANTyped{CAN: number})
}

func (b *bed) proveTried(numbers ...string) {
	b.t.Helper()
	if diff := cmp.Diff(numbers, b.field.tried()); diff != "" {
		b.t.Errorf("the chip was tried with other numbers (-want +got; empty is the key of the zone):\n%s", diff)
	}
}

// refusesItsZone has a passport laid down whose chip, which offers PACE, the key of its MRZ does not open.
func (b *bed) refusesItsZone() {
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- denied(0x6300, cardAccess)
}

func TestAChipThatRefusesTheKeyOfTheZoneOpensByTheNumberOnTheCard(t *testing.T) {
	for name, document := range map[string][]string{"a passport": passport, "a card": idCard} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, nil)
			b.begin(flow.StepDocument)
			b.layDown(document)
			b.field.answers <- denied(0x6300, cardAccess)
			b.field.answers <- openedWith(document)
			b.typesCAN("123456")
			if name == "a card" {
				b.shows(flow.TurnOver, flow.Waiting)
				b.Send(flow.Next{})
			}
			b.finish()
			b.proveTried("", "123456")
			if ev := b.seen[0]; ev.Chip != verify.ChipRead || ev.Files[emrtd.FileDG1] == nil || len(ev.MRZ) == 0 {
				t.Errorf("judged by a chip that was %s, %d files and the zone %q", ev.Chip, len(ev.Files), ev.MRZ)
			}
		})
	}
}

func TestAWrongNumberIsAskedForOnceMoreAndThenNeverAgain(t *testing.T) {
	b := newBed(t, nil)
	b.refusesItsZone()
	b.field.answers <- denied(0x63C5, cardAccess)
	b.field.answers <- denied(0x63C4, cardAccess)
	b.typesCAN("111111")
	v := b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.AccessNumber && s.Attempt == 2 })
	if v.State.Problem != flow.WrongNumber {
		t.Errorf("after the first number the visitor sees %+v", v.State)
	}
	b.Send(flow.CANTyped{CAN: "222222"})
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.Back{})
	b.shows(flow.Document, flow.Done)
	b.Send(flow.Retry{}) // laying the document down anew gives no more tries
	b.layDown(passport)
	b.field.answers <- denied(0x6300, cardAccess)
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Error("two wrong numbers are not staff's")
	}
	b.proveTried("", "111111", "222222", "")
	if got := b.seen[len(b.seen)-1].Chip; got != verify.ChipAccessDenied {
		t.Errorf("the chip was judged as %s", got)
	}
}

func TestAChipThatHasOneTryLeftIsNotAskedAgain(t *testing.T) {
	b := newBed(t, nil)
	b.refusesItsZone()
	b.field.answers <- denied(0x63C1, cardAccess)
	b.typesCAN("111111")
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Error("a chip that must not be tried any more is not staff's")
	}
	b.proveTried("", "111111")
}

func TestAVisitorWithoutTheNumberGoesOnWithoutTheChip(t *testing.T) {
	b := newBed(t, nil)
	b.refusesItsZone()
	b.shows(flow.AccessNumber, flow.Waiting)
	b.Send(flow.WithoutCAN{})
	b.finish()
	b.proveTried("")
	if ev := b.seen[0]; ev.Chip != verify.ChipAccessDenied || ev.Files[emrtd.FileCardAccess] == nil {
		t.Errorf("judged by a chip that was %s with the files %v", ev.Chip, ev.Files)
	}
}

// refused is a chip that does not open, and has tested nothing.
func refused(status uint16) chipAnswer {
	a := denied(status, cardAccess)
	a.err = &emrtd.StatusError{Op: "open", Status: status, Err: emrtd.ErrRefused}
	return a
}

func TestAChipThatTestedNoKeyMayBeOpenedByTheNumberAndIsNoSuspect(t *testing.T) {
	for name, c := range map[string]struct {
		numbers []string
		answers []chipAnswer
		want    verify.ChipOutcome
	}{
		"by the number":      {[]string{"123456"}, []chipAnswer{openedWith(passport)}, verify.ChipRead},
		"without the number": {nil, nil, verify.ChipRefused},
		"by a wrong number":  {[]string{"111111", "222222"}, []chipAnswer{denied(0x63C5, cardAccess), denied(0x63C4, cardAccess)}, verify.ChipRefused},
		"refused once more":  {[]string{"111111", "222222"}, []chipAnswer{refused(0x6985), refused(0x6985)}, verify.ChipRefused},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, nil)
			b.begin(flow.StepDocument)
			b.layDown(passport)
			b.field.answers <- refused(0x6985)
			for _, answer := range c.answers {
				b.field.answers <- answer
			}
			for i, number := range c.numbers {
				b.showsThat("the number is asked for", func(s flow.State) bool {
					return s.Screen == flow.AccessNumber && s.Attempt == i+1
				})
				b.Send(flow.CANTyped{CAN: number})
			}
			if len(c.numbers) == 0 {
				b.shows(flow.AccessNumber, flow.Waiting)
				b.Send(flow.WithoutCAN{})
			}
			b.finish()
			b.proveTried(append([]string{""}, c.numbers...)...)
			if got := b.seen[0].Chip; got != c.want {
				t.Errorf("judged by a chip that was %s, want %s", got, c.want)
			}
		})
	}
}

func TestAChipWithoutPACEIsNotAskedForByItsNumber(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- denied(0x6300, nil)
	b.finish()
	b.proveTried("")
}

func TestADocumentThatIsGoneWhenItsNumberIsTypedIsAskedForAgain(t *testing.T) {
	b := newBed(t, nil)
	b.refusesItsZone()
	b.shows(flow.AccessNumber, flow.Waiting)
	b.field.lies(false)
	b.typesCAN("123456")
	if v := b.shows(flow.Document, flow.Waiting); v.State.Problem != flow.DocumentMoved {
		t.Errorf("the visitor sees %+v", v.State)
	}
	b.field.lies(true)
	b.layDown(passport)
	b.field.answers <- wholeChip
	b.finish()
	b.proveTried("", "")
}

func TestADocumentThatIsLiftedToFindItsNumberAndLaidBackIsRead(t *testing.T) {
	b := newBed(t, nil)
	b.refusesItsZone()
	b.shows(flow.AccessNumber, flow.Waiting)
	b.field.lies(false)
	b.field.lies(true)
	b.field.answers <- openedWith(passport)
	b.typesCAN("123456")
	b.finish()
	b.proveTried("", "123456")
}

func TestADocumentWhoseZoneCannotBeReadIsKnownByItsChip(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown([]string{"???"})
	b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
	b.layDown([]string{"???"})
	b.field.answers <- openedWith(passport)
	b.typesCAN("123456")
	if v := b.shows(flow.Review, flow.Waiting); v.Review.Persons[0].Surname != "ERIKSSON" || v.Review.Persons[0].Documents[0].Number != "L898902C3" {
		t.Errorf("the review shows %+v", v.Review)
	}
	b.finish()
	b.proveTried("123456")
	if ev := b.seen[0]; ev.MRZ != nil || ev.Chip != verify.ChipRead || len(ev.Pages) != 3 {
		t.Errorf("judged by the zone %q, a chip that was %s and %d pages", ev.MRZ, ev.Chip, len(ev.Pages))
	}
	r := b.office.received(t, 0)
	if p := r.record.GetPersons()[0]; p.GetSurname() != "ERIKSSON" || p.GetBirthDate() != "1974-08-12" {
		t.Errorf("the person is %v", p)
	}
	d := r.record.GetDocuments()[0]
	if d.GetDocumentNumber() != "L898902C3" || len(d.GetMrz()) != 0 || d.GetValidity() != "valid" {
		t.Errorf("the document is %v", d)
	}
	for _, check := range d.GetChecks() {
		if check.GetId() == "mrz.check_digits" && check.GetResult() != "not_performed" {
			t.Errorf("the zone that nobody read is %s", check.GetResult())
		}
	}
}

func TestACardWhoseZoneDoesNotComeIntoSightLiesOnItsFrontAndMayShowItWhenTurned(t *testing.T) {
	for name, test := range map[string]struct {
		onBack []ocr.Reading
		zone   []string
	}{
		"it does":     {[]ocr.Reading{{Reason: ocr.NothingFound}, {Found: true, Sure: true, Lines: idCard}}, idCard},
		"it does not": {slices.Repeat([]ocr.Reading{{Found: true, Lines: idCard}}, 3), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var told []verify.Evidence
			b := newBed(t, func(b *bed, c *Config) {
				b.swipeless, c.Inspection.Timings.Document = true, 10*time.Millisecond
				c.Inspection.Examiners[ofChip].Examine = func(_ context.Context, ev verify.Evidence) []verify.Check {
					told = append(told, ev)
					return nil
				}
			})
			b.begin(flow.StepDocument)
			b.field.answers <- openedWith(idCard)
			b.typesCAN("123456")
			b.shows(flow.TurnOver, flow.Waiting)
			b.Send(flow.Next{})
			for _, reading := range test.onBack {
				b.page <- reading
			}
			b.finish()
			var sides []verify.Side
			for _, page := range b.seen[0].Pages {
				sides = append(sides, page.Side)
			}
			want := slices.Concat(slices.Repeat([]verify.Side{verify.Front}, 3), slices.Repeat([]verify.Side{verify.Back}, 3))
			if !slices.Equal(sides, want) {
				t.Errorf("the pictures are of %v", sides)
			}
			if len(told) != 1 || !slices.Equal(told[0].MRZ, test.zone) || !slices.Equal(b.seen[0].MRZ, test.zone) {
				t.Errorf("the zone is %q, and the checks of the chip were told %v", b.seen[0].MRZ, told)
			}
		})
	}
}

func TestTheNumberOnThePageIsTriedBeforeTheVisitorIsAsked(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.print.numbers = []string{"604317", "604317"} })
	b.refusesItsZone()
	b.field.answers <- openedWith(passport)
	b.finish()
	b.neverAsked()
	b.proveTried("", "604317")
	if got := b.seen[0].Chip; got != verify.ChipRead {
		t.Errorf("judged by a chip that was %s", got)
	}
	if text := b.log.String(); strings.Contains(text, "604317") {
		t.Errorf("the number was logged:\n%s", text)
	}
}

// neverAsked proves that no screen asked for the number.
func (b *bed) neverAsked() {
	b.t.Helper()
	b.screen.mu.Lock()
	defer b.screen.mu.Unlock()
	for _, v := range b.screen.views {
		if v.State.Screen == flow.AccessNumber {
			b.t.Errorf("the visitor was asked for the number: %+v", v.State)
		}
	}
}

func TestANumberOnThePageThatIsRefusedIsOneOfTheTwoTries(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.print.numbers = []string{"", "251173"} })
	b.refusesItsZone()
	b.field.answers <- denied(0x63C5, cardAccess)
	b.field.answers <- denied(0x63C4, cardAccess)
	b.typesCAN("111111")
	if v := b.finish(); !v.State.StaffWillHelp {
		t.Error("two wrong numbers are not staff's")
	}
	b.proveTried("", "251173", "111111")
}

func TestANumberOnThePageThatWasRefusedIsNotTriedAgain(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.print.numbers = slices.Repeat([]string{"251173"}, 4) })
	b.refusesItsZone()
	b.field.answers <- denied(0x63C5, cardAccess)
	b.shows(flow.AccessNumber, flow.Waiting)
	b.field.lies(false)
	b.typesCAN("604317")
	b.shows(flow.Document, flow.Waiting)
	b.field.lies(true)
	b.layDown(passport)
	b.field.answers <- denied(0x6300, cardAccess)
	b.field.answers <- openedWith(passport)
	b.typesCAN("604317")
	b.finish()
	b.proveTried("", "251173", "", "604317")
}

func TestAChipThatHasOneTryLeftAfterTheNumberOnThePageIsNotAskedFor(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.print.numbers = []string{"251173"} })
	b.refusesItsZone()
	b.field.answers <- denied(0x63C1, cardAccess)
	b.finish()
	b.neverAsked()
	b.proveTried("", "251173")
	if got := b.seen[0].Chip; got != verify.ChipAccessDenied {
		t.Errorf("judged by a chip that was %s", got)
	}
}

func TestPagesThatShowTwoNumbersShowNone(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.print.numbers = []string{"251173", "604317"} })
	b.refusesItsZone()
	b.field.answers <- openedWith(passport)
	b.typesCAN("604317")
	b.finish()
	b.proveTried("", "604317")
}

func TestPagesAreNotLookedThroughForANumberThatNobodyNeeds(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- wholeChip
	b.finish()
	if b.print.seen != 0 {
		t.Errorf("%d pictures were looked through", b.print.seen)
	}
}

func TestACardOnItsFrontIsOpenedByTheNumberThatIsSeenThere(t *testing.T) {
	b := newBed(t, func(b *bed, c *Config) {
		b.swipeless, c.Inspection.Timings.Document = true, 10*time.Millisecond
		b.print.numbers = []string{"604317"}
	})
	b.begin(flow.StepDocument)
	b.field.answers <- openedWith(idCard)
	b.shows(flow.TurnOver, flow.Waiting)
	b.Send(flow.Next{})
	b.page <- ocr.Reading{Found: true, Sure: true, Lines: idCard}
	b.finish()
	b.neverAsked()
	b.proveTried("604317")
	if b.print.seen != 2 {
		t.Errorf("%d pictures were looked through, want one in each light but the ultraviolet", b.print.seen)
	}
}

func TestADocumentWhoseZoneCannotBeReadIsStaffsWithoutItsNumber(t *testing.T) {
	for name, touch := range map[string]flow.Event{"none": flow.WithoutCAN{}, "wrong": flow.CANTyped{CAN: "111111"}} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, nil)
			b.begin(flow.StepDocument)
			b.layDown([]string{"???"})
			b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
			b.layDown([]string{"???"})
			b.shows(flow.AccessNumber, flow.Waiting)
			b.field.answers <- denied(0x63C1, cardAccess)
			b.Send(touch)
			if v := b.shows(flow.Document, flow.Done); v.State.Problem != flow.WaitingForStaff {
				t.Errorf("the visitor sees %+v", v.State)
			}
			b.Send(flow.Next{})
			b.finish()
			if r := b.office.received(t, 0); len(r.record.GetDocuments())+len(r.record.GetPersons())+len(r.files) != 0 {
				t.Errorf("the office got %v", r.record)
			}
		})
	}
}

func TestADocumentWithoutAReadableZoneIsNotAskedForANumberThatItsChipDoesNotTake(t *testing.T) {
	for name, lies := range map[string]devices.Chip{
		"Basic Access Control alone": paperChip{},
		"an unknown way in":          paperChip{cardAccess: []byte{0x31, 0}},
		"torn away":                  tornChip{},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, _ *Config) { b.field.chip = lies })
			b.begin(flow.StepDocument)
			b.layDown([]string{"???"})
			b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
			b.layDown([]string{"???"})
			if v := b.shows(flow.Document, flow.Done); v.State.Problem != flow.WaitingForStaff {
				t.Errorf("the visitor sees %+v", v.State)
			}
			if tried := b.field.tried(); tried != nil {
				t.Errorf("the chip was opened by %q", tried)
			}
		})
	}
}

func TestTheNumberReachesNeitherTheLogNorTheScreenNorTheOffice(t *testing.T) {
	b := newBed(t, nil)
	b.refusesItsZone()
	silent := &devices.Error{Kind: devices.KindChipReader, Op: "transmit", Err: devices.ErrTimeout}
	b.field.answers <- chipAnswer{files: map[string][]byte{}, err: silent}
	b.typesCAN("918273")
	b.finish()
	r := b.office.received(t, 0)
	b.gone()
	if text := b.log.String() + r.record.String() + r.request.String(); strings.Contains(text, "918273") {
		t.Errorf("the number was kept:\n%s", text)
	}
}
