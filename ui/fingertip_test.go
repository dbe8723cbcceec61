package ui

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/finger"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
	"github.com/foyer-station/foyer/ui/goldentest"
)

// newFingerStation is a display on which visitors sign with a finger.
func newFingerStation(t testing.TB, sign func(x, y float64, down bool)) *station {
	t.Helper()
	s := &station{clock: now}
	u, err := New(test.NewTempApp(t), func(e flow.Event) { s.sent = append(s.sent, e) }, Options{
		Windowed: true, Sign: sign, Now: func() time.Time { return s.clock }, Publish: func(screen technician.Screen) { s.screen = screen },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.UI = u
	u.Window().Canvas().(test.WindowlessCanvas).SetScale(0.5)
	return s
}

func TestTheScreenToSignOnWithAFingerLooksAsItDid(t *testing.T) {
	s := newFingerStation(t, func(float64, float64, bool) {})
	for _, language := range []string{"de", "ar"} {
		s.show(named(t, "signature"), language)
		goldentest.Compare(t, *update, filepath.Join("testdata", "golden", "signature_finger."+language+".png"), s.Window().Canvas().Capture())
	}
}

// touch is one place of a finger.
type touch struct {
	x, y float64
	down bool
}

// event is a finger at a part of the sheet's size.
func (s *station) event(x, y float32, down bool) *desktop.MouseEvent {
	size := s.fingertip.Size()
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x*size.Width, y*size.Height)}}
	if down {
		e.Button = desktop.MouseButtonPrimary
	}
	return e
}

func TestAFingerIsToldWhereItTouchesTheSheetAndNowhereElse(t *testing.T) {
	var told []touch
	s := newFingerStation(t, func(x, y float64, down bool) { told = append(told, touch{x, y, down}) })
	s.show(named(t, "signature"), "de")
	f := s.fingertip
	f.MouseIn(s.event(0.25, 0.25, false)) // nothing touches
	f.MouseMoved(s.event(0.5, 0.25, false))
	f.MouseDown(s.event(0.5, 0.5, true))
	f.MouseMoved(s.event(0.75, 0.5, true))
	s.show(named(t, "signature"), "de") // the screen is drawn anew
	f.MouseMoved(s.event(0.25, 0.75, true))
	f.MouseUp(s.event(0.25, 0.75, false))
	f.MouseIn(s.event(0.5, 1, true)) // slides onto the sheet
	f.MouseOut()
	f.MouseOut()
	want := []touch{
		{0.5, 0.5, true}, {0.75, 0.5, true}, {0.25, 0.75, true}, {0.25, 0.75, false}, {0.5, 1, true}, {0, 0, false},
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestTheSheetToSignOnWithAFingerIsPublishedWhereItIs(t *testing.T) {
	s := newFingerStation(t, func(float64, float64, bool) {})
	s.show(named(t, "signature"), "de")
	at := slices.IndexFunc(s.screen.Focus, func(f technician.Focus) bool { return f.ID == "sheet" })
	if at < 0 {
		t.Fatalf("there is no sheet among %v", s.screen.Focus)
	}
	if f := s.screen.Focus[at]; !f.Enabled || f.Area.Dx() != inkWidth/2 || f.Area.Dy() != inkHeight/2 { // of the screen at half its size
		t.Errorf("published as %+v", f)
	}
	s.show(named(t, "review"), "de")
	if slices.ContainsFunc(s.screen.Focus, func(f technician.Focus) bool { return f.ID == "sheet" }) {
		t.Error("there is a sheet where nobody signs")
	}
}

func TestOnAPadOfItsOwnNobodySignsOnTheScreen(t *testing.T) {
	s := newStation(t, 0.5)
	s.show(named(t, "signature"), "de")
	walk(s.root, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if o == fyne.CanvasObject(s.fingertip) {
			t.Error("there is a sheet for a finger")
		}
	})
}

// BenchmarkTouchToInk is the way of one touch: from the display server's event through the pad that the screen is, as far as the ink
// on the sheet that is drawn with the next frame. What the screen takes to show a frame comes on top.
func BenchmarkTouchToInk(b *testing.B) {
	screen := finger.NewScreen("screen")
	pad, err := screen.Open(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	s := newFingerStation(b, screen.Touch)
	s.Show(samples[slices.IndexFunc(samples, func(x sample) bool { return x.name == "signature" })].in("de"))
	inked := make(chan struct{}, 16)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- pad.Capture(ctx, func(sample devices.Sample) {
			s.Ink(sample, pad.Size())
			fyne.DoAndWait(func() {}) // what was gathered is drawn
			inked <- struct{}{}
		})
	}()
	f := s.fingertip
	for down := false; !down; { // until it captures
		f.MouseUp(s.event(0, 0, false))
		select {
		case <-inked:
			down = true
		case <-time.After(time.Millisecond):
		}
	}
	var took []time.Duration
	i := 0
	for b.Loop() {
		began := time.Now()
		f.MouseMoved(s.event(float32(i%100)/100, 0.5, true))
		<-inked
		took = append(took, time.Since(began))
		i++
	}
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100])/1e6, "p95-ms")
}
