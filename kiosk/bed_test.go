package kiosk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"image"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/kiosk/link/officetest"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// today is a day on which the specimen of Doc 9303 is valid.
var today = time.Date(2011, 3, 2, 12, 0, 0, 0, time.UTC)

// office is the tests' back office, opened.
type office struct{ *officetest.Office }

func newOffice(t *testing.T) office {
	t.Helper()
	o, err := officetest.New(today)
	fatal(t, err)
	o.Answer = &stationv1.SubmitResponse{Room: "12", Ahead: 2, WaitFrom: durationpb.New(5 * time.Minute), WaitUntil: durationpb.New(20 * time.Minute)}
	o.Snapshot.Services = []*stationv1.Service{{Id: "permit", Steps: []stationv1.Step{stationv1.Step_STEP_DOCUMENT}}}
	return office{o}
}

// fail makes it answer every call with an error; nil for none.
func (o office) fail(err error) { o.Do(func(o *officetest.Office) { o.Fail = err }) }

func (o office) setAway(away bool) {
	if away {
		o.fail(status.Error(codes.Unavailable, "away"))
	} else {
		o.fail(nil)
	}
}

// breaks makes it answer with errors of its own from now on.
func (o office) breaks() { o.fail(status.Error(codes.Internal, "ill")) }

// tells has it say what time it is, in its time zone.
func (o office) tells(now time.Time) {
	o.Now, o.Snapshot.TimeZone, o.Lease.Day = func() time.Time { return now }, now.Location().String(), now.Format(time.DateOnly)
}

// submitted are the check-ins that have arrived, in order.
func (o office) submitted() (all []*stationv1.SubmitRequest) {
	o.Do(func(o *officetest.Office) {
		for _, id := range o.Order {
			all = append(all, o.Taken[id])
		}
	})
	return all
}

// received is a check-in as the office has it after opening it.
type received struct {
	request *stationv1.SubmitRequest
	record  *stationv1.CheckInRecord
	files   map[string][]byte
}

func (o office) received(t *testing.T, index int) received {
	t.Helper()
	all := o.submitted()
	if index >= len(all) {
		t.Fatalf("%d check-ins arrived, want one more", len(all))
	}
	r := received{request: all[index], record: &stationv1.CheckInRecord{}, files: map[string][]byte{}}
	text, err := o.Open(r.request.GetRecordSha256())
	fatal(t, err)
	fatal(t, proto.Unmarshal(text, r.record))
	for i, file := range r.record.GetFiles() {
		plain, err := o.Open(r.request.GetFileSha256()[i])
		fatal(t, err)
		if digest := sha256.Sum256(plain); !bytes.Equal(digest[:], file.GetSha256()) || int64(len(plain)) != file.GetSize() {
			t.Errorf("file %s is not the one that the record describes", file.GetName())
		}
		r.files[file.GetName()] = plain
	}
	return r
}

// bed is a station with everything around it.
type bed struct {
	*Station
	t         *testing.T
	office    office
	journal   *journal.Journal
	screen    *screen
	glass     *glass
	field     *field
	imager    *imager
	page      page
	print     *print
	swipeless bool // the station has no document reader
	padless   bool // signing is left to staff
	camera    *camera
	pad       *pad
	printer   *printer
	checks    []verify.Check // what the examiner answers
	seen      []verify.Evidence
	tickets   []TicketData
	log       *notes
	stop      func()     // ends the station, and waits for it
	mu        sync.Mutex // of checks, seen, tickets
}

// notes is a log for several goroutines.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// newBed makes a bed; change may spoil the configuration before the station starts. Everything is stopped at the test's
// end, and every goroutine has to be gone then.
func newBed(t *testing.T, change func(*bed, *Config)) *bed {
	t.Helper()
	return newBedOn(t, t.TempDir(), ownOffice, change)
}

// ownOffice connects to the bed's own back office.
func ownOffice(t *testing.T, b *bed) (*grpc.ClientConn, func()) {
	t.Helper()
	conn, end, err := b.office.Connect()
	fatal(t, err)
	return conn, end
}

// newBedBefore makes a bed that reports to any back office; open connects to it, and gives what ends it.
func newBedBefore(t *testing.T, open func(*testing.T, *bed) (*grpc.ClientConn, func()), change func(*bed, *Config)) *bed {
	t.Helper()
	return newBedOn(t, t.TempDir(), open, change)
}

// newBedOn makes a bed whose journal lies in dir.
func newBedOn(t *testing.T, dir string, open func(*testing.T, *bed) (*grpc.ClientConn, func()), change func(*bed, *Config)) *bed {
	t.Helper()
	before := runtime.NumGoroutine()
	b := newParts(t)
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	b.journal, err = journal.Open(t.Context(), filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	conn, stopOffice := open(t, b)
	log := slog.New(slog.NewTextHandler(b.log, nil))
	l, err := link.New(t.Context(), conn, b.journal, link.Options{Now: func() time.Time { return today }, Log: log,
		Interval: 20 * time.Millisecond, MinPause: time.Millisecond, MaxPause: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	config := Config{
		Display: b.screen, Journal: b.journal, Link: l, LeftBehind: []devices.Kind{devices.KindChipReader, devices.KindPageImager}, Faces: b.camera, Policy: policy,
		Languages: []string{"de", "uk"},
		Inspection: inspection.Config{
			Pages: b.page, Numbers: b.print, ReadChip: b.field.read,
			Examiners: examiners(nothing, nothing, b.examine),
		},
		TicketPicture: b.draw,
		Timings:       Timings{Review: time.Millisecond, Reply: time.Millisecond, Glance: 2 * time.Millisecond},
		Patience:      onlyCleared, Now: func() time.Time { return today }, Log: log,
	}
	if change != nil {
		change(b, &config)
	}
	var plugged, linked, served running
	config.Devices = b.plugIn(&plugged)
	if b.swipeless {
		config.Devices.MRZReader = nil
	}
	if b.padless {
		config.Devices.SignaturePad = nil
	}
	b.Station = New(config)
	linked.start(t.Context(), l.Run)
	served.start(t.Context(), b.Run)
	b.stop = served.stop
	t.Cleanup(func() {
		served.stop()
		linked.stop()
		plugged.stop()
		conn.Close()
		stopOffice()
		b.journal.Close()
		b.leakedNothing(before)
	})
	return b
}

// newParts makes the devices, all plugged in and well, and what records.
func newParts(t *testing.T) *bed {
	t.Helper()
	b := &bed{
		t: t, office: newOffice(t), screen: newScreen(), log: &notes{},
		glass:   &glass{fake: newFake(devices.KindMRZReader), documents: make(chan []string, 4)},
		field:   &field{fake: newFake(devices.KindChipReader), feeling: newFeeling(), answers: make(chan chipAnswer, 4), chip: paperChip{cardAccess: cardAccess}},
		imager:  &imager{fake: newFake(devices.KindPageImager), feeling: newFeeling()},
		page:    make(page),
		print:   &print{},
		camera:  &camera{fake: newFake(devices.KindCamera)},
		pad:     &pad{fake: newFake(devices.KindSignaturePad), hand: true},
		printer: &printer{fake: newFake(devices.KindTicketPrinter)},
	}
	b.camera.see(oneFace)
	return b
}

// longest is how long a test waits for what must come: other programs may have the computer meanwhile.
const longest = 2 * time.Minute

// onlyCleared waits for visitors as long as the test takes.
func onlyCleared(s flow.State) time.Duration {
	if s.Screen == flow.Cleared {
		return time.Millisecond
	}
	return 0
}

// running is what has been started and is to be stopped.
type running struct {
	cancels []context.CancelFunc
	all     sync.WaitGroup
}

func (r *running) start(ctx context.Context, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	r.cancels = append(r.cancels, cancel)
	r.all.Go(func() { run(ctx) })
}

func (r *running) stop() {
	for _, cancel := range r.cancels {
		cancel()
	}
	r.all.Wait()
}

// plugIn runs a slot for every device and waits until those that are there are found.
func (b *bed) plugIn(r *running) Devices {
	const every = 2 * time.Millisecond
	d := Devices{
		MRZReader:     devices.NewSlot(devices.KindMRZReader, present[devices.MRZReader](b.glass, &b.glass.fake), every, nil),
		ChipReader:    devices.NewSlot(devices.KindChipReader, present[devices.ChipReader](b.field, &b.field.fake), every, nil),
		PageImager:    devices.NewSlot(devices.KindPageImager, present[devices.PageImager](b.imager, &b.imager.fake), every, nil),
		Camera:        devices.NewSlot(devices.KindCamera, present[devices.Camera](b.camera, &b.camera.fake), every, nil),
		SignaturePad:  devices.NewSlot(devices.KindSignaturePad, present[devices.SignaturePad](b.pad, &b.pad.fake), every, nil),
		TicketPrinter: devices.NewSlot(devices.KindTicketPrinter, present[devices.TicketPrinter](b.printer, &b.printer.fake), every, nil),
	}
	r.start(b.t.Context(), d.MRZReader.Run)
	r.start(b.t.Context(), d.ChipReader.Run)
	r.start(b.t.Context(), d.PageImager.Run)
	r.start(b.t.Context(), d.Camera.Run)
	r.start(b.t.Context(), d.SignaturePad.Run)
	r.start(b.t.Context(), d.TicketPrinter.Run)
	for _, found := range []func() bool{
		matches(d.MRZReader, &b.glass.fake), matches(d.ChipReader, &b.field.fake), matches(d.PageImager, &b.imager.fake),
		matches(d.Camera, &b.camera.fake), matches(d.SignaturePad, &b.pad.fake), matches(d.TicketPrinter, &b.printer.fake),
	} {
		b.until("the devices", found)
	}
	return d
}

// matches tells whether a slot has noticed what there is.
func matches[D devices.Device](slot *devices.Slot[D], f *fake) func() bool {
	return func() bool {
		_, err := slot.Get()
		pulled := f.Health(context.Background()).State == devices.StateNoDevice
		return pulled || err == nil
	}
}

func (b *bed) examine(_ context.Context, ev verify.Evidence) []verify.Check {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, ev)
	return b.checks
}

func nothing(context.Context, verify.Evidence) []verify.Check { return nil }

// The examiners of examiners, by their places.
const (
	ofChip = iota
	ofPages
	ofBoth
)

// examination is what an examiner does.
type examination = func(context.Context, verify.Evidence) []verify.Check

func examiners(chip, pages, both examination) []inspection.Examiner {
	return []inspection.Examiner{
		{Stage: inspection.StageChipChecks, Needs: inspection.NeedsChip, Examine: chip},
		{Stage: inspection.StageOptical, Needs: inspection.NeedsPages, Examine: pages},
		{Stage: inspection.StageLikeness, Needs: inspection.NeedsPages | inspection.NeedsChip, Examine: both},
	}
}

func (b *bed) draw(data TicketData, width int) (*image.Gray, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tickets = append(b.tickets, data)
	return image.NewGray(image.Rect(0, 0, width, 100)), nil
}

func (b *bed) ticket() TicketData {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.tickets) == 0 {
		b.t.Fatal("no ticket was drawn")
	}
	return b.tickets[len(b.tickets)-1]
}

func (b *bed) until(what string, holds func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(longest); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// leakedNothing waits for the goroutines that are ending.
func (b *bed) leakedNothing(before int) {
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			b.t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
			return
		}
	}
}

// shows waits until the visitor sees a screen in a phase, and gives the view.
func (b *bed) shows(screen flow.Screen, phase flow.Phase) View {
	b.t.Helper()
	return b.showsThat(string(screen)+" "+string(phase), func(s flow.State) bool { return s.Screen == screen && s.Phase == phase })
}

func (b *bed) showsThat(what string, holds func(flow.State) bool) View {
	b.t.Helper()
	deadline := time.After(longest)
	for {
		view, changed := b.screen.latest()
		if holds(view.State) {
			return view
		}
		select {
		case <-changed:
		case <-deadline:
			b.t.Fatalf("waited in vain for %s; the visitor sees %+v", what, view.State)
		}
	}
}

// begin brings a visitor to the first step of a service.
func (b *bed) begin(steps ...flow.Step) {
	b.t.Helper()
	b.shows(flow.Greeting, "")
	b.Send(flow.Start{})
	b.Send(flow.ChooseLanguage{Tag: "uk"})
	b.Send(flow.AcceptPrivacy{})
	b.Send(flow.ChooseService{Service: flow.Service{ID: "permit", Steps: steps}})
}

// spool is how many files of unconfirmed check-ins are on the disk.
func (b *bed) spool() int {
	b.t.Helper()
	counts, err := b.journal.Count(b.t.Context(), today.Format(time.DateOnly))
	if err != nil {
		b.t.Fatal(err)
	}
	return counts.Spool
}

// finish confirms at the review and waits for the ticket.
func (b *bed) finish() View {
	b.t.Helper()
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.Confirm{})
	return b.shows(flow.Ticket, flow.Done)
}

// gone waits until the visitor has left and the next one is greeted.
func (b *bed) gone() {
	b.t.Helper()
	b.Send(flow.Next{})
	b.shows(flow.Greeting, "")
}
