package interactive_test

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/accessis"
	driver "github.com/foyer-station/foyer/devices/camera"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/stu"
	"github.com/foyer-station/foyer/emulate/camera"
	pen "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/interactive"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// tester is a person who does what he is asked: what do starts goes on while the device is used.
type tester struct {
	ctx     context.Context
	do      func(ctx context.Context, asked devices.Message) error
	choose  func(answers []devices.Message) (int, error)
	busy    sync.WaitGroup
	asked   []devices.Message
	answers []devices.Message
	heard   []string
	answer  error
}

func newTester(t *testing.T, do func(context.Context, devices.Message) error) *tester {
	p := &tester{ctx: t.Context(), do: do}
	t.Cleanup(p.busy.Wait)
	return p
}

func (p *tester) Ask(ctx context.Context, do devices.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.asked = append(p.asked, do)
	if p.answer != nil {
		return p.answer
	}
	p.busy.Go(func() { p.do(p.ctx, do) })
	return nil
}

func (p *tester) Choose(ctx context.Context, question devices.Message, answers []devices.Message) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	p.asked, p.answers = append(p.asked, question), answers
	return p.choose(answers)
}

func (p *tester) Tell(c hwtest.Check) { p.heard = append(p.heard, c.ID) }

func plugPad(t *testing.T, newPad func(string) *usb.Pad) *usb.Pad {
	t.Helper()
	pad := newPad("1")
	if err := usbtest.NewBed(t).Plug("1", pad.Device); err != nil {
		t.Fatal(err)
	}
	return pad
}

func run(t *testing.T, s hwtest.Subject) map[string]hwtest.Check {
	t.Helper()
	all := map[string]hwtest.Check{}
	for _, c := range hwtest.Run(t.Context(), []hwtest.Subject{s}, time.Minute, nil) {
		_, name, _ := strings.Cut(c.ID, ".")
		all[name] = c
	}
	return all
}

func want(t *testing.T, checks map[string]hwtest.Check, result hwtest.Result, names ...string) {
	t.Helper()
	for _, name := range names {
		if c := checks[name]; c.Result != result {
			t.Errorf("%s: %s, %v, %+v, want %s", name, c.Result, c.Reason, c.Measure, result)
		}
	}
}

func openPad(ctx context.Context) (devices.SignaturePad, error) {
	return stu.New(stu.Config{}).Open(ctx)
}

// line is drawn at a height, 200 samples a second.
func line(height, pressure float64) [][]pen.Point {
	var stroke []pen.Point
	for i := range 120 {
		part := float64(i) / 119
		stroke = append(stroke, pen.Point{X: 0.1 + 0.8*part, Y: height, Pressure: pressure * (0.5 + 0.5*part)})
	}
	return [][]pen.Point{stroke}
}

// round goes along the edges, so near to them.
func round(inset float64, leaveOut func(p pen.Point) bool) [][]pen.Point {
	var stroke []pen.Point
	corners := [...][2]float64{{inset, inset}, {1 - inset, inset}, {1 - inset, 1 - inset}, {inset, 1 - inset}}
	for i, from := range corners {
		to := corners[(i+1)%4]
		for k := range 40 {
			part := float64(k) / 40
			p := pen.Point{X: from[0] + part*(to[0]-from[0]), Y: from[1] + part*(to[1]-from[1]), Pressure: 0.5}
			if !leaveOut(p) {
				stroke = append(stroke, p)
			}
		}
	}
	return [][]pen.Point{stroke}
}

func nothing(pen.Point) bool { return false }

// writer draws on a pad what it is asked for.
func writer(pad *usb.Pad, along, around [][]pen.Point) func(context.Context, devices.Message) error {
	return func(ctx context.Context, asked devices.Message) error {
		if err := pad.Ready(ctx); err != nil {
			return err
		}
		if asked.Is("ask.pad_line") {
			return pad.Sign(ctx, along)
		}
		return pad.Sign(ctx, around)
	}
}

func TestALineOnTheLineAndAWayAlongTheEdgesPass(t *testing.T) {
	pad := plugPad(t, usb.NewPad)
	person := newTester(t, writer(pad, line(0.5, 0.8), round(0.01, nothing)))
	checks := run(t, interactive.SignaturePad(openPad, person))
	want(t, checks, hwtest.Passed, "present", "state", "line", "pressure", "reach", "dead_zones")
	if rate := checks["sample_rate"].Measure; rate == nil || rate.Value < 20 || rate.Value > 400 || checks["jitter"].Measure == nil || checks["gaps"].Measure == nil {
		t.Errorf("%+v", checks["sample_rate"]) // how regular the emulated pad is depends on this computer
	}
	if len(checks["dead_zones"].Pictures) != 1 || len(checks["line"].Pictures) != 0 {
		t.Error("there is a picture of the line, or none of the edges")
	}
	if len(person.asked) != 2 || len(person.heard) != 7 {
		t.Errorf("asked %v, told %v", person.asked, person.heard)
	}
	for x := range 800 {
		if pad.LCD().RGBAAt(x, 240).R != 255 {
			t.Fatal("something is left on the pad")
		}
	}
}

func TestWhatIsWrongWithAPadIsNamed(t *testing.T) {
	pad := plugPad(t, smallPad)
	topRight := func(p pen.Point) bool { return p.Y < 0.1 && p.X > 0.45 && p.X < 0.76 }
	person := newTester(t, writer(pad, line(0.58, 0), round(0.05, topRight)))
	checks := run(t, interactive.SignaturePad(openPad, person))
	want(t, checks, hwtest.Failed, "line", "pressure", "reach", "dead_zones")
	if reason := checks["dead_zones"].Reason.String(); !strings.Contains(reason, "names: top 5/8, top 6/8") {
		t.Error(reason)
	}
	if off := checks["line"].Measure.Value; off < 4.6 || off > 5 { // 0.08 of 60 mm
		t.Errorf("%g mm beside the line", off)
	}
}

func TestWhatIsSkippedOrLeftIsNotPerformedAndNobodysFault(t *testing.T) {
	plugPad(t, smallPad)
	for answer, why := range map[error]devices.Key{interactive.ErrSkipped: "test.skipped", interactive.ErrLeft: "test.left"} {
		person := newTester(t, nil)
		person.answer = answer
		checks := run(t, interactive.SignaturePad(openPad, person))
		want(t, checks, hwtest.NotPerformed, "line", "gaps", "pressure", "sample_rate", "jitter", "reach", "dead_zones")
		if !checks["reach"].Reason.Is(why) {
			t.Errorf("%v", checks["reach"].Reason)
		}
	}
}

func TestAnInterruptedPersonLeavesThePadWhite(t *testing.T) {
	pad := plugPad(t, smallPad)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	person := newTester(t, func(ctx context.Context, _ devices.Message) error {
		err := pad.Ready(ctx)
		cancel()
		return err
	})
	checks := hwtest.Run(ctx, []hwtest.Subject{interactive.SignaturePad(openPad, person)}, time.Minute, nil)
	if c := checks[len(checks)-1]; c.Result != hwtest.Aborted || len(person.heard) != 0 {
		t.Errorf("%+v, told %v", c, person.heard)
	}
	if pad.LCD().RGBAAt(160, 100).R != 255 {
		t.Error("the line is left on the pad")
	}
}

var specimen = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"} // Doc 9303 part 4, appendix B

func TestASpecimenIsReadInEachPosition(t *testing.T) {
	reader := usb.NewReader("1")
	if err := usbtest.NewBed(t).Plug("1", reader.Device); err != nil {
		t.Fatal(err)
	}
	person := newTester(t, func(ctx context.Context, asked devices.Message) error {
		if err := reader.Ready(ctx); err != nil {
			return err
		}
		lines := slices.Clone(specimen)
		if asked.Params[0].Value == "left" {
			lines[1] = strings.Replace(lines[1], "L898902C3", "L898902C4", 1)
		}
		reader.Swipe(lines...)
		return nil
	})
	open := func(ctx context.Context) (devices.MRZReader, error) { return accessis.Open(ctx) }
	checks := run(t, interactive.MRZReader(open, person, func(lines []string) error {
		if !slices.Equal(lines, specimen) {
			return errors.New("not as printed")
		}
		return nil
	}))
	want(t, checks, hwtest.Passed, "specimen_1", "specimen_2", "specimen_4")
	want(t, checks, hwtest.Failed, "specimen_3")
	if c := checks["specimen_3"]; !c.Reason.Is("specimen.misread") || c.Remedy.IsZero() || len(c.Reason.Params) > 0 {
		t.Errorf("%+v", c)
	}
}

func TestAFaceIsLookedForUntilItIsFound(t *testing.T) {
	hall, err := camera.NewHall(30, image.NewGray(image.Rect(0, 0, camera.HallWidth, camera.HallHeight)))
	if err != nil {
		t.Fatal(err)
	}
	defer hall.Close()
	open := func(ctx context.Context) (devices.Camera, error) {
		return driver.Open(ctx, driver.Config{Backend: driver.GStreamer, Source: hall.Pipeline()})
	}
	person := newTester(t, func(context.Context, devices.Message) error {
		m := image.NewGray(image.Rect(0, 0, camera.HallWidth, camera.HallHeight))
		for i := range m.Pix {
			m.Pix[i] = 200
		}
		return hall.Show(m)
	})
	bright := func(m *image.RGBA) (bool, error) { return m.Pix[0] > 100, nil }
	want(t, run(t, interactive.Camera(open, person, bright)), hwtest.Passed, "face")
	never := func(*image.RGBA) (bool, error) { return false, nil }
	want(t, run(t, interactive.Camera(open, person, never)), hwtest.Failed, "face")
	blind := func(*image.RGBA) (bool, error) { return false, errors.New("no cascades") }
	checks := run(t, interactive.Camera(open, person, blind))
	want(t, checks, hwtest.Failed, "face")
	if !checks["face"].Reason.Is("camera.no_finder") {
		t.Errorf("%v", checks["face"].Reason)
	}
}

// smallPad is one of which a picture is soon drawn.
func smallPad(serial string) *usb.Pad { return usb.NewPadOf(pen.STU430(), serial) }
