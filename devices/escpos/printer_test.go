package escpos_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/emulate/printer"
)

const width = 384

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func plugIn(t testing.TB) *printer.Printer {
	t.Helper()
	p, err := printer.New(width)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func open(t testing.TB, path string) *escpos.Printer {
	t.Helper()
	p, err := escpos.Open(within(t, 5*time.Second), escpos.Config{Path: path, Width: width})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	var typed *devices.Error
	if !errors.Is(err, want) || !errors.As(err, &typed) || typed.Kind != devices.KindTicketPrinter {
		t.Fatalf("error %v, want a ticket printer's %v", err, want)
	}
}

// drawing is a picture whose bits look like real-time commands here and there.
func drawing(w, h int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = byte((i*7 + i/w*13) % 251)
	}
	return g
}

// differing counts the dots in which paper differs from the ticket, which lies at its top left.
func differing(ticket, paper *image.Gray) (n int) {
	for y := range paper.Rect.Dy() {
		for x := range paper.Rect.Dx() {
			at := image.Pt(x, y).Add(ticket.Rect.Min)
			black := at.In(ticket.Rect) && ticket.GrayAt(at.X, at.Y).Y < 0x80
			if black != (paper.GrayAt(x, y).Y == 0) {
				n++
			}
		}
	}
	return n
}

func TestATicketIsPrintedDotByDotAndCut(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	for i, size := range []image.Point{{width, 200}, {width, 64}, {1, 1}, {100, 63}, {383, 65}, {width, 1000}} {
		ticket := drawing(size.X, size.Y)
		if err := p.Print(within(t, 20*time.Second), ticket); err != nil {
			t.Fatal(err)
		}
		paper, err := device.WaitTicket(within(t, time.Second), i+1)
		if err != nil {
			t.Fatal(err)
		}
		if n := differing(ticket, paper); n != 0 {
			t.Errorf("%v: %d dots differ", size, n)
		}
	}
	if n := device.Unknown(); n != 0 {
		t.Errorf("the printer did not understand %d bytes", n)
	}
}

func TestAPartOfAPictureIsPrinted(t *testing.T) {
	device := plugIn(t)
	part := drawing(300, 300).SubImage(image.Rect(50, 60, 250, 200)).(*image.Gray)
	if err := open(t, device.Path()).Print(within(t, 10*time.Second), part); err != nil {
		t.Fatal(err)
	}
	if n := differing(part, device.Tickets()[0]); n != 0 {
		t.Errorf("%d dots differ", n)
	}
}

func TestDotsThatLookLikeCommandsAreNoCommands(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	count := 0
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.SampledFrom([]byte{0x10, 0x04, 0x14, 0x05, 0x01, 0x08, 0x1B, 0x1D, 0x0A}), 8, 400).Draw(t, "bytes")
		ticket := image.NewGray(image.Rect(0, 0, width, (len(data)+width/8-1)/(width/8)))
		for i := range ticket.Pix {
			ticket.Pix[i] = 0xFF
			if i/8 < len(data) && data[i/8]&(0x80>>(i%8)) != 0 {
				ticket.Pix[i] = 0
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.Print(ctx, ticket); err != nil {
			t.Fatal(err)
		}
		count++
		paper, err := device.WaitTicket(ctx, count)
		if err != nil {
			t.Fatal(err)
		}
		if n, most := differing(ticket, paper), bytes.Count(data, []byte{0x10}); n > most {
			t.Fatalf("%d dots differ, more than %d", n, most)
		}
	})
}

func TestATicketThatDoesNotFitIsRefused(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	for _, size := range []image.Point{{width + 1, 10}, {0, 10}, {10, 0}, {10, 4001}} {
		if err := p.Print(within(t, 5*time.Second), image.NewGray(image.Rectangle{Max: size})); err == nil {
			t.Errorf("%v was printed", size)
		}
	}
	for _, config := range []escpos.Config{{Path: device.Path(), Width: 7}, {Path: device.Path(), Width: 12}, {Path: device.Path(), Width: 4096}} {
		if _, err := escpos.Open(within(t, 5*time.Second), config); err == nil {
			t.Errorf("%+v was opened", config)
		}
	}
}

func TestAPrinterThatCannotPrintIsSentNothing(t *testing.T) {
	for name, test := range map[string]struct {
		condition printer.Condition
		want      error
	}{
		"paper out":  {printer.Condition{PaperOut: true}, devices.ErrPaperOut},
		"cover open": {printer.Condition{CoverOpen: true}, devices.ErrCoverOpen},
	} {
		t.Run(name, func(t *testing.T) {
			device := plugIn(t)
			p := open(t, device.Path())
			device.Set(test.condition)
			wantError(t, p.Print(within(t, 5*time.Second), drawing(width, 100)), test.want)
			device.Set(printer.Condition{})
			if err := p.Print(within(t, 5*time.Second), drawing(width, 50)); err != nil {
				t.Fatal(err)
			}
			if n := len(device.Tickets()); n != 1 {
				t.Errorf("%d tickets came out, want the second one only", n)
			}
		})
	}
}

func TestATicketIsForgottenWhenThePaperEndsInIt(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.PaperLeft(150)
	wantError(t, p.Print(within(t, 10*time.Second), drawing(width, 400)), devices.ErrPaperOut)
	device.Set(printer.Condition{})
	if err := p.Print(within(t, 10*time.Second), drawing(width, 50)); err != nil {
		t.Fatal(err)
	}
	if tickets := device.Tickets(); len(tickets) != 1 || differing(drawing(width, 50), tickets[0]) != 0 {
		t.Errorf("%d tickets, or the wrong one", len(tickets))
	}
}

// TestWhatWasPrintedOfATicketIsCutOffBeforeTheNext when somebody opens the cover in the middle of it.
func TestWhatWasPrintedOfATicketIsCutOffBeforeTheNext(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.OpenCoverAfter(150)
	wantError(t, p.Print(within(t, 10*time.Second), drawing(width, 400)), devices.ErrCoverOpen)
	device.Set(printer.Condition{})
	for range 2 {
		if err := p.Print(within(t, 10*time.Second), drawing(width, 200)); err != nil {
			t.Fatal(err)
		}
	}
	tickets := device.Tickets()
	if len(tickets) != 3 {
		t.Fatalf("%d strips of paper, want the torn one and two tickets", len(tickets))
	}
	for _, ticket := range tickets[1:] {
		if n := differing(drawing(width, 200), ticket); n != 0 {
			t.Errorf("%d dots differ", n)
		}
	}
}

func TestPaperAndHealthSayWhatTheSensorsSay(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	for _, test := range []struct {
		condition printer.Condition
		paper     devices.Paper
		state     devices.State
	}{
		{printer.Condition{}, devices.PaperOK, devices.StateOnline},
		{printer.Condition{PaperLow: true}, devices.PaperLow, devices.StateDegraded},
		{printer.Condition{PaperOut: true}, devices.PaperOut, devices.StateUserError},
		{printer.Condition{CoverOpen: true}, devices.PaperOK, devices.StateUserError},
	} {
		device.Set(test.condition)
		if paper, err := p.Paper(within(t, 5*time.Second)); err != nil || paper != test.paper {
			t.Errorf("%+v: paper %v, %v", test.condition, paper, err)
		}
		if h := p.Health(within(t, 5*time.Second)); h.State != test.state || (h.Remedy.IsZero()) != (h.State == devices.StateOnline) {
			t.Errorf("%+v: health %+v", test.condition, h)
		}
	}
	if err := p.Print(within(t, 5*time.Second), drawing(8, 8)); !errors.Is(err, devices.ErrCoverOpen) {
		t.Errorf("print: %v", err)
	}
	device.Set(printer.Condition{PaperLow: true})
	if err := p.Print(within(t, 5*time.Second), drawing(8, 8)); err != nil {
		t.Errorf("paper low keeps it from printing: %v", err)
	}
}

func TestASilentPrinterTimesOut(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Set(printer.Condition{Silent: true})
	_, err := p.Paper(within(t, 10*time.Second))
	wantError(t, err, devices.ErrTimeout)
	if h := p.Health(within(t, 50*time.Millisecond)); h.State != devices.StateHWError {
		t.Errorf("health %+v", h)
	}
	device.Set(printer.Condition{})
	if _, err := p.Paper(within(t, 10*time.Second)); err != nil {
		t.Errorf("after it came to itself: %v", err)
	}
}

func TestCancellingEndsTheWait(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Set(printer.Condition{Silent: true})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	begin := time.Now()
	wantError(t, p.Print(ctx, drawing(width, 100)), context.Canceled)
	if took := time.Since(begin); took > time.Second {
		t.Errorf("returned after %v", took)
	}
}

func TestClosingEndsTheWait(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Set(printer.Condition{Silent: true})
	time.AfterFunc(20*time.Millisecond, func() { p.Close() })
	_, err := p.Paper(within(t, 10*time.Second))
	wantError(t, err, devices.ErrClosed)
	if err := p.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if h := p.Health(within(t, time.Second)); h.State != devices.StateNoDevice {
		t.Errorf("health %+v", h)
	}
}

func TestAPrinterThatIsPulledOutEndsTheWait(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Set(printer.Condition{Silent: true})
	time.AfterFunc(20*time.Millisecond, func() { device.Close() })
	_, err := p.Paper(within(t, 10*time.Second))
	wantError(t, err, devices.ErrUnplugged)
	wantError(t, p.Print(within(t, 10*time.Second), drawing(8, 8)), devices.ErrUnplugged)
	if h := p.Health(within(t, time.Second)); h.State != devices.StateNoDevice {
		t.Errorf("health %+v", h)
	}
}

func TestOpenSaysWhyItCannot(t *testing.T) {
	_, err := escpos.Open(within(t, time.Second), escpos.Config{})
	wantError(t, err, devices.ErrNotConfigured)
	_, err = escpos.Open(within(t, time.Second), escpos.Config{Path: filepath.Join(t.TempDir(), "lp0")})
	wantError(t, err, devices.ErrNoDevice)
	device := plugIn(t)
	open(t, device.Path())
	_, err = escpos.Open(within(t, time.Second), escpos.Config{Path: device.Path()})
	wantError(t, err, devices.ErrBusy)
	silent := plugIn(t)
	silent.Set(printer.Condition{Silent: true})
	_, err = escpos.Open(within(t, 100*time.Millisecond), escpos.Config{Path: silent.Path()})
	wantError(t, err, context.DeadlineExceeded)
}

func TestADeviceThatIsNoPrinterIsAProtocolError(t *testing.T) {
	for name, answer := range map[string][]byte{
		"wrong byte":      {0xFF},
		"talks for ever":  bytes.Repeat([]byte{0x12}, 4096),
		"answer to other": {0x00},
	} {
		t.Run(name, func(t *testing.T) {
			master, slave, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			master = pollable(t, master)
			done := make(chan struct{})
			go func() {
				defer close(done)
				request := make([]byte, 64)
				for {
					if _, err := master.Read(request); err != nil {
						return
					}
					master.Write(answer)
				}
			}()
			p, err := escpos.Open(within(t, time.Second), escpos.Config{Path: slave.Name()})
			if err == nil { // it said something sensible by chance, but not four times
				err = p.Print(within(t, 2*time.Second), drawing(8, 8))
				p.Close()
			}
			if err == nil {
				t.Error("it was taken for a printer")
			}
			slave.Close()
			master.Close() // it may be talking still, to nobody
			<-done
		})
	}
}

// pollable makes a terminal one of which reads and writes end when it is closed, which pty.Open's do not.
func pollable(t *testing.T, terminal *os.File) *os.File {
	t.Helper()
	defer terminal.Close()
	fd, err := unix.FcntlInt(terminal.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), terminal.Name())
}

func TestNothingIsLeakedOverManyTickets(t *testing.T) {
	count := func() (files, goroutines int) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries), runtime.NumGoroutine()
	}
	visit := func() {
		device, err := printer.New(width)
		if err != nil {
			t.Fatal(err)
		}
		defer device.Close()
		p, err := escpos.Open(within(t, 5*time.Second), escpos.Config{Path: device.Path(), Width: width})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.Print(within(t, 5*time.Second), drawing(width, 40)); err != nil {
			t.Fatal(err)
		}
	}
	visit()
	files, goroutines := count()
	for range 30 {
		visit()
	}
	for ctx := within(t, 10*time.Second); ; runtime.Gosched() {
		f, g := count()
		if f <= files && g <= goroutines {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%d files and %d goroutines, before %d and %d", f, g, files, goroutines)
		}
	}
}

func TestAMutePrinterIsIllHoweverOftenItIsAsked(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	device.Set(printer.Condition{Silent: true})
	asking, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { // as a slot and other technicians do
		defer close(ended)
		for asking.Err() == nil {
			p.Health(asking)
		}
	}()
	defer func() { stop(); <-ended }()
	for range 3 {
		if h := p.Health(within(t, 30*time.Second)); h.State != devices.StateHWError || h.Remedy.IsZero() {
			t.Errorf("health is %+v", h)
		}
	}
}

func TestAPrinterThatFallsSilentWhilePrintingIsIllOnceItHasGivenUp(t *testing.T) {
	device := plugIn(t)
	p := open(t, device.Path())
	ended := make(chan error, 1)
	device.Set(printer.Condition{Silent: true})
	go func() { ended <- p.Print(within(t, time.Minute), drawing(width, 400)) }()
	wantError(t, <-ended, devices.ErrTimeout)
	if h := p.Health(within(t, 10*time.Second)); h.State != devices.StateHWError {
		t.Errorf("health is %+v", h)
	}
	device.Set(printer.Condition{})
	if h := p.Health(within(t, 10*time.Second)); h.State != devices.StateOnline {
		t.Errorf("once it speaks again, health is %+v", h)
	}
}
