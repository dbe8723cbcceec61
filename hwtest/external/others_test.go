package external_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/devices/pcsc"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/printer"
	pen "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/external"
)

// plugPad plugs a pad into a bus that this process sees.
func plugPad(t *testing.T) *usb.Pad {
	t.Helper()
	bed := usbtest.NewBed(t)
	pad := usb.NewPadOf(pen.STU430(), "1")
	if err := bed.Plug("1", pad.Device); err != nil {
		t.Fatal(err)
	}
	return pad
}

func openPad(ctx context.Context) (devices.SignaturePad, error) {
	return stu.New(stu.Config{}).Open(ctx)
}

// seen is a pad of which is kept what it shows.
type seen struct {
	devices.SignaturePad
	pad   *usb.Pad
	shown *[]*image.RGBA
}

func (s seen) Show(ctx context.Context, picture image.Image, paper image.Rectangle) error {
	err := s.SignaturePad.Show(ctx, picture, paper)
	*s.shown = append(*s.shown, s.pad.LCD())
	return err
}

// whole is a sheet that is black all over.
func whole(size devices.PadSize) (image.Image, error) {
	return image.NewGray(image.Rect(0, 0, size.Width, size.Height)), nil
}

func TestAPadShowsBarsAndTheSheetAndIsWhiteAgain(t *testing.T) {
	pad := plugPad(t)
	var shown []*image.RGBA
	r := run(t, external.SignaturePad(func(ctx context.Context) (devices.SignaturePad, error) {
		p, err := stu.New(stu.Config{}).Open(ctx)
		return seen{p, pad, &shown}, err
	}, whole))
	c := find(t, r, "lcd")
	if c.Measure == nil || c.Measure.Value <= 0 {
		t.Fatalf("%+v", c)
	}
	wantAll(t, r, map[string]hwtest.Result{"lcd": c.Result}) // how fast this computer is does not matter here
	if len(shown) != 2 {
		t.Fatalf("it showed %d pictures", len(shown))
	}
	if black, white := shown[0].RGBAAt(5, 100), shown[0].RGBAAt(60, 100); black.R != 0 || white.R != 255 {
		t.Errorf("of the bars it showed %v and %v", black, white)
	}
	if left, right := shown[1].RGBAAt(5, 100), shown[1].RGBAAt(60, 100); left.R != 0 || right.R != 0 {
		t.Errorf("of the sheet it showed %v and %v", left, right)
	}
	if now := pad.LCD().RGBAAt(5, 100); now.R != 255 {
		t.Error("the sheet is left on the pad")
	}
}

func TestASlowPadFails(t *testing.T) {
	pad := plugPad(t)
	pad.BreakControl(usb.Slow)
	r := run(t, external.SignaturePad(openPad, whole))
	wantAll(t, r, map[string]hwtest.Result{"lcd": hwtest.Failed})
}

// TestOnlyTheSheetIsJudged has a pad that takes long over any picture but the sheet.
func TestOnlyTheSheetIsJudged(t *testing.T) {
	plugPad(t)
	r := run(t, external.SignaturePad(func(ctx context.Context) (devices.SignaturePad, error) {
		p, err := stu.New(stu.Config{}).Open(ctx)
		return &slowAtFirst{SignaturePad: p}, err
	}, whole))
	if c := find(t, r, "lcd"); c.Measure == nil || c.Measure.Value >= float64(slowly.Milliseconds()) {
		t.Errorf("%+v", c)
	}
}

// slowly is how long a picture takes that is not the sheet.
const slowly = time.Second

// slowAtFirst is a pad whose first picture takes that long.
type slowAtFirst struct {
	devices.SignaturePad
	second bool
}

func (s *slowAtFirst) Show(ctx context.Context, picture image.Image, paper image.Rectangle) error {
	if !s.second {
		s.second = true
		time.Sleep(slowly) // what is not to be measured
	}
	return s.SignaturePad.Show(ctx, picture, paper)
}

// card answers after a while, with whatever it has.
type card struct {
	after  time.Duration
	answer []byte
}

func (card) ATR() []byte { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (card) Reset()      {}
func (c card) Transmit(ctx context.Context, _ []byte) []byte {
	select {
	case <-time.After(c.after):
	case <-ctx.Done():
	}
	return c.answer
}

func reader(t *testing.T, on emulated.Card) hwtest.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	daemon, err := emulated.Start(ctx, emulated.Options{Socket: socket})
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	if on != nil {
		if _, err := daemon.Insert(ctx, on); err != nil {
			t.Fatal(err)
		}
	}
	return run(t, external.ChipReader(func(ctx context.Context) (devices.ChipReader, error) { return pcsc.Open(ctx, "") }))
}

func TestAnAntennaIsTestedWithAnyCard(t *testing.T) {
	r := reader(t, card{answer: []byte{0x6A, 0x82}}) // no passport
	wantAll(t, r, nil)
	c := find(t, r, "antenna")
	want := []hwtest.Fact{{Name: "status_word", Value: "6A82"}, {Name: "atr", Value: "3B808001"}}
	if len(c.Facts) != 2 || c.Facts[0] != want[0] || c.Facts[1] != want[1] {
		t.Errorf("%v, want %v", c.Facts, want)
	}
}

func TestACardThatIsSlowOrGoesFailsTheAntenna(t *testing.T) {
	for name, c := range map[string]card{"slow": {after: 700 * time.Millisecond, answer: []byte{0x90, 0x00}}, "gone": {}} {
		t.Run(name, func(t *testing.T) {
			wantAll(t, reader(t, c), map[string]hwtest.Result{"antenna": hwtest.Failed})
		})
	}
}

func TestWithoutACardTheAntennaIsNotTestedAndOneIsAskedFor(t *testing.T) {
	r := reader(t, nil)
	wantAll(t, r, map[string]hwtest.Result{"antenna": hwtest.NotPerformed})
	if c := find(t, r, "antenna"); !c.Remedy.Is("remedy.lay_card") || r.Healthy() == false {
		t.Errorf("%+v", c)
	}
}

// roll is a printer with its paper.
func roll(t *testing.T) (*printer.Printer, hwtest.Subject) {
	t.Helper()
	p, err := printer.New(384)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	open := func(ctx context.Context) (devices.TicketPrinter, error) {
		return escpos.Open(ctx, escpos.Config{Path: p.Path(), Width: 384})
	}
	return p, external.TicketPrinter(open, func(width int) (*image.Gray, error) {
		m := image.NewGray(image.Rect(0, 0, width, 200))
		draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
		m.SetGray(width-1, 100, color.Gray{})
		return m, nil
	})
}

func TestAPrinterPrintsTheTicketThatIsGiven(t *testing.T) {
	p, s := roll(t)
	wantAll(t, run(t, s), nil)
	tickets := p.Tickets()
	if len(tickets) != 1 || tickets[0].Rect.Dx() != 384 || tickets[0].GrayAt(383, 100).Y != 0 {
		t.Errorf("%d tickets", len(tickets))
	}
}

func TestAPrinterWithoutPaperOrWithAnOpenCoverSaysWhatToDo(t *testing.T) {
	p, s := roll(t)
	p.PaperLeft(60)
	r := run(t, s)
	wantAll(t, r, map[string]hwtest.Result{"test_ticket": hwtest.Failed})
	if c := find(t, r, "test_ticket"); c.State != devices.StateUserError || !c.Remedy.Is("remedy.new_roll") {
		t.Errorf("%+v", c)
	}
	p.Set(printer.Condition{CoverOpen: true})
	wantAll(t, run(t, s), map[string]hwtest.Result{
		"state": hwtest.Failed, "cover": hwtest.Failed, "paper": hwtest.NotPerformed, "test_ticket": hwtest.Failed,
	})
}

func TestATicketThatCannotBeDrawnIsNoPass(t *testing.T) {
	p, err := printer.New(384)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	s := external.TicketPrinter(func(ctx context.Context) (devices.TicketPrinter, error) {
		return escpos.Open(ctx, escpos.Config{Path: p.Path(), Width: 384})
	}, func(int) (*image.Gray, error) { return nil, errors.New("no fonts") })
	if c := find(t, run(t, s), "test_ticket"); c.Result != hwtest.Failed || len(p.Tickets()) > 0 {
		t.Errorf("%+v", c)
	}
}
