package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/kiosk/flow"
)

// types touches keys one after the other, as slowly as a hand that does not tremble.
func (s *station) types(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		s.clock = s.clock.Add(doubleStrike)
		s.tap(t, "access_number."+key)
	}
}

// said is what the boxes of the number show.
func (s *station) said() string {
	var digits strings.Builder
	for _, box := range s.entry.boxes {
		digits.WriteString(box.content)
	}
	return digits.String()
}

func TestSixDigitsAreTypedAndSent(t *testing.T) {
	for _, language := range languages {
		t.Run(language, func(t *testing.T) {
			s := newStation(t, 1)
			s.show(named(t, "access_number"), language)
			s.types(t, "1", "2", "0", "done") // too few to be sent
			s.types(t, "erase", "3", "4", "7", "7", "9", "done")
			if diff := cmp.Diff([]flow.Event{flow.CANTyped{CAN: "123477"}}, s.sent); diff != "" {
				t.Errorf("a seventh digit counts for nothing:\n%s", diff)
			}
			if got := s.said(); got != "123477" {
				t.Errorf("the screen shows %s", got)
			}
		})
	}
}

func TestATremblingHandTypesADigitOnce(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "access_number"), "de")
	s.types(t, "5")
	s.clock = s.clock.Add(doubleStrike - time.Millisecond)
	s.tap(t, "access_number.5")
	if got := s.said(); got != "5" {
		t.Errorf("the screen shows %s", got)
	}
}

func TestTheKeysRunFromLeftToRightInArabicToo(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "access_number_typed"), "ar")
	place := map[string]int{}
	for _, f := range s.screen.Focus {
		place[f.ID] = f.Area.Min.X
	}
	if !(place["access_number.1"] < place["access_number.2"] && place["access_number.2"] < place["access_number.3"]) {
		t.Errorf("the keys stand at %v", place)
	}
	var x float32
	for _, layer := range s.root.Objects {
		walk(layer, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
			for i := range s.entry.boxes {
				if o == fyne.CanvasObject(s.entry.boxes[i]) {
					if at.X <= x {
						t.Errorf("digit %d stands at %.0f, the one before at %.0f", i+1, at.X, x)
					}
					x = at.X
				}
			}
		})
	}
}

func TestTheNumberOutlivesACountdownAndHelpAndNothingElse(t *testing.T) {
	next := func(change func(*flow.State)) flow.State {
		s := named(t, "access_number_typed").state
		change(&s)
		return s
	}
	for name, test := range map[string]struct {
		state flow.State
		want  string
	}{
		"a countdown":    {next(func(s *flow.State) { s.Countdown = true }), "938147"},
		"help":           {next(func(s *flow.State) { s.Screen, s.Behind = flow.Help, flow.AccessNumber }), "938147"},
		"the try":        {next(func(s *flow.State) { s.Phase = flow.Working }), ""},
		"a wrong number": {next(func(s *flow.State) { s.Attempt = 2 }), ""},
		"another screen": {named(t, "portrait").state, ""},
		"the end":        {named(t, "cleared").state, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStation(t, 0.5)
			s.show(named(t, "access_number_typed"), "de")
			s.Window().Canvas().Capture()
			drawn := drawnText(s.root)
			s.Show(sample{state: test.state}.in("de"))
			if got := string(s.entry.digits[:s.entry.typed]); got != test.want {
				t.Errorf("%q is kept, want %q", got, test.want)
			}
			for _, picture := range drawn {
				if !blank(picture) {
					t.Fatal("a picture of the number is left in memory")
				}
			}
			if test.want == "" && s.entry.digits != [canLength]byte{} {
				t.Error("digits are left in memory")
			}
		})
	}
}

func TestTheTechnicianIsNotToldWhatIsTyped(t *testing.T) {
	s := newStation(t, 1)
	s.show(named(t, "access_number"), "de")
	before := s.screen
	s.types(t, "4")
	if diff := cmp.Diff(before, s.screen); diff != "" {
		t.Errorf("a digit changes what is published:\n%s", diff)
	}
}
