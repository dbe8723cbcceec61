package lampboard_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/imager"
	"github.com/foyer-station/foyer/devices/imager/lampboard"
	emulated "github.com/foyer-station/foyer/emulate/lampboard"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// asked waits until the driver has asked so many times more what a board's switch says.
func asked(ctx context.Context, b *emulated.Board, times int) error {
	for before := b.Asked(); b.Asked() < before+times; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// use waits for a document, after the one that lay there before is gone.
func use(ctx context.Context, device devices.Device) error {
	board := device.(*lampboard.Board)
	for {
		lies, _, err := board.DocumentLies(ctx)
		if err != nil {
			return err
		}
		if !lies {
			return board.AwaitDocument(ctx)
		}
		time.Sleep(time.Millisecond)
	}
}

// opened keeps a nil board from becoming a device that is not nil.
func opened(b *lampboard.Board, err error) (devices.Device, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}

// hidUnit is a board at a port.
type hidUnit struct {
	*usb.LampBoard
	bed  *usb.Bed
	port string
}

func (u hidUnit) Ready(ctx context.Context) error {
	u.Lay(false)
	return u.LampBoard.Ready(ctx)
}

func (u hidUnit) Act(context.Context) error {
	u.Lay(true)
	return nil
}

func (u hidUnit) Unplug() { u.bed.Unplug(u.port) }
func (u hidUnit) Heal() {
	u.Break(usb.Healthy)
	u.BreakControl(usb.Healthy)
}

func plugHID(bed *usb.Bed) func(*testing.T) hidUnit {
	return func(t *testing.T) hidUnit { t.Helper(); return plug(t, bed, func(*usb.Device) {}) }
}

// plug puts a board that wears something at the first free port.
func plug(t *testing.T, bed *usb.Bed, wear func(*usb.Device)) hidUnit {
	t.Helper()
	for _, port := range []string{"1", "2", "3"} {
		b := usb.NewLampBoard("serial "+port, emulated.New("LAMP-"+port, time.Now))
		wear(b.Device)
		if err := bed.Plug(port, b.Device); err == nil {
			return hidUnit{b, bed, port}
		}
	}
	t.Fatal("no free port")
	return hidUnit{}
}

func openHID(ctx context.Context) (*lampboard.Board, error) {
	return lampboard.OpenHID(ctx, usb.LampVendor, usb.LampProduct)
}

// impostors are boards in every disguise that an emulated device has.
func impostors(bed *usb.Bed) []devicestest.Impostor[hidUnit] {
	var all []devicestest.Impostor[hidUnit]
	for _, disguise := range usb.Disguises() {
		all = append(all, devicestest.Impostor[hidUnit]{Name: disguise.Name, Lawful: disguise.Lawful, MayBlock: disguise.StopsLibrary,
			Plug: func(t *testing.T) hidUnit { return plug(t, bed, disguise.Wear) }})
	}
	return all
}

func TestABoardOnUSBPassesTheDriverSuite(t *testing.T) {
	bed := usbtest.NewBed(t)
	data := func(f usb.Fault) func(hidUnit) { return func(u hidUnit) { u.Break(f) } }
	control := func(f usb.Fault) func(hidUnit) { return func(u hidUnit) { u.BreakControl(f) } }
	devicestest.Driver[hidUnit]{
		Open:      func(ctx context.Context) (devices.Device, error) { return opened(openHID(ctx)) },
		Plug:      plugHID(bed),
		Use:       use,
		Impostors: impostors(bed),
		Faults: []devicestest.Fault[hidUnit]{
			{Name: "stall", Break: data(usb.Stall), Want: devices.ErrProtocol},
			{Name: "loose plug", Break: data(usb.Loose), Want: devices.ErrProtocol},
			{Name: "endless nonsense", Break: data(usb.Endless), Want: devices.ErrProtocol},
			{Name: "garbage before a report", Break: data(usb.Garbage)},
			{Name: "short packet", Break: data(usb.Short)},
			{Name: "split packet", Break: data(usb.Split)},
			{Name: "slow", Break: data(usb.Slow)},
			{Name: "refused request", Break: control(usb.Stall), Want: devices.ErrProtocol, Seen: true},
			{Name: "unanswered request", Break: control(usb.Silence), Want: devices.ErrTimeout, Seen: true},
			{Name: "nonsense in answer", Break: control(usb.Endless), Want: devices.ErrProtocol, Seen: true},
			{Name: "slow requests", Break: control(usb.Slow)},
		},
		Stick:  func(u hidUnit) { u.Break(usb.Stuck) },
		Cycles: 60,
	}.Run(t)
}

// lines are the serial lines of a computer.
type lines struct {
	mu  sync.Mutex
	all []*emulated.Serial
}

func (l *lines) plug(t *testing.T) serialUnit {
	t.Helper()
	s, err := emulated.NewSerial(emulated.New("LAMP-S", time.Now))
	if err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s)
	return serialUnit{s, l}
}

// open opens the first line that nobody has.
func (l *lines) open(ctx context.Context) (devices.Device, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return opened(lampboard.OpenSerial(ctx, "/nonexistent/line"))
	}
	var failed error
	for _, s := range l.all {
		b, err := lampboard.OpenSerial(ctx, s.Path())
		if err == nil {
			return b, nil
		}
		failed = err
	}
	return nil, failed
}

// serialUnit is a board on a line.
type serialUnit struct {
	*emulated.Serial
	lines *lines
}

func (u serialUnit) Ready(ctx context.Context) error {
	u.Lay(false)
	return asked(ctx, u.Board, 3) // that the last one is gone, and that no other has come
}

func (u serialUnit) Act(context.Context) error {
	u.Lay(true)
	return nil
}

func (u serialUnit) Heal() { u.Misbehave(emulated.Healthy) }
func (u serialUnit) Unplug() {
	u.lines.mu.Lock()
	for i, s := range u.lines.all {
		if s == u.Serial {
			u.lines.all = append(u.lines.all[:i:i], u.lines.all[i+1:]...)
			break
		}
	}
	u.lines.mu.Unlock()
	u.Close()
}

func TestABoardOnASerialLinePassesTheDriverSuite(t *testing.T) {
	is := func(f emulated.Fault) func(serialUnit) { return func(u serialUnit) { u.Misbehave(f) } }
	all := &lines{}
	devicestest.Driver[serialUnit]{
		Open: all.open,
		Plug: all.plug,
		Use:  use,
		Faults: []devicestest.Fault[serialUnit]{
			{Name: "silence", Break: is(emulated.Silent), Want: devices.ErrTimeout, Seen: true},
			{Name: "refusal", Break: is(emulated.Refuses), Want: devices.ErrProtocol, Seen: true},
			{Name: "damaged frames", Break: is(emulated.Damaged), Want: devices.ErrTimeout, Seen: true},
			{Name: "endless noise", Break: is(emulated.Endless), Want: devices.ErrProtocol, Seen: true},
			{Name: "short answers", Break: is(emulated.Short), Want: devices.ErrProtocol, Seen: true},
			{Name: "every other frame damaged", Break: is(emulated.Lossy)},
			{Name: "noise before frames", Break: is(emulated.Noisy)},
			{Name: "slow answers", Break: is(emulated.Slow)},
			{Name: "answers that come twice", Break: is(emulated.Late)},
			{Name: "bytes one by one", Break: is(emulated.Split)},
		},
		Cycles: 30,
	}.Run(t)
}

// each runs a test with a board on either line.
func each(t *testing.T, test func(t *testing.T, driver *lampboard.Board, board *emulated.Board)) {
	t.Run("usb", func(t *testing.T) {
		u := plugHID(usbtest.NewBed(t))(t)
		b, err := openHID(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		test(t, b, u.Board)
	})
	t.Run("serial", func(t *testing.T) {
		u := new(lines).plug(t)
		t.Cleanup(func() { u.Close() })
		b, err := lampboard.OpenSerial(t.Context(), u.Path())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		test(t, b, u.Board)
	})
}

func TestALampIsLitAsFarAsItMayBeAndAloneAndPutOut(t *testing.T) {
	each(t, func(t *testing.T, driver *lampboard.Board, board *emulated.Board) {
		for _, step := range []struct {
			light         devices.Light
			percent, want int
		}{
			{devices.LightVisible, 100, 100}, {devices.LightInfrared, 25, 25}, {devices.LightUltraviolet, 100, 80}, {devices.LightUltraviolet, 0, 0},
		} {
			if err := driver.Switch(t.Context(), step.light, step.percent); err != nil {
				t.Fatal(err)
			}
			for _, light := range []devices.Light{devices.LightVisible, devices.LightInfrared, devices.LightUltraviolet} {
				want := 0
				if light == step.light {
					want = step.want
				}
				if got := board.Power(light); got != want {
					t.Errorf("with %s at %d, %s is at %d, want %d", step.light, step.percent, light, got, want)
				}
			}
		}
		if info := driver.Info(); info.Firmware != "1.02" || !strings.HasPrefix(info.Serial, "LAMP-") {
			t.Errorf("%+v", info)
		}
	})
}

func TestALampThatABoardDoesNotHaveIsMissing(t *testing.T) {
	each(t, func(t *testing.T, driver *lampboard.Board, _ *emulated.Board) {
		if err := driver.Switch(t.Context(), "x-ray", 100); !errors.Is(err, imager.ErrNoLamp) {
			t.Errorf("%v", err)
		}
	})
}

func TestAnOpenHousingAndABrokenLampAreTold(t *testing.T) {
	each(t, func(t *testing.T, driver *lampboard.Board, board *emulated.Board) {
		board.Open(true)
		if err := driver.Switch(t.Context(), devices.LightUltraviolet, 100); !errors.Is(err, lampboard.ErrCover) {
			t.Errorf("with the housing open: %v", err)
		}
		if h := driver.Health(t.Context()); h.State != devices.StateUserError || h.Remedy.IsZero() {
			t.Errorf("with the housing open: %+v", h)
		}
		board.Open(false)
		board.BurnOut(devices.LightUltraviolet, true)
		if h := driver.Health(t.Context()); h.State != devices.StateHWError || !strings.Contains(h.Reason.String(), "ultraviolet") {
			t.Errorf("with a broken lamp: %+v", h)
		}
		board.BurnOut(devices.LightUltraviolet, false)
		if h := driver.Health(t.Context()); h.State != devices.StateOnline {
			t.Errorf("mended: %+v", h)
		}
	})
}

// TestABoardThatTellsNothingByItselfIsAsked: an input report may be lost.
func TestABoardThatTellsNothingByItselfIsAsked(t *testing.T) {
	u := plugHID(usbtest.NewBed(t))(t)
	b, err := openHID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	u.Break(usb.Silence)
	result := make(chan error, 1)
	go func() { result <- b.AwaitDocument(t.Context()) }()
	if err := asked(t.Context(), u.Board, 1); err != nil {
		t.Fatal(err)
	}
	u.Lay(true)
	if err := <-result; err != nil {
		t.Error(err)
	}
}

// TestALampGoesOutByItself when the station that lit it is gone.
func TestALampGoesOutByItself(t *testing.T) {
	now := time.Now()
	board := emulated.New("LAMP-1", func() time.Time { return now })
	s, err := emulated.NewSerial(board)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	driver, err := lampboard.OpenSerial(t.Context(), s.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := driver.Switch(t.Context(), devices.LightUltraviolet, 50); err != nil {
		t.Fatal(err)
	}
	driver.Close()
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{4 * time.Second, 50}, {2 * time.Second, 0}} {
		if now = now.Add(step.after); board.Power(devices.LightUltraviolet) != step.want {
			t.Errorf("%v later the lamp is at %d, want %d", step.after, board.Power(devices.LightUltraviolet), step.want)
		}
	}
}

func TestWhatIsNoLampBoardIsNotTakenForOne(t *testing.T) {
	bed := usbtest.NewBed(t)
	other := usb.NewReader("a reader")
	if err := bed.Plug("1", other.Device); err != nil {
		t.Fatal(err)
	}
	if b, err := lampboard.OpenHID(t.Context(), other.Vendor, other.Product); !errors.Is(err, devices.ErrProtocol) {
		t.Errorf("a document reader opened as %v, %v", b, err)
	}
}
