package hidpos_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/devices/hidpos"
	driver "github.com/foyer-station/foyer/devices/usb"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) { devicestest.RunPreloaded(m) }

// specimen is the machine-readable zone of ICAO Doc 9303-4, appendix B.
var specimen = []string{
	"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
	"L898902C36UTO7408122F1204159ZE184226B<<<<<10",
}

// unit is a scanner at a port.
type unit struct {
	*usb.Scanner
	usbtest.Place
}

func (u unit) Act(context.Context) error {
	if !u.Show(specimen...) {
		return errors.New("the scanner is not triggered")
	}
	return nil
}

// plugger plugs scanners into the ports of a bed that are free.
func plugger(bed *usb.Bed, newScanner func(string) *usb.Scanner) func(*testing.T) unit {
	return func(t *testing.T) unit {
		t.Helper()
		return plug(t, bed, newScanner, func(*usb.Device) {})
	}
}

// plug plugs in a scanner that wears something.
func plug(t testing.TB, bed *usb.Bed, newScanner func(string) *usb.Scanner, wear func(*usb.Device)) unit {
	t.Helper()
	scanner, place := usbtest.Plug(t, bed, newScanner, func(of *usb.Scanner) *usb.Device {
		wear(of.Device)
		return of.Device
	})
	return unit{scanner, place}
}

// impostors are scanners in every disguise that an emulated device has.
func impostors(bed *usb.Bed, newScanner func(string) *usb.Scanner) []devicestest.Impostor[unit] {
	return usbtest.Impostors(func(t testing.TB, wear func(*usb.Device)) unit { return plug(t, bed, newScanner, wear) })
}

func open(ctx context.Context) (devices.Device, error) {
	scanner, err := hidpos.Open(ctx, hidpos.Config{})
	if err != nil {
		return nil, err // and no scanner that is nil
	}
	return scanner, nil
}

// use reads a document and wants it to be the specimen.
func use(ctx context.Context, device devices.Device) error {
	lines, err := device.(*hidpos.Scanner).ReadMRZ(ctx)
	if err == nil && !cmp.Equal(lines, specimen) {
		err = fmt.Errorf("read %q", lines)
	}
	return err
}

func TestScannersPassTheDriverSuite(t *testing.T) {
	data := func(f usb.Fault) func(unit) { return func(u unit) { u.Break(f) } }
	control := func(f usb.Fault) func(unit) { return func(u unit) { u.BreakControl(f) } }
	everywhere := []devicestest.Fault[unit]{
		{Name: "stall", Break: data(usb.Stall), Want: devices.ErrProtocol, Seen: true},
		{Name: "loose plug", Break: data(usb.Loose), Want: devices.ErrProtocol, Seen: true},
		{Name: "endless nonsense", Break: data(usb.Endless), Want: devices.ErrProtocol, Seen: true},
		{Name: "garbage before a document", Break: data(usb.Garbage)},
		{Name: "short packet", Break: data(usb.Short), Want: devices.ErrProtocol},
		{Name: "split packet", Break: data(usb.Split), Want: devices.ErrProtocol},
		{Name: "two packets in one", Break: data(usb.Merge), Want: devices.ErrProtocol},
		{Name: "slow", Break: data(usb.Slow)},
	}
	silent := devicestest.Fault[unit]{Name: "unanswered command", Break: data(usb.Silence), Want: devices.ErrTimeout, Seen: true}
	commands := []devicestest.Fault[unit]{
		{Name: "refused request", Break: control(usb.Stall), Want: devices.ErrProtocol, Seen: true},
		{Name: "unanswered request", Break: control(usb.Silence), Want: devices.ErrTimeout, Seen: true},
		{Name: "slow requests", Break: control(usb.Slow)},
	}
	for name, kind := range map[string]struct {
		newScanner func(string) *usb.Scanner
		faults     []devicestest.Fault[unit]
		cycles     int
	}{
		"commands to an endpoint":       {usb.NewScanner, append([]devicestest.Fault[unit]{silent}, everywhere...), 30},
		"a trigger as the standard has": {usb.NewTriggerScanner, append(commands, everywhere...), 10},
		"no trigger":                    {usb.NewUngatedScanner, nil, 5},
	} {
		t.Run(name, func(t *testing.T) {
			bed := usbtest.NewBed(t)
			devicestest.Driver[unit]{
				Open:      open,
				Plug:      plugger(bed, kind.newScanner),
				Use:       use,
				Faults:    kind.faults,
				Impostors: impostors(bed, kind.newScanner),
				Hold:      func(_ *testing.T, u unit) func() { return u.Hold() },
				Forbid:    func(_ *testing.T, u unit) func() { return u.Forbid() },
				Stick:     func(u unit) { u.Break(usb.Stuck) },
				Cycles:    kind.cycles,
			}.Run(t)
		})
	}
}

// scanner is an open scanner and the emulated one below it.
func scanner(t *testing.T) (*hidpos.Scanner, unit) {
	t.Helper()
	u := plugger(usbtest.NewBed(t), usb.NewScanner)(t)
	s, err := hidpos.Open(t.Context(), hidpos.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, u
}

// while does something with the scanner once it waits; the function that it gives ends that.
func while(t *testing.T, u unit, act func()) (done func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	acted := make(chan struct{})
	go func() {
		defer close(acted)
		if err := u.Ready(ctx); err == nil {
			act()
		}
	}()
	return func() {
		cancel()
		<-acted
	}
}

// longCode is a code that no single report holds.
var longCode = strings.Repeat("0123456789", 30)

func TestABarCodeIsNoDocumentAndADocumentNoBarCode(t *testing.T) {
	s, u := scanner(t)
	done := while(t, u, func() {
		u.ShowCode("]Q1", []byte(longCode))
		u.Send("]o2", []byte(strings.Join(specimen, "\r")))
	})
	lines, err := s.ReadMRZ(t.Context())
	done()
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v", lines, err)
	}
	done = while(t, u, func() {
		u.Show(specimen...)
		u.Send("]Q1", []byte(longCode))
	})
	code, err := s.ReadCode(t.Context())
	done()
	if err != nil || code.AIM != "]Q1" || string(code.Data) != longCode {
		t.Errorf("ReadCode = %q, %v", code, err)
	}
}

func TestWhatWasScannedBeforeIsForgotten(t *testing.T) {
	s, u := scanner(t)
	u.Send("]o2", []byte("P<UTOSTRANGER<<A<<<<<<<<<<<<<<<<<<<<<<<<<<<<\r0000000000UTO0000000<0000000<<<<<<<<<<<<<<00\r"))
	done := while(t, u, func() { u.Show(specimen...) })
	lines, err := s.ReadMRZ(t.Context())
	done()
	if err != nil || !cmp.Equal(lines, specimen) {
		t.Errorf("ReadMRZ = %q, %v", lines, err)
	}
	if u.Show(specimen...) {
		t.Error("the scanner took a document that nobody asked for")
	}
}

func TestAScannerOfAnotherVendorIsLookedForWhereItIsNamed(t *testing.T) {
	bed := usbtest.NewBed(t)
	odd := usb.NewTriggerScanner("serial")
	odd.Vendor, odd.Product = 0x1eab, 0x0c03
	if err := bed.Plug("1", odd.Device); err != nil {
		t.Fatal(err)
	}
	if _, err := hidpos.Open(t.Context(), hidpos.Config{}); !errors.Is(err, devices.ErrNoDevice) {
		t.Errorf("Open = %v, want ErrNoDevice", err)
	}
	s, err := hidpos.Open(t.Context(), hidpos.Config{Also: driver.ID{Vendor: 0x1eab, Product: 0x0c03, Model: "scanner 1eab:0c03"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if model := s.Info().Model; model != "scanner 1eab:0c03" {
		t.Errorf("model %q", model)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	s, _ := scanner(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if lines, err := s.ReadMRZ(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ReadMRZ = %q, %v, want the context's error", lines, err)
	}
}
