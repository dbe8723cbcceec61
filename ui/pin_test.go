package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/pin"
	"github.com/foyer-station/foyer/ui/theme"
)

// keyed touches keys of the PIN as quickly as a hand can.
func (s *station) keyed(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		s.tap(t, "pin."+key)
	}
}

// dots is how many digits the screen says that there are.
func (s *station) dots() (n int) {
	for _, dot := range s.typedPIN.dots {
		if dot.FillColor == theme.Accent {
			n++
		}
	}
	return n
}

// pins are the PINs that were sent.
func (s *station) pins() (all []string) {
	for _, e := range s.sent {
		if typed, ok := e.(flow.PINTyped); ok {
			all = append(all, string(typed.PIN))
		}
	}
	return all
}

func TestAPINIsTypedQuicklyAndSentWithTheSameDigitTwice(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "pin"), "de")
	s.keyed(t, "4", "4", "8", "0", "1", "done") // too short to be sent
	if n := s.dots(); n != 5 || len(s.pins()) > 0 {
		t.Errorf("after five digits there are %d dots, and %v is sent", n, s.pins())
	}
	s.keyed(t, "erase", "2", "9", "done")
	if diff := cmp.Diff([]string{"448029"}, s.pins()); diff != "" {
		t.Error(diff)
	}
	if s.typedPIN.digits != [pin.MaxDigits]byte{} || s.dots() > 0 {
		t.Error("the digits are left in memory")
	}
	s.keyed(t, "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1", "2", "3", "done")
	if diff := cmp.Diff([]string{"448029", "123456789012"}, s.pins()); diff != "" {
		t.Errorf("a thirteenth digit counts for nothing:\n%s", diff)
	}
}

func TestTheDigitsOfAPINOutliveTheClockAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		sample string
		want   int
	}{
		"the time that starts anew": {"pin", 7},
		"a wrong one":               {"pin_wrong", 7}, // of one that was typed meanwhile
		"the check":                 {"pin_working", 0},
		"the greeting":              {"greeting", 0},
		"the technician's screen":   {"technician", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStation(t, 0.5)
			s.show(named(t, "pin_typed"), "de")
			s.show(named(t, c.sample), "de")
			if s.typedPIN.typed != c.want || c.want == 0 && s.typedPIN.digits != [pin.MaxDigits]byte{} {
				t.Errorf("%d digits are left, want %d", s.typedPIN.typed, c.want)
			}
		})
	}
}

// TestAKeyBelowAFingerIsNotDrawnAnew when the station answers that somebody is there: the finger would lift from another key.
func TestAKeyBelowAFingerIsNotDrawnAnew(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "pin"), "de")
	key := s.typedPIN.done
	v := named(t, "pin").in("de")
	v.Until = v.Until.Add(30 * time.Second)
	s.Show(v)
	if s.typedPIN.done != key || !s.view.Until.Equal(v.Until) {
		t.Error("the keys are drawn anew, or the time does not start anew")
	}
}

func TestNoKeyCanBeTouchedWhileAPINIsCheckedOrNoneMayBeTried(t *testing.T) {
	for _, sample := range []string{"pin_working", "pin_locked"} {
		s := newStation(t, 1)
		s.show(named(t, sample), "de")
		s.keyed(t, "4", "8", "0", "2", "9", "3", "done", "erase")
		if len(s.sent) > 0 || s.dots() > 0 {
			t.Errorf("%s: %v is sent, %d dots", sample, s.sent, s.dots())
		}
		s.tap(t, "back")
		if diff := cmp.Diff([]flow.Event{flow.Back{}}, s.sent); diff != "" {
			t.Errorf("%s: nobody can go back:\n%s", sample, diff)
		}
	}
}

func TestTheScreenSaysHowLongNoneMayBeTried(t *testing.T) {
	s := newStation(t, 0.5)
	s.show(named(t, "pin_locked"), "en")
	says := func(want string) {
		t.Helper()
		var all []string
		walk(s.root, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			if p, ok := o.(*paragraph); ok {
				all = append(all, p.content)
			}
		})
		for _, said := range all {
			if said == want {
				return
			}
		}
		t.Errorf("it says %q, not %q", all, want)
	}
	says("Too many wrong PINs. You can try again in 59:59.")
	s.clock = s.clock.Add(3550 * time.Second)
	s.tick()
	says("Too many wrong PINs. You can try again in 0:49.")
}

func TestATechniciansScreensAreInGermanOrEnglish(t *testing.T) {
	for office, want := range map[string]string{"de": "Technik: PIN eingeben", "en": "Technician: enter the PIN"} {
		for _, languages := range [][]string{{office}, {"ar", "uk", office, "de"}} {
			s := newStation(t, 0.5)
			s.Show(kiosk.View{State: flow.State{Screen: flow.PIN, Phase: flow.Waiting}, Languages: languages})
			if got := s.texts().Say("pin.title"); got != want {
				t.Errorf("an office of %v says %q", languages, got)
			}
		}
	}
	s := newStation(t, 0.5)
	s.Show(kiosk.View{State: flow.State{Screen: flow.PIN, Phase: flow.Waiting}, Languages: []string{"ar"}})
	if got := s.texts().Language; got != "en" {
		t.Errorf("an office of neither says it in %s", got)
	}
}

// atCorner shows a sample of a station that has a PIN.
func (s *station) atCorner(t *testing.T, name string) {
	t.Helper()
	v := named(t, name).in("de")
	v.HasPIN = true
	s.Show(v)
}

// holds says whether the corner is published.
func (s *station) holds() bool {
	for _, f := range s.screen.Focus {
		if f.ID == "technician" {
			return f.Role == "hold" && f.Enabled && f.Area.Min.X == 0 && f.Area.Min.Y == 0 && f.Area.Dx() > 50
		}
	}
	return false
}

func TestTheCornerIsThereWhereATechnicianCanGetInAndNowhereElse(t *testing.T) {
	for _, sample := range samples {
		s := newStation(t, 0.5)
		s.atCorner(t, sample.name)
		free := sample.state.Screen == flow.Greeting || sample.state.Screen == flow.OutOfService || sample.name == "take_document_found"
		if s.holds() != free {
			t.Errorf("%s: the corner is there: %v", sample.name, s.holds())
		}
		s.show(sample, "de") // without a PIN
		if s.holds() {
			t.Errorf("%s: the corner is there without a PIN", sample.name)
		}
	}
}

func TestAFingerThatStaysInTheCornerAsksForThePIN(t *testing.T) {
	finger := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	for name, c := range map[string]struct {
		do   func(*testing.T, *station)
		want []flow.Event
	}{
		"five seconds":                   {func(*testing.T, *station) {}, []flow.Event{flow.OpenTechnician{}}},
		"while the screen is drawn anew": {func(t *testing.T, s *station) { s.atCorner(t, "out_of_service") }, []flow.Event{flow.OpenTechnician{}}},
		"lifted":                         {func(_ *testing.T, s *station) { s.corner.MouseUp(finger) }, nil},
		"slid away":                      {func(_ *testing.T, s *station) { s.corner.MouseOut() }, nil},
		"lifted for a moment": {func(_ *testing.T, s *station) {
			s.corner.MouseUp(finger)
			s.corner.MouseDown(finger)
		}, nil},
		"a visitor who begins": {func(t *testing.T, s *station) { s.atCorner(t, "language") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStation(t, 0.5)
			s.atCorner(t, "greeting")
			s.corner.MouseDown(finger)
			s.corner.MouseMoved(finger)
			s.clock = s.clock.Add(4 * time.Second)
			s.tick()
			c.do(t, s)
			s.clock = s.clock.Add(time.Second)
			s.tick()
			s.clock = s.clock.Add(3 * time.Second)
			s.tick()
			if diff := cmp.Diff(c.want, s.sent); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhoLetsGoAfterFiveSecondsHasHeldTheCornerThoughNoTickCameMeanwhile(t *testing.T) {
	s := newStation(t, 0.5)
	s.atCorner(t, "greeting")
	s.corner.MouseDown(&desktop.MouseEvent{})
	s.clock = s.clock.Add(5 * time.Second)
	s.corner.MouseUp(&desktop.MouseEvent{})
	s.tick()
	if diff := cmp.Diff([]flow.Event{flow.OpenTechnician{}}, s.sent); diff != "" {
		t.Error(diff)
	}
}

func TestAKeyboardAsksForThePIN(t *testing.T) {
	for name, want := range map[string][]flow.Event{"greeting": {flow.OpenTechnician{}}, "document": nil} {
		s := newStation(t, 0.5)
		s.atCorner(t, name)
		shortcuts, ok := s.Window().Canvas().(interface{ TypedShortcut(fyne.Shortcut) })
		if !ok {
			t.Fatal("the test's window takes no shortcuts")
		}
		shortcuts.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyT, Modifier: fyne.KeyModifierControl | fyne.KeyModifierAlt})
		if diff := cmp.Diff(want, s.sent); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestATouchOnTheCornerIsNoTouchOnTheGreeting: what is nothing to see does nothing.
func TestATouchOnTheCornerIsNoTouchOnTheGreeting(t *testing.T) {
	s := newStation(t, 1)
	s.atCorner(t, "greeting")
	test.TapCanvas(s.Window().Canvas(), fyne.NewPos(60, 60))
	if len(s.sent) > 0 {
		t.Errorf("it sent %v", s.sent)
	}
}
