package hardware_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

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
	"github.com/foyer-station/foyer/mrz/ocr"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/picture"
	"github.com/foyer-station/foyer/verify/portrait"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestMain(m *testing.M) {
	picture.ServeIfChild()
	devicestest.RunPreloaded(m)
}

// patience bounds what the benchmark waits for.
const patience = time.Minute

// BenchmarkDocument is how long a visitor waits from laying a genuine passport down to the verdict, with the real drivers in
// the emulated world, stage by stage in milliseconds. "side-by-side" is the work on page and chip by the time in which
// it was done: 1 is one after the other, 2 is all of it at once.
func BenchmarkDocument(b *testing.B) {
	l := newLobby(b)
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	var all times
	for b.Loop() {
		b.StopTimer()
		l.begin()
		b.StartTimer()
		all.add(l.layDown())
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

func (l *lobby) devices() config.Devices {
	w, leds, c := l.world, l.world.LEDs(), config.Default().Devices
	c.LookEvery = config.Duration(100 * time.Millisecond)
	c.Camera = config.Camera{Backend: "gstreamer", Source: w.Hall.Pipeline()}
	c.PageImager = config.PageImager{
		Camera: config.Camera{Backend: "gstreamer", Source: w.Glass.Pipeline()}, DPI: specimen.DPI,
		LEDDir: leds.Folder, LEDs: config.LEDs{Visible: leds.Visible, Infrared: leds.Infrared, Ultraviolet: leds.Ultraviolet},
	}
	c.Printer.Path = w.Printer.Path()
	return c
}

// checks is the part of a station that judges, each answer held against what the document must come to: a stage that
// went wrong has no time worth knowing.
func (l *lobby) checks(document *specimen.Specimen) kiosk.Config {
	store, err := trust.OpenStore(l.b.TempDir())
	l.must(err)
	_, err = store.Import(document.CSCA, "csca.der", time.Now())
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
		Inspection: inspection.Config{Pages: numbers, Numbers: numbers, Examiners: []inspection.Examiner{
			right(inspection.StageChipChecks, inspection.NeedsChip, chip.Examiner{Trust: store}.Examine),
			right(inspection.StageOptical, inspection.NeedsPages, pages.ExaminePages),
			right(inspection.StageLikeness, inspection.NeedsPages|inspection.NeedsChip, pages.ComparePortraits),
		}},
	}
}

// office is a connection to a back office that has numbers to give and never gets a visitor.
func (l *lobby) office() *grpc.ClientConn {
	key, err := age.GenerateX25519Identity()
	l.must(err)
	listener, server := bufconn.Listen(1<<16), grpc.NewServer()
	stationv1.RegisterStationServiceServer(server, office{recipient: key.Recipient().String()})
	var serving errgroup.Group
	serving.Go(func() error { return server.Serve(listener) })
	conn, err := grpc.NewClient("passthrough:office", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	l.must(err)
	l.b.Cleanup(func() { conn.Close(); server.Stop(); l.must(serving.Wait()) })
	return conn
}

type office struct {
	stationv1.UnimplementedStationServiceServer
	recipient string
}

func (o office) GetOffice(context.Context, *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	return &stationv1.GetOfficeResponse{OfficeId: "mitte", Name: "Mitte", Lobby: "Lobby", Recipient: o.recipient}, nil
}

func (office) LeaseNumbers(context.Context, *stationv1.LeaseNumbersRequest) (*stationv1.LeaseNumbersResponse, error) {
	return &stationv1.LeaseNumbersResponse{Prefix: "A", First: 1, Count: 100, Day: time.Now().Format(time.DateOnly)}, nil
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

// layDown lays the document down and collects the stages up to the verdict. The zone is timed from when the document lies.
func (l *lobby) layDown() []stage {
	l.b.Helper()
	l.must(l.world.LayDown(l.b.Context()))
	laid := time.Now()
	late := time.After(patience)
	var seen []stage
	for {
		select {
		case s := <-l.stages:
			if s.name == inspection.StageMRZ {
				s.begin = laid
			}
			if seen = append(seen, s); s.name == inspection.StageVerdict {
				return append(seen, stage{"wall", laid, s.end})
			}
		case <-late:
			l.b.Fatalf("no verdict; %d stages ended", len(seen))
		}
	}
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
	sum        map[inspection.Stage]time.Duration
	work, wall time.Duration // on page and chip
}

func (t *times) add(stages []stage) {
	if t.sum == nil {
		t.sum = map[inspection.Stage]time.Duration{}
	}
	t.documents++
	var first, last time.Time
	for _, s := range stages {
		took := s.end.Sub(s.begin)
		t.sum[s.name] += took
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
	b.ReportMetric(float64(t.work)/float64(t.wall), "side-by-side")
}
