package escpos_test

import (
	"context"
	"errors"
	"image"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/devices/usbmon"
	"github.com/foyer-station/foyer/devices/usbmon/usbmontest"
	"github.com/foyer-station/foyer/emulate/printer"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// twoTickets prints two tickets with the only printer; before the second, between says what happens.
func twoTickets(ctx context.Context, ticket *image.Gray, between func()) (info devices.Info, first, second error) {
	p, err := escpos.Open(ctx, escpos.Config{Driver: escpos.USB, Width: width})
	if err != nil {
		return info, err, err
	}
	first = p.Print(ctx, ticket)
	between()
	second = p.Print(ctx, ticket)
	return p.Info(), errors.Join(first, p.Close()), second
}

// recorded is what is said while two tickets are printed, the second without paper.
func recorded(t *testing.T, ctx context.Context, bed *usb.Bed) []usbmon.Event {
	t.Helper()
	p, err := usb.NewPrinter("SERIAL4711", width)
	if err != nil {
		t.Fatal(err)
	}
	recording := usb.Record(p.Device, time.Now)
	if err := bed.Plug("1", p.Device); err != nil {
		t.Fatal(err)
	}
	defer bed.Unplug("1")
	_, first, second := twoTickets(ctx, drawing(width, 150), func() { p.Mechanism.Set(printer.Condition{PaperOut: true}) })
	if first != nil || !errors.Is(second, devices.ErrPaperOut) {
		t.Fatalf("%v, %v", first, second)
	}
	return recording.Events()
}

func TestAPrinterReplaysFromACaptureWithoutWhatWasPrinted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	bed := usbtest.NewBed(t)
	clean, unknown := usbmon.Scrub(recorded(t, ctx, bed), escpos.NewScrubber())
	if unknown > 0 {
		t.Errorf("%d events are not understood", unknown)
	}
	p, err := usb.NewPrinter("SERIAL4711", width)
	if err != nil {
		t.Fatal(err)
	}
	replay := usb.NewReplay(clean, escpos.NewScrubber())
	p.Device.Model = replay
	if err := bed.Plug("2", p.Device); err != nil {
		t.Fatal(err)
	}
	info, first, second := twoTickets(ctx, image.NewGray(image.Rect(0, 0, width, 150)), func() {})
	if first != nil || !errors.Is(second, devices.ErrPaperOut) || replay.Err() != nil || replay.Left() > 0 {
		t.Errorf("%v, %v; the replay: %v, %d left", first, second, replay.Err(), replay.Left())
	}
	if info.Model != "EPSON TM-T88V" || info.Firmware != "30.21" || info.Serial != "0000000000" {
		t.Errorf("%+v", info)
	}
}

func TestNothingOfATicketIsInACaptureOfAPrinter(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	events := recorded(t, ctx, usbtest.NewBed(t))
	printed := func(e usbmon.Event) bool { return e.Kind == usbmon.Submitted && e.Transfer == usbmon.Bulk }
	usbmontest.Exercise(t, escpos.NewScrubber, events, printed, "SERIAL4711")
}

func FuzzScrub(f *testing.F) {
	ticket := "\x1b@\x1dv0\x00\x02\x00\x02\x00abcd\x1dVB\x10\x1dr\x01"
	usbmontest.Fuzz(f, escpos.NewScrubber,
		append([]byte{usbmon.Bulk, byte(len(ticket))}, ticket...),
		append([]byte{usbmon.Bulk, 3, 0x1d, 'I', 'C', usbmon.Bulk | 4, 4, '_'}, "TM\x00"...))
}
