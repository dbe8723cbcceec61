package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/display"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/visitor"
	"github.com/foyer-station/foyer/emulate/world"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// BenchmarkPenToInk is what a visitor sees while signing: how long after the pad has reported a place of the pen, over the emulated bus,
// or the display server one of a finger, there is ink at that place of the screen, in milliseconds; 45 are what it may take in 95 of
// 100. The programs are the real ones as an office installs them (make release), the display server is Xvfb, without a graphics card:
// OpenGL paints in software, on the same processor.
//
// "waiting-%" is how much of the time something on the machine waited for a processor (PSI): the higher it is, the more of the other
// figures is other programs'.
//
// The pen writes 200 places a second all the time, a finger 100, and one place after the other is waited for by looking at one pixel
// every millisecond.
func BenchmarkPenToInk(b *testing.B) {
	b.Run("pen", func(b *testing.B) {
		s := newSigner(b)
		paper := s.paper()
		s.measure(paper, 5*time.Millisecond, func(x, y float64, down bool) error {
			s.house.World.Pad.Put(stu.Point{X: x, Y: y, Pressure: 0.5}, down)
			return nil
		})
	})
	b.Run("finger", func(b *testing.B) {
		s := newSigner(b, "touchscreen")
		window, ok := s.house.display.Window(windowTitle)
		if !ok {
			b.Fatal("the station has no window")
		}
		corner := window.Min.Add(image.Pt(int(s.sheet.GetX()), int(s.sheet.GetY())))
		paper := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(int(s.sheet.GetWidth()), int(s.sheet.GetHeight())))}
		s.measure(paper, 10*time.Millisecond, func(x, y float64, down bool) error {
			return s.house.display.Touch(within(paper, x, y), down)
		})
	})
}

// signer is a visitor whom a station has asked to sign.
type signer struct {
	*testing.B
	house *built
	sheet *technicianv1.Focus // on the screen; nil where visitors sign on a pad
}

// newSigner brings a visitor to the screen where one signs, at a station with devices in the place of the usual ones.
func newSigner(b *testing.B, devices ...string) *signer {
	b.Helper()
	s := &signer{B: b, house: build(b, b.Context(), programs(b, "../../bin/release", "make release"), devices...)}
	s.house.comes(b, 0, specimen.Genuine)
	pen := hold{World: s.house.World, asked: make(chan *technicianv1.Focus)}
	v := visitor.Visitor{
		Language: "en", Service: "residence-permit", Hands: pen, Finger: finger(s.house.display),
		Writes: func(ctx context.Context, sheet *technicianv1.Focus) error { return pen.wait(ctx, sheet) },
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- v.Visit(ctx, s.house.Station) }()
	b.Cleanup(func() { // before the house is closed
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) && ctx.Err() == nil {
			b.Error(err)
		}
	})
	select {
	case s.sheet = <-pen.asked:
	case err := <-ended:
		ended <- err
		b.Fatal(err)
	}
	return s
}

// hold is a visitor's hands that hold the pen, and write nothing until somebody else does.
type hold struct {
	*world.World
	asked chan *technicianv1.Focus
}

// Sign implements visitor.Hands.
func (h hold) Sign(ctx context.Context) error {
	if err := h.Pad.Ready(ctx); err != nil {
		return err
	}
	return h.wait(ctx, nil)
}

func (h hold) wait(ctx context.Context, sheet *technicianv1.Focus) error {
	select {
	case h.asked <- sheet:
		<-ctx.Done()
	case <-ctx.Done():
	}
	return ctx.Err()
}

// paper finds where on the display the pad's screen is mirrored, by two dots.
func (s *signer) paper() image.Rectangle {
	s.Helper()
	const from, to = 0.02, 0.98
	first, second := s.dot(from), s.dot(to)
	whole := func(a, b int) (int, int) { // the sheet's edges by those of the two dots
		length := float64(b-a) / (to - from)
		return a - int(from*length+0.5), a + int((1-from)*length+0.5)
	}
	var r image.Rectangle
	r.Min.X, r.Max.X = whole(first.X, second.X)
	r.Min.Y, r.Max.Y = whole(first.Y, second.Y)
	return r
}

// dot is where on the display a dot comes that the pen makes at a part of the pad's width and height.
func (s *signer) dot(part float64) image.Point {
	s.Helper()
	before, err := s.house.display.Still()
	s.must(err)
	pad := s.house.World.Pad
	for _, down := range []bool{false, true, false} {
		pad.Put(stu.Point{X: part, Y: part, Pressure: 0.5}, down)
	}
	var changed image.Rectangle
	for end := time.Now().Add(time.Minute); changed.Empty() && time.Now().Before(end); {
		after, err := s.house.display.Still()
		s.must(err)
		changed = difference(before, after)
	}
	if most := 20; changed.Empty() || changed.Dx() > most || changed.Dy() > most {
		s.Fatalf("a dot of the pen changed %v of the screen", changed)
	}
	return changed.Min.Add(changed.Size().Div(2))
}

// difference is the area in which two pictures of the same size differ, but for the uppermost and the lowest quarter of them: there is
// a clock.
func difference(a, b *image.RGBA) (area image.Rectangle) {
	for i := len(a.Pix) / 4; i < len(a.Pix)/4*3; i += 4 {
		if !slices.Equal(a.Pix[i:i+3], b.Pix[i:i+3]) {
			at := image.Pt(i/4%a.Rect.Dx(), i/4/a.Rect.Dx())
			area = area.Union(image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))})
		}
	}
	return area
}

func (s *signer) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// within is a place in an area by parts of its width and height.
func within(area image.Rectangle, x, y float64) image.Point {
	return area.Min.Add(image.Pt(int(x*float64(area.Dx()-1)+0.5), int(y*float64(area.Dy()-1)+0.5)))
}

// What is written: lines from edge to edge so far apart that none has ink of the one before it, and on each line places a little further
// apart than the ink is thick to either side.
const (
	lineGap  = 9.0 // pixels of a sheet of that height and width
	placeGap = 5.0
	wide     = 936.0
	high     = 562.0
	look     = time.Millisecond // between two looks at the screen
)

// measure writes every so often on the paper, and measures how long ink takes.
func (s *signer) measure(paper image.Rectangle, every time.Duration, put func(x, y float64, down bool) error) {
	s.Helper()
	var took []time.Duration
	var watched *watch
	x, y := 0.05, 0.05
	next := time.Now()
	starved, began := starving(), time.Now()
	for s.Loop() {
		for measured := false; !measured; {
			if now := time.Now(); !now.Before(next) {
				if watched == nil && x > 0.06 { // not where a line begins
					var err error
					watched, err = s.watch(within(paper, x, y))
					s.must(err)
				}
				s.must(put(x, y, true))
				next = now.Add(every)
				if x += placeGap / wide; x > 0.95 {
					s.must(put(x, y, false))
					x, y = 0.05, y+lineGap/high
				}
				if y > 0.95 {
					s.Fatal("the sheet is full")
				}
			}
			if watched != nil {
				inked, err := watched.look(s.house.display)
				s.must(err)
				if inked {
					took = append(took, time.Since(watched.since))
					watched, measured = nil, true
				}
			}
			time.Sleep(min(look, time.Until(next)))
		}
	}
	slices.Sort(took)
	for name, part := range map[string]float64{"p50-ms": 0.5, "p95-ms": 0.95, "longest-ms": 1} {
		s.ReportMetric(float64(took[int(part*float64(len(took)-1))])/1e6, name)
	}
	if starved > 0 {
		s.ReportMetric(100*(starving()-starved).Seconds()/time.Since(began).Seconds(), "waiting-%")
	}
	s.ReportMetric(0, "ns/op")
}

// starving is for how long something on this machine has waited for a processor since it was started (Linux,
// Documentation/accounting/psi.rst); 0 where the kernel does not say so.
func starving() time.Duration {
	text, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "total=") // of the first line: some
	var microseconds int64
	if _, err := fmt.Sscan(after, &microseconds); err != nil {
		return 0
	}
	return time.Duration(microseconds) * time.Microsecond
}

// watch is a pixel of the display that is waited for.
type watch struct {
	at     image.Rectangle
	before [3]uint8
	since  time.Time // when the place was told, or a little before
}

func (s *signer) watch(at image.Point) (*watch, error) {
	w := &watch{at: image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))}}
	pixel, err := s.house.display.Screenshot(w.at)
	if err != nil {
		return nil, err
	}
	w.before = [3]uint8(pixel.Pix[:3])
	if int(w.before[0])+int(w.before[1])+int(w.before[2]) < 600 {
		return nil, fmt.Errorf("at %v there is ink before anybody writes: %v", at, w.before)
	}
	w.since = time.Now()
	return w, nil
}

// look tells whether there is ink now: most of the light is gone.
func (w *watch) look(d *display.Display) (bool, error) {
	pixel, err := d.Screenshot(w.at)
	if err != nil {
		return false, err
	}
	return int(pixel.Pix[0])+int(pixel.Pix[1])+int(pixel.Pix[2]) < (int(w.before[0])+int(w.before[1])+int(w.before[2]))/2, nil
}
