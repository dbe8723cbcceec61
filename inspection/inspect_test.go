package inspection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// scripted is a visitor who does what was written down, and writes down what is told.
type scripted struct {
	turns   []bool   // one for each time that the other side is asked for
	numbers []string // access numbers to give; then there is none

	mu       sync.Mutex
	told     []string
	portrait *verify.Portrait // of the chip
}

func (b *scripted) note(format string, of ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, fmt.Sprintf(format, of...))
}

func (b *scripted) LaidDown(bool) { b.note("laid down") }
func (b *scripted) Found(zone mrz.Zone, card bool) {
	b.note("found %s, card %t", zone.Fields.Surname, card)
}
func (b *scripted) Pictured(pages []verify.Page)  { b.note("%d pictures", len(pages)) }
func (b *scripted) ChipTorn()                     { b.note("torn") }
func (b *scripted) SeveralChips()                 { b.note("several") }
func (b *scripted) AccessNumberRefused(last bool) { b.note("refused, last %t", last) }
func (b *scripted) AccessNumberDone()             { b.note("number done") }

func (b *scripted) ChipRead(outcome verify.ChipOutcome, files map[string][]byte, portrait *verify.Portrait) {
	b.note("chip %s, %d files", outcome, len(files))
	b.portrait = portrait
}

func (b *scripted) TurnOver(_ context.Context, failed error) bool {
	b.note("turn over, failed %t", failed != nil)
	if len(b.turns) == 0 {
		return false
	}
	turned := b.turns[0]
	b.turns = b.turns[1:]
	return turned
}

func (b *scripted) AccessNumber(context.Context) (can string, given bool) {
	b.note("number")
	if len(b.numbers) == 0 {
		return "", false
	}
	can, b.numbers = b.numbers[0], b.numbers[1:]
	return can, true
}

// device is what the table's devices have in common.
type device struct{ kind devices.Kind }

func (d device) Info() devices.Info { return devices.Info{Kind: d.kind} }
func (device) Health(context.Context) devices.Health {
	return devices.Health{State: devices.StateOnline}
}
func (device) Close() error { return nil }

// swipe reads one document, or none.
type swipe struct {
	device
	lines []string
}

func (s *swipe) ReadMRZ(ctx context.Context) ([]string, error) {
	if s.lines == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.lines, nil
}

// glass pictures a white page; the pictures of faulty go wrong, counted from 0.
type glass struct {
	device
	mu     sync.Mutex
	taken  int
	faulty []int
	before func(devices.Light) // nil for nothing to be waited for
}

func (g *glass) Page(_ context.Context, light devices.Light) (*image.RGBA, int, error) {
	if g.before != nil {
		g.before(light)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken++
	if slices.Contains(g.faulty, g.taken-1) {
		return nil, 0, devices.ErrTimeout
	}
	page := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range page.Pix {
		page.Pix[i] = 0xff
	}
	return page, 400, nil
}

// blank sees no number on any page.
type blank struct{}

func (blank) ReadCAN(context.Context, image.Image, int) (string, bool, error) { return "", false, nil }

// plugged is the place of a device that is there; nil for one that is missing.
func plugged[D devices.Device](t *testing.T, kind devices.Kind, d D, missing bool) *devices.Slot[D] {
	t.Helper()
	slot := devices.NewSlot(kind, func(context.Context) (D, error) {
		if missing {
			var none D
			return none, devices.ErrNoDevice
		}
		return d, nil
	}, time.Millisecond, nil)
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	running.Go(func() { slot.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	for !missing {
		if _, err := slot.Get(); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return slot
}

// table is a place where documents are read.
type table struct {
	lines   []string
	chip    *field
	glass   *glass
	imager  devices.PageImager // nil for the glass
	unglass bool               // the imager is missing
	timings Timings

	portraits PortraitReader // nil for the real one, without a face finder
	likeness  func(verify.Evidence)
	pages     PageReader // nil where the reader reads the MRZ
}

func (p table) inspector(t *testing.T) *Inspector {
	passes := func(id string, needs Needs) Examiner {
		return Examiner{Stage(id), needs, func(_ context.Context, ev verify.Evidence) []verify.Check {
			if id == "likeness" && p.likeness != nil {
				p.likeness(ev)
			}
			return []verify.Check{{ID: id, Result: verify.Passed}}
		}}
	}
	imager := p.imager
	if imager == nil {
		imager = p.glass
	}
	return New(Config{
		Devices: Devices{
			MRZReader:  plugged[devices.MRZReader](t, devices.KindMRZReader, &swipe{device{devices.KindMRZReader}, p.lines}, false),
			ChipReader: plugged[devices.ChipReader](t, devices.KindChipReader, p.chip, false),
			PageImager: plugged[devices.PageImager](t, devices.KindPageImager, imager, p.unglass),
		},
		Numbers:   blank{},
		Portraits: p.portraits,
		Pages:     p.pages,
		Examiners: []Examiner{passes("chip", NeedsChip), passes("pages", NeedsPages), passes("both", NeedsChip|NeedsPages), passes("likeness", NeedsPortraits)},
		Timings:   p.timings,
		Today:     func() time.Time { return time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC) },
		ReadChip:  p.chip.read,
	})
}

var card = []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}

// deniedUnlessNumber is a chip that offers PACE and refuses the key of the MRZ.
func deniedUnlessNumber() chipAnswer {
	cardAccess := []byte{0x31, 0x14, 0x30, 0x12, 0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, 0x02, 0x02, 0x01, 0x02, 0x02, 0x01, 0x0D}
	return chipAnswer{
		files: map[string][]byte{emrtd.FileCardAccess: cardAccess}, closed: true,
		err: &emrtd.StatusError{Op: "open", Status: 0x6300, Err: emrtd.ErrAccessDenied},
	}
}

func TestADocumentIsInspectedWithoutAKiosk(t *testing.T) {
	for name, test := range map[string]struct {
		lines    []string
		answers  []chipAnswer
		faulty   []int
		scripted *scripted
		told     []string
		pages    int
		undone   []Undone
	}{
		"a passport": {
			lines: passport, answers: []chipAnswer{openedWith(passport)}, pages: 3,
			told: []string{"found ERIKSSON, card false", "3 pictures", "chip read, 1 files"},
		},
		"a passport in one light": {
			lines: passport, answers: []chipAnswer{openedWith(passport)}, faulty: []int{1, 2}, pages: 1,
			undone: []Undone{
				{NoLight, verify.Front, verify.Infrared, verify.Aborted}, {NoLight, verify.Front, verify.Ultraviolet, verify.Aborted},
			},
			told: []string{"found ERIKSSON, card false", "1 pictures", "chip read, 1 files"},
		},
		"a card": {
			lines: card, answers: []chipAnswer{openedWith(card)}, scripted: &scripted{turns: []bool{true}}, pages: 6,
			told: []string{"found ERIKSSON, card true", "3 pictures", "chip read, 1 files", "turn over, failed false", "3 pictures"},
		},
		"a card whose other side does not come": {
			lines: card, answers: []chipAnswer{openedWith(card)}, pages: 3,
			undone: []Undone{{NoOtherSide, verify.Front, "", verify.NotPerformed}},
			told:   []string{"found ERIKSSON, card true", "3 pictures", "chip read, 1 files", "turn over, failed false"},
		},
		"a card that is pictured at the second try": {
			lines: card, answers: []chipAnswer{openedWith(card)}, faulty: []int{3, 4, 5}, scripted: &scripted{turns: []bool{true, true}}, pages: 6,
			told: []string{"found ERIKSSON, card true", "3 pictures", "chip read, 1 files", "turn over, failed false", "turn over, failed true", "3 pictures"},
		},
		"a chip that opens by its number": {
			lines: passport, answers: []chipAnswer{deniedUnlessNumber(), openedWith(passport)}, scripted: &scripted{numbers: []string{rightCAN}}, pages: 3,
			told: []string{"found ERIKSSON, card false", "3 pictures", "number", "number done", "chip read, 1 files"},
		},
		"a chip whose number nobody knows": {
			lines: passport, answers: []chipAnswer{deniedUnlessNumber()}, pages: 3,
			told: []string{"found ERIKSSON, card false", "3 pictures", "number", "chip access_denied, 1 files"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := table{lines: test.lines, chip: &field{answers: test.answers, chip: paperChip{}}, glass: &glass{faulty: test.faulty}}
			b := cmp.Or(test.scripted, &scripted{})
			document, err := p.inspector(t).Open().Try(t.Context(), b, false)
			if err != nil || !slices.Equal(slices.Sorted(slices.Values(b.told)), slices.Sorted(slices.Values(test.told))) {
				t.Errorf("%v; the visitor is told %q, want %q", err, b.told, test.told)
			}
			if got := document.Evidence; len(got.Pages) != test.pages || !slices.Equal(got.MRZ, test.lines) || !slices.Equal(document.Undone, test.undone) {
				t.Errorf("%d pages, the MRZ %q, undone %v, want %v", len(got.Pages), got.MRZ, document.Undone, test.undone)
			}
			var ids []string
			for _, c := range document.Checks {
				ids = append(ids, c.ID)
			}
			if want := []string{"mrz.check_digits", "mrz.expiry", "chip", "pages", "both", "likeness"}; !slices.Equal(ids, want) {
				t.Errorf("checks %q, want %q", ids, want)
			}
		})
	}
}

func TestADocumentOfWhichNobodyKnowsWhoseItIsSaysWhy(t *testing.T) {
	misread := []string{passport[0], "L898902C37UTO7408122F1204159ZE184226B<<<<<10"}
	for name, test := range map[string]struct {
		lines []string
		wants []error // of one try after the other
	}{
		"nothing is laid down":                   {nil, []error{ErrNoDocument, ErrNoDocument}},
		"what is read is no MRZ":                 {[]string{"???"}, []error{devices.ErrUnreadable, devices.ErrUnreadable}},
		"a digit does not agree, twice the same": {misread, []error{devices.ErrUnreadable, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			p := table{
				lines: test.lines, chip: &field{answers: []chipAnswer{wholeChip}, chip: paperChip{}}, glass: &glass{}, unglass: true,
				timings: Timings{Document: 50 * time.Millisecond},
			}
			n := p.inspector(t).Open()
			for i, want := range test.wants {
				document, err := n.Try(t.Context(), &scripted{}, false)
				if !errors.Is(err, want) || (want == nil) != document.Lacks(NoImager) {
					t.Errorf("try %d: %v, without an imager %v", i+1, err, document.Undone)
				}
			}
		})
	}
}

// TestEachDocumentHasItsOwnTries: what was misread of one says nothing of the next.
func TestEachDocumentHasItsOwnTries(t *testing.T) {
	misread := []string{passport[0], "L898902C37UTO7408122F1204159ZE184226B<<<<<10"}
	p := table{lines: misread, chip: &field{}, glass: &glass{}, unglass: true, timings: Timings{Document: 50 * time.Millisecond}}
	i := p.inspector(t)
	for range 2 {
		if _, err := i.Open().Try(t.Context(), &scripted{}, false); !errors.Is(err, devices.ErrUnreadable) {
			t.Errorf("%v", err)
		}
	}
}

// TestAnInspectionThatIsStoppedGivesWhatItHasFound: a visitor who asks for staff takes nothing back that a check has found.
func TestAnInspectionThatIsStoppedGivesWhatItHasFound(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	p := table{lines: card, chip: &field{answers: []chipAnswer{openedWith(card)}, chip: paperChip{}}, glass: &glass{}}
	document, err := p.inspector(t).Open().Try(ctx, stopper{scripted: &scripted{}, stop: stop}, false)
	if err != nil || len(document.Checks) == 0 || len(document.Evidence.Pages) != 3 || document.Evidence.Files[emrtd.FileDG1] == nil {
		t.Errorf("%v, %d checks, %d pages, %d files", err, len(document.Checks), len(document.Evidence.Pages), len(document.Evidence.Files))
	}
	dg1, page := document.Evidence.Files[emrtd.FileDG1], document.Evidence.Pages[0].Image.Pix
	document.Wipe()
	if slices.ContainsFunc(slices.Concat(dg1, page), func(b byte) bool { return b != 0 }) || document.Evidence.Files != nil {
		t.Error("something of it is left after it was wiped")
	}
}

// TestATryThatIsStoppedBeforeItBeginsTakesNoDocument, which is for the next one.
func TestATryThatIsStoppedBeforeItBeginsTakesNoDocument(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b := &scripted{}
	p := table{lines: passport, chip: &field{}, glass: &glass{}}
	document, err := p.inspector(t).Open().Try(ctx, b, false)
	if !errors.Is(err, context.Canceled) || document.Evidence.MRZ != nil || len(b.told) > 0 {
		t.Errorf("%v, the MRZ %q; the visitor is told %q", err, document.Evidence.MRZ, b.told)
	}
}

// stopper ends the inspection when the other side is asked for.
type stopper struct {
	*scripted
	stop context.CancelFunc
}

func (s stopper) TurnOver(context.Context, error) bool {
	s.stop()
	return false
}
