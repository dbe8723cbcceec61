package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/display"
	"github.com/foyer-station/foyer/emulate/house"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/visitor"
	"github.com/foyer-station/foyer/emulate/world"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// One house for all: the real programs, built by make build, in a window on a virtual display. The tests walk through it
// one after the other, as visitors do, and each leaves it as it was.
func TestTheWholeHouse(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	defer cancel()
	h := build(t, ctx, programs(t, "../../bin", "make build"))

	t.Run("a genuine passport goes to a caseworker with everything that was captured", h.genuine)
	t.Run("the technician is told that the trust store is young enough", h.trustAge)
	t.Run("a forged passport goes to who examines documents, and the visitor hears nothing of it", h.forged)
	t.Run("a copied chip goes there too, opened by PACE and found out by what it cannot prove", h.cloned)
	t.Run("a confirmed check-in survives kill -9, and nobody is called twice", h.killed)
	t.Run("a station that is cut off still gives a number, and the caseworker gets the visitor later", h.cutOff)
	t.Run("a page imager alone, without a document reader, is enough", h.pageAlone)
	t.Run("a family is received at once, with all their documents", h.family)
	t.Run("a passport that is left behind is asked for until it is taken", h.forgetful)
	t.Run("a technician tests everything at the screen and leaves it to visitors", h.technician)
	t.Run("who asks for a person gets one, and nothing more is taken", h.asked)
	t.Run("a technician gets in by the PIN, and by no other", h.guesses)
	t.Run("the technician's self-test", func(t *testing.T) {
		t.Run("while all is well", h.testedWhileWell)
		t.Run("with each device unplugged", h.testedUnplugged)
		t.Run("waits for the visitor", h.testedAfterTheVisitor)
		t.Run("killed while it has the devices", h.testerKilled)
		t.Run("while the back office is down", h.testedWithoutOffice)
	})
	t.Run("bad input", func(t *testing.T) {
		t.Run("a zone that cannot be read", h.unreadable)
		t.Run("no passport at all", h.noPassport)
		t.Run("a chip torn away while it is read", h.torn)
		t.Run("the camera unplugged", h.cameraUnplugged)
		t.Run("the pad unplugged", h.padUnplugged)
		t.Run("the printer out of paper", h.outOfPaper)
	})
	if err := h.Ended(); err != nil {
		t.Error(err)
	}
}

// A built house, with its display and who comes.
type built struct {
	*house.House
	ctx      context.Context
	programs string
	display  *display.Display
	maker    *specimen.Maker
	log      *lines
	known    map[passer]*specimen.Specimen // who came before
	tickets  int                           // printed so far
}

// passer is one of the people of Utopia with one of their documents.
type passer struct {
	person  int
	variant specimen.Variant
}

// timings of the station: visitors without a document and an office that is away are not waited for as long as people are;
// a busy machine that computes is. A quick machine has judged every document after review.
const timings = `[timings]
document = "15s"
answer = "3s"
page = "60s"
examination = "60s"
review = "5s"
`

// build builds a house of these programs, with devices in the place of the usual ones.
func build(t testing.TB, ctx context.Context, programs string, devices ...string) *built {
	t.Helper()
	maker, err := specimen.NewMaker(1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d, err := display.Start(screenWidth, screenHeight)
	if err != nil {
		t.Fatal(err)
	}
	b := &built{ctx: ctx, programs: programs, display: d, maker: maker, log: &lines{}, known: map[passer]*specimen.Specimen{}}
	b.House, err = house.Start(ctx, house.Options{
		Dir: t.TempDir(), Programs: programs, Kiosk: []string{filepath.Join(programs, "kiosk"), "--windowed", "--verbose"}, Env: d.Env(),
		Specimens: maker, Log: b.log,
		Devices: devices, Lines: timings + technicianLines(t),
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, b.log)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		b.log.check(t, maker)
	})
	return b
}

// comes lets somebody of Utopia step before the station.
func (b *built) comes(t testing.TB, person int, variant specimen.Variant) *specimen.Specimen {
	t.Helper()
	who := passer{person, variant}
	if b.known[who] == nil {
		s, err := b.maker.Make(b.maker.People()[person], variant)
		if err != nil {
			t.Fatal(err)
		}
		b.known[who] = s
	}
	s := b.known[who]
	if err := b.World.Enter(s); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.World.TakeAway)
	return s
}

// A plan is what one visitor does, and what must be seen on the way.
type plan struct {
	hands   visitor.Hands // the world's when nil
	service string        // residence-permit when empty
	asks    string        // the screen at which the visitor asks for a person
	adds    []visitor.Addition
	forgets bool              // the visitor takes the document only when told
	when    map[string]func() // what happens as soon as a screen is shown
	want    []string          // screens that must have been seen, in this order
	problem string            // what the visitor must have been told of; nothing when empty
}

// visit sends a visitor through and gives the ticket that was printed; nil when none was wanted.
func (b *built) visit(t *testing.T, p plan) []*technicianv1.WatchScreenResponse {
	t.Helper()
	var seen []*technicianv1.WatchScreenResponse
	if p.service == "" {
		p.service = "residence-permit"
	}
	if p.hands == nil {
		p.hands = b.World
	}
	v := visitor.Visitor{Language: "en", Service: p.service, Asks: p.asks, Hands: p.hands, Finger: finger(b.display), Writes: writer(b.display), Adds: p.adds, Forgetful: p.forgets}
	var problems []string
	v.Watched = func(s *technicianv1.WatchScreenResponse) {
		if act := p.when[s.GetScreen()]; act != nil {
			delete(p.when, s.GetScreen())
			act()
		}
		if s.GetProblem() != "" {
			problems = append(problems, s.GetProblem())
		}
	}
	v.Seen = func(_ int, s *technicianv1.WatchScreenResponse) error {
		seen = append(seen, s)
		return nil
	}
	ctx, cancel := context.WithTimeout(b.ctx, visitTime)
	defer cancel()
	if err := v.Visit(ctx, b.Station); err != nil {
		b.keepScreen(t)
		t.Fatalf("%v\n%s", err, b.log)
	}
	var names []string
	for _, s := range seen {
		names = append(names, s.GetScreen())
	}
	if !inOrder(p.want, names) {
		t.Errorf("saw %q, wanted %q", names, p.want)
	}
	if p.problem == "" && len(problems) > 0 || p.problem != "" && !slices.Contains(problems, p.problem) {
		t.Errorf("the visitor was told of %q, wanted %q", problems, p.problem)
	}
	return seen
}

// keepScreen keeps what the visitor sees under out/screens, until make clean.
func (b *built) keepScreen(t *testing.T) {
	picture, err := b.display.Still()
	if err != nil {
		t.Error(err)
		return
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		t.Error(err)
		return
	}
	path, err := filepath.Abs(filepath.Join("../../out/screens", strings.ReplaceAll(t.Name(), "/", "-")+".png"))
	if err != nil {
		t.Error(err)
		return
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, encoded.Bytes(), 0o644)); err != nil {
		t.Error(err)
		return
	}
	t.Log("the screen is in", path)
}

func inOrder(want, all []string) bool {
	for _, w := range want {
		i := slices.Index(all, w)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}

// ticket is the next ticket that the printer has cut off.
func (b *built) ticket(t *testing.T) image.Image {
	t.Helper()
	b.tickets++
	picture, err := b.World.Printer.WaitTicket(b.ctx, b.tickets)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// received signs in as a caseworker, calls the visitor, and gives what the file says.
func (b *built) received(t *testing.T, name string) (text string) {
	t.Helper()
	b.receives(t, name, func(staff *house.Staff) (err error) {
		text, err = staff.Text()
		return err
	})
	return text
}

// receives signs in as a caseworker, calls the visitor, and looks at the file.
func (b *built) receives(t *testing.T, name string, look func(*house.Staff) error) {
	t.Helper()
	i := slices.IndexFunc(b.Users, func(u house.User) bool { return u.Name == name })
	if i < 0 {
		t.Fatalf("no caseworker %s", name)
	}
	staff, err := b.SignIn(b.ctx, b.Users[i])
	if err != nil {
		t.Fatal(err)
	}
	defer staff.Close()
	if err := staff.CallNext(); err != nil {
		t.Fatalf("%s has nobody to call: %v", name, err)
	}
	if err := errors.Join(look(staff), staff.Finish()); err != nil {
		t.Fatal(err)
	}
}

// pace is between two looks at a condition.
const pace = 50 * time.Millisecond

// wait waits for a condition of the station.
func (b *built) wait(t *testing.T, what string, holds func(*technicianv1.GetStatusResponse) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	for {
		s, err := b.Station.GetStatus(ctx, &technicianv1.GetStatusRequest{})
		if err != nil {
			t.Fatalf("wait until %s: %v", what, err)
		}
		if holds(s) {
			return
		}
		time.Sleep(pace)
	}
}

func outboxEmpty(s *technicianv1.GetStatusResponse) bool { return s.GetOutbox() == 0 }

func online(kind string) func(*technicianv1.GetStatusResponse) bool {
	return func(s *technicianv1.GetStatusResponse) bool {
		return slices.ContainsFunc(s.GetDevices(), func(d *technicianv1.DeviceStatus) bool { return d.GetKind() == kind && d.GetState() == "online" })
	}
}

// usual are the screens of a whole check-in.
var usual = []string{"greeting", "language", "privacy", "service", "document", "portrait", "signature", "review", "ticket", "cleared"}

func (b *built) genuine(t *testing.T) {
	s := b.comes(t, 0, specimen.Genuine)
	b.visit(t, plan{want: usual})
	b.ticket(t)
	var text string
	var pictures map[string][]byte
	b.receives(t, "brandt", func(staff *house.Staff) error {
		var failed [2]error
		text, failed[0] = staff.Text()
		pictures, failed[1] = staff.Pictures()
		return errors.Join(failed[:]...)
	})
	mustSay(t, text, "Echt", s.Person.DocumentNumber, s.MRZ[0], s.MRZ[1])
	mustSay(t, text, "Reisepass, Utopia", "Okoro-Lindqvist, Amara Elin", "Die MRZ stimmt damit überein", "Harbour Road 12, Amaurot", "Ministry of Arrivals") // DG11, DG12
	for _, name := range []string{
		"person-1-portrait", "document-1-chip-portrait", "person-1-signature",
		"document-1-page-1-visible", "document-1-page-1-infrared", "document-1-page-1-ultraviolet",
	} {
		if len(pictures[name]) == 0 {
			t.Errorf("the file has no %s", name)
		}
	}
	if !bytes.Contains(s.Files["DG2"], pictures["document-1-chip-portrait"]) {
		t.Error("the portrait shown as the chip's is not the one in DG2")
	}
	for name, light := range map[string]int{"document-1-page-1-visible": 0, "document-1-page-1-infrared": 1, "document-1-page-1-ultraviolet": 2} {
		if d := distance(t, pictures[name], s.Pages()[light].Image); d > 3 {
			t.Errorf("%s differs from the page by %.1f of 255 on average", name, d)
		}
	}
}

func (b *built) trustAge(t *testing.T) { b.wait(t, "the trust store is well", online("trust_store")) }

func (b *built) forged(t *testing.T) {
	s := b.comes(t, 0, specimen.Forged)
	seen := b.visit(t, plan{want: usual})
	b.ticket(t)
	last := seen[len(seen)-2]
	if last.GetScreen() != "ticket" {
		t.Fatalf("the last screen but one is %s", last.GetScreen())
	}
	text := b.received(t, "okafor")
	mustSay(t, text, "Zweifelhaft", s.MRZ[0], "Nachname: gedruckt")
}

// cloned: the printed page and every signed file are good, and the chip is another.
func (b *built) cloned(t *testing.T) {
	s := b.comes(t, 2, specimen.Cloned)
	b.visit(t, plan{want: usual})
	b.ticket(t)
	text := b.received(t, "okafor")
	mustSay(t, text, "Zweifelhaft", s.MRZ[0], "Kopie")
	mustSay(t, text, "بن علي, سمير يوسف", "Benali, Leila", "Unterschrift aus dem Chip") // all that is signed, of DG11, DG16 and DG7
}

// pageAlone: the document reader is pulled out, and what lies on the glass is read from its picture.
func (b *built) pageAlone(t *testing.T) {
	b.World.Bus.Unplug(world.ReaderPort)
	defer b.readerBack(t)
	s := b.comes(t, 1, specimen.Genuine)
	b.visit(t, plan{hands: clumsy{b.World, b.World.PutOnGlass}, want: usual})
	b.ticket(t)
	text := b.received(t, "brandt")
	mustSay(t, text, append(s.MRZ, "Echt", s.Person.DocumentNumber)...)
}

// readerBack plugs the document reader in again, for whoever comes next.
func (b *built) readerBack(t *testing.T) {
	if err := b.World.Bus.Plug(world.ReaderPort, b.World.Reader.Device); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the document reader is back", online("document_reader"))
}

func mustSay(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in:\n%s", w, text)
		}
	}
}

// distance is the mean difference of two pictures of the same size, in steps of 255.
func distance(t *testing.T, encoded []byte, want *image.RGBA) float64 {
	t.Helper()
	got, err := png.Decode(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds().Size() != want.Bounds().Size() {
		t.Fatalf("the picture is %v, the page %v", got.Bounds().Size(), want.Bounds().Size())
	}
	var sum, n float64
	for y := 0; y < want.Rect.Dy(); y += 3 {
		for x := 0; x < want.Rect.Dx(); x += 3 {
			gr, gg, gb, _ := got.At(x, y).RGBA()
			wr, wg, wb, _ := want.At(x, y).RGBA()
			for _, pair := range [][2]uint32{{gr, wr}, {gg, wg}, {gb, wb}} {
				sum += float64(max(pair[0], pair[1])-min(pair[0], pair[1])) / 257
				n++
			}
		}
	}
	return sum / n
}

// killed: the power goes after the visitor has seen the number and before the back office has the check-in.
func (b *built) killed(t *testing.T) {
	s := b.comes(t, 1, specimen.Genuine)
	if err := b.StopOffice(); err != nil {
		t.Fatal(err)
	}
	b.visit(t, plan{want: usual})
	b.ticket(t)
	b.KillKiosk()
	if err := b.StartOffice(b.ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.StartKiosk(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the check-in has arrived", outboxEmpty)
	text := b.received(t, "brandt")
	mustSay(t, text, s.Person.DocumentNumber)
	b.nobodyWaits(t)
}

func (b *built) nobodyWaits(t *testing.T) {
	t.Helper()
	for _, u := range b.Users {
		staff, err := b.SignIn(b.ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		waiting, err := staff.Waiting()
		staff.Close()
		if err != nil || waiting {
			t.Errorf("somebody still waits for %s, %v", u.Name, err)
		}
	}
}

func (b *built) cutOff(t *testing.T) {
	b.comes(t, 0, specimen.Genuine)
	if err := b.StopOffice(); err != nil {
		t.Fatal(err)
	}
	b.visit(t, plan{service: "appointment", want: []string{"service", "review", "ticket", "cleared"}})
	b.ticket(t)
	b.wait(t, "the check-in is kept", func(s *technicianv1.GetStatusResponse) bool { return s.GetOutbox() == 1 })
	if err := b.StartOffice(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.wait(t, "the check-in has arrived", outboxEmpty)
	text := b.received(t, "reception")
	mustSay(t, text, "Ich habe einen Termin")
}

// clumsy lays the document down in another way than usual.
type clumsy struct {
	*world.World
	layDown func(context.Context) error
}

func (c clumsy) LayDown(ctx context.Context) error { return c.layDown(ctx) }

// anyoneReceives says that somebody has the visitor.
func (b *built) anyoneReceives(t *testing.T) {
	t.Helper()
	b.wait(t, "the check-in has arrived", outboxEmpty)
	for _, u := range b.Users {
		staff, err := b.SignIn(b.ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		waiting, err := staff.Waiting()
		if err == nil && waiting {
			err = staff.CallNext()
		}
		if err == nil && waiting {
			err = staff.Finish()
		}
		staff.Close()
		if err != nil {
			t.Fatal(err)
		}
		if waiting {
			return
		}
	}
	t.Error("nobody receives the visitor")
}
