package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/ui"
	"github.com/foyer-station/foyer/ui/padsheet"
	"github.com/foyer-station/foyer/ui/ticket"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// The waits of the station in this test.
const (
	review   = 4 * time.Second
	grace    = 400 * time.Millisecond // for a busy machine to show a screen
	patience = 2 * time.Minute
)

// TestNoVisitorLearnsWhatTheDocumentIsFoundToBe sends one person through the real station with one document after the
// other, genuine and forged in every way there is. The screens, their order, the ticket's picture, the room and the moments
// are those of the genuine document.
func TestNoVisitorLearnsWhatTheDocumentIsFoundToBe(t *testing.T) {
	h := newHall(t)
	genuine := h.visit(t, specimen.Genuine)
	for _, variant := range specimen.Variants()[1:] {
		if variant == specimen.Card { // is turned over, which its owner sees
			continue
		}
		t.Run(string(variant), func(t *testing.T) {
			seen := h.visit(t, variant)
			if !slices.Equal(seen.screens, genuine.screens) {
				t.Errorf("the visitor sees\n%s\nwith a genuine passport\n%s", strings.Join(seen.screens, "\n"), strings.Join(genuine.screens, "\n"))
			}
			if seen.paper != genuine.paper {
				t.Error("the ticket is another one")
			}
		})
	}
}

// TestNobodySignsForTheVisitor has people write on the pad while nobody is asked to, and a visitor who does not sign.
func TestNobodySignsForTheVisitor(t *testing.T) {
	h := newHall(t)
	h.shows(t, flow.Greeting, "")
	scribble := func() { must(t, h.world.Pad.Sign(t.Context(), stu.Signature(2))) }
	scribble()
	h.begin(flow.StepSignature)
	h.shows(t, flow.Signature, flow.Waiting)
	must(t, h.world.Pad.Ready(t.Context()))
	h.station.Send(flow.Next{})
	h.mustAsk(t, flow.NoInk)
	must(t, h.world.Sign(t.Context()))
	h.station.Send(flow.Next{}) // and goes on without a word
	h.showsThat(t, "that the visitor is done", func(s flow.State) bool { return s.Screen != flow.Signature || s.Phase != flow.Waiting })
	must(t, h.world.Pad.Sign(t.Context(), atTheTop()))
	h.shows(t, flow.Review, flow.Waiting)
	if top := h.display.inkFrom(); top < 0.1 {
		t.Errorf("the signature has ink from %.2f of its height on: what was written after the visitor was done", top)
	}
	scribble()
	h.station.Send(flow.Confirm{})
	h.shows(t, flow.Ticket, flow.Done)
	scribble()
	h.station.Send(flow.Next{})
	h.shows(t, flow.Greeting, "")
	h.begin(flow.StepSignature)
	h.shows(t, flow.Signature, flow.Waiting)
	must(t, h.world.Pad.Ready(t.Context()))
	h.station.Send(flow.Next{})
	h.mustAsk(t, flow.NoInk)
}

// TestAVisitorCanStartAgainAndFinishOnThePadAlone has nobody touch the screen while a visitor signs.
func TestAVisitorCanStartAgainAndFinishOnThePadAlone(t *testing.T) {
	h := newHall(t)
	h.shows(t, flow.Greeting, "")
	h.begin(flow.StepSignature)
	h.shows(t, flow.Signature, flow.Waiting)
	must(t, h.world.Pad.Ready(t.Context()))
	again, done := tap(0.25), tap(0.75) // as one reads
	_, first := h.world.Pad.LastSession()
	must(t, h.world.Pad.Sign(t.Context(), append(atTheTop(), again)))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, now := h.world.Pad.LastSession(); now != first { // another capture has begun
			break
		}
		if time.Now().After(end) {
			t.Fatal("\"start again\" begins nothing")
		}
	}
	must(t, h.world.Sign(t.Context()))
	must(t, h.world.Pad.Sign(t.Context(), [][]stu.Point{done}))
	h.shows(t, flow.Review, flow.Waiting)
	if from := h.display.inkFrom(); from < 0.1 {
		t.Errorf("the signature has ink from %.2f of its height on, which was given up", from)
	}
	if n := h.world.Pad.SentInClear(); n != 0 {
		t.Errorf("%d samples went in clear", n)
	}
}

// tap is a pen that rests for a moment on a button below the paper, at a part of the pad's width.
func tap(x float64) []stu.Point {
	rest := make([]stu.Point, 10)
	for i := range rest {
		rest[i] = stu.Point{X: x, Y: 0.9, Pressure: 0.5}
	}
	return rest
}

// atTheTop is a line along the upper edge of the pad, where no signature of these people is.
func atTheTop() [][]stu.Point {
	var line []stu.Point
	for i := range 80 {
		line = append(line, stu.Point{X: 0.1 + 0.01*float64(i), Y: 0.04, Pressure: 0.5})
	}
	return [][]stu.Point{line}
}

// hall is a station in the emulated world, with a real back office.
type hall struct {
	t       *testing.T
	world   *world.World
	maker   *specimen.Maker
	station *kiosk.Station
	display *watcher
	before  int               // visitors
	drawn   map[string]string // pictures of screens, by what they show
}

// seen is what a visitor took home: screens by their pictures, and the ticket by its own.
type seen struct {
	screens []string
	paper   string
}

func newHall(t *testing.T) *hall {
	h := &hall{t: t, display: &watcher{changed: make(chan struct{})}, drawn: map[string]string{}}
	dir := t.TempDir()
	var err error
	h.world, err = world.New(t.Context(), dir, pcsc.Options{Socket: filepath.Join(os.TempDir(), fmt.Sprintf("foyer-pcscd-%d.comm", os.Getpid()))})
	must(t, err)
	t.Cleanup(func() { must(t, h.world.Close()) })
	for _, variable := range h.world.Env() {
		if name, value, _ := strings.Cut(variable, "="); name != "LD_PRELOAD" {
			t.Setenv(name, value)
		}
	}
	h.maker, err = specimen.NewMaker(1, time.Now())
	must(t, err)
	settings := h.settings(dir, h.backOffice(filepath.Join(dir, "office")))
	house, err := open(t.Context(), settings, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	must(t, err)
	t.Cleanup(func() { must(t, house.close()) })
	tickets, err := ticket.NewPrinter()
	must(t, err)
	sheets, err := padsheet.New("")
	must(t, err)
	h.station = kiosk.New(house.station(h.display, func(d kiosk.TicketData, width int) (*image.Gray, error) {
		d.Number, d.Time, d.Ahead = "A-1", time.Unix(0, 0).UTC(), d.Ahead-h.before // who came before is still waiting
		d.Wait = flow.Wait{}                                                       // which grows with those; intake's tests hold it to be the same for all
		return tickets.Draw(d, width)
	}, sheets))
	h.run(func(ctx context.Context) error {
		defer close(house.events)
		return hardware.Run(ctx, house.devices)
	})
	go house.tell() // ends with the channel
	h.run(house.link.Run)
	h.run(h.station.Run)
	h.plugged(house.devices)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// backOffice serves the demonstration's office and gives its address.
func (h *hall) backOffice(dir string) string {
	c, _, err := demo.Prepare(h.t.Context(), dir, time.Now())
	must(h.t, err)
	c.Stations.Listen, c.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	server, err := backoffice.New(h.t.Context(), c, slog.New(slog.NewTextHandler(h.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	must(h.t, err)
	h.run(func(ctx context.Context) error { return errors.Join(server.Run(ctx), server.Close(), context.Canceled) })
	return server.StationAddr()
}

func (h *hall) settings(dir, office string) config.Config {
	c, leds, pki := config.Default(), h.world.LEDs(), filepath.Join(dir, "office", "pki")
	c.StateDir, c.Socket, c.Verify.TrustStore = filepath.Join(dir, "state"), filepath.Join(dir, "socket"), filepath.Join(dir, "trust")
	c.BackOffice.Address, c.BackOffice.Authority = office, filepath.Join(pki, "ca.pem")
	c.BackOffice.Certificate, c.BackOffice.Key = filepath.Join(pki, "station-1.pem"), filepath.Join(pki, "station-1.key")
	c.Devices.LookEvery = config.Duration(100 * time.Millisecond)
	c.Devices.Camera = config.Camera{Backend: "gstreamer", Source: h.world.Hall.Pipeline()}
	c.Devices.PageImager.Camera = config.Camera{Backend: "gstreamer", Source: h.world.Glass.Pipeline()}
	c.Devices.PageImager.DPI, c.Devices.PageImager.LEDDir = specimen.DPI, leds.Folder
	c.Devices.PageImager.LEDs = config.LEDs{Visible: leds.Visible, Infrared: leds.Infrared, Ultraviolet: leds.Ultraviolet}
	c.Devices.Printer.Path = h.world.Printer.Path()
	c.Timings.Review, c.Timings.Chip = config.Duration(review), config.Duration(time.Second)
	store, err := trust.OpenStore(c.Verify.TrustStore)
	must(h.t, err)
	for name, file := range map[string][]byte{"csca.der": h.maker.CSCA(), "utopia.crl": h.maker.CRL()} {
		_, err := trusttest.Import(store, file, name, time.Now())
		must(h.t, err)
	}
	return c
}

// run keeps a part going until the test ends, and waits for it then.
func (h *hall) run(part func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- part(ctx) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			h.t.Error(err)
		}
	})
}

// plugged waits until all devices are found.
func (h *hall) plugged(d kiosk.Devices) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	_, reader := d.MRZReader.Wait(ctx)
	_, chips := d.ChipReader.Wait(ctx)
	_, imager := d.PageImager.Wait(ctx)
	_, camera := d.Camera.Wait(ctx)
	_, pad := d.SignaturePad.Wait(ctx)
	_, printer := d.TicketPrinter.Wait(ctx)
	must(h.t, errors.Join(reader, chips, imager, camera, pad, printer))
}

// visit sends the person through with a document.
func (h *hall) visit(t *testing.T, variant specimen.Variant) seen {
	t.Helper()
	document, err := h.maker.Make(h.maker.People()[0], variant)
	must(t, err)
	must(t, h.world.Enter(document))
	h.shows(t, flow.Greeting, "")
	h.display.forget()
	h.begin(flow.StepDocument)
	h.shows(t, flow.Document, flow.Waiting)
	must(t, h.world.LayDown(t.Context()))
	h.shows(t, flow.Review, flow.Working)
	ready := h.shows(t, flow.Review, flow.Waiting)
	took := ready.at.Sub(ready.laid)
	if away := (took - took.Round(review/2)).Abs(); took < review-grace || away > grace {
		t.Errorf("%s: the review can be confirmed %v after the document lay there, want halves of %v, two at least", variant, took, review)
	}
	t.Logf("%s: judged after %v", variant, took.Round(10*time.Millisecond))
	must(t, h.world.TakeBack(t.Context()))
	h.station.Send(flow.Confirm{})
	h.shows(t, flow.Ticket, flow.Done)
	paper, err := h.world.Printer.WaitTicket(t.Context(), h.before+1)
	must(t, err)
	h.station.Send(flow.Next{})
	h.shows(t, flow.Greeting, "")
	views := h.display.forget()
	for i := range views {
		v := &views[i]
		v.State.Wait = flow.Wait{}
		if v.State.Ahead > 0 {
			v.State.Ahead -= h.before
		}
	}
	h.before++
	return seen{h.draw(t, views), digest(paper)}
}

// begin brings a visitor to the first step.
func (h *hall) begin(steps ...flow.Step) {
	for _, e := range []flow.Event{flow.Start{}, flow.ChooseLanguage{Tag: "en"}, flow.AcceptPrivacy{},
		flow.ChooseService{Service: flow.Service{ID: "residence-permit", Steps: steps}}} {
		h.station.Send(e)
	}
}

// mustAsk waits until the visitor is asked to sign again, for a problem.
func (h *hall) mustAsk(t *testing.T, problem flow.Problem) {
	t.Helper()
	h.showsThat(t, "another try", func(s flow.State) bool { return s.Screen == flow.Signature && s.Attempt == 2 })
	if last, _ := h.display.latest(); last.state.Problem != problem {
		t.Errorf("the visitor sees %+v", last.state)
	}
}

func (h *hall) shows(t *testing.T, screen flow.Screen, phase flow.Phase) shown {
	t.Helper()
	return h.showsThat(t, string(screen)+" "+string(phase), func(s flow.State) bool { return s.Screen == screen && s.Phase == phase })
}

func (h *hall) showsThat(t *testing.T, what string, holds func(flow.State) bool) shown {
	t.Helper()
	late := time.After(patience)
	for {
		last, changed := h.display.latest()
		if holds(last.state) {
			return last
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("waited in vain for %s; the visitor sees %+v", what, last.state)
		}
	}
}

// draw gives each screen that looks otherwise than the one before, by name and picture.
func (h *hall) draw(t *testing.T, views []kiosk.View) []string {
	window, err := ui.New(test.NewTempApp(t), func(flow.Event) {}, ui.Options{Windowed: true, Now: func() time.Time { return time.Unix(0, 0) }})
	must(t, err)
	canvas := window.Window().Canvas()
	canvas.(test.WindowlessCanvas).SetScale(0.5)
	var screens []string
	for _, v := range views {
		shows := fmt.Sprintf("%+v", v)
		if h.drawn[shows] == "" {
			window.Show(v)
			h.drawn[shows] = digest(canvas.Capture())
		}
		screens = append(screens, fmt.Sprintf("%s %s %s", v.State.Screen, v.State.Phase, h.drawn[shows]))
	}
	return slices.Compact(screens)
}

func digest(picture image.Image) string {
	sum := sha256.New()
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			sum.Write([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)})
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

// shown is the state on the screen, since when, and since when the document is read.
type shown struct {
	state    flow.State
	at, laid time.Time
}

// watcher is a display that keeps what it shows: all but personal data, of which it keeps where there is some.
type watcher struct {
	mu      sync.Mutex
	views   []kiosk.View
	last    shown
	ink     float64       // from which part of its height on the last signature has ink; 1 without any
	changed chan struct{} // closed and replaced at every Show
}

func (w *watcher) Show(v kiosk.View) {
	ink := 1.0
	for i := range v.Review.Persons {
		ink = withoutPersonalData(&v.Review.Persons[i])
	}
	if !v.Until.IsZero() {
		v.Until = time.Unix(60, 0)
	}
	if v.State.Number != "" {
		v.State.Number = "A-1"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.last.state.Document().Reading && v.State.Document().Reading {
		w.last.laid = time.Now()
	}
	w.ink = ink
	w.views, w.last.state, w.last.at = append(w.views, v), v.State, time.Now()
	close(w.changed)
	w.changed = make(chan struct{})
}

// withoutPersonalData leaves where there was some, and gives from which part of its height on the signature has ink.
func withoutPersonalData(p *kiosk.ReviewPerson) (ink float64) {
	texts := []*string{&p.Surname, &p.GivenNames, &p.BirthDate, &p.Nationality}
	for i := range p.Documents {
		texts = append(texts, &p.Documents[i].Number, &p.Documents[i].ExpiryDate)
	}
	for _, text := range texts {
		if *text != "" {
			*text = "UTO"
		}
	}
	ink = inkFrom(p.Signature)
	for _, picture := range []*image.Image{&p.Portrait, &p.Signature} {
		if *picture != nil {
			*picture = image.White
		}
	}
	return ink
}

// inkFrom is from which part of its height on a signature has ink; 1 without any.
func inkFrom(signature image.Image) float64 {
	if drawn, ok := signature.(*image.Gray); ok {
		for i, v := range drawn.Pix {
			if v < 0x80 {
				return float64(i/drawn.Stride) / float64(drawn.Rect.Dy())
			}
		}
	}
	return 1
}

func (w *watcher) inkFrom() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ink
}

func (*watcher) Preview(*image.RGBA)                 {}
func (*watcher) Sheet()                              {}
func (*watcher) Ink(devices.Sample, devices.PadSize) {}

func (w *watcher) latest() (shown, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.changed
}

// forget hands out what was shown since it was called last.
func (w *watcher) forget() []kiosk.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	views := w.views
	w.views = nil
	return views
}
