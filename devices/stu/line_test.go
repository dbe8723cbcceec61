package stu_test

import (
	"context"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
)

// wired is a pad at the end of a serial line. Where it is plugged in, the path to it is known to the test.
type wired struct {
	*emulated.Line
	hand
	port *port
}

// port is a device node. Once the pad is pulled out its path may be another's.
type port struct {
	path string
	free bool
}

func (w wired) Unplug() {
	w.port.free = true
	w.Close()
}
func (w wired) Heal() { w.Break(emulated.Healthy) }

// lines are the serial ports, in the order in which a station would try them.
type lines struct{ ports []*port }

func (l *lines) plug(t testing.TB) wired {
	t.Helper()
	line, err := emulated.NewLine(emulated.STU430V(), "V-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	p := &port{path: line.Path()}
	l.ports = append(l.ports, p)
	return wired{line, hand{line.Tablet}, p}
}

// open opens the first that is free.
func (l *lines) open(ctx context.Context, pads *stu.Driver) (*stu.Pad, error) {
	_, err := pads.OpenLine(ctx, "/dev/none", stu.Baud)
	for _, p := range l.ports {
		if p.free {
			continue
		}
		pad, failed := pads.OpenLine(ctx, p.path, stu.Baud)
		if failed == nil {
			return pad, nil
		}
		err = failed
	}
	return nil, err
}

func TestAPadAtASerialLinePassesTheDriverSuite(t *testing.T) {
	fault := func(f emulated.LineFault) func(wired) { return func(w wired) { w.Break(f) } }
	var ports lines
	pads := stu.New(stu.Config{})
	devicestest.Driver[wired]{
		Open: func(ctx context.Context) (devices.Device, error) { return opened(ports.open(ctx, pads)) },
		Plug: inTest(ports.plug),
		Use:  use,
		Faults: []devicestest.Fault[wired]{
			{Name: "endless nonsense", Break: fault(emulated.Babbling), Want: devices.ErrProtocol, Seen: true},
			{Name: "garbage before a sample", Break: fault(emulated.Garbage)},
			{Name: "short frame", Break: fault(emulated.Short)},
			{Name: "split frame", Break: fault(emulated.Split)},
			{Name: "two frames at once", Break: fault(emulated.Merge)},
			{Name: "slow", Break: fault(emulated.Slow)},
			{Name: "refused request", Break: fault(emulated.Refusing), Want: devices.ErrProtocol, Seen: true},
			{Name: "unanswered request", Break: fault(emulated.Mute), Want: devices.ErrTimeout, Seen: true},
		},
		Cycles: 40,
	}.Run(t)
}

func TestASignatureAlongASerialLineIsWhatWasWrittenSinceThePadAskedForIt(t *testing.T) {
	var ports lines
	pads := stu.New(stu.Config{})
	devicestest.SignaturePad[wired]{
		Open: func(ctx context.Context) (devices.SignaturePad, error) { return ports.open(ctx, pads) },
		Plug: inTest(ports.plug),
	}.Run(t)
}

func TestAPadWithoutANumberAtItsPlugHasItsMakers(t *testing.T) {
	for _, c := range []struct {
		model emulated.Model
		want  string
	}{{emulated.STU540(), "EN-1"}, {emulated.STU430(), "N-1"}, {emulated.STU300(), "0000002a"}} {
		line, err := emulated.NewLine(c.model, "N-1")
		if err != nil {
			t.Fatal(err)
		}
		defer line.Close()
		pad, err := stu.New(stu.Config{}).OpenLine(t.Context(), line.Path(), stu.Baud)
		if err != nil {
			t.Fatal(err)
		}
		if got := pad.Info().Serial; got != c.want {
			t.Errorf("%s: %q, want %q", c.model.Name, got, c.want)
		}
		pad.Close()
	}
}

func TestAPictureGoesInAsLargeBlocksAsThePadTakes(t *testing.T) {
	model := emulated.STU540()
	model.BlockSize = 2557 // as firmware 1.8 says along its serial line (le2ni/stusign, docs/web-serial.md)
	line, err := emulated.NewLine(model, "N-1")
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	pad, err := stu.New(stu.Config{}).OpenLine(t.Context(), line.Path(), stu.Baud)
	if err != nil {
		t.Fatal(err)
	}
	defer pad.Close()
	picture := colours(pad.Size().Width, pad.Size().Height)
	if err := pad.Show(t.Context(), picture, picture.Rect); err != nil || !isEqual(line.LCD(), picture) {
		t.Errorf("Show = %v, or the LCD shows something else", err)
	}
	if n, least := line.Blocks(), len(picture.Pix)*3/4/2557; n > least+20 {
		t.Errorf("%d blocks, %d would do", n, least)
	}
}

func TestAPadAtASerialLineSaysWhatItIs(t *testing.T) {
	var ports lines
	w := ports.plug(t)
	pad, err := stu.New(stu.Config{}).OpenLine(t.Context(), w.Path(), stu.Baud)
	if err != nil {
		t.Fatal(err)
	}
	defer pad.Close()
	want := devices.Info{Kind: devices.KindSignaturePad, Model: "Wacom STU-430V", Serial: "V-1", Firmware: "1.05", Path: "serial " + w.Path()}
	if got := pad.Info(); got != want {
		t.Errorf("Info = %+v, want %+v", got, want)
	}
	if want := (devices.PadTraits{Screen: true, Rate: 150, Encrypted: true, Counts: true}); pad.Traits() != want {
		t.Errorf("Traits = %+v, want %+v", pad.Traits(), want)
	}
	picture := sheet(pad.Size())
	if err := pad.Show(t.Context(), picture, picture.Rect); err != nil {
		t.Fatal(err)
	}
	if !isEqual(w.LCD(), asShown(picture, emulated.STU430V())) {
		t.Error("the LCD shows something else")
	}
}
