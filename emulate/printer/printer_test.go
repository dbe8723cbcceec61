package printer

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"
)

func plugIn(t testing.TB) *Printer {
	t.Helper()
	p, err := New(16)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// say writes to the printer and reads n bytes of its answer.
func say(t *testing.T, p *Printer, text string, n int) string {
	t.Helper()
	station, err := os.OpenFile(p.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer station.Close()
	if _, err := station.WriteString(text); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, n)
	for got := 0; got < n; {
		m, err := station.Read(answer[got:])
		if err != nil {
			t.Fatal(err)
		}
		got += m
	}
	return string(answer)
}

const picture = "\x1Dv0\x00\x02\x00\x02\x00\x80\x01\x10\x20" // 16 dots, 2 rows

func TestAPictureIsPrintedAndCutOff(t *testing.T) {
	var d decoder
	d.width, d.paper = 16, endlessPaper
	d.receive([]byte("\x1B@" + picture + "\x1DV\x00"))
	var ticket event
	for e := d.next(); e.kind != eventNone; e = d.next() {
		ticket = e
	}
	if ticket.kind != eventCut || ticket.ticket.Rect.Dy() != 2 || d.unknown != 0 {
		t.Fatalf("%+v, %d unknown", ticket, d.unknown)
	}
	for y, black := range [][]int{{0, 15}, {3, 10}} {
		for x := range 16 {
			want := byte(0xFF)
			if x == black[0] || x == black[1] {
				want = 0
			}
			if got := ticket.ticket.GrayAt(x, y).Y; got != want {
				t.Errorf("dot %d,%d is %d, want %d", x, y, got, want)
			}
		}
	}
}

func TestStatusIsAnsweredInRealTimeInsideAPicture(t *testing.T) {
	var d decoder
	d.width, d.paper = 16, endlessPaper
	if got := d.receive([]byte(picture[:9] + "\x10\x04\x04" + picture[9:])); !slices.Equal(got, []request{{status: 4}}) {
		t.Errorf("requests %+v", got)
	}
	if e := d.next(); e.kind != eventDone || len(d.buffer) != 0 {
		t.Errorf("event %v, %d bytes left: the request stayed in the picture", e.kind, len(d.buffer))
	}
}

func TestSplitCommandsAreOne(t *testing.T) {
	var d decoder
	d.width, d.paper = 16, endlessPaper
	whole := picture + "\x1DVB\x00"
	cuts := 0
	for i := range whole {
		d.receive([]byte{whole[i]})
		for e := d.next(); e.kind != eventNone; e = d.next() {
			if e.kind == eventCut {
				cuts++
			}
		}
	}
	if cuts != 1 || d.unknown != 0 {
		t.Errorf("%d cuts, %d unknown bytes", cuts, d.unknown)
	}
}

func TestNothingIsPrintedWithoutPaperUntilItIsBack(t *testing.T) {
	p := plugIn(t)
	p.Set(Condition{PaperOut: true})
	p.Receive([]byte(picture + "\x1DV\x00"))
	if n := len(p.Tickets()); n != 0 {
		t.Fatalf("%d tickets without paper", n)
	}
	p.Set(Condition{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := p.WaitTicket(ctx, 1); err != nil {
		t.Error(err)
	}
	cancel()
	if _, err := p.WaitTicket(ctx, 2); err == nil {
		t.Error("a ticket that was never printed")
	}
}

func TestClearedBuffersPrintNothing(t *testing.T) {
	p := plugIn(t)
	p.Set(Condition{CoverOpen: true})
	p.Receive([]byte(picture + "\x1DV\x00" + string(clearBuffers[:])))
	p.Set(Condition{})
	if n := len(p.Tickets()); n != 0 {
		t.Errorf("%d tickets", n)
	}
}

func TestStatusOverTheTerminal(t *testing.T) {
	p := plugIn(t)
	p.Set(Condition{PaperLow: true})
	// The line is still cooked: a newline makes it readable.
	p.Receive([]byte("\x10\x04\x04"))
	p.plugged().line.WriteString("\n")
	if got := say(t, p, "", 2); got != "\x1E\n" {
		t.Errorf("answer %q", got)
	}
}

func TestThePathGoesWithThePrinter(t *testing.T) {
	p := plugIn(t)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if f, err := os.OpenFile(p.Path(), os.O_RDWR, 0); err == nil {
		f.Close()
		t.Error("the node can still be opened")
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x1B@" + picture + "\x1BJ\xFF\x1Dr\x01\x1DVB\x10"))
	f.Add([]byte("\x1Dv0\x00\xFF\xFF\xFF\xFF"))
	f.Add(append([]byte{dle, dle, eot}, clearBuffers[:]...))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := decoder{width: 16, paper: 10000}
		for len(data) > 0 {
			n := min(len(data), 7)
			d.receive(data[:n])
			data = data[n:]
			for {
				e := d.next()
				if e.kind == eventNone || e.kind == eventPaperOut {
					break
				}
				if len(d.buffer) > maxBuffer || len(d.strip) > maxRows*d.width {
					t.Fatalf("%d bytes buffered, %d of strip", len(d.buffer), len(d.strip))
				}
			}
		}
	})
}
