package hardware_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/kiosk/link/officetest"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/picture"
	"github.com/foyer-station/foyer/verify/portrait"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestMain(m *testing.M) {
	picture.ServeIfChild()
	borrowIfTold()
	driveIfTold()
	devicestest.RunPreloaded(m)
}

// patience bounds what the benchmark waits for.
const patience = time.Minute

// BenchmarkDocument is how long a visitor waits from laying a genuine passport down to the verdict ("wall"), and until the spool has
// everything ("sealed"), with the real drivers in the emulated world, stage by stage in milliseconds: the mean, and of "wall" and
// the sealing the least as well, for other programs only ever add to it. "cpu" is the processor time of all of it, the emulated
// world's included. "side-by-side" is the work on page and chip by the time in which it was done: 1 is one after the other, 2 is
// all of it at once.
func BenchmarkDocument(b *testing.B) {
	l := newLobby(b)
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	var all times
	for b.Loop() {
		b.StopTimer()
		l.begin()
		b.StartTimer()
		before := spent(b)
		all.add(l.layDown())
		all.cpu += spent(b) - before
		b.StopTimer()
		l.leave()
		b.StartTimer()
	}
	all.report(b)
}

// lobby is a station with everything around it but a window.
type lobby struct {
	b        testing.TB
	world    *world.World
	document *specimen.Specimen
	station  *kiosk.Station
	screen   *screen
	stages   chan stage
	slots    kiosk.Devices
}

// stage is one line of the trace.
type stage struct {
	name       inspection.Stage
	begin, end time.Time
}

// newLobby makes one. change may have the station otherwise before it opens.
func newLobby(b testing.TB, change ...func(*kiosk.Config)) *lobby {
	b.Helper()
	l := &lobby{b: b, screen: &screen{changed: make(chan struct{})}, stages: make(chan stage, 32)}
	l.document = l.enter()
	slots := hardware.New(l.devices()).Slots(nil)
	c := l.checks(l.document)
	c.LeftBehind = []devices.Kind{devices.KindChipReader, devices.KindPageImager}
	c.Display, c.Devices, c.Languages = l.screen, slots, []string{"de"}
	c.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c.Trace = func(name inspection.Stage, begin, end time.Time) { l.stages <- stage{name, begin, end} }
	var err error
	c.Journal, err = journal.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"))
	l.must(err)
	b.Cleanup(func() { c.Journal.Close() })
	c.Link, err = link.New(b.Context(), l.office(), c.Journal, link.Options{Log: c.Log})
	l.must(err)
	for _, otherwise := range change {
		otherwise(&c)
	}
	l.station = kiosk.New(c)
	l.run(func(ctx context.Context) error { return hardware.Run(ctx, slots) })
	l.run(c.Link.Run)
	l.run(l.station.Run)
	l.plugged(slots)
	l.slots = slots
	return l
}

func (l *lobby) must(err error) {
	l.b.Helper()
	if err != nil {
		l.b.Fatal(err)
	}
}

// pcscd is where every chip reader of this process listens: libpcsclite reads its address once.
func pcscd() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("foyer-pcscd-%d.comm", os.Getpid()))
}

// enter builds the hardware, points this process at it, and lets the first person of Utopia in.
func (l *lobby) enter() *specimen.Specimen {
	var err error
	l.world, err = world.New(l.b.Context(), l.b.TempDir(), pcsc.Options{Socket: pcscd()})
	l.must(err)
	l.b.Cleanup(func() { l.must(l.world.Close()) })
	for _, variable := range l.world.Env() {
		if name, value, _ := strings.Cut(variable, "="); name != "LD_PRELOAD" {
			l.b.Setenv(name, value)
		}
	}
	maker, err := specimen.NewMaker(1, time.Now())
	l.must(err)
	document, err := maker.Make(maker.People()[0], specimen.Genuine)
	l.must(err)
	l.must(l.world.Enter(document))
	return document
}

// wiring is where a station finds the emulated hardware.
type wiring struct {
	Hall, Glass, Printer string
	LEDs                 world.LEDs
	LookEvery            time.Duration
}

func (l *lobby) wiring() wiring {
	w := l.world
	return wiring{Hall: w.Hall.Pipeline(), Glass: w.Glass.Pipeline(), Printer: w.Printer.Path(), LEDs: w.LEDs(), LookEvery: 100 * time.Millisecond}
}

// devices is what a station's configuration says of it.
func (w wiring) devices() config.Devices {
	c := config.Default().Devices
	c.LookEvery = config.Duration(w.LookEvery)
	c.Camera = config.Camera{Backend: "gstreamer", Source: w.Hall}
	c.PageImager = config.PageImager{
		Camera: config.Camera{Backend: "gstreamer", Source: w.Glass}, DPI: specimen.DPI,
		LEDDir: w.LEDs.Folder, LEDs: config.LEDs{Visible: w.LEDs.Visible, Infrared: w.LEDs.Infrared, Ultraviolet: w.LEDs.Ultraviolet},
	}
	c.Printer.Path = w.Printer
	return c
}

func (l *lobby) devices() config.Devices { return l.wiring().devices() }

// checks is the part of a station that judges, each answer held against what the document must come to: a stage that
// went wrong has no time worth knowing.
func (l *lobby) checks(document *specimen.Specimen) kiosk.Config {
	store, err := trust.OpenStore(l.b.TempDir())
	l.must(err)
	_, err = trusttest.Import(store, document.CSCA, "csca.der", time.Now())
	l.must(err)
	finder, err := portrait.NewFinder(portrait.DefaultCascades)
	l.must(err)
	l.b.Cleanup(func() { finder.Close() })
	numbers, err := ocr.New()
	l.must(err)
	l.b.Cleanup(func() { l.must(numbers.Close()) })
	policy, err := verify.DefaultPolicy()
	l.must(err)
	right := func(stage inspection.Stage, needs inspection.Needs, examine func(context.Context, verify.Evidence) []verify.Check) inspection.Examiner {
		return inspection.Examiner{Stage: stage, Needs: needs, Examine: func(ctx context.Context, ev verify.Evidence) []verify.Check {
			checks := examine(ctx, ev)
			for _, c := range checks {
				if want := cmp.Or(document.Want.Checks[c.ID], c.Result); c.Result != want {
					l.b.Errorf("%s is %s, want %s: %s", c.ID, c.Result, want, wordingtest.English(l.b, c))
				}
			}
			return checks
		}}
	}
	pages := page.New(finder, page.DefaultThresholds())
	return kiosk.Config{
		Faces: finder, Policy: policy,
		Inspection: inspection.Config{Pages: numbers, Numbers: numbers, Portraits: pages, Examiners: []inspection.Examiner{
			right(inspection.StageChipChecks, inspection.NeedsChip, chip.Examiner{Trust: store}.Examine),
			right(inspection.StageOptical, inspection.NeedsPages, pages.ExaminePages),
			right(inspection.StageLikeness, inspection.NeedsPortraits, pages.ComparePortraits),
		}},
	}
}

// office is a connection to a back office that has numbers to give and never gets a visitor.
func (l *lobby) office() *grpc.ClientConn {
	o, err := officetest.New(time.Now())
	l.must(err)
	conn, end, err := o.Connect()
	l.must(err)
	l.b.Cleanup(end)
	return conn
}

// run keeps a part going until the end, and waits for it then.
func (l *lobby) run(part func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- part(ctx) }()
	l.b.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			l.b.Error(err)
		}
	})
}

// plugged waits until the devices that read documents are found.
func (l *lobby) plugged(d kiosk.Devices) {
	l.b.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		_, reader := d.MRZReader.Get()
		_, chips := d.ChipReader.Get()
		_, imager := d.PageImager.Get()
		err := errors.Join(reader, chips, imager)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			l.b.Fatal(err)
		}
	}
}

func (l *lobby) begin() {
	for _, e := range []flow.Event{flow.Start{}, flow.ChooseLanguage{Tag: "de"}, flow.AcceptPrivacy{},
		flow.ChooseService{Service: flow.Service{ID: "permit", Steps: []flow.Step{flow.StepDocument}}}} {
		l.station.Send(e)
	}
	l.shows("the document screen", func(s flow.State) bool { return s.Screen == flow.Document })
}

// layDown lays the document down and collects the stages until the verdict is there and everything is sealed, which goes on behind it.
// The MRZ is timed from when the document lies.
func (l *lobby) layDown() []stage {
	l.b.Helper()
	l.must(l.world.LayDown(l.b.Context()))
	laid := time.Now()
	late := time.After(patience)
	var seen []stage
	ends := map[inspection.Stage]inspection.Stage{inspection.StageVerdict: "wall", "keep-pages": "pages-sealed", "keep-chip": "sealed"}
	for waiting := len(ends); waiting > 0; {
		select {
		case s := <-l.stages:
			if s.name == inspection.StageMRZ {
				s.begin = laid
			}
			seen = append(seen, s)
			if whole, last := ends[s.name]; last {
				seen = append(seen, stage{whole, laid, s.end})
				waiting--
			}
		case <-late:
			l.b.Fatalf("no verdict, or not all is sealed; %d stages ended", len(seen))
		}
	}
	return seen
}

func (l *lobby) leave() {
	l.station.Send(flow.Leave{})
	l.world.TakeAway()
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
}

func (l *lobby) shows(what string, holds func(flow.State) bool) {
	l.b.Helper()
	late := time.After(patience)
	for {
		state, changed := l.screen.latest()
		if holds(state) {
			return
		}
		select {
		case <-changed:
		case <-late:
			l.b.Fatalf("waited in vain for %s; the visitor sees %s", what, state.Screen)
		}
	}
}

// screen is a display that remembers its last state.
type screen struct {
	mu      sync.Mutex
	state   flow.State
	changed chan struct{} // closed and replaced at every Show
}

func (s *screen) Show(v kiosk.View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = v.State
	close(s.changed)
	s.changed = make(chan struct{})
}

func (*screen) Preview(*image.RGBA)                 {}
func (*screen) Sheet()                              {}
func (*screen) Ink(devices.Sample, devices.PadSize) {}

func (s *screen) latest() (flow.State, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, s.changed
}

// times are the stages of several documents.
type times struct {
	documents  int
	sum, least map[inspection.Stage]time.Duration
	work, wall time.Duration // on page and chip
	cpu        time.Duration // of this process and its children
}

// spent is the processor time that this process and its children have used.
func spent(b testing.TB) (all time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(who, &used); err != nil {
			b.Fatal(err)
		}
		all += time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return all
}

func (t *times) add(stages []stage) {
	if t.sum == nil {
		t.sum, t.least = map[inspection.Stage]time.Duration{}, map[inspection.Stage]time.Duration{}
	}
	t.documents++
	var first, last time.Time
	for _, s := range stages {
		took := s.end.Sub(s.begin)
		t.sum[s.name] += took
		t.least[s.name] = min(took, cmp.Or(t.least[s.name], took))
		if n := string(s.name); !strings.HasPrefix(n, "page-") && !strings.HasPrefix(n, "chip-") && s.name != inspection.StageOptical {
			continue
		}
		t.work += took
		if first.IsZero() || s.begin.Before(first) {
			first = s.begin
		}
		if s.end.After(last) {
			last = s.end
		}
	}
	t.wall += last.Sub(first)
}

func (t *times) report(b *testing.B) {
	for name, sum := range t.sum {
		b.ReportMetric(float64(sum.Microseconds())/1000/float64(t.documents), string(name)+"-ms")
	}
	for _, name := range []inspection.Stage{"wall", "sealed", "keep-pages"} {
		b.ReportMetric(float64(t.least[name].Microseconds())/1000, string(name)+"-least-ms")
	}
	b.ReportMetric(float64(t.cpu.Milliseconds())/float64(t.documents), "cpu-ms")
	b.ReportMetric(float64(t.work)/float64(t.wall), "side-by-side")
}
