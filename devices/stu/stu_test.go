package stu_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// unit is a pad at a port.
type unit struct {
	*usb.Pad
	hand
	usbtest.Place
}

// hand is a person's, at a pad.
type hand struct{ tablet *emulated.Tablet }

func (h hand) Act(ctx context.Context) error { return h.tablet.Sign(ctx, stroke()) }

// Write implements [devicestest.Writer]: a line of a tenth of a second.
func (h hand) Write(ctx context.Context, height float64) error {
	var line []emulated.Point
	for i := range 20 {
		line = append(line, emulated.Point{X: 0.1 + 0.04*float64(i), Y: height, Pressure: 0.5})
	}
	return h.tablet.Sign(ctx, [][]emulated.Point{line})
}

func (h hand) Press(ctx context.Context, height float64) {
	h.tablet.Press(ctx, emulated.Point{X: 0.5, Y: height, Pressure: 0.5})
}

func (h hand) Hover(ctx context.Context, height float64) {
	h.tablet.Hover(ctx, emulated.Point{X: 0.5, Y: height})
}

// Inked implements [devicestest.Writer].
func (h hand) Inked(height float64) bool {
	shown := h.tablet.LCD()
	y := int(height * float64(shown.Rect.Dy()))
	for dy := -2; dy <= 2; dy++ {
		for x := range shown.Rect.Dx() {
			if shown.RGBAAt(x, y+dy).R < 0x80 {
				return true
			}
		}
	}
	return false
}

// stroke is a short line down to the right.
func stroke() [][]emulated.Point {
	return [][]emulated.Point{{{X: 0.25, Y: 0.25, Pressure: 0.5}, {X: 0.5, Y: 0.5, Pressure: 0.75}, {X: 0.75, Y: 0.75, Pressure: 1}}}
}

// plugger plugs pads into the ports of a bed that are free.
func plugger(bed *usb.Bed, model emulated.Model) func(testing.TB) unit {
	return func(t testing.TB) unit {
		t.Helper()
		return plug(t, bed, model, func(*usb.Device) {})
	}
}

// plug plugs in a pad that wears something.
func plug(t testing.TB, bed *usb.Bed, model emulated.Model, wear func(*usb.Device)) unit {
	t.Helper()
	pad, place := usbtest.Plug(t, bed, func(serial string) *usb.Pad { return usb.NewPadOf(model, serial) }, func(of *usb.Pad) *usb.Device {
		wear(of.Device)
		return of.Device
	})
	return unit{pad, hand{pad.Tablet}, place}
}

// impostors are pads in every disguise that an emulated device has.
func impostors(bed *usb.Bed, model emulated.Model) []devicestest.Impostor[unit] {
	return usbtest.Impostors(func(t testing.TB, wear func(*usb.Device)) unit { return plug(t, bed, model, wear) })
}

// inTest gives the suite what benchmarks use too.
func inTest[U any](plug func(testing.TB) U) func(*testing.T) U {
	return func(t *testing.T) U { return plug(t) }
}

// use captures until the pen has touched at the end of the stroke.
func use(ctx context.Context, device devices.Device) error {
	ctx, done := context.WithCancel(ctx)
	defer done()
	pad := device.(*stu.Pad)
	return pad.Capture(ctx, func(s devices.Sample) {
		if s.Down && s.Pressure == pad.Size().MaxPressure {
			done()
		}
	})
}

// models are the pads at the USB bus: of each kind of stamps and keys one first, then those that are like one of them.
func models() []emulated.Model {
	return []emulated.Model{
		emulated.STU530(), emulated.STU520A(), emulated.STU300(), emulated.STU430(), emulated.STU500(), emulated.STU540(), emulated.STU430V(),
	}
}

func TestEveryPadPassesTheDriverSuite(t *testing.T) {
	pads := stu.New(stu.Config{})
	for i, model := range models() {
		t.Run(model.Name, func(t *testing.T) {
			bed := usbtest.NewBed(t)
			d := devicestest.Driver[unit]{
				Open:   func(ctx context.Context) (devices.Device, error) { return opened(pads.Open(ctx)) },
				Plug:   inTest(plugger(bed, model)),
				Use:    use,
				Faults: faults(),
				Hold:   func(_ *testing.T, u unit) func() { return u.Hold() },
				Forbid: func(_ *testing.T, u unit) func() { return u.Forbid() },
				Cycles: 5,
			}
			if i >= 3 { // what it takes to see that a request fails was seen of the others
				d.Faults = slices.DeleteFunc(d.Faults, func(f devicestest.Fault[unit]) bool {
					return strings.Contains(f.Name, "request") || f.Name == "loose plug"
				})
			}
			if i == 0 {
				d.Stick, d.Cycles = func(u unit) { u.Break(usb.Stuck) }, 60
				d.Impostors = impostors(bed, model)
			}
			d.Run(t)
		})
	}
}

func TestASignatureIsWhatWasWrittenSinceThePadAskedForIt(t *testing.T) {
	pads := stu.New(stu.Config{})
	for _, model := range models()[:3] {
		signatureSuite(t, model.Name, model, pads)
	}
	clear := stu.New(stu.Config{Encryption: stu.Off})
	signatureSuite(t, "in clear, with stamps", emulated.STU530(), clear)
	signatureSuite(t, "in clear, without any", emulated.STU300(), clear)
}

func signatureSuite(t *testing.T, name string, model emulated.Model, pads *stu.Driver) {
	t.Run(name, func(t *testing.T) {
		devicestest.SignaturePad[unit]{
			Open: func(ctx context.Context) (devices.SignaturePad, error) { return pads.Open(ctx) },
			Plug: inTest(plugger(usbtest.NewBed(t), model)),
		}.Run(t)
	})
}

// opened keeps a nil pad from becoming a device that is not nil.
func opened(pad *stu.Pad, err error) (devices.Device, error) {
	if err != nil {
		return nil, err
	}
	return pad, nil
}

func faults() []devicestest.Fault[unit] {
	data := func(f usb.Fault) func(unit) { return func(u unit) { u.Break(f) } }
	control := func(f usb.Fault) func(unit) { return func(u unit) { u.BreakControl(f) } }
	return []devicestest.Fault[unit]{
		{Name: "stall", Break: data(usb.Stall), Want: devices.ErrProtocol, Seen: true},
		{Name: "loose plug", Break: data(usb.Loose), Want: devices.ErrProtocol, Seen: true},
		{Name: "endless nonsense", Break: data(usb.Endless), Want: devices.ErrProtocol, Seen: true},
		{Name: "garbage before a sample", Break: data(usb.Garbage)},
		{Name: "short packet", Break: data(usb.Short)},
		{Name: "split sample", Break: data(usb.Split)},
		{Name: "two samples in a packet", Break: data(usb.Merge)},
		{Name: "slow", Break: data(usb.Slow)},
		{Name: "refused request", Break: control(usb.Stall), Want: devices.ErrProtocol, Seen: true},
		{Name: "unanswered request", Break: control(usb.Silence), Want: devices.ErrTimeout, Seen: true},
		{Name: "loose request", Break: control(usb.Loose), Want: devices.ErrProtocol, Seen: true},
		{Name: "slow requests", Break: control(usb.Slow)},
	}
}

func TestAPadThatIsPulledOutLooselyIsUnplugged(t *testing.T) {
	pad, u := openPad(t, emulated.STU530())
	result := make(chan error, 1)
	go func() { result <- use(t.Context(), pad) }()
	if err := u.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.Break(usb.Loose)
	u.BreakControl(usb.Loose)
	air := [][]emulated.Point{{{X: 0.5, Y: 0.5}}}
	if err := u.Sign(t.Context(), air); err != nil { // ends the transfer that was under way before the plug was loose
		t.Fatal(err)
	}
	u.Unplug()
	if err := <-result; !errors.Is(err, devices.ErrUnplugged) {
		t.Errorf("Capture = %v, want ErrUnplugged", err)
	}
}
