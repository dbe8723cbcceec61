package ui

import (
	"image"
	"image/color"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/goldentest"
)

// tap touches a control by its published place, as a finger would.
func (s *station) tap(t *testing.T, id string) {
	t.Helper()
	for _, f := range s.screen.Focus {
		if f.ID != id {
			continue
		}
		middle := f.Area.Min.Add(f.Area.Size().Div(2))
		scale := s.Window().Canvas().Scale()
		test.TapCanvas(s.Window().Canvas(), fyne.NewPos(float32(middle.X)/scale, float32(middle.Y)/scale))
		return
	}
	t.Fatalf("no control %s among %v", id, s.screen.Focus)
}

func TestEveryControlSendsWhatItMeans(t *testing.T) {
	for _, c := range []struct {
		sample, id string
		want       flow.Event
	}{
		{"greeting", "start", flow.Start{}},
		{"greeting", "help", flow.OpenHelp{}},
		{"language", "language.de", flow.ChooseLanguage{Tag: "de"}},
		{"language", "language.uk", flow.ChooseLanguage{Tag: "uk"}},
		{"language", "back", flow.Back{}},
		{"privacy", "privacy.accept", flow.AcceptPrivacy{}},
		{"privacy", "privacy.staff", flow.AskStaff{}},
		{"service", "service.residence-permit", flow.ChooseService{Service: permit}},
		{"service", "service.collect-card", flow.ChooseService{Service: pickUp}},
		{"service", "service.appointment", flow.ChooseService{Service: visit}},
		{"service_none", "staff", flow.AskStaff{}},
		{"document", "staff", flow.PassOver{}},
		{"document", "back", flow.Back{}},
		{"document_done", "next", flow.Next{}},
		{"document_done", "retry", flow.Retry{}},
		{"document_staff", "next", flow.Next{}},
		{"turn_over", "next", flow.Next{}},
		{"turn_over", "staff", flow.PassOver{}},
		{"access_number", "access_number.without", flow.WithoutCAN{}},
		{"access_number", "back", flow.Back{}},
		{"access_number_typed", "access_number.done", flow.CANTyped{CAN: "938147"}},
		{"portrait", "staff", flow.PassOver{}},
		{"portrait_done", "next", flow.Next{}},
		{"portrait_done", "retry", flow.Retry{}},
		{"portrait_staff", "next", flow.Next{}},
		{"signature", "next", flow.Next{}},
		{"signature", "retry", flow.Retry{}},
		{"signature", "staff", flow.PassOver{}},
		{"review", "confirm", flow.Confirm{}},
		{"ticket_room", "leave", flow.Leave{}},
		{"ticket_not_saved", "leave", flow.Leave{}},
		{"help_document", "help.continue", flow.Back{}},
		{"help_document", "help.staff", flow.AskStaff{}},
		{"help_document", "leave", flow.Leave{}},
		{"pin", "pin.7", flow.MoreTime{}},
		{"pin_typed", "pin.done", flow.PINTyped{PIN: []byte("4802937")}},
		{"pin_typed", "back", flow.Back{}},
		{"pin", "language.en", flow.ChooseLanguage{Tag: "en"}},
		{"technician", "leave", flow.Leave{}},
		{"countdown", "more_time", flow.MoreTime{}},
		{"countdown", "leave", flow.Leave{}},
	} {
		for _, language := range []string{"de", "ar"} {
			t.Run(c.sample+"/"+c.id+"/"+language, func(t *testing.T) {
				s := newStation(t, 1)
				s.show(named(t, c.sample), language)
				s.tap(t, c.id)
				if diff := cmp.Diff([]flow.Event{c.want}, s.sent); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestATouchBesideTheCountdownMeansThatSomebodyIsThere(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "countdown"), "de")
	test.TapCanvas(s.Window().Canvas(), fyne.NewPos(500, 1850)) // the footer's buttons lie under the veil
	if diff := cmp.Diff([]flow.Event{flow.MoreTime{}}, s.sent); diff != "" {
		t.Error(diff)
	}
}

func TestATremblingHandTouchesOnce(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "greeting"), "de")
	s.tap(t, "start")
	s.clock = s.clock.Add(doubleStrike - time.Millisecond)
	s.tap(t, "start")
	if len(s.sent) != 1 {
		t.Errorf("two strikes within half a second sent %v", s.sent)
	}
	s.clock = s.clock.Add(time.Millisecond)
	s.tap(t, "start")
	if len(s.sent) != 2 {
		t.Errorf("a second touch later sent %v", s.sent)
	}
}

func TestAControlThatIsNotEnabledSendsNothing(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "review_long"), "de")
	s.tap(t, "confirm")
	if len(s.sent) > 0 {
		t.Errorf("sent %v", s.sent)
	}
	for _, f := range s.screen.Focus {
		if f.Enabled == (f.ID == "confirm") {
			t.Errorf("%s: enabled is %v", f.ID, f.Enabled)
		}
	}
}

func TestTheKeyboardReachesEveryControl(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "privacy"), "de")
	s.Window().Canvas().FocusNext()
	s.Window().Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if diff := cmp.Diff([]flow.Event{flow.AcceptPrivacy{}}, s.sent); diff != "" {
		t.Error(diff)
	}
}

func TestALongMenuIsTurnedLikePages(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "service_many"), "de")
	seen := map[string]bool{}
	for range 3 { // nine services, three to the page
		for _, f := range s.screen.Focus {
			seen[f.ID] = true
		}
		s.tap(t, "service.more")
	}
	for _, service := range named(t, "service_many").in("de").Office.Services {
		if !seen["service."+service.ID] {
			t.Errorf("%s is on no page", service.ID)
		}
	}
	if len(s.sent) > 0 {
		t.Errorf("turning the page sent %v", s.sent)
	}
}

func TestTheFocusListSaysWhatIsShown(t *testing.T) {
	s := newStation(t, 0.5)
	s.show(named(t, "document_unreadable"), "ar")
	if s.screen.Name != "document" || s.screen.Language != "ar" || s.screen.Attempt != 2 {
		t.Errorf("published %+v", s.screen)
	}
	var ids []string
	for _, f := range s.screen.Focus {
		ids = append(ids, f.ID)
		if f.Role != "button" || !f.Area.In(image.Rect(0, 0, 540, 960)) {
			t.Errorf("published %+v", f)
		}
	}
	if diff := cmp.Diff([]string{"staff", "back", "help"}, ids); diff != "" {
		t.Errorf("not in reading order:\n%s", diff)
	}
}

func TestTheCountdownCounts(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "countdown"), "en")
	said := func() (found []string) {
		walk(s.root.Objects[1], fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			if p, ok := o.(*paragraph); ok {
				found = append(found, p.content)
			}
		})
		return found
	}
	if got := said()[1]; got != "This screen will be cleared in 23 seconds." {
		t.Error(got)
	}
	s.clock = s.clock.Add(22*time.Second + time.Millisecond)
	s.tick()
	if got := said()[1]; got != "This screen will be cleared in 1 second." {
		t.Error(got)
	}
	later := s.Window().Canvas().Capture()
	fresh := newStation(t, 1)
	fresh.clock = s.clock
	fresh.show(named(t, "countdown"), "en")
	if n := goldentest.Differing(later, fresh.Window().Canvas().Capture()); n > 0 {
		t.Errorf("the text that changed is drawn differently, in %d pixels", n)
	}
}

func TestThePreviewIsAMirror(t *testing.T) {
	s := newStation(t, 1)
	s.Show(named(t, "portrait").in("de"))
	frame := image.NewRGBA(image.Rect(0, 0, 40, 50))
	frame.SetRGBA(0, 0, color.RGBA{255, 0, 0, 255})
	s.Preview(frame)
	if got := s.camera.image.Image.At(39, 0); got != (color.RGBA{255, 0, 0, 255}) {
		t.Errorf("the frame's left edge is %v on the right", got)
	}
}

func TestAFrameAllocatesNothing(t *testing.T) {
	s := newStation(t, 1)
	s.Show(named(t, "portrait").in("de"))
	frame := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	s.Preview(frame)
	s.Preview(frame)
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			s.Preview(frame)
		}
	})
	if got := result.AllocedBytesPerOp(); got > 1024 {
		t.Errorf("a frame of %d bytes allocates %d", len(frame.Pix), got)
	}
}

func TestNoFrameIsShownOutsideOfThePortraitScreen(t *testing.T) {
	s := newStation(t, 1)
	s.Show(named(t, "signature").in("de"))
	s.Preview(face())
	if s.camera.image.Image != nil {
		t.Error("a frame was kept")
	}
}

func TestATakenPortraitStays(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "portrait_done"), "de")
	taken := s.camera.image.Image.At(100, 100)
	s.Preview(image.NewRGBA(image.Rect(0, 0, 640, 360)))
	if got := s.camera.image.Image.At(100, 100); got != taken {
		t.Error("a later frame replaced it")
	}
}

func TestInkAppearsWhereThePenIs(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "signature"), "de")
	pen, size := samplesOfPen()
	x, y := pen[0].X*inkWidth/size.MaxX, pen[0].Y*inkHeight/size.MaxY
	if s.ink.sheet.RGBAAt(x, y).A < 200 {
		t.Error("no ink where the pen began")
	}
	s.tap(t, "retry")
	if !blank(s.ink.sheet) {
		t.Error("ink is left after clearing")
	}
}

// TestThePrivacyNoticeSaysHowLongTheOfficeKeepsACheckIn as the office itself says it, and nothing that it does not say.
func TestThePrivacyNoticeSaysHowLongTheOfficeKeepsACheckIn(t *testing.T) {
	s := newStation(t, 1)
	for kept, want := range map[time.Duration]string{
		0: "", 24 * time.Hour: "for 1 day.", 96 * time.Hour: "for 4 days.", 97 * time.Hour: "for 5 days.",
	} {
		view := named(t, "privacy").in("en")
		view.Office.Retention = kept
		s.Show(view)
		p := &page{UI: s.UI, texts: s.catalogues.In("en")}
		if said := p.howLong(); !strings.Contains(said, want) || want == "" && strings.Contains(said, "day") {
			t.Errorf("kept for %v: %q", kept, said)
		}
	}
}

func TestANewSheetHasTheInkThatComesFromThenOn(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "signature"), "de")
	s.Sheet()
	if !blank(s.ink.sheet) {
		t.Error("ink of another try is left")
	}
	pen, size := samplesOfPen()
	s.ink.begin() // and is drawn together with what comes next
	s.Ink(pen[0], size)
	if blank(s.ink.sheet) {
		t.Error("the first ink on it is missing")
	}
}

func TestNothingOfTheVisitorIsLeftOnceCleared(t *testing.T) {
	s := newStation(t, 0.5)
	clean := newStation(t, 0.5)
	var pictures []*image.RGBA
	for _, name := range []string{"portrait", "signature", "review"} {
		s.show(named(t, name), "de")
		s.Window().Canvas().Capture()
		pictures = append(pictures, drawnText(s.root)...)
		pictures = append(pictures, s.camera.front, s.camera.back, s.ink.sheet)
	}
	review := s.root.Objects[0]
	for _, p := range []image.Image{s.view.Review.Persons[0].Portrait, s.view.Review.Persons[0].Signature} {
		pictures = append(pictures, p.(*image.RGBA))
	}
	s.Show(named(t, "cleared").in("de"))
	clean.Show(named(t, "cleared").in("de"))
	for _, p := range pictures {
		if !blank(p) {
			t.Error("a picture of the visitor is left in memory")
		}
	}
	walk(review, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if i, ok := o.(*canvas.Image); ok && i.Image != nil {
			t.Error("the review's pictures are still held")
		}
	})
	if len(s.view.Review.Persons) > 0 || s.camera.image.Image != nil {
		t.Error("the view of the visitor is still held")
	}
	if n := goldentest.Differing(s.Window().Canvas().Capture(), clean.Window().Canvas().Capture()); n > 0 {
		t.Errorf("%d pixels differ from a screen that never saw a visitor", n)
	}
}

// drawnText is every picture of text that an object holds.
func drawnText(o fyne.CanvasObject) []*image.RGBA {
	var found []*image.RGBA
	walk(o, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if p, ok := o.(*paragraph); ok && p.picture != nil {
			found = append(found, p.picture)
		}
	})
	return found
}

func blank(picture *image.RGBA) bool {
	for _, b := range picture.Pix {
		if b != 0 {
			return false
		}
	}
	return true
}
